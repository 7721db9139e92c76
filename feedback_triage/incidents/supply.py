"""Which sources deliver: what is usual is learned from, and expected of, those that do.

Each series gets its items from the sources in shares. While a source is dead (see `silence.feeds`) its share counts
neither in the time that is learned from nor in what is expected, so a feed that comes back is no burst, and a burst is
seen while another feed is dead.
"""

import numpy as np
import numpy.typing as npt

from feedback_triage.incidents.series import DAY, SeriesTable
from feedback_triage.silence.feeds import IMPROBABLE, Rhythm, learn_rhythm
from feedback_triage.silence.season import Hours

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_HALF_LIFE_DAYS = 28.0
_PRIOR_ITEMS = 5.0
_CERTAINLY_ALIVE_GAPS = 2.0


class Supply:
    """The sources of a stream, followed through time."""

    def __init__(self, table: SeriesTable) -> None:
        """Know the instants of each source; nothing is used before it was written."""
        n_sources = len(table.source_names)
        self._times: list[Hours] = [table.hours[table.sources == source] for source in range(n_sources)]
        self._established_at = table.established_at
        self._seen = np.zeros((len(table.keys), n_sources))
        self._days = np.zeros(n_sources)
        self._rhythms: dict[tuple[int, int], Rhythm | None] = {}
        self._died: list[list[tuple[float, float]]] = [[] for _ in range(n_sources)]
        self.last_heard = np.full(n_sources, -np.inf)

    def note_day(self, counts: Floats, now: float) -> None:
        """Learn the shares from a day's items, (n_series, n_sources); those of a dead source stay as they were."""
        alive = np.array([not self._is_dead(source, now) for source in range(len(self._times))])
        begun = np.array([times[0] < now for times in self._times])
        # How much a new source brings is not known by its good days alone: it may have been an import.
        running = alive | (self._established_at > now)
        kept = np.where(running, 0.5 ** (1 / _HALF_LIFE_DAYS), 1.0)
        self._seen = self._seen * kept + counts
        self._days = self._days * kept + (running & begun)

    def shares(self, now: float) -> Floats:
        """Give the share of each established source in each series, (n_series, n_sources); rows sum to 1."""
        established = self._established_at <= now
        a_day = self._seen * established / np.maximum(self._days, 1.0)
        total = a_day[0].sum()
        prior = a_day[0] / total if total > 0 else established / max(1, established.sum())
        seen = a_day * self._days.max() + _PRIOR_ITEMS * prior
        return np.asarray(seen / seen.sum(axis=1, keepdims=True))

    def growth(self, before: float, now: float) -> Floats | None:
        """Give by how much sources that became established in `(before, now]` raise each series; None: none did."""
        new = (self._established_at > before) & (self._established_at <= now)
        if not new.any():
            return None
        old_share = (self.shares(now) * ~new).sum(axis=1)
        return np.asarray(1 / np.maximum(old_share, 0.05))

    def dead_at(self, now: float) -> Bools:
        """Tell which sources are dead at `now` by what came before it, (n_sources,); remembers when they died."""
        dead = np.zeros(len(self._times), dtype=np.bool_)
        for source, times in enumerate(self._times):
            if self._is_dead(source, now):
                dead[source] = True
                n_before = int(np.searchsorted(times, now, side="left"))
                last = self.last_heard[source] = float(times[n_before - 1])
                if not self._died[source] or self._died[source][-1][0] != last:
                    # Where it ends lies ahead; `was_dead` asks only for times whose end is known by then.
                    returned = float(times[n_before]) if n_before < len(times) else np.inf
                    self._died[source].append((last, returned))
        return dead

    def was_dead(self, start: float, end: float) -> Bools:
        """Tell which sources delivered nothing in `[start, end)` because they were dead, (n_sources,)."""
        return np.array([any(died <= start and end <= back for died, back in each) for each in self._died])

    def _is_dead(self, source: int, now: float) -> bool:
        times = self._times[source]
        n_before = int(np.searchsorted(times, now, side="left"))
        if n_before < 2:
            return False
        last = float(times[n_before - 1])
        since = int(np.searchsorted(times, last - 56 * DAY))
        mean_gap = (last - float(times[since])) / max(1, n_before - 1 - since)
        if now - last <= _CERTAINLY_ALIVE_GAPS * mean_gap:
            return False
        key = (source, n_before)
        if key not in self._rhythms:
            self._rhythms[key] = learn_rhythm(times[:n_before], np.inf)
        rhythm = self._rhythms[key]
        return rhythm is not None and rhythm.probability_of_gap(rhythm.gap(last, now)) < IMPROBABLE
