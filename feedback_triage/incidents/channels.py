"""From when on a channel that begins later than the stream counts.

A channel that writes when the others write counts after three days. One that has hours or days of its own would look
like a burst in each of them, so it counts once these are known, after two weeks; meanwhile the others judge. Too few
items to tell are too few to do harm. An import, or a channel given up, never counts.
"""

import numpy as np
import numpy.typing as npt

from feedback_triage.silence.season import Hours

_DAY_HOURS = 24.0
BEGINNING_HOURS = 72.0
"""A channel that is heard from so soon was there from the beginning; one that writes like the others counts then."""

RHYTHM_HOURS = 336.0
"""Two of each weekday: how long it takes to know a channel's days."""

_HEARD_HOURS = 168.0
_DIFFERS = 0.02


def established_at(hours: Hours, sources: npt.NDArray[np.int64], n_sources: int) -> Hours:
    """Give for each source the instant from which on it counts.

    Args:
        hours: shape (n,), sorted, hours since 1970.
        sources: shape (n,), 0 to `n_sources` - 1; each occurs.
        n_sources: how many.

    Returns:
        Shape (n_sources,): midnights, each by what was written before it; -inf where the stream began with the source,
        infinite where it never counts.
    """
    found = np.full(n_sources, -np.inf)
    for source in range(n_sources):
        own = hours[sources == source]
        if own[0] > hours[0] + BEGINNING_HOURS:
            found[source] = _established(own, hours[sources != source])
    return found


def _established(own: Hours, others: Hours) -> float:
    early = _midnight(own[0] + BEGINNING_HOURS)
    own_then, others_then = (times[(times >= own[0]) & (times < early)] for times in (own, others))
    if not differ(own_then, others_then) and not differ(own_then % _DAY_HOURS, others_then % _DAY_HOURS):
        return early
    known = _midnight(own[0] + RHYTHM_HOURS)
    heard = int(np.searchsorted(own, known - _HEARD_HOURS, side="left"))
    if heard == len(own):
        return np.inf
    return max(known, float(np.floor(own[heard] / _DAY_HOURS) * _DAY_HOURS + _DAY_HOURS))


def _midnight(at: float) -> float:
    """Give the first midnight that is not before."""
    return float(np.ceil(at / _DAY_HOURS) * _DAY_HOURS)


def differ(first: Hours, second: Hours) -> bool:
    """Tell whether two samples come from different distributions (Kolmogorov & Smirnov's test, its large-sample form).

    Args:
        first: any values.
        second: the same; where either is empty, nothing can be told.
    """
    if len(first) == 0 or len(second) == 0:
        return False
    values = np.concatenate([first, second])
    below = [np.searchsorted(np.sort(sample), values, side="right") / len(sample) for sample in (first, second)]
    distance = float(np.abs(below[0] - below[1]).max())
    size = len(first) * len(second) / (len(first) + len(second))
    return bool(2 * np.exp(-2 * size * distance**2) < _DIFFERS)
