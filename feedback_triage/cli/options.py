"""Options that several commands share, and how their values are read."""

import argparse


def add_database(parser: argparse.ArgumentParser) -> None:
    """The database to work on."""
    parser.add_argument(
        "--database",
        metavar="URL",
        default="",
        help="SQLAlchemy URL (default: feedback-triage-data/feedback.db)",
    )


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Feedback and release files, and how their columns are called."""
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
        metavar="PATH",
        default="",
        help="a table with version and released_at, a CHANGELOG.md, saved GitHub releases, or a git repository "
        "(default: the versions that customers declare)",
    )
    parser.add_argument(
        "--exposure",
        metavar="FILE",
        default="",
        help="a table of usage counts (time, active_users, and maybe platform and product): the denominator of silence",
    )
    parser.add_argument(
        "--column",
        metavar="NAME=COLUMN",
        action="append",
        default=[],
        type=pair,
        help="use this column of the files as NAME (text, written_at, external_id, ...; version, released_at, ...)",
    )


def pair(argument: str) -> tuple[str, str]:
    """NAME=COLUMN."""
    name, separator, column = argument.partition("=")
    if not separator or not name.strip() or not column.strip():
        raise argparse.ArgumentTypeError("write it as NAME=COLUMN, for example text=Review")
    return name.strip(), column.strip()


def add_report(parser: argparse.ArgumentParser) -> None:
    """Where the report goes, and the instant it speaks at."""
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


def said(argument: str) -> str:
    """A word that says something."""
    if not argument.strip():
        raise argparse.ArgumentTypeError("it is empty; is a variable of the script unset?")
    return argument


def count(argument: str) -> int:
    """A whole number from 1 to 1000."""
    if not argument.isdecimal() or not 0 < int(argument) <= 1_000:
        raise argparse.ArgumentTypeError("give a whole number from 1 to 1000")
    return int(argument)


def add_budget(parser: argparse.ArgumentParser) -> None:
    """How many wrong labels are bearable."""
    parser.add_argument(
        "--max-wrong-per-100",
        metavar="N",
        type=budget,
        default=0.0,
        help="give a label only where at most N of 100 are wrong (default: the classifier's own threshold)",
    )


def budget(argument: str) -> float:
    """A number above 0 and below 100."""
    try:
        found = float(argument)
    except ValueError:
        found = 0.0
    if not 0 < found < 100:
        raise argparse.ArgumentTypeError("give a number above 0 and below 100, for example 5")
    return found


def hours(argument: str) -> float:
    """Hours above 0 and up to a year."""
    try:
        found = float(argument)
    except ValueError:
        found = 0.0
    if not 0 < found <= 24 * 366:
        raise argparse.ArgumentTypeError("give hours above 0 and up to a year, for example 72")
    return found
