"""Nearest neighbours by cosine, and the graph they make.

Up to `EXACT_UP_TO` vectors every pair is looked at. Above that the vectors are put into cells (an inverted file,
faiss): the centres of the cells are vectors of the set itself, evenly spaced, so nothing is trained and nothing is
drawn by chance, and each vector is compared with those in the `CELLS_SEARCHED` cells nearest to it.
"""

import faiss
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from feedback_triage.cluster.grid import SCALE

EXACT_UP_TO = 20_000
"""Vectors up to which all pairs are compared."""

CELLS_PER_ROOT = 4
"""Cells of the inverted file, in square roots of the number of vectors."""

CELLS_SEARCHED = 16
"""Cells in which the neighbours of a vector are looked for: of the nearest 15 they hold about 86 in 100."""

MOST_NEIGHBOURS = 15
"""Neighbours of a point in the graph; fewer in small sets, see `n_neighbours`."""

ECHO_COSINE = 0.9
"""Texts this close hardly add anything to each other."""

WEIGHT_POWER = 3
"""Sharpens the edges, so that a near neighbour counts more than several middling ones."""

_SPARE = 4  # more neighbours than asked for, so that equal cosines at the end can be put in order


class NeighbourIndex:
    """Vectors that can be searched for those nearest to others.

    Args:
        grid: unit vectors on the grid, float32, shape (n, dim), n at least 1.
    """

    def __init__(self, grid: NDArray[np.float32]) -> None:
        n, dim = grid.shape
        self.size = n
        self._index = faiss.IndexFlatIP(dim) if n <= EXACT_UP_TO else _cells(grid)
        self._index.add(np.ascontiguousarray(grid))

    def search(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Find the k nearest vectors of each query, the lower index first among equals.

        Where more than a few vectors are equally far at the end of the list, which of them are found depends on the
        order of the vectors alone.

        Args:
            queries: unit vectors on the grid, shape (m, dim).
            k: 1 to n.

        Returns:
            Indices and cosines, each of shape (m, k), nearest first. Where fewer than k are found (only in a set that
            is searched by cells) the index is -1 and the cosine -1.
        """
        wanted = min(self.size, k + _SPARE)
        products, found = self._index.search(np.ascontiguousarray(queries), wanted)
        # Products are whole numbers below 2**24: as one number with the index they sort by both.
        whole = np.where(found >= 0, products, -(SCALE**2)).astype(np.int64)
        order = np.argsort(-whole * (self.size + 1) + found, axis=1)[:, :k]
        indices = np.take_along_axis(found, order, axis=1)
        return indices, np.take_along_axis(whole, order, axis=1) / SCALE**2


def _cells(grid: NDArray[np.float32]) -> faiss.IndexIVFFlat:
    """Make an empty inverted file whose cells are ready."""
    n, dim = grid.shape
    n_cells = int(CELLS_PER_ROOT * np.sqrt(n))
    centres = faiss.IndexFlatIP(dim)
    centres.add(np.ascontiguousarray(grid[np.linspace(0, n - 1, n_cells).astype(np.int64)]))
    cells = faiss.IndexIVFFlat(centres, dim, n_cells, faiss.METRIC_INNER_PRODUCT)
    cells.is_trained = True
    cells.nprobe = CELLS_SEARCHED
    return cells


def n_neighbours(n: int) -> int:
    """Give the neighbours of a point in a set of n: 3 for a handful, `MOST_NEIGHBOURS` from about 450."""
    return min(n - 1, max(3, min(MOST_NEIGHBOURS, round(0.7 * float(np.sqrt(n))))))


def nearest_neighbours(grid: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the k nearest other vectors of each vector.

    Args:
        grid: unit vectors on the grid, shape (n, dim).
        k: 1 to n - 1.

    Returns:
        As `NeighbourIndex.search`, each of shape (n, k).
    """
    n = len(grid)
    indices, cosines = NeighbourIndex(grid).search(grid, k + 1)
    is_other = indices != np.arange(n)[:, None]
    # A vector with many twins may not be among its own nearest: then the farthest goes instead.
    is_other[is_other.all(axis=1), -1] = False
    return indices[is_other].reshape(n, k), cosines[is_other].reshape(n, k)


def voices(graph: csr_matrix) -> NDArray[np.float64]:
    """How much each point counts where the set is judged: 1, or less where its neighbours nearly repeat it.

    A template with a number in it comes a thousand times in slightly other words. Counted in full, it would decide how
    many groups the other texts fall into, and which of them are outliers.

    Args:
        graph: see `neighbour_graph`.

    Returns:
        1 / (1 + neighbours with a cosine of `ECHO_COSINE` or more), shape (n,).
    """
    is_echo = graph.copy()
    is_echo.data = (graph.data >= ECHO_COSINE**WEIGHT_POWER).astype(np.float64)
    weights: NDArray[np.float64] = 1 / (1 + np.asarray(is_echo.sum(axis=1)).ravel())
    return weights


def neighbour_graph(
    rows: NDArray[np.int64], columns: NDArray[np.int64], cosines: NDArray[np.float64], n: int
) -> csr_matrix:
    """Join points with their neighbours; the weight of an edge is the cosine to the power `WEIGHT_POWER`.

    An edge is there when either end counts the other among its nearest. Pairs that point away from each other (cosine 0
    or less) are not joined, and no point is joined with itself.

    Args:
        rows: a point, for each pair.
        columns: its neighbour, -1 for none.
        cosines: of the pair.
        n: number of points.

    Returns:
        Symmetric, shape (n, n), sorted indices, no diagonal.
    """
    kept = (cosines > 0) & (columns >= 0) & (rows != columns)
    rows, columns, weights = rows[kept], columns[kept], cosines[kept] ** WEIGHT_POWER
    # Of several edges between two points the heaviest counts, and a sparse matrix would add them up.
    order = np.lexsort((-weights, columns, rows))
    rows, columns, weights = rows[order], columns[order], weights[order]
    is_first = np.ones(len(rows), dtype=bool)
    is_first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    one_way = coo_matrix((weights[is_first], (rows[is_first], columns[is_first])), shape=(n, n)).tocsr()
    graph = one_way.maximum(one_way.T).tocsr()
    graph.sort_indices()
    return graph
