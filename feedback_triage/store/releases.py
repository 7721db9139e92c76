"""Releases in the database: what sources tell of them, what people settle, and what is read of both.

A source that is read again brings its news, except for what a person settled. The three times of a release (when it
came out, its roll-out, its roll-back) must agree: where news would put a step before the release, they all stay.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pandas as pd
from sqlalchemy import Connection, delete, insert, select, update

from feedback_triage.domain import Release, ReleaseKind, RolloutStep
from feedback_triage.store import ledger_tables as lt
from feedback_triage.store import tables as t
from feedback_triage.store.frames import as_frame, chunks
from feedback_triage.store.upserts import Row

FACTS = ("released_at", "kind", "notes", "rollout", "rolled_back_at", "is_hotfix")
"""What is told of a release beside its identity; a person can settle each."""
EVERYTHING_SAID = frozenset({"kind", "rollout", "rolled_back_at", "is_hotfix"})
_TIMES = ("released_at", "rollout", "rolled_back_at")
_IDENTITY = ("product", "platform", "version")
_NO_NOTES: Mapping[str, Collection[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """What became of a release that was told.

    Attributes:
        release_id: of the release.
        is_new: it was not known before.
        changed: facts that are other ones now.
        kept: facts that were told otherwise and stay, since a person settled them or times would not agree.
        is_refused: another product, platform or version that is known has this id, so nothing was stored.
        is_removed: a person took it off the list, and there it stays.
        is_date_kept: it is known with an earlier date, which stays.
    """

    release_id: str
    is_new: bool
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    is_refused: bool = False
    is_removed: bool = False
    is_date_kept: bool = False


def releases(connection: Connection, *, removed: bool = False) -> pd.DataFrame:
    """Every release by its date, without those that a person took off the list.

    Args:
        connection: to the database.
        removed: give those instead.

    Returns:
        release_pk, release_id, version, released_at, product, platform, kind, notes, is_derived, rollout (tuple of
        (instant, share 0..1)), rolled_back_at (NaT where it was not), is_hotfix, settled (tuple of `FACTS`).
    """
    release = t.release.c
    columns = (column for column in t.release.columns if column.name != "is_removed")
    query = select(*columns).where(release.is_removed == removed).order_by(release.released_at, release.release_id)
    frame = as_frame(connection, query, ["released_at", "rolled_back_at"])
    for column, read in (("rollout", _steps), ("settled", json.loads)):
        frame[column] = pd.Series([tuple(read(value)) for value in frame[column]], frame.index, dtype=object)
    return frame.astype({"is_derived": bool, "is_hotfix": bool})


def put_releases(
    connection: Connection,
    told: Sequence[Release],
    *,
    said: Collection[str] = EVERYTHING_SAID,
    by_notes: Mapping[str, Collection[str]] = _NO_NOTES,
    keeps_first_date: bool = False,
) -> list[StoredRelease]:
    """Store what a source tells of releases.

    Args:
        connection: a writing transaction.
        told: each identity once.
        said: facts that the source speaks of, so that "none" there is news; of others, and of notes, only something
            is.
        by_notes: release id to those of kind and is_hotfix that only the source's notes decide: they follow from
            notes that do not stand where a person settled others.
        keeps_first_date: a date later than the known one is kept out: a deployment that runs again tells its own.

    Returns:
        What became of each, in their order.
    """
    known: dict[str, Mapping[Any, Any]] = {}
    for ids in chunks([release.release_id for release in told]):
        query = select(t.release).where(t.release.c.release_id.in_(ids))
        known |= {row.release_id: row._mapping for row in connection.execute(query)}
    done = []
    for release in told:
        standing = known.get(release.release_id)
        told_again = release
        if keeps_first_date and standing and not standing["is_derived"]:
            told_again = replace(release, released_at=min(release.released_at, standing["released_at"]))
        stored = _put(connection, told_again, standing, said, by_notes.get(release.release_id, ()))
        done.append(replace(stored, is_date_kept=told_again != release))
        known.setdefault(release.release_id, {**_row(release), "settled": "[]", "is_removed": False})
    return done


def n_changed(stored: Sequence[StoredRelease]) -> int:
    """How many were new or changed."""
    return sum(release.is_new or bool(release.changed) for release in stored)


def settle(connection: Connection, release: Release, settled: Collection[str]) -> bool:
    """Store a release as a person tells it; no source changes the settled facts from then on.

    Args:
        connection: a writing transaction.
        release: as it is to be, known or not; its times agree (see `times_disagree`).
        settled: the facts that the person told, on top of those settled before.

    Returns:
        Whether anything is other than before.
    """
    row = _row(release)
    query = select(t.release).where(t.release.c.release_id == release.release_id)
    standing = connection.execute(query).one_or_none()
    before: set[str] = set(json.loads(standing.settled)) if standing else set()
    row["settled"] = json.dumps(sorted(before | set(settled)))
    if standing is None:
        connection.execute(insert(t.release).values(row))
        return True
    if all(standing._mapping[name] == value for name, value in row.items()):
        return False
    connection.execute(update(t.release).where(t.release.c.release_pk == standing.release_pk).values(row))
    return True


def drop_derived_releases(connection: Connection, keep: Collection[str] = ()) -> None:
    """Forget releases that were only derived from feedback, with what points to them: a real list has come.

    Those in `keep` (ids that the list names too) stay, and so do those of which a person settled anything.
    """
    release = t.release.c
    settled = select(lt.theme_fix.c.release_pk)
    query = select(release.release_pk, release.release_id).where(
        release.is_derived, release.settled == "[]", ~release.is_removed, release.release_pk.not_in(settled)
    )
    dropped = [row.release_pk for row in connection.execute(query) if row.release_id not in set(keep)]
    _forget_findings(connection, dropped)
    connection.execute(delete(t.release).where(release.release_pk.in_(dropped)))


def put_removed(connection: Connection, release_id: str, *, is_removed: bool) -> None:
    """Take a release off the list, with what was found of it, or put it back; what is known of it stays either way."""
    which = t.release.c.release_id == release_id
    connection.execute(update(t.release).where(which).values(is_removed=is_removed))
    if is_removed:
        _forget_findings(connection, list(connection.scalars(select(t.release.c.release_pk).where(which))))


def _forget_findings(connection: Connection, release_pks: Collection[int]) -> None:
    for table in (t.release_link, t.release_mention, lt.silence_window, lt.suspect, lt.fix_receipt):
        connection.execute(delete(table).where(table.c.release_pk.in_(release_pks)))


def times_disagree(release: Release) -> str:
    """What is wrong with the times of a release, as a part of a sentence; "" where they agree."""
    if release.rollout and release.rollout[0].at < release.released_at:
        return "its roll-out would begin before it was released"
    if release.rolled_back_at and release.rolled_back_at < release.released_at:
        return "it would be rolled back before it was released"
    return ""


def as_release(row: Mapping[str, Any]) -> Release:
    """Make the value of a row of `releases`."""
    values = {name: row[name] for name in ("version", "product", "platform", "notes")}
    back = row["rolled_back_at"]
    return Release(
        **values,
        released_at=_instant(row["released_at"]),
        kind=None if pd.isna(row["kind"]) else ReleaseKind(row["kind"]),
        is_derived=bool(row["is_derived"]),
        rollout=tuple(RolloutStep(at, share) for at, share in row["rollout"]),
        rolled_back_at=None if pd.isna(back) else _instant(back),
        is_hotfix=bool(row["is_hotfix"]),
    )


def _put(
    connection: Connection,
    release: Release,
    standing: Mapping[Any, Any] | None,
    said: Collection[str],
    by_notes: Collection[str],
) -> StoredRelease:
    row = _row(release)
    if standing is None:
        connection.execute(insert(t.release).values(row))
        return StoredRelease(release.release_id, is_new=True)
    if release.is_derived and not standing["is_derived"]:
        return StoredRelease(release.release_id, is_new=False)
    gives_way = standing["is_derived"] and not release.is_derived
    if not gives_way and any(row[name] != standing[name] for name in _IDENTITY):
        return StoredRelease(release.release_id, is_new=False, is_refused=True)
    settled = set(json.loads(standing["settled"]))
    spoken_of = set(said)
    if standing["notes"] and row["notes"] and row["notes"] != standing["notes"]:
        spoken_of.add("kind")  # it may have been taken from notes that no longer stand
    news = {
        name: row[name]
        for name in FACTS
        if row[name] != standing[name] and (name in spoken_of or _is_something(row[name]))
    }
    kept = set(news) & settled
    if "notes" in settled:
        kept |= set(news) & set(by_notes)
    merged = {**standing, **{name: news[name] for name in set(news) - kept}}
    if _times_disagree(merged):
        kept |= set(news) & set(_TIMES)
    changed = {name: value for name, value in news.items() if name not in kept}
    identity = {name: value for name, value in row.items() if name not in FACTS and standing[name] != value}
    if changed or identity:
        values = changed | identity
        connection.execute(update(t.release).where(t.release.c.release_id == release.release_id).values(values))
    return StoredRelease(
        release.release_id,
        is_new=False,
        changed=tuple(name for name in (*FACTS, *identity) if name in changed or name in identity),
        kept=tuple(name for name in FACTS if name in kept),
        is_removed=standing["is_removed"],
    )


def _row(release: Release) -> Row:
    steps = [[step.at.astimezone(UTC).isoformat(), step.share] for step in release.rollout]
    return {
        "release_id": release.release_id,
        "version": release.version,
        "released_at": release.released_at,
        "product": release.product,
        "platform": release.platform,
        "kind": release.kind.value if release.kind else None,
        "notes": release.notes,
        "is_derived": release.is_derived,
        "rollout": json.dumps(steps),
        "rolled_back_at": release.rolled_back_at,
        "is_hotfix": release.is_hotfix,
    }


def _is_something(value: object) -> bool:
    return bool(value) and value != "[]"


def _times_disagree(row: Mapping[Any, Any]) -> bool:
    steps = list(_steps(row["rollout"]))
    back = row["rolled_back_at"]
    return any(at < row["released_at"] for at, _ in steps) or (back is not None and back < row["released_at"])


def _steps(stored: str) -> list[tuple[datetime, float]]:
    return [(datetime.fromisoformat(at), float(share)) for at, share in json.loads(stored)]


def _instant(stamp: Any) -> datetime:
    return pd.Timestamp(stamp).to_pydatetime().astimezone(UTC)
