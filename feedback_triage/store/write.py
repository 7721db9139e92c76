"""Idempotent writes: doing one again changes nothing. Each takes a connection from `Store.writing()`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, String, cast, delete, insert, literal, select, update

from feedback_triage.domain import FeedbackItem, Prediction, RejectedRow
from feedback_triage.store import tables as t
from feedback_triage.store.upserts import BATCH, Row, batches, insert_new, records


def source_pks(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Keys of these sources, made where they are new."""
    wanted = sorted(set(names))
    insert_new(connection, t.source, [{"name": name} for name in wanted])
    query = select(t.source.c.name, t.source.c.source_pk).where(t.source.c.name.in_(wanted))
    return {row.name: row.source_pk for row in connection.execute(query)}


def items(
    connection: Connection,
    new_items: Sequence[FeedbackItem],
    content_sha256s: Sequence[str],
    *,
    ingested_at: datetime,
) -> None:
    """Store items that are not stored yet, each with the digest of its content."""
    pks = source_pks(connection, (item.source for item in new_items))
    rows = []
    for item, digest in zip(new_items, content_sha256s, strict=True):
        row = {name: value for name, value in asdict(item).items() if name != "source"}
        row |= {"source_pk": pks[item.source], "ingested_at": ingested_at, "content_sha256": digest}
        rows.append(row)
    insert_new(connection, t.feedback_item, rows)


def ingested_file(
    connection: Connection,
    accounting: Mapping[str, Any],
    rejected: Sequence[RejectedRow],
    *,
    ingested_at: datetime,
) -> None:
    """Keep the accounting of a file and its rejected rows, once: reading the same bytes again adds nothing.

    Args:
        connection: a writing transaction.
        accounting: file_sha256, file_name, n_read, n_stored, n_already_known, n_rejected.
        rejected: rows that could not become items.
        ingested_at: when the file was read.
    """
    insert_new(connection, t.ingested_file, [{**accounting, "ingested_at": ingested_at}])
    insert_new(
        connection,
        t.rejected_row,
        [
            {
                "file_sha256": accounting["file_sha256"],
                "row_number": row.row_number,
                "reason": row.reason,
                "detail": row.detail,
                "raw": row.raw,
            }
            for row in rejected
        ],
    )


def embeddings(connection: Connection, encoder_id: str, keys: Sequence[str], vectors: NDArray[np.float16]) -> None:
    """Store vectors, (len(keys), dim) float16, under their text's digest."""
    rows = [
        {"text_sha256": key, "encoder_id": encoder_id, "dim": vectors.shape[1], "vector": vector.tobytes()}
        for key, vector in zip(keys, vectors, strict=True)
    ]
    insert_new(connection, t.embedding, rows)


def predictions(
    connection: Connection, classifier_version: str, item_pks: Sequence[int], proposals: Sequence[Prediction]
) -> None:
    """Store what a classifier said of each item."""
    rows = [
        {
            "item_pk": pk,
            "classifier_version": classifier_version,
            "label": proposal.label,
            "probability": proposal.probability,
            "probability_none": proposal.probability_none,
            "probabilities": json.dumps(proposal.probabilities),
            "abstained": proposal.abstained,
            "language": proposal.language,
        }
        for pk, proposal in zip(item_pks, proposals, strict=True)
    ]
    insert_new(connection, t.prediction, rows)


def clustering(
    connection: Connection,
    header: Mapping[str, Any],
    clusters: Sequence[Row],
    members: pd.DataFrame,
    *,
    themes: Sequence[Row],
    events: Sequence[Row],
) -> int:
    """Store a clustering with its themes and events.

    Args:
        connection: a writing transaction.
        header: columns of `clustering` but its key.
        clusters: rows of `cluster` without the clustering's key.
        members: item_pk, cluster, membership_strength.
        themes: theme_id, name (the machine's), is_ended of every theme that stands or ends now. The name that readers
            see is left alone where the theme is known.
        events: theme_id, kind, related_theme_ids (JSON).

    Returns:
        Key of the clustering.
    """
    # The same items may have been clustered before; a digest names one clustering.
    old_name = literal("superseded ").concat(cast(t.clustering.c.clustering_pk, String))
    same = update(t.clustering).where(t.clustering.c.input_sha256 == header["input_sha256"])
    connection.execute(same.values(input_sha256=old_name))
    pk = connection.execute(insert(t.clustering).values(**header).returning(t.clustering.c.clustering_pk)).scalar_one()
    for row in themes:
        insert_new(connection, t.theme, [row])
        found = {name: value for name, value in row.items() if name not in {"theme_id", "name"}}
        statement = update(t.theme).where(t.theme.c.theme_id == row["theme_id"])
        connection.execute(statement.values(found_name=row["name"], **found))
    insert_new(connection, t.cluster, [{"clustering_pk": pk, **row} for row in clusters])
    rows = records(members, ["item_pk", "cluster", "membership_strength"])
    insert_new(connection, t.cluster_member, [{"clustering_pk": pk, **row} for row in rows])
    insert_new(connection, t.theme_event, [{"clustering_pk": pk, **row} for row in events])
    return int(pk)


