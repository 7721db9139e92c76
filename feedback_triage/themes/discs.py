"""Discs whose distances follow given ones, none over another, all in a box.

A start from classical scaling (Torgerson, 1952) is improved by stress majorisation with weights (Gansner, Koren and
North, 2004), with discs that change places where that helps, and with overlaps pushed apart (Dwyer, Marriott and
Stuckey, 2006, do the same for boxes). Sums are NumPy's own, in a fixed order and never by BLAS, so that the number of
threads does not matter.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GAP = 9.0
"""Least room between two discs side by side."""

HEADROOM = 36.0
"""Room above a disc, for its name in two lines."""

SPREAD_RATIOS = (0.55, 0.45, 0.5, 0.6, 0.65)
"""Wanted room between the two least alike, as a share of the box's diagonal: each is tried, the truest is taken."""

GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))

_ROUNDS = 400
_SWAPPING = (60, 120, 180)  # rounds before which discs may change places
_MOST_SWAPS = 60
_POWER_STEPS = 10  # few on purpose, see `_start`
_MOST_FOR_TRIALS = 40  # discs; with more, one try takes long enough


def place_discs(distances: Array, radii: Array, box: tuple[float, float], hints: Array) -> tuple[Array, Array]:
    """Place discs in a box.

    Args:
        distances: how little alike two are, symmetric, shape (n, n); only their order counts.
        radii: wanted radii, shape (n,).
        box: width and height.
        hints: where each disc roughly belongs, shape (n, 2), in any units: they decide what is left and right, above
            and below. Equal hints for equal themes keep a map alike from week to week.

    Returns:
        Centres (n, 2) and radii (n,), rounded to one decimal; no two discs overlap. The radii are smaller than wanted
        where the box is too full.
    """
    if len(radii) == 0:
        return np.zeros((0, 2)), np.zeros(0)
    ratios = SPREAD_RATIOS if len(radii) <= _MOST_FOR_TRIALS else SPREAD_RATIOS[:1]
    found = [_placed(distances, radii, box, hints, ratio) for ratio in ratios]
    return max(found, key=lambda placed: round(_truth(distances, *placed), 6))


def gaps(centres: Array, radii: Array) -> Array:
    """Room between each two discs, shape (n, n); infinite for a disc and itself."""
    found: Array = _between(centres)[1] - radii[:, None] - radii[None, :]
    return np.where(np.eye(len(radii), dtype=bool), np.inf, found)


def _truth(distances: Array, centres: Array, radii: Array) -> float:
    """Share of each disc's three nearest that are among the three it should be nearest to; the very nearest counts
    twice.
    """
    others = np.where(np.eye(len(radii), dtype=bool), np.inf, distances)
    wanted = others.argsort(axis=1, kind="stable")[:, :3]
    given = gaps(centres, radii).argsort(axis=1, kind="stable")[:, :3]
    is_kept = (wanted[:, :, None] == given[:, None, :]).any(axis=2)
    return float(is_kept.sum() + is_kept[:, 0].sum())


def _placed(
    distances: Array, radii: Array, box: tuple[float, float], hints: Array, spread: float
) -> tuple[Array, Array]:
    targets = _targets(distances, radii, spread * float(np.sqrt(box[0] ** 2 + box[1] ** 2)))
    weights = np.divide(1.0, targets**2, out=np.zeros_like(targets), where=targets > 0)
    centres = _start(targets, hints)
    for _ in range(_ROUNDS):
        centres = centres + 0.5 * _pull(centres, targets, weights)
    centres = _turned(centres, hints) + np.array(box) / 2
    for done in range(_ROUNDS):
        if done in _SWAPPING:
            centres = _swapped(centres, targets, weights)
        # Nearness rules at first; in the last third only that no disc lies over another.
        if done < _ROUNDS * 2 // 3:
            centres = centres + 0.3 * (1 - done / _ROUNDS) * _pull(centres, targets, weights)
        centres = _inside(_apart(centres, radii), radii, box)
    return _settled(centres, radii, box)


def _targets(distances: Array, radii: Array, most: float) -> Array:
    """Wanted distances of the centres: the two most alike touch, the least alike are far apart, the rest by rank.

    In many dimensions every theme is far from every other; what tells is which are farther than others.
    """
    other = ~np.eye(len(radii), dtype=bool)
    values, rank = np.unique(np.round(distances[other], 6), return_inverse=True)
    room = np.zeros_like(distances)
    room[other] = rank / max(1, len(values) - 1) * most
    touching = radii[:, None] + radii[None, :] + (GAP + HEADROOM) / 2
    return np.where(other, touching + room, 0.0)


def _start(targets: Array, hints: Array) -> Array:
    """Classical scaling: the two main axes of the doubly centred squared distances, by power iteration.

    The iteration begins at the hints and is short, so that what it gives moves little when the themes change little.
    """
    n = len(targets)
    squares = targets**2
    means = squares.sum(axis=1) / n
    inner = -0.5 * (squares - means[:, None] - means[None, :] + means.sum() / n)
    # Shifted, so that the iteration goes to the largest eigenvalue and not to the largest in size.
    inner = inner + np.eye(n) * np.abs(inner).sum(axis=1).max() * 0.25
    axes: list[Array] = []
    for axis in range(2):
        vector = hints[:, axis]
        for _ in range(_POWER_STEPS):
            for earlier in axes:
                vector = vector - (vector * earlier).sum() * earlier
            vector = _unit(vector)
            vector = (inner * vector[None, :]).sum(axis=1)
        axes.append(_unit(vector))
    # A little apart in any case: two on one point could never be pulled from each other.
    turn = GOLDEN_ANGLE * np.arange(n)
    apart = 1e-3 * np.sqrt(np.arange(n) / n)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    start: Array = (np.stack(axes, axis=1) * np.sqrt(n) / 2 + apart) * max(1.0, float(targets.max()) / 2)
    return start


