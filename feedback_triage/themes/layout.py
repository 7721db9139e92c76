"""Where the themes and their items lie on a map.

Themes are discs. Their distances follow the angles between their centroids: classical scaling gives a start (Torgerson,
1952), stress majorisation improves it (de Leeuw, 1977; weights as in Gansner, Koren and North, 2004), and discs that
overlap are pushed apart. Items lie in the disc of their theme (see `dots`).

Every sum here is taken by NumPy itself in a fixed order, never by BLAS, and centroids are summed on an integer grid:
the same items give the same map whatever the row order and the number of threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster.grid import sum_by_group, to_grid, unit_on_grid
from feedback_triage.themes.discs import GOLDEN_ANGLE, place_discs
from feedback_triage.themes.dots import place_dots

WIDTH = 1080.0
"""Of the box that everything lies in, in drawing units; one unit is about a pixel of a wide screen."""

HEIGHT = 640.0

MOST_THEMES = 120
"""Themes on a map; more would be too small to be read."""

MOST_DOTS = 2_400
"""Items on a map, but for the few that `LEAST_DOTS` adds."""

LEAST_DOTS = 12
"""Items of every theme that are drawn, if it has so many."""

_FILL_RATIO = 0.37  # share of the box that discs may cover; the rest is for nearness and for names
_LARGEST, _SMALLEST = 150.0, 26.0  # radius
_ROOMIEST = 13.0  # radius a square root of an item: with few items the discs stay small


@dataclass(frozen=True, slots=True)
class ThemeLayout:
    """A map, in units of the box `WIDTH` x `HEIGHT`, y downwards, rounded to one decimal.

    Attributes:
        points: place of each row, shape (n, 2).
        centres: of the themes' discs, shape (n_themes, 2).
        radii: of the discs, shape (n_themes,); no two discs overlap.
        nearest: the theme that is nearest to each in meaning, shape (n_themes,); -1 where there is no other.
    """

    points: NDArray[np.float64]
    centres: NDArray[np.float64]
    radii: NDArray[np.float64]
    nearest: NDArray[np.int64]


def choose_dots(
    themes: NDArray[np.integer], strengths: NDArray[np.floating], keys: Sequence[str], most: int = MOST_DOTS
) -> NDArray[np.int64]:
    """Choose the rows to draw: all of them, or a part of every theme in proportion.

    Chosen ones are spread evenly over the theme's items from the surest to the least sure, so that the part looks
    like the whole.

    Args:
        themes: index of the theme of each row, shape (n,), -1 for none.
        strengths: membership strength of each row, 0..1, shape (n,).
        keys: identity of each row.
        most: rows wanted; small themes add to it (`LEAST_DOTS`).

    Returns:
        Positions of the chosen rows, in the order of their themes and strengths; none without a theme.
    """
    order = np.lexsort((np.asarray(keys, dtype=np.str_), -np.asarray(strengths, dtype=np.float64), themes))
    order = order[np.asarray(themes)[order] >= 0]
    chosen = []
    for rows in np.split(order, np.flatnonzero(np.diff(np.asarray(themes)[order])) + 1):
        n = len(rows)
        wanted = n if len(order) <= most else min(n, max(LEAST_DOTS, n * most // len(order)))
        chosen.append(rows[(2 * np.arange(wanted) + 1) * n // (2 * wanted)] if wanted else rows)
    return np.concatenate(chosen).astype(np.int64)


def lay_out(
    vectors: NDArray[np.floating],
    themes: NDArray[np.integer],
    strengths: NDArray[np.floating],
    keys: Sequence[str],
    *,
    sizes: Sequence[int],
    areas: Sequence[str] = (),
) -> ThemeLayout:
    """Give every theme a disc and every row a place in the disc of its theme.

    Args:
        vectors: unit vectors, shape (n, dim).
        themes: index of the theme of each row, 0..n_themes-1, shape (n,).
        strengths: membership strength of each row, 0..1, shape (n,).
        keys: identity of each row; settles ties, so that the order of the rows does not matter.
        sizes: items of each theme, drawn or not; the disc grows with the square root.
        areas: area of each theme, "" for none; themes of one area are kept closer. () for no areas.

    Raises:
        ValueError: a row has no theme, a theme has no row, or `vectors` are not finite unit vectors.
    """
    n_themes = len(sizes)
    themes = np.asarray(themes, dtype=np.int64)
    if len(themes) and not 0 <= themes.min() <= themes.max() < n_themes:
        raise ValueError(f"themes must lie in 0 to {n_themes - 1}")
    if (np.bincount(themes, minlength=n_themes) == 0).any():
        raise ValueError("every theme needs a row")
    names = np.asarray(keys, dtype=np.str_)
    # The order in which rows and themes were given must not show: rows go by strength, themes by size.
    rows = np.lexsort((names, -np.asarray(strengths, dtype=np.float64)))
    first_key = [str(min(names[themes == theme])) for theme in range(n_themes)]
    order = sorted(range(n_themes), key=lambda theme: (-sizes[theme], first_key[theme]))
    position = np.argsort(np.array(order, dtype=np.int64))
    theme_of_row = position[themes[rows]]
    grid = to_grid(np.asarray(vectors)[rows])
    centroids = unit_on_grid(sum_by_group(grid, theme_of_row, n_themes))
    cosines = _cosines(centroids, centroids)
    kin = np.array([areas[theme] if areas else "" for theme in order], dtype=np.str_)
    is_kin = (kin[:, None] == kin[None, :]) & (kin != "")[:, None]
    centres, radii = place_discs(
        1 - np.where(is_kin, (1 + cosines) / 2, cosines),
        _radii(np.array([sizes[theme] for theme in order], dtype=np.float64)),
        (WIDTH, HEIGHT),
        _hints(centroids),
    )
    points = np.zeros((len(rows), 2))
    points[rows] = place_dots(_cosines(grid, centroids), theme_of_row, centres, radii)
    return ThemeLayout(points, centres[position], radii[position], _nearest(cosines, order)[position])


def _cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosines of grid vectors: whole numbers whose sums float32 holds exactly, so BLAS may add in any order."""
    lengths = [np.sqrt((part.astype(np.float64) ** 2).sum(axis=1)) for part in (left, right)]
    outer = lengths[0][:, None] * lengths[1][None, :]
    found: NDArray[np.float64] = np.divide(left @ right.T, outer, out=np.zeros_like(outer), where=outer > 0)
    return found


