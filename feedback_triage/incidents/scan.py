"""How improbable the count of a window is, and what is improbable enough.

Every item ends a window of each length in each of its series, so a window is judged given the item that ends it: the
probability that `count - 1` others came. Each item has one label, one theme and one platform, so a month brings as many
judgements as items times series of an item times windows, however many themes there are; the false alarms that a month
may have are divided by that number (Bonferroni over a scan statistic: Glaz, Naus & Wallenstein, Scan Statistics, 2001).
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from feedback_triage.incidents.levels import Usual
from feedback_triage.silence.season import Hours, Season

Floats = npt.NDArray[np.float64]

SHORT_WINDOWS = np.array([0.25, 1.0, 3.0, 12.0])
LONG_WINDOWS = np.array([24.0, 72.0])
MONTH_HOURS = 730.5
ALARMS_A_MONTH = 0.3
"""False alarms that a month may have if the model were true. Real streams are rougher than it, so the budget of one a
month is not spent in full: see benchmarks/results/incidents.md.
"""

MIN_ITEMS = 5
MIN_RATIO = 1.5
MIN_RATIO_PRAISE = 3.0
"""How many times the usual a burst must be; praise that grows is news, but seldom worth an alert."""

NEW_LEVEL = 0.01
"""How probable a new level is in a series that is long known; in one with n items of history it is 1 in n + 1."""

_NEW_LEVEL_SIZE = 1.0
_PRIOR_PAIRS = 5.0


@dataclass(frozen=True, slots=True)
class Judge:
    """What is usual in the windows that end in one block.

    Attributes:
        usual: of all series.
        season: of the stream.
        clumps: shape (n_windows,), see `Clumps`.
        newcomer: shape (n_series,), items in a flat hour that such a series has when it is new; 0 where it cannot be.
        newness: shape (n_series,), the probability that it has a level that its past does not know.
    """

    usual: Usual
    season: Season
    clumps: Floats
    newcomer: Floats
    newness: Floats

    def probability(self, series: int, count: int, exposure: Floats | float, clump: float) -> Floats:
        """Give the probability of `count` items or more in `exposure` flat hours.

        A topic can be new: with the probability `newness` a series other than `all` has a level that its past does not
        know, drawn around the one that is common among its kind. A new theme as large as others is born, no burst.
        """
        known = self.usual.probability_at_least(series, count, exposure, clump)
        if self.newcomer[series] <= 0:
            return known
        mean = np.asarray(exposure) * self.newcomer[series]
        # A geometric count: the negative binomial of size 1.
        new = (mean / (mean + _NEW_LEVEL_SIZE)) ** count
        share = self.newness[series]
        return np.asarray((1 - share) * known + share * new)


@dataclass(slots=True)
class Clumps:
    """How much more items come in clumps than the time of day explains: replies, threads, hours rounded.

    The moment estimate from pairs: two items of one block lie within a window's length of each other so many times as
    often as they would at random (the pair correlation of a Cox process is 1 + its squared relative spread: Diggle,
    Statistical Analysis of Spatial and Spatio-Temporal Point Patterns, 2014, ch. 5).
    """

    seen: Floats = field(default_factory=lambda: np.zeros(len(SHORT_WINDOWS)))
    expected: Floats = field(default_factory=lambda: np.zeros(len(SHORT_WINDOWS)))

    def learn(self, times: Hours, season: Season, start: float, end: float) -> None:
        """Learn from the sorted items of the block `[start, end)`."""
        n = len(times)
        if n < 2:
            return
        flat = float(season.exposure(end) - season.exposure(start))
        for i, window in enumerate(SHORT_WINDOWS):
            if window >= end - start:
                continue
            within = np.searchsorted(times, times + window, side="right") - np.arange(n) - 1
            share = window / (end - start)
            self.seen[i] += within.sum()
            self.expected[i] += n * (n - 1) / 2 * share * (2 - share) * _unevenness(season, start, end, flat)

    def spread(self) -> Floats:
        """Give the squared relative spread, 0 where nothing clumps, (n_windows,)."""
        return np.asarray(np.maximum(0.0, (self.seen + _PRIOR_PAIRS) / (self.expected + _PRIOR_PAIRS) - 1))


def _unevenness(season: Season, start: float, end: float, flat: float) -> float:
    """Give how much nearer pairs lie because the rate changes within the block: the mean square of its hours."""
    edges = np.arange(start, end + 1e-9, 1.0)
    parts = np.diff(season.exposure(edges)) / flat
    return float((parts**2).sum() * len(parts))


def threshold(items_a_month: float, n_series_an_item: float, n_windows: int) -> float:
    """Give the probability under which a window is a burst."""
    return ALARMS_A_MONTH / (max(items_a_month, 30.0) * max(n_series_an_item, 1.0) * n_windows)
