"""The parts of a report as frozen values: channels, themes with quotes, the review queue, and where rows
went.
"""

from dataclasses import dataclass
from datetime import datetime

from feedback_triage.report.filters import Count
from feedback_triage.report.parts import Marker
from feedback_triage.report.usual import UsualRange


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A source and whether it is alive; `weeks` are counts of up to 12 periods, the reported one last."""

    source: str
    status: str
    reason: str
    total: Count
    in_period: Count
    last_at: datetime | None
    usual_gap_hours: float | None
    weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a customer wrote: the beginning of the verbatim, or all of it, and nothing else.

    Attributes:
        title: the customer's headline, "" if none.
        text: shortened with "…" when long; "" when the customer wrote no words.
        release: name of the most recent release, "" before any.
    """

    item_id: str
    title: str
    text: str
    source: str
    written_at: datetime
    release: str
    rating: str


@dataclass(frozen=True, slots=True)
class ThemeCard:
    """A theme: what changed, how much, and in whose words.

    Attributes:
        area: the area it belongs to, "" for none.
        trend: new, returning, growing, shrinking or steady.
        usual: None when there is no earlier period.
        n_customers: distinct customers in the period, None where the customers are not known.
        mix: items in all by label key.
        weeks: counts of up to 12 periods, the reported one last.
        starts: the start of each of `weeks`, and the end of the last.
        marks: releases on whose notes it speaks, or else the newest one when a new theme began.
        speaks_of_marks: which of the two.
        events: its history in sentences, newest first.
        is_full: shown as a card, not as a row.
    """

    anchor: str
    rank: int
    theme_id: str
    name: str
    area: str
    trend: str
    total: Count
    in_period: Count
    before: Count
    usual: UsualRange | None
    n_customers: int | None
    mix: tuple[tuple[str, Count], ...]
    period_mix: tuple[tuple[str, Count], ...]
    weeks: tuple[int, ...]
    starts: tuple[datetime, ...]
    marks: tuple[Marker, ...]
    speaks_of_marks: bool
    quotes: tuple[Quote, ...]
    keyphrases: tuple[str, ...]
    events: tuple[tuple[datetime, str], ...]
    is_full: bool


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """An item where a person's look helps; `n_same` items with the same words wait with it (itself
    included).
    """

    quote: Quote
    probability: float
    probability_none: float
    likeliest_title: str
    n_same: int


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """What waits for a person."""

    rows: tuple[ReviewRow, ...]
    waiting: Count
    waiting_in_period: Count
    none_of_them: Count
    none_of_them_in_period: Count


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that was read; `n_missing` is 0 when the sum is right."""

    file_name: str
    n_read: int
    n_stored: int
    n_already_known: int
    n_rejected: int

    @property
    def n_missing(self) -> int:
        """Rows that were read and are neither stored, already known nor rejected: not 0 is a fault."""
        return self.n_read - self.n_stored - self.n_already_known - self.n_rejected


@dataclass(frozen=True, slots=True)
class RejectedGroup:
    """Rejected rows of one reason; `rows` (file, row number, detail) holds the first of them."""

    reason: str
    n: int
    rows: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class Accounting:
    """Where every row went."""

    files: tuple[FileRow, ...]
    rejected: tuple[RejectedGroup, ...]
    not_read: Count
    languages: tuple[tuple[str, Count], ...]
    language_unknown: Count
    before_any_release: Count
    without_theme: Count
    not_judged: Count
