"""What is usual: a prediction interval for a count, from the counts of the periods before."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import sqrt

from scipy.special import betainc, ndtri, stdtrit

N_MEAN_PERIODS = 4
"""Periods that make the mean: the four weeks before."""

N_SPREAD_PERIODS = 12
"""Periods that tell how much the counts usually vary."""


N_PSEUDO_PAIRS = 2
"""How strongly the spread is drawn towards that of pure chance, in pairs of neighbouring periods."""


class Change(StrEnum):
    """How a count compares with what is usual."""

    MORE = "more"
    FEWER = "fewer"
    AS_USUAL = "as usual"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class UsualRange:
    """What the next count would be if nothing changed.

    Attributes:
        mean: of the (up to four) periods before, 0 or more.
        lower, upper: 95 % prediction interval, both inclusive.
        n_periods: how many periods made the mean, 1 or more.
    """

    mean: float
    lower: int
    upper: int
    n_periods: int

    def change(self, observed: int) -> Change:
        """`MORE` or `FEWER` only outside the interval."""
        if observed > self.upper:
            return Change.MORE
        return Change.FEWER if observed < self.lower else Change.AS_USUAL


def usual_range(counts: Sequence[int]) -> UsualRange | None:
    """Give the 95 % prediction interval for the count of the next period.

    A negative binomial whose mean is that of the last four periods (plus half an event, the Jeffreys prior
    of a Poisson rate) and whose variance is the mean times the dispersion times (1 + 1/n). With dispersion
    1 that is the gamma-Poisson predictive distribution (Gelman et al., Bayesian Data Analysis, section
    2.6). The dispersion comes from the differences of neighbours among up to twelve periods (von Neumann
    1941), drawn towards 1, and is never below 1.

    Args:
        counts: of whole earlier periods of equal length, the nearest first.

    Returns:
        The interval, or None when there is no earlier period.
    """
    recent = counts[:N_MEAN_PERIODS]
    if not recent:
        return None
    n = len(recent)
    mean = (sum(recent) + 0.5) / n
    variance = mean * _dispersion(counts[:N_SPREAD_PERIODS]) * (1 + 1 / n)
    shape = mean**2 / (variance - mean)
    chance = mean / variance
    bound = mean + 12 * sqrt(variance) + 12
    lower, upper = (_quantile(level, shape, chance, int(bound)) for level in (0.025, 0.975))
    return UsualRange(mean=sum(recent) / n, lower=lower, upper=upper, n_periods=n)


def _dispersion(counts: Sequence[int]) -> float:
    """Give the variance-to-mean ratio, told by neighbouring periods so that a trend does not count as spread.

    Widened as Student's t is against the normal distribution, for it is estimated from few periods.
    """
    pairs = [(a, b) for a, b in pairwise(counts) if a + b]
    freedom = N_PSEUDO_PAIRS + len(pairs)
    estimate = (N_PSEUDO_PAIRS + sum((a - b) ** 2 / (a + b) for a, b in pairs)) / freedom
    return max(1.0, estimate * float(stdtrit(freedom, 0.975) / ndtri(0.975)) ** 2)


def _quantile(level: float, shape: float, chance: float, bound: int) -> int:
    """Give the smallest count whose cumulative probability reaches the level, by bisection below the
    bound.
    """
    low, high = 0, bound
    while low < high:
        middle = (low + high) // 2
        if betainc(shape, middle + 1, chance) >= level:
            high = middle
        else:
            low = middle + 1
    return low
