"""How many items a window should get: the distribution of a count, learned from the counts before it.

The model is a mixture of gamma-Poisson filters. Each has a discount (how fast the level drifts: Smith &
Miller 1986; West & Harrison, Bayesian Forecasting and Dynamic Models, 1997, ch. 10) and a dispersion
(negative binomial, variance = mean + dispersion * mean^2). They are weighted by how well each predicted the
blocks before the window, one after the other (prequential weights, Dawid 1984), so drift and dispersion are
estimated from blocks as long as the window, and what is not known with little history widens the interval.
A block far outside its own prediction is pulled to its edge before it is learned from, so an outage does
not raise what is expected later.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, logsumexp
from scipy.stats import nbinom

Floats = npt.NDArray[np.float64]

DISCOUNTS = np.array([0.5, 0.7, 0.85, 0.93, 0.97, 1.0])
DISPERSIONS = np.array([0.0001, 0.001, 0.01, 0.03, 0.07, 0.15, 0.3, 0.6, 1.2])
_PRIOR_SHAPE = 0.5
_OUTLYING_SDS = 3.0
_WEIGHT_MEMORY = 0.99


@dataclass(frozen=True, slots=True)
class Forecast:
    """A predictive distribution of a count: a mixture of negative binomials.

    Attributes:
        means, sizes, weights: shape (n_parts,); the weights sum to 1.
    """

    means: Floats
    sizes: Floats
    weights: Floats

    @property
    def mean(self) -> float:
        """The expected count."""
        return float(self.weights @ self.means)

    @property
    def variance(self) -> float:
        """The variance of the count."""
        squares = self.means**2 * (1 + 1 / self.sizes) + self.means
        return float(self.weights @ squares) - self.mean**2

    def probability_at_most(self, count: float) -> float:
        """Give the probability of `count` items or fewer."""
        if count < 0:
            return 0.0
        return float(self.weights @ nbinom.cdf(count, self.sizes, self.sizes / (self.sizes + self.means)))

    def quantile(self, probability: float) -> int:
        """Give the smallest count that is not exceeded with at least this probability."""
        high = 1
        while self.probability_at_most(high) < probability:
            high *= 2
        low = -1
        while high - low > 1:
            middle = (low + high) // 2
            if self.probability_at_most(middle) < probability:
                low = middle
            else:
                high = middle
        return high

    def interval(self, coverage: float = 0.95) -> tuple[int, int]:
        """Give the central prediction interval, both ends inclusive."""
        tail = (1 - coverage) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def log_probability(self, count: int) -> float:
        """Give the log of the probability of exactly `count` items."""
        logs = nbinom.logpmf(count, self.sizes, self.sizes / (self.sizes + self.means)) + np.log(self.weights + 1e-300)
        return float(logsumexp(logs))

    def scaled(self, factor: float, spread: float) -> "Forecast":
        """Multiply by a gamma-distributed factor of this mean and this squared relative spread."""
        sizes = 1 / ((1 + 1 / self.sizes) * (1 + spread) - 1)
        return Forecast(self.means * factor, sizes, self.weights)


def mixed(first: Forecast, second: Forecast, share: float) -> Forecast:
    """Mix two predictions; `share` (0..1) is the weight of the second."""
    return Forecast(
        np.concatenate([first.means, second.means]),
        np.concatenate([first.sizes, second.sizes]),
        np.concatenate([first.weights * (1 - share), second.weights * share]),
    )


def forecast(
    counts: Floats,
    exposures: Floats,
    exposure: float,
    n_steps: float = 1.0,
    *,
    discounts: Floats = DISCOUNTS,
) -> Forecast:
    """Predict the count of a window from the blocks before it.

    Args:
        counts: shape (n_blocks,), oldest first; items in each block.
        exposures: shape (n_blocks,); size of each block in flat hours, above 0.
        exposure: size of the window in flat hours.
        n_steps: how many blocks long the way from the last block to the end of the window is; above 1 the
            level has had more time to drift.
        discounts: how fast the level may drift; only 1.0 for "as if nothing had changed".

    Returns:
        The predictive distribution. With no blocks at all it is next to nothing known: ask for the history
        first.
    """
    discount, dispersion = (part.ravel() for part in np.meshgrid(discounts, DISPERSIONS, indexing="ij"))
    level = max(float(counts.sum()), 0.5) / max(float(exposures.sum()), 1e-9)
    shape = np.full(discount.shape, _PRIOR_SHAPE)
    rate = shape / level
    log_weights = np.zeros(discount.shape)
    for seen, size in zip(counts, exposures, strict=True):
        shape, rate = discount * shape, discount * rate
        mean = size * shape / rate
        nb_size = _size(dispersion, shape)
        weights = _normalised(log_weights)
        centre = float(weights @ mean)
        variance = float(weights @ (mean + mean**2 / nb_size + mean**2)) - centre**2
        edge = _OUTLYING_SDS * np.sqrt(max(variance, 1.0))
        count = float(np.clip(seen, max(0.0, centre - edge), centre + edge))
        log_weights = _WEIGHT_MEMORY * log_weights + _log_density(count, mean, nb_size)
        informative = 1 / (1 + dispersion * mean)
        shape, rate = shape + informative * count, rate + informative * size
    shape, rate = discount**n_steps * shape, discount**n_steps * rate
    return Forecast(exposure * shape / rate, _size(dispersion, shape), _normalised(log_weights))


def _size(dispersion: Floats, shape: Floats) -> Floats:
    """Give the negative binomial size that holds the dispersion and the uncertainty of the level."""
    return np.asarray(1 / (dispersion * (1 + 1 / shape) + 1 / shape))


def _normalised(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _log_density(count: float, mean: Floats, size: Floats) -> Any:
    """Give the log density of a negative binomial, continued between the integers."""
    total = size + mean
    return (
        gammaln(count + size)
        - gammaln(size)
        - gammaln(count + 1)
        + size * np.log(size / total)
        + count * np.log(mean / total)
    )
