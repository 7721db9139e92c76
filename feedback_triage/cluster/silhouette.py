"""How well a partition fits: the silhouette (Rousseeuw 1987) by cosine, from group sums instead of all
pairs.
"""

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.grid import SCALE, sum_by_group

CHUNK_CELLS = 8_000_000
"""Point-to-group sums held at a time (64 MB)."""


def silhouettes(
    space: NDArray[np.float32], groups: NDArray[np.int64], rows: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Compare the nearness of each point to its own group with that to the next best group.

    Args:
        space: unit vectors on the grid, shape (n, dim).
        groups: group of each point, 0 to n_groups - 1, all of them in use.
        rows: the points to judge, all of them by default.

    Returns:
        (a - b) / max(1 - a, 1 - b) for each judged point, -1 to 1, where a is the mean cosine with the other
        points of its group and b the highest mean cosine with another group. 0 where a point is alone or has
        no other group.
    """
    judged = np.arange(len(space)) if rows is None else rows
    n_groups = int(groups.max(initial=-1)) + 1
    result = np.zeros(len(judged))
    if n_groups < 2:
        return result
    sums = sum_by_group(space, groups, n_groups)
    counts = np.bincount(groups, minlength=n_groups)
    step = max(1, CHUNK_CELLS // n_groups)
    for start in range(0, len(judged), step):
        chunk = judged[start : start + step]
        vectors = space[chunk].astype(np.float64)
        own_group = groups[chunk]
        each = np.arange(len(chunk))
        cosines = vectors @ sums.T  # exact: whole numbers far below 2**53
        others = counts[own_group] - 1
        itself = (vectors * vectors).sum(axis=1)
        own = (cosines[each, own_group] - itself) / np.maximum(others, 1) / SCALE**2
        cosines = cosines / counts / SCALE**2
        cosines[each, own_group] = -np.inf
        best_other = cosines.max(axis=1)
        scale = np.maximum(np.maximum(1 - own, 1 - best_other), 1e-9)
        result[start : start + step] = np.where(others > 0, (own - best_other) / scale, 0.0)
    return result
