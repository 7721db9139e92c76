"""Usage counts: how many users were active when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

import pandas as pd
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from feedback_triage.store import ledger_tables as lt
from feedback_triage.store.frames import as_frame
from feedback_triage.store.upserts import batches

_KEY = ("product", "platform", "start_at")


class UsageCount(Protocol):
    """Active users of a product and platform from an instant on; each of these three together once."""

    @property
    def product(self) -> str:
        """Of one product, or ""."""

    @property
    def platform(self) -> str:
        """Of one platform, or ""."""

    @property
    def start_at(self) -> datetime:
        """When it begins."""

    @property
    def active_count(self) -> float:
        """How many users, 0 or more."""


def put_usage_counts(connection: Connection, counts: Iterable[UsageCount]) -> int:
    """Store usage counts; a count for a time that has one already takes its place, whatever the capitals of the names.

    Returns:
        How many are new or say something else than before.
    """
    given = {(each.product, each.platform, each.start_at): float(each.active_count) for each in counts}
    known: dict[tuple[str, str, datetime], dict[tuple[str, str, datetime], float]] = {}
    for row in usage_counts(connection).to_dict("records"):
        key = (row["product"], row["platform"], row["start_at"].to_pydatetime())
        known.setdefault(_folded(key), {})[key] = row["active_count"]
    changed = []
    n_changed = 0
    for key, count in sorted(given.items()):
        # Each spelling that is stored takes the new count, so that none contradicts it.
        standing = known.get(_folded(key), {key: None})
        other = [spelt for spelt, before in standing.items() if before != count]
        changed += [{**dict(zip(_KEY, spelt, strict=True)), "active_count": count} for spelt in other]
        n_changed += bool(other)
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(lt.exposure)
    statement = statement.on_conflict_do_update(
        index_elements=["product", "platform", "start_at"], set_={"active_count": statement.excluded.active_count}
    )
    for batch in batches(changed):
        connection.execute(statement, batch)
    return n_changed


def _folded(key: tuple[str, str, datetime]) -> tuple[str, str, datetime]:
    return key[0].strip().casefold(), key[1].strip().casefold(), key[2]


def usage_counts(connection: Connection) -> pd.DataFrame:
    """Every count, by product, platform and instant: product, platform, start_at, active_count."""
    count = lt.exposure.c
    query = select(lt.exposure).order_by(count.product, count.platform, count.start_at)
    return as_frame(connection, query, ["start_at"]).astype({"active_count": "float64"})
