"""Areas: themes that speak of like things, for readers of dozens of themes.

Themes are joined by average linkage (Sokal and Michener, 1958) of their centroids, seen from the middle of all themes:
what every theme of a product has in common tells none apart. Each height at which the tree can be cut is a candidate.
Its areas lose the themes that hang loosely, and the candidate with the best mean silhouette (Rousseeuw, 1987) is taken.

Areas are a handy division, and no proof that themes gather. With the coordinates of the centroids permuted, which
leaves no theme near another, none of 17 sets of reviews and questions gets an area. But a cloud without gaps that
spreads as the themes do (normal, with their covariance) nearly always gets some: the rules ask that the themes of an
area are near each other, not that there are gaps between the areas, and the themes of reviews mostly shade into one
another. What stands therefore stays while it is nearly as good as the best.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import cut_tree, linkage

from feedback_triage.cluster.grid import SCALE, unit_on_grid

FEWEST_THEMES = 12
"""With fewer, a reader needs no level above."""

LEAST_COSINE = 0.25
"""Mean cosine of a theme with the others of its area, both seen from the middle of all themes."""

LEAST_SILHOUETTE = 0.1
"""Mean silhouette of the themes: with less, the borders between areas would be arbitrary."""

LEAST_SHARE = 1 / 3
"""Part of the themes that must be in areas: fewer do not make a level."""

LARGEST_SHARE = 1 / 3
"""Part of the themes that an area may hold: two languages are no two areas."""

NEARLY = 0.75
"""Part of the silhouette of the best division that the standing one needs, so that it is kept. Standing areas also need
this part only of what new ones need, and themes that stood without areas need that much more to get some.

