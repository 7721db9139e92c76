"""Joining groups that the graph tore apart although they are one."""

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.grid import SCALE, sum_by_group

JOIN_RATIO = 0.8
"""Two groups are one when the mean cosine between them is this part, or more, of the one within them."""


def join_groups(points: NDArray[np.float32], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Join the two closest groups, again and again, while they are as close as `JOIN_RATIO` says.

    This is average linkage (Sokal and Michener 1958) that starts from given groups and stops by a ratio, so
    that it needs no distance of its own for each set of texts.

    Args:
        points: unit vectors on the grid, shape (n, dim).
        groups: group of each point, 0 to n_groups - 1, all of them in use.

    Returns:
        Groups, 0 to the new n_groups - 1; at least two stay apart.
    """
    n_groups = int(groups.max(initial=-1)) + 1
    sums = sum_by_group(points, groups, n_groups) / SCALE
    counts = np.bincount(groups, minlength=n_groups).astype(np.float64)
    products = sums @ sums.T
    target = np.arange(n_groups)
    closeness = _closeness(products, counts)
    best = closeness.max(axis=1)
    n_left = n_groups
    while n_left > 2:
        first = int(best.argmax())
        if best[first] < JOIN_RATIO:
            break
        second = int(closeness[first].argmax())
        first, second = min(first, second), max(first, second)
        products[first] += products[second]
        products[:, first] += products[:, second]
        counts[first] += counts[second]
        target[target == second] = first
        # Only the rows whose best was one of the two can have a lower best now.
        stale = np.maximum(closeness[first], closeness[second]) >= best
        joined = _closeness_of_one(products, counts, first)
        joined[np.isneginf(closeness[first])] = -np.inf
        closeness[first] = closeness[:, first] = joined
        closeness[second] = closeness[:, second] = -np.inf
        stale[[first, second]] = True
        best = np.maximum(best, joined)
        best[stale] = closeness[stale].max(axis=1)
        n_left -= 1
    return np.unique(target[groups], return_inverse=True)[1]


def _within(products: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean cosine of the pairs in each group; 1 for a single point."""
    pairs = np.maximum(counts * (counts - 1), 1)
    mean = np.where(counts > 1, (np.diag(products) - counts) / pairs, 1.0)
    floored: NDArray[np.float64] = np.maximum(mean, 1e-3)
    return floored


def _closeness(products: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean cosine between two groups over the geometric mean of those within them; rounded, diagonal -inf."""
    within = _within(products, counts)
    result = np.round(products / np.outer(counts, counts) / np.sqrt(np.outer(within, within)), 9)
    np.fill_diagonal(result, -np.inf)
    return result


def _closeness_of_one(products: NDArray[np.float64], counts: NDArray[np.float64], group: int) -> NDArray[np.float64]:
    """One row of `_closeness`."""
    within = _within(products, counts)
    row: NDArray[np.float64] = np.round(products[group] / (counts * counts[group]) / np.sqrt(within * within[group]), 9)
    row[group] = -np.inf
    return row
