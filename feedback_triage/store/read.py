"""Typed questions to the database. Frames are ordered by stable keys, so equal contents give equal frames."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, func, select

from feedback_triage.store import tables as t
from feedback_triage.store.frames import ITEM_ID, ITEMS_WITH_SOURCE, as_frame, chunks

FUTURE_AFTER = timedelta(days=1)
"""What is dated further ahead than this of when it was read lies in the future; up to it, a zone may explain it."""


def items(connection: Connection) -> pd.DataFrame:
    """Every item, oldest first.

    Returns:
        item_pk, item_id ("source:external_id"), source, external_id, written_at (UTC), verbatim, text,
        text_sha256, title, rating (NaN if none), app_version, platform, product, url, author_key.
    """
    item = t.feedback_item.c
    query = (
        select(
            item.item_pk,
            ITEM_ID,
            t.source.c.name.label("source"),
            item.external_id,
            item.written_at,
            item.verbatim,
            item.text,
            item.text_sha256,
            item.title,
            item.rating,
            item.app_version,
            item.platform,
            item.product,
            item.url,
            item.author_key,
        )
        .select_from(ITEMS_WITH_SOURCE)
        .order_by(item.written_at, t.source.c.name, item.external_id)
    )
    frame = as_frame(connection, query, ["written_at"])
    return frame.astype({"rating": "float64"})


def item_keys(connection: Connection) -> pd.DataFrame:
    """Every item by its keys alone, in the order they were stored: item_pk, item_id, text_sha256."""
    item = t.feedback_item.c
    query = select(item.item_pk, ITEM_ID, item.text_sha256).select_from(ITEMS_WITH_SOURCE).order_by(item.item_pk)
    return as_frame(connection, query)


def n_items(connection: Connection) -> int:
    """How many items are stored."""
    return connection.execute(select(func.count()).select_from(t.feedback_item)).scalar_one()


def last_written_at(connection: Connection) -> datetime | None:
    """When the newest item was written, None if there is none.

    One that lies in the future, see `FUTURE_AFTER`, counts only where all do.
    """
    item = t.feedback_item.c
    newest = select(func.max(item.written_at))
    last_read = connection.execute(select(func.max(item.ingested_at))).scalar_one()
    if last_read is None:
        return None
    plausible = newest.where(item.written_at <= last_read + FUTURE_AFTER)
    found: datetime | None = connection.execute(plausible).scalar_one() or connection.execute(newest).scalar_one()
    return found


def known_contents(connection: Connection, source: str, external_ids: Sequence[str]) -> dict[str, str]:
    """Digest of the content of each of these items that is stored already, by external id."""
    known: dict[str, str] = {}
    for chunk in chunks(external_ids):
        query = (
            select(t.feedback_item.c.external_id, t.feedback_item.c.content_sha256)
            .select_from(ITEMS_WITH_SOURCE)
            .where(t.source.c.name == source, t.feedback_item.c.external_id.in_(chunk))
        )
        known.update((row.external_id, row.content_sha256) for row in connection.execute(query))
    return known


def texts_without_embedding(connection: Connection, encoder_id: str) -> pd.DataFrame:
    """Texts that this encoder has not seen: text_sha256, text; ordered by digest, the empty text left out."""
    item = t.feedback_item.c
    embedded = t.embedding.c
    query = (
        select(item.text_sha256, func.min(item.text).label("text"))
        .select_from(
            t.feedback_item.outerjoin(
                t.embedding,
                and_(embedded.text_sha256 == item.text_sha256, embedded.encoder_id == encoder_id),
            )
        )
        .where(embedded.text_sha256.is_(None), item.text != "")
        .group_by(item.text_sha256)
        .order_by(item.text_sha256)
    )
    return as_frame(connection, query)


def vectors(connection: Connection, encoder_id: str, keys: Sequence[str], dim: int) -> NDArray[np.float16]:
    """Stored vectors of these texts.

    Returns:
        (len(keys), dim); a text without an embedding (the empty text) has a row of zeros.
    """
    position: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        position.setdefault(key, []).append(index)
    found = np.zeros((len(keys), dim), dtype=np.float16)
    for chunk in chunks(list(position)):
        query = select(t.embedding.c.text_sha256, t.embedding.c.vector).where(
            t.embedding.c.encoder_id == encoder_id, t.embedding.c.text_sha256.in_(chunk)
        )
        for row in connection.execute(query):
            found[position[row.text_sha256]] = np.frombuffer(row.vector, dtype=np.float16)
    return found


def latest_clustering_pk(connection: Connection) -> int | None:
    """The clustering whose themes stand, or None before the first."""
    return connection.execute(select(func.max(t.clustering.c.clustering_pk))).scalar_one_or_none()


def clustering_space(connection: Connection, clustering_pk: int) -> tuple[str, int]:
    """The encoder whose vectors were clustered, and their dimension."""
    column = t.clustering.c
    encoder_id = connection.execute(select(column.encoder_id).where(column.clustering_pk == clustering_pk)).scalar_one()
    vector = t.embedding.c
    dim = connection.execute(select(vector.dim).where(vector.encoder_id == encoder_id).limit(1)).scalar_one()
    return str(encoder_id), int(dim)


def clustering_header(connection: Connection, clustering_pk: int) -> dict[str, Any]:
    """The row of a clustering, its settings as a mapping."""
    row = connection.execute(select(t.clustering).where(t.clustering.c.clustering_pk == clustering_pk)).one()
    return dict(row._mapping) | {"settings": json.loads(row.settings)}


def clusters(connection: Connection, clustering_pk: int) -> pd.DataFrame:
    """Clusters of one clustering.

    Returns:
        cluster, theme_id, name, keyphrases, exemplar_item_ids (tuples), size, centroid, least_cosine.
    """
    query = select(t.cluster).where(t.cluster.c.clustering_pk == clustering_pk).order_by(t.cluster.c.cluster)
    frame = as_frame(connection, query)
    for column in ("keyphrases", "exemplar_item_ids"):
        frame[column] = [tuple(json.loads(value)) for value in frame[column]]
    centroids = [np.frombuffer(value, dtype=np.float32) for value in frame["centroid"]]
    frame["centroid"] = pd.Series(centroids, dtype=object, index=frame.index)
    return frame


def cluster_members(connection: Connection, clustering_pk: int) -> pd.DataFrame:
    """Items of one clustering: item_pk, item_id, text_sha256, cluster (-1 noise), membership_strength, theme_id."""
    member = t.cluster_member.c
    query = (
        select(
            member.item_pk,
            ITEM_ID,
            t.feedback_item.c.text_sha256,
            member.cluster,
            member.membership_strength,
            t.cluster.c.theme_id,
        )
        .select_from(
            t.cluster_member.join(t.feedback_item)
            .join(t.source)
            .outerjoin(
                t.cluster,
                and_(t.cluster.c.clustering_pk == member.clustering_pk, t.cluster.c.cluster == member.cluster),
            )
        )
        .where(member.clustering_pk == clustering_pk)
        .order_by(member.item_pk)
    )
    return as_frame(connection, query)


def themes(connection: Connection) -> pd.DataFrame:
    """Every theme that ever was, as readers last saw it.

    Returns:
        theme_id, name, is_ended, found_name (the machine's), is_hidden, keyphrases, exemplar_item_ids (tuples), size,
        area.
    """
    frame = as_frame(connection, select(t.theme).order_by(t.theme.c.theme_id))
    for column in ("keyphrases", "exemplar_item_ids"):
        frame[column] = pd.Series([tuple(json.loads(value)) for value in frame[column]], frame.index, dtype=object)
    return frame.astype({"is_ended": bool, "is_hidden": bool})


def theme_events(connection: Connection) -> pd.DataFrame:
    """What happened to themes: theme_id, kind, related_theme_ids (tuple), happened_at (last item clustered then)."""
    event = t.theme_event.c
    query = (
        select(
            event.theme_id,
            event.kind,
            event.related_theme_ids,
            event.clustering_pk,
            t.clustering.c.last_written_at.label("happened_at"),
        )
        .select_from(t.theme_event.join(t.clustering))
        .order_by(event.clustering_pk, event.theme_id, event.kind)
    )
    frame = as_frame(connection, query, ["happened_at"])
    frame["related_theme_ids"] = [tuple(json.loads(value)) for value in frame["related_theme_ids"]]
    return frame


def release_links(connection: Connection) -> pd.DataFrame:
    """Every link: item_pk, basis, release_pk (None before any release), release_id, probability."""
    link = t.release_link.c
    query = (
        select(link.item_pk, link.basis, link.release_pk, t.release.c.release_id, link.probability)
        .select_from(t.release_link.outerjoin(t.release))
        .order_by(link.item_pk, link.basis, t.release.c.release_id)
    )
    return as_frame(connection, query).astype({"release_pk": "Int64"})


def release_mentions(connection: Connection) -> pd.DataFrame:
    """Which items are about what a release's notes say: release_id, item_id, written_at, similarity."""
    mention = t.release_mention.c
    query = (
        select(t.release.c.release_id, ITEM_ID, t.feedback_item.c.written_at, mention.similarity)
        .select_from(t.release_mention.join(t.release).join(t.feedback_item).join(t.source))
        .order_by(t.release.c.release_id, t.feedback_item.c.written_at, ITEM_ID)
    )
    return as_frame(connection, query, ["written_at"])


def ingested_files(connection: Connection) -> pd.DataFrame:
    """First reading of every file: file_name, file_sha256, n_read, n_stored, n_already_known, n_rejected."""
    file = t.ingested_file.c
    query = select(
        file.file_name, file.file_sha256, file.n_read, file.n_stored, file.n_already_known, file.n_rejected
    ).order_by(file.file_name, file.file_sha256)
    return as_frame(connection, query)


def rejected_rows(connection: Connection) -> pd.DataFrame:
    """Every row that could not become an item: file_name, row_number, reason, detail, raw."""
    row = t.rejected_row.c
    query = (
        select(t.ingested_file.c.file_name, row.row_number, row.reason, row.detail, row.raw)
        .select_from(t.rejected_row.join(t.ingested_file))
        .order_by(t.ingested_file.c.file_name, row.row_number)
    )
    return as_frame(connection, query)
