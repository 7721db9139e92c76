"""Candidate partitions of the neighbour graph, and the choice among them.

The candidates are Leiden communities (Traag, Waltman and van Eck 2019) at rising resolution: the higher it
is, the more and the smaller the groups. Modularity likes groups of one size, so groups that are hardly
further from each other than their own members are joined again (see `joining`). No single resolution serves
both twenty large topics and eighty small ones, so the data chooses: the silhouette of each candidate is
measured in the main directions of the texts, and the coarsest one within `TOLERANCE` of the best is taken.
"""

from dataclasses import dataclass

import graspologic_native
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from feedback_triage.cluster.joining import join_groups
from feedback_triage.cluster.silhouette import silhouettes

LOWEST_RESOLUTION, HIGHEST_RESOLUTION = 0.35, 512.0
"""Ends of the ladder of resolutions."""

STEP_RATIO = 1.18
"""Ratio of two neighbouring resolutions."""

STOP_RATIO = 0.8
"""Climbing ends where the silhouette has fallen to this part of the best one for `STOP_AFTER` steps, or at
the top."""

STOP_AFTER = 6

FEWEST_PER_COMMUNITY = 4
"""Climbing also ends where the communities hold fewer points than this on average."""

TOLERANCE = 0.03
"""Share of the best silhouette that is given up for fewer groups: differences below it are chance."""

MAX_JUDGED = 20_000
"""Points whose silhouette is measured; more of them do not change the mean."""

SEED = 20_260_101
TRIALS = 3
ITERATIONS = 2


@dataclass(frozen=True, slots=True)
class Partition:
    """One candidate.

    Attributes:
        resolution: of the Leiden communities.
        groups: group of each point, 0 to n_groups - 1.
        n_groups: how many.
        silhouette: mean over the points, -1 to 1.
    """

    resolution: float
    groups: NDArray[np.int64]
    n_groups: int
    silhouette: float


def choose_partition(graph: csr_matrix, space: NDArray[np.float32], centred_points: NDArray[np.float32]) -> Partition:
    """Take the coarsest partition whose silhouette is about the best.

    Args:
        graph: symmetric weights, shape (n, n), n at least 2.
        space: unit vectors on the grid in which partitions are compared, shape (n, any).
        centred_points: unit vectors on the grid in which groups are joined, shape (n, any).

    Returns:
        The choice, which has at least `fewest_groups(n)` groups where any candidate has so many.
    """
    n = graph.shape[0]
    judged = np.unique(np.linspace(0, n - 1, min(n, MAX_JUDGED)).astype(np.int64))
    candidates: list[Partition] = []
    resolution, best, n_worse, n_communities = LOWEST_RESOLUTION, -1.0, 0, 0
    while resolution <= HIGHEST_RESOLUTION and n_worse < STOP_AFTER and n_communities <= n / FEWEST_PER_COMMUNITY:
        communities = leiden(graph, resolution)
        n_communities = int(communities.max()) + 1
        groups = join_groups(centred_points, communities)
        # Rounded, so that a last bit cannot decide.
        silhouette = round(float(silhouettes(space, groups, judged).mean()), 6)
        candidates.append(Partition(resolution, groups, int(groups.max()) + 1, silhouette))
        if candidates[-1].n_groups >= fewest_groups(n):
            best = max(best, silhouette)
            n_worse = n_worse + 1 if silhouette < STOP_RATIO * best else 0
        resolution *= STEP_RATIO
    usable = [c for c in candidates if c.n_groups >= fewest_groups(n)] or candidates
    highest = max(candidate.silhouette for candidate in usable)
    good = [c for c in usable if c.silhouette >= highest - TOLERANCE * abs(highest)]
    return min(good, key=lambda c: (c.n_groups, c.resolution))


def fewest_groups(n_points: int) -> int:
    """Give the least number of groups that is of use: it keeps two languages from being the two themes."""
    return max(2, min(5, int(np.sqrt(n_points) / 3)))


def leiden(graph: csr_matrix, resolution: float) -> NDArray[np.int64]:
    """Find Leiden communities by modularity, the same ones for the same graph; groups are 0 to n_groups -
    1.
    """
    n = graph.shape[0]
    _, communities = graspologic_native.leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        n,
        resolution=resolution,
        iterations=ITERATIONS,
        seed=SEED,
        trials=TRIALS,
    )
    # A point without a neighbour is in no community: it gets a group of its own.
    labels = np.arange(n, 2 * n)
    labels[list(communities.keys())] = list(communities.values())
    return np.unique(labels, return_inverse=True)[1]
