"""Fixes that are watched: whether the reports of a theme stopped after the release that set out to fix it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import Count, ItemFilter
from feedback_triage.report.parts import Interval, Ref
from feedback_triage.report.words import between, curly, duration, number, plural

STATUS_WORDS = {
    "failed": "failed",
    "moved": "moved",
    "not_enough_traffic": "not enough traffic yet",
    "held": "held",
}
"""In the order of the page: what needs a look first."""


SOAK = timedelta(hours=24)
"""How long reports after a release may still come from those who do not have it."""

_ROUNDING = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One theme, and a release that fixes it.

    Attributes:
        status: held, failed, moved or not_enough_traffic.
        status_words: the same for a person.
        by: who says that the release fixes it, "" where its notes say so.
        before: reports in the `hours_before` hours before the fix.
        after: reports since it reached customers, against what would have come had it changed nothing.
        needs: what is still needed to tell, "" where it is told.
        moved_to: the theme in whose words the reports go on, None where they do not.
    """

    theme: Ref | str
    theme_id: str
    release: Ref
    release_id: str
    released_at: datetime
    status: str
    status_words: str
    by: str
    before: Count
    hours_before: float
    after: Interval
    hours_after: float
    needs: str
    moved_to: Ref | None
    reason: str

    @property
    def theme_name(self) -> str:
        """What the theme is called."""
        return self.theme.text if isinstance(self.theme, Ref) else self.theme


def build_fix_receipts(facts: Facts) -> tuple[ReceiptRow, ...]:
    """Build the receipts: failed and moved ones first, then those not yet told, then those that held; newest first."""
    known = {str(row.release_id): row for row in records(facts.releases)}
    found = [
        _row(facts, row, known[row.release_id]) for row in records(facts.source.receipts) if row.release_id in known
    ]
    order = {status: place for place, status in enumerate(STATUS_WORDS)}
    found.sort(key=lambda row: (row.release_id, row.theme_id))
    found.sort(key=lambda row: row.released_at, reverse=True)
    return tuple(sorted(found, key=lambda row: order.get(row.status, len(order))))


def _row(facts: Facts, row: Any, release: Any) -> ReceiptRow:
    theme_id, release_id, status = str(row.theme_id), str(row.release_id), str(row.status)
    released_at = pd.Timestamp(release.released_at).to_pydatetime()
    own = facts.release(release_id)
    where = ItemFilter(
        theme=theme_id, platform=str(release.platform).lower() or None, product=str(release.product).lower() or None
    )
    hours = float(row.hours_after)
    ends = [facts.source.as_of, released_at + SOAK + _length(hours), released_at + _length(hours)]
    since = _counted(facts, where, int(row.n_after), [end for end in ends if end <= facts.source.as_of], hours)
    interval = Interval(float(row.expected_count), int(row.lower), int(row.upper), since)
    return ReceiptRow(
        theme=facts.themes.get(theme_id, theme_id),
        theme_id=theme_id,
        release=own or Ref(release_id, "releases"),
        release_id=release_id,
        released_at=released_at,
        status=status,
        status_words=STATUS_WORDS.get(status, status.replace("_", " ")),
        by=str(row.settled_by) if pd.notna(row.settled_by) else "",
        before=_counted(facts, where, int(row.n_before), [released_at], float(row.hours_before)),
        hours_before=float(row.hours_before),
        after=interval,
        hours_after=float(row.hours_after),
        needs=_needs(row.needs_days, row.needs_users),
        moved_to=facts.themes.get(str(row.moved_to_theme_id)),
        reason=str(row.reason) if pd.notna(row.reason) else "",
    )


def _counted(facts: Facts, where: ItemFilter, n: int, ends: list[datetime], hours: float) -> Count:
    """Give the count with the first filter that finds exactly so many items in the hours before one of the ends."""
    # Hours are rounded: the first item may lie a few seconds before them.
    spans = [(end - _length(hours) - more, end) for end in ends for more in (timedelta(), _ROUNDING)]
    tried = (facts.checked(n, where.narrowed(start_at=start, end_at=end)) for start, end in spans)
    return next((count for count in tried if count.where is not None), Count(n, None))


def _length(hours: float) -> timedelta:
    return timedelta(microseconds=round(hours * 3_600_000_000))


def _needs(days: float, users: float) -> str:
    """Say what is still needed.

    >>> _needs(6.2, float("nan")), _needs(0.5, 40.0)
    ('needs about 6 more days', 'needs about 12 more hours or 40 more active users')
    """
    parts = []
    if pd.notna(days):
        parts.append(
            f"{days * 24:.0f} more {plural(round(days * 24), 'hour')}" if days < 1.5 else f"{days:.0f} more days"
        )
    if pd.notna(users):
        parts.append(f"{number(round(users))} more active {plural(round(users), 'user')}")
    return f"needs about {' or '.join(parts)}" if parts else ""


def evidence(row: ReceiptRow) -> tuple[str | Count, ...]:
    """Give the counts of a receipt as a phrase; what was expected too, unless its reason says so."""
    limits = f"{between(row.after.lower, row.after.upper)} expected had it changed nothing"
    return (
        row.before,
        f" {plural(row.before.n, 'report')} in {duration(row.hours_before)} before, ",
        row.after.observed,
        f" in {duration(row.hours_after)} since{'' if row.reason else f', {limits}'}",
    )


def shared_clauses(rows: Sequence[ReceiptRow]) -> tuple[str, ...]:
    """Give the clauses that stand in the reason of every receipt, so that a table of several says them once."""
    if len(rows) < 2:
        return ()
    first, *others = (curly(row.reason).split("; ") for row in rows)
    return tuple(clause for clause in first if clause and all(clause in other for other in others))


def without(reason: str, clauses: Sequence[str]) -> str:
    """Give the reason without clauses that are said elsewhere.

    >>> without("2 reports came; chat was silent", ["chat was silent"])
    '2 reports came'
    """
    return "; ".join(clause for clause in reason.split("; ") if clause not in clauses)
