"""When customers write, and which app version they have by then."""

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import TypeVar

from story import CHAT_DIES_AT, END_AT, START_AT, Phase

# Share of a day's feedback in each hour (UTC): customers are mostly European, some American.
HOUR_WEIGHTS = (
    10, 7, 5, 4, 4, 6, 12, 24, 42, 56, 60, 56, 50, 54, 58, 58, 54, 50, 46, 44, 42, 34, 24, 15,
)  # fmt: skip
# Monday to Sunday. Reviews and posts are also written on weekends, tickets hardly.
DAY_WEIGHTS: dict[str, tuple[float, ...]] = {
    "app_review": (1.0, 1.0, 1.0, 1.0, 1.0, 0.85, 0.85),
    "support_email": (1.25, 1.2, 1.15, 1.1, 0.95, 0.25, 0.22),
    "survey": (1.15, 1.15, 1.1, 1.1, 1.0, 0.5, 0.5),
    "chat": (1.1, 1.1, 1.05, 1.05, 1.0, 0.75, 0.7),
    "social": (0.95, 1.0, 1.0, 1.0, 1.1, 0.75, 0.7),
}
STEP = timedelta(minutes=5)

T = TypeVar("T")


class Draw:
    """Seeded draws. Only `random()` is used, whose numbers are the same in every Python version."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def ratio(self) -> float:
        return self._random.random()

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.ratio()

    def below(self, n: int) -> int:
        return min(int(self.ratio() * n), n - 1)

    def shuffled(self, values: Sequence[T]) -> list[T]:
        order = sorted((self.ratio(), position) for position in range(len(values)))
        return [values[position] for _, position in order]

    def position(self, cumulative: Sequence[float]) -> int:
        """Position drawn in proportion to the steps of `cumulative`."""
        return min(bisect_right(cumulative, self.ratio() * cumulative[-1]), len(cumulative) - 1)


class Clock:
    """Draws instants that follow the hour of the week, the day's luck and the phase of an event."""

    def __init__(self, draw: Draw) -> None:
        self._cumulative: dict[tuple[Phase, str], list[float]] = {}
        # Days differ by more than chance alone: a mailing, the weather, a holiday.
        days = [(START_AT + timedelta(days=n)).date() for n in range((END_AT - START_AT).days)]
        self._day_luck: dict[date, float] = {day: draw.between(0.75, 1.25) for day in days}

    def instant(self, phase: Phase, channel: str, draw: Draw) -> datetime:
        """An instant (whole seconds, UTC) in `phase` at which something arrives by `channel`.

        Raises:
            ValueError: when the channel's feed is dead during the whole phase.
        """
        key = (phase, channel)
        if key not in self._cumulative:
            self._cumulative[key] = list(accumulate(self._weights(phase, channel)))
            if not self._cumulative[key] or self._cumulative[key][-1] <= 0:
                raise ValueError(f"nothing can arrive by {channel} between {phase.start_at} and {phase.end_at}")
        start_at = phase.start_at + draw.position(self._cumulative[key]) * STEP
        end_at = min(start_at + STEP, phase.end_at)
        return start_at + timedelta(seconds=draw.below(int((end_at - start_at).total_seconds())))

    def _weights(self, phase: Phase, channel: str) -> list[float]:
        weights = []
        end_at = min(phase.end_at, CHAT_DIES_AT) if channel == "chat" else phase.end_at
        at = phase.start_at
        while at < end_at:
            hours = (at - phase.start_at).total_seconds() / 3600
            weight = 1.0
            if phase.follows_the_day:
                weight *= HOUR_WEIGHTS[at.hour] * DAY_WEIGHTS[channel][at.weekday()] * self._day_luck[at.date()]
            if phase.half_life_hours is not None:
                weight *= 0.5 ** (hours / phase.half_life_hours)
            if hours < phase.rise_hours:
                weight *= 0.1 + 0.9 * hours / phase.rise_hours
            weights.append(weight)
            at += STEP
        return weights


def installed_version(
    releases: Sequence[Mapping[str, str]],
    platform: str,
    at: datetime,
    draw: Draw,
    oldest: str,
    floor: str = "",
) -> str:
    """The app version a customer has at an instant: most update within days, some after weeks.

    Args:
        releases: rows of releases.csv, oldest first.
        platform: ios or android.
        at: when the customer writes.
        draw: the draws.
        oldest: version from before the release file begins.
        floor: a version the customer must have, because the text is about what it brought; "" if none.
    """
    kind = draw.ratio()
    mean_days = 1.0 if kind < 0.76 else 7.0 if kind < 0.95 else 30.0
    patience = timedelta(days=mean_days * 2 * draw.ratio())
    version = oldest
    for release in releases:
        if release["platform"] != platform:
            continue
        released_at = datetime.fromisoformat(release["released_at"])
        # Stores hand a release out in the course of hours.
        is_required = release["version"] == floor
        if is_required or released_at + patience <= at:
            version = release["version"]
        if released_at > at:
            break
    return version
