"""Groups that have come to fit badly catch up with a fresh partition.

Themes found among a hundred items are coarse for three thousand, and what seemed three themes among three hundred may
be one. No single border shows it: each split and merge that a fresh partition proposes may be within chance, or is
hidden because today's partition cuts across the groups. But the mean silhouette shows it. It hardly depends on which of
the many about equally good partitions is found today: one of twelve groups and one of thirty reach about the same. So
standing groups are left alone while they fit nearly as well as a fresh partition. While they do not, what the fresh
partition sees together is gathered out of all the groups that it is spread over, or whole groups are joined, the
largest gain first, until they fit well enough.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.fit import Fit
from feedback_triage.cluster.joining import SAME_THEME_COSINE
from feedback_triage.cluster.moves import ALONE, LEAST_PART, MIN_POINTS, mean_cosine, together
from feedback_triage.cluster.neighbours import voices
from feedback_triage.cluster.points import Points

WELL_ENOUGH = 0.9
"""Part of the mean silhouette of a fresh partition from which standing groups are left alone."""

LEAST_WORTH = 1.0
"""What a move must be worth meanwhile, in units of chance (see `Fit`): less than where nothing is known to be wrong."""

FEWEST_POINTS = 500
"""Points from which groups catch up. Of fewer, a move or two are a large part: a tenth more items must not change what
the others belong to."""

Proposal = tuple[int, ...]
"""A fresh group to be gathered, or two standing groups to be joined."""

Move = tuple[NDArray[np.int64], int]
"""Points, and the group that they go to."""


def caught_up(
    groups: NDArray[np.int64],
    points: Points,
    space: NDArray[np.float32],
    fresh: NDArray[np.int64],
    kept: Collection[int],
) -> NDArray[np.int64]:
    """Move points until the groups fit nearly as well as a fresh partition, or no move is clearly worth it.

    Args:
        groups: group of each point, `ALONE` for none.
        points: what is clustered.
        space: main directions of the points, unit vectors on the grid.
        fresh: groups of a fresh partition, `ALONE` for none.
        kept: groups that are left as they are.

    Returns:
        Group of each point: new groups have numbers above all others, and points in none stay in none.
    """
    if len(groups) < FEWEST_POINTS or not (groups != ALONE).any() or not (fresh != ALONE).any():
        return groups
    weights = voices(points.graph)
    goal = WELL_ENOUGH * Fit(space, weights, fresh, room=0).level
    fit = Fit(space, weights, groups, room=int(fresh.max()) + 1)
    if goal <= 0 or fit.level >= goal:
        return groups
    result = groups.copy()
    proposals: list[Proposal] = [(part,) for part in np.unique(fresh[fresh != ALONE]).tolist()]
    proposals += together(groups, fresh, kept)
    gains: dict[Proposal, float] = {}
    for proposal in proposals:
        move = _move(proposal, result, points, fresh, kept)
        worth, gain = fit.worth_of_moving(*move) if move else (0.0, 0.0)
        if worth >= LEAST_WORTH:
            gains[proposal] = gain
    for proposal in sorted(gains, key=lambda each: (-gains[each], each)):
        move = _move(proposal, result, points, fresh, kept)  # others moved meanwhile
        if move is None or fit.worth_of_moving(*move)[0] < LEAST_WORTH:
            continue
        fit.move(*move)
        result[move[0]] = move[1]
        if fit.level >= goal:
            break
    return result


def _move(
    proposal: Proposal,
    groups: NDArray[np.int64],
    points: Points,
    fresh: NDArray[np.int64],
    kept: Collection[int],
) -> Move | None:
    """What a proposal comes to as the groups are now, None for no move.

    Of two groups that are joined the larger goes on, and at least two groups stay.
    """
    if len(proposal) == 1:
        return _gathered(proposal[0], groups, points, fresh, kept)
    first, second = (np.flatnonzero(groups == group) for group in proposal)
    if not len(first) or not len(second) or len(np.unique(groups[groups != ALONE])) <= 2:
        return None
    return (second, proposal[0]) if len(first) >= len(second) else (first, proposal[1])


def _gathered(
    part: int, groups: NDArray[np.int64], points: Points, fresh: NDArray[np.int64], kept: Collection[int]
) -> Move | None:
    """Points of a fresh group that come together, and the group that they come to.

    It is the group most of them are in, if that group is mostly they, and else a new one. Nothing is taken
    of a group of which it would be but a small part, or that would be left with only a few points.
    """
    n_groups = int(groups.max()) + 1
    counts = np.bincount(groups[groups != ALONE], minlength=n_groups)
    is_free = (groups != ALONE) & (counts[np.maximum(groups, 0)] > 1) & ~np.isin(groups, list(kept))
    members = np.flatnonzero(is_free & (fresh == part))
    if len(members) < MIN_POINTS:
        return None
    shares = np.bincount(groups[members], minlength=n_groups)
    home = int(shares.argmax())
    inside = fresh[(groups == home) & (fresh != ALONE)]
    target = home if int(np.bincount(inside).argmax()) == part else n_groups
    left = counts - shares
    is_taken = (left == 0) | ((left >= MIN_POINTS) & (shares >= LEAST_PART * counts))
    moved = members[is_taken[groups[members]] & (groups[members] != target)]
    if len(moved) < MIN_POINTS:
        return None
    if target == n_groups:
        for source in np.unique(groups[moved]).tolist():
            rest = np.setdiff1d(np.flatnonzero(groups == source), moved)
            if len(rest) and mean_cosine(points.grid, moved, rest) >= SAME_THEME_COSINE:
                return None
    return moved, target
