"""What a call tells of releases, into the database: all of them or none, and again without harm."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback_triage.errors import InputError
from feedback_triage.sources import ToldRelease, read_release
from feedback_triage.store import open_store
from feedback_triage.store.releases import StoredRelease, put_releases

MAX_RELEASES = 1_000
SAME_ID = "that is known with another product, platform or version; name them apart"
_IDENTITY = ("product", "platform", "version")
_MINUTE = timedelta(minutes=1)  # clocks of two machines differ a little


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a call.

    Attributes:
        message: one line for a person.
        releases: for each release release_id, `change` (new, changed, unchanged) and `notes`, a list of sentences.
    """

    message: str
    releases: list[dict[str, object]]


def tell_releases(database: str, body: bytes, *, timezone: str, now: datetime, wait_seconds: float) -> Told:
    """Store the releases of a body.

    Args:
        database: SQLAlchemy URL.
        body: JSON: one release as an object, or a list of them; fields as in a JSON lines release file.
        timezone: of times that name no zone.
        now: aware instant.
        wait_seconds: how long to wait for a run that works on the database.

    Raises:
        InputError: the body cannot be used; nothing is stored.
        StoreError: the database cannot be used now; nothing is stored.
    """
    told = read_body(body, timezone=timezone)
    stored: list[StoredRelease] = []
    with open_store(database) as store, store.exclusive(wait_seconds), store.writing() as connection:
        for each in told:
            key = each.release.release_id
            (done,) = put_releases(
                connection, [each.release], said=each.said, by_notes={key: each.by_notes}, keeps_first_date=True
            )
            if done.is_refused:
                raise InputError(f"{key} is the id of a release {SAME_ID}")
            stored.append(done)
    answers: list[dict[str, object]] = []
    for each, done in zip(told, stored, strict=True):
        change = "new" if done.is_new else "changed" if done.changed else "unchanged"
        answers.append({"release_id": done.release_id, "change": change, "notes": _notes(each, done, now)})
    counts = [f"{n} {word}" for word in ("new", "changed", "unchanged") if (n := _count(answers, word))]
    return Told(f"releases: {', '.join(counts)}", answers)


def read_body(body: bytes, *, timezone: str) -> list[ToldRelease]:
    """Read the releases of a body.

    Raises:
        InputError: it is no JSON, one of its releases cannot be used, or two contradict each other.
    """
    try:
        value = json.loads(body, object_pairs_hook=_fields)
    except (ValueError, RecursionError):
        raise InputError(
            'the body is not JSON; send one release like {"version": "5.21.1", "released_at": ...}'
        ) from None
    rows = value if isinstance(value, list) else [value]
    if not 1 <= len(rows) <= MAX_RELEASES:
        raise InputError(f"send 1 to {MAX_RELEASES:,} releases at once")
    found: dict[str, ToldRelease] = {}
    for number, row in enumerate(rows, 1):
        where = f"release {number} of {len(rows)}: " if len(rows) > 1 else ""
        if not isinstance(row, Mapping):
            raise InputError(f"{where}it is no JSON object with version and released_at")
        try:
            told = read_release(row, timezone=timezone)
        except InputError as error:
            raise InputError(f"{where}{error}") from None
        first = found.setdefault(told.release.release_id, told)
        if any(getattr(first.release, name) != getattr(told.release, name) for name in _IDENTITY):
            raise InputError(f"{where}its id, product/platform/version, is that of another one in the list")
        if first != told:
            raise InputError(f"{where}it is in the list twice with different facts; send it once")
    return list(found.values())


def _fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Take an object that names each of its fields once.

    Raises:
        InputError: it names one twice, and a reader would believe either.
    """
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise InputError("a field is given twice; send each once")
    return fields


def _count(answers: list[dict[str, object]], change: str) -> int:
    return sum(answer["change"] == change for answer in answers)


def _notes(told: ToldRelease, done: StoredRelease, now: datetime) -> list[str]:
    notes = []
    if done.kept:
        notes.append(f"a person settled this, or times would not agree, so it stays as it was: {', '.join(done.kept)}")
    if done.is_date_kept:
        notes.append("it is known with an earlier date, which stays; feedback-triage release at settles another")
    if done.is_removed:
        notes.append(
            "a person removed this release, so it does not count; feedback-triage release restore brings it back"
        )
    if told.release.released_at > now + _MINUTE:
        notes.append("its date lies in the future: from then on it counts, and not before")
    return notes
