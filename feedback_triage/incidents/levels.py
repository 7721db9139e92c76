"""How much each series usually brings: the model of `silence.forecast`, for many series at once and step by step.

A mixture of gamma-Poisson filters for each series, each with a discount (how fast the level drifts) and a dispersion,
weighted by how well it foretold the blocks so far. A block far outside its own prediction is pulled to its edge before
it is learned from. See `silence.forecast` for the sources of the method; here a block is learned from in a time that
does not depend on how many came before it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammaln

from feedback_triage.silence.counts import size_of

Floats = npt.NDArray[np.float64]

_DISCOUNTS_A_DAY = np.array([0.7, 0.85, 0.93, 0.97, 1.0])
_DISPERSIONS = np.array([0.001, 0.01, 0.03, 0.1, 0.3, 0.8])
_DISCOUNT, _DISPERSION = (part.ravel() for part in np.meshgrid(_DISCOUNTS_A_DAY, _DISPERSIONS, indexing="ij"))
_PRIOR_SHAPE = 0.5
_LEAST_SHAPE = 1e-9
_PRIOR_DISPERSION = np.array([0.05, 0.1, 0.15, 0.25, 0.25, 0.2])
"""Few streams are as even as chance: what little history there is should not be taken for that."""

_PRIOR = np.log(np.tile(_PRIOR_DISPERSION, len(_DISCOUNTS_A_DAY)))
_OUTLYING_SDS = 3.0
_WEIGHT_MEMORY_A_DAY = 0.99


@dataclass(frozen=True, slots=True)
class Usual:
    """What the series bring in one flat hour: for each a mixture of negative binomials.

    Attributes:
        levels: shape (n_series, n_parts), means.
        sizes: same shape.
        weights: same shape, each row sums to 1.
        first: shape (n_series,), mean of the mixture.
        second: shape (n_series,): with an exposure E the second moment is E^2 `second` + E `first`.
    """

    levels: Floats
    sizes: Floats
    weights: Floats
    first: Floats
    second: Floats

    def variance(self, series: npt.NDArray[np.int64] | int, exposure: Floats | float, clump: Floats | float) -> Floats:
        """Give the variance of the count in `exposure` flat hours."""
        mean = exposure * self.first[series]
        return np.asarray(mean + exposure**2 * self.second[series] * (1 + clump) - mean**2)

    def probability_at_least(self, series: int, count: int, exposure: Floats | float, clump: float = 0.0) -> Floats:
        """Give the probability of `count` items or more.

        Args:
            series: which.
            count: 0 or more.
            exposure: flat hours, any shape; above 0.
            clump: squared relative spread that a window as short has besides (see `scan.Clumps`).

        Returns:
            Probabilities, the shape of `exposure`.
        """
        flat = np.asarray(exposure, dtype=np.float64)
        if count <= 0:
            return np.ones_like(flat)
        size = 1 / ((1 + 1 / self.sizes[series]) * (1 + clump) - 1)
        mean = flat[..., None] * self.levels[series]
        tails = betainc(float(count), size, mean / (mean + size))
        return np.asarray((self.weights[series] * tails).sum(axis=-1))

    def interval(self, series: int, exposure: float) -> tuple[int, int]:
        """Give the central 95 % prediction interval, both ends inclusive."""
        return self._quantile(series, exposure, 0.025), self._quantile(series, exposure, 0.975)

    def _quantile(self, series: int, exposure: float, probability: float) -> int:
        low, high = -1, 1
        while 1 - float(self.probability_at_least(series, high + 1, exposure)) < probability:
            high *= 2
        while high - low > 1:
            middle = (low + high) // 2
            if 1 - float(self.probability_at_least(series, middle + 1, exposure)) < probability:
                low = middle
            else:
                high = middle
        return high


class Levels:
    """The filters of all series, moved on block by block."""

    def __init__(self, counts: Floats, exposure: float, block_hours: float) -> None:
        """Begin with what a first stretch of time brought.

        Args:
            counts: shape (n_series,), items of each series in that stretch.
            exposure: its flat hours.
            block_hours: length of the blocks to come.
        """
        self._discount = _DISCOUNT ** (block_hours / 24)
        self._memory = _WEIGHT_MEMORY_A_DAY ** (block_hours / 24)
        self._shape = np.full((len(counts), len(_DISCOUNT)), _PRIOR_SHAPE)
        self._rate = self._shape / (np.maximum(counts, 0.5) / exposure)[:, None]
        self._log_weights = np.tile(_PRIOR, (len(counts), 1))

    def usual(self, n_steps: float) -> Usual:
        """Give what the series bring now, `n_steps` blocks after the last one that was learned from."""
        weights = _normalised(self._log_weights)
        levels = self._shape / self._rate
        sizes = size_of(_DISPERSION, self._discount**n_steps * self._shape)
        first = (weights * levels).sum(axis=1)
        second = (weights * levels**2 * (1 + 1 / sizes)).sum(axis=1)
        return Usual(levels, sizes, weights, first, second)

    def expected(self, exposures: Floats) -> Floats:
        """Give the mean that the next block of these exposures should bring, (n_series,)."""
        return np.asarray((_normalised(self._log_weights) * self._shape / self._rate).sum(axis=1) * exposures)

    def learn(self, counts: Floats, exposures: Floats) -> None:
        """Learn from the next block.

        Args:
            counts: shape (n_series,).
            exposures: shape (n_series,), flat hours; 0 where nothing can be learned.
        """
        known = (exposures > 0)[:, None]
        size = np.where(known, exposures[:, None], 1.0)
        before = self._shape, self._rate, self._log_weights
        # A series that is silent for years forgets everything but its level, and never comes to 0 / 0.
        discount = np.maximum(self._discount, _LEAST_SHAPE / self._shape)
        self._shape = discount * self._shape
        self._rate = discount * self._rate
        mean = size * self._shape / self._rate
        nb_size = size_of(_DISPERSION, self._shape)
        weights = _normalised(self._log_weights)
        centre = (weights * mean).sum(axis=1)
        variance = (weights * (mean + mean**2 / nb_size + mean**2)).sum(axis=1) - centre**2
        edge = _OUTLYING_SDS * np.sqrt(np.maximum(variance, 1.0))
        count = np.clip(counts, np.maximum(0.0, centre - edge), centre + edge)[:, None]
        self._log_weights = self._memory * self._log_weights + _log_density(count, mean, nb_size)
        informative = 1 / (1 + _DISPERSION * mean)
        after = self._shape + informative * count, self._rate + informative * size, self._log_weights
        self._shape, self._rate, self._log_weights = (
            np.where(known, new, old) for new, old in zip(after, before, strict=True)
        )

    def scale(self, factors: Floats) -> None:
        """Multiply the levels, (n_series,): a source that begins to count adds its share."""
        self._rate = self._rate / factors[:, None]


def _normalised(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _log_density(count: Floats, mean: Floats, size: Floats) -> Floats:
    """Give the log density of a negative binomial, continued between the integers, without what all parts share."""
    total = size + mean
    return np.asarray(
        gammaln(count + size) - gammaln(size) + size * np.log(size / total) + count * np.log(mean / total)
    )
