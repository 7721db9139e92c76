"""A clustering that goes on from the last one, so that a theme is next week what it was this week.

The groups that stand keep their members. New points join the group that most of their neighbours are in, if they are no
further from it than its own outermost members, and else the one that most of their company in a fresh partition is in.
For the rest the fresh partition is followed only where it says something definite: that points which are mostly new
belong together and apart (a birth), or that the points of a group are better off in two groups (a split), or those of
two in one (a merge); it proposes these, and `moves` judges them. Where the groups as a whole have come to fit clearly
worse than the fresh partition, they catch up with it (`catching_up`).
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.catching_up import caught_up
from feedback_triage.cluster.grid import SCALE, sum_by_group
from feedback_triage.cluster.moves import ALONE, JOINED_COSINE, MIN_POINTS, MOSTLY, are_apart, torn_and_rejoined
from feedback_triage.cluster.nearness import closeness, group_cosines, least_cosines
from feedback_triage.cluster.points import Points
from feedback_triage.cluster.space import main_directions

__all__ = ["ALONE", "closeness", "go_on", "group_cosines", "lay_anew", "least_cosines", "merged"]

APART_AT_BIRTH = 0.3
"""New points are a group of their own when their closeness to the group that they joined is below this."""

NEWS = 0.01
"""Share of new points from which groups may catch up with a fresh partition: one item more must not move a theme."""

MOST_ROUNDS = 12
"""Rounds after which going on ends even if something still changes: one or two are usual."""


def go_on(
    points: Points,
    centred: NDArray[np.float32],
    fresh: NDArray[np.int64],
    standing: NDArray[np.int64],
    kept: Collection[int],
    space: NDArray[np.float32] | None = None,
) -> NDArray[np.int64]:
    """Take standing groups over to a larger set of points.

    It is done until nothing changes any more, so that doing it again with nothing new changes nothing.

    Args:
        points: what is clustered.
        centred: the points without what all have in common, unit vectors on the grid.
        fresh: groups of a fresh partition, `ALONE` for points that it puts in none: such a point joins nothing.
        standing: group of each point in the last clustering, `ALONE` for points that were in none or are new.
        kept: groups that may get new points and are otherwise left as they are.
        space: main directions of the points, see `main_directions`; found where they are not given.

    Returns:
        Group of each point: standing numbers go on, new groups have numbers above them, `ALONE` for none.
    """
    space = main_directions(points.grid) if space is None else space
    is_news = ((standing == ALONE) & (fresh != ALONE)).sum() >= NEWS * len(standing)
    for _ in range(MOST_ROUNDS):
        groups = _in_company(_placed(points, fresh, standing), fresh, kept)
        groups = _with_births(groups, centred, fresh, standing)
        if is_news:
            groups = caught_up(groups, points, space, fresh, kept)
        groups = torn_and_rejoined(groups, points, centred, space, fresh, kept)
        groups = merged(groups, points.grid, kept)
        if (groups == standing).all():
            break
        standing = groups
    return standing


def lay_anew(fresh: NDArray[np.int64], standing: NDArray[np.int64], kept: Collection[int]) -> NDArray[np.int64]:
    """Take the fresh partition, but for kept groups and for what is mostly theirs.

    Args:
        fresh: as for `go_on`.
        standing: as for `go_on`.
        kept: groups that go on.

    Returns:
        As `go_on`; the fresh groups have the numbers above the standing ones.
    """
    result = np.where(fresh == ALONE, ALONE, fresh + int(standing.max(initial=ALONE)) + 1)
    is_kept = np.isin(standing, list(kept))
    for group in np.unique(fresh[is_kept & (fresh != ALONE)]):
        members = fresh == group
        owners, counts = np.unique(standing[members & is_kept], return_counts=True)
        if counts.max() >= MOSTLY * members.sum():
            result[members] = owners[counts.argmax()]
    result[is_kept] = standing[is_kept]
    return result


def merged(groups: NDArray[np.int64], grid: NDArray[np.float32], kept: Collection[int] = ()) -> NDArray[np.int64]:
    """Join the closest two groups, again and again, while they say the same; the larger one goes on.

    At least two stay apart, as in a clustering from nothing, and so does a group of one point: it is an outlier that
    was said often.
    """
    present = np.unique(groups[groups != ALONE])
    member = groups != ALONE
    index = np.searchsorted(present, groups)
    sums = sum_by_group(grid[member], index[member], len(present)) / SCALE
    counts = np.bincount(index[member], minlength=len(present)).astype(np.float64)
    target = np.arange(len(present))
    is_free = ~np.isin(present, list(kept)) & (counts > 1)
    products = sums @ sums.T
    for _ in range(int((counts > 1).sum()) - 2):
        cosines = np.round(products / np.outer(counts, counts), 9)
        cosines[~is_free] = cosines[:, ~is_free] = -np.inf
        np.fill_diagonal(cosines, -np.inf)
        first, second = np.unravel_index(int(cosines.argmax()), cosines.shape)
        if cosines[first, second] < JOINED_COSINE:
            break
        if (counts[second], -second) > (counts[first], -first):
            first, second = second, first
        products[first] += products[second]
        products[:, first] += products[:, second]
        counts[first] += counts[second]
        is_free[second] = False
        target[target == second] = first
    result = groups.copy()
    result[member] = present[target[index[member]]]
    return result


def _placed(points: Points, fresh: NDArray[np.int64], standing: NDArray[np.int64]) -> NDArray[np.int64]:
    """Let points join the group in which most of their neighbours are, by weight, unless they are too far from it."""
    waiting = np.flatnonzero((standing == ALONE) & (fresh != ALONE))
    known = np.flatnonzero(standing != ALONE)
    if not len(waiting) or not len(known):
        return standing.copy()
    n_groups = int(standing.max()) + 1
    votes = np.zeros((len(waiting), n_groups))
    rows = points.graph[waiting].tocoo()
    is_vote = standing[rows.col] != ALONE
    np.add.at(votes, (rows.row[is_vote], standing[rows.col[is_vote]]), rows.data[is_vote])
    asked = np.full(len(standing), ALONE)
    asked[waiting] = np.where(votes.any(axis=1), np.round(votes, 9).argmax(axis=1), ALONE)
    own = group_cosines(points.grid, standing, standing)
    least = least_cosines(own, standing, n_groups)
    near = group_cosines(points.grid, standing, asked)
    groups = standing.copy()
    joins = (asked != ALONE) & (near >= least[np.maximum(asked, 0)])
    groups[joins] = asked[joins]
    return groups


def _in_company(groups: NDArray[np.int64], fresh: NDArray[np.int64], kept: Collection[int]) -> NDArray[np.int64]:
    """Put what is left where most of its fresh group is; outliers, and groups of which nothing stands, stay alone.

    A kept group takes only what is as near as its members: a person settled what it is about.
    """
    result = groups.copy()
    for group in np.unique(fresh[(groups == ALONE) & (fresh != ALONE)]):
        members = np.flatnonzero(fresh == group)
        home = np.bincount(groups[members] + 1).argmax() - 1
        if home != ALONE and home not in kept:
            result[members[groups[members] == ALONE]] = home
    return result


def _with_births(
    groups: NDArray[np.int64], centred: NDArray[np.float32], fresh: NDArray[np.int64], standing: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Make groups of the new points that the fresh partition puts together, where they are apart from what stands."""
    result = groups.copy()
    is_new = standing == ALONE
    number = int(groups.max(initial=-1)) + 1
    for group in range(int(fresh.max(initial=-1)) + 1):
        members = np.flatnonzero(fresh == group)
        new = members[is_new[members]]
        if len(new) < MIN_POINTS or len(new) < MOSTLY * len(members):
            continue
        home = np.bincount(groups[new] + 1, minlength=1).argmax() - 1
        rest = np.flatnonzero((groups == home) & ~np.isin(np.arange(len(groups)), new))
        if home == ALONE or len(rest) < 2 or are_apart(centred, new, rest, APART_AT_BIRTH):
            result[new] = number
            number += 1
    return result
