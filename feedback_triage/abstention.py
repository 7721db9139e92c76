"""What abstaining costs and buys: thresholds, the items they leave, the errors they let through."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

_LEAST_COVERAGE = 0.2


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What one threshold did to labelled items: how many got a label, and how many of those a wrong one.

    Attributes:
        threshold: least probability of a label that is given, 0..1.
        n_items: items in all.
        n_given: items that get a label.
        n_wrong: of those, how many are wrong.
    """

    threshold: float
    n_items: int
    n_given: int
    n_wrong: int

    @property
    def coverage_ratio(self) -> float:
        """Share of items that get a label, 0..1; 0 if there are no items."""
        return self.n_given / self.n_items if self.n_items else 0.0

    @property
    def risk_ratio(self) -> float:
        """Share of the given labels that are wrong, 0..1; 0 where none is given."""
        return self.n_wrong / self.n_given if self.n_given else 0.0

    @property
    def risk_upper(self) -> float:
        """One-sided 95 % upper limit of the risk (Clopper and Pearson 1934), 0..1."""
        if self.n_wrong >= self.n_given:
            return 1.0
        return float(betaincinv(self.n_wrong + 1, self.n_given - self.n_wrong, 0.95))


def operating_points(
    truth: Sequence[str],
    best_label: Sequence[str],
    best_probability: NDArray[np.float64],
    prefers_none: NDArray[np.bool_],
) -> tuple[OperatingPoint, ...]:
    """Risk and coverage for thresholds from 0 to .99, ascending.

    Args:
        truth: gold labels, `other` for none of the labels.
        best_label: likeliest label of each item.
        best_probability: its probability, 0..1.
        prefers_none: items for which "none of the labels" is likelier still; they never get a label.
    """
    is_wrong = np.asarray(truth, dtype=object) != np.asarray(best_label, dtype=object)
    points = []
    for percent in range(100):
        given = (best_probability >= percent / 100) & ~prefers_none
        points.append(OperatingPoint(percent / 100, len(is_wrong), int(given.sum()), int(is_wrong[given].sum())))
    return tuple(points)


def first_point(points: Sequence[OperatingPoint]) -> OperatingPoint:
    """Where the search for a threshold starts: the strictest one that still labels a fifth of the items.

    Chosen by the probabilities alone. A stricter start would rest on few items and forbid what many would allow.
    Where none labels a fifth, it is the lowest.

    Args:
        points: at least one.
    """
    ordered = sorted(points, key=lambda point: -point.threshold)
    return next((point for point in ordered if point.coverage_ratio >= _LEAST_COVERAGE), ordered[-1])


def point_within(points: Sequence[OperatingPoint], max_wrong_per_100: float) -> OperatingPoint | None:
    """The lowest threshold whose wrong labels stay within a budget with 95 % confidence, None if there is none.

    Thresholds are tried from `first_point` down, and the first that fails ends the search, so the confidence holds for
    the one that is chosen (fixed sequence testing, as in Learn then Test, Angelopoulos et al. 2021).

    Args:
        points: as `operating_points` gives them.
        max_wrong_per_100: wrong labels among 100 given ones.
    """
    if not points:
        return None
    start = first_point(points).threshold
    chosen = None
    for point in sorted(points, key=lambda point: -point.threshold):
        if point.threshold > start:
            continue
        if point.risk_upper * 100 > max_wrong_per_100:
            break
        chosen = point
    return chosen
