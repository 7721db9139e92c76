"""Fixes that are watched: held, failed, moved, or not enough traffic to tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.domain import FixReceipt
from feedback_triage.link.frames import strings
from feedback_triage.receipts.activity import Activity
from feedback_triage.receipts.adopters import Adopters
from feedback_triage.receipts.case import HOTFIX_HALF_LIFE, Case, Watch, level_of, release_before, shares, watch
from feedback_triage.receipts.judging import Evidence, judge, too_few_before
from feedback_triage.receipts.moving import moved_to
from feedback_triage.receipts.reports import LOOKBACK_HOURS, History, Reports, history_before
from feedback_triage.silence.feeds import Feeds, Streams
from feedback_triage.silence.season import learn_season
from feedback_triage.silence.stream import MICROS_PER_HOUR, Feedback, hours_of
from feedback_triage.silence.usage import Usages


def fix_receipts(
    fixes: pd.DataFrame,
    items: pd.DataFrame,
    releases: pd.DataFrame,
    *,
    neighbours: pd.DataFrame | None = None,
    exposure: pd.DataFrame | None = None,
    about: pd.DataFrame | None = None,
    as_of: datetime | None = None,
) -> list[FixReceipt]:
    """Tell what became of the themes that releases set out to fix.

    A fix is watched for eight weeks, or until the next fix of the theme, or until it is rolled back. What comes in that
    time from customers who may have it is held against what would have come had it changed nothing (see
    `receipts.outlook`). It held when the rate is below a third of that with a probability above .95, and failed when it
    is above a third with a probability above .95 and so many were expected that none at all would have been a surprise
    (1 in 20). A source that was silent too long to be believed alive counts until its last item, and not at all
    where it came back; where half of what could have come is lost by that nothing is said.

    Nothing can tell a fix from reports that happened to end at the same moment. What was fading before the fix, or came
    as one spike, makes less to be expected, and more time needed.

    Args:
        fixes: columns `theme_id`, `release_id`, `settled_by` ("" where the notes say so). Releases that are not known,
            or not out, give no receipt; of two rows with one theme and release the one that somebody settled counts.
        items: columns `item_id`, `written_at`, `theme_id` (None for none), and optionally `product`, `platform`,
            `source`, `author_key`, `app_version`, `text`: all items; those of a theme are reports of it.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`, `rollout`,
            `rolled_back_at`, `is_hotfix`.
        neighbours: columns `theme_id`, `neighbour_theme_id`, `cosine`: themes that say nearly the same.
        exposure: columns `product`, `platform`, `start_at`, `active_count`: used where it has no gap.
        about: columns `theme_id`, `release_id`, `item_id`: for the themes and releases in it only these items are
            reports of what the release fixes.
        as_of: now; None is the last `written_at` of all items. Nothing later is used.

    Returns:
        One receipt a theme and release, by the instant of the release, then by theme.
    """
    feedback, now = Feedback.known_at(items, as_of)
    known = _Known.at(now, items, releases, fixes, feedback, exposure, about)
    receipts = []
    for theme_id, own in sorted(_by_theme(fixes, known.adopters).items()):
        for number, (position, settled_by) in enumerate(own):
            receipt = _receipt(known, theme_id, settled_by, own, number, neighbours)
            receipts.append((position, theme_id, receipt))
    return [receipt for _, _, receipt in sorted(receipts, key=lambda found: found[:2])]


_Fix = tuple[int, str]
"""Position of a release, and who settled that it is one."""


def _by_theme(fixes: pd.DataFrame, adopters: Adopters) -> dict[str, list[_Fix]]:
    place = {release_id: i for i, release_id in enumerate(adopters.table.ids)}
    best: dict[tuple[str, int], str] = {}
    for theme_id, release_id, settled_by in zip(
        strings(fixes, "theme_id"), strings(fixes, "release_id"), strings(fixes, "settled_by"), strict=True
    ):
        if release_id in place:
            key = (str(theme_id), place[release_id])
            said = [name for name in (best.get(key, ""), str(settled_by)) if name]
            best[key] = min(said, default="")
    found: dict[str, list[_Fix]] = {}
    for (theme_id, position), settled_by in sorted(best.items()):
        found.setdefault(theme_id, []).append((position, settled_by))
    return found


@dataclass(frozen=True, eq=False)
class _Known:
    """Everything that is known now."""

    now: float
    adopters: Adopters
    hotfixes: frozenset[str]
    streams: Streams
    items: pd.DataFrame
    rows_of_theme: dict[str, npt.NDArray[np.intp]]
    usages: Usages
    about: dict[tuple[str, str], frozenset[str]]

    @classmethod
    def at(
        cls,
        now: float,
        items: pd.DataFrame,
        releases: pd.DataFrame,
        fixes: pd.DataFrame,
        feedback: Feedback,
        exposure: pd.DataFrame | None,
        about: pd.DataFrame | None,
    ) -> "_Known":
        items = items[hours_of(items["written_at"]) <= now].reset_index(drop=True)
        releases = releases[hours_of(releases["released_at"]) <= now].reset_index(drop=True)
        if "rolled_back_at" in releases:
            back = releases["rolled_back_at"]
            releases = releases.assign(rolled_back_at=back.where(hours_of(back) <= now))
        themes = strings(items, "theme_id")
        needed = np.isin(themes, [theme for theme in set(strings(fixes, "theme_id")) if theme])
        groups = pd.Series(np.arange(len(items))).groupby(themes, sort=True)
        is_hotfix = releases["is_hotfix"].eq(True) if "is_hotfix" in releases else pd.Series(False, releases.index)
        return cls(
            now=now,
            adopters=Adopters(items, releases, needed),
            hotfixes=frozenset(strings(releases, "release_id")[is_hotfix.to_numpy()]),
            streams=Streams(feedback),
            items=items,
            rows_of_theme={str(theme): rows.to_numpy(dtype=np.intp) for theme, rows in groups if theme},
            usages=Usages(exposure, now),
            about=_about(about),
        )

    def reports(self, theme_id: str, position: int) -> Reports:
        """The reports of a theme from the product and platform of a release."""
        rows = self.rows_of_theme.get(theme_id, np.array([], dtype=np.intp))
        table = self.adopters.table
        wanted = self.about.get((theme_id, str(table.ids[position])))
        if wanted is not None:
            rows = rows[[item_id in wanted for item_id in strings(self.items, "item_id")[rows]]]
        said = self.adopters.said[rows]
        own = self.items.iloc[rows].reset_index(drop=True)
        return Reports.of(own, said, str(table.products[position]), str(table.platforms[position]))

    def stream(self, position: int) -> npt.NDArray[np.float64]:
        """The hours of all items of the product and platform of a release."""
        table = self.adopters.table
        return self.streams.of(str(table.products[position]), str(table.platforms[position]))[0]

    def stale_sources(self, reports: Reports, start: float, end: float) -> dict[str, float]:
        """The sources of these reports that were silent too long after `start` to be believed alive.

        Each with the hour from which on it says nothing: its last item, or ever where it came back later.
        """
        found = {}
        for source in sorted(set(reports.sources)) if end > start else []:
            own = Feeds({source: reports.hours[reports.sources == source]})
            if self.streams.feeds.stale_in(start, end, own, self.now) is not None:
                times = self.streams.feeds.times[source]
                found[str(source)] = float(times[-1]) if times[-1] < end else -np.inf
        return found


def _about(about: pd.DataFrame | None) -> dict[tuple[str, str], frozenset[str]]:
    if about is None:
        return {}
    keys = zip(strings(about, "theme_id"), strings(about, "release_id"), strict=True)
    found: dict[tuple[str, str], set[str]] = {}
    for (theme_id, release_id), item_id in zip(keys, strings(about, "item_id"), strict=True):
        found.setdefault((str(theme_id), str(release_id)), set()).add(str(item_id))
    return {key: frozenset(item_ids) for key, item_ids in found.items()}


def _receipt(
    known: _Known,
    theme_id: str,
    settled_by: str,
    fixes: list[_Fix],
    number: int,
    neighbours: pd.DataFrame | None,
) -> FixReceipt:
    position = fixes[number][0]
    adopters = known.adopters
    release_id = str(adopters.table.ids[position])
    fixed_at = _hour(adopters, position)
    others = [_hour(adopters, other) for other, _ in fixes if _same_customers(adopters, position, other)]
    next_fix = min((at for at in others if at > fixed_at), default=np.inf)
    last_fix = max((at for at in others if at < fixed_at), default=-np.inf)
    time = watch(adopters, position, next_fix, known.now, is_hotfix=release_id in known.hotfixes)
    reports = known.reports(theme_id, position)
    before = reports.hours < fixed_at
    stale = known.stale_sources(reports.select(before), fixed_at, max(time.until, fixed_at))
    is_live = ~np.isin(reports.sources, [source for source, ended in stale.items() if ended == -np.inf])
    live = reports.select(is_live)
    since = _known_since(known, position, last_fix)
    history = history_before(live.hours, fixed_at, since)
    if history is None:
        shown = history_before(reports.hours, fixed_at, since)
        start = float(shown.edges[0]) if shown else max(since, fixed_at - LOOKBACK_HOURS)
        told = list(stale) if shown else []
        return too_few_before(theme_id, release_id, settled_by, time, reports, start, told)
    case = _case(known, live, time, history, stale)
    silent = 1 - float(case.alive.mean()) * float(is_live[before].mean())
    # One who declares an older release of the same platform does not have the fix.
    platforms = adopters.table.platforms
    is_older = (live.said >= 0) & (live.said < position) & (platforms[live.said] == platforms[position])
    may_have_it = live.select(~is_older)
    evidence = Evidence(
        theme_id=theme_id,
        release_id=release_id,
        settled_by=settled_by,
        n_before=len(live.between(history.edges[0], fixed_at).hours),
        n_after=len(may_have_it.between(time.starts, time.until).hours),
        n_soaked=len(live.between(fixed_at, min(time.starts, time.until)).hours),
        stale=tuple(stale),
        is_mostly_stale=silent >= MOST_SILENT,
    )
    beside = _neighbours(known, neighbours, theme_id, position, is_stale=set(reports.sources[~is_live]))
    return judge(case, evidence, lambda: moved_to(case, beside, may_have_it))


def _hour(adopters: Adopters, position: int) -> float:
    return float(adopters.table.released[position]) / MICROS_PER_HOUR


MOST_SILENT = 0.5
"""Share of what would be reported after a fix whose sources may be dead, from which on nothing is told."""


def _same_customers(adopters: Adopters, one: int, other: int) -> bool:
    table = adopters.table
    pairs = ((table.products[one], table.products[other]), (table.platforms[one], table.platforms[other]))
    return all(not a or not b or a == b for a, b in pairs)


_LEAST_BETWEEN_FIXES = 48.0  # what an earlier fix left is told from the time since it, unless that is shorter


def _known_since(known: _Known, position: int, last_fix: float) -> float:
    stream, fixed_at = known.stream(position), _hour(known.adopters, position)
    began = float(stream[0]) if len(stream) else fixed_at
    if str(known.adopters.table.ids[position]) in known.hotfixes:
        # It mends what the release before it brought.
        began = max(began, release_before(known.adopters, position))
    return max(began, last_fix if fixed_at - last_fix >= _LEAST_BETWEEN_FIXES else -np.inf)


def _case(known: _Known, live: Reports, time: Watch, history: History, stale: Mapping[str, float]) -> Case:
    table, position = known.adopters.table, time.position
    product, platform = str(table.products[position]), str(table.platforms[position])
    activity = Activity.of(known.usages, product, platform)
    if activity is not None and not activity.covers(float(history.edges[0]), max(time.until, time.fixed_at)):
        activity = None
    season = learn_season(known.stream(position), time.fixed_at)
    shortest = HOTFIX_HALF_LIFE if str(table.ids[position]) in known.hotfixes else 0.0
    of_history = live.between(float(history.edges[0]), time.fixed_at)
    share_at, share = shares(known.adopters, time)
    alive = np.ones(len(share_at))
    for source, ended in stale.items():
        alive -= np.where(share_at >= ended, float((of_history.sources == source).mean()), 0.0)
    return Case(
        watch=time,
        history=history,
        level=level_of(history, season, activity, shortest),
        season=season,
        activity=activity,
        share_at=share_at,
        share=share,
        alive=alive,
        shortest_half_life=shortest,
        declaring_share=float((of_history.said >= 0).mean()) if len(of_history.hours) else 0.0,
    )


def _neighbours(
    known: _Known, neighbours: pd.DataFrame | None, theme_id: str, position: int, is_stale: set[str]
) -> Iterator[tuple[str, Reports]]:
    if neighbours is None:
        return
    own = neighbours[strings(neighbours, "theme_id") == theme_id]
    for neighbour in sorted(set(strings(own, "neighbour_theme_id")) - {theme_id}):
        reports = known.reports(str(neighbour), position)
        yield str(neighbour), reports.select(~np.isin(reports.sources, list(is_stale)))
