"""Puts the report in place: built aside, then moved, so that an earlier report is never half overwritten."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from feedback_triage.errors import OutputError
from feedback_triage.report.html import render_html
from feedback_triage.report.tables import tables, to_csv
from feedback_triage.report.triage_report import TriageReport


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Where the report lies.

    Attributes:
        html: the page.
        tables: the CSV files by the name of their table.
    """

    html: Path
    tables: dict[str, Path]


def write_report(report: TriageReport, directory: Path) -> ReportPaths:
    """Write `report.html` and a CSV file for each table into the directory, which is made if needed.

    All files are written and flushed to disk in a temporary folder inside the directory before the first of
    them takes its place; if one cannot, those already moved are put back.

    Raises:
        OutputError: the directory cannot be written or the disk is full; an earlier report is left whole.
    """
    contents = {"report.html": render_html(report)}
    frames = tables(report)
    contents |= {f"{name}.csv": to_csv(frame) for name, frame in frames.items()}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".report-", dir=directory))
        try:
            for name, text in contents.items():
                _write_flushed(aside / name, text)
            _move(aside, directory, list(contents))
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise OutputError(
            f"cannot write the report to {directory}: {reason}; free some space or choose another folder"
        ) from error
    return ReportPaths(directory / "report.html", {name: directory / f"{name}.csv" for name in frames})


def _write_flushed(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _move(aside: Path, directory: Path, names: list[str]) -> None:
    """Move the files, keeping the earlier ones at hand until all are in place."""
    earlier = aside / "earlier"
    earlier.mkdir()
    kept = [name for name in names if (directory / name).is_file()]
    for name in kept:
        shutil.copy2(directory / name, earlier / name)
    moved: list[str] = []
    try:
        for name in names:
            (aside / name).replace(directory / name)
            moved.append(name)
    except OSError:
        for name in moved:
            if name in kept:
                (earlier / name).replace(directory / name)
            else:
                (directory / name).unlink()
        raise
