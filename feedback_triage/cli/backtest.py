"""The command that replays history."""

# ruff: noqa: PLC0415 - a command imports what it needs: `--help` starts fast

import argparse
import sys
from pathlib import Path

from feedback_triage.cli.adding import Commands, add_command
from feedback_triage.cli.options import add_database, hours
from feedback_triage.cli.shown import shown_lines


def add_backtest(commands: Commands) -> None:
    """Add `backtest`."""
    parser = add_command(
        commands,
        "backtest",
        "replay history with only what was known then: incidents found, how soon, false alarms, interval coverage",
        "feedback-triage backtest --from 2026-09-01 --to 2026-10-19 --known incidents.csv --out backtest",
        backtest,
    )
    parser.add_argument(
        "--from", dest="start", metavar="DATE", required=True, help="where the replay begins: ISO date or time"
    )
    parser.add_argument("--to", dest="end", metavar="DATE", required=True, help="the last instant that is looked at")
    add_database(parser)
    parser.add_argument(
        "--known",
        metavar="FILE",
        default="",
        help="what really happened, to be scored against: a table with started_at, ended_at and maybe release, name, "
        "kind (outage or fault) and item_ids (default: alarms are judged by hindsight)",
    )
    parser.add_argument(
        "--every-hours", metavar="HOURS", type=hours, default=24.0, help="time between two looks (default: 24)"
    )
    parser.add_argument(
        "--out", metavar="DIR", default="", help="write backtest.json and its tables as CSV there (default: nowhere)"
    )


def backtest(options: argparse.Namespace) -> None:
    """Replay history."""
    from tqdm import tqdm

    from feedback_triage.backtest import summary
    from feedback_triage.pipeline.backtest_files import prepare_folder, write_backtest
    from feedback_triage.pipeline.backtesting import backtest as replay

    folder = Path(options.out) if options.out else None
    if folder is not None:
        prepare_folder(folder)
    with tqdm(desc="looking", unit=" looks", file=sys.stderr, disable=None, leave=False) as bar:

        def advance(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        found = replay(
            options.start,
            options.end,
            database=options.database,
            known=options.known,
            every_hours=options.every_hours,
            progress=advance,
        )
    if folder is not None:
        write_backtest(found, folder)
    sys.stdout.write(shown_lines(summary(found)))
    if folder is not None:
        sys.stdout.write(f"\nwritten to {folder}: backtest.json and its tables as CSV\n")
