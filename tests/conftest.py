"""Guards for every test: no network beyond this machine, nothing of the user's own, and fixtures that many share."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "video_platform"
EXAMPLE_FEEDBACK = [str(path) for path in sorted((EXAMPLE / "feedback").iterdir())]
EXAMPLE_RELEASES = str(EXAMPLE / "releases.csv")

_LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0"}


class NetworkForbiddenError(RuntimeError):
    """A test tried to leave the machine."""


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Connections to other machines fail at once; sub-processes get a proxy that refuses."""
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in _LOCAL:
            raise NetworkForbiddenError(f"a test tried to connect to {address[0]}")
        connect(self, address)

    patch.setattr(socket.socket, "connect", guarded)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        patch.setenv(name, "http://127.0.0.1:9")
    patch.setenv("NO_PROXY", "127.0.0.1,localhost,::1")
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Home, caches and the program's own folder lie in a temporary place; a setting from outside does not leak in."""
    patch = pytest.MonkeyPatch()
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("FEEDBACK_TRIAGE_", "PREFECT_", "XDG_")):
            patch.delenv(name)
    patch.setenv("HOME", str(home))
    patch.setenv("FEEDBACK_TRIAGE_HOME", str(home / "feedback-triage-data"))
    patch.setenv("PREFECT_HOME", str(home / "prefect"))
    patch.setenv("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
    patch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    patch.setenv("DO_NOT_TRACK", "1")
    patch.setenv("HF_HUB_OFFLINE", "1")
    yield
    patch.undo()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program folder of this test's own."""
    folder = tmp_path / "data"
    monkeypatch.setenv("FEEDBACK_TRIAGE_HOME", str(folder))
    return folder
