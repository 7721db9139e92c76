"""Each release with what came while it was the newest, and the silence windows after it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import Count, ItemFilter
from feedback_triage.report.ledger import lines_of
from feedback_triage.report.parts import Interval, ReleaseRow, WindowRow

NEWS_AGE = timedelta(days=28)
"""A spike or a telling silence that ended longer ago no longer keeps its release in the open part of the
table.
"""

MOST_OLD_NEWS = 10
"""Releases from before the period in the open part of the table."""


def build_releases(facts: Facts, in_news: Collection[str] = ()) -> tuple[ReleaseRow, ...]:
    """Build all releases, newest first.

    Args:
        facts: the report's.
        in_news: ids of releases that something else in the report has news of.
    """
    windows = _windows(facts)
    foreseen = facts.source.reigns.dropna(subset=["expected_count", "lower", "upper"])
    reigns = {str(row.release_id): row for row in records(foreseen)}
    table: dict[Any, int] = facts.items.groupby(["release_key", "label_key"]).size().to_dict()
    declared = facts.items["declared_key"].value_counts()
    rows = []
    for release in reversed(list(records(facts.releases))):
        release_id = str(release.release_id)
        where = ItemFilter(release=release_id)
        counts = tuple(
            (key, Count(int(table.get((release_id, key), 0)), where.narrowed(label=key))) for key in facts.keys
        )
        total = Count(sum(count.n for _, count in counts), where)
        reign = reigns.get(release_id)
        own = windows.get(release_id, ())
        rows.append(
            ReleaseRow(
                anchor=facts.anchors[release_id],
                release_id=release_id,
                name=facts.names[release_id],
                version=str(release.version),
                platform=str(release.platform),
                kind=str(release.kind),
                released_at=_instant(release.released_at),
                notes=str(release.notes),
                is_derived=bool(release.is_derived),
                total=total,
                counts=counts,
                declared=Count(int(declared.get(release_id, 0)), ItemFilter(declared=release_id)),
                reign=None if reign is None else _reign(facts, reign, where),
                reign_hours=0.0 if reign is None else float(reign.hours),
                reign_words=tuple(getattr(reign, "keyphrases", ())),
                windows=own,
                is_in_period=facts.period.start <= _instant(release.released_at) < facts.period.end,
                has_news=release_id in in_news,
                is_hotfix=bool(release.is_hotfix),
                rollout=tuple((_instant(at), float(share)) for at, share in release.rollout),
                rolled_back_at=None if pd.isna(release.rolled_back_at) else _instant(release.rolled_back_at),
            )
        )
    return _with_news(facts, rows)


def _with_news(facts: Facts, rows: list[ReleaseRow]) -> tuple[ReleaseRow, ...]:
    """Give the rows (newest first), those of the period and the latest with something to say marked."""
    oldest = facts.period.end - NEWS_AGE
    found, n_old = [], 0
    for row in rows:
        has_news = row.is_in_period or row.has_news
        if not has_news and n_old < MOST_OLD_NEWS and _says_something(row, oldest):
            has_news = True
            n_old += 1
        found.append(replace(row, has_news=has_news))
    return tuple(found)


def _says_something(row: ReleaseRow, oldest: datetime) -> bool:
    if row.is_loud and row.released_at >= oldest:
        return True
    return any(line.says in {"bad", "good"} and line.lead.end_at >= oldest for line in lines_of(row))


def _windows(facts: Facts) -> dict[str, tuple[WindowRow, ...]]:
    """Give the windows of each release: `all`, `notes`, then channels, each by its end."""
    ordered = facts.source.windows.sort_values(["release_id", "subject", "end_at", "start_at"])
    own = {str(row.release_id): row for row in records(facts.releases)}
    found: dict[str, tuple[WindowRow, ...]] = {}
    for window in records(ordered):
        release_id = str(window.release_id)
        release = own.get(release_id)
        if release is None:
            continue
        row = WindowRow(
            name=facts.names[release_id],
            anchor=facts.anchors[release_id],
            kind=str(release.kind),
            subject=str(window.subject),
            status=str(window.status),
            verdict=str(window.verdict),
            reason=str(window.reason),
            start_at=_instant(window.start_at),
            end_at=_instant(window.end_at),
            interval=_interval(window, facts.checked(int(window.observed_count), _window_filter(window, release))),
            could_hide=_known(getattr(window, "could_hide_ratio", None)),
        )
        found[release_id] = (*found.get(release_id, ()), row)
    return found


def _window_filter(window: Any, release: Any) -> ItemFilter:
    """Give items of the window: those about the notes, or those of the release's platform and product."""
    where = ItemFilter(start_at=_instant(window.start_at), end_at=_instant(window.end_at))
    if str(window.subject) == "notes":
        return where.narrowed(mentions=str(window.release_id))
    sort, _, name = str(window.subject).partition(":")
    return where.narrowed(
        platform=str(release.platform).lower() or None,
        product=str(release.product).lower() or None,
        source=name if sort == "source" else None,
    )


def _reign(facts: Facts, reign: Any, where: ItemFilter) -> Interval:
    """Give the items that came while the release was the newest, which are not all that are linked to it."""
    during = where.narrowed(start_at=_instant(reign.start_at), end_at=_instant(reign.end_at))
    return _interval(reign, facts.checked(int(reign.observed_count), during))


def _interval(row: Any, observed: Count) -> Interval:
    return Interval(float(row.expected_count), int(row.lower), int(row.upper), observed)


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _instant(value: Any) -> datetime:
    return pd.Timestamp(value).to_pydatetime()
