"""Read a release file."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback_triage.domain import RejectedRow, Release, ReleaseKind
from feedback_triage.errors import NoUsableRowError
from feedback_triage.ingest import RejectReason, masked_row, plain_notes
from feedback_triage.sources.column_names import RELEASE_COLUMNS
from feedback_triage.sources.columns import NO_COLUMNS, missing_column, recognise
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.formats import open_table
from feedback_triage.sources.tables import BrokenRow, rows_in_words
from feedback_triage.sources.values import NUMBER_VERSIONS_NOTE, as_text, as_version, is_missing

_DETAILS = {
    RejectReason.VERSION_MISSING: "The row does not name a version.",
    RejectReason.RELEASED_AT_MISSING: "The row does not say when the version was released.",
    RejectReason.RELEASED_AT_UNREADABLE: "The date cannot be read, or lies outside 1990 to 2100.",
    RejectReason.VERSION_REPEATED: "Another row has the same version with an earlier date or other notes.",
}
_KINDS = {
    ReleaseKind.FEATURE: {"feature", "features", "feat", "new", "major", "minor"},
    ReleaseKind.FIX: {"fix", "fixes", "bugfix", "hotfix", "patch"},
    ReleaseKind.MAINTENANCE: {"maintenance", "chore", "internal", "maint"},
    ReleaseKind.MIXED: {"mixed", "both"},
}
_KIND_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """What was read from one file: n_read = len(releases) + len(rejected) + n_repeated.

    Attributes:
        file_name: without its folder.
        releases: by date, then product, platform and version; each of these three together once.
        rejected: rows that cannot be releases, in the order of the file.
        notes: what a person should know about how the file was read.
        n_read: rows below the header, or lines, that are not blank.
        n_repeated: rows that say the same as another one.
    """

    file_name: str
    releases: list[Release]
    rejected: list[RejectedRow]
    notes: tuple[str, ...]
    n_read: int
    n_repeated: int


def read_releases(path: Path, *, columns: Mapping[str, str] = NO_COLUMNS, timezone: str = "UTC") -> ReleaseFile:
    """Read a file with a row for every release; `version` and a date are needed.

    Of several rows for one version the earliest counts (customers could have it from then on); of rows with
    one date the one with the longest notes.

    Args:
        path: CSV, JSON lines or Parquet.
        columns: our name to a column of the file, for what is not recognised by itself.
        timezone: IANA name of the zone of times that name none.

    Raises:
        MissingFileError: no such file.
        UnreadableFileError: its content is not what its name says, or it has no rows.
        MissingColumnError: no `version` or `released_at`, or a column of `columns` is not there.
        NoUsableRowError: not one row gives a version and a date.
        SettingError: an unknown name in `columns`, or an unknown `timezone`.
    """
    table = open_table(path)
    found = recognise(path.name, table.columns, RELEASE_COLUMNS, columns)
    for target in ("version", "released_at"):
        if target not in found:
            advice = f"rename the one that holds it to {target}"
            raise missing_column(path.name, target, table.columns, advice)
    dates = DateReader.for_column(table.values(found["released_at"]), timezone)
    candidates: list[tuple[int, Release]] = []
    rejected: list[RejectedRow] = []
    n_read = n_unread_kinds = 0
    has_number_versions = False
    rows: dict[int, Mapping[str, object]] = {}
    for n_read, row in enumerate(table.rows(), 1):
        if isinstance(row, BrokenRow):
            rejected.append(RejectedRow(path.name, n_read, row.reason, row.detail, masked_row(row.raw)))
            continue
        rows[n_read] = row
        release = _release(row, found, dates)
        if isinstance(release, RejectReason):
            rejected.append(RejectedRow(path.name, n_read, release, _DETAILS[release], masked_row(row)))
            continue
        candidates.append((n_read, release))
        n_unread_kinds += release.kind is None and not is_missing(row.get(found.get("kind", "")))
        has_number_versions |= isinstance(row.get(found["version"]), float)
    releases, later, n_repeated = _settle(candidates)
    if not releases:
        raise NoUsableRowError(
            f"{path.name}: not one of {rows_in_words(n_read)} gives both a version ({found['version']!r}) "
            f"and a date that can be read ({found['released_at']!r}); write dates like 2017-04-01"
        )
    reason = RejectReason.VERSION_REPEATED
    rejected += [RejectedRow(path.name, number, reason, _DETAILS[reason], masked_row(rows[number])) for number in later]
    rejected.sort(key=lambda row: row.row_number)
    notes = [*table.notes, dates.note]
    if n_unread_kinds:
        kinds = ", ".join(ReleaseKind)
        notes.append(f"the kind of {rows_in_words(n_unread_kinds)} is none of {kinds} and is left out")
    if has_number_versions:
        notes.append(NUMBER_VERSIONS_NOTE)
    return ReleaseFile(path.name, releases, rejected, tuple(filter(None, notes)), n_read, n_repeated)


def _release(row: Mapping[str, object], found: Mapping[str, str], dates: DateReader) -> Release | RejectReason:
    def word(name: str) -> str:
        value = row.get(found[name]) if name in found else None
        return "" if is_missing(value) else " ".join(as_text(value).split())

    version = row.get(found["version"])
    if is_missing(version):
        return RejectReason.VERSION_MISSING
    date = row.get(found["released_at"])
    if is_missing(date):
        return RejectReason.RELEASED_AT_MISSING
    if (released_at := dates.read(date)) is None:
        return RejectReason.RELEASED_AT_UNREADABLE
    notes = row.get(found["notes"]) if "notes" in found else None
    return Release(
        version=as_version(version),
        released_at=released_at,
        product=word("product"),
        platform=word("platform"),
        kind=_KIND_BY_WORD.get(word("kind").casefold()),
        notes="" if is_missing(notes) else plain_notes(as_text(notes)),
    )


def _settle(candidates: list[tuple[int, Release]]) -> tuple[list[Release], list[int], int]:
    """Releases in order, row numbers of those that contradict one, and how many merely repeat one."""
    kept: dict[str, Release] = {}
    later: list[int] = []
    n_repeated = 0
    # By content before row number, so that the order of the rows changes nothing.
    for row_number, release in sorted(
        candidates,
        key=lambda pair: (
            pair[1].released_at,
            -len(pair[1].notes),
            pair[1].notes,
            pair[1].kind or "",
            pair[0],
        ),
    ):
        first = kept.setdefault(_key(release), release)
        if first is not release:
            if first == release:
                n_repeated += 1
            else:
                later.append(row_number)
    ordered = sorted(kept.values(), key=lambda release: (release.released_at, _key(release)))
    return ordered, later, n_repeated


def _key(release: Release) -> str:
    return f"{release.product}\0{release.platform}\0{release.version}"
