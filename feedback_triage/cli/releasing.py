"""Commands around releases: tell one, correct what is known of one, and listen to deploy scripts that tell them."""

# ruff: noqa: PLC0415 - a command imports what it needs: `--help` starts fast

import argparse
import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from feedback_triage.cli.shown import shown
from feedback_triage.settings import Settings

if TYPE_CHECKING:
    from feedback_triage.domain import Release
    from feedback_triage.pipeline.release_desk import ReleaseLine
    from feedback_triage.pipeline.releasing import ToldChange

_FACTS = ("product", "platform", "kind", "notes")


def add(options: argparse.Namespace) -> None:
    """Add a release."""
    from feedback_triage.pipeline.releasing import add_release

    facts: dict[str, Any] = {name: value for name in _FACTS if (value := getattr(options, name) or "").strip()}
    if options.rollout:
        facts["rollout"] = "; ".join(options.rollout)
    if options.hotfix:
        facts["hotfix"] = "yes"
    done = add_release(options.version, options.at, database=options.database, **facts)
    _say(
        f"added {_described(done.release)}"
        if done.is_changed
        else f"{shown(done.release.release_id)} is known with these facts already; nothing changed"
    )
    for note in done.notes:
        _say(note)


def show_list(options: argparse.Namespace) -> None:
    """List the last releases."""
    from feedback_triage.pipeline.release_desk import release_list

    lines = release_list(options.database, last=options.last, removed=options.removed)
    if not lines and options.removed:
        _say("no release was removed")
        return
    if not lines:
        _say("no release is known yet; tell one by release add, or a list by ingest --releases")
        return
    zone = _zone()
    ids = [shown(line.release.release_id) for line in lines]
    width = max(map(len, [*ids, "release"]))
    _say(f"{'release':<{width}}  {'released':<21}  {'kind':<11}  more")
    for release_id, line in zip(ids, lines, strict=True):
        release = line.release
        kind = release.kind.value if release.kind else "unknown"
        more = "; ".join(_marks(line, zone))
        _say(f"{release_id:<{width}}  {_at(release.released_at, zone):<21}  {kind:<11}  {more}".rstrip())


def settle_kind(options: argparse.Namespace) -> None:
    """Settle a kind."""
    from feedback_triage.pipeline import releasing

    _say_settled(releasing.settle_kind(options.release, options.kind, database=options.database))


def settle_rollout(options: argparse.Namespace) -> None:
    """Settle a roll-out."""
    from feedback_triage.pipeline import releasing

    _say_settled(releasing.settle_rollout(options.release, options.steps, database=options.database))


def settle_rollback(options: argparse.Namespace) -> None:
    """Settle a roll-back."""
    from feedback_triage.pipeline import releasing

    _say_settled(releasing.settle_rollback(options.release, options.at, database=options.database))


def settle_notes(options: argparse.Namespace) -> None:
    """Settle notes."""
    from feedback_triage.pipeline import releasing

    _say_settled(releasing.settle_notes(options.release, options.text, database=options.database))


def settle_at(options: argparse.Namespace) -> None:
    """Settle a date."""
    from feedback_triage.pipeline import releasing

    _say_settled(releasing.settle_released_at(options.release, options.instant, database=options.database))


def remove(options: argparse.Namespace) -> None:
    """Take a release off the list."""
    from feedback_triage.pipeline.release_desk import remove_release

    release = remove_release(options.release, database=options.database)
    _say(
        f"removed {shown(release.release_id)}: nothing is linked to it from the next run on, no file brings it back; "
        f"feedback-triage release restore {shown(release.release_id)} does"
    )


def restore(options: argparse.Namespace) -> None:
    """Put a release back on the list."""
    from feedback_triage.pipeline.release_desk import restore_release

    _say(f"restored {_described(restore_release(options.release, database=options.database))}")


def serve(options: argparse.Namespace) -> None:
    """Listen to signed calls."""
    from feedback_triage.web import Listening, serve_releases

    settings = Settings.from_environ(os.environ)
    serve_releases(
        Listening(options.host, options.port, tuple(options.allow_host)),
        options.database or settings.database_url,
        # Not one of the settings, which are shown and compared: a secret is only handed on.
        secret=os.environ.get("FEEDBACK_TRIAGE_RELEASE_SECRET", ""),
        timezone=settings.timezone,
        say=_say,
    )


def _say_settled(done: "ToldChange") -> None:
    _say(_described(done.release) if done.is_changed else f"{_described(done.release)}: it was so already")
    for note in done.notes:
        _say(note)


def _described(release: "Release") -> str:
    """A release in one line."""
    zone = _zone()
    kind = release.kind.value if release.kind else "kind unknown"
    parts = [f"released {_at(release.released_at, zone)}", kind, *_history(release, zone)]
    return f"{shown(release.release_id)}: {', '.join(parts)}"


def _history(release: "Release", zone: ZoneInfo) -> list[str]:
    found = ["hotfix"] if release.is_hotfix else []
    if release.rollout:
        steps = (f"{100 * step.share:.4g} % from {_at(step.at, zone)}" for step in release.rollout)
        found.append(f"rolled out to {', '.join(steps)}")
    if release.rolled_back_at:
        found.append(f"rolled back {_at(release.rolled_back_at, zone)}")
    return found


def _marks(line: "ReleaseLine", zone: ZoneInfo) -> list[str]:
    found = _history(line.release, zone)
    if line.release.is_derived:
        found.append("first seen on feedback")
    if line.settled:
        names = {"released_at": "date", "is_hotfix": "hotfix", "rollout": "roll-out", "rolled_back_at": "roll-back"}
        found.append(f"settled: {', '.join(names.get(name, name) for name in line.settled)}")
    return found


def _zone() -> ZoneInfo:
    return ZoneInfo(Settings.from_environ(os.environ).timezone)


def _at(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _say(line: str) -> None:
    sys.stdout.write(shown(line) + "\n")
    sys.stdout.flush()
