"""How well points sit in their groups, and what a move of points would change.

The measure is the one by which a partition is chosen from nothing, the silhouette in the main directions of the texts.
A group that goes or comes changes it for its own members and for those who have it as their next best. What a move is
worth is the sum of these changes over the root of the sum of their squares: like Student's statistic for pairs, it is 0
where points lose as much as they gain, and seldom 2 or more by chance.
"""

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.grid import SCALE, sum_by_group

MOST_ASKED = 20_000
"""Points whose silhouettes are compared: of a larger set so many, evenly spaced."""


class Fit:
    """Silhouettes of points in groups that change one move at a time.

    Args:
        space: main directions of the points, unit vectors on the grid, shape (n, dim).
        weights: how much each point counts, shape (n,), see `neighbours.voices`.
        groups: group of each point, shape (n,), -1 for none: such a point neither judges nor counts.
        room: how many groups may come.
    """

    def __init__(
        self, space: NDArray[np.float32], weights: NDArray[np.float64], groups: NDArray[np.int64], room: int
    ) -> None:
        members = np.flatnonzero(groups >= 0)
        n_groups = int(groups.max(initial=-1)) + 1 + room
        asked = members
        if len(members) > MOST_ASKED:
            asked = members[np.linspace(0, len(members) - 1, MOST_ASKED).astype(np.int64)]
        self._space = space
        self._vectors = space[asked].astype(np.float64)
        self._squares = (self._vectors**2).sum(axis=1)
        self._weights = weights[asked]
        self._asked = asked
        self._groups = groups[asked].copy()
        self._counts = np.bincount(groups[members], minlength=n_groups).astype(np.float64)
        # Exact: whole numbers far below 2**53.
        self._dots = self._vectors @ sum_by_group(space[members], groups[members], n_groups).T
        self._own, self._best, self._next = self._judged(np.arange(len(asked)), self._dots, self._groups, self._counts)

    def worth_of_merging(self, first: int, second: int) -> float:
        """What it is worth that two groups become one; 0 where the points of either lose by it.

        That others gain is no reason: a small close group is the next best of many points, those of the other group
        among them, and were it gone, all of these would seem to sit better.
        """
        rows, *_, changes = self._merged(first, second)
        changes *= self._weights[rows]
        sides = [round(float(changes[self._groups[rows] == group].sum()), 6) for group in (first, second)]
        return _worth(changes) if min(sides) >= 0 else 0.0

    def merge(self, first: int, second: int) -> None:
        """Let the second group go into the first."""
        rows, dots, groups, counts, _ = self._merged(first, second)
        self._dots[:, first] += self._dots[:, second]
        self._dots[:, second] = 0.0
        self._take(rows, dots, groups, counts)

    def worth_of_tearing(self, group: int, part: NDArray[np.int64], number: int) -> float:
        """What it is worth that a part of a group, given as points, becomes the group `number`, which is empty."""
        rows, *_, changes = self._torn(group, part, number)
        return _worth(changes * self._weights[rows])

    def tear(self, group: int, part: NDArray[np.int64], number: int) -> None:
        """Make a part of a group the group `number`."""
        rows, dots, groups, counts, _ = self._torn(group, part, number)
        torn = self._dots_with(part)
        self._dots[:, group] -= torn
        self._dots[:, number] = torn
        self._take(rows, dots, groups, counts)

    def _take(
        self, rows: NDArray[np.int64], dots: NDArray[np.float64], groups: NDArray[np.int64], counts: NDArray[np.float64]
    ) -> None:
        self._groups[rows], self._counts = groups, counts
        self._own[rows], self._best[rows], self._next[rows] = self._judged(rows, dots, groups, counts)

    def _merged(
        self, first: int, second: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Rows whose silhouette changes, with what is new about them.

        The nearness of a point to the merged group lies between that to either part, so it changes only for those in
        them and for those to whom one of them was the next best.
        """
        is_near = np.isin(self._next, [first, second]) | np.isin(self._groups, [first, second])
        rows = np.flatnonzero(is_near)
        dots, groups, counts = self._dots[rows].copy(), self._groups[rows].copy(), self._counts.copy()
        dots[:, first] += dots[:, second]
        dots[:, second] = 0.0
        counts[first] += counts[second]
        counts[second] = 0
        groups[groups == second] = first
        return rows, dots, groups, counts, self._changes(rows, dots, groups, counts)

    def _torn(
        self, group: int, part: NDArray[np.int64], number: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """As `_merged`: those in the group, and those to whom it was the next best or one of the parts is now."""
        counts = self._counts.copy()
        counts[group] -= len(part)
        counts[number] = len(part)
        torn = self._dots_with(part)
        nearest = np.maximum(torn / counts[number], (self._dots[:, group] - torn) / counts[group]) / SCALE**2
        rows = np.flatnonzero((self._groups == group) | (self._next == group) | (nearest > self._best))
        dots, groups = self._dots[rows].copy(), self._groups[rows].copy()
        dots[:, group] -= torn[rows]
        dots[:, number] = torn[rows]
        groups[np.isin(self._asked[rows], part)] = number
        return rows, dots, groups, counts, self._changes(rows, dots, groups, counts)

    def _dots_with(self, part: NDArray[np.int64]) -> NDArray[np.float64]:
        product: NDArray[np.float64] = self._vectors @ self._space[part].sum(axis=0, dtype=np.float64)
        return product

    def _changes(
        self, rows: NDArray[np.int64], dots: NDArray[np.float64], groups: NDArray[np.int64], counts: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        own, best, _ = self._judged(rows, dots, groups, counts)
        return _silhouette(own, best) - _silhouette(self._own[rows], self._best[rows])

    def _judged(
        self, rows: NDArray[np.int64], dots: NDArray[np.float64], groups: NDArray[np.int64], counts: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Mean cosine of rows with the others in their group (-inf where there are none) and with the next best."""
        each = np.arange(len(rows))
        others = counts[groups] - 1
        own = (dots[each, groups] - self._squares[rows]) / np.maximum(others, 1) / SCALE**2
        with np.errstate(divide="ignore", invalid="ignore"):
            means = np.where(counts > 0, dots / counts / SCALE**2, -np.inf)
        means[each, groups] = -np.inf
        following = means.argmax(axis=1)
        return np.where(others > 0, own, -np.inf), means[each, following], following


def _silhouette(own: NDArray[np.float64], best: NDArray[np.float64]) -> NDArray[np.float64]:
    """Silhouettes from mean cosines; 0 where a point is alone or there is no other group."""
    is_known = np.isfinite(own) & np.isfinite(best)
    own, best = np.where(is_known, own, 0.0), np.where(is_known, best, 0.0)
    return np.where(is_known, (own - best) / np.maximum(np.maximum(1 - own, 1 - best), 1e-9), 0.0)


def _worth(changes: NDArray[np.float64]) -> float:
    """Sum of changes over the root of the sum of their squares; rounded, so that a last bit cannot decide."""
    noise = float(np.sqrt((changes**2).sum()))
    return round(float(changes.sum()) / noise, 6) if noise > 1e-9 else 0.0
