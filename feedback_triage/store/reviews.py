"""What people settled: writing it down and reading the latest word on each item."""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection, func, insert, select

from feedback_triage.domain import Review
from feedback_triage.store import tables as t
from feedback_triage.store.frames import ITEM_ID, ITEMS_WITH_SOURCE, as_frame


def add(connection: Connection, new_reviews: Sequence[Review], item_pks: Sequence[int]) -> int:
    """Store decisions; one that repeats the latest word on its item, by the same reviewer, is left out.

    Args:
        connection: a writing transaction.
        new_reviews: in the order they were made.
        item_pks: of the items they are about.

    Returns:
        How many were stored.
    """
    known = latest(connection)
    last = {row.item_pk: (row.decision, row.label, row.reviewer) for row in known.itertuples(index=False)}
    rows = []
    for review, item_pk in zip(new_reviews, item_pks, strict=True):
        word = (review.decision.value, review.label, review.reviewer)
        if last.get(item_pk) == word:
            continue
        last[item_pk] = word
        rows.append(
            {
                "item_pk": item_pk,
                "decision": review.decision.value,
                "label": review.label,
                "reviewer": review.reviewer,
                "reviewed_at": review.reviewed_at,
            }
        )
    if rows:
        connection.execute(insert(t.review), rows)
    return len(rows)


def latest(connection: Connection) -> pd.DataFrame:
    """The latest decision about each item.

    Returns:
        item_pk, item_id, text, decision, label (None for none), reviewer, reviewed_at.
    """
    review, item = t.review.c, t.feedback_item.c
    newest = select(func.max(review.review_pk)).group_by(review.item_pk)
    query = (
        select(review.item_pk, ITEM_ID, item.text, review.decision, review.label, review.reviewer, review.reviewed_at)
        .select_from(ITEMS_WITH_SOURCE.join(t.review, review.item_pk == item.item_pk))
        .where(review.review_pk.in_(newest))
        .order_by(review.item_pk)
    )
    frame = as_frame(connection, query, ["reviewed_at"])
    frame["label"] = frame["label"].astype(object).where(frame["label"].notna(), None)
    return frame
