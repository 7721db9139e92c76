"""What reports of a theme would have done had a fix changed nothing, and by what factor they changed.

The expectation is a mixture of gamma-Poisson filters over the blocks before the fix (Smith & Miller 1986; West &
Harrison, Bayesian Forecasting and Dynamic Models, 1997, ch. 10), as in `silence.forecast`, with one more way for a
level to go: it may have been fading anyway, with a half-life in proportion to the time over which the theme was seen.
Every part is weighted by how well it foretold the blocks before the fix (Dawid 1984), so reports that keep their level
refute fading, and those that were fading already, or came as one spike, give a wide expectation. In a long history
the fault may also have begun only some days ago, with too few reports yet for a clear step: parts in which the level
begins anew at one of the last blocks are weighted in the same way.

The factor is the ratio of the rate after the fix to the rate expected. Half of its prior says "as before" (log-normal
around 1), the other half is Jeffreys' prior of a Poisson rate, cut at 1. Its posterior is taken on a grid.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feedback_triage.silence.counts import log_density, size_of
from feedback_triage.silence.forecast import Forecast

Floats = npt.NDArray[np.float64]

FAR_FEWER = 1 / 3
"""A fix holds when the rate fell below this share of what was expected."""

HALF_LIVES = np.array([np.inf, 2.0, 0.5, 1 / 6])
"""How fast reports may have been fading anyway, in lengths of the time before the fix over which they came."""

_HALF_LIFE_WEIGHTS = np.array([0.7, 0.1, 0.1, 0.1])
_DISCOUNTS = np.array([0.85, 0.93, 0.97, 1.0])
_DISCOUNT_WEIGHTS = np.array([0.1, 0.15, 0.25, 0.5])
_MOST_DRIFT_STEPS = 7.0
"""Blocks after which a level that drifts is no more uncertain: what a theme brings is held by how many it concerns."""

_DISPERSIONS = np.array([1e-4, 0.03, 0.1, 0.3, 0.8, 2.0])
_PRIOR_SHAPE = 0.5
_AS_BEFORE_SD = 0.3
_NO_WEIGHT = 1e-6

_BEGUN_SINCE = 0.3
"""How likely it is, before any report, that a fault began in the later half of a long history."""
_BEGUN_BLOCKS_AGO = np.array([1, 2, 3, 5, 8, 13, 21])
_SHORTEST_LONG_HISTORY = 15  # blocks; a shorter history begins with the fault or with the first report
_BEGUN_SHAPE, _BEGUN_FACTOR = 2.0, 4.0  # gamma distribution of the new level, over that of all of the history
_BEGUN_HALF_LIVES = ((np.inf, 0.7), (1.0, 0.3))  # in lengths of the time since it began, and how likely


@dataclass(frozen=True, slots=True)
class Reach:
    """The time after the fix that is judged, in exposure, split by who has the fix.

    Attributes:
        at: middles of its slices in lengths of the history after the fix, shape (n,).
        with_fix, without_fix: exposure of the slices to customers who have the fix, and who do not and would be
            counted, shape (n,).
        n_steps: how many blocks of the history fit from the fix to its end.
        n_blocks: how many fit into the time itself.
    """

    at: Floats
    with_fix: Floats
    without_fix: Floats
    n_steps: float
    n_blocks: float


@dataclass(frozen=True, slots=True)
class Level:
    """What the blocks before the fix say about the level at the fix: the parts of the mixture.

    Attributes:
        half_life: of each part, in lengths of the history, shape (n_parts,).
        discount, dispersion: how fast its level drifts, and how uneven its blocks are, shape (n_parts,).
        shape, rate: gamma distribution of the level of each part, shape (n_parts,).
        log_weights: of the parts, shape (n_parts,).
    """

    half_life: Floats
    discount: Floats
    dispersion: Floats
    shape: Floats
    rate: Floats
    log_weights: Floats


def learn_level(
    counts: Floats, exposures: Floats, before: Floats, shortest: float = 0.0, *, is_fixed: bool = True
) -> Level:
    """Learn the level of reports at the fix.

    Args:
        counts: reports in each block, oldest first, shape (n_blocks,).
        exposures: size of each block, above 0.
        before: middle of each block, in lengths of the history before the fix, falling towards 0.
        shortest: half-life, in the same lengths, below which nothing fades by itself.
        is_fixed: of reports of what was fixed. A fault that somebody fixed may well have begun of late; of other
            reports there is no reason to think so.

    Returns:
        The parts; with no block at all next to nothing is known.
    """
    n = len(counts)
    start = max(float(counts.sum()), 0.5) / max(float(exposures.sum()), 1e-9)
    blocks_ago = (
        _BEGUN_BLOCKS_AGO[n > 2 * _BEGUN_BLOCKS_AGO]
        if is_fixed and n >= _SHORTEST_LONG_HISTORY
        else np.array([], dtype=int)
    )
    half_life, discount, dispersion, onset, weight = _parts(n, n - blocks_ago)
    half_life = np.maximum(half_life, shortest)
    shape = np.full(discount.shape, _PRIOR_SHAPE)
    rate = shape / start
    log_weights = np.log(weight)
    for number, (seen, size, ago) in enumerate(zip(counts, exposures, before, strict=True)):
        # In a part whose fault began here, what came before it says nothing of the level.
        begins = (onset == number) & (number > 0)
        shape = np.where(begins, _BEGUN_SHAPE, discount * shape)
        rate = np.where(begins, _BEGUN_SHAPE / (_BEGUN_FACTOR * start), discount * rate)
        # In a part that fades, a block lay higher by what has faded since.
        fading = np.where(onset <= number, half_life, np.inf)
        scaled = size * 2 ** (ago / fading)
        mean = scaled * shape / rate
        log_weights = log_weights + log_density(float(seen), mean, size_of(dispersion, shape))
        informative = 1 / (1 + dispersion * mean)
        shape, rate = shape + informative * seen, rate + informative * scaled
    return Level(half_life, discount, dispersion, shape, rate, log_weights)


def _parts(n_blocks: int, onsets: npt.NDArray[np.int64]) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Give half-life (in lengths), discount, dispersion, first block and prior weight of each part."""
    since = _BEGUN_SINCE if len(onsets) else 0.0
    of_discount = {float(d): float(w) for d, w in zip(_DISCOUNTS, _DISCOUNT_WEIGHTS, strict=True)}
    rows = [
        (float(half_life), discount, float(dispersion), 0.0, (1 - since) * float(weight) * of_discount[discount])
        for half_life, weight in zip(HALF_LIVES, _HALF_LIFE_WEIGHTS, strict=True)
        for discount in of_discount
        for dispersion in _DISPERSIONS
    ]
    rows += [
        (half_life * (1 - onset / n_blocks), 1.0, float(dispersion), float(onset), since * weight / len(onsets))
        for onset in onsets.tolist()
        for half_life, weight in _BEGUN_HALF_LIVES
        for dispersion in _DISPERSIONS
    ]
    columns = np.array(rows).T
    return columns[0], columns[1], columns[2], columns[3], columns[4] / len(_DISPERSIONS)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would have come after the fix.

    Attributes:
        unchanged: the prediction had it changed nothing.
        with_fix: share of that which customers who have the fix would have written, of each part.
    """

    unchanged: Forecast
    with_fix: Floats

    def posterior(self, observed: int) -> tuple[Floats, Floats]:
        """Give the grid of the ratio and its posterior, summing to 1, when so many reports came."""
        rows = self.unchanged.weights > _NO_WEIGHT
        left = 1 - self.with_fix[rows, None] * (1 - RATIOS)
        means = np.maximum(self.unchanged.means[rows, None] * left, 1e-12)
        log_mass = log_density(float(observed), means, self.unchanged.sizes[rows, None]) + _LOG_PRIOR
        of_part = np.exp(log_mass - log_mass.max(axis=1, keepdims=True))
        of_part /= of_part.sum(axis=1, keepdims=True)
        # The parts keep the weights of before the fix: what comes after it cannot tell a fix from fading, and must not
        # be taken as evidence for fading (a cut: Plummer 2015).
        mass = (self.unchanged.weights[rows, None] * of_part).sum(axis=0)
        return RATIOS, np.asarray(mass / mass.sum())

    def probability_below(self, observed: int, ratio: float = FAR_FEWER) -> float:
        """Give the probability that the rate fell below `ratio` of what was expected."""
        ratios, mass = self.posterior(observed)
        return float(mass[ratios < ratio].sum())

    def likeliest_ratio(self, observed: int) -> float:
        """Give the median of the ratio."""
        ratios, mass = self.posterior(observed)
        return float(ratios[int(np.searchsorted(np.cumsum(mass), 0.5))])


def look_ahead(level: Level, reach: Reach) -> Outlook:
    """Predict the reports of the time after the fix, had it changed nothing."""
    factor = 2 ** (-reach.at[None, :] / level.half_life[:, None])
    new, old = (factor * reach.with_fix).sum(axis=1), (factor * reach.without_fix).sum(axis=1)
    kept = level.discount ** min(reach.n_steps, _MOST_DRIFT_STEPS)
    shape = np.maximum(kept * level.shape, 1e-6)
    weights = np.exp(level.log_weights - level.log_weights.max())
    whole = np.maximum(new + old, 1e-12)
    means = whole * level.shape / level.rate
    # The days of the window have their ups and downs apart from one another, so these become smaller in its sum.
    return Outlook(
        Forecast(means, size_of(level.dispersion / max(reach.n_blocks, 1.0), shape), weights / weights.sum()),
        new / whole,
    )


def _ratio_grid() -> tuple[Floats, Floats]:
    ratios = np.geomspace(1e-3, 4.0, 240)
    as_before = np.exp(-0.5 * (np.log(ratios) / _AS_BEFORE_SD) ** 2)
    fewer = np.where(ratios <= 1, np.sqrt(ratios), 0.0)  # Jeffreys' density, on a grid even in the logarithm
    return ratios, 0.5 * as_before / as_before.sum() + 0.5 * fewer / fewer.sum()


RATIOS, _PRIOR = _ratio_grid()
_LOG_PRIOR = np.log(np.maximum(_PRIOR, 1e-300))
