"""Real databases, the real encoder, and the example run once."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pgserver
import pytest

from feedback_triage.embed import SentenceEncoder, load_encoder
from feedback_triage.pipeline import JOBS
from feedback_triage.settings import shipped_models_dir
from tests.conftest import EXAMPLE, EXAMPLE_FEEDBACK, EXAMPLE_RELEASES, ROOT


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """The offline encoder."""
    return load_encoder(shipped_models_dir())


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL server; call it with a name for the URL of a fresh database."""
    server = pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")

    def fresh(name: str) -> str:
        server.psql(f"CREATE DATABASE {name}")
        uri: str = server.get_uri(name)
        return uri.replace("postgresql://", "postgresql+psycopg://")

    yield fresh
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'feedback.db'}"
    fresh: Callable[[str], str] = request.getfixturevalue("postgresql")
    return fresh(f"t{abs(hash(request.node.nodeid)) % 10**12}")


def run_stages(feedback: list[str], releases: str, database: str, report_dir: Path) -> dict[str, Any]:
    """Every stage in order, as the flow does, without Prefect."""
    done = {"ingest": JOBS["ingest"](feedback, releases, database=database)}
    for stage in ("embed", "label", "cluster", "link", "silence"):
        done[stage] = JOBS[stage](database=database)
    done["report"] = JOBS["report"](database=database, report_dir=str(report_dir))
    return done


@dataclass(frozen=True)
class ExampleRun:
    """The example, run once."""

    database: str
    report_dir: Path
    truth: dict[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """A CSV table of the report."""
        return pd.read_csv(self.report_dir / f"{name}.csv", keep_default_na=False)


@pytest.fixture(scope="session")
def example_run(tmp_path_factory: pytest.TempPathFactory) -> ExampleRun:
    """The shipped example through the whole pipeline."""
    folder = tmp_path_factory.mktemp("example")
    database = f"sqlite:///{folder / 'feedback.db'}"
    run_stages(EXAMPLE_FEEDBACK, EXAMPLE_RELEASES, database, folder / "report")
    return ExampleRun(database, folder / "report", json.loads((EXAMPLE / "truth.json").read_text("utf-8")))


@pytest.fixture(scope="session")
def command() -> Callable[..., "subprocess.CompletedProcess[bytes]"]:
    """Run `feedback-triage` as a user does; gives exit status, output and errors."""
    program = Path(sys.executable).with_name("feedback-triage")
    assert program.exists() or shutil.which("feedback-triage"), "the console script is not installed"

    def call(*arguments: str, stdin: bytes = b"", **options: Any) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [str(program), *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            cwd=options.pop("cwd", ROOT),
            **options,
        )

    return call
