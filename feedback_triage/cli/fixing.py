"""Commands around fixes: say that a release fixes a theme, or that it does not."""

# ruff: noqa: PLC0415 - a command imports what it needs: `--help` starts fast

import argparse
import sys
from functools import partial

from feedback_triage.cli.options import add_database
from feedback_triage.cli.shown import shown


def add_fixes(add: "partial[argparse.ArgumentParser]", theme_help: str) -> None:
    """Add `fixed` and `not-fixed` to the commands of `theme`."""
    fixed = add(
        "fixed",
        "say that a release fixes a theme: from then on it is watched whether the fix holds",
        "feedback-triage theme fixed 'Links in the footer' --in web/5.10.1 --by support",
        say_fixed,
    )
    not_fixed = add(
        "not-fixed",
        "say that a release does not fix a theme, whatever its notes say",
        "feedback-triage theme not-fixed t1a2 --in 5.10.1 --by support",
        say_not_fixed,
    )
    for parser in (fixed, not_fixed):
        parser.add_argument("theme", metavar="THEME", help=theme_help)
        parser.add_argument(
            "--in",
            metavar="RELEASE",
            required=True,
            dest="release",
            help="its id (platform/version), or its version where only one release has it",
        )
        parser.add_argument("--by", metavar="NAME", required=True, help="who says so, as the team calls them")
        add_database(parser)


def say_fixed(options: argparse.Namespace) -> None:
    """Say that a release fixes a theme."""
    from feedback_triage.pipeline.fixing import say_fixed

    done = say_fixed(options.theme, options.release, options.by, database=options.database)
    _say(f"{done.release_id} fixes “{done.theme_name}”; whether it holds is told from the next run on")


def say_not_fixed(options: argparse.Namespace) -> None:
    """Say that a release does not fix a theme."""
    from feedback_triage.pipeline.fixing import say_not_fixed

    done = say_not_fixed(options.theme, options.release, options.by, database=options.database)
    _say(f"{done.release_id} does not fix “{done.theme_name}”; no receipt from the next run on")


def _say(line: str) -> None:
    sys.stdout.write(shown(line) + "\n")
