"""Whether each channel is alive."""

from datetime import datetime
from typing import Any

import pandas as pd

from feedback_triage.report.cards import FeedRow
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import ItemFilter


def build_feeds(facts: Facts) -> tuple[FeedRow, ...]:
    """Build one row a source: stale ones first, then by name."""
    rows = []
    for feed in records(facts.source.feeds):
        source = str(feed.source)
        where = ItemFilter(source=source)
        own = facts.found(where)
        rows.append(
            FeedRow(
                source=source,
                status=str(feed.status),
                reason=str(feed.reason),
                total=facts.count(where),
                in_period=facts.count(facts.in_period(where)),
                last_at=_instant(feed.last_at),
                usual_gap_hours=None if pd.isna(feed.usual_gap_hours) else float(feed.usual_gap_hours),
                weeks=facts.by_period(own["written_us"].to_numpy()),
            )
        )
    order = {"stale": 0, "unknown": 1, "alive": 2}
    return tuple(sorted(rows, key=lambda row: (order.get(row.status, 1), row.source)))


def _instant(value: Any) -> datetime | None:
    return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()
