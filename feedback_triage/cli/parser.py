"""Commands and their options, each with an example in its help."""

import argparse
from functools import partial

from feedback_triage.cli import filters, learning, stages
from feedback_triage.cli.adding import Commands, Formatter, add_command
from feedback_triage.cli.backtest import add_backtest
from feedback_triage.cli.options import add_budget, add_database, add_inputs, add_report, count, hours
from feedback_triage.cli.release_parser import add_releases
from feedback_triage.cli.suspecting import add_suspects
from feedback_triage.cli.theme_parser import add_themes


def build_parser() -> argparse.ArgumentParser:
    """The parser; each command's function is in `command` of what it gives."""
    parser = argparse.ArgumentParser(
        prog="feedback-triage",
        description="Which release did this, what do customers love, what broke, and what went quiet.",
        formatter_class=Formatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_run(commands)
    _add_stages(commands)
    add_themes(commands)
    add_releases(commands)
    _add_learning(commands)
    add_backtest(commands)
    _add_filters(commands)
    add_suspects(commands)
    return parser


def _add_run(commands: Commands) -> None:
    parser = add_command(
        commands,
        "run",
        "run the whole pipeline through the Prefect flow and write the report",
        "feedback-triage run --feedback reviews.csv chat=chat.jsonl --releases releases.csv",
        stages.run,
    )
    add_inputs(parser)
    add_database(parser)
    add_report(parser)
    add_budget(parser)
    parser.add_argument(
        "--prove-links",
        action="store_true",
        help="request the links that customers call broken (off by default; the only thing that uses the network)",
    )


def _add_stages(commands: Commands) -> None:
    ingest = add_command(
        commands,
        "ingest",
        "store what feedback and release files hold",
        "feedback-triage ingest --feedback reviews.csv --releases releases.csv",
        stages.ingest,
    )
    add_inputs(ingest)
    add_database(ingest)
    for name, what in (
        ("triage", "embed, label, cluster, link and update the silence ledger, without Prefect"),
        ("report", "write the report of the seven days before an instant"),
    ):
        parser = add_command(commands, name, what, f"feedback-triage {name} --as-of 2026-10-19", getattr(stages, name))
        add_database(parser)
        add_report(parser)
        if name == "triage":
            add_budget(parser)
    prove = add_command(
        commands,
        "prove-links",
        "request the links in items labelled broken_link and store what they answer (uses the network)",
        "feedback-triage prove-links --recheck-hours 6",
        stages.prove_links,
    )
    add_database(prove)
    prove.add_argument(
        "--recheck-hours",
        metavar="HOURS",
        type=hours,
        default=24.0,
        help="leave a link alone that was checked within so many hours (default: 24)",
    )


def _add_learning(commands: Commands) -> None:
    worth = add_command(
        commands,
        "next-to-label",
        "list the items most worth a person's look, and why",
        "feedback-triage next-to-label --sheet decisions.csv",
        learning.next_to_label,
    )
    add_database(worth)
    worth.add_argument("--count", metavar="N", type=count, default=10, help="how many, at most (default: 10)")
    worth.add_argument(
        "--sheet", metavar="FILE", default="", help="write them to a new CSV file to fill in and hand to review"
    )
    review = add_command(
        commands,
        "review",
        "store people's decisions, from a sheet or one by one",
        "feedback-triage review decisions.csv --reviewer support",
        learning.review,
    )
    review.add_argument(
        "sheet", metavar="SHEET", nargs="?", default="", help="CSV or JSON lines with id, decision and label"
    )
    add_database(review)
    review.add_argument("--reviewer", metavar="NAME", required=True, help="who decides, as the team calls them")
    review.add_argument("--item", metavar="ID", default="", help="one item instead of a sheet (source:external_id)")
    review.add_argument("--decision", metavar="WORD", default="", help="accept, relabel, reject or ignore")
    review.add_argument("--label", metavar="LABEL", default="", help="the right label, for relabel")
    train = add_command(
        commands,
        "train",
        "train a classifier on gold items and put it in use",
        "feedback-triage train --with-reviews",
        learning.train,
    )
    train.add_argument(
        "--gold",
        metavar="FILE",
        default="",
        help="CSV with id, text, label, annotator (default: the shipped one)",
    )
    train.add_argument("--date", metavar="DATE", default="", help="date in the classifier's name (default: today)")
    train.add_argument(
        "--method",
        choices=("tuned", "vectors"),
        default="",
        help="tune the encoder, or fit a machine over its vectors (default: tune where the encoder allows it)",
    )
    train.add_argument(
        "--with-reviews",
        action="store_true",
        help="learn from the decisions in the database too; the result waits for promote",
    )
    add_database(train)
    promote = add_command(
        commands,
        "promote",
        "put a candidate in use if it is better on held-out corrections and worse on no label",
        "feedback-triage promote 2026-10-19-1a2b3c4d",
        learning.promote,
    )
    promote.add_argument("version", metavar="VERSION", help="the candidate's name, as train printed it")
    add_database(promote)
    add_command(
        commands,
        "rollback",
        "put the classifier in use that was in use before",
        "feedback-triage rollback",
        learning.roll_back,
    )


def _add_filters(commands: Commands) -> None:
    add = partial(add_command, commands)
    label = add(
        "label",
        "label items: JSON lines with id, text and maybe rating in, a line an item out",
        """echo '{"id": 1, "text": "The link in the footer is dead"}' | feedback-triage label""",
        filters.label,
    )
    add_budget(label)
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
            "--releases", metavar="PATH", required=True, help="as for run: a table, CHANGELOG.md, GitHub releases, git"
        )
    silence.add_argument(
        "--window-hours",
        metavar="HOURS",
        type=hours,
        default=72.0,
        help="length of the window (default: 72)",
    )