def joined(
    connection: Connection,
    clustering_pk: int,
    header: Mapping[str, Any],
    members: pd.DataFrame,
    sizes: Mapping[int, int],
) -> None:
    """Let items join a clustering.

    Args:
        connection: a writing transaction.
        clustering_pk: which.
        header: columns of `clustering` that change.
        members: item_pk, cluster, membership_strength of the new items.
        sizes: number of items of each cluster, the new ones included.
    """
    connection.execute(update(t.clustering).where(t.clustering.c.clustering_pk == clustering_pk).values(**header))
    rows = records(members, ["item_pk", "cluster", "membership_strength"])
    insert_new(connection, t.cluster_member, [{"clustering_pk": clustering_pk, **row} for row in rows])
    cluster = t.cluster.c
    for number, size in sizes.items():
        which = (cluster.clustering_pk == clustering_pk) & (cluster.cluster == number)
        connection.execute(update(t.cluster).where(which).values(size=size))


def release_links(connection: Connection, links: pd.DataFrame) -> int:
    """Make the stored links equal to `links` (item_pk, basis, release_pk, probability), writing only what differs.

    Returns:
        How many items got other links than before.
    """
    columns = ["item_pk", "basis", "release_pk", "probability"]
    link = t.release_link.c
    query = select(link.item_pk, link.basis, link.release_pk, link.probability)
    stored = pd.DataFrame(connection.execute(query).fetchall(), columns=columns)
    frames = [frame[columns].astype({"release_pk": "Int64", "probability": "float64"}) for frame in (stored, links)]
    both = pd.concat([frames[0].assign(side=0), frames[1].assign(side=1)])
    # Equal rows come in pairs; a row without its pair marks an item whose links changed.
    lonely = ~both.duplicated(subset=columns, keep=False)
    changed = both.loc[lonely, "item_pk"].unique()
    if not len(changed):
        return 0
    for start in range(0, len(changed), BATCH):
        chunk = [int(pk) for pk in changed[start : start + BATCH]]
        connection.execute(delete(t.release_link).where(link.item_pk.in_(chunk)))
    rows = [
        {
            "item_pk": int(pk),
            "basis": basis,
            "release_pk": None if release is pd.NA else int(release),
            "probability": p,
        }
        for pk, basis, release, p in frames[1][frames[1]["item_pk"].isin(changed)].itertuples(index=False)
    ]
    for batch in batches(rows):
        connection.execute(insert(t.release_link), batch)
    return len(changed)


def release_mentions(connection: Connection, mentions: pd.DataFrame) -> None:
    """Replace which items are about which release's notes: release_pk, item_pk, similarity."""
    connection.execute(delete(t.release_mention))
    insert_new(connection, t.release_mention, records(mentions, ["release_pk", "item_pk", "similarity"]))


def triage_report(connection: Connection, row: Row) -> None:
    """Remember that a report was written: as_of, period_start, period_end, html_sha256, created_at."""
    insert_new(connection, t.triage_report, [row])


def pipeline_run(connection: Connection, stage: str, started_at: datetime, finished_at: datetime, counts: Row) -> None:
    """Remember that a stage ran and what it counted."""
    connection.execute(
        insert(t.pipeline_run).values(
            stage=stage,
            started_at=started_at,
            finished_at=finished_at,
            counts=json.dumps(counts, sort_keys=True),
        )
    )
