"""Places of items inside the disc of their theme.

The dots fill the disc evenly, in the spiral of a sunflower's seeds (Vogel, 1979): the surest item is in the middle.
Within a narrow ring, whose items are about equally sure, each goes to the side of the themes it is also close to.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

RIM = 6.0
"""Room between the outermost dots and the edge of the disc."""

_GOLDEN = np.pi * (3 - np.sqrt(5))
_SHARPNESS = 8  # power: the second nearest theme pulls far more than those that are hardly nearer than any


def place_dots(
    cosines: NDArray[np.float64],
    themes: NDArray[np.int64],
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Place items.

    Args:
        cosines: of each item with the centroid of each theme, shape (n, n_themes); the surest items first, ties in
            an order that depends on nothing but the items.
        themes: index of each item's theme, shape (n,).
        centres: of the discs, shape (n_themes, 2).
        radii: of the discs, shape (n_themes,).

    Returns:
        Places, shape (n, 2), rounded to one decimal; each inside its theme's disc.
    """
    placed = np.zeros((len(themes), 2))
    for theme in range(len(radii)):
        rows = np.flatnonzero(themes == theme)
        seeds = _seeds(len(rows)) * max(radii[theme] - RIM, radii[theme] / 2)
        leaning = _leaning(cosines[rows], theme, centres)
        for ring in _rings(len(rows)):
            placed[rows[ring]] = centres[theme] + seeds[ring][_seats(seeds[ring], leaning[ring])]
    return np.round(placed, 1)


def _seeds(n: int) -> NDArray[np.float64]:
    """Evenly spread points of the unit disc, from the middle outwards."""
    turn, reach = _GOLDEN * np.arange(n), np.sqrt((np.arange(n) + 0.5) / max(n, 1))
    if n == 1:
        return np.zeros((1, 2))
    return np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=1)


def _rings(n: int) -> list[slice]:
    """Rings one dot wide; the k-th holds about 2 pi k dots."""
    edges = [0]
    while edges[-1] < n:
        edges.append(min(n, int(np.pi * len(edges) ** 2)))
    return [slice(low, high) for low, high in pairwise(edges)]


def _leaning(cosines: NDArray[np.float64], theme: int, centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Direction of each item from the middle of its disc, in radians: towards the other themes it is close to."""
    others = np.flatnonzero(np.arange(len(centres)) != theme)
    if not len(others) or not len(cosines):
        return np.zeros(len(cosines))
    close = cosines[:, others]
    low, high = close.min(axis=1, keepdims=True), close.max(axis=1, keepdims=True)
    pull = np.divide(close - low, high - low, out=np.ones_like(close), where=high > low) ** _SHARPNESS
    away = centres[others] - centres[theme]
    away = away / np.maximum(np.sqrt((away**2).sum(axis=1, keepdims=True)), 1e-9)
    towards = (pull[:, :, None] * away[None, :, :]).sum(axis=1)
    found: NDArray[np.float64] = np.round(np.arctan2(towards[:, 1], towards[:, 0]), 6)
    return found


def _seats(seeds: NDArray[np.float64], leaning: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which seed each item of a ring takes: in the order around the ring, turned to where they fit best."""
    angles = np.arctan2(seeds[:, 1], seeds[:, 0])
    by_seed, by_item = np.argsort(angles), np.argsort(leaning, kind="stable")
    n = len(by_seed)
    closeness = np.cos(angles[by_seed][None, :] - leaning[by_item][:, None])
    turned = (np.arange(n)[:, None] + np.arange(n)[None, :]) % n
    best = int(np.round(closeness[np.arange(n)[:, None], turned].sum(axis=0), 6).argmax())
    seats = np.zeros(n, dtype=np.int64)
    seats[by_item] = by_seed[(np.arange(n) + best) % n]
    return seats
