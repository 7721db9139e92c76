"""Exact nearest neighbours and the graph they make."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from feedback_triage.cluster.grid import SCALE

WEIGHT_POWER = 3
"""Sharpens the edges, so that a near neighbour counts more than several middling ones."""

CHUNK_CELLS = 16_000_000
"""Similarities held at a time (64 MB): memory does not grow with the square of the number of items."""


def nearest_neighbours(grid: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the k nearest other points of each point by cosine; among equals the lower index goes first.

    Args:
        grid: unit vectors on the grid, shape (n, dim).
        k: 1 to n - 1.

    Returns:
        Indices and cosines, each of shape (n, k), nearest first. The time grows with the square of n.
    """
    n = len(grid)
    indices = np.empty((n, k), dtype=np.int64)
    cosines = np.empty((n, k), dtype=np.float64)
    step = max(1, CHUNK_CELLS // max(n, 1))
    for start in range(0, n, step):
        stop = min(n, start + step)
        products = grid[start:stop] @ grid.T
        products[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        kth_best = np.partition(products, n - k, axis=1)[:, n - k]
        rows, columns = np.nonzero(products >= kth_best[:, None])
        values = products[rows, columns]
        order = np.lexsort((columns, -values, rows))
        rows, columns, values = rows[order], columns[order], values[order]
        first = np.searchsorted(rows, np.arange(stop - start))
        nearest = first[:, None] + np.arange(k)
        indices[start:stop] = columns[nearest]
        cosines[start:stop] = values[nearest].astype(np.float64) / SCALE**2
    return indices, cosines


def neighbour_graph(indices: NDArray[np.int64], cosines: NDArray[np.float64]) -> csr_matrix:
    """Join each point with its neighbours; the weight of an edge is the cosine to the power `WEIGHT_POWER`.

    An edge is there when either end counts the other among its nearest. Pairs that point away from each other
    (cosine 0 or less) are not joined.

    Returns:
        Symmetric, shape (n, n), sorted indices, no diagonal.
    """
    n, k = indices.shape
    rows = np.repeat(np.arange(n), k)
    columns, weights = indices.ravel(), cosines.ravel()
    kept = weights > 0
    one_way = coo_matrix((weights[kept] ** WEIGHT_POWER, (rows[kept], columns[kept])), shape=(n, n)).tocsr()
    graph = one_way.maximum(one_way.T).tocsr()
    graph.sort_indices()
    return graph