def _unit(vector: Array) -> Array:
    return vector / max(float(np.sqrt((vector**2).sum())), 1e-12)


def _between(centres: Array) -> tuple[Array, Array]:
    """Differences (n, n, 2) and distances (n, n)."""
    away = centres[:, None, :] - centres[None, :, :]
    return away, np.sqrt(away[:, :, 0] ** 2 + away[:, :, 1] ** 2)


def _pull(centres: Array, targets: Array, weights: Array) -> Array:
    """The step that brings each disc to where the others want it."""
    away, lengths = _between(centres)
    stretch = np.divide(targets, lengths, out=np.ones_like(targets), where=lengths > 1e-9) - 1
    step: Array = ((weights * stretch)[:, :, None] * away).sum(axis=1)
    found: Array = step / np.maximum(weights.sum(axis=1), 1e-12)[:, None]
    return found


def _swapped(centres: Array, targets: Array, weights: Array) -> Array:
    """Let two discs change places, the pair that gains most first, as long as the stress falls by it."""
    least = 1e-6 * float((weights * targets**2).sum())
    for _ in range(_MOST_SWAPS):
        lengths = _between(centres)[1]
        # Stress of disc i if it stood where j stands; the distance between the two stays what it is.
        moved = np.array([(weights[i] * (targets[i] - lengths) ** 2).sum(axis=1) for i in range(len(centres))])
        moved = moved - weights * targets**2 + weights * (targets - lengths) ** 2
        own = np.diag(moved)
        gain = np.triu(own[:, None] + own[None, :] - moved - moved.T, 1)
        first, second = divmod(int(np.round(gain, 9).argmax()), len(centres))
        if gain[first, second] <= least:
            break
        centres = centres.copy()
        centres[[first, second]] = centres[[second, first]]
    return centres


def _turned(centres: Array, hints: Array) -> Array:
    """Centred and turned so that the picture is widest from left to right; the hints tell which side is left and up."""
    centred = centres - centres.sum(axis=0) / len(centres)
    xx, yy = (centred**2).sum(axis=0)
    angle = 0.5 * np.arctan2(2 * (centred[:, 0] * centred[:, 1]).sum(), xx - yy)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.stack([centred[:, 0] * cos + centred[:, 1] * sin, centred[:, 1] * cos - centred[:, 0] * sin], axis=1)
    sides: Array = np.where((turned * hints).sum(axis=0) < 0, -1.0, 1.0)
    return turned * sides


def _missing(centres: Array, radii: Array, headroom: float) -> tuple[Array, Array]:
    """How much nearer two discs are than they may be, (n, n), and the directions in which they must part.

    The more one stands above the other, the more room they need: for the name of the lower one.
    """
    n = len(radii)
    away, lengths = _between(centres)
    steep = np.divide(np.abs(away[:, :, 1]), lengths, out=np.zeros_like(lengths), where=lengths > 1e-9)
    missing = radii[:, None] + radii[None, :] + GAP + (headroom - GAP) * steep - lengths
    # Two on one point part along the line of their numbers.
    order = np.sign(np.arange(n)[:, None] - np.arange(n)[None, :]).astype(np.float64)
    fallback = np.stack([order, 0.5 * order], axis=2)
    direction = np.where((lengths > 1e-9)[:, :, None], away / np.maximum(lengths, 1e-9)[:, :, None], fallback)
    return np.where(np.eye(n, dtype=bool), 0.0, np.maximum(missing, 0.0)), direction


def _apart(centres: Array, radii: Array, headroom: float = HEADROOM) -> Array:
    """One step that pushes discs apart which are too close; the smaller one gives way more."""
    missing, direction = _missing(centres, radii, headroom)
    yields = radii[None, :] ** 2 / (radii[:, None] ** 2 + radii[None, :] ** 2)
    step: Array = ((missing * yields)[:, :, None] * direction).sum(axis=1)
    return centres + 0.5 * step


def _inside(centres: Array, radii: Array, box: tuple[float, float]) -> Array:
    low = np.stack([radii + GAP, radii + HEADROOM], axis=1)
    high = np.stack([box[0] - radii - GAP, box[1] - radii - GAP], axis=1)
    found: Array = np.clip(centres, low, np.maximum(low, high))
    return found


def _settled(centres: Array, radii: Array, box: tuple[float, float]) -> tuple[Array, Array]:
    """Round; where the box is so full that discs still overlap, make all of them smaller until none does."""
    for _ in range(_ROUNDS):
        if float(_missing(centres, radii, GAP)[0].max()) < GAP / 2:
            break
        radii = radii * 0.99
        centres = _inside(_apart(centres, radii, GAP), radii, box)
    centres = np.round(centres, 1)
    lengths = _between(centres)[1] + np.where(np.eye(len(radii), dtype=bool), np.inf, 0.0)
    share = min(1.0, float(((lengths - 1) / (radii[:, None] + radii[None, :])).min()))
    return centres, np.floor(radii * max(share, 0.0) * 10) / 10
