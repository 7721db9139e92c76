"""From vectors to clusters: points, graph, partition, outliers, numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.continuing import go_on, lay_anew, merged
from feedback_triage.cluster.neighbours import n_neighbours, voices
from feedback_triage.cluster.partition import choose_partition
from feedback_triage.cluster.points import Points, to_points
from feedback_triage.cluster.silhouette import silhouettes
from feedback_triage.cluster.space import centred, main_directions

NOISE = -1
"""The label of an item that is in no cluster."""

MIN_CLUSTER_ROWS = 2
"""Rows a cluster needs: one report is an incident, two are a theme."""


@dataclass(frozen=True, slots=True)
class ClusterResult:
    """A clustering.

    Attributes:
        labels: cluster of each row, int32, shape (n,); 0 is the largest; `NOISE` (-1) for none.
        membership_strength: float32, shape (n,), 0..1: above 0.5 a row is nearer to its cluster than to any
            other; 0 for noise.
        settings: what was chosen, by name: `n_neighbours`, `resolution`, `silhouette`, `n_points`.
    """

    labels: NDArray[np.int32]
    membership_strength: NDArray[np.float32]
    settings: Mapping[str, float]

    @property
    def n_clusters(self) -> int:
        """How many clusters there are, noise not counted."""
        return int(self.labels.max(initial=NOISE)) + 1

    @property
    def noise_ratio(self) -> float:
        """Share of the rows that are in no cluster, 0..1; 0 for an empty set."""
        return float((self.labels == NOISE).mean()) if len(self.labels) else 0.0


def cluster_vectors(
    vectors: NDArray[np.float32],
    keys: Sequence[str],
    standing: NDArray[np.int32] | None = None,
    kept: Collection[int] = (),
    *,
    is_laid_anew: bool = False,
) -> ClusterResult:
    """Group vectors that mean the same, from nothing or going on from groups that stand.

    Rows with the same key, and rows that say almost the same, are one point: they share a cluster, and a sentence that
    came a hundred times does not pull the others towards it. The result depends neither on the order of the rows nor on
    the number of threads.

    Args:
        vectors: shape (n, dim), unit length; n from 0 upward.
        keys: the text hash of each row.
        standing: group of each row in the last clustering, shape (n,), `NOISE` for rows that were in none or are new.
            Without it, or where no row has a group, the clustering starts from nothing.
        kept: groups whose rows stay together and apart from all others, whatever they say, even a single row; new
            rows may join them, and so may rows that almost repeat one of theirs.
        is_laid_anew: only the kept groups go on, the others are found as if for the first time.

    Returns:
        Labels and strengths in row order. Clusters are numbered by size, largest first, then by smallest key; which of
        them goes on from which group is told by the rows they share.

    Raises:
        ValueError: the vectors are not two-dimensional, not finite or not of unit length, or the number of keys or of
            standing groups is not the number of rows.
    """
    points = to_points(vectors, keys)
    before = np.full(len(keys), NOISE, dtype=np.int64) if standing is None else standing.astype(np.int64)
    if len(before) != len(keys):
        raise ValueError(f"{len(keys)} rows need as many standing groups, not {len(before)}")
    n = len(points.grid)
    standing_of_point = _group_of_point(points, before, kept)
    if n < 3:
        staying = kept if is_laid_anew else np.unique(before[before != NOISE]).tolist()
        groups = lay_anew(np.arange(n), standing_of_point, staying)
        of_row = _kept_apart(groups, points, standing_of_point, before, kept)
        return _result(points, of_row, np.ones(n), {"n_points": n}, kept)
    partition = choose_partition(points.grid, points.graph, points.n_rows)
    space = main_directions(points.grid)
    settings = {
        "n_neighbours": n_neighbours(n),
        "resolution": partition.resolution,
        "silhouette": partition.silhouette,
        "n_points": n,
    }
    outliers = _outliers(points.nearest_cosine, voices(points.graph))
    fresh = _set_apart(partition.groups, outliers, points.n_rows)
    fresh = merged(fresh, points.grid)  # without its outliers a group may be nearer to another
    if is_laid_anew or (before == NOISE).all():
        groups = lay_anew(fresh, standing_of_point, kept)
    else:
        groups = go_on(points, centred(points.grid), fresh, standing_of_point, kept, space)
    strength = (1 + silhouettes(space, _numbered(groups))) / 2
    return _result(points, _kept_apart(groups, points, standing_of_point, before, kept), strength, settings, kept)


def _group_of_point(points: Points, before: NDArray[np.int64], kept: Collection[int]) -> NDArray[np.int64]:
    """Group that most rows of each point were in, the lowest of equals; `NOISE` where none was in any.

    A group of which too few rows are left to be one has gone, so that they may find another, unless it is kept.
    """
    known = np.flatnonzero(before != NOISE)
    n_groups = int(before.max(initial=NOISE)) + 1
    pairs, counts = np.unique(points.point_of_row[known] * n_groups + before[known], return_counts=True)
    order = np.lexsort((-pairs, counts))  # the last of a point is its most frequent group, the lowest of equals
    result = np.full(len(points.grid), NOISE, dtype=np.int64)
    result[pairs[order] // n_groups] = pairs[order] % n_groups
    n_rows = np.bincount(result + 1, weights=points.n_rows, minlength=n_groups + 1)[result + 1]
    return np.where((n_rows >= MIN_CLUSTER_ROWS) | np.isin(result, list(kept)), result, NOISE)


def _kept_apart(
    groups: NDArray[np.int64],
    points: Points,
    standing: NDArray[np.int64],
    before: NDArray[np.int64],
    kept: Collection[int],
) -> NDArray[np.int64]:
    """Go from the groups of the points to those of the rows.

    The rows of kept groups are where they were, also those that share a point with more rows of another group.
    """
    # A group to which no point belongs may have a number that a new group was given.
    above = int(before.max(initial=NOISE)) - int(standing.max(initial=NOISE))
    of_row = np.where(groups > standing.max(initial=NOISE), groups + above, groups)[points.point_of_row]
    return np.where(np.isin(before, list(kept)), before, of_row)


def _numbered(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number groups from 0 without gaps; each point that is in none is a group of its own."""
    alone = np.arange(len(groups)) + groups.max(initial=NOISE) + 1
    return np.unique(np.where(groups == NOISE, alone, groups), return_inverse=True)[1]


