"""Read a feedback file: every row becomes an item, repeats one, or is rejected with a reason."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback_triage.domain import FeedbackItem, RejectedRow
from feedback_triage.errors import InputError, NoUsableRowError
from feedback_triage.ingest import Intake, RawFeedback, RejectReason, masked_row
from feedback_triage.sources.column_names import FEEDBACK_COLUMNS
from feedback_triage.sources.columns import NO_COLUMNS, missing_column, recognise
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.formats import open_table
from feedback_triage.sources.tables import BrokenRow, Table, rows_in_words
from feedback_triage.sources.values import NUMBER_VERSIONS_NOTE, as_text, as_version, is_missing, parse_rating

_DETAILS = {
    RejectReason.WRITTEN_AT_MISSING: "The row does not say when it was written.",
    RejectReason.WRITTEN_AT_UNREADABLE: "The date cannot be read, or lies outside 1990 to 2100.",
    RejectReason.ID_REUSED: "An earlier row has the same id and other content.",
}
_NOBODY = frozenset({"anonymous", "a google user", "guest", "deleted user"})
"""Names that many customers share; a pseudonym of one would make them one person."""


@dataclass(frozen=True, slots=True)
class FeedbackFile:
    """What was read from one file: n_read = len(items) + len(rejected) + n_repeated.

    Attributes:
        file_name: without its folder.
        n_read: rows below the header, or lines, that are not blank.
        items: in the order of the file, each (`source`, `external_id`) once.
        row_numbers: the row each item came from, 1 for the first data row.
        rejected: rows that cannot be items.
        n_repeated: rows that repeat an item of this file, id and content alike; they count as already known.
        recognised: our name of a column to the file's.
        notes: what a person should know about how the file was read.
    """

    file_name: str
    n_read: int
    items: list[FeedbackItem]
    row_numbers: list[int]
    rejected: list[RejectedRow]
    n_repeated: int
    recognised: dict[str, str]
    notes: tuple[str, ...]


def read_feedback(
    path: Path,
    *,
    columns: Mapping[str, str] = NO_COLUMNS,
    default_source: str = "feedback",
    timezone: str = "UTC",
) -> FeedbackFile:
    """Read a CSV, JSON lines or Parquet file of feedback.

    Args:
        path: the file; `SOURCES` lists the endings.
        columns: our name to a column of the file, for what is not recognised by itself.
        default_source: for rows that name no source.
        timezone: IANA name of the zone of times that name none.

    Raises:
        MissingFileError: no such file.
        UnreadableFileError: its content is not what its name says, or it has no rows.
        MissingColumnError: no `text` or `written_at`, or a column of `columns` is not there.
        NoUsableRowError: not one row can be an item.
        SettingError: an unknown name in `columns`, or an unknown `timezone`.
    """
    table = open_table(path)
    found, title_note = _found_columns(path.name, table, columns)
    dates = DateReader.for_column(table.values(found["written_at"]), timezone)
    reader = _RowReader(found, dates, default_source)
    intake = Intake(path.name)
    for row_number, row in enumerate(table.rows(), 1):
        reason: RejectReason | None
        if isinstance(row, BrokenRow):
            intake.reject(row_number, row.reason, row.detail, masked_row(row.raw))
            continue
        raw = reader.read(row)
        reason = raw if isinstance(raw, RejectReason) else intake.add(row_number, raw)
        if reason is not None:
            masked = masked_row(row, author_column=found.get("author", ""))
            intake.reject(row_number, reason, _DETAILS[reason], masked)
    if not intake.items:
        raise _no_usable_row(intake, found["written_at"])
    notes = (*table.notes, *title_note, *reader.notes(), *_id_note(intake))
    return FeedbackFile(
        path.name,
        intake.n_read,
        intake.items,
        intake.row_numbers,
        intake.rejected,
        intake.n_repeated,
        found,
        notes,
    )


class _RowReader:
    """Turns the cells of one file's rows into values."""

    def __init__(self, found: Mapping[str, str], dates: DateReader, default_source: str) -> None:
        self._found = found
        self._dates = dates
        self._default_source = default_source
        self._n_unreadable_ratings = 0
        self._has_number_versions = False
        self._shared: dict[str, str] = {}

    def read(self, row: Mapping[str, object]) -> RawFeedback | RejectReason:
        date = row.get(self._found["written_at"])
        if is_missing(date):
            return RejectReason.WRITTEN_AT_MISSING
        written_at = self._dates.read(date)
        if written_at is None:
            return RejectReason.WRITTEN_AT_UNREADABLE
        author = self._word(row, "author")
        return RawFeedback(
            source=self._share(self._word(row, "source")) or self._default_source,
            written_at=written_at,
            verbatim=as_text(row.get(self._found["text"])),
            external_id=self._word(row, "external_id"),
            title=self._word(row, "title"),
            rating=self._rating(row),
            app_version=self._version(row),
            platform=self._share(self._word(row, "platform")),
            product=self._share(self._word(row, "product")),
            url=self._word(row, "url"),
            author="" if author.casefold() in _NOBODY else author,
        )

    def notes(self) -> tuple[str, ...]:
        notes = [self._dates.note] if self._dates.note else []
        if self._n_unreadable_ratings:
            rows = rows_in_words(self._n_unreadable_ratings)
            notes.append(f"the rating of {rows} cannot be read and is left out")
        if self._has_number_versions:
            notes.append(NUMBER_VERSIONS_NOTE)
        return tuple(notes)

    def _version(self, row: Mapping[str, object]) -> str:
        column = self._found.get("app_version")
        if column is None or is_missing(value := row.get(column)):
            return ""
        self._has_number_versions |= isinstance(value, float)
        return self._share(as_version(value))

    def _word(self, row: Mapping[str, object], name: str) -> str:
        column = self._found.get(name)
        if column is None or is_missing(value := row.get(column)):
            return ""
        return " ".join(as_text(value).split())

    def _share(self, word: str) -> str:
        """One string in memory for a value that many rows have."""
        return self._shared.setdefault(word, word)

    def _rating(self, row: Mapping[str, object]) -> float | None:
        column = self._found.get("rating")
        if column is None or is_missing(value := row.get(column)):
            return None
        rating = parse_rating(value)
        self._n_unreadable_ratings += rating is None
        return rating


def _found_columns(file_name: str, table: Table, columns: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    found = recognise(file_name, table.columns, FEEDBACK_COLUMNS, columns)
    notes: tuple[str, ...] = ()
    if "text" not in found and "title" in found:
        found = {"text": found.pop("title"), **found}  # an issue tracker's list has titles only
        notes = (f"there is no column of texts, so the column {found['text']!r} is read as the text",)
    for target in ("text", "written_at"):
        if target not in found:
            raise missing_column(file_name, target, table.columns, f"name it with --column {target}=NAME")
    return found, notes


def _id_note(intake: Intake) -> tuple[str, ...]:
    n_derived = intake.n_derived_ids
    return (f"{rows_in_words(n_derived)} without an id; one was made from the content",) if n_derived else ()


def _no_usable_row(intake: Intake, date_column: str) -> InputError:
    counts = Counter(row.reason for row in intake.rejected)
    n_dates = counts["written_at_missing"] + counts["written_at_unreadable"]
    if n_dates == intake.n_read:
        return NoUsableRowError(
            f"{intake.file_name}: not one date in the column {date_column!r} can be read; "
            "name another with --column written_at=NAME, or write them like 2017-04-01T10:00:00Z"
        )
    reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(counts.items()))
    rows = rows_in_words(intake.n_read)
    return NoUsableRowError(f"{intake.file_name}: not one of {rows} can be used ({reasons}); export it again")
