"""What went quiet, and whether each channel is alive."""

from datetime import datetime
from typing import Any

import pandas as pd

from feedback_triage.report.cards import FeedRow
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import ItemFilter
from feedback_triage.report.parts import Ledger, QuietGroup, ReleaseRow, WindowRow
from feedback_triage.report.words import plural


def build_ledger(releases: tuple[ReleaseRow, ...]) -> Ledger:
    """Build the ledger: windows that say something, newest first, and the others counted by the reason."""
    windows = [window for row in releases for window in row.windows]
    windows.sort(key=lambda window: window.anchor)
    windows.sort(key=lambda window: window.end_at, reverse=True)
    bad = tuple(window for window in windows if window.status == "quiet" and window.verdict == "bad")
    good = tuple(window for window in windows if window.status == "quiet" and window.verdict == "good")
    go_on = tuple(window for window in windows if reports_go_on(window))
    told = {id(window) for window in (*bad, *good, *go_on)}
    return Ledger(bad, good, go_on, _undecided([w for w in windows if id(w) not in told]), len(windows))


def reports_go_on(window: WindowRow) -> bool:
    """Tell whether reports about what a fix fixed go on as before, where some were expected."""
    return (
        window.subject == "notes"
        and window.kind == "fix"
        and window.status == "heard"
        and window.interval.lower > 0
        and window.interval.observed.n >= window.interval.lower
    )


def _undecided(windows: list[WindowRow]) -> tuple[QuietGroup, ...]:
    groups = {
        "heard": ("was heard", "were heard", "as expected or louder, so there is no silence to judge"),
        "open": ("is still open", "are still open", "too early to call"),
        "feed_stale": ("fell", "fell", "in a time when a channel was silent, so nothing can be concluded"),
        "quiet": ("was quiet", "were quiet", "but nothing tells whether that is good or bad"),
    }
    counts = {status: sum(window.status == status for window in windows) for status in groups}
    found = []
    for status, (one, many, why) in groups.items():
        n = counts[status]
        if n:
            joint = " " if status == "feed_stale" else ", " if status == "quiet" else ": " if status == "open" else " "
            found.append(QuietGroup(f"{plural(n, 'window')} {one if n == 1 else many}{joint}{why}", n))
    return tuple(found)


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
