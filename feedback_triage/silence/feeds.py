"""Is each source still delivering? A silence says nothing about customers while a feed may be dead.

A source is judged by its own gaps, measured in expected items (night and weekend pass slowly). The tail of
the gaps is taken as exponential above the gap that one in five exceeds (peaks over threshold: Pickands
1975), with the uncertainty of its mean, which makes it the heavier the fewer gaps were seen. A silence
inside a window counts against the feed only where next to nothing came, or where it is too long for the
number of items that came: customers who have less to say make all gaps longer, a feed that dies makes one.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from feedback_triage.silence.season import Hours, Season, learn_season
from feedback_triage.silence.stream import Feedback, count_between, to_datetime, to_hours

IMPROBABLE = 1e-3
DOUBTFUL = 0.05
UNEVEN = 0.05
NEARLY_NOTHING = 0.1
MIN_INSTANTS = 8
LOOKBACK_HOURS = 8 * 168.0
MAIN_SHARE = 0.2
_TAIL_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a source usually delivers.

    Attributes:
        season: its week.
        usual_gap_hours: median of the gaps by the clock.
        rate: expected items an hour of flat time.
        threshold: the gap, in flat hours, that one in five exceeds.
        mean_excess: mean of what gaps beyond the threshold exceed it by.
        n_tail: how many gaps that rests on.
    """

    season: Season
    usual_gap_hours: float
    rate: float
    threshold: float
    mean_excess: float
    n_tail: int

    def gap(self, start: float, end: float) -> float:
        """Give the length of a silence in flat hours."""
        return float(self.season.exposure(end) - self.season.exposure(start))

    def probability_of_gap(self, flat_hours: float) -> float:
        """Give the probability that a gap of a live source is at least this long."""
        if flat_hours <= self.threshold:
            return 1.0
        excess = (flat_hours - self.threshold) / self.mean_excess
        return float(_TAIL_SHARE * (1 + excess / self.n_tail) ** -self.n_tail)


def learn_rhythm(times: Hours, until: float) -> Rhythm | None:
    """Learn how a source delivers from the eight weeks up to its last item before `until`.

    Args:
        times: sorted hours since 1970 of the source's items.
        until: items at or after it are not used.

    Returns:
        The rhythm, or None with fewer than eight different instants.
    """
    end = int(np.searchsorted(times, until, side="left"))
    if end == 0:
        return None
    last = float(times[end - 1])
    start = int(np.searchsorted(times, last - LOOKBACK_HOURS))
    moments = np.unique(times[start:end])
    if len(moments) < MIN_INSTANTS:
        return None
    # The season ends at the last item: days of silence after it are the question, not the evidence.
    season = learn_season(times[:end], last)
    flat = np.diff(season.exposure(moments))
    n_tail = max(1, round(len(flat) * _TAIL_SHARE))
    tail = np.sort(flat)[-n_tail:]
    threshold = float(np.sort(flat)[-n_tail - 1])
    # An even beat has no excess at all; the mean gap is what a memoryless source of this rate would show.
    excess = max(float((tail - threshold).mean()), float(flat.mean()))
    rate = (end - start - 1) / float(flat.sum())
    return Rhythm(season, float(np.median(np.diff(moments))), rate, threshold, excess, n_tail)


