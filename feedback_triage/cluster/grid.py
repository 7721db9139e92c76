"""Vectors on an integer grid, so that every sum is exact.

A float sum depends on the order of its terms, hence on the number of threads and on the processor. Unit
vectors times `SCALE`, rounded to whole numbers, have products whose sums stay below 2**24, which float32
holds exactly, so any order of summation gives the same bits. The rounding moves a cosine by less than 0.001.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

SCALE = 4000
"""Grid steps per unit; the largest round number for which products of two grid vectors are exact in
float32."""

_CHUNK_ROWS = 8_192  # rows that are held in double precision at a time

UNIT_TOLERANCE = 0.01
"""How far the length of a vector may be from 1."""


def to_grid(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Round unit vectors to whole grid steps.

    Args:
        vectors: shape (n, dim), unit length.

    Returns:
        Shape (n, dim), whole numbers.

    Raises:
        ValueError: not two-dimensional, not finite, or not of unit length.
    """
    if vectors.ndim != 2:
        raise ValueError(f"vectors must have two dimensions, not {vectors.ndim}")
    if not np.isfinite(vectors).all():
        raise ValueError("vectors must be finite: there are NaN or infinite values")
    norms = np.linalg.norm(vectors, axis=1)
    if len(norms) and np.abs(norms - 1).max() > UNIT_TOLERANCE:
        raise ValueError(f"vectors must have unit length: lengths reach from {norms.min():.3f} to {norms.max():.3f}")
    grid: NDArray[np.float32] = np.rint(vectors * SCALE).astype(np.float32)
    return grid


def unit_on_grid(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Scale vectors of any length to unit length and round them to the grid; a zero vector stays zero."""
    grid = np.empty(vectors.shape, dtype=np.float32)
    for start in range(0, len(vectors), _CHUNK_ROWS):
        chunk = vectors[start : start + _CHUNK_ROWS].astype(np.float64)
        norms = np.linalg.norm(chunk, axis=1, keepdims=True)
        grid[start : start + _CHUNK_ROWS] = np.rint(chunk / np.where(norms > 0, norms, 1) * SCALE)
    return grid


def sum_by_group(vectors: NDArray[np.float32], groups: NDArray[np.integer], n_groups: int) -> NDArray[np.float64]:
    """Add up the grid vectors of each group, shape (n_groups, dim); exact up to 2**53 / 4000 members a
    group.
    """
    sums = np.zeros((n_groups, vectors.shape[1]), dtype=np.float64)
    for start in range(0, len(vectors), _CHUNK_ROWS):
        chunk = vectors[start : start + _CHUNK_ROWS].astype(np.float64)
        n = len(chunk)
        member = csr_matrix((np.ones(n), (groups[start : start + n], np.arange(n))), shape=(n_groups, n))
        sums += member @ chunk
    return sums
