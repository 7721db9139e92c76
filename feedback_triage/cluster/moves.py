"""Splits and merges of standing groups: what a fresh partition proposes is done where the points are better off.

One fresh partition is little evidence. Where texts shade into each other there are many about equally good ones, of ten
groups or of forty, and a few more points make the choice fall on another. Were each of its borders drawn and none ever
wiped out, the standing groups would end up as the shreds that all the partitions of a year cut together. So a fresh
partition only proposes, and both kinds of move are judged by one measure, the silhouettes of the points (see `fit`),
with the same margin over chance: what chance tore apart is joined again, unless one of the two would lose by it.
"""

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.fit import Fit
from feedback_triage.cluster.grid import SCALE
from feedback_triage.cluster.joining import SAME_THEME_COSINE
from feedback_triage.cluster.nearness import closeness
from feedback_triage.cluster.neighbours import voices
from feedback_triage.cluster.points import Points

APART = 0.6
"""A part of a group is torn off only when its closeness to the rest (see `closeness`) is below this."""

JOINED_COSINE = SAME_THEME_COSINE + 0.05
"""Mean cosine from which two standing groups become one without further evidence."""

LEAST_PART = 0.15
"""Share of a group's points that a part needs to be torn off."""

MOSTLY = 0.5
"""Share of new points from which a fresh group is news."""

ALIKE = 0.5
"""Cosine between the shares that two groups have in the fresh groups from which it is asked whether they are one."""

MIN_POINTS = 5
"""Points that a part, or a group of new points, needs: fewer say too little to move a theme."""

LEAST_WORTH = 2.0
"""What a split or a merge must be worth in silhouettes, in units of chance (see `Fit`)."""

ALONE = -1
"""The group of a point that is in none."""


def torn_and_rejoined(
    groups: NDArray[np.int64],
    points: Points,
    centred: NDArray[np.float32],
    space: NDArray[np.float32],
    fresh: NDArray[np.int64],
    kept: Collection[int],
) -> NDArray[np.int64]:
    """Tear off parts of groups that the fresh partition sees apart, and join groups that it sees together.

    Args:
        groups: group of each point, `ALONE` for none.
        points: what is clustered.
        centred: the points without what all have in common, unit vectors on the grid.
        space: main directions of the points, unit vectors on the grid.
        fresh: groups of a fresh partition, `ALONE` for none.
        kept: groups that are left as they are.

    Returns:
        Group of each point. Parts that were torn off have numbers above all others; of two that are joined the larger
        goes on.
    """
    proposed = list(_parts(groups, fresh, kept))
    if not proposed and not any(together(groups, fresh, kept)):
        return groups
    fit = Fit(space, voices(points.graph), groups, room=len(proposed))
    result = groups.copy()
    number = int(groups.max(initial=ALONE)) + 1
    for group, part, n_members in proposed:
        inside = np.flatnonzero(result == group)
        torn, rest = inside[fresh[inside] == part], inside[fresh[inside] != part]
        if len(torn) < max(MIN_POINTS, LEAST_PART * n_members) or len(rest) < MIN_POINTS:
            continue
        if not are_apart(centred, torn, rest, APART) or mean_cosine(points.grid, torn, rest) >= SAME_THEME_COSINE:
            continue
        if fit.worth_of_moving(torn, number)[0] >= LEAST_WORTH:
            fit.move(torn, number)
            result[torn] = number
            number += 1
    return _rejoined(result, points.grid, fit, fresh, kept)


def are_apart(centred: NDArray[np.float32], a: NDArray[np.int64], b: NDArray[np.int64], least: float) -> bool:
    """Tell whether the `closeness` of two lists of points is below `least`."""
    sums = [centred[rows].astype(np.float64).sum(axis=0) / SCALE for rows in (a, b)]
    return closeness(sums[0], len(a), sums[1], len(b)) < least


def mean_cosine(grid: NDArray[np.float32], a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Mean cosine between two lists of points; rounded."""
    sums = [grid[rows].astype(np.float64).sum(axis=0) / SCALE for rows in (a, b)]
    return round(float(sums[0] @ sums[1]) / (len(a) * len(b)), 9)


def _parts(
    groups: NDArray[np.int64], fresh: NDArray[np.int64], kept: Collection[int]
) -> Iterator[tuple[int, int, int]]:
    """Parts that may be torn off: the group, the fresh group, and how many points the group has."""
    for group in sorted(set(groups[groups != ALONE].tolist()) - set(kept)):
        members = np.flatnonzero(groups == group)
        parts, sizes = np.unique(fresh[members][fresh[members] != ALONE], return_counts=True)
        order = np.lexsort((parts, -sizes))[1:]  # the largest part keeps the name
        for part, size in zip(parts[order].tolist(), sizes[order].tolist(), strict=True):
            if size >= max(MIN_POINTS, LEAST_PART * len(members)):
                yield group, part, len(members)


def together(groups: NDArray[np.int64], fresh: NDArray[np.int64], kept: Collection[int]) -> Iterator[tuple[int, int]]:
    """Pairs of groups between which the fresh partition sees no border: both are in about the same fresh groups.

    They come as the larger first, then the lower number. A group of one point is in no pair: it is an outlier that was
    said often.
    """
    shares: list[tuple[int, int, NDArray[np.float64]]] = []
    n_fresh = int(fresh.max(initial=ALONE)) + 1
    for group in sorted(set(groups[groups != ALONE].tolist()) - set(kept)):
        found = fresh[groups == group]
        counts = np.bincount(found[found != ALONE], minlength=n_fresh)
        if len(found) > 1 and counts.any():
            shares.append((-len(found), group, counts / np.sqrt((counts.astype(np.float64) ** 2).sum())))
    shares.sort(key=lambda entry: entry[:2])
    for i, (_, first, own) in enumerate(shares):
        for _, second, other in shares[i + 1 :]:
            if round(float((own * other).sum()), 9) >= ALIKE:
                yield first, second


def _rejoined(
    groups: NDArray[np.int64],
    grid: NDArray[np.float32],
    fit: Fit,
    fresh: NDArray[np.int64],
    kept: Collection[int],
) -> NDArray[np.int64]:
    """Join the two groups that are most clearly better off together, again and again; at least two stay apart.

    Groups that the fresh partition would join by its own rule need no further evidence.
    """
    result = groups.copy()
    for _ in range(len(np.unique(groups[groups != ALONE])) - 2):
        worth: dict[tuple[int, int], float] = {}
        for first, second in together(result, fresh, kept):
            members = [np.flatnonzero(result == group) for group in (first, second)]
            is_same = mean_cosine(grid, *members) >= SAME_THEME_COSINE
            worth[first, second] = float("inf") if is_same else fit.worth_of_merging(first, second)
        best = max(worth, key=lambda pair: (worth[pair], -pair[0], -pair[1]), default=None)
        if best is None or worth[best] < LEAST_WORTH:
            break
        joining = np.flatnonzero(result == best[1])
        fit.move(joining, best[0])
        result[joining] = best[0]
    return result
