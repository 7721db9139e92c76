"""Figures about a classifier, each with the interval that its sample size allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

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
    """Mean F1 over the classes that occur in `truth`; an abstention is written as `other` in `predicted`."""
    true, guess = np.asarray(truth, dtype=object), np.asarray(predicted, dtype=object)
    present = [name for name in classes if (true == name).any()]

    def figure(rows: NDArray[np.int64]) -> float:
        return float(f1_score(true[rows], guess[rows], labels=present, average="macro", zero_division=0.0))

    return bootstrap(len(true), figure)


def label_f1(truth: Sequence[str], predicted: Sequence[str], name: str) -> Estimate:
    """F1 of one class."""
    true, guess = np.asarray(truth, dtype=object), np.asarray(predicted, dtype=object)

    def figure(rows: NDArray[np.int64]) -> float:
        return float(f1_score(true[rows], guess[rows], labels=[name], average="macro", zero_division=0.0))

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


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """What abstaining buys.

    Attributes:
        thresholds: ascending.
        coverage: share of items that get a label at each threshold, 0..1.
        risk: share of the labelled items whose label is wrong, 0..1; 0 where nothing is labelled.
    """

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]

    def threshold_for(self, max_wrong_per_100: float) -> float:
        """The lowest threshold from which on at most that many of 100 given labels are wrong; 1.01 if there is none."""
        fits = self.risk <= max_wrong_per_100 / 100
        # Every higher threshold must fit too: one lucky dip in the curve is not a promise.
        lasting = np.logical_and.accumulate(fits[::-1])[::-1]
        return float(self.thresholds[lasting][0]) if lasting.any() else 1.01


def risk_coverage(
    truth: Sequence[str],
    best_label: Sequence[str],
    best_probability: NDArray[np.float64],
    prefers_none: NDArray[np.bool_],
) -> RiskCoverage:
    """Risk and coverage for thresholds from 0 to 1.

    Args:
        truth: gold labels, `other` for none of the labels.
        best_label: likeliest label of each item.
        best_probability: its probability, 0..1.
        prefers_none: items for which "none of the labels" is likelier still; they never get a label.
    """
    is_wrong = np.asarray(truth, dtype=object) != np.asarray(best_label, dtype=object)
    thresholds = np.round(np.linspace(0.0, 1.0, 101), 2)
    given = [(best_probability >= threshold) & ~prefers_none for threshold in thresholds]
    coverage = np.array([mask.mean() if mask.size else 0.0 for mask in given])
    risk = np.array([is_wrong[mask].mean() if mask.any() else 0.0 for mask in given])
    return RiskCoverage(thresholds, coverage, risk)


def as_classes(labels: Sequence[str | None]) -> list[str]:
    """Labels with an abstention written as `other`, to be compared with gold."""
    return [NONE_OF_THEM if label is None else label for label in labels]
