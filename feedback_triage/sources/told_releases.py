"""One release as a person or a deploy script tells it: there is someone to ask, so nothing is guessed or left out."""

from collections.abc import Mapping
from dataclasses import dataclass

from feedback_triage.domain import Release
from feedback_triage.errors import InputError
from feedback_triage.ingest import RejectReason
from feedback_triage.sources.column_names import RELEASE_COLUMNS
from feedback_triage.sources.columns import recognise, shown_names
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.release_rows import ReleaseRowReader, said_by

LONGEST_NAME = 130
"""Characters of a version, a product or a platform: the three joined fit into a release id."""
_DATE_STYLE = "write it like 2026-10-19T08:00+02:00"
_NAMES = f"version, product and platform must each be one line of at most {LONGEST_NAME} characters that can be seen"
_REFUSALS = {
    RejectReason.VERSION_MISSING: 'no version is given; name it, as in "5.21.1"',
    RejectReason.RELEASED_AT_MISSING: f"it is not said when it was released; {_DATE_STYLE}",
    RejectReason.RELEASED_AT_UNREADABLE: f"the date of the release cannot be read for certain; {_DATE_STYLE}",
    RejectReason.NAME_UNUSABLE: _NAMES,
}


@dataclass(frozen=True, slots=True)
class ToldRelease:
    """A release as it was told.

    Attributes:
        release: the value.
        given: fields of `Release` that were told, the others are what a release has where nobody says anything.
        said: fields of which a blank is news; see `said_by`.
        by_notes: those of `kind` and `is_hotfix` that only the notes decide.
    """

    release: Release
    given: frozenset[str]
    said: frozenset[str]
    by_notes: frozenset[str] = frozenset()


def read_release(row: Mapping[str, object], *, timezone: str = "UTC") -> ToldRelease:
    """Read one release with the rules of release files, but refuse what a file would only leave out.

    A local time that clocks show twice or never, a date whose day and month may be the other way round, and a field
    that nobody knows are refused too.

    Args:
        row: as a line of a JSON lines release file.
        timezone: IANA name of the zone of times that name none.

    Raises:
        InputError: it cannot be used as it is; the message holds nothing of the values.
        SettingError: an unknown `timezone`.
    """
    found = recognise("the release", row, RELEASE_COLUMNS)
    if unknown := [name for name in row if name not in found.values()]:
        raise InputError(f"there is no field {shown_names(unknown)}; the fields are {', '.join(RELEASE_COLUMNS)}")
    for name, reason in (("version", RejectReason.VERSION_MISSING), ("released_at", RejectReason.RELEASED_AT_MISSING)):
        if name not in found:
            raise InputError(_REFUSALS[reason])
    if not isinstance(row[found["version"]], str | None):
        raise InputError("the version is no text, and 3.10 as a number is 3.1; write it in quotes")
    dates = DateReader.for_certain(timezone)
    reader = ReleaseRowReader(found, dates)
    release = reader.read(row)
    if isinstance(release, RejectReason):
        raise InputError(_REFUSALS[release])
    for what, why in sorted(reader.left_out):
        raise InputError(f"the {what} cannot be used: {why}")
    if dates.n_twice or dates.n_skipped:
        shown = "twice, when clocks are put back" if dates.n_twice else "never, since clocks are put forward over it"
        raise InputError(f"a time is one that clocks in {timezone} show {shown}; write its offset, as in +01:00")
    for name in ("version", "product", "platform"):
        # As it was written: reading drops characters that no database holds, and it would be another version then.
        if len(getattr(release, name)) > LONGEST_NAME or not _is_printable(row.get(found.get(name, ""))):
            raise InputError(f"the {name} must be one line of at most {LONGEST_NAME} characters that can be seen")
    given = frozenset("is_hotfix" if name == "hotfix" else name for name in found)
    return ToldRelease(release, given, said_by(found), reader.by_notes[release])


def _is_printable(cell: object) -> bool:
    return not isinstance(cell, str) or cell.strip().isprintable()
