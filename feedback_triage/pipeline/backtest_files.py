"""A backtest as files."""

import os
import tempfile
from pathlib import Path

from feedback_triage.backtest import Backtest, backtest_tables, to_json
from feedback_triage.errors import OutputError
from feedback_triage.report.tables import to_csv


def prepare_folder(folder: Path) -> None:
    """Make the folder, before minutes are spent on what could not be written.

    Raises:
        OutputError: it cannot be made, or not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}; choose another with --out") from None
    if not os.access(folder, os.W_OK):
        raise OutputError(f"the folder {folder} is not writable; choose another with --out")


def write_backtest(backtest: Backtest, folder: Path) -> None:
    """Write backtest.json and a CSV file a table; each takes its place whole.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.
    """
    contents = {"backtest.json": to_json(backtest)}
    contents |= {f"{name}.csv": to_csv(frame) for name, frame in backtest_tables(backtest).items()}
    try:
        with tempfile.TemporaryDirectory(prefix=".backtest-", dir=folder) as aside:
            for name, text in contents.items():
                (Path(aside) / name).write_text(text, "utf-8", newline="")
            for name in contents:
                (Path(aside) / name).replace(folder / name)
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}; free some space or choose another") from None
