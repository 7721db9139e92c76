"""How near points are to groups, and groups to each other."""

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.grid import SCALE, sum_by_group
from feedback_triage.cluster.joining import SAME_THEME_COSINE

OUTERMOST = 0.05
"""Quantile of the members' cosines with their group up to which a new point may be as far away."""


def closeness(sum_a: NDArray[np.float64], n_a: int, sum_b: NDArray[np.float64], n_b: int) -> float:
    """Compare the mean cosine between two groups with those within them: 1 where they are one, 0 where unrelated.

    Args:
        sum_a: sum of the unit vectors of the first group.
        n_a: how many they are, at least 2.
        sum_b: of the second group.
        n_b: at least 2.

    Returns:
        The mean cosine of pairs across, over the geometric mean of the mean cosines of pairs within; rounded.
    """
    across = float(sum_a @ sum_b) / (n_a * n_b)
    within_a = max((float(sum_a @ sum_a) - n_a) / (n_a * (n_a - 1)), 1e-3)
    within_b = max((float(sum_b @ sum_b) - n_b) / (n_b * (n_b - 1)), 1e-3)
    return round(across / float(np.sqrt(within_a * within_b)), 6)


def group_cosines(grid: NDArray[np.float32], groups: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean cosine of each point with the other members of the group `of` it; -1 where it has none or they are none."""
    n_groups = int(max(groups.max(initial=-1), of.max(initial=-1))) + 1
    member = groups >= 0
    sums = sum_by_group(grid[member], groups[member], n_groups)
    counts = np.bincount(groups[member], minlength=n_groups)
    asked = np.flatnonzero(of >= 0)
    result = np.full(len(grid), -1.0)
    vectors = grid[asked].astype(np.float64)
    is_member = groups[asked] == of[asked]
    total = np.einsum("ij,ij->i", vectors, sums[of[asked]]) - np.where(is_member, (vectors**2).sum(axis=1), 0)
    others = counts[of[asked]] - is_member
    result[asked] = np.where(others > 0, total / np.maximum(others, 1) / SCALE**2, -1.0)
    return result


def least_cosines(cosines: NDArray[np.float64], groups: NDArray[np.int64], n_groups: int) -> NDArray[np.float64]:
    """How near to each group a newcomer must be: the `OUTERMOST` quantile of its members' cosines, shape (n_groups,).

    A group of one point has no such cosine: it takes `SAME_THEME_COSINE`.
    """
    result = np.full(n_groups, SAME_THEME_COSINE)
    for group in range(n_groups):
        own = cosines[groups == group]
        if len(own) > 1:
            result[group] = np.quantile(own, OUTERMOST)
    return np.round(result, 6)
