"""Which reader opens which file."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from feedback_triage.errors import MissingFileError, UnreadableFileError
from feedback_triage.sources.csv_source import read_csv
from feedback_triage.sources.jsonl_source import read_jsonl
from feedback_triage.sources.parquet_source import read_parquet
from feedback_triage.sources.tables import Reader, Table

SOURCES: Mapping[str, Reader] = MappingProxyType(
    {
        ".csv": read_csv,
        ".csv.gz": read_csv,
        ".tsv": read_csv,
        ".tsv.gz": read_csv,
        ".jsonl": read_jsonl,
        ".jsonl.gz": read_jsonl,
        ".ndjson": read_jsonl,
        ".ndjson.gz": read_jsonl,
        ".json": read_jsonl,
        ".json.gz": read_jsonl,
        ".parquet": read_parquet,
    }
)
"""How a file's name ends, in lower case, and the reader for it."""


def open_table(path: Path) -> Table:
    """Open a file with the reader that its name asks for.

    Raises:
        MissingFileError: it does not exist, is a folder, or may not be read.
        UnreadableFileError: no reader for such a name, or the content is not what the name says.
    """
    name = path.name.lower()
    reader = next((reader for ending, reader in SOURCES.items() if name.endswith(ending)), None)
    if not path.exists():
        raise MissingFileError(f"{path.name}: there is no such file; check the path")
    if path.is_dir():
        raise MissingFileError(f"{path.name}: it is a folder; name a file in it")
    if reader is None:
        endings = ", ".join(ending for ending in SOURCES if not ending.endswith(".gz"))
        raise UnreadableFileError(f"{path.name}: files of this kind are not read; export it as one of {endings}")
    try:
        return reader(path)
    except PermissionError as error:
        raise MissingFileError(f"{path.name}: it may not be read; change its permissions") from error
