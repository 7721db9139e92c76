"""Read JSON lines, and the one JSON array that many programs write instead."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from feedback_triage.errors import UnreadableFileError
from feedback_triage.ingest import RejectReason
from feedback_triage.sources.tables import BrokenRow, Row, Table
from feedback_triage.sources.text_files import TextFile, inspect_text


def read_jsonl(path: Path) -> Table:
    """Open a file with one JSON object a line, or with one array of objects.

    A line that is not JSON, or no object, is a broken row. Blank lines are no rows.

    Raises:
        UnreadableFileError: not text, empty, or most of its lines are not JSON objects.
    """
    file = inspect_text(path)
    array = _whole_array(file)

    def rows() -> Iterator[Row]:
        if array is not None:
            return map(_row_of_array, array)
        return (_row_of_line(line) for line in file.lines() if line.strip("\ufeff \t\r\n"))

    columns: dict[str, None] = {}  # a dict keeps the order of first appearance
    n_rows = n_broken = 0
    for row in rows():
        n_rows += 1
        if isinstance(row, BrokenRow):
            n_broken += 1
        else:
            columns.update(dict.fromkeys(row))
    if not n_rows:
        raise UnreadableFileError(f"{path.name}: it holds an empty list; export it again")
    if 2 * n_broken > n_rows:
        raise UnreadableFileError(
            f"{path.name}: {n_broken} of its {n_rows} lines are not JSON objects; "
            "write one object a line, or one array of objects"
        )
    return Table(tuple(columns), rows, file.notes)


def _whole_array(file: TextFile) -> list[object] | None:
    """Load the file if it is one JSON array; None if it is to be read line by line."""
    first = next((line for line in file.lines() if line.strip("\ufeff \t\r\n")), "")
    if not first.lstrip("\ufeff \t").startswith("["):
        return None
    try:
        whole = json.loads("".join(file.lines()))
    except (ValueError, RecursionError):
        return None
    return whole if isinstance(whole, list) else None


def _row_of_line(line: str) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):  # also numbers too long, and brackets too deep, to read
        return BrokenRow(RejectReason.NOT_JSON, "The line is not JSON.", line.rstrip("\r\n"))
    if not isinstance(value, dict):
        return BrokenRow(RejectReason.NOT_AN_OBJECT, "The line is JSON but no object.", line.rstrip("\r\n"))
    return value


def _row_of_array(value: object) -> Row:
    if isinstance(value, Mapping):
        return value
    raw = json.dumps(value, ensure_ascii=False)
    return BrokenRow(RejectReason.NOT_AN_OBJECT, "The element of the array is no object.", raw)
