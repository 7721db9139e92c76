"""Commands and their options, each with an example in its help."""

import argparse
from collections.abc import Callable
from functools import partial

from feedback_triage.cli import filters, stages

Command = Callable[[argparse.Namespace], None]


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of examples, and the same width everywhere, so that help texts can be tested."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100, max_help_position=28)


def build_parser() -> argparse.ArgumentParser:
    """The parser; each command's function is in `command` of what it gives."""
    parser = argparse.ArgumentParser(
        prog="feedback-triage",
        description="Which release did this, what do customers love, what broke, and what went quiet.",
        formatter_class=_Formatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_stages(commands)
    _add_filters(commands)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    what: str,
    example: str,
    command: Command,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=_Formatter,
    )
    parser.set_defaults(command=command)
    return parser


def _add_database(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database",
        metavar="URL",
        default="",
        help="SQLAlchemy URL (default: feedback-triage-data/feedback.db)",
    )


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--feedback",
        metavar="[SOURCE=]FILE",
        nargs="+",
        action="extend",
        required=True,
        help="CSV, JSON lines or Parquet files; SOURCE names the channel of rows that name none",
    )
    parser.add_argument(
        "--releases",
        metavar="FILE",
        default="",
        help="CSV or JSON lines with version and released_at (default: the versions that customers declare)",
    )
    parser.add_argument(
        "--column",
        metavar="NAME=COLUMN",
        action="append",
        default=[],
        type=_pair,
        help="use this column of the files as NAME (text, written_at, external_id, ...; version, released_at, ...)",
    )


def _pair(argument: str) -> tuple[str, str]:
    name, separator, column = argument.partition("=")
    if not separator or not name.strip() or not column.strip():
        raise argparse.ArgumentTypeError("write it as NAME=COLUMN, for example text=Review")
    return name.strip(), column.strip()


def _add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(
        commands,
        "run",
        "run the whole pipeline through the Prefect flow and write the report",
        "feedback-triage run --feedback reviews.csv chat=chat.jsonl --releases releases.csv",
        stages.run,
    )
    _add_inputs(parser)
    _add_database(parser)
    _add_report(parser)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report",
        metavar="DIR",
        default="",
        help="folder of the report (default: feedback-triage-data/report)",
    )
    parser.add_argument(
        "--as-of",
        metavar="DATE",
        default="",
        help="the instant the report speaks at: ISO date or time, or now (default: the midnight after the last item)",
    )


def _add_stages(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    ingest = _add(
        commands,
        "ingest",
        "store what feedback and release files hold",
        "feedback-triage ingest --feedback reviews.csv --releases releases.csv",
        stages.ingest,
    )
    _add_inputs(ingest)
    _add_database(ingest)
    for name, what in (
        ("triage", "embed, label, cluster, link and update the silence ledger, without Prefect"),
        ("report", "write the report of the seven days before an instant"),
    ):
        parser = _add(commands, name, what, f"feedback-triage {name} --as-of 2026-10-19", getattr(stages, name))
        _add_database(parser)
        _add_report(parser)
    train = _add(
        commands,
        "train",
        "train the classifier on gold items and put it in use",
        "feedback-triage train --gold models/gold/labels.csv",
        stages.train,
    )
    train.add_argument(
        "--gold",
        metavar="FILE",
        default="",
        help="CSV with id, text, label, annotator (default: the shipped one)",
    )
    train.add_argument("--date", metavar="DATE", default="", help="date in the classifier's name (default: today)")


def _add_filters(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = partial(_add, commands)
    add(
        "label",
        "label items: JSON lines with id, text and maybe rating in, a line an item out",
        """echo '{"id": 1, "text": "The link in the footer is dead"}' | feedback-triage label""",
        filters.label,
    )
    embed = add(
        "embed",
        "embed items: JSON lines with id and text in, a line an item out",
        """feedback-triage embed --npy vectors.npy < items.jsonl""",
        filters.embed,
    )
    embed.add_argument("--npy", metavar="FILE", default="", help="write one float32 array (n, dim) there instead")
    cluster = add(
        "cluster",
        "cluster items: JSON lines with id and text in, a line an item out; -1 is noise",
        """feedback-triage cluster --themes themes.json < items.jsonl""",
        filters.cluster,
    )
    cluster.add_argument(
        "--themes",
        metavar="FILE",
        default="",
        help="write names, keyphrases and exemplars of the clusters there",
    )
    link = add(
        "link",
        "link items to releases: JSON lines with id, written_at and maybe text, app_version, platform in",
        """feedback-triage link --releases releases.csv < items.jsonl""",
        filters.link,
    )
    silence = add(
        "silence",
        "compare the items after each release with what was expected: items in as for link, a line a release out",
        """feedback-triage silence --releases releases.csv --window-hours 72 < items.jsonl""",
        filters.silence,
    )
    for parser in (link, silence):
        parser.add_argument(
            "--releases", metavar="FILE", required=True, help="CSV or JSON lines with version and released_at"
        )
    silence.add_argument(
        "--window-hours",
        metavar="HOURS",
        type=_hours,
        default=72.0,
        help="length of the window (default: 72)",
    )


def _hours(argument: str) -> float:
    try:
        hours = float(argument)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= 24 * 366:
        raise argparse.ArgumentTypeError("give hours above 0 and up to a year, for example 72")
    return hours
