"""Where people see the releases, name one, take one off the list and put it back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from feedback_triage.domain import Release
from feedback_triage.errors import InputError
from feedback_triage.pipeline.jobs import job, settings_for
from feedback_triage.store import Connection, open_store
from feedback_triage.store import releases as release_store


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release as people see it, with the facts that a person settled."""

    release: Release
    settled: tuple[str, ...]


def release_list(database: str = "", *, last: int = 20, removed: bool = False) -> list[ReleaseLine]:
    """The last releases by their date, oldest first; with `removed` those that were taken off the list."""
    with open_store(settings_for(database).database_url) as store, store.reading() as connection:
        return list(known_releases(connection, removed=removed).values())[-last:]


def remove_release(name: str, *, database: str = "") -> Release:
    """Take a release off the list: nothing is linked to it, and no source brings it back.

    Args:
        name: release id ("web/5.21.1"), or the version where only one release has it.
        database: URL, "" for the configured one.

    Raises:
        InputError: no or several releases have that name.
    """
    return _moved(name, database, is_removed=True)


def restore_release(name: str, *, database: str = "") -> Release:
    """Put a release that was taken off the list back, with all that was known of it, and what sources told since.

    Raises:
        InputError: no or several removed releases have that name.
    """
    return _moved(name, database, is_removed=False)


def _moved(name: str, database: str, *, is_removed: bool) -> Release:
    with at_desk(database) as (connection, _timezone, _now):
        known = known_releases(connection, removed=not is_removed)
        release = named_release(known, name, where="list" if is_removed else "list --removed").release
        release_store.put_removed(connection, release.release_id, is_removed=is_removed)
        return release


@contextmanager
def at_desk(database: str) -> Iterator[tuple[Connection, str, datetime]]:
    """Give a transaction while no stage works on the database, the configured zone, and the instant."""
    with job("release", database) as (store, settings, _counts), store.writing() as connection:
        yield connection, settings.timezone, datetime.now(UTC).replace(microsecond=0)


def known_releases(connection: Connection, *, removed: bool = False) -> dict[str, ReleaseLine]:
    """Every release on the list, or every one taken off it, by its id."""
    rows: list[dict[str, Any]] = release_store.releases(connection, removed=removed).to_dict("records")  # type: ignore[assignment] # keys are column names
    return {row["release_id"]: ReleaseLine(release_store.as_release(row), row["settled"]) for row in rows}


def named_release(known: Mapping[str, ReleaseLine], name: str, *, where: str = "list") -> ReleaseLine:
    """Find a release by its id, or by its version where only one has it.

    Raises:
        InputError: no or several releases have that name; `where` says which command shows them.
    """
    wanted = name.strip()
    if wanted in known:
        return known[wanted]
    fold = wanted.casefold()
    found = [key for key, line in known.items() if fold in {key.casefold(), line.release.version.casefold()}]
    if not found:
        raise InputError(f"no release has that name; feedback-triage release {where} shows them")
    if len(found) > 1:
        raise InputError(f"several releases have that version; name one of {', '.join(sorted(found))}")
    return known[found[0]]
