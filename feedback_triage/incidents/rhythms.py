"""The week's profile of the stream as it is now: each channel by its own rhythm, and by its share.

Learned from all items of twelve weeks together, a channel that began two weeks ago would be in it for a sixth of what
it brings, and its hours would look like bursts for as long. So a channel that is younger than that has its own profile;
the older ones, which have brought what they bring for all of the time, have one together.
"""

import numpy as np
import numpy.typing as npt

from feedback_triage.incidents.series import SeriesTable
from feedback_triage.silence.season import FLAT, LOOKBACK_WEEKS, WEEK, Season, learn_season

Floats = npt.NDArray[np.float64]

_SUMMED_WEEKS = LOOKBACK_WEEKS + 1


class Rhythms:
    """The profiles of the channels, learned anew every day."""

    def __init__(self, table: SeriesTable) -> None:
        """Know the instants of each source; all profiles are flat."""
        n_sources = len(table.source_names)
        self._hours, self._sources = table.hours, table.sources
        self._first = np.full(n_sources, np.inf)
        np.minimum.at(self._first, table.sources, table.hours)
        self._first[np.isneginf(table.established_at)] = -np.inf
        self._established_at = table.established_at
        self._profiles = np.ones((n_sources, WEEK))

    def learn(self, start: float) -> None:
        """Learn from what the sources that count at `start` wrote before it."""
        since, until = np.searchsorted(self._hours, [start - _SUMMED_WEEKS * WEEK, start], side="left")
        hours, sources = self._hours[since:until], self._sources[since:until]
        counts = self._established_at <= start
        is_young = counts & (self._first > start - LOOKBACK_WEEKS * WEEK)
        self._profiles[:] = learn_season(hours[(counts & ~is_young)[sources]], start).factors
        for source in np.flatnonzero(is_young):
            self._profiles[source] = learn_season(hours[sources == source], start).factors

    def mixed(self, shares: Floats) -> Season:
        """Give the profile of the sources together, by their shares (n_sources,), of any sum."""
        total = float(shares.sum())
        return Season(shares @ self._profiles / total) if total > 0 else FLAT
