"""How well points sit in their groups, and what a move of points would change.

The measure is the one by which a partition is chosen from nothing, the silhouette in the main directions of the texts.
A group that goes or comes changes it for its own members and for those who have it as their next best. What a move is
worth is the sum of these changes over the root of the sum of their squares: like Student's statistic for pairs, it is 0
where points lose as much as they gain, and seldom 2 or more by chance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.grid import SCALE, sum_by_group

MOST_ASKED = 20_000
"""Points whose silhouettes are compared: of a larger set so many, evenly spaced."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What a move changes.

    Attributes:
        rows: those in a group that changes, and those to whom one of these was the next best or is now.
        groups: their groups.
        worth: the changes of their silhouettes, each counted as its row counts.
        columns: the groups that change.
        dots: of all rows with these groups.
        counts: of all groups.
    """

    rows: NDArray[np.int64]
    groups: NDArray[np.int64]
    worth: NDArray[np.float64]
    columns: NDArray[np.int64]
    dots: NDArray[np.float64]
    counts: NDArray[np.float64]


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
        self._group_of_each = groups.copy()
        self._counts = np.bincount(groups[members], minlength=n_groups).astype(np.float64)
        # Exact: whole numbers far below 2**53.
        self._dots = self._vectors @ sum_by_group(space[members], groups[members], n_groups).T
        self._own, self._best, self._next = self._judged(np.arange(len(asked)), self._dots, self._groups, self._counts)

    @property
    def level(self) -> float:
        """Mean silhouette, -1 to 1; rounded, so that a last bit cannot decide."""
        return round(float(np.average(_silhouette(self._own, self._best), weights=self._weights)), 9)

    def worth_of_merging(self, first: int, second: int) -> float:
        """What it is worth that two groups become one; 0 where the points of either lose by it.

        That others gain is no reason: a small close group is the next best of many points, those of the other group
        among them, and were it gone, all of these would seem to sit better.
        """
        change = self._moved(np.flatnonzero(self._group_of_each == second), first)
        before = self._groups[change.rows]
        sides = [round(float(change.worth[before == group].sum()), 6) for group in (first, second)]
        return _worth(change.worth) if min(sides) >= 0 else 0.0

    def worth_of_moving(self, moved: NDArray[np.int64], target: int) -> tuple[float, float]:
        """What it is worth that members, given as points, go to the group `target`, which may be empty; and the gain.

        The gain is the sum of the changes, rounded.
        """
        change = self._moved(moved, target)
        return _worth(change.worth), round(float(change.worth.sum()), 6)

    def move(self, moved: NDArray[np.int64], target: int) -> None:
        """Let members go to the group `target`."""
        change = self._moved(moved, target)
        rows = change.rows
        self._dots[:, change.columns] = change.dots
        self._groups[rows], self._counts = change.groups, change.counts
        self._group_of_each[moved] = target
        own, best, following = self._judged(rows, self._dots[rows], change.groups, change.counts)
        self._own[rows], self._best[rows], self._next[rows] = own, best, following

    def _moved(self, moved: NDArray[np.int64], target: int) -> _Change:
        """What changes when members, given as points, go to the group `target`."""
        source_of = self._group_of_each[moved]
        sources = np.unique(source_of[source_of != target])
        columns = np.append(sources, target)
        dots, counts = self._dots[:, columns].copy(), self._counts.copy()
        for i, source in enumerate(sources):
            part = moved[source_of == source]
            gone = self._dots_with(part)
            dots[:, i] -= gone
            dots[:, -1] += gone
            counts[source] -= len(part)
            counts[target] += len(part)
        is_left = counts[columns] > 0
        nearest = (dots[:, is_left] / counts[columns[is_left]] / SCALE**2).max(axis=1)
        is_near = np.isin(self._groups, columns) | np.isin(self._next, columns) | (nearest > self._best)
        rows = np.flatnonzero(is_near)
        groups = self._groups[rows].copy()
        groups[np.isin(self._asked[rows], moved)] = target
        around = self._dots[rows].copy()
        around[:, columns] = dots[rows]
        own, best, _ = self._judged(rows, around, groups, counts)
        changes = _silhouette(own, best) - _silhouette(self._own[rows], self._best[rows])
        return _Change(rows, groups, changes * self._weights[rows], columns, dots, counts)

    def _dots_with(self, part: NDArray[np.int64]) -> NDArray[np.float64]:
        product: NDArray[np.float64] = self._vectors @ self._space[part].sum(axis=0, dtype=np.float64)
        return product

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
