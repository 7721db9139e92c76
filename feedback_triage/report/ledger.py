"""What went quiet: windows of several lengths as one line a release and subject, and what each line says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from feedback_triage.report.cards import FeedRow
from feedback_triage.report.parts import ReleaseRow, WindowRow

SUBJECTS = (("all", "all items"), ("notes", "items about the notes"), ("source", "one channel"))
"""What a line may look at, with its words."""

SILENT, OPEN, HEARD = "feed_stale", "open", "heard"
"""Statuses of windows that say nothing."""

UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """The windows of one release and subject.

    Attributes:
        subject_words: what it looks at.
        cells: its windows, the shorter ones first.
        lead: the one that speaks: the longest that has ended while the channels were alive, else the longest.
        says: bad, good, goes_on (reports go on after a fix), unheard (nothing came, nor
            was enough expected to tell), or the status of the lead where that says nothing.
        n_suspended: its windows whose verdict is suspended because a channel was silent.
    """

    name: str
    anchor: str
    kind: str
    released_at: datetime
    subject: str
    subject_words: str
    cells: tuple[WindowRow, ...]
    lead: WindowRow
    says: str
    n_suspended: int


@dataclass(frozen=True, slots=True)
class UntoldGroup:
    """How many lines of one sort of subject say nothing, by why."""

    words: str
    n_heard: int
    n_open: int
    n_suspended: int
    n_untold: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.n_heard + self.n_open + self.n_suspended + self.n_untold


@dataclass(frozen=True, slots=True)
class Alarm:
    """A silent channel, and the verdicts that are suspended because of silent channels."""

    feeds: tuple[FeedRow, ...]
    n_windows: int
    lines: tuple[LedgerLine, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Lines that are bad news, good news, or fixes after which reports go on, newest first; the others counted.

    Attributes:
        alarm: None while every channel is alive and no verdict is suspended.
        n_lines, n_windows: how many there are in all.
    """

    bad: tuple[LedgerLine, ...]
    good: tuple[LedgerLine, ...]
    go_on: tuple[LedgerLine, ...]
    untold: tuple[UntoldGroup, ...]
    alarm: Alarm | None
    n_lines: int
    n_windows: int


def build_ledger(releases: Iterable[ReleaseRow], feeds: tuple[FeedRow, ...]) -> Ledger:
    """Build the ledger from the windows of all releases."""
    lines = [line for row in releases for line in lines_of(row)]
    lines.sort(key=lambda line: (line.anchor, line.subject))
    lines.sort(key=lambda line: line.lead.end_at, reverse=True)
    bad, good, go_on = (tuple(line for line in lines if line.says == says) for says in ("bad", "good", "goes_on"))
    told = {id(line) for line in (*bad, *good, *go_on)}
    rest = [line for line in lines if id(line) not in told]
    return Ledger(bad, good, go_on, _untold(rest), _alarm(lines, feeds), len(lines), sum(len(x.cells) for x in lines))


def lines_of(row: ReleaseRow) -> tuple[LedgerLine, ...]:
    """Give the lines of a release: all items, then its notes, then channels by name."""
    return tuple(_line(row, tuple(cells)) for _, cells in groupby(row.windows, key=lambda window: window.subject))


def _line(row: ReleaseRow, cells: tuple[WindowRow, ...]) -> LedgerLine:
    ended = [cell for cell in cells if cell.status not in {OPEN, SILENT}]
    lead = ended[-1] if ended else next((cell for cell in reversed(cells) if cell.status == SILENT), cells[-1])
    says = lead.verdict if lead.is_told else "goes_on" if reports_go_on(lead) else lead.status
    says = UNHEARD if lead.is_unheard else says
    return LedgerLine(
        name=row.name,
        anchor=row.anchor,
        kind=row.sort,
        released_at=row.released_at,
        subject=lead.subject,
        subject_words=subject_words(lead.subject),
        cells=cells,
        lead=lead,
        says=says,
        n_suspended=sum(cell.status == SILENT for cell in cells),
    )


def subject_words(subject: str) -> str:
    """Say what a window looks at."""
    sort, _, name = subject.partition(":")
    return {"all": "all items", "notes": "items about its notes"}.get(subject, f"channel {name}" if name else sort)


def reports_go_on(window: WindowRow) -> bool:
    """Tell whether reports about what a fix fixed go on as before, where some were expected."""
    return (
        window.subject == "notes"
        and window.kind == "fix"
        and window.status == "heard"
        and window.interval.lower > 0
        and window.interval.observed.n >= window.interval.lower
    )


def _untold(lines: list[LedgerLine]) -> tuple[UntoldGroup, ...]:
    groups = []
    for sort, words in SUBJECTS:
        says = [line.says for line in lines if line.subject.partition(":")[0] == sort]
        n_heard, n_open, n_silent = (says.count(status) for status in (HEARD, OPEN, SILENT))
        groups.append(UntoldGroup(words, n_heard, n_open, n_silent, len(says) - n_heard - n_open - n_silent))
    return tuple(group for group in groups if group.n)


def _alarm(lines: list[LedgerLine], feeds: tuple[FeedRow, ...]) -> Alarm | None:
    silent = tuple(feed for feed in feeds if feed.status == "stale")
    suspended = tuple(line for line in lines if line.n_suspended)
    n_windows = sum(line.n_suspended for line in suspended)
    return Alarm(silent, n_windows, suspended) if silent or suspended else None
