"""From rows to points: rows with one text are one point, and so are rows that say almost the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

from feedback_triage.cluster.grid import sum_by_group, to_grid, unit_on_grid
from feedback_triage.cluster.neighbours import (
    ECHO_COSINE,
    NeighbourIndex,
    n_neighbours,
    nearest_neighbours,
    neighbour_graph,
)

NEAR_DUPLICATE_COSINE = 0.97
"""Texts this close are one point: a template that was sent a hundred times has one voice in the graph."""

CROWD = 14
"""Neighbours at `ECHO_COSINE` or nearer that make a text one of a crowd, which is one point as well: a template with a
number in it comes in slightly other words each time."""

_MOST_ASKED = 500  # neighbours looked at for a template, most of which are its own copies


@dataclass(frozen=True, slots=True)
class Points:
    """What is clustered.

    Attributes:
        grid: unit vectors on the grid, shape (n_points, dim), in the order of their smallest keys.
        point_of_row: index of the point of each row, shape (n_rows,).
        n_rows: rows at each point, shape (n_points,).
        smallest_key: rank of the smallest key at each point among all keys, shape (n_points,).
        graph: how near the points are to each other, see `neighbour_graph`.
        nearest_cosine: of each point with the nearest other one, shape (n_points,); -1 where none was found.
    """

    grid: NDArray[np.float32]
    point_of_row: NDArray[np.int64]
    n_rows: NDArray[np.int64]
    smallest_key: NDArray[np.int64]
    graph: csr_matrix
    nearest_cosine: NDArray[np.float64]


def to_points(vectors: NDArray[np.floating], keys: Sequence[str]) -> Points:
    """Put rows with the same key, and near duplicates, on one point each, and join near points.

    The points come out in the order of their keys, so the order of the rows does not matter. Rows with one key are
    expected to have one vector; where they differ in the last bits, their mean is taken.

    Raises:
        ValueError: see `to_grid`; or the number of keys is not the number of rows.
    """
    if len(keys) != len(vectors):
        raise ValueError(f"{len(vectors)} vectors need as many keys, not {len(keys)}")
    grid = to_grid(vectors)
    unique, text_of_row = np.unique(np.asarray(keys, dtype=np.str_), return_inverse=True)
    texts = unit_on_grid(sum_by_group(grid, text_of_row, len(unique)))
    point_of_text, pairs = _near_duplicates(texts)
    n_points = int(point_of_text.max(initial=-1)) + 1
    point_of_row = point_of_text[text_of_row]
    smallest_key = np.full(n_points, len(unique), dtype=np.int64)
    np.minimum.at(smallest_key, point_of_text, np.arange(len(unique)))
    points = texts if n_points == len(texts) else unit_on_grid(sum_by_group(texts, point_of_text, n_points))
    rows, columns, cosines = pairs if n_points == len(texts) else _pairs_of_points(texts, point_of_text, points, pairs)
    nearest = np.full(n_points, -1.0)
    np.maximum.at(nearest, rows, cosines)
    return Points(
        grid=points,
        point_of_row=point_of_row,
        n_rows=np.bincount(point_of_row, minlength=n_points),
        smallest_key=smallest_key,
        graph=neighbour_graph(rows, columns, cosines, n_points),
        nearest_cosine=nearest,
    )


_Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def _near_duplicates(texts: NDArray[np.float32]) -> tuple[NDArray[np.int64], _Pairs]:
    """Find the groups of texts that chains of near duplicates join, numbered in the order of their first text.

    Returns:
        The group of each text, and the pairs of neighbours among the texts.
    """
    n = len(texts)
    if n < 2:
        return np.arange(n), (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    k = n_neighbours(n)
    indices, cosines = nearest_neighbours(texts, k)
    pairs = (np.repeat(np.arange(n), k), indices.ravel(), cosines.ravel())
    is_in_crowd = (cosines >= ECHO_COSINE).sum(axis=1) >= CROWD
    are_crowd = is_in_crowd[pairs[0]] & is_in_crowd[pairs[1]] & (pairs[2] >= ECHO_COSINE)
    is_copy = (pairs[2] >= NEAR_DUPLICATE_COSINE) | are_crowd
    links = coo_matrix((np.ones(int(is_copy.sum())), (pairs[0][is_copy], pairs[1][is_copy])), shape=(n, n))
    _, component = connected_components(links, directed=False)
    _, first, group = np.unique(component, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[group], pairs


def _pairs_of_points(
    texts: NDArray[np.float32], point_of_text: NDArray[np.int64], points: NDArray[np.float32], pairs: _Pairs
) -> _Pairs:
    """Turn neighbours among texts into neighbours among points.

    The neighbours of a copy are mostly other copies, so for points of several texts the neighbours are asked for anew.
    """
    n_texts = np.bincount(point_of_text)
    is_single = n_texts[point_of_text[pairs[0]]] == 1
    found = [(point_of_text[pairs[0][is_single]], point_of_text[pairs[1][is_single]], pairs[2][is_single])]
    several = np.flatnonzero(n_texts > 1)
    index = NeighbourIndex(texts)
    k = n_neighbours(len(points)) if len(points) > 1 else 1
    asked = np.minimum(np.minimum(n_texts[several] + k, len(texts)), _MOST_ASKED)
    # One question a size class, since a question has one number of neighbours.
    classes = np.ceil(np.log2(asked)).astype(np.int64)
    for size in np.unique(classes):
        chosen = several[classes == size]
        n_asked = min(2 ** int(size), len(texts))
        indices, cosines = index.search(points[chosen], n_asked)
        known = indices.ravel() >= 0
        rows = np.repeat(chosen, n_asked)[known]
        columns = point_of_text[indices.ravel()[known]]
        other = rows != columns
        found.append(_nearest_few(rows[other], columns[other], cosines.ravel()[known][other], k))
    rows, columns, cosines = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return rows, columns, cosines


def _nearest_few(rows: NDArray[np.int64], columns: NDArray[np.int64], cosines: NDArray[np.float64], k: int) -> _Pairs:
    """Keep the first k different columns of each row; rows are in order, the columns of each from the nearest on."""
    _, first = np.unique(np.column_stack([rows, columns]), axis=0, return_index=True)
    first.sort()
    rows, columns, cosines = rows[first], columns[first], cosines[first]
    is_kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < k
    return rows[is_kept], columns[is_kept], cosines[is_kept]
