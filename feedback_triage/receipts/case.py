"""One fix of one theme: which time after it is judged, and against what."""

from dataclasses import dataclass, replace

import numpy as np

from feedback_triage.receipts.activity import Activity
from feedback_triage.receipts.adopters import Adopters
from feedback_triage.receipts.outlook import Floats, Level, Outlook, Reach, learn_level, look_ahead
from feedback_triage.receipts.reports import LOOKBACK_HOURS, History
from feedback_triage.silence.season import Season
from feedback_triage.silence.stream import MICROS_PER_HOUR
from feedback_triage.silence.subjects import SOAK_HOURS

HOTFIX_HALF_LIFE = 24.0
"""Hours: a fault that a hotfix was pushed for was there, and it would not have faded within less by itself."""

WATCHED_HOURS = LOOKBACK_HOURS
"""How long a fix is watched: as long as one looks back before it."""

_N_SLICES = 48


@dataclass(frozen=True, slots=True)
class Watch:
    """The time in which a fix is watched.

    Attributes:
        position: of its release in the table.
        fixed_at: when the release came out, hours since 1970.
        starts: when reports begin to count.
        ends: when they count no more, at the latest; past this nothing more will be known.
        until: the end of what is known of it now; not before `starts` means that something is.
        ended_by: why `ends` comes early: "", "rolled back" or "next fix".
    """

    position: int
    fixed_at: float
    starts: float
    ends: float
    until: float
    ended_by: str


def watch(adopters: Adopters, position: int, next_fix: float, now: float, *, is_hotfix: bool) -> Watch:
    """Lay down the time in which a fix is watched.

    Reports of the first day may come from what customers had open before it; they do not count. A hotfix mends what
    is as old as the release before it, and so is what customers still have open. Where versions are declared, it is
    known who has the fix, and everything counts from the release on.

    Args:
        adopters: has the table of releases.
        position: of the fix in it.
        next_fix: when the next fix of the theme came out, infinite where none did.
        now: nothing later is known.
        is_hotfix: of the release.
    """
    table = adopters.table
    fixed_at = float(table.released[position]) / MICROS_PER_HOUR
    soak = SOAK_HOURS
    if adopters.is_learned(position, now):
        soak = 0.0
    elif is_hotfix:
        soak = min(SOAK_HOURS, fixed_at - release_before(adopters, position))
    rolled_back = float(table.withdrawn[position]) / MICROS_PER_HOUR
    first_step = table.schedules[position][0][0] / MICROS_PER_HOUR if table.schedules[position] else fixed_at
    starts = max(fixed_at, first_step) + soak
    watched = starts + WATCHED_HOURS
    ends = min(watched, next_fix, rolled_back)
    ended_by = "" if ends == watched else "next fix" if ends == next_fix else "rolled back"
    return Watch(position, fixed_at, starts, ends, min(now, ends), ended_by)


def release_before(adopters: Adopters, position: int) -> float:
    """Give when the release before this one came out, in hours since 1970; long ago where there is none."""
    table = adopters.table
    own = table.applicable(str(table.products[position]), str(table.platforms[position]))
    earlier = own[(own < position) & (table.released[own] < table.released[position])]
    return float(table.released[earlier[-1]]) / MICROS_PER_HOUR if len(earlier) else -np.inf


@dataclass(frozen=True, slots=True)
class Case:
    """A fix with what the time before it makes one expect.

    Attributes:
        watch: the time after it.
        history: the blocks before it.
        level: what they say.
        season: the week of the stream; used where no active users are known.
        activity: active users where they are known for all of the time, else None.
        share_at: instants from where reports count until now, hours since 1970, shape (m,).
        share: the share of customers who have the fix then, 0..1, shape (m,).
        alive: the share of the reports before the fix whose source still delivers then, 0..1, shape (m,).
        declaring_share: share of the reports before the fix that declare a version, 0..1.
        shortest_half_life: hours; nothing fades faster by itself.
    """

    watch: Watch
    history: History
    level: Level
    season: Season
    activity: Activity | None
    share_at: Floats
    share: Floats
    alive: Floats
    declaring_share: float
    shortest_half_life: float

    def outlook(self, until: float) -> Outlook:
        """Predict the reports from where they count until then, had the fix changed nothing."""
        edges = np.linspace(self.watch.starts, until, _N_SLICES + 1)
        middles = (edges[1:] + edges[:-1]) / 2
        sizes = np.diff(_running(self.season, self.activity, edges))
        sizes = sizes * np.interp(middles, self.share_at, self.alive)
        # Nothing later than now tells who will have it: the share that has it now goes on.
        share = np.interp(middles, self.share_at, self.share)
        at = (middles - self.watch.fixed_at) / self.history.length
        without = sizes * (1 - share) * (1 - self.declaring_share)
        n_steps = (until - self.watch.fixed_at) / self.history.block
        n_blocks = (until - self.watch.starts) / self.history.block
        return look_ahead(self.level, Reach(at, sizes * share, without, n_steps, n_blocks))

    def with_counts(self, counts: Floats) -> "Case":
        """Take other counts in the same blocks, from all customers, and learn the level from them."""
        history = replace(self.history, counts=counts)
        level = level_of(history, self.season, self.activity, self.shortest_half_life, is_fixed=False)
        return replace(self, share=np.ones(len(self.share)), history=history, level=level)


def shares(adopters: Adopters, time: Watch) -> tuple[Floats, Floats]:
    """Give instants from where reports count until now, and the share of customers who have the fix then."""
    at = np.linspace(time.starts, max(time.until, time.starts), _N_SLICES)
    share = adopters.rolled_out(time.position, at)
    if adopters.is_learned(time.position, time.until):
        share = np.minimum(share, adopters.share(time.position, at))
    return at, share


def level_of(
    history: History, season: Season, activity: Activity | None, shortest_half_life: float, *, is_fixed: bool = True
) -> Level:
    """Learn the level of reports at the fix; `is_fixed` as in `learn_level`."""
    exposures = np.maximum(np.diff(_running(season, activity, history.edges)), 1e-6)
    shortest = shortest_half_life / history.length
    return learn_level(history.counts, exposures, history.before, shortest, is_fixed=is_fixed)


def _running(season: Season, activity: Activity | None, at: Floats) -> Floats:
    return season.exposure(at) if activity is None else activity.total(at)