def _hints(centroids: NDArray[np.float32]) -> NDArray[np.float64]:
    """The centroids along two fixed directions of the space, shape (n, 2): the same for a theme that stays the same."""
    turn = GOLDEN_ANGLE * (np.arange(centroids.shape[1]) + 1)
    seen = [(centroids * np.cos((axis + 1) * turn)).sum(axis=1) for axis in range(2)]
    hints: NDArray[np.float64] = np.stack(seen, axis=1)
    hints -= hints.sum(axis=0) / max(1, len(hints))
    return hints


def _radii(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    room = np.sqrt(_FILL_RATIO * WIDTH * HEIGHT / (np.pi * max(1.0, sizes.sum())))
    # With very many themes even the smallest discs must leave room for one another.
    smallest = min(_SMALLEST, np.sqrt(_FILL_RATIO * WIDTH * HEIGHT / (np.pi * max(1, len(sizes)))))
    found: NDArray[np.float64] = np.clip(min(room, _ROOMIEST) * np.sqrt(sizes), smallest, _LARGEST)
    return found


def _nearest(cosines: NDArray[np.float64], order: Sequence[int]) -> NDArray[np.int64]:
    """For each theme in sorted order the given index of the one most like it; the larger one where two tie."""
    if len(order) < 2:
        return np.full(len(order), -1, dtype=np.int64)
    others = np.where(np.eye(len(order), dtype=bool), -np.inf, cosines)
    found: NDArray[np.int64] = np.array(order, dtype=np.int64)[others.argmax(axis=1)]
    return found
