"""The commands `release ...` and `serve`, and their options."""

import argparse
from functools import partial

from feedback_triage.cli import releasing
from feedback_triage.cli.adding import Commands, add_command
from feedback_triage.cli.options import add_database, count, said

_RELEASE = "release id such as web/5.21.1, or the version where only one release has it"
_KINDS = ("feature", "fix", "maintenance", "mixed", "hotfix")
_INSTANT = "date and time such as 2026-10-19T08:00+02:00, or now"


def add_releases(commands: Commands) -> None:
    """Add `release` with its commands, and `serve`."""
    parser = add_command(
        commands,
        "release",
        "tell releases and correct what is known of them; no file that is read again undoes it",
        "feedback-triage release add 5.21.1 --at now --platform web --kind fix",
        None,
    )
    add = partial(
        add_command, parser.add_subparsers(title="commands", metavar="COMMAND", required=True, help="one of these:")
    )
    _add_add(add)
    lists = add("list", "list the last releases", "feedback-triage release list --last 5", releasing.show_list)
    lists.add_argument("--last", metavar="N", type=count, default=20, help="how many, at most (default: 20)")
    lists.add_argument("--removed", action="store_true", help="those that a person removed")
    add_database(lists)
    _add_corrections(add)
    _add_serve(commands)


def _add_add(add: "partial[argparse.ArgumentParser]") -> None:
    new = add(
        "add",
        "tell a release",
        "feedback-triage release add 5.21.1 --at now --platform web --rollout now=5% --rollout 2026-10-20T10:00=100%",
        releasing.add,
    )
    new.add_argument("version", metavar="VERSION", help="as the team writes it")
    new.add_argument(
        "--at", metavar="INSTANT", type=said, required=True, help=f"when customers could first have it: {_INSTANT}"
    )
    new.add_argument("--product", metavar="NAME", help="the product, if the company has several")
    new.add_argument("--platform", metavar="NAME", help="the platform, if the release is for one")
    new.add_argument("--kind", choices=_KINDS, help="what it set out to do (default: as the notes tell)")
    new.add_argument("--notes", metavar="TEXT", help="what it did")
    new.add_argument(
        "--rollout",
        metavar="AT=SHARE",
        type=said,
        action="append",
        default=[],
        help="from then on this share of customers can have it, as in 2026-10-20T10:00=5%%; may be given again",
    )
    new.add_argument("--hotfix", action="store_true", help="it mends the release before it in haste")
    add_database(new)


def _add_corrections(add: "partial[argparse.ArgumentParser]") -> None:
    kind = add(
        "kind", "settle what a release set out to do", "feedback-triage release kind 5.21.1 fix", releasing.settle_kind
    )
    rollout = add(
        "rollout",
        "settle the steps of a staged roll-out, all of them at once; none for a release without",
        "feedback-triage release rollout 5.21.1 2026-10-19T10:00=5% 2026-10-20T10:00=100%",
        releasing.settle_rollout,
    )
    rollback = add(
        "rollback",
        "settle when a release was taken back",
        "feedback-triage release rollback 5.21.1 --at now",
        releasing.settle_rollback,
    )
    notes = add(
        "notes",
        "settle what a release says it did",
        "feedback-triage release notes 5.21.1 'Fixes the sound of trimmed clips.'",
        releasing.settle_notes,
    )
    at = add(
        "at",
        "settle when customers could first have a release",
        "feedback-triage release at 5.21.1 2026-10-19T10:00+02:00",
        releasing.settle_at,
    )
    remove = add(
        "remove",
        "take a release off the list that is none: a wrong version, a rehearsal",
        "feedback-triage release remove 5.21.1",
        releasing.remove,
    )
    restore = add(
        "restore",
        "put a removed release back, as it was known",
        "feedback-triage release restore 5.21.1",
        releasing.restore,
    )
    for parser in (kind, rollout, rollback, notes, at, remove, restore):
        parser.add_argument("release", metavar="RELEASE", help=_RELEASE)
        add_database(parser)
    kind.add_argument("kind", choices=_KINDS, help="hotfix: a fix of the release before it, in haste")
    rollout.add_argument(
        "steps", metavar="AT=SHARE", type=said, nargs="+", help="instant and share of customers, or none"
    )
    rollback.add_argument(
        "--at", metavar="INSTANT", type=said, required=True, help=f"{_INSTANT}; none: it was not taken back"
    )
    notes.add_argument("text", metavar="TEXT", type=said, help="plain text or Markdown; none: it says nothing")
    at.add_argument("instant", metavar="INSTANT", type=said, help=_INSTANT)


def _add_serve(commands: Commands) -> None:
    serve = add_command(
        commands,
        "serve",
        "listen to deploy scripts that tell releases by calls signed with FEEDBACK_TRIAGE_RELEASE_SECRET",
        "feedback-triage serve --port 8391",
        releasing.serve,
    )
    serve.add_argument("--host", metavar="HOST", default="127.0.0.1", help="address to listen at (default: 127.0.0.1)")
    serve.add_argument("--port", metavar="PORT", type=_port, default=8391, help="port to listen at (default: 8391)")
    serve.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="answer calls that were sent to this name too, as behind a proxy; may be given again",
    )
    add_database(serve)


def _port(argument: str) -> int:
    if not argument.isdecimal() or not argument.isascii() or not 0 < int(argument) < 65_536:
        raise argparse.ArgumentTypeError("give a port from 1 to 65535")
    return int(argument)
