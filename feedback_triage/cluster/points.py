"""From rows to points: rows with one text are one point, and so are rows that say almost the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from feedback_triage.cluster.grid import sum_by_group, to_grid, unit_on_grid
from feedback_triage.cluster.neighbours import nearest_neighbours

NEAR_DUPLICATE_COSINE = 0.97
"""Texts this close are one point: a template that was sent a hundred times has one voice in the graph."""

_N_NEIGHBOURS = 5  # enough to chain the copies of a template together


@dataclass(frozen=True, slots=True)
class Points:
    """What is clustered.

    Attributes:
        grid: unit vectors on the grid, shape (n_points, dim), in the order of their smallest keys.
        point_of_row: index of the point of each row, shape (n_rows,).
        n_rows: rows at each point, shape (n_points,).
        smallest_key: rank of the smallest key at each point among all keys, shape (n_points,).
    """

    grid: NDArray[np.float32]
    point_of_row: NDArray[np.int64]
    n_rows: NDArray[np.int64]
    smallest_key: NDArray[np.int64]


def to_points(vectors: NDArray[np.floating], keys: Sequence[str]) -> Points:
    """Put rows with the same key, and near duplicates, on one point each.

    The points come out in the order of their keys, so the order of the rows does not matter. Rows with one
    key are expected to have one vector; where they differ in the last bits, their mean is taken.

    Raises:
        ValueError: see `to_grid`; or the number of keys is not the number of rows.
    """
    if len(keys) != len(vectors):
        raise ValueError(f"{len(vectors)} vectors need as many keys, not {len(keys)}")
    grid = to_grid(vectors)
    unique, text_of_row = np.unique(np.asarray(keys, dtype=np.str_), return_inverse=True)
    texts = unit_on_grid(sum_by_group(grid, text_of_row, len(unique)))
    point_of_text = _near_duplicates(texts)
    n_points = int(point_of_text.max(initial=-1)) + 1
    point_of_row = point_of_text[text_of_row]
    smallest_key = np.full(n_points, len(unique), dtype=np.int64)
    np.minimum.at(smallest_key, point_of_text, np.arange(len(unique)))
    return Points(
        grid=unit_on_grid(sum_by_group(texts, point_of_text, n_points)),
        point_of_row=point_of_row,
        n_rows=np.bincount(point_of_row, minlength=n_points),
        smallest_key=smallest_key,
    )


def _near_duplicates(texts: NDArray[np.float32]) -> NDArray[np.int64]:
    """Find the groups of texts that chains of near duplicates join, numbered in the order of their first
    text.
    """
    n = len(texts)
    if n < 2:
        return np.arange(n)
    indices, cosines = nearest_neighbours(texts, min(_N_NEIGHBOURS, n - 1))
    rows, columns = np.nonzero(cosines >= NEAR_DUPLICATE_COSINE)
    links = coo_matrix((np.ones(len(rows)), (rows, indices[rows, columns])), shape=(n, n))
    _, component = connected_components(links, directed=False)
    _, first, group = np.unique(component, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group]
