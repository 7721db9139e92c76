"""A real git repository for a test."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


class Repository:
    """A repository whose commits and tags have the dates that a test gives them."""

    def __init__(self, path: Path) -> None:
        if shutil.which("git") is None:
            pytest.skip("git is not installed on this machine")
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, at: str = "2026-01-01T00:00:00Z", given: str = "") -> str:
        """Run git with nothing of the user's own configuration."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        who = {f"GIT_{role}_{what}": "Nobody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        when = {f"GIT_{role}_DATE": at for role in ("AUTHOR", "COMMITTER")}
        environment = {**kept, **who, **when, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=environment, input=given, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, subject: str, on: str) -> None:
        """Commit nothing, on a day of October 2026 or at an instant."""
        self.git("commit", "--quiet", "--allow-empty", "--allow-empty-message", "-m", subject, at=_at(on))

    def tag(self, name: str, message: str = "", *, on: str = "2026-01-01", where: str = "HEAD") -> None:
        """Set a lightweight tag, or with a message an annotated one."""
        if message:
            self.git("tag", "-a", "-m", message, name, where, at=_at(on))
        else:
            self.git("update-ref", f"refs/tags/{name}", where)


def _at(on: str) -> str:
    return on if "T" in on else f"{on}T10:00:00Z"
