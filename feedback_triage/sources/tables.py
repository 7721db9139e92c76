"""What every reader returns: named columns, and rows that can be gone through more than once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback_triage.ingest import RejectReason


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that the format's own rules cannot read.

    Attributes:
        reason: for the rejected row.
        detail: one sentence for a person; holds nothing of the row.
        raw: the cells or the line as it stands in the file, not masked.
    """

    reason: RejectReason
    detail: str
    raw: list[str] | str


Row = Mapping[str, object] | BrokenRow


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows of named values; nothing is held in memory.

    Attributes:
        columns: names in the order of the file, each once.
        rows: starts a new pass over the rows. A row may lack a column.
        notes: things a person should know about how the file was read.
    """

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    notes: tuple[str, ...] = ()

    def values(self, column: str) -> Iterator[object]:
        """Go through one column; broken rows are left out, a missing cell is None."""
        return (row.get(column) for row in self.rows() if not isinstance(row, BrokenRow))


Reader = Callable[[Path], Table]
"""Opens a file.

Raises:
    UnreadableFileError: the content is not what the name says, or there are no rows.
"""


def rows_in_words(n_rows: int) -> str:
    """Count rows for a note: "1 row", "12 rows"."""
    return "1 row" if n_rows == 1 else f"{n_rows} rows"


def unique_names(header: Iterable[str]) -> tuple[str, ...]:
    """Name every column once: a blank name becomes "column 3", a repeated one gets its place, "text (4)"."""
    names: dict[str, None] = {}
    for place, cell in enumerate(header, 1):
        name = cell.strip() or f"column {place}"
        while name in names:
            name = f"{name} ({place})"
        names[name] = None
    return tuple(names)