def feed_status(items: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Tell for each source whether it is still delivering at `as_of`.

    Args:
        items: columns `item_id`, `written_at`, and optionally `source` (missing: one source named "").
        as_of: aware instant; items written later are not used.

    Returns:
        One row a source, sorted: `source`, `n_items`, `first_at`, `last_at`, `usual_gap_hours` (median, NaN
        where unknown), `status` (`alive`, `stale`, or `unknown` with fewer than eight different instants),
        `feed_stale_from` (its `last_at` where stale, else NaT), `reason` (a sentence).
    """
    feedback = Feedback.from_frame(items)
    now = to_hours(as_of)
    rows = []
    for source in sorted(set(feedback.sources)):
        times = feedback.hours[feedback.sources == source]
        times = times[times <= now]
        if len(times) == 0:
            continue
        rhythm = learn_rhythm(times, np.inf)
        last = float(times[-1])
        status, reason = _judge(rhythm, last, now)
        rows.append(
            {
                "source": source,
                "n_items": len(times),
                "first_at": to_datetime(float(times[0])),
                "last_at": to_datetime(last),
                "usual_gap_hours": rhythm.usual_gap_hours if rhythm else float("nan"),
                "status": status,
                "feed_stale_from": to_datetime(last) if status == "stale" else pd.NaT,
                "reason": reason,
            }
        )
    columns = [
        "source",
        "n_items",
        "first_at",
        "last_at",
        "usual_gap_hours",
        "status",
        "feed_stale_from",
        "reason",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    for name in ("first_at", "last_at", "feed_stale_from"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
    return frame


def _judge(rhythm: Rhythm | None, last: float, now: float) -> tuple[str, str]:
    silent = now - last
    if rhythm is None:
        return "unknown", f"too few items to know its rhythm (fewer than {MIN_INSTANTS} different instants)"
    if rhythm.probability_of_gap(rhythm.gap(last, now)) < IMPROBABLE:
        usual = rhythm.usual_gap_hours
        return "stale", f"silent for {silent:.1f} hours where {usual:.1f} between two items are usual"
    return "alive", f"last item {silent:.1f} hours ago, {rhythm.usual_gap_hours:.1f} between two are usual"


@dataclass(frozen=True, slots=True)
class Feeds:
    """The instants of each source, to be asked about windows.

    Attributes:
        times: source to its sorted hours since 1970.
        rhythms: what was learned already, by source and instant.
    """

    times: dict[str, Hours]
    rhythms: dict[tuple[str, float], Rhythm | None] = field(default_factory=dict)

    @classmethod
    def from_feedback(cls, feedback: Feedback) -> "Feeds":
        """Split the items by source."""
        return cls({name: feedback.hours[feedback.sources == name] for name in sorted(set(feedback.sources))})

    def rhythm(self, source: str, until: float) -> Rhythm | None:
        """Give how a source delivered before `until`; see `learn_rhythm`."""
        key = source, until
        if key not in self.rhythms:
            self.rhythms[key] = learn_rhythm(self.times[source], until)
        return self.rhythms[key]

    def stale_in(self, start: float, end: float, among: "Feeds", now: float, least: float = MAIN_SHARE) -> str | None:
        """Name the first source that was silent too long in `[start, end)` to be believed alive.

        Args:
            start: beginning of the window, hours since 1970.
            end: its end.
            among: the feeds of the items in question.
            now: what is known ends here; not before `end`.
            least: the share of those items in the eight weeks before the window that makes a source count.

        Returns:
            The source's name, or None when all those sources proved themselves alive (or are too small).
        """
        for source in among.shares(start, least):
            if self._is_stale(source, start, end, now):
                return source
        return None

    def shares(self, until: float, least: float = MAIN_SHARE) -> dict[str, float]:
        """Give the sources that gave `least` of the items or more in the eight weeks before `until`, with the share.

        Where none gave any in that time, all the time before counts: feeds that died long ago are dead feeds still.
        """
        counts = {name: count_between(times, until - LOOKBACK_HOURS, until) for name, times in self.times.items()}
        if not any(counts.values()):
            counts = {name: count_between(times, -np.inf, until) for name, times in self.times.items()}
        total = sum(counts.values())
        return {name: count / total for name, count in counts.items() if count > 0 and count >= least * total}

    def has_ended(self, source: str, until: float) -> bool:
        """Tell whether a source had been silent for too long, at `until`, to speak again."""
        times = self.times[source]
        end = int(np.searchsorted(times, until, side="left"))
        if end == 0:
            return True
        last = float(times[end - 1])
        recent = end - int(np.searchsorted(times, last - LOOKBACK_HOURS))
        if until - last < 3 * min(LOOKBACK_HOURS, last - float(times[0])) / recent:
            return False  # no need to learn the rhythm of a source that has just spoken
        rhythm = self.rhythm(source, until)
        return rhythm is not None and rhythm.probability_of_gap(rhythm.gap(last, until)) < IMPROBABLE

    def _is_stale(self, source: str, start: float, end: float, now: float) -> bool:
        """Tell whether a source was silent in a part of the window for too long to have been alive.

        A silence that ends needs a probability below 1 in 1,000. One that goes on to the end of all we know
        has proof of life only in the items before it: there 1 in 20 is enough to doubt the feed.
        """
        rhythm = self.rhythm(source, start)
        if rhythm is None:
            return False
        gaps, inside, n_items = _silences(self.times[source], rhythm, start, end, now)
        longest = int(np.argmax(np.where(inside > 0, gaps, -1.0)))
        expected = rhythm.rate * rhythm.gap(start, end)
        ends_never = longest == len(gaps) - 1 and self.times[source][-1] < end
        chance = rhythm.probability_of_gap(float(gaps[longest])) * (1.0 if ends_never else max(1.0, expected))
        if chance >= (DOUBTFUL if ends_never else IMPROBABLE):
            return False
        # Of the window and what the silence takes up outside it.
        share = min(1.0, gaps[longest] / (rhythm.gap(start, end) + gaps[longest] - inside[longest]))
        if n_items <= NEARLY_NOTHING * expected:
            return True
        # The chance that so many items, thinly but evenly spread, leave a gap as long: Fisher 1929, largest of
        # n + 1 spacings. Where customers have less to say the gaps grow evenly, where a feed dies one gap does.
        return bool((n_items + 1) * (1 - share) ** n_items < UNEVEN)


def _silences(times: Hours, rhythm: Rhythm, start: float, end: float, now: float) -> tuple[Hours, Hours, int]:
    """Give the silences that touch a window, in flat hours: whole, and their part in it; and the items in it.

    The first may have begun before the window: it counts from the last item that came. The last goes on to the
    next item, or to `now`.
    """
    first = int(np.searchsorted(times, start, side="left"))
    stop = int(np.searchsorted(times, end, side="left"))
    following = times[stop : stop + 1] if stop < len(times) else np.array([max(now, end)])
    moments = np.concatenate([times[first - 1 : first], times[first:stop], following])
    whole = np.diff(rhythm.season.exposure(moments))
    inside = np.diff(rhythm.season.exposure(np.clip(moments, start, end)))
    return whole, inside, stop - first


class Streams:
    """The items of each product and platform, taken out once."""

    def __init__(self, feedback: Feedback) -> None:
        """Keep all items; `feeds` are the feeds of all of them."""
        self._feedback = feedback
        self.feeds = Feeds.from_feedback(feedback)
        self._taken: dict[tuple[str, str], tuple[Hours, Feeds]] = {}

    def of(self, product: str, platform: str) -> tuple[Hours, Feeds]:
        """Give the sorted hours, and the feeds, of the items of a product and platform (folded)."""
        key = (product, platform)
        if key not in self._taken:
            stream = self._feedback.select(self._feedback.of(product, platform))
            self._taken[key] = stream.hours, Feeds.from_feedback(stream)
        return self._taken[key]
