"""What people tell of releases: each word is checked, stored for good, and stays when a source is read again."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedback_triage.domain import Release
from feedback_triage.errors import InputError
from feedback_triage.pipeline.ingestion import MINUTE
from feedback_triage.pipeline.release_desk import ReleaseLine, at_desk, known_releases, named_release
from feedback_triage.sources import ToldRelease, read_release
from feedback_triage.sources.values import is_missing
from feedback_triage.store import Connection
from feedback_triage.store import releases as release_store

NOW, NONE = "now", "none"
SAME_PUSH = timedelta(minutes=15)
"""A release told `now` again within this time is the same push told twice, as by a deploy script that tries again."""
_NOW_STEP = re.compile(r"((?:^|;)\s*)now(?=\s*=)", re.IGNORECASE)
_CORRECTED_BY = {
    "released_at": ("date", "release at {} INSTANT"),
    "kind": ("kind", "release kind {} KIND"),
    "notes": ("notes", "release notes {} TEXT"),
    "rollout": ("roll-out", "release rollout {} AT=SHARE ..."),
    "is_hotfix": ("word on being a hotfix", "release kind {} hotfix"),
}
_TAKEN_BY_NONE = {"rollout": "roll-out", "rolled_back_at": "roll-back", "notes": "notes"}


@dataclass(frozen=True, slots=True)
class ToldChange:
    """What became of what a person told.

    Attributes:
        release: as it stands now.
        is_changed: False where it was so already.
        notes: sentences that the person should know.
    """

    release: Release
    is_changed: bool
    notes: tuple[str, ...] = ()


def add_release(version: str, at: str, *, database: str = "", **facts: object) -> ToldChange:
    """Add a release; one that is known with these facts stays as it is.

    Args:
        version: as the team writes it; without product and platform, which are facts of their own.
        at: when customers could first have it: a date, or `now`, which within `SAME_PUSH` is the one told before.
        database: URL, "" for the configured one.
        **facts: product, platform, kind, notes, rollout, hotfix, as in a release file; what is not told is left out.

    Raises:
        InputError: a fact cannot be read, or the release is known with other facts; nothing is stored.
    """
    if "/" in version:
        raise InputError("a version has no / in it; tell product and platform by --product and --platform")
    _refuse_blank(facts)
    with at_desk(database) as (connection, timezone, now):
        row = {"version": version, "released_at": at, **facts}

        def read(moment: datetime) -> ToldRelease:
            cells = {name: _with_now(name, cell, moment) for name, cell in row.items()}
            return read_release(cells, timezone=timezone)

        told = read(now)
        known = known_releases(connection)
        standing = known.get(told.release.release_id)
        _refuse_removed(connection, told.release.release_id)
        if standing:
            _refuse_other_identity(standing.release, told.release)
            is_now = told.release.released_at == now and _is_now(at)
            if is_now and now - SAME_PUSH <= standing.release.released_at <= now:
                told = read(standing.release.released_at)
        given = {name for name in release_store.FACTS if name in told.given}
        if told.release.is_hotfix:
            given.add("is_hotfix")  # the kind or the notes may have said it
        if standing and not standing.release.is_derived:
            _refuse_other_facts(standing.release, told.release, given)
            return ToldChange(standing.release, is_changed=False)
        release = told.release
        if standing:
            # What was derived from feedback gives way to what is told, except for what a person told before.
            kept = {name: getattr(standing.release, name) for name in standing.settled if name not in given}
            release = replace(release, **kept)
            _refuse_disagreeing_times(release)
        release_store.settle(connection, release, given)
        others = [
            key for key, line in known.items() if line.release.version == release.version and key != release.release_id
        ]
        notes = [*_future(release, now)]
        if others:
            notes.append(f"this version is known for others too: {', '.join(others)}")
        if any(line.release.is_derived for line in known.values()):
            notes.append(
                "from now on, versions that customers declare are no longer taken as releases; "
                "tell every release, or give a list of them by --releases"
            )
        return ToldChange(release, is_changed=True, notes=tuple(notes))


def settle_kind(name: str, kind: str, *, database: str = "") -> ToldChange:
    """Settle what a release set out to do: a kind, or hotfix.

    Args:
        name: release id ("web/5.21.1"), or the version where only one release has it.
        kind: as in a release file.
        database: URL, "" for the configured one.

    Raises:
        InputError: no or several releases have that name, or the word cannot be used. So with every function here.
    """

    def change(told: Release, standing: ReleaseLine) -> tuple[Release, set[str]]:
        release = replace(standing.release, kind=told.kind, is_hotfix=told.is_hotfix)
        # Another kind takes a hotfix back, for good; where none was told, a source may still bring the news of one.
        speaks = told.is_hotfix or standing.release.is_hotfix or "is_hotfix" in standing.settled
        return release, {"kind", "is_hotfix"} if speaks else {"kind"}

    return _settle(name, {"kind": kind}, change, database)


def settle_rollout(name: str, steps: Sequence[str], *, database: str = "") -> ToldChange:
    """Settle the steps of a roll-out, each as AT=SHARE; ["none"]: all customers could have it at once."""
    return _settle(
        name,
        {"rollout": "; ".join(steps)},
        lambda told, standing: (replace(standing.release, rollout=told.rollout), {"rollout"}),
        database,
    )


def settle_rollback(name: str, at: str, *, database: str = "") -> ToldChange:
    """Settle when a release was taken back: a date, `now`, or `none` for not at all."""
    return _settle(
        name,
        {"rolled_back_at": at},
        lambda told, standing: (replace(standing.release, rolled_back_at=told.rolled_back_at), {"rolled_back_at"}),
        database,
    )


def settle_notes(name: str, notes: str, *, database: str = "") -> ToldChange:
    """Settle what a release says it did; a kind that nobody settled is taken from it."""

    def change(told: Release, standing: ReleaseLine) -> tuple[Release, set[str]]:
        is_open = "kind" not in standing.settled and told.kind is not None
        kind = told.kind if is_open else standing.release.kind
        is_hotfix = standing.release.is_hotfix or (told.is_hotfix and "is_hotfix" not in standing.settled)
        return replace(standing.release, notes=told.notes, kind=kind, is_hotfix=is_hotfix), {"notes"}

    return _settle(name, {"notes": notes}, change, database)


def settle_released_at(name: str, at: str, *, database: str = "") -> ToldChange:
    """Settle when customers could first have a release: a date, or `now`."""
    return _settle(
        name,
        {"released_at": at},
        lambda told, standing: (replace(standing.release, released_at=told.released_at), {"released_at"}),
        database,
    )


def _settle(
    name: str,
    fact: Mapping[str, str],
    change: Callable[[Release, ReleaseLine], tuple[Release, set[str]]],
    database: str,
) -> ToldChange:
    _refuse_blank(fact)
    with at_desk(database) as (connection, timezone, now):
        standing = named_release(known_releases(connection), name)
        # The fact is read beside the release's own date, as in a row of a file.
        row: dict[str, object] = {"version": standing.release.version, "released_at": standing.release.released_at}
        row |= {field: _with_now(field, word, now) for field, word in fact.items()}
        release, settled = change(read_release(row, timezone=timezone).release, standing)
        _refuse_disagreeing_times(release)
        is_changed = release_store.settle(connection, release, settled)
        return ToldChange(release, is_changed, tuple(_future(release, now)) if "released_at" in fact else ())


def _with_now(field: str, cell: object, now: datetime) -> object:
    """The cell of a field that holds instants with `now` as the instant it is."""
    if field in {"released_at", "rolled_back_at"} and _is_now(cell):
        return now
    if field == "rollout" and isinstance(cell, str):
        return _NOW_STEP.sub(rf"\g<1>{now.isoformat()}", cell)
    return cell


def _is_now(cell: object) -> bool:
    return isinstance(cell, str) and cell.strip().casefold() == NOW


def _refuse_blank(facts: Mapping[str, object]) -> None:
    """Refuse what reads as nothing where it would take away what is known: that is told by the word none."""
    for name, what in _TAKEN_BY_NONE.items():
        cell = facts.get(name)
        if isinstance(cell, str) and is_missing(cell) and cell.strip().casefold() != NONE:
            raise InputError(f"nothing is said of the {what}; say {NONE} where there is to be none")


def _refuse_removed(connection: Connection, release_id: str) -> None:
    if release_id in known_releases(connection, removed=True):
        raise InputError(f"{release_id} was removed; bring it back with: feedback-triage release restore {release_id}")


def _refuse_other_identity(standing: Release, told: Release) -> None:
    if any(getattr(standing, name) != getattr(told, name) for name in ("product", "platform", "version")):
        raise InputError(
            f"{standing.release_id} is the id of a release that is known with another product, platform or version; "
            "name them apart"
        )


def _future(release: Release, now: datetime) -> Iterator[str]:
    if release.released_at > now + MINUTE:
        yield "its date lies in the future: from then on it counts, and not before"


def _refuse_other_facts(standing: Release, told: Release, given: Collection[str]) -> None:
    other = [name for name in _CORRECTED_BY if name in given and getattr(standing, name) != getattr(told, name)]
    if other:
        what, command = _CORRECTED_BY[other[0]]
        raise InputError(
            f"{standing.release_id} is known with another {what}; correct that with: "
            f"feedback-triage {command.format(standing.release_id)}"
        )


def _refuse_disagreeing_times(release: Release) -> None:
    if why := release_store.times_disagree(release):
        raise InputError(f"{release.release_id}: {why}; correct its other dates first")