def _outliers(nearest: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find the points whose nearest neighbour is unusually far: below the lower fence of Tukey (1977)."""
    lower, upper = np.quantile(nearest, [0.25, 0.75], weights=weights, method="inverted_cdf")
    is_far: NDArray[np.bool_] = nearest < lower - 1.5 * (upper - lower)
    return is_far


def _set_apart(groups: NDArray[np.int64], outliers: NDArray[np.bool_], n_rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take outliers out of their groups: to a group of its own what was said often enough, else to noise."""
    alone = np.arange(len(groups)) + groups.max() + 1
    apart = np.where(outliers, alone, groups)
    return np.where(np.bincount(apart, weights=n_rows)[apart] >= MIN_CLUSTER_ROWS, apart, NOISE)


def _result(
    points: Points,
    group_of_row: NDArray[np.int64],
    strength: NDArray[np.float64],
    settings: dict[str, float],
    kept: Collection[int],
) -> ClusterResult:
    """Put numbers on the clusters, drop the small ones that are not kept, give each row its strength."""
    n_groups = int(group_of_row.max(initial=NOISE)) + 1
    member = group_of_row != NOISE
    n_rows = np.bincount(group_of_row[member], minlength=n_groups)
    smallest = np.full(n_groups, np.iinfo(np.int64).max)
    np.minimum.at(smallest, group_of_row[member], points.smallest_key[points.point_of_row[member]])
    order = [int(g) for g in np.lexsort((smallest, -n_rows)) if n_rows[g] >= (1 if g in kept else MIN_CLUSTER_ROWS)]
    number = np.full(n_groups + 1, NOISE)  # the last entry answers for noise, whose group is -1
    number[order] = np.arange(len(order))
    labels = number[group_of_row].astype(np.int32)
    strengths = np.where(labels == NOISE, 0.0, strength[points.point_of_row]).astype(np.float32)
    labels.flags.writeable = strengths.flags.writeable = False
    return ClusterResult(labels, strengths, settings)
