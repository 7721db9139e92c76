"""Files into the database: feedback and releases, each file whole or not at all."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from feedback_triage import ingest, sources
from feedback_triage.domain import FeedbackItem, RejectedRow, Release
from feedback_triage.errors import MissingFileError
from feedback_triage.sources.tables import rows_in_words
from feedback_triage.store import Connection, Store, exposures, read, write
from feedback_triage.store import releases as release_store
from feedback_triage.store.releases import StoredRelease

DEFAULT_SOURCE = "feedback"
MINUTE = timedelta(minutes=1)
"""A release further ahead of the clock than this lies in the future: clocks of two machines differ a little."""


@dataclass(frozen=True, slots=True)
class FileAccounting:
    """What became of the rows of one file: `n_read` = `n_stored` + `n_already_known` + `n_rejected`."""

    file_name: str
    n_read: int
    n_stored: int
    n_already_known: int
    n_rejected: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedbackPath:
    """A feedback file as named on the command line, `FILE` or `SOURCE=FILE`.

    Attributes:
        path: the file.
        source: its channel, for rows that name none themselves.
    """

    path: Path
    source: str

    @classmethod
    def parse(cls, argument: str) -> "FeedbackPath":
        """Read an argument; a file whose own name holds "=" is still found."""
        source, separator, path = argument.partition("=")
        is_name = separator and source and path and not set(source) & set("/\\*?[")
        # A file or folder whose own name holds "=" goes before.
        if is_name and not Path(Path(argument).parts[0]).exists():
            return cls(Path(path), source)
        return cls(Path(argument), DEFAULT_SOURCE)


def ingest_feedback(
    store: Store,
    feedback: FeedbackPath,
    *,
    columns: Mapping[str, str],
    timezone: str,
    ingested_at: datetime,
) -> FileAccounting:
    """Store the items of a file that are not stored yet, in one transaction.

    An item that is known with the same content counts as already known. One that is known with other content is
    rejected as `id_reused`: what a customer wrote is never overwritten.

    Raises:
        InputError: the file cannot be used; nothing of it is stored.
        StoreError: the database cannot be written; nothing of the file is stored.
    """
    file = sources.read_feedback(feedback.path, columns=columns, default_source=feedback.source, timezone=timezone)
    file_sha256 = _digest(feedback.path)
    digests = [ingest.content_sha256(item) for item in file.items]
    with store.writing() as connection:
        known: dict[tuple[str, str], str] = {}
        for source in sorted({item.source for item in file.items}):
            ids = [item.external_id for item in file.items if item.source == source]
            known |= {(source, key): value for key, value in read.known_contents(connection, source, ids).items()}
        new: list[int] = []
        reused: list[RejectedRow] = []
        for index, (item, digest) in enumerate(zip(file.items, digests, strict=True)):
            standing = known.get((item.source, item.external_id))
            if standing is None:
                new.append(index)
            elif standing != digest:
                reused.append(_reused(file.file_name, file.row_numbers[index], item))
        write.items(connection, [file.items[i] for i in new], [digests[i] for i in new], ingested_at=ingested_at)
        rejected = [*file.rejected, *reused]
        accounting = FileAccounting(
            file_name=file.file_name,
            n_read=file.n_read,
            n_stored=len(new),
            n_already_known=file.n_read - len(new) - len(rejected),
            n_rejected=len(rejected),
            notes=(*file.notes, *_future_note(file.items, ingested_at)),
        )
        _keep(connection, file_sha256, accounting, rejected, ingested_at)
    return accounting


def ingest_releases(
    store: Store, path: Path, *, columns: Mapping[str, str], timezone: str, ingested_at: datetime
) -> tuple[int, FileAccounting]:
    """Store the releases of a file; a known one takes the news, except what a person settled. Derived ones give way.

    Returns:
        How many releases were new or changed, and the accounting of the file.

    Raises:
        InputError: the file cannot be used; nothing of it is stored.
    """
    file = sources.read_releases(path, columns=columns, timezone=timezone)
    with store.writing() as connection:
        release_store.drop_derived_releases(connection, keep={release.release_id for release in file.releases})
        stored = release_store.put_releases(connection, file.releases, said=file.said, by_notes=file.by_notes)
        n_changed = release_store.n_changed(stored)
        n_rejected = len(file.rejected) + sum(release.is_refused for release in stored)
        accounting = FileAccounting(
            file_name=file.file_name,
            n_read=file.n_read,
            n_stored=n_changed,
            n_already_known=file.n_read - n_changed - n_rejected,
            n_rejected=n_rejected,
            notes=(*file.notes, *_release_notes(file.releases, stored, ingested_at)),
        )
        _keep(connection, file.sha256, accounting, file.rejected, ingested_at)
    return n_changed, accounting


def ingest_exposure(store: Store, path: Path, *, timezone: str, ingested_at: datetime) -> FileAccounting:
    """Store the usage counts of a file; a count for a time that has one already takes its place.

    Raises:
        InputError: the file cannot be used; nothing of it is stored.
    """
    file = sources.read_exposure(path, timezone=timezone)
    with store.writing() as connection:
        n_changed = exposures.put_usage_counts(connection, file.rows)
        accounting = FileAccounting(
            file_name=file.file_name,
            n_read=file.n_read,
            n_stored=n_changed,
            n_already_known=file.n_read - n_changed - file.n_rejected,
            n_rejected=file.n_rejected,
            notes=file.notes,
        )
        _keep(connection, _digest(path), accounting, (), ingested_at)
    return accounting


def _future_note(items: Sequence[FeedbackItem], now: datetime) -> Iterator[str]:
    n_future = sum(item.written_at > now + read.FUTURE_AFTER for item in items)
    if n_future:
        what = "1 item bears a date" if n_future == 1 else f"{n_future} items bear dates"
        yield f"{what} in the future: nothing is said of it before then; look whether day, month and year are right"


def _release_notes(found: Sequence[Release], stored: Sequence[StoredRelease], now: datetime) -> Iterator[str]:
    """What a person should know beside how the file was read."""
    n_future = sum(release.released_at > now + MINUTE for release in found)
    if n_future:
        what = "1 release lies" if n_future == 1 else f"{n_future} releases lie"
        yield f"{what} in the future: from then on it counts, and not before"
    n_refused = sum(release.is_refused for release in stored)
    if n_refused:
        gives = "gives" if n_refused == 1 else "give"
        yield (
            f"{rows_in_words(n_refused)} {gives} the id of a release that is known with another product, platform or "
            "version; nothing of that is stored, name them apart"
        )
    n_kept = sum(bool(release.kept) for release in stored)
    if n_kept:
        yield f"{rows_in_words(n_kept)} would change what a person settled, or times that agree; that was kept"
    n_removed = sum(release.is_removed for release in stored)
    if n_removed:
        what = "is a release" if n_removed == 1 else "are releases"
        yield (
            f"{rows_in_words(n_removed)} {what} that a person removed, so it stays out; "
            "feedback-triage release list --removed shows them"
        )


def _keep(
    connection: Connection,
    file_sha256: str,
    accounting: FileAccounting,
    rejected: Sequence[RejectedRow],
    ingested_at: datetime,
) -> None:
    row = {name: value for name, value in asdict(accounting).items() if name != "notes"}
    write.ingested_file(connection, {"file_sha256": file_sha256, **row}, rejected, ingested_at=ingested_at)


def _reused(file_name: str, row_number: int, item: FeedbackItem) -> RejectedRow:
    detail = "its id belongs to an item that is stored with other content; the stored one is kept"
    shown = replace(item, author_key="")
    raw = ingest.masked_row(
        {name: str(getattr(shown, name)) for name in ("external_id", "written_at", "title", "verbatim")}
    )
    return RejectedRow(file_name, row_number, ingest.RejectReason.ID_REUSED.value, detail, raw)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise MissingFileError(f"{path} was there a moment ago and cannot be read any more; run again") from None
