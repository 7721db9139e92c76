"""Candidate partitions of the neighbour graph, and the choice among them.

The candidates are Leiden communities (Traag, Waltman and van Eck 2019) at rising resolution: the higher it is, the more
and the smaller the groups. Modularity likes groups of one size, so groups whose members are as near to each other's as
to their own are joined (see `joining`). No single resolution serves both twenty large topics and eighty small ones, so
the data chooses: the silhouette of each candidate is measured in the main directions of the texts.

The choice is made on at most `MAX_JUDGED` points, whatever the size of the set: the more points, the higher the
resolution that the silhouette likes, and ten thousand items of seventy topics would end up in a hundred and sixty
groups. The whole set then gets as many communities as were best for its sample.
"""

from dataclasses import dataclass

import graspologic_native
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from feedback_triage.cluster.joining import join_groups
from feedback_triage.cluster.neighbours import n_neighbours, nearest_neighbours, neighbour_graph, voices
from feedback_triage.cluster.silhouette import silhouettes
from feedback_triage.cluster.space import main_directions

LOWEST_RESOLUTION, HIGHEST_RESOLUTION = 0.35, 512.0
"""Ends of the ladder of resolutions."""

STEP_RATIO = 1.18
"""Ratio of two neighbouring resolutions."""

STOP_RATIO = 0.8
"""Climbing ends where the silhouette has fallen to this part of the best one for `STOP_AFTER` steps, or at the top."""

STOP_AFTER = 6

FEWEST_PER_COMMUNITY = 4
"""Climbing also ends where the communities hold fewer points than this on average."""

FEW = 12
"""Points up to which the graph is not asked where each was said `SAID_OFTEN` times on average: a dozen texts may be a
dozen subjects, and those that say the same are joined. Communities up to which climbing goes on in any case."""

SAID_OFTEN = 2

NEARLY = 0.97
"""Part of the best silhouette within which candidates count as equal: the middle one of them is taken."""

MAX_JUDGED = 3_000
"""Points on which the resolution is chosen."""

SEED = 20_260_101
TRIALS = 1
ITERATIONS = 2
_SHRINKS = 0.8  # how the resolution for as many communities falls with the number of points
_SLOPE = 0.5
_NEAR_ENOUGH = 0.15  # of the logarithm of the number of communities
_MOST_TRIES = 4


@dataclass(frozen=True, slots=True)
class Partition:
    """One candidate.

    Attributes:
        resolution: of the Leiden communities.
        n_communities: how many communities there were before joining.
        groups: group of each point, 0 to n_groups - 1.
        silhouette: mean over the points, -1 to 1.
    """

    resolution: float
    n_communities: int
    groups: NDArray[np.int64]
    silhouette: float

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        return int(self.groups.max(initial=-1)) + 1


def choose_partition(grid: NDArray[np.float32], graph: csr_matrix, n_rows: NDArray[np.int64]) -> Partition:
    """Take a partition whose silhouette is about the best.

    Args:
        grid: unit vectors on the grid, shape (n, dim), n at least 3.
        graph: symmetric weights, shape (n, n).
        n_rows: rows at each point, shape (n,).

    Returns:
        The choice, which has at least `fewest_groups(n)` groups where any candidate has so many.
    """
    n = len(grid)
    if n <= FEW and n_rows.sum() >= SAID_OFTEN * n:
        groups = join_groups(grid, np.arange(n))
        silhouette = round(float(silhouettes(main_directions(grid), groups).mean()), 6)
        return Partition(HIGHEST_RESOLUTION, n, groups, silhouette)
    if n <= MAX_JUDGED:
        return _best_of(_climb(grid, graph), n)
    sample = grid[np.linspace(0, n - 1, MAX_JUDGED).astype(np.int64)]
    k = n_neighbours(MAX_JUDGED)
    indices, cosines = nearest_neighbours(sample, k)
    own = neighbour_graph(np.repeat(np.arange(MAX_JUDGED), k), indices.ravel(), cosines.ravel(), MAX_JUDGED)
    chosen = _best_of(_climb(sample, own), MAX_JUDGED)
    resolution, communities = _with_communities(
        graph, chosen.n_communities, chosen.resolution * (MAX_JUDGED / n) ** _SHRINKS
    )
    groups = join_groups(grid, communities)
    n_communities = int(communities.max()) + 1
    return Partition(resolution, n_communities, groups, chosen.silhouette)


