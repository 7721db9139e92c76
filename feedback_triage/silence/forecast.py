"""How many items a window should get: the distribution of a count, learned from the counts before it.

The model is a mixture of gamma-Poisson filters. Each has a discount (how fast the level drifts: Smith &
Miller 1986; West & Harrison, Bayesian Forecasting and Dynamic Models, 1997, ch. 10), a growth (how much the
level rises or falls from block to block) and a dispersion (negative binomial, variance = mean + dispersion *
mean^2). They are weighted by how well each predicted the blocks before the window, one after the other
(prequential weights, Dawid 1984), so drift, trend and dispersion are estimated from blocks as long as the
window, and what is not known with little history widens the interval. A block far outside its own prediction
is pulled to its edge before it is learned from, so an outage does not raise what is expected later; that blocks
like it come now and then is learned apart, and belongs in the upper tail alone (`silence.surges`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, logsumexp

from feedback_triage.silence.counts import log_density, size_of
from feedback_triage.silence.surges import SURGE_SPREAD, Surges

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DISCOUNTS = np.array([0.5, 0.7, 0.85, 0.93, 0.97, 1.0])
DISPERSIONS = np.array([0.0003, 0.005, 0.02, 0.06, 0.15, 0.4, 1.0])
_DISPERSION_ODDS = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.4, 0.1])  # counts that wild are rare, and widen everything
GROWTHS = np.array([-0.12, -0.04, 0.04, 0.12])
_GROWING_DISCOUNTS = np.array([0.85, 0.97])
_PRIOR_SHAPE = 0.5
_OUTLYING_SDS = 3.0
_WEIGHT_MEMORY = 0.99
_EVIDENCE = 0.75
"""A block counts as this much of one when filters are weighed: what a few blocks seem to say of drift and
dispersion is believed less than if the filters were the truth (Grunwald's safe Bayes, 2012)."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A predictive distribution of a count: a mixture of negative binomials.

    Attributes:
        means, sizes, weights: shape (n_parts,); the weights sum to 1.
        is_surge: which parts stand for a surge (see `silence.surges`), shape (n_parts,); None for no part.
    """

    means: Floats
    sizes: Floats
    weights: Floats
    is_surge: Flags | None = None

    @property
    def mean(self) -> float:
        """The expected count."""
        return float(self.weights @ self.means)

    @property
    def usual(self) -> float:
        """The expected count where no surge comes."""
        usual = np.where(self.surging, 0.0, self.weights)
        return float(usual @ self.means / usual.sum())

    @property
    def surging(self) -> Flags:
        """Which parts stand for a surge, shape (n_parts,)."""
        return np.zeros(len(self.means), dtype=np.bool_) if self.is_surge is None else self.is_surge

    @property
    def variance(self) -> float:
        """The variance of the count."""
        squares = self.means**2 * (1 + 1 / self.sizes) + self.means
        return float(self.weights @ squares) - self.mean**2

    def probability_at_most(self, count: float) -> float:
        """Give the probability of `count` items or fewer."""
        if count < 0:
            return 0.0
        below = betainc(self.sizes, np.floor(count) + 1, self.sizes / (self.sizes + self.means))
        return float(self.weights @ below)

    def quantile(self, probability: float) -> int:
        """Give the smallest count that is not exceeded with at least this probability."""
        high = 1
        while self.probability_at_most(high) < probability:
            high *= 2
        low = high // 2 if high > 1 else -1
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
        logs = log_density(float(count), self.means, self.sizes) + np.log(self.weights + 1e-300)
        return float(logsumexp(logs))

    def scaled(self, factor: float, spread: float = 0.0) -> "Forecast":
        """Multiply by a gamma-distributed factor of this mean and this squared relative spread."""
        sizes = 1 / ((1 + 1 / self.sizes) * (1 + spread) - 1)
        return Forecast(self.means * factor, sizes, self.weights, self.is_surge)


def blended(parts: Sequence[tuple[Forecast, float]]) -> Forecast:
    """Mix predictions, each with its weight; the weights sum to 1."""
    return Forecast(
        np.concatenate([one.means for one, _ in parts]),
        np.concatenate([one.sizes for one, _ in parts]),
        np.concatenate([one.weights * weight for one, weight in parts]),
        np.concatenate([one.surging for one, _ in parts]),
    )


def mixed(first: Forecast, second: Forecast, share: float) -> Forecast:
    """Mix two predictions; `share` (0..1) is the weight of the second."""
    return blended([(first, 1 - share), (second, share)])


def added(first: Forecast, second: Forecast) -> Forecast:
    """Add two independent counts: each part of `first` gets the mean and variance of `second` on top."""
    means = first.means + second.mean
    excess = first.means**2 / first.sizes + max(second.variance - second.mean, 1e-9)
    return Forecast(means, means**2 / excess, first.weights, first.is_surge)


@dataclass(frozen=True, slots=True)
class History:
    """What one window is predicted from.

    Attributes:
        counts: shape (n_blocks,), oldest first; items in each block.
        exposures: shape (n_blocks,); size of each block in flat hours, above 0.
        exposure: size of the window in flat hours.
        n_steps: how many blocks long the way from the last block to the end of the window is; above 1 the level
            has more time to drift.
    """

    counts: Floats
    exposures: Floats
    exposure: float
    n_steps: float = 1.0

    @property
    def n_inside(self) -> float:
        """How many blocks fit into the window, 1 at least: their ups and downs even out in it."""
        blocks = float(self.exposures.mean()) if len(self.exposures) else self.exposure
        return max(1.0, min(self.exposure / blocks, self.n_steps))


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
        counts: see `History`, as are the next three.
        exposures: of the blocks.
        exposure: of the window.
        n_steps: from the last block to the end of the window.
        discounts: how fast the level may drift; only 1.0 for "as if nothing had changed", without growth and
            without surges.

    Returns:
        The predictive distribution. With no blocks at all it is next to nothing known: ask for the history
        first.
    """
    return forecast_many([History(counts, exposures, exposure, n_steps)], discounts=discounts)[0]


def forecast_many(histories: Sequence[History], *, discounts: Floats = DISCOUNTS) -> list[Forecast]:
    """Predict many windows in one go; each as `forecast` does it."""
    if not histories:
        return []
    order = sorted(range(len(histories)), key=lambda i: -len(histories[i].counts))
    ordered = [histories[i] for i in order]
    n_blocks = np.array([len(history.counts) for history in ordered])
    longest = int(n_blocks[0])
    counts, exposures = np.zeros((2, len(ordered), longest))
    for row, history in enumerate(ordered):
        counts[row, longest - n_blocks[row] :] = history.counts
        exposures[row, longest - n_blocks[row] :] = history.exposures
    filters = _Filters.for_discounts(discounts)
    level = np.maximum(counts.sum(axis=1), 0.5) / np.maximum(exposures.sum(axis=1), 1e-9)
    shape = np.full((len(ordered), filters.n), _PRIOR_SHAPE)
    rate = shape / level[:, np.newaxis]
    log_weights = np.zeros_like(shape)
    surges = Surges.none_seen(len(ordered)) if len(discounts) > 1 else None
    for step in range(longest):
        # Rows are ordered by length, so those that have begun stand first.
        begun = int(np.searchsorted(-n_blocks, step - longest, side="right"))
        seen, size = counts[:begun, step, np.newaxis], exposures[:begun, step, np.newaxis]
        shape[:begun] *= filters.discount
        rate[:begun] *= filters.discount * filters.fading
        mean = size * shape[:begun] / rate[:begun]
        nb_size = size_of(filters.dispersion, shape[:begun])
        weights = filters.weights(log_weights[:begun])
        centre = (weights * mean).sum(axis=1, keepdims=True)
        variance = (weights * (mean + mean**2 / nb_size + mean**2)).sum(axis=1, keepdims=True) - centre**2
        edge = _OUTLYING_SDS * np.sqrt(np.maximum(variance, 1.0))
        if surges is not None:
            log_each = np.log(weights + 1e-300) + log_density(seen, mean, nb_size)
            surges.learn(seen[:, 0], centre[:, 0], logsumexp(log_each, axis=1))
        count = np.clip(seen, np.maximum(0.0, centre - edge), centre + edge)
        log_weights[:begun] = _WEIGHT_MEMORY * log_weights[:begun] + log_density(count, mean, nb_size)
        informative = 1 / (1 + filters.dispersion * mean)
        shape[:begun] += informative * count
        rate[:begun] += informative * size
    n_inside = np.array([history.n_inside for history in ordered])[:, np.newaxis]
    # To the middle of the last and first block of the window: that far its mean level has drifted.
    steps = np.array([history.n_steps for history in ordered])[:, np.newaxis] - (n_inside - 1) / 2
    windows = np.array([history.exposure for history in ordered])[:, np.newaxis]
    shape *= filters.discount**steps
    rate *= (filters.discount * filters.fading) ** steps
    means, sizes = windows * shape / rate, size_of(filters.dispersion / n_inside, shape)
    weights = filters.weights(log_weights)
    found = {at: Forecast(means[row], sizes[row], weights[row]) for row, at in enumerate(order)}
    if surges is not None:
        for at, factor, share in zip(order, surges.factor.tolist(), surges.probability.tolist(), strict=True):
            surge = replace(found[at].scaled(factor, SURGE_SPREAD), is_surge=np.ones(filters.n, dtype=np.bool_))
            found[at] = mixed(found[at], surge, share)
    return [found[i] for i in range(len(histories))]


@dataclass(frozen=True, slots=True)
class _Filters:
    """The parts of the mixture, shape (n,) each; `fading` is 1 / growth, `log_odds` the weight before any block."""

    discount: Floats
    fading: Floats
    dispersion: Floats
    log_odds: Floats

    @property
    def n(self) -> int:
        return len(self.discount)

    @classmethod
    def for_discounts(cls, discounts: Floats) -> "_Filters":
        pairs = [(discount, 1.0) for discount in discounts]
        if len(discounts) > 1:
            pairs += [(discount, float(np.exp(-growth))) for growth in GROWTHS for discount in _GROWING_DISCOUNTS]
        discount, fading = np.repeat(np.array(pairs), len(DISPERSIONS), axis=0).T
        return cls(discount, fading, np.tile(DISPERSIONS, len(pairs)), np.log(np.tile(_DISPERSION_ODDS, len(pairs))))

    def weights(self, log_likelihoods: Floats) -> Floats:
        """Give the weights of the parts, shape (n_rows, n)."""
        logs = self.log_odds + _EVIDENCE * log_likelihoods
        weights = np.exp(logs - logs.max(axis=-1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
