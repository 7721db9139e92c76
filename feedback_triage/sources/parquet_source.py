"""Read Parquet, batch by batch."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from feedback_triage.errors import UnreadableFileError
from feedback_triage.sources.tables import Row, Table, unique_names

_BATCH_ROWS = 4_096
_MAGIC = b"PAR1"
_BEYOND_CALENDAR = "beyond the calendar"


def read_parquet(path: Path) -> Table:
    """Open a Parquet file.

    Instants with a zone come out in UTC, those without as naive `datetime`s; dates as `date`s.

    Raises:
        UnreadableFileError: not a whole Parquet file, or it has no rows.
    """
    with path.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise UnreadableFileError(f"{path.name}: it is not a Parquet file; export it again")
    try:
        with pq.ParquetFile(path) as file:
            columns = unique_names(file.schema_arrow.names)
            n_rows = file.metadata.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(path) from error
    if not n_rows:
        raise UnreadableFileError(f"{path.name}: it has columns but no rows; export it again")
    return Table(columns, lambda: _rows(path, columns))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
                values = [_values(column) for column in batch.columns]
                for cells in zip(*values, strict=True):
                    yield dict(zip(columns, cells, strict=True))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(path) from error


def _values(column: pa.Array) -> list[object]:
    if pa.types.is_timestamp(column.type):
        zone = "UTC" if column.type.tz else None
        column = column.cast(pa.timestamp("us", tz=zone), safe=False)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        values: list[object] = column.to_pylist()
    except (ValueError, OverflowError):
        values = [_value(scalar) for scalar in column]
    return values


def _value(scalar: pa.Scalar) -> object:
    """Python value of one cell; what Python has no value for becomes bytes, or a text that is no date."""
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        if pa.types.is_nested(scalar.type):
            raise
        return scalar.as_buffer().to_pybytes()
    except (ValueError, OverflowError):
        return _BEYOND_CALENDAR


def _damaged(path: Path) -> UnreadableFileError:
    return UnreadableFileError(f"{path.name}: its Parquet content is damaged; export it again")
