"""A series of instants that is asked about many windows: one channel, or a stream with its mix of channels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from feedback_triage.silence.feeds import LOOKBACK_HOURS, Feeds
from feedback_triage.silence.forecast import Forecast, History, added, forecast_many
from feedback_triage.silence.season import Hours, Season, Users, learn_season
from feedback_triage.silence.stream import count_between, has_history, history_of

_YOUNG_SHARE = 0.5
"""A channel is young while it has existed for less than this share of its stream's time."""
_SMALL_SHARE = 0.05
_MOST_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Series:
    """Instants, and the week's profile at each moment it was asked for.

    Attributes:
        times: sorted hours since 1970.
        users: how many could have written; None where nobody told.
    """

    times: Hours
    users: Users | None = None
    _seasons: dict[float, Season] = field(default_factory=dict)

    def season(self, until: float) -> Season:
        """Give the week's profile of what came before `until`."""
        if until not in self._seasons:
            self._seasons[until] = learn_season(self.times, until, self.users)
        return self._seasons[until]

    def is_known(self, until: float, window_hours: float) -> bool:
        """Tell whether there is enough before `until`, with known users where these count; see `has_history`."""
        since = -np.inf if self.users is None else self.users.known_from(until)
        return since < until and has_history(self.times, until, window_hours, since)

    def history(self, start: float, end: float, until: float) -> History:
        """Cut the time before `until` into blocks; see `history_of`."""
        return history_of(self.times, start, end, until, self.season(until), self.users)


class Mix:
    """A stream whose channels came and went.

    A channel that began a week ago is expected from its own week and not from the stream's year, in which it was
    not there; a channel that ended is expected no more. All others are one series.
    """

    def __init__(self, whole: Hours, feeds: Feeds, users: Users | None = None) -> None:
        """Keep all instants of the stream and those of each of its sources."""
        self.whole = Series(whole, users)
        self._feeds = feeds
        self._users = users
        self._steady: dict[frozenset[str], Series] = {}
        self._single: dict[str, Series] = {}

    def channel(self, source: str) -> Series:
        """Give one channel."""
        if source not in self._single:
            self._single[source] = Series(self._feeds.times[source], self._users)
        return self._single[source]

    def parts(self, until: float, window_hours: float) -> list[Series]:
        """Give the series whose sum is to be expected after `until`; only one where all channels are steady."""
        begun = {name: float(times[0]) for name, times in self._feeds.times.items() if times[0] < until}
        if len(begun) < 2:
            return [self.whole]
        ended = {name for name in begun if self._feeds.has_ended(name, until)}
        age = until - min(begun.values())
        recent = self._feeds.shares(until, _SMALL_SHARE)
        young = [
            name
            for name, at in begun.items()
            if name in recent
            and name not in ended
            and until - at < min(_YOUNG_SHARE * age, LOOKBACK_HOURS)
            and self.channel(name).is_known(until, window_hours)
        ]
        steady = self._without(ended.union(young))
        if steady is not None and not steady.is_known(until, window_hours):
            return [self.whole]
        return [*([steady] if steady is not None else []), *map(self.channel, young)] or [self.whole]

    def _without(self, names: Iterable[str]) -> Series | None:
        left_out = frozenset(names)
        if not left_out:
            return self.whole
        if left_out not in self._steady:
            kept = [times for name, times in self._feeds.times.items() if name not in left_out]
            self._steady[left_out] = Series(np.sort(np.concatenate([np.array([]), *kept])), self._users)
        series = self._steady[left_out]
        return series if len(series.times) else None

    def others(self, source: str) -> Series:
        """Give all channels but one."""
        return self._without([source]) or Series(np.array([]))


@dataclass(frozen=True, slots=True)
class Question:
    """A window to predict: the sum of some series in `[start, end)`, from what came before `until`."""

    parts: Sequence[Series]
    start: float
    end: float
    until: float


def predict(questions: Sequence[Question]) -> list[Forecast]:
    """Predict many windows; each series must have a history (`Series.is_known`)."""
    asked = [
        (number, part.history(question.start, question.end, question.until))
        for number, question in enumerate(questions)
        for part in question.parts
    ]
    found: dict[int, Forecast] = {}
    for first in range(0, len(asked), _MOST_AT_ONCE):
        some = asked[first : first + _MOST_AT_ONCE]
        for (number, _), prediction in zip(some, forecast_many([history for _, history in some]), strict=True):
            found[number] = added(found[number], prediction) if number in found else prediction
    return [found[number] for number in range(len(questions))]


def count_of(times: Hours, question: Question) -> int:
    """Count what came in the window."""
    return count_between(times, question.start, question.end)
