"""The parts of an incident as frozen values."""

from dataclasses import dataclass
from datetime import datetime

from feedback_triage.report.cards import Quote
from feedback_triage.report.filters import Count
from feedback_triage.report.parts import Marker, Phrase
from feedback_triage.report.suspects import SuspectRow


@dataclass(frozen=True, slots=True)
class Burst:
    """An incident in short bars.

    Attributes:
        edges: of the bars, one more than there are bars.
        own: the incident's items by bar.
        others: the other items of its product and platform by bar.
        marks: releases that came while it is drawn.
        raised_at: when it could first be known.
    """

    edges: tuple[datetime, ...]
    own: tuple[Count, ...]
    others: tuple[int, ...]
    marks: tuple[Marker, ...]
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Check:
    """What success looks like, as a line that can be checked; `state` is met, open or missed."""

    phrase: Phrase
    state: str
    so_far: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a meeting about an incident needs: it speaks of releases, never of people.

    Attributes:
        happened: what came when, oldest first.
        done: sentences: which release ended it, as far as that can be read from the reports.
        checks: what success looks like.
    """

    happened: tuple[tuple[datetime, Phrase], ...]
    done: tuple[Phrase, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class AlsoIn:
    """Scopes of one sort that rose with an incident: the first few in words, and how many more there are."""

    sort: str
    words: tuple[str, ...]
    n_more: int


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One burst of feedback.

    Attributes:
        title: weekday, instant and scope, to call it by.
        scope_words: what it is told by, in words.
        also_in: other scopes that rose with it.
        observed: items of the scope from the first to the last.
        items: all items that belong to it.
        upper: the most that the time would have brought anyway, with 97.5 % probability.
        n_until_raised, minutes_until_raised: from the first item until it could be known.
        mix: its items by label key; `themes` and `sources` the same, most first, none left empty.
        suspects: likeliest first; () where none was named.
        is_praise: more than half of its items are praise.
        is_news: it goes on, or fell into the reported period.
        is_full: shown as a card, not as a row.
        meeting: None for a row, and for praise.
    """

    anchor: str
    incident_id: str
    title: str
    scope: str
    scope_words: str
    also_in: tuple[AlsoIn, ...]
    platform: str
    started_at: datetime
    raised_at: datetime
    last_at: datetime
    ended_at: datetime | None
    observed: Count
    items: Count
    expected: float
    upper: int
    n_until_raised: int
    minutes_until_raised: float
    mix: tuple[tuple[str, Count], ...]
    themes: tuple[tuple[str, str, Count], ...]
    sources: tuple[tuple[str, Count], ...]
    keyphrases: tuple[str, ...]
    quotes: tuple[Quote, ...]
    suspects: tuple[SuspectRow, ...]
    burst: Burst | None
    is_praise: bool
    is_news: bool
    is_full: bool
    meeting: Meeting | None

    @property
    def is_open(self) -> bool:
        """It goes on."""
        return self.ended_at is None

    @property
    def hours(self) -> float:
        """From its first to its last item."""
        return (self.last_at - self.started_at).total_seconds() / 3600

    @property
    def first_suspect(self) -> SuspectRow | None:
        """The likeliest answer, which may be none of the releases."""
        return self.suspects[0] if self.suspects else None
