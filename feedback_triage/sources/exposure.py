"""Read usage counts: how many users were active when, the denominator of feedback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median
from types import MappingProxyType

from feedback_triage.errors import NoUsableRowError
from feedback_triage.sources.columns import NO_COLUMNS, missing_column, recognise
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.formats import open_table
from feedback_triage.sources.tables import BrokenRow, rows_in_words
from feedback_triage.sources.values import as_finite, as_text, is_missing

EXPOSURE_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "start_at": ("start at", "time", "at", "timestamp", "datetime", "date", "day", "hour", "period start"),
        "active_count": ("active count", "active users", "users", "dau", "daily active users", "sessions", "visits"),
        "product": ("product", "product name", "app", "app name", "application"),
        "platform": ("platform", "os", "operating system", "store", "device type"),
    }
)
"""Our name to the names it is recognised by, in files of usage counts."""

LEAST_USERS, MOST_USERS = 1, 10**12
"""Fewer than one user is nobody, as in a count that failed; more than a hundred for every person is no count."""
LONGEST_NAME = 200
"""Characters of a product or a platform."""

_LATE = 1.5
_Key = tuple[str, str, datetime]


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """Active users of a product and platform from an instant on, until the next row of the two.

    Attributes:
        product, platform: "" where the file does not say.
        start_at: UTC instant.
        active_count: 0 to 1e12; below 1 it stands for a gap.
    """

    product: str
    platform: str
    start_at: datetime
    active_count: float


@dataclass(frozen=True, slots=True)
class ExposureFile:
    """What was read from a file of usage counts.

    Attributes:
        file_name: without its folder.
        rows: by product, platform and instant, each of these three once.
        notes: what a person should know: how dates were read, what was left out, gaps.
        n_read: rows below the header that are not blank.
        n_rejected: rows without an instant or a count that can be read, and all rows that contradict each other.
    """

    file_name: str
    rows: list[ExposureRow]
    notes: tuple[str, ...]
    n_read: int
    n_rejected: int


def read_exposure(path: Path, *, columns: Mapping[str, str] = NO_COLUMNS, timezone: str = "UTC") -> ExposureFile:
    """Read usage counts; a time and a count are needed.

    Nothing is made up for a gap: it is told in a note, and a window it touches does without usage counts. Where
    two rows say different counts for one time neither is used, since nobody can tell which is right; capitals in
    the names of products and platforms tell nothing apart. A count below 1 is read and means a gap.

    Args:
        path: a CSV, JSON lines or Parquet file.
        columns: our name to a column of the file, for what is not recognised by itself.
        timezone: IANA name of the zone of times that name none.

    Raises:
        MissingFileError: no such file.
        UnreadableFileError: its content is not what its name says, or it has no rows.
        MissingColumnError: no time or no count, or a column of `columns` is not there.
        NoUsableRowError: not one row gives a time and a count.
        SettingError: an unknown name in `columns`, or an unknown `timezone`.
    """
    table = open_table(path)
    found = recognise(path.name, table.columns, EXPOSURE_COLUMNS, columns)
    for target, name in (("start_at", "time"), ("active_count", "active_users")):
        if target not in found:
            raise missing_column(path.name, target, table.columns, f"rename the one that holds it to {name}")
    dates = DateReader.for_column(table.values(found["start_at"]), timezone)
    counted: dict[_Key, list[float]] = {}
    spellings: dict[str, str] = {}
    n_read = n_unreadable = n_too_many = 0
    for row in table.rows():
        n_read += 1
        start_at = None if isinstance(row, BrokenRow) else dates.read(row.get(found["start_at"]))
        count = None if isinstance(row, BrokenRow) else _count(row.get(found["active_count"]))
        if isinstance(row, BrokenRow) or start_at is None or count is None:
            n_unreadable += 1
            continue
        words = [_word(row.get(found[name])) if name in found else "" for name in ("product", "platform")]
        if max(map(len, words)) > LONGEST_NAME:
            n_unreadable += 1
        elif count > MOST_USERS:
            n_too_many += 1
        else:
            for word in words:  # one spelling each, whatever the order of the rows
                spellings[word.casefold()] = min(word, spellings.get(word.casefold(), word))
            counted.setdefault((words[0].casefold(), words[1].casefold(), start_at), []).append(count)
    rows = [
        ExposureRow(spellings[product], spellings[platform], start_at, values[0])
        for (product, platform, start_at), values in sorted(counted.items())
        if len(set(values)) == 1
    ]
    if not rows:
        raise NoUsableRowError(
            f"{path.name}: not one of {rows_in_words(n_read)} gives both a time ({found['start_at']!r}) and a count of "
            f"users ({found['active_count']!r}); write times like 2026-10-16 or 2026-10-16T15:00:00Z, and plain numbers"
        )
    if all(row.active_count < LEAST_USERS for row in rows):
        raise NoUsableRowError(
            f"{path.name}: not one count of users ({found['active_count']!r}) is 1 or more; write how many users were "
            "active, not their share"
        )
    contradicting = [len(values) for values in counted.values() if len(set(values)) > 1]
    notes = [*table.notes, dates.note, *_left_out(n_unreadable, n_too_many, len(contradicting)), *_gaps(rows)]
    n_rejected = n_unreadable + n_too_many + sum(contradicting)
    return ExposureFile(path.name, rows, tuple(filter(None, notes)), n_read, n_rejected)


def _left_out(n_unreadable: int, n_too_many: int, n_contradicting: int) -> list[str]:
    """Say what is not used, and why."""
    notes = []
    if n_unreadable:
        notes.append(f"{rows_in_words(n_unreadable)} left out: no time or no count of users that can be read")
    if n_too_many:
        notes.append(f"{rows_in_words(n_too_many)} left out: more than {MOST_USERS:,} users")
    if n_contradicting:
        times = "1 time has" if n_contradicting == 1 else f"{n_contradicting} times have"
        notes.append(f"{times} several different counts for one platform; they are left out, give each time once")
    return notes


def _word(value: object) -> str:
    return "" if is_missing(value) else " ".join(as_text(value).split())


def _count(value: object) -> float | None:
    """Read a number of users: 5200, "5,200", "5 200"; None for what is no count."""
    if isinstance(value, bool) or is_missing(value):
        return None
    if isinstance(value, int | float):
        number = as_finite(value)
    else:
        text = as_text(value).strip().replace("\u00a0", " ")
        groups = text.replace(",", " ").split()
        if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
            return None
        joined = "".join(groups)
        if not joined.replace(".", "", 1).isdecimal():
            return None
        number = as_finite(float(joined))
    return number if number is not None and number >= 0 else None


def _gaps(rows: Sequence[ExposureRow]) -> list[str]:
    """Say for each product and platform which stretches have no counts; the rows are in order."""
    notes = []
    for key, of_key in groupby(rows, key=lambda row: (row.product, row.platform)):
        own = list(of_key)
        name = " / ".join(part for part in key if part)
        whose = f" of {name}" if name else ""
        if n_nobody := sum(row.active_count < LEAST_USERS for row in own):
            tell = "1 time says" if n_nobody == 1 else f"{n_nobody} times say"
            notes.append(f"{tell} that nobody was active in usage counts{whose}: below 1 counts as a gap")
        late = _late(own)
        if late:
            missing = sum(((end - start) for start, end in late), timedelta())
            first, last = late[0]
            gaps = "1 gap" if len(late) == 1 else f"{len(late)} gaps"
            notes.append(
                f"usage counts{whose} have {gaps} ({missing / timedelta(hours=1):g} hours in all), "
                f"the first from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC: nothing is made up for them, and "
                "windows they touch do without usage counts"
            )
    return notes


def _late(rows: Sequence[ExposureRow]) -> list[tuple[datetime, datetime]]:
    """The stretches without rows: from when one was due to when it came."""
    steps = [(row.start_at, later.start_at) for row, later in pairwise(rows)]
    if not steps:
        return []
    usual = timedelta(seconds=median((end - start).total_seconds() for start, end in steps))
    return [(start + usual, end) for start, end in steps if end - start > _LATE * usual]
