"""What became of links: which ones people complain about, and what each last answered."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, and_, case, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from feedback_triage.proof import LinkProof, Outcome
from feedback_triage.store import tables as t
from feedback_triage.store.frames import as_frame
from feedback_triage.taxonomy import BROKEN_LINK


def wanted(connection: Connection, classifier_version: str) -> pd.DataFrame:
    """Items whose settled label is `broken_link` and whose words may hold a web address, newest first.

    The latest review settles a label; without one, the prediction of this classifier stands.

    Returns:
        item_pk, text (title and verbatim, on lines of their own).
    """
    item, predicted, review = t.feedback_item.c, t.prediction.c, t.review.c
    newest = select(func.max(review.review_pk)).group_by(review.item_pk)
    words = (item.title + "\n" + item.verbatim).label("text")
    query = (
        select(item.item_pk, words)
        .select_from(
            t.feedback_item.outerjoin(
                t.prediction,
                and_(predicted.item_pk == item.item_pk, predicted.classifier_version == classifier_version),
            ).outerjoin(t.review, and_(review.item_pk == item.item_pk, review.review_pk.in_(newest)))
        )
        .where(
            or_(
                review.label == BROKEN_LINK,
                and_(review.review_pk.is_(None), predicted.label == BROKEN_LINK),
            ),
            or_(words.icontains("http"), words.icontains("www.")),
        )
        .order_by(item.written_at.desc(), item.item_pk.desc())
    )
    return as_frame(connection, query)


def last_checked_at(connection: Connection) -> dict[str, datetime]:
    """When each URL that was ever checked was checked last."""
    query = select(t.link_proof.c.url, t.link_proof.c.checked_at)
    return {row.url: row.checked_at for row in connection.execute(query)}


def proofs(connection: Connection) -> pd.DataFrame:
    """What each link last answered, by URL.

    Returns:
        url, outcome, status (none where no answer came), checked_at, first_seen_dead_at (NaT unless it was dead when
        it last gave a clear answer).
    """
    proof = t.link_proof.c
    query = select(proof.url, proof.outcome, proof.status, proof.checked_at, proof.first_seen_dead_at)
    # Sorted here, because databases do not agree on the order of texts.
    frame = as_frame(connection, query, ["checked_at", "first_seen_dead_at"]).astype({"status": "Int64"})
    return frame.sort_values("url", ignore_index=True)


def upsert(connection: Connection, new_proofs: Sequence[LinkProof]) -> None:
    """Store what links answered; an answer that is older than the stored one is left out.

    `first_seen_dead_at` is set when a link is dead for the first time, kept until it is alive again, and then cleared.
    """
    if not new_proofs:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(t.link_proof)
    stored, given = t.link_proof.c, insert.excluded
    statement = insert.on_conflict_do_update(
        index_elements=["url_sha256"],
        set_={
            "outcome": given.outcome,
            "status": given.status,
            "checked_at": given.checked_at,
            "first_seen_dead_at": case(
                (given.outcome == Outcome.ALIVE.value, None),
                else_=func.coalesce(stored.first_seen_dead_at, given.first_seen_dead_at),
            ),
        },
        where=stored.checked_at <= given.checked_at,
    )
    connection.execute(
        statement,
        [
            {
                "url_sha256": hashlib.sha256(proof.url.encode()).hexdigest(),
                "url": proof.url,
                "outcome": proof.outcome.value,
                "status": proof.status,
                "checked_at": proof.checked_at,
                "first_seen_dead_at": proof.checked_at if proof.outcome is Outcome.DEAD else None,
            }
            for proof in new_proofs
        ],
    )
