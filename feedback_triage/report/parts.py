"""The parts of a report as frozen values: sentences, tiles, bars, releases and their windows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback_triage.report.filters import Count
from feedback_triage.report.usual import Change, UsualRange


@dataclass(frozen=True, slots=True)
class Ref:
    """A name in a sentence that leads to its place on the page.

    Attributes:
        text: the words.
        anchor: id of an element, without "#".
    """

    text: str
    anchor: str


Phrase = tuple[str | Count | Ref, ...]
"""A sentence in pieces, so that its numbers can be opened."""


class Tone(StrEnum):
    """How a sentence or a row should strike the reader."""

    ALARM = "alarm"
    WARN = "warn"
    GOOD = "good"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of the week at a glance; `tone_word` says in words what the colour says."""

    tone: Tone
    tone_word: str
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Tile:
    """One label (or all items) in the period, against the periods before.

    Attributes:
        key: name of the label, `all`, or "-" for no label.
        weeks: counts of up to 12 periods, the reported one last.
        before: items of the (up to four) periods that make the mean.
    """

    key: str
    title: str
    count: Count
    usual: UsualRange | None
    change: Change
    weeks: tuple[int, ...]
    before: Count


@dataclass(frozen=True, slots=True)
class Interval:
    """An observed count against a 95 % prediction interval."""

    expected: float
    lower: int
    upper: int
    observed: Count

    @property
    def is_spike(self) -> bool:
        """More came than the interval allows."""
        return self.observed.n > self.upper

    @property
    def is_loud(self) -> bool:
        """So many more that chance does not explain it, though there are many releases to look at.

        At least five, and twice as far above the mean as the interval reaches: about four standard
        deviations.
        """
        return self.observed.n >= 5 and self.observed.n > 2 * self.upper - self.expected


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of the chart: a day, a week or a month, with its count by label key."""

    start: datetime
    end: datetime
    total: Count
    counts: tuple[tuple[str, Count], ...]


@dataclass(frozen=True, slots=True)
class Marker:
    """A release on the chart."""

    at: datetime
    name: str
    lane: str
    kind: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Note:
    """A spike on the chart, with the release that was the newest."""

    at: datetime
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole span in bars.

    Attributes:
        unit: day, week or month.
        n_earlier: items before the first bar (only when the span is too long to draw).
        n_markers_left_out: releases not drawn because there are too many.
    """

    unit: str
    bins: tuple[Bin, ...]
    markers: tuple[Marker, ...]
    notes: tuple[Note, ...]
    n_earlier: int
    n_markers_left_out: int


@dataclass(frozen=True, slots=True)
class WindowRow:
    """A silence window; `could_hide` is a share of the users (0..1), None where nothing is known of them."""

    name: str
    anchor: str
    kind: str
    subject: str
    status: str
    verdict: str
    reason: str
    start_at: datetime
    end_at: datetime
    interval: Interval
    could_hide: float | None = None

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.end_at - self.start_at).total_seconds() / 3600

    @property
    def source(self) -> str:
        """The channel it is about, "" for all channels."""
        return self.subject.partition(":")[2] if self.subject.startswith("source:") else ""

    @property
    def is_unheard(self) -> bool:
        """Nothing came, but too little was expected to call that quiet."""
        return self.status == "heard" and self.interval.observed.n == 0

    @property
    def is_told(self) -> bool:
        """It is quiet, and whether that is good or bad is known."""
        return self.status == "quiet" and self.verdict in {"good", "bad"}


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release with what came while it was the newest.

    Attributes:
        counts: by label key, in the order of the labels, "-" (no label) last.
        declared: items whose customer gave this version.
        reign: None when the release never was the newest, or nothing is known about its hours.
        reign_words: phrases of a spike's items that earlier items do not use, () where there is no spike.
        windows: its silence windows, `all` first, then `notes`, then channels, the shorter ones first.
        rollout: instants from which on a share of the customers could have it; () where all could at once.
        rolled_back_at: when it was taken back, None where it was not.
        is_in_period: released in the period.
        has_news: belongs in the part of the table that is always open.
    """

    anchor: str
    release_id: str
    name: str
    version: str
    platform: str
    kind: str
    released_at: datetime
    notes: str
    is_derived: bool
    total: Count
    counts: tuple[tuple[str, Count], ...]
    declared: Count
    reign: Interval | None
    reign_hours: float
    reign_words: tuple[str, ...]
    windows: tuple[WindowRow, ...]
    is_in_period: bool
    has_news: bool
    is_hotfix: bool = False
    rollout: tuple[tuple[datetime, float], ...] = ()
    rolled_back_at: datetime | None = None

    @property
    def is_loud(self) -> bool:
        """While it was the newest, far more came than those hours bring."""
        return self.reign is not None and self.reign.is_loud

    @property
    def sort(self) -> str:
        """What it was, in words: its kind, and hotfix where it was one; "" where nobody said."""
        return ", ".join(part for part in (self.kind, "hotfix" if self.is_hotfix else "") if part)
