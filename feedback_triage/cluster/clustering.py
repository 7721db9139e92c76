"""From vectors to clusters: points, graph, partition, outliers, numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.neighbours import nearest_neighbours, neighbour_graph
from feedback_triage.cluster.partition import choose_partition
from feedback_triage.cluster.points import Points, to_points
from feedback_triage.cluster.silhouette import silhouettes
from feedback_triage.cluster.space import centred, main_directions

NOISE = -1
"""The label of an item that is in no cluster."""

MAX_NEIGHBOURS = 15
"""Neighbours of a point in the graph, fewer for small sets; 8 to 15 work about equally well."""

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


def cluster_vectors(vectors: NDArray[np.float32], keys: Sequence[str]) -> ClusterResult:
    """Group vectors that mean the same.

    Rows with the same key, and rows that say almost the same, are one point: they share a cluster, and a
    sentence that came a hundred times does not pull the others towards it. The result depends neither on the
    order of the rows nor on the number of threads.

    Args:
        vectors: shape (n, dim), unit length; n from 0 upward.
        keys: the text hash of each row.

    Returns:
        Labels and strengths in row order. Clusters are numbered by size, largest first, then by smallest key.

    Raises:
        ValueError: the vectors are not two-dimensional, not finite or not of unit length, or the number of
            keys is not the number of rows.
    """
    points = to_points(vectors, keys)
    n = len(points.grid)
    if n < 3:
        return _result(points, np.arange(n), np.ones(n), {"n_points": n})
    k = min(MAX_NEIGHBOURS, max(3, round(np.sqrt(n))), n - 1)
    indices, cosines = nearest_neighbours(points.grid, k)
    space = main_directions(points.grid)
    partition = choose_partition(neighbour_graph(indices, cosines), space, centred(points.grid))
    strength = (1 + silhouettes(space, partition.groups)) / 2
    groups = _set_apart(partition.groups, _outliers(cosines), points.n_rows)
    settings = {
        "n_neighbours": k,
        "resolution": partition.resolution,
        "silhouette": partition.silhouette,
        "n_points": n,
    }
    return _result(points, groups, strength, settings)


def _outliers(cosines: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Find the points whose nearest neighbour is unusually far: below the lower fence of Tukey (1977)."""
    nearest = cosines[:, 0]
    lower, upper = np.quantile(nearest, [0.25, 0.75])
    is_far: NDArray[np.bool_] = nearest < lower - 1.5 * (upper - lower)
    return is_far


def _set_apart(groups: NDArray[np.int64], outliers: NDArray[np.bool_], n_rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take outliers out of their groups: to a group of its own what was said often enough, else to noise."""
    alone = np.arange(len(groups)) + groups.max() + 1
    return np.where(outliers, np.where(n_rows >= MIN_CLUSTER_ROWS, alone, NOISE), groups)


def _result(
    points: Points, groups: NDArray[np.int64], strength: NDArray[np.float64], settings: dict[str, float]
) -> ClusterResult:
    """Put numbers on the clusters, drop those that are too small and give each row what its point has."""
    n_groups = int(groups.max(initial=NOISE)) + 1
    members = groups >= 0
    n_rows = np.bincount(groups[members], weights=points.n_rows[members], minlength=n_groups).astype(np.int64)
    smallest = np.full(n_groups, np.iinfo(np.int64).max)
    np.minimum.at(smallest, groups[members], points.smallest_key[members])
    order = [int(g) for g in np.lexsort((smallest, -n_rows)) if n_rows[g] >= MIN_CLUSTER_ROWS]
    number = np.full(n_groups + 1, NOISE)  # the last entry answers for noise, whose group is -1
    number[order] = np.arange(len(order))
    label_of_point = number[groups]
    strength_of_point = np.where(label_of_point == NOISE, 0.0, strength)
    labels = label_of_point[points.point_of_row].astype(np.int32)
    strengths = strength_of_point[points.point_of_row].astype(np.float32)
    labels.flags.writeable = strengths.flags.writeable = False
    return ClusterResult(labels, strengths, settings)
