"""Which texts stand for a cluster: near its centre, of readable length, no two alike."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.grid import unit_on_grid

MAX_EXEMPLARS = 5
READABLE_CHARACTERS = (20, 240)
"""A shorter text says too little, a longer one is not read; either counts as further from the centre."""

_WORD = re.compile(r"\w\w|[\u3040-\u9fff]")
_LENGTH_PENALTY = 0.25
_TOO_CLOSE_COSINE = 0.9
_MAX_LOOKED_AT = 400


def by_centrality(
    positions: NDArray[np.int64],
    texts: Sequence[str],
    vectors: NDArray[np.float32],
    strengths: NDArray[np.float32],
) -> list[int]:
    """Order the members of a cluster by how well they stand for it, best first; each distinct text once.

    Args:
        positions: rows of the members.
        texts: of all rows.
        vectors: of all rows, shape (n, dim).
        strengths: of all rows, 0..1.

    Returns:
        Positions. The order depends on texts and vectors alone, not on the order of the rows.
    """
    first_at: dict[str, int] = {}
    for position in positions.tolist():
        first_at.setdefault(texts[position], position)
    distinct = [first_at[text] for text in sorted(first_at)]
    grid = unit_on_grid(vectors[distinct]).astype(np.float64)
    centre = grid.sum(axis=0)
    length = float(np.linalg.norm(centre)) or 1.0
    nearness = (grid @ centre) / (np.linalg.norm(grid, axis=1).clip(1) * length)
    penalty = np.array([_length_penalty(texts[position]) for position in distinct])
    score = np.round(nearness + 0.2 * strengths[distinct] - penalty, 6)
    return [distinct[i] for i in np.lexsort((np.arange(len(distinct)), -score))]


def pick_exemplars(ordered: Sequence[int], vectors: NDArray[np.float32]) -> tuple[int, ...]:
    """Take the best members that differ from each other; near copies only where nothing else is left."""
    looked_at = list(ordered[:_MAX_LOOKED_AT])
    grid = unit_on_grid(vectors[looked_at]).astype(np.float64)
    chosen: list[int] = []
    lengths = np.linalg.norm(grid, axis=1)
    for i in range(len(looked_at)):
        if len(chosen) == MAX_EXEMPLARS:
            break
        cosines = grid[chosen] @ grid[i] / (lengths[chosen] * lengths[i]).clip(1)
        if (cosines < _TOO_CLOSE_COSINE).all():
            chosen.append(i)
    rest = [i for i in range(len(looked_at)) if i not in chosen]
    chosen = sorted(chosen + rest[: max(0, min(3, len(looked_at)) - len(chosen))])
    return tuple(looked_at[i] for i in chosen)


def _length_penalty(text: str) -> float:
    """0 for a readable length, rising to `_LENGTH_PENALTY` for a text that is empty or twice too long."""
    shortest, longest = READABLE_CHARACTERS
    n = len(text) if _WORD.search(text) else 0  # a row of emoji says too little, however long
    if n < shortest:
        return _LENGTH_PENALTY * (shortest - n) / shortest
    return _LENGTH_PENALTY * min(1.0, max(0, n - longest) / longest)
