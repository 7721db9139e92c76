"""Ask the `git` program about a repository that is not trusted.

Only reading commands run, with the folder of the repository named outright, so that git neither searches other
folders nor minds who owns this one. Nothing that the repository's configuration names is started: these commands
run no hook, pager, file-system monitor or signature program, and no protocol is allowed that could fetch
missing objects.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from feedback_triage.errors import InputError, UnreadableFileError

TIMEOUT_SECONDS = 120.0
"""A command that takes longer is ended."""

_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.commitGraph=false",  # a damaged or forged graph file would be believed
    "-c",
    "i18n.logOutputEncoding=UTF-8",
)


def git_folder(path: Path) -> Path | None:
    """Where the repository of a work tree, or a bare one, keeps its data; None if `path` is neither.

    Folders above are not searched: a folder that merely lies in some repository is not one.
    """
    for folder in (path / ".git", path):
        if folder.is_file() or ((folder / "HEAD").is_file() and (folder / "objects").is_dir()):
            return folder.absolute()
    return None


def ask_git(name: str, folder: Path, command: Sequence[str], given: str = "") -> str:
    """Run one reading command of git.

    Args:
        name: of the repository, for messages.
        folder: see `git_folder`.
        command: a git command and its arguments; a fixed list, nothing of the repository is in it.
        given: standard input.

    Returns:
        What git printed; bytes that are not UTF-8 become U+FFFD.

    Raises:
        InputError: there is no git program, or it took too long.
        UnreadableFileError: git cannot read the repository.
    """
    program = shutil.which("git")
    if program is None:
        raise InputError(f"{name}: the program git was not found; install it, or give a release file instead")
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are fixed, and there is no shell
            [program, *_OPTIONS, f"--git-dir={folder}", *command],
            input=given.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"{name}: git took longer than {TIMEOUT_SECONDS:g} seconds; give a release file instead"
        raise InputError(message) from None
    except OSError as error:
        raise InputError(f"{name}: git cannot be started ({error.strerror}); check its installation") from None
    if done.returncode:
        raise UnreadableFileError(f"{name}: git cannot read this repository; run git fsck in it")
    return done.stdout.decode("utf-8", errors="replace")


def _environment() -> dict[str, str]:
    """What git needs of the environment, and none of the `GIT_*` variables that would change what it does."""
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "SYSTEMROOT", "TMPDIR", "TEMP"}}
    return kept | {
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",  # older gits know no GIT_NO_LAZY_FETCH; there is no protocol of this name
    }
