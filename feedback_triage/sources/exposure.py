"""Read usage counts: how many users were active when, the denominator of feedback."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from types import MappingProxyType

from feedback_triage.errors import NoUsableRowError
from feedback_triage.sources.columns import NO_COLUMNS, missing_column, recognise
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.formats import open_table
from feedback_triage.sources.tables import BrokenRow, rows_in_words
from feedback_triage.sources.values import as_text, is_missing

EXPOSURE_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "start_at": ("start at", "time", "at", "timestamp", "datetime", "date", "day", "hour", "period start"),
        "active_count": ("active count", "active users", "users", "dau", "daily active users", "sessions", "visits"),
        "product": ("product", "product name", "app", "app name", "application"),
        "platform": ("platform", "os", "operating system", "store", "device type"),
    }
)
"""Our name to the names it is recognised by, in files of usage counts."""

_LATE = 1.5


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """Active users of a product and platform from an instant on, until the next row of the two.

    Attributes:
        product, platform: "" where the file does not say.
        start_at: UTC instant.
        active_count: 0 or more.
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
        n_rejected: rows without an instant or a count that can be read, and rows that contradict an earlier one.
    """

    file_name: str
    rows: list[ExposureRow]
    notes: tuple[str, ...]
    n_read: int
    n_rejected: int


def read_exposure(path: Path, *, columns: Mapping[str, str] = NO_COLUMNS, timezone: str = "UTC") -> ExposureFile:
    """Read usage counts; a time and a count are needed.

    Nothing is made up for a gap: it is told in a note, and a window it touches does without usage counts. Where
    two rows say different counts for one time neither is used, since nobody can tell which is right.

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
    counts: dict[tuple[str, str, datetime], set[float]] = {}
    n_read = n_unreadable = 0
    for row in table.rows():
        n_read += 1
        start_at = None if isinstance(row, BrokenRow) else dates.read(row.get(found["start_at"]))
        count = None if isinstance(row, BrokenRow) else _count(row.get(found["active_count"]))
        if isinstance(row, BrokenRow) or start_at is None or count is None:
            n_unreadable += 1
            continue
        product, platform = (_word(row.get(found[name])) if name in found else "" for name in ("product", "platform"))
        counts.setdefault((product, platform, start_at), set()).add(count)
    rows = [ExposureRow(*key, *values) for key, values in sorted(counts.items()) if len(values) == 1]
    n_contradicting = len(counts) - len(rows)
    if not rows:
        raise NoUsableRowError(
            f"{path.name}: not one of {rows_in_words(n_read)} gives both a time ({found['start_at']!r}) and a count of "
            f"users ({found['active_count']!r}); write times like 2026-10-16 or 2026-10-16T15:00:00Z, and plain numbers"
        )
    notes = [*table.notes, dates.note]
    if n_unreadable:
        notes.append(f"{rows_in_words(n_unreadable)} left out: no time or no count of users that can be read")
    if n_contradicting:
        times = "1 time has" if n_contradicting == 1 else f"{n_contradicting} times have"
        notes.append(f"{times} several different counts for one platform; they are left out, give each time once")
    notes += _gaps(rows)
    return ExposureFile(path.name, rows, tuple(filter(None, notes)), n_read, n_unreadable + n_contradicting)


def _word(value: object) -> str:
    return "" if is_missing(value) else " ".join(as_text(value).split())


def _count(value: object) -> float | None:
    """Read a number of users: 5200, "5,200", "5 200"; None for what is no count."""
    if isinstance(value, bool) or is_missing(value):
        return None
    if isinstance(value, int | float):
        number = float(value)
    else:
        text = as_text(value).strip().replace("\u00a0", " ")
        groups = text.replace(",", " ").split()
        if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
            return None
        joined = "".join(groups)
        if not joined.replace(".", "", 1).isdecimal():
            return None
        number = float(joined)
    return number if math.isfinite(number) and number >= 0 else None


def _gaps(rows: list[ExposureRow]) -> list[str]:
    """Say for each product and platform which stretches have no counts."""
    notes = []
    for key in Counter((row.product, row.platform) for row in rows):
        starts = [row.start_at for row in rows if (row.product, row.platform) == key]
        steps = [after - before for before, after in pairwise(starts)]
        if not steps:
            continue
        usual = timedelta(seconds=median(step.total_seconds() for step in steps))
        late = [(before + usual, after) for before, after in pairwise(starts) if after - before > _LATE * usual]
        if late:
            missing = sum(((end - start) for start, end in late), timedelta())
            name = " / ".join(part for part in key if part)
            first, last = late[0]
            gaps = "1 gap" if len(late) == 1 else f"{len(late)} gaps"
            whose = f" of {name}" if name else ""
            notes.append(
                f"usage counts{whose} have {gaps} ({missing / timedelta(hours=1):g} hours in all), "
                f"the first from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC: nothing is made up for them, and "
                "windows they touch do without usage counts"
            )
    return notes
