"""The list of known incidents that a backtest is scored against."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Set
from pathlib import Path

import pandas as pd

from feedback_triage import sources
from feedback_triage.backtest import KnownIncident, KnownKind
from feedback_triage.errors import InputError, MissingColumnError, NoUsableRowError
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.values import as_text, is_missing

_SHOWN_ROWS = 3
_NAMES: Mapping[str, str] = {
    "started_at": "started at | start | started | from | begin | began at",
    "ended_at": "ended at | end | ended | to | until | resolved at",
    "release": "release | release id | version | caused by",
    "name": "name | incident | title",
    "kind": "kind | type",
    "item_ids": "item ids | items | ids",
}


def read_known(
    path: Path, releases: pd.DataFrame, known_ids: Set[str], *, timezone: str
) -> tuple[list[KnownIncident], tuple[str, ...]]:
    """Read the known incidents of a table: started_at, ended_at, and maybe release, name, kind and item_ids.

    Args:
        path: a CSV, JSON lines or Parquet file. `kind` is outage (where it is left out) or fault; `item_ids` are
            ids of items ("source:external_id") with blanks between them.
        releases: the known ones: release_id, version. A release may be named by its id or, where only one has it,
            by its version.
        known_ids: ids of all items in the database.
        timezone: IANA name of the zone of times that name none.

    Returns:
        The incidents in the order of the file, and sentences about what could not be used.

    Raises:
        InputError: the file cannot be read, lacks a column, has no row, or a row makes no sense.
    """
    table = sources.open_table(path)
    columns = _columns(path.name, table.columns)
    dates = {name: DateReader.for_column(table.values(columns[name]), timezone) for name in ("started_at", "ended_at")}
    found: list[KnownIncident] = []
    notes: list[str] = []
    names: set[str] = set()
    unknown: dict[int, int] = {}
    release_ids = _release_ids(releases)
    for number, row in enumerate(table.rows(), 1):
        if isinstance(row, sources.BrokenRow):
            raise InputError(f"{path.name}: row {number} cannot be read; mend it or take it out")
        cell = {name: row.get(column) for name, column in columns.items()}
        started_at, ended_at = (dates[name].read(cell[name]) for name in ("started_at", "ended_at"))
        if started_at is None or ended_at is None:
            which = "started_at" if started_at is None else "ended_at"
            raise InputError(f"{path.name}: row {number} has no {which} that can be read; write 2026-10-16T15:48Z")
        if ended_at < started_at:
            raise InputError(f"{path.name}: row {number} ends before it starts")
        name = _text(cell.get("name")) or f"incident {number}"
        if name in names:
            raise InputError(f"{path.name}: row {number} has the name of an earlier one; give each a name of its own")
        names.add(name)
        said = _text(cell.get("release"))
        release = release_ids.get(said, "")
        item_ids = frozenset(_text(cell.get("item_ids")).split())
        if n_unknown := len(item_ids - known_ids):
            unknown[number] = n_unknown
        if said and not release:
            notes.append(f"the release of the known incident “{name}” is not in the database, so it cannot be named")
        found.append(
            KnownIncident(
                name=name,
                kind=_kind(_text(cell.get("kind")), path.name, number),
                started_at=started_at,
                ended_at=ended_at,
                release=release,
                item_ids=item_ids,
            )
        )
    if not found:
        raise NoUsableRowError(f"{path.name}: it names no incident")
    if unknown:
        n_ids = sum(unknown.values())
        ids = "1 item id of a known incident is" if n_ids == 1 else f"{n_ids} item ids of known incidents are"
        notes.append(f"{ids} not in the database ({_rows(unknown)}); write them as source:id")
    return found, tuple(notes)


def _columns(file_name: str, columns: Collection[str]) -> dict[str, str]:
    known = {name.replace("_", " ").strip().casefold(): name for name in columns}
    found = {
        target: next((known[name] for name in names.split(" | ") if name in known), "")
        for target, names in _NAMES.items()
    }
    for target in ("started_at", "ended_at"):
        if not found[target]:
            raise MissingColumnError(f"{file_name}: it lacks the column {target!r}; rename the one that holds it")
    return {target: column for target, column in found.items() if column}


def _text(value: object) -> str:
    return "" if is_missing(value) else as_text(value).strip()


def _kind(word: str, file_name: str, number: int) -> KnownKind:
    try:
        return KnownKind(word.casefold()) if word else KnownKind.OUTAGE
    except ValueError:
        kinds = ", ".join(KnownKind)
        raise InputError(f"{file_name}: the kind of row {number} is none of {kinds}") from None


def _release_ids(releases: pd.DataFrame) -> dict[str, str]:
    """What a release may be called, and its id: a version that only one has, or the id itself."""
    count = Counter(releases["version"])
    pairs = list(zip(releases["version"], releases["release_id"], strict=True))
    by_version = {version: release_id for version, release_id in pairs if count[version] == 1}
    return by_version | {release_id: release_id for _, release_id in pairs}


def _rows(numbers: Iterable[int]) -> str:
    """Name rows: "row 2", "rows 2, 5 and 9", "rows 2, 5, 9 and 12 more"."""
    shown = [str(number) for number in numbers]
    if len(shown) == 1:
        return f"row {shown[0]}"
    last = f"{len(shown) - _SHOWN_ROWS} more" if len(shown) > _SHOWN_ROWS + 1 else shown[-1]
    return f"rows {', '.join(shown[:-1][:_SHOWN_ROWS])} and {last}"
