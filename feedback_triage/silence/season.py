"""How a stream's volume goes up and down over the week.

The hour-of-week profile is the product of a day-of-week and an hour-of-day profile. Each is the plain ratio
of counts, shrunk towards flat by as much as chance alone explains it (the moment estimate of DerSimonian &
Laird 1986): two days of history give a flat week, two months give the week that is there.

Hours are hours of UTC. Where clocks jump twice a year the profile is an hour off until it has followed, and the
windows of the ledger are whole days, over which that cancels (measured in benchmarks/silence.py).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Hours = npt.NDArray[np.float64]

WEEK = 168
LOOKBACK_WEEKS = 12
_MONDAY_SHIFT = 72.0  # hour 0 of 1970 was a Thursday
_FEWEST_USERS = 0.05
"""Of the mean: an hour with fewer tells nothing of how often users write in it."""


@dataclass(frozen=True, slots=True)
class Season:
    """Relative volume of each hour of the week.

    Attributes:
        factors: shape (168,), mean 1, never below .01; Monday 00:00 UTC first.
    """

    factors: Floats

    def of_hours(self, hours: npt.NDArray[np.int64]) -> Floats:
        """Give the factor of each of these whole hours since 1970."""
        return np.asarray(self.factors[(hours + int(_MONDAY_SHIFT)) % WEEK])

    def exposure(self, at: Hours | float) -> Floats:
        """Give the running total of the factors; the exposure of an interval is the difference of its ends.

        Args:
            at: hours since 1970, any shape.

        Returns:
            Flat-hour equivalents, same shape.
        """
        shifted = np.asarray(at, dtype=np.float64) + _MONDAY_SHIFT
        weeks, hour = np.divmod(shifted, WEEK)
        running = np.concatenate([[0.0], np.cumsum(self.factors)])
        return np.asarray(weeks * WEEK + np.interp(hour, np.arange(WEEK + 1), running))


FLAT = Season(np.ones(WEEK))


class Users(Protocol):
    """How many users there were."""

    def total(self, at: Hours) -> Floats:
        """Give the running total of users times hours at these instants."""

    def known_from(self, until: float) -> float:
        """Give the instant from which on they are known without a gap up to `until`."""


def learn_season(times: Hours, until: float, users: Users | None = None) -> Season:
    """Learn the week's profile from the items written before `until`.

    Args:
        times: sorted hours since 1970 of the items; those at or after `until` are not used.
        until: hours since 1970.
        users: where given, the profile is that of the items a user, not of the items.

    Returns:
        The profile of the last 12 weeks at most; flat where there are fewer than two whole days.
    """
    end = int(np.searchsorted(times, until, side="left"))
    if end < 2:
        return FLAT
    last_day = int(until // 24)
    since = float(times[0]) if users is None else max(float(times[0]), users.known_from(until))
    first_day = max(int(np.ceil(since / 24)), last_day - 7 * LOOKBACK_WEEKS)
    n_days = last_day - first_day
    if n_days < 2:
        return FLAT
    start = int(np.searchsorted(times, first_day * 24.0))
    stop = int(np.searchsorted(times, last_day * 24.0))
    hours = np.floor(times[start:stop]).astype(np.int64) - first_day * 24
    table = np.bincount(hours, minlength=n_days * 24).reshape(n_days, 24).astype(np.float64)
    if users is not None:
        present = np.diff(users.total(np.arange(first_day * 24.0, last_day * 24.0 + 1)))
        relative = present / max(float(present.mean()), 1e-9)
        table /= np.maximum(relative, _FEWEST_USERS).reshape(n_days, 24)
    by_hour = _shrunk(table)
    n_weeks = n_days // 7
    by_day = np.ones(7)
    if n_weeks >= 2:
        weekdays = (np.arange(first_day, last_day)[-7 * n_weeks :] + 3) % 7
        weekly = table[-7 * n_weeks :].sum(axis=1).reshape(n_weeks, 7)
        by_day[weekdays[:7]] = _shrunk(weekly)
    factors = np.clip(np.outer(by_day, by_hour).ravel(), 0.01, None)
    return Season(factors / factors.mean())


def _shrunk(table: Floats) -> Floats:
    """Give the relative size of each column of counts (rows are repeats), shrunk towards 1."""
    n_rows, n_columns = table.shape
    level = table.mean(axis=1, keepdims=True)
    capped = np.minimum(table, _cap(table, level))
    total = capped.mean()
    if total <= 0 or n_rows < 2:
        return np.ones(n_columns)
    raw = capped.mean(axis=0) / total
    noise = np.maximum(capped.var(axis=0, ddof=1), capped.mean(axis=0)).mean() / total**2 / n_rows
    spread = max(0.0, float(((raw - 1) ** 2).sum() / (n_columns - 1) - noise))
    keep = spread / (spread + noise) if spread > 0 else 0.0
    return np.asarray(1 + keep * (raw - 1), dtype=np.float64)


def _cap(table: Floats, level: Floats) -> Floats:
    """Give the count of each column beyond which a single day is an outburst and not the season."""
    middle = np.median(table, axis=0, keepdims=True)
    spread = np.median(np.abs(table - middle), axis=0, keepdims=True)
    usual = np.maximum(np.mean(level), 1.0)
    return np.asarray(middle + 6 * np.maximum(1.4826 * spread, np.sqrt(np.maximum(middle, usual))))
