"""Read releases from wherever they are kept."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback_triage.domain import RejectedRow, Release, ReleaseKind
from feedback_triage.errors import NoUsableRowError
from feedback_triage.ingest import RejectReason, masked_row, plain_notes
from feedback_triage.sources.column_names import RELEASE_COLUMNS
from feedback_triage.sources.columns import NO_COLUMNS, missing_column, recognise
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.formats import open_releases
from feedback_triage.sources.kinds import kind_of_notes
from feedback_triage.sources.tables import BrokenRow, Table, rows_in_words
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
_MAX_NOTES = 50_000
"""Characters of notes that are kept: more than any team writes about one release."""
_KIND_BY_WORD = {word: kind for kind, words in _KINDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """What was read from one file or repository: n_read = len(releases) + len(rejected) + n_repeated.

    Attributes:
        file_name: without its folder; of a repository the name of its folder.
        sha256: hex digest of the file, or of the rows that a repository gave.
        releases: by date, then product, platform and version; each of these three together once.
        rejected: rows that cannot be releases, in the order of the file.
        notes: what a person should know about how the file was read.
        n_read: rows below the header, or lines, that are not blank.
        n_repeated: rows that say the same as another one.
    """

    file_name: str
    sha256: str
    releases: list[Release]
    rejected: list[RejectedRow]
    notes: tuple[str, ...]
    n_read: int
    n_repeated: int


def read_releases(path: Path, *, columns: Mapping[str, str] = NO_COLUMNS, timezone: str = "UTC") -> ReleaseFile:
    """Read releases; a version and a date are needed.

    Of several rows for one version the earliest counts (customers could have it from then on); of rows with
    one date the one with the longest notes. The kind is the word in the column `kind`; where that says nothing,
    it is taken from the notes (see `kind_of_notes`). A release in the future is kept: this reads no clock.

    Args:
        path: a CSV, JSON lines or Parquet file, a changelog, a saved answer of GitHub's releases API, or a git
            repository; see `open_releases`.
        columns: our name to a column of the file, for what is not recognised by itself.
        timezone: IANA name of the zone of times that name none.

    Raises:
        MissingFileError: no such file or repository.
        UnreadableFileError: its content is not what its name says, or it has no rows; a shallow clone.
        MissingColumnError: no `version` or `released_at`, or a column of `columns` is not there.
        NoUsableRowError: not one row gives a version and a date.
        InputError: git is needed and missing.
        SettingError: an unknown name in `columns`, or an unknown `timezone`.
    """
    name, table = open_releases(path)
    found = recognise(name, table.columns, RELEASE_COLUMNS, columns)
    for target in ("version", "released_at"):
        if target not in found:
            advice = f"rename the one that holds it to {target}"
            raise missing_column(name, target, table.columns, advice)
    reader = _RowReader(found, DateReader.for_column(table.values(found["released_at"]), timezone))
    candidates: list[tuple[int, Release]] = []
    rejected: list[RejectedRow] = []
    n_read = 0
    rows: dict[int, Mapping[str, object]] = {}
    for n_read, row in enumerate(table.rows(), 1):
        if isinstance(row, BrokenRow):
            rejected.append(RejectedRow(name, n_read, row.reason, row.detail, masked_row(row.raw)))
            continue
        rows[n_read] = row
        release = reader.read(row)
        if isinstance(release, RejectReason):
            rejected.append(RejectedRow(name, n_read, release, _DETAILS[release], masked_row(row)))
        else:
            candidates.append((n_read, release))
    releases, later, n_repeated = _settle(candidates)
    if not releases:
        raise NoUsableRowError(
            f"{name}: not one of {rows_in_words(n_read)} gives both a version ({found['version']!r}) "
            f"and a date that can be read ({found['released_at']!r}); write dates like 2017-04-01"
        )
    reason = RejectReason.VERSION_REPEATED
    rejected += [RejectedRow(name, number, reason, _DETAILS[reason], masked_row(rows[number])) for number in later]
    rejected.sort(key=lambda row: row.row_number)
    notes = (*table.notes, *reader.notes())
    return ReleaseFile(name, _digest(path, table), releases, rejected, notes, n_read, n_repeated)


class _RowReader:
    """Turns the cells of one file's rows into releases."""

    def __init__(self, found: Mapping[str, str], dates: DateReader) -> None:
        self._found = found
        self._dates = dates
        self._n_unread_kinds = 0
        self._n_cut = 0
        self._told: Counter[ReleaseKind] = Counter()
        self._has_number_versions = False

    def read(self, row: Mapping[str, object]) -> Release | RejectReason:
        version = row.get(self._found["version"])
        if is_missing(version):
            return RejectReason.VERSION_MISSING
        date = row.get(self._found["released_at"])
        if is_missing(date):
            return RejectReason.RELEASED_AT_MISSING
        if (released_at := self._dates.read(date)) is None:
            return RejectReason.RELEASED_AT_UNREADABLE
        self._has_number_versions |= isinstance(version, float)
        notes = self._notes(row)
        return Release(
            version=as_version(version),
            released_at=released_at,
            product=self._word(row, "product"),
            platform=self._word(row, "platform"),
            kind=self._kind(row, notes),
            notes=notes,
        )

    def notes(self) -> tuple[str, ...]:
        notes = [self._dates.note]
        if self._n_unread_kinds:
            kinds = ", ".join(ReleaseKind)
            notes.append(f"the kind of {rows_in_words(self._n_unread_kinds)} is none of {kinds} and is left out")
        if self._told:
            counts = ", ".join(f"{self._told[kind]} {kind}" for kind in ReleaseKind if self._told[kind])
            notes.append(f"the kind of {rows_in_words(self._told.total())} was taken from the notes: {counts}")
        if self._n_cut:
            notes.append(f"the notes of {rows_in_words(self._n_cut)} are cut after {_MAX_NOTES:,} characters")
        if self._has_number_versions:
            notes.append(NUMBER_VERSIONS_NOTE)
        return tuple(filter(None, notes))

    def _word(self, row: Mapping[str, object], name: str) -> str:
        value = row.get(self._found[name]) if name in self._found else None
        return "" if is_missing(value) else " ".join(as_text(value).split())

    def _notes(self, row: Mapping[str, object]) -> str:
        value = row.get(self._found["notes"]) if "notes" in self._found else None
        if is_missing(value):
            return ""
        text = as_text(value)
        # Cut before cleaning, which takes a while for very long texts.
        plain = plain_notes(text[: 2 * _MAX_NOTES])
        self._n_cut += len(text) > 2 * _MAX_NOTES or len(plain) > _MAX_NOTES
        return plain[:_MAX_NOTES].rstrip()

    def _kind(self, row: Mapping[str, object], notes: str) -> ReleaseKind | None:
        word = self._word(row, "kind")
        if kind := _KIND_BY_WORD.get(word.casefold()):
            return kind
        self._n_unread_kinds += bool(word)
        if told := kind_of_notes(notes):
            self._told[told] += 1
        return told


def _digest(path: Path, table: Table) -> str:
    """Of the bytes of a file; of a repository, which has no bytes of its own, of its rows."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for row in table.rows():
        digest.update(json.dumps(row, default=str, sort_keys=True).encode())
    return digest.hexdigest()


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
