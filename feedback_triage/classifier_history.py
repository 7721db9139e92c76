"""Which classifiers a folder holds, which one is in use, and which were before it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from feedback_triage.errors import ModelError

_HISTORY = "HISTORY"


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Nobody else changes a folder of classifiers meanwhile."""
    directory.mkdir(parents=True, exist_ok=True)
    with FileLock(directory / ".lock", timeout=60):
        yield


def use_classifier(directory: Path, version: str) -> None:
    """Make a version the one in use.

    Raises:
        ModelError: there is no such version.
    """
    if version not in versions(directory):
        raise ModelError(
            f"{directory} has no classifier {version!r}; it has {', '.join(versions(directory)) or 'none'}"
        )
    with alone(directory):
        used = history(directory)
        if used[-1:] != [version]:
            _write_history(directory, [*used, version])


def roll_back(directory: Path) -> str:
    """Put the version in use that was in use before this one.

    Returns:
        Its name.

    Raises:
        ModelError: there was none before, or its folder is gone.
    """
    with alone(directory):
        used = history(directory)
        if len(used) < 2:
            raise ModelError("there is no earlier classifier to go back to")
        if used[-2] not in versions(directory):
            raise ModelError(f"the earlier classifier {used[-2]} is no longer in {directory}; run: make train")
        _write_history(directory, used[:-1])
    return used[-2]


def history(directory: Path) -> list[str]:
    """Versions in the order they were put in use, the one in use last."""
    try:
        return (directory / _HISTORY).read_text("utf-8").split()
    except (OSError, UnicodeDecodeError):
        return []


def _write_history(directory: Path, used: list[str]) -> None:
    # Written beside and moved: a reader sees the old file or the new one, never half of one.
    beside = directory / f"{_HISTORY}.new"
    beside.write_text("".join(f"{version}\n" for version in used), "utf-8")
    beside.replace(directory / _HISTORY)


def versions(directory: Path) -> list[str]:
    """Versions in a folder of classifiers, oldest first."""
    return sorted(path.parent.name for path in directory.glob("[!.]*/config.json"))
