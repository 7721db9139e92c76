"""Queries into DataFrames, and what several of them join."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select

from feedback_triage.store import tables as t

_CHUNK = 5_000  # keys in one IN (...): well below SQLite's limit on variables

ITEM_ID = (t.source.c.name + ":" + t.feedback_item.c.external_id).label("item_id")
ITEMS_WITH_SOURCE = t.feedback_item.join(t.source)


def as_frame(connection: Connection, query: Select[Any], instants: Sequence[str] = ()) -> pd.DataFrame:
    """What a query finds, with these columns as UTC instants."""
    result = connection.execute(query)
    frame = pd.DataFrame(result.fetchall(), columns=list(result.keys()))
    for column in instants:
        frame[column] = pd.to_datetime(frame[column], utc=True).dt.as_unit("us")
    return frame


def chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Keys in lots small enough for one IN (...)."""
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
