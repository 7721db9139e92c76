"""Read CSV and its relatives: any of four delimiters, quoted line breaks, broken rows kept apart."""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

from feedback_triage.errors import UnreadableFileError
from feedback_triage.ingest import RejectReason
from feedback_triage.sources.tables import BrokenRow, Row, Table, unique_names
from feedback_triage.sources.text_files import TextFile, inspect_text

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 2_000
_SAMPLE_CHARACTERS = 1 << 20
_MAX_CELL_CHARACTERS = (1 << 31) - 1
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|])\s*")  # Excel writes and reads this first line
_QUOTE_AFTER_SPACE = re.compile(r'[,;\t|] +"')
_LOOKS_LIKE_JSON = re.compile(r'\s*\[?\s*\{\s*"')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file separates and quotes its cells; within quotes, `""` is always a quote."""

    delimiter: str = ","
    escape: str | None = None
    skips_space: bool = False


def read_csv(path: Path) -> Table:
    """Open a CSV file; the first row that is not blank names the columns.

    Rows with a broken quote, or with another number of cells than the header, are broken rows. Blank lines
    are no rows.

    Raises:
        UnreadableFileError: not text, empty, or nothing below the header.
    """
    csv.field_size_limit(_MAX_CELL_CHARACTERS)
    file = inspect_text(path)
    sample = _sample(file)
    if _LOOKS_LIKE_JSON.match(sample[0]):
        raise UnreadableFileError(f"{path.name}: it holds JSON; name it .jsonl")
    dialect = sniff(sample)
    header = next(_records(_body(file), dialect), None)
    if not isinstance(header, list):
        raise UnreadableFileError(f"{path.name}: its first line has a quote that is never closed; export it again")
    columns = unique_names(header)

    def rows() -> Iterator[Row]:
        for record in islice(_records(_body(file), dialect), 1, None):
            yield _row(columns, record)

    if next(rows(), None) is None:
        raise UnreadableFileError(f"{path.name}: it has a header but no rows; export it again")
    return Table(columns, rows, file.notes)


def sniff(sample: list[str]) -> Dialect:
    """Choose the dialect in which most rows of a sample are as wide as the header.

    Args:
        sample: the first physical lines of a file.

    Returns:
        The one with the largest share of whole rows, then the widest header, then the plainest. A file with
        one column has none of the delimiters; it is read with commas.
    """
    text = "".join(sample)
    escapes = (None, "\\") if '\\"' in text else (None,)
    skips = (False, True) if _QUOTE_AFTER_SPACE.search(text) else (False,)
    best, best_score = Dialect(), (0.0, 0)
    for escape, skips_space, delimiter in product(escapes, skips, _DELIMITERS):
        dialect = Dialect(delimiter, escape, skips_space)
        records = list(_records(iter(sample), dialect))
        if not records or not isinstance(records[0], list) or len(records[0]) < 2:
            continue
        width = len(records[0])
        n_whole = sum(isinstance(record, list) and len(record) == width for record in records)
        score = (n_whole / len(records), width)
        if score > best_score:
            best, best_score = dialect, score
    return best


def _sample(file: TextFile) -> list[str]:
    lines: list[str] = []
    n_characters = 0
    for line in islice(_body(file), _SAMPLE_LINES):
        lines.append(line)
        n_characters += len(line)
        if n_characters > _SAMPLE_CHARACTERS:
            break
    return lines or [""]


def _body(file: TextFile) -> Iterator[str]:
    lines = file.lines()
    first = next(lines, "")
    if not _SEPARATOR_LINE.fullmatch(first):
        yield first
    yield from lines


class _Lines:
    """Physical lines that can be gone back to, so that one broken quote costs one line, not the rest."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._ahead: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else next(self._lines)
        self.taken.append(line)
        return line

    def go_back_behind_first(self) -> str:
        """Return the first line of the record, and hand out the others once more."""
        self._ahead.extendleft(reversed(self.taken[1:]))
        return self.taken[0]


def _records(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str] | BrokenRow]:
    source = _Lines(lines)
    reader = csv.reader(
        source,
        delimiter=dialect.delimiter,
        escapechar=dialect.escape,
        skipinitialspace=dialect.skips_space,
        strict=True,
    )
    while True:
        source.taken.clear()
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BrokenRow(
                RejectReason.BROKEN_QUOTES,
                "A quote in this line is not closed, or is followed by more text; double it or close it.",
                source.go_back_behind_first().rstrip("\r\n"),
            )
        else:
            if record:
                yield record


def _row(columns: tuple[str, ...], record: list[str] | BrokenRow) -> Row:
    if isinstance(record, BrokenRow):
        return record
    n_cells = len(record)
    while len(record) > len(columns) and not record[-1].strip():
        record.pop()  # some programs end every row with a delimiter
    if len(record) != len(columns):
        detail = f"The row has {n_cells} cells where the header has {len(columns)}."
        return BrokenRow(RejectReason.RAGGED_ROW, detail, record)
    return dict(zip(columns, record, strict=True))
