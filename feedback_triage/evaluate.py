"""Figures about a classifier, each with the interval that its sample size allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.taxonomy import NONE_OF_THEM

_BOOTSTRAP_ROUNDS = 1_000
_SEED = 20_170_401


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % bootstrap interval.

    Attributes:
        value: 0..1.
        lower, upper: the 2.5th and 97.5th percentile over resampled items.
        n: items it rests on.
    """

    value: float
    lower: float
    upper: float
    n: int


def bootstrap(n: int, figure: Callable[[NDArray[np.int64]], float], *, seed: int = _SEED) -> Estimate:
    """Percentile bootstrap (Efron 1979) over items.

    Args:
        n: number of items; 0 gives nan.
        figure: computes the figure for the given positions.
        seed: of the resampling.
    """
    if n == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    rng = np.random.default_rng(seed)
    values = [figure(rng.integers(0, n, n)) for _ in range(_BOOTSTRAP_ROUNDS)]
    lower, upper = np.percentile(values, [2.5, 97.5])
    return Estimate(round(figure(np.arange(n)), 4), round(float(lower), 4), round(float(upper), 4), n)


def macro_f1(truth: Sequence[str], predicted: Sequence[str], classes: Sequence[str]) -> Estimate:
    """Mean F1 over the classes that occur in `truth`; an abstention is written as `other` in `predicted`.

    In a resample, a class that occurs neither in truth nor in prediction counts as 0, as scikit-learn does it.
    """
    true, guess = np.asarray(truth, dtype=object), np.asarray(predicted, dtype=object)
    return _mean_f1(true, guess, [name for name in classes if (true == name).any()])


def label_f1(truth: Sequence[str], predicted: Sequence[str], name: str) -> Estimate:
    """F1 of one class; 0 where it occurs neither in truth nor in prediction."""
    return _mean_f1(np.asarray(truth, dtype=object), np.asarray(predicted, dtype=object), [name])


def _mean_f1(true: NDArray[np.object_], guess: NDArray[np.object_], names: Sequence[str]) -> Estimate:
    of_truth = np.array([true == name for name in names], dtype=np.int64).reshape(len(names), len(true))
    of_guess = np.array([guess == name for name in names], dtype=np.int64).reshape(len(names), len(true))
    of_both = of_truth * of_guess

    def figure(rows: NDArray[np.int64]) -> float:
        # F1 = 2 hits / (true + guessed), from counts of how often each item was drawn.
        times = np.bincount(rows, minlength=len(true))
        total = (of_truth + of_guess) @ times
        return float(np.divide(2.0 * (of_both @ times), total, out=np.zeros(len(names)), where=total > 0).mean())

    return bootstrap(len(true), figure)


def expected_calibration_error(is_right: NDArray[np.bool_], confidence: NDArray[np.float64], n_bins: int = 10) -> float:
    """Mean gap between confidence and accuracy over equal-width bins, weighted by items (Naeini et al. 2015), 0..1."""
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [
        abs(is_right[bins == index].mean() - confidence[bins == index].mean()) * (bins == index).mean()
        for index in range(n_bins)
        if (bins == index).any()
    ]
    return round(float(sum(gaps)), 4)


def as_classes(labels: Sequence[str | None]) -> list[str]:
    """Labels with an abstention written as `other`, to be compared with gold."""
    return [NONE_OF_THEM if label is None else label for label in labels]