def fewest_groups(n_points: int) -> int:
    """Give the least number of groups that is of use: it keeps two languages from being the two themes."""
    return max(2, min(10, round(float(np.sqrt(n_points)) / 2)))


def leiden(graph: csr_matrix, resolution: float) -> NDArray[np.int64]:
    """Find Leiden communities by modularity, the same ones for the same graph; groups are 0 to n_groups - 1."""
    n = graph.shape[0]
    if not graph.nnz:  # the library breaks off where there is no edge
        return np.arange(n)
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


def _climb(grid: NDArray[np.float32], graph: csr_matrix) -> list[Partition]:
    """Candidates from the lowest resolution up, as far as climbing is worth while."""
    n = len(grid)
    space = main_directions(grid)
    weights = voices(graph)
    most_communities = max(n / FEWEST_PER_COMMUNITY, min(n - 1, FEW))
    candidates: list[Partition] = []
    resolution, best, n_worse, n_communities = LOWEST_RESOLUTION, -1.0, 0, 0
    while resolution <= HIGHEST_RESOLUTION and n_worse < STOP_AFTER and n_communities <= most_communities:
        communities = leiden(graph, resolution)
        n_communities = int(communities.max()) + 1
        groups = join_groups(grid, communities)
        # Rounded, so that a last bit cannot decide.
        silhouette = round(float(np.average(silhouettes(space, groups), weights=weights)), 6)
        candidates.append(Partition(resolution, n_communities, groups, silhouette))
        if candidates[-1].n_groups >= fewest_groups(n):
            best = max(best, silhouette)
            n_worse = n_worse + 1 if silhouette < STOP_RATIO * best else 0
        resolution *= STEP_RATIO
    return candidates


def _best_of(candidates: list[Partition], n: int) -> Partition:
    """Take the middle one of those that are about the best by the mean of their own silhouette and their neighbours' on
    the ladder: a lone peak is chance.
    """
    usable = [c for c in candidates if c.n_groups >= fewest_groups(n)] or candidates
    own = np.array([candidate.silhouette for candidate in usable])
    padded = np.pad(own, 1, mode="edge")
    smooth = np.round((padded[:-2] + own + padded[2:]) / 3, 9)
    good = np.flatnonzero(smooth >= smooth.max() - (1 - NEARLY) * abs(smooth.max()))
    return usable[int(good[(len(good) - 1) // 2])]


def _with_communities(graph: csr_matrix, wanted: int, resolution: float) -> tuple[float, NDArray[np.int64]]:
    """Find a resolution at which the graph has about so many communities.

    On logarithmic scales the number of communities grows with the resolution at a slope of about `_SLOPE`; a step of
    that slope is taken until the number lies between two tries, then their middle.
    """
    best = (float("inf"), resolution, np.zeros(0, np.int64))
    too_few, too_many = 0.0, 0.0
    for _ in range(_MOST_TRIES):
        communities = leiden(graph, resolution)
        miss = float(np.log(wanted / (int(communities.max()) + 1)))
        best = min(best, (abs(miss), resolution, communities), key=lambda candidate: candidate[0])
        if abs(miss) < _NEAR_ENOUGH:
            break
        too_few, too_many = (resolution, too_many) if miss > 0 else (too_few, resolution)
        between = too_few and too_many
        step = float(np.exp(np.clip(miss / _SLOPE, -2.0, 2.0)))
        resolution = float(np.sqrt(too_few * too_many)) if between else resolution * step
    return best[1], best[2]
