"""Which reader opens which file, and which source of releases is meant."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from feedback_triage.errors import MissingFileError, UnreadableFileError
from feedback_triage.sources.changelog_source import read_changelog
from feedback_triage.sources.csv_source import read_csv
from feedback_triage.sources.git_source import read_git, repository_name
from feedback_triage.sources.github_source import looks_like_github, read_github
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


RELEASE_SOURCES: Mapping[str, Reader] = MappingProxyType(
    {
        "git": read_git,
        "changelog": read_changelog,
        "github": read_github,
        "table": open_table,
    }
)
"""Where releases come from, and the reader for it. `git:PATH` names the source; without a name the path tells."""

_CHANGELOG_ENDINGS = (".md", ".md.gz", ".markdown")
_CHANGELOG_NAMES = frozenset({"changelog", "changes", "history", "news", "releases", "release_notes"})
_JSON_ENDINGS = (".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")


def open_releases(path: Path) -> tuple[str, Table]:
    """Open a source of releases.

    Args:
        path: a file of releases, a changelog, a saved answer of GitHub, or the folder of a git repository; the
            source may stand in front, as in `git:PATH`.

    Returns:
        What to call it in messages (its name without folders), and its rows.

    Raises:
        MissingFileError: it does not exist, may not be read, or is a folder but no repository.
        InputError: it cannot be used as what it is.
    """
    source, path = _release_source(path)
    if source == "git":
        return repository_name(path), read_git(path)
    if source == "table":
        return path.name, open_table(path)
    if path.is_dir():
        raise MissingFileError(f"{path.name}: it is a folder; name a file in it")
    if not path.exists():
        raise MissingFileError(f"{path.name}: there is no such file; check the path")
    try:
        return path.name, RELEASE_SOURCES[source](path)
    except PermissionError as error:
        raise MissingFileError(f"{path.name}: it may not be read; change its permissions") from error


def _release_source(path: Path) -> tuple[str, Path]:
    """The name of the source and the path itself; what exists goes before what looks like "source:path"."""
    name, separator, rest = str(path).partition(":")
    if separator and rest and name in RELEASE_SOURCES and not path.exists():
        return name, Path(rest)
    if path.is_dir():
        return "git", path
    lower = path.name.lower()
    if lower.endswith(_CHANGELOG_ENDINGS) or lower.removesuffix(".txt") in _CHANGELOG_NAMES:
        return "changelog", path
    try:
        is_github = path.is_file() and lower.endswith(_JSON_ENDINGS) and looks_like_github(path)
    except PermissionError:
        is_github = False  # the reader of tables tells it
    return ("github" if is_github else "table"), path
