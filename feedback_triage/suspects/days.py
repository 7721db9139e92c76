"""Streams that tell the day and not the time.

A store's reviews and a changelog often have dates only, and then every instant is one midnight: 50 reports seem to come
in the same second, and before a push of the same day. An item of a day came at some time of it, so the items of a day
are laid evenly over it. A release of a day came out at some time of it, or reached customers on the next.
"""

import numpy as np
import numpy.typing as npt

from feedback_triage.suspects.frames import Flags, Floats, Reports

DAY_HOURS = 24.0
_DATED_SHARE = 0.5
_FEWEST_DAYS = 3
_QUARTER_HOUR = 900
_HOUR = 3_600
_SECONDS = 86_400


def midnight_of(hours: Floats) -> int | None:
    """Tell at which second of a UTC day the days of a stream begin, if it has dates only.

    That is so if half of its instants or more are at one time of day, to the second, that can be midnight somewhere
    (a whole quarter of an hour): at midnight UTC, or at another one on three days. Two instants an hour before or
    after count too, for clocks jump twice a year.

    Args:
        hours: hours since 1970, finite, any order.

    Returns:
        0..86399, or None for a stream that has times.
    """
    if not len(hours):
        return None
    seconds = _second_of_day(hours)
    values, counts = np.unique(seconds, return_counts=True)
    best = int(values[np.argmax(counts)])
    same = _is_near(seconds, best)
    if best % _QUARTER_HOUR or same.mean() < _DATED_SHARE:
        return None
    n_days = len(np.unique(np.round(hours[same], 3)))
    return best if best == 0 or n_days >= _FEWEST_DAYS else None


def has_date_only(hours: Floats, midnight: int | None) -> Flags:
    """Tell which instants are a midnight of the stream; none are where it has times."""
    if midnight is None:
        return np.zeros(len(hours), dtype=np.bool_)
    return _is_near(_second_of_day(hours), midnight)


def spread(hours: Floats, midnight: int | None) -> Floats:
    """Lay the items of each day evenly over it, in their order.

    Args:
        hours: sorted hours since 1970.
        midnight: of `midnight_of`; None leaves all where they are.

    Returns:
        Hours since 1970 in the order of the input; sorted only where all have dates only.
    """
    dated = has_date_only(hours, midnight)
    if not dated.any():
        return hours
    _, first, counts = np.unique(np.round(hours[dated], 3), return_index=True, return_counts=True)
    place = np.arange(int(dated.sum())) - np.repeat(first, counts)
    found = hours.copy()
    found[dated] += DAY_HOURS * (place + 0.5) / np.repeat(counts, counts)
    return found


def spread_reports(reports: Reports, midnight: int | None) -> Reports:
    """Do the same with reports, and sort them anew."""
    hours = spread(reports.hours, midnight)
    order = np.argsort(hours, kind="stable")
    return Reports(
        reports.ids[order], hours[order], reports.products[order], reports.platforms[order], reports.declared[order]
    )


def day_start(hour: float, midnight: int) -> float:
    """Give the beginning of the stream's day in which an instant lies."""
    shift = midnight / _HOUR
    return float(np.floor((hour - shift) / DAY_HOURS + 1e-9) * DAY_HOURS + shift)


def _second_of_day(hours: Floats) -> npt.NDArray[np.int64]:
    return np.asarray(np.round(hours * _HOUR).astype(np.int64) % _SECONDS)


def _is_near(seconds: npt.NDArray[np.int64], midnight: int) -> Flags:
    apart = np.abs((seconds - midnight + _SECONDS // 2) % _SECONDS - _SECONDS // 2)
    return np.asarray((apart == 0) | (apart == _HOUR))