With a tenth of the items new, 96 % of the themes kept their area (mean over 13 sets; 83 % when the best was always
taken). At .85 it was 93 %, at .65 97 %."""

NONE = -1
"""The area of a theme that is in none."""

_AT_ONCE = 20  # one in so many moves at a time
_CUT_RATIO = 1.08  # of the numbers of areas tried; up to two dozen, every number is

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def find_areas(centroids: Mapping[str, NDArray[np.floating]], before: Mapping[str, str]) -> dict[str, int]:
    """Put themes that speak of like things into areas.

    Args:
        centroids: mean vector of each theme's items, shape (dim,), of any length; the order of the themes does not
            matter.
        before: the area of themes at the last time, by any name, "" for none; empty at the first time. Themes that are
            not there any more may be among them.

    Returns:
        Area of each theme, 0 the largest, numbered on by size, then by smallest theme id; -1 (`NONE`) for none. An area
        has two themes or more, and there are two areas or none. The division of the last time is kept, and themes
        without an area join it, as long as it is nearly as good as the best.
    """
    ids = sorted(centroids)
    has_areas = any(before.values())
    if len(ids) < FEWEST_THEMES * (NEARLY if has_areas else 1):
        return dict.fromkeys(ids, NONE)
    cosines = _cosines(np.array([centroids[theme_id] for theme_id in ids], dtype=np.float64))
    # That there are no areas is kept, too.
    part = 1 / NEARLY if before and not has_areas else 1.0
    best, best_score = np.full(len(ids), NONE, dtype=np.int64), part * LEAST_SILHOUETTE
    for candidate in _candidates(cosines):
        if (score := _score(cosines, candidate)) > best_score and _is_level(candidate, part):
            best, best_score = candidate, score
    standing = _join_loose(cosines, _standing(ids, before), [theme_id in before for theme_id in ids])
    is_kept = _is_level(standing, NEARLY) and _score(cosines, standing) >= NEARLY * best_score
    return dict(zip(ids, _numbered(standing if is_kept else best).tolist(), strict=True))


def carry_names(areas: Mapping[str, int], before: Mapping[str, str]) -> dict[int, str]:
    """Give areas the names they had.

    Args:
        areas: see `find_areas`.
        before: the name of the area of each theme at the last time, "" for none.

    Returns:
        Name of each area that goes on: it shares with one of before more than half of the themes that each of the two
        has now, new themes not counted. No name twice.
    """
    now = {theme_id: area for theme_id, area in areas.items() if area != NONE and theme_id in before}
    were = Counter(name for theme_id, name in before.items() if name and theme_id in areas)
    are = Counter(now.values())
    shared = Counter((area, before[theme_id]) for theme_id, area in now.items() if before[theme_id])
    return {area: name for (area, name), n in shared.items() if 2 * n > were[name] and 2 * n > are[area]}


def _cosines(centroids: Floats) -> Floats:
    """Cosines between the themes, seen from their middle: exact, as all sums are of whole numbers."""
    unit = unit_on_grid(centroids).astype(np.float64)  # a theme of few words counts no more than one of many
    grid = unit_on_grid(unit - unit.sum(axis=0) / len(unit)).astype(np.float64)
    found: Floats = grid @ grid.T / SCALE**2
    np.fill_diagonal(found, 0.0)
    return found


def _candidates(cosines: Floats) -> Iterator[Ints]:
    """Divisions from few areas to many."""
    n = len(cosines)
    cuts, n_areas = [], 2.0
    while n_areas < n - 1:
        cuts.append(int(n_areas))
        n_areas = max(n_areas * _CUT_RATIO, int(n_areas) + 1.0)
    tree = linkage(1 - cosines[np.triu_indices(n, 1)], "average")
    for areas in cut_tree(tree, n_clusters=cuts).T:
        settled = _join_loose(cosines, _without_loose(cosines, areas.astype(np.int64)))
        if settled.max() >= 0:
            yield settled


def _nearness(cosines: Floats, areas: Ints) -> tuple[Floats, Floats]:
    """Mean cosine of each theme with the others of its area, and with the nearest other area; -1 where there is none.

    For a theme in no area, the first is -1.
    """
    n_areas = int(areas.max()) + 1
    is_member = areas[:, None] == np.arange(n_areas)
    # Added up in one order by NumPy itself, so that the number of threads does not matter.
    order = np.argsort(areas, kind="stable")[int((areas < 0).sum()) :]
    starts = np.searchsorted(areas[order], np.arange(n_areas))
    sums = np.add.reduceat(cosines[:, order], starts, axis=1) if len(order) else np.zeros((len(areas), 0))
    n_others = is_member.sum(axis=0) - is_member
    means = np.where(n_others > 0, sums / np.maximum(n_others, 1), -1.0)
    own = np.where(is_member, means, -1.0).max(axis=1, initial=-1.0)
    other = np.where(is_member, -1.0, means).max(axis=1, initial=-1.0)
    return np.round(own, 9), np.round(other, 9)


def _without_loose(cosines: Floats, areas: Ints) -> Ints:
    """Take themes out of areas that they hardly belong to, of each area the loosest first, until none is left."""
    areas = _renumbered(areas)
    while areas.max(initial=NONE) >= 0:
        own, other = _nearness(cosines, areas)
        is_loose = (areas >= 0) & ((own < LEAST_COSINE) | (own <= other))
        if not is_loose.any():
            break
        loose = np.flatnonzero(is_loose)
        loose = loose[np.lexsort((own[loose], areas[loose]))]
        rank = np.arange(len(loose)) - np.searchsorted(areas[loose], areas[loose])
        areas[loose[rank < 1 + np.bincount(areas[areas >= 0])[areas[loose]] // _AT_ONCE]] = NONE
        areas = _renumbered(areas)
    return areas


def _join_loose(cosines: Floats, areas: Ints, is_known: Sequence[bool] = ()) -> Ints:
    """Let themes without an area join the one they are near to, the nearest first, while there are any.

    Args:
        cosines: between the themes.
        areas: of each theme.
        is_known: of each theme whether it stood before; one that stood without an area has to come nearer than others.
    """
    areas = areas.copy()
    least = np.where(np.array(is_known or [False] * len(areas)), LEAST_COSINE / NEARLY, LEAST_COSINE)
    while areas.max(initial=NONE) >= 0:
        _, other = _nearness(cosines, areas)
        near = np.flatnonzero((areas == NONE) & (other >= least))
        if not len(near):
            break
        joining = near[np.argsort(-other[near], kind="stable")][: 1 + len(near) // _AT_ONCE]
        means = [np.round(cosines[np.ix_(joining, areas == area)].mean(axis=1), 9) for area in range(areas.max() + 1)]
        areas[joining] = np.argmax(means, axis=0)
    return areas


def _score(cosines: Floats, areas: Ints) -> float:
    """Mean silhouette over all themes, where one without an area counts 0."""
    if areas.max(initial=NONE) < 0:
        return 0.0
    own, other = _nearness(cosines, areas)
    scale = np.maximum(np.maximum(1 - own, 1 - other), 1e-9)
    return round(float(np.where(areas >= 0, (own - other) / scale, 0.0).mean()), 6)


def _is_level(areas: Ints, part: float) -> bool:
    """Say whether the areas are of use: two or more, with enough of the themes, and none with too many of them.

    Args:
        areas: of each theme.
        part: of the limits that must be reached.
    """
    n, counts = len(areas), np.bincount(areas[areas >= 0])
    is_enough = n >= part * FEWEST_THEMES and counts.sum() >= part * LEAST_SHARE * n
    return bool(len(counts) >= 2 and is_enough and part * counts.max() <= LARGEST_SHARE * n)


def _standing(ids: Sequence[str], before: Mapping[str, str]) -> Ints:
    names = sorted({name for name in before.values() if name})
    number = {name: position for position, name in enumerate(names)}
    return _renumbered(np.array([number.get(before.get(theme_id, ""), NONE) for theme_id in ids], dtype=np.int64))


def _renumbered(areas: Ints) -> Ints:
    """Number the areas that have two themes or more from 0 on; the others are none."""
    counts = np.bincount(areas[areas >= 0], minlength=int(areas.max(initial=NONE)) + 1)
    number = np.append(np.where(counts >= 2, np.cumsum(counts >= 2) - 1, NONE), NONE)
    found: Ints = number[areas]
    return found


def _numbered(areas: Ints) -> Ints:
    """Number the areas by size, then by their first theme."""
    present, first, counts = np.unique(areas[areas >= 0], return_index=True, return_counts=True)
    order = present[np.lexsort((first, -counts))]
    number = np.full(int(areas.max(initial=NONE)) + 2, NONE, dtype=np.int64)
    number[order] = np.arange(len(order))
    found: Ints = number[areas]
    return found
