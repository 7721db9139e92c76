"""Read releases from wherever they are kept."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from feedback_triage.domain import RejectedRow, Release
from feedback_triage.errors import NoUsableRowError
from feedback_triage.ingest import RejectReason, masked_row
from feedback_triage.sources.column_names import RELEASE_COLUMNS
from feedback_triage.sources.columns import NO_COLUMNS, missing_column, recognise
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.formats import open_releases
from feedback_triage.sources.release_rows import REJECT_DETAILS, SAME_ID_DETAIL, ReleaseRowReader, said_by
from feedback_triage.sources.tables import BrokenRow, Table, rows_in_words


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
        said: fields that the file speaks of, so that a blank there is news too; see `said_by`.
        by_notes: release id to those of `kind` and `is_hotfix` that only the notes decide.
    """

    file_name: str
    sha256: str
    releases: list[Release]
    rejected: list[RejectedRow]
    notes: tuple[str, ...]
    n_read: int
    n_repeated: int
    said: frozenset[str] = frozenset()
    by_notes: Mapping[str, frozenset[str]] = field(default_factory=dict)


def read_releases(path: Path, *, columns: Mapping[str, str] = NO_COLUMNS, timezone: str = "UTC") -> ReleaseFile:
    """Read releases; a version and a date are needed.

    Of several rows for one version the earliest counts (customers could have it from then on); of rows with
    one date the one with the longest notes. So too of others that join to one release id. The kind is the word in
    the column `kind`; where that says nothing, it is taken from the notes (see `kind_of_notes`). A roll-out or a
    roll-back that cannot be used is left out and told in a note; the release stays. A release in the future is
    kept: this reads no clock.

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
    reader = ReleaseRowReader(found, DateReader.for_column(table.values(found["released_at"]), timezone))
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
            rejected.append(RejectedRow(name, n_read, release, REJECT_DETAILS[release], masked_row(row)))
        else:
            candidates.append((n_read, release))
    releases, later, same_id, n_repeated = _settle(candidates)
    if not releases:
        raise NoUsableRowError(
            f"{name}: not one of {rows_in_words(n_read)} gives both a version ({found['version']!r}) "
            f"and a date that can be read ({found['released_at']!r}); write dates like 2017-04-01"
        )
    reason = RejectReason.VERSION_REPEATED
    for numbers, detail in ((later, REJECT_DETAILS[reason]), (same_id, SAME_ID_DETAIL)):
        rejected += [RejectedRow(name, number, reason, detail, masked_row(rows[number])) for number in numbers]
    rejected.sort(key=lambda row: row.row_number)
    notes = [*table.notes, *reader.notes()]
    if later:
        again, verb = ("1 row names", "is") if len(later) == 1 else (f"{len(later)} rows name", "are")
        notes.append(f"{again} a version again with other facts and {verb} rejected; the earliest date counts")
    if same_id:
        again, verb = ("1 row gives", "is") if len(same_id) == 1 else (f"{len(same_id)} rows give", "are")
        notes.append(
            f"{again} the release id of another product, platform or version and {verb} rejected; name them apart"
        )
    return ReleaseFile(
        file_name=name,
        sha256=_digest(path, table),
        releases=releases,
        rejected=rejected,
        notes=tuple(notes),
        n_read=n_read,
        n_repeated=n_repeated,
        said=said_by(found),
        by_notes={release.release_id: reader.by_notes[release] for release in releases},
    )


def _digest(path: Path, table: Table) -> str:
    """Of the bytes of a file; of a repository, which has no bytes of its own, of its rows."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for row in table.rows():
        digest.update(json.dumps(row, default=str, sort_keys=True).encode())
    return digest.hexdigest()


def _settle(candidates: list[tuple[int, Release]]) -> tuple[list[Release], list[int], list[int], int]:
    """Releases in order, row numbers of those that contradict one, of those with another's id, and n repeated."""
    kept: dict[str, Release] = {}
    later: list[int] = []
    same_id: list[int] = []
    n_repeated = 0
    # By content before row number, so that the order of the rows changes nothing.
    for row_number, release in sorted(
        candidates,
        key=lambda pair: (
            pair[1].released_at,
            -len(pair[1].notes),
            pair[1].notes,
            pair[1].kind or "",
            [(step.at, step.share) for step in pair[1].rollout],
            str(pair[1].rolled_back_at or ""),
            not pair[1].is_hotfix,
            _identity(pair[1]),
            pair[0],
        ),
    ):
        first = kept.setdefault(release.release_id, release)
        if first is not release:
            if first == release:
                n_repeated += 1
            elif _identity(first) != _identity(release):
                same_id.append(row_number)
            else:
                later.append(row_number)
    ordered = sorted(kept.values(), key=lambda release: (release.released_at, _identity(release)))
    return ordered, later, same_id, n_repeated


def _identity(release: Release) -> tuple[str, str, str]:
    return release.product, release.platform, release.version
