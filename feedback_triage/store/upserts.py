"""Inserting many rows at once, and again without harm."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

BATCH = 2_000

Row = dict[str, Any]


def batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Cut rows into batches, each small enough for one statement."""
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def records(frame: pd.DataFrame, columns: Sequence[str]) -> list[Row]:
    """Give the rows of a frame as mappings of these columns."""
    lists = (frame[column].tolist() for column in columns)
    return [dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True)]


def insert_new(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert rows; leave a row that is there already as it is."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    for batch in batches(list(rows)):
        connection.execute(statement, batch)
