"""Themes that turned with a release: that began or grew while it was the newest, or went quiet after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betainc

from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import Count, ItemFilter, microseconds
from feedback_triage.report.parts import Ref, ReleaseRow

LOOK_BACK = timedelta(days=28)
"""What a theme brought in this time before a release is what it grew from; no turn is told with less history."""

LAST_TIME = timedelta(days=14)
"""The same for going quiet: shorter, so that a theme which lived for two weeks is not thinned out, nor one that had
faded weeks ago said to go quiet now.
"""

AFTER = timedelta(days=7)
"""After a release, for themes that go quiet."""

SOAK = timedelta(hours=24)
"""Right after a release reports still come from those who do not have it: a theme goes quiet from here on."""

ALIVE = timedelta(hours=72)
"""A theme without an item in this time before a release had gone quiet already."""

LEAST_ITEMS = 4
"""A theme grew or went quiet only where at least so many came, or were expected."""

LEAST_BORN = 3
"""A theme began with its first item only if so many came within a week of it: else it was rare, not new."""

CHANCE = 0.001
"""Probability of a turn by chance: small, for there are many releases and many themes."""


@dataclass(frozen=True, slots=True)
class ThemeTurn:
    """What a theme did with a release.

    Attributes:
        sort: born, grown or quiet.
        n: items of its platform while the release was the newest; of a new theme those linked to it; of a quiet one
            those of the week that begins a day after it.
        expected: items that this time would have brought, 0 for a new theme.
    """

    theme: Ref
    sort: str
    n: Count
    expected: float


def theme_turns(facts: Facts, releases: Sequence[ReleaseRow]) -> dict[str, tuple[ThemeTurn, ...]]:
    """Give the turns by `release_id`, themes in the order they matter.

    A theme's items before the release, at a constant rate with the Jeffreys prior, make a negative binomial
    prediction for the time after it (Gelman et al., Bayesian Data Analysis, section 2.6). What grew is counted on the
    release's platform (with items that give none), and without items of incidents: those are told there. Where a theme
    is quiet after several releases in a row, the one where it fell most clearly has it. All this says when, not why.
    """
    if facts.items.empty:
        return {}
    first_us = int(facts.items["written_us"].iloc[0])
    reigns = {str(row.release_id): (row.start_at, row.end_at) for row in records(facts.source.reigns)}
    groups = {str(key): part for key, part in facts.items.groupby("theme_key", sort=False)}
    told = [row for row in reversed(releases) if microseconds(row.released_at - LOOK_BACK) >= first_us]
    by_platform: dict[str, list[ReleaseRow]] = {}
    for row in told:
        by_platform.setdefault(row.platform.lower(), []).append(row)
    found: dict[str, list[ThemeTurn]] = {}
    for theme_id, ref in facts.themes.items():
        if theme_id not in groups:
            continue
        own, where = groups[theme_id], ItemFilter(theme=theme_id)
        turns = [*_born(facts, own, ref, told), *_gone_quiet(facts, own, where, ref, told)]
        for platform, rows in by_platform.items():
            there = where.narrowed(platform=platform or None)
            turns += _grown(own[there.mask(own)], there, ref, rows, reigns)
        for row, turn in turns:
            found.setdefault(row.release_id, []).append(turn)
    return {release_id: _once(turns) for release_id, turns in found.items()}


Turns = list[tuple[ReleaseRow, ThemeTurn]]


def _once(turns: list[ThemeTurn]) -> tuple[ThemeTurn, ...]:
    """Leave out that a theme grew with the release it began with."""
    born = {turn.theme for turn in turns if turn.sort == "born"}
    return tuple(turn for turn in turns if turn.sort == "born" or turn.theme not in born)


def _born(facts: Facts, items: pd.DataFrame, ref: Ref, rows: list[ReleaseRow]) -> Turns:
    written = items["written_us"].to_numpy()
    n_first = int(np.searchsorted(written, written[0] + AFTER // timedelta(microseconds=1)))
    first = str(items["release_key"].iloc[0])
    theme_id = str(items["theme_key"].iloc[0])
    return [
        (row, ThemeTurn(ref, "born", facts.count(ItemFilter(theme=theme_id, release=first)), 0.0))
        for row in rows
        if row.release_id == first and n_first >= LEAST_BORN
    ]


def _grown(
    items: pd.DataFrame, where: ItemFilter, ref: Ref, rows: list[ReleaseRow], reigns: dict[str, tuple[Any, Any]]
) -> Turns:
    known = [row for row in rows if row.release_id in reigns]
    starts, ends = ([_instant(reigns[row.release_id][side]) for row in known] for side in (0, 1))
    written = items["written_us"].to_numpy()
    alone = written[~items["incidents"].map(bool).to_numpy(dtype=bool)]
    n_before = _between(written, [start - LOOK_BACK for start in starts], starts)
    n_alone, n_all = _between(alone, starts, ends), _between(written, starts, ends)
    turns = []
    for place, (row, start, end) in enumerate(zip(known, starts, ends, strict=True)):
        if n_alone[place] < LEAST_ITEMS:
            continue
        expected, at_least, _ = _chances(int(n_before[place]), int(n_alone[place]), (end - start) / LOOK_BACK)
        if at_least < CHANCE:
            count = Count(int(n_all[place]), where.narrowed(start_at=start, end_at=end))
            turns.append((row, ThemeTurn(ref, "grown", count, expected)))
    return turns


def _gone_quiet(facts: Facts, items: pd.DataFrame, where: ItemFilter, ref: Ref, rows: list[ReleaseRow]) -> Turns:
    written = items["written_us"].to_numpy()
    releases = [row.released_at for row in rows]
    starts = [at + SOAK for at in releases]
    ends = [start + AFTER for start in starts]
    n_after = _between(written, starts, ends)
    n_before = _between(written, [at - LAST_TIME for at in releases], releases)
    n_near = _between(written, [at - ALIVE for at in releases], releases)
    turns: Turns = []
    run: list[tuple[float, int, ReleaseRow, ThemeTurn]] = []
    for place, row in enumerate(rows):
        expected, _, p = _chances(int(n_before[place]), int(n_after[place]), AFTER / LAST_TIME)
        is_known = ends[place] <= facts.source.as_of and not _is_feed_silent(facts, ends[place])
        if is_known and n_near[place] and expected >= LEAST_ITEMS and p < CHANCE:
            count = Count(int(n_after[place]), where.narrowed(start_at=starts[place], end_at=ends[place]))
            run.append((p, place, row, ThemeTurn(ref, "quiet", count, expected)))
        elif run:
            turns.append(min(run, key=lambda one: one[:2])[2:])
            run = []
    return [*turns, min(run, key=lambda one: one[:2])[2:]] if run else turns


def _is_feed_silent(facts: Facts, end: datetime) -> bool:
    """Tell whether a channel that is silent now fell silent before an instant."""
    feeds = facts.source.feeds
    last = feeds.loc[feeds["status"] == "stale", "last_at"].dropna()
    return any(pd.Timestamp(one).to_pydatetime() < end for one in last)


def _between(written: NDArray[np.int64], starts: list[datetime], ends: list[datetime]) -> NDArray[np.int64]:
    low, high = (np.searchsorted(written, [microseconds(at) for at in ats]) for ats in (starts, ends))
    return np.asarray(high - low, dtype=np.int64)


def _chances(n_before: int, n: int, ratio: float) -> tuple[float, float, float]:
    """Give the mean of a count in a time that is `ratio` of the time before, and the probabilities that it is at
    least, and at most, `n`: tails of the negative binomial by the incomplete beta function.
    """
    shape, success = n_before + 0.5, 1 / (1 + ratio)
    at_most = float(betainc(shape, n + 1, success))
    at_least = float(betainc(n, shape, 1 - success)) if n else 1.0
    return shape * ratio, at_least, at_most


def _instant(value: Any) -> datetime:
    return pd.Timestamp(value).to_pydatetime()
