"""What is remembered of a cluster, so that new vectors can join it in time proportional to their own number."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.grid import SCALE, sum_by_group, to_grid
from feedback_triage.cluster.moves import ALONE
from feedback_triage.cluster.nearness import least_cosines


@dataclass(frozen=True, slots=True)
class Centres:
    """The middle of each cluster, and how far out its members lie.

    Attributes:
        means: mean of the members' unit vectors, float32, shape (n_clusters, dim); shorter than 1. The product of a
            unit vector with it is the mean cosine with the members.
        least_cosine: of a vector with the mean, from which it may join, shape (n_clusters,).
    """

    means: NDArray[np.float32]
    least_cosine: NDArray[np.float64]


def centres(vectors: NDArray[np.float32], labels: NDArray[np.int32]) -> Centres:
    """Describe clusters by their middle and their rim.

    Args:
        vectors: unit vectors, shape (n, dim).
        labels: cluster of each row, 0 to n_clusters - 1, or -1 for none.
    """
    member = labels >= 0
    grid, groups = to_grid(vectors[member]), labels[member].astype(np.int64)
    n_clusters = int(groups.max(initial=-1)) + 1
    sums = sum_by_group(grid, groups, n_clusters)
    means = sums / np.maximum(np.bincount(groups, minlength=n_clusters), 1)[:, None] / SCALE
    counts = np.bincount(groups, minlength=n_clusters)[groups]
    cosines = np.einsum("ij,ij->i", grid.astype(np.float64) / SCALE, means[groups])
    # A newcomer does not count itself, so the members must not either.
    cosines = np.where(counts > 1, (cosines * counts - 1) / np.maximum(counts - 1, 1), cosines)
    return Centres(means.astype(np.float32), least_cosines(cosines, groups, n_clusters))


def join(vectors: NDArray[np.float32], known: Centres) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Put each vector into the nearest of the clusters that it is near enough to, or into none.

    Args:
        vectors: unit vectors, shape (n, dim).
        known: the clusters.

    Returns:
        Cluster of each vector, -1 for none; and its membership strength, 0..1, as `cluster_vectors` has it: 0 for none.
    """
    n, n_clusters = len(vectors), len(known.means)
    labels, strengths = np.full(n, ALONE, dtype=np.int32), np.zeros(n, dtype=np.float32)
    if not n or not n_clusters:
        return labels, strengths
    # Rounded, so that a last bit cannot decide.
    cosines = np.round(to_grid(vectors).astype(np.float64) / SCALE @ known.means.T.astype(np.float64), 6)
    best = np.where(cosines >= known.least_cosine, cosines, -2.0).argmax(axis=1)
    own = cosines[np.arange(n), best]
    joins = own >= known.least_cosine[best]
    cosines[np.arange(n), best] = -1.0
    other = cosines.max(axis=1)
    labels[joins] = best[joins]
    silhouette = (own - other) / np.maximum(np.maximum(1 - own, 1 - other), 1e-9)
    strengths[joins] = ((1 + silhouette[joins]) / 2).round(6)
    return labels, strengths
