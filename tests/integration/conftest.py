"""Real databases, the real encoder, and the example run once."""

import io
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pgserver
import pytest

from feedback_triage.cli import main
from feedback_triage.embed import SentenceEncoder, load_encoder
from feedback_triage.pipeline import JOBS, train_classifier
from feedback_triage.settings import shipped_models_dir
from tests.conftest import EXAMPLE, EXAMPLE_FEEDBACK, EXAMPLE_RELEASES, ROOT
from tests.support.small_models import make_models


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """The offline encoder."""
    return load_encoder(shipped_models_dir())


@pytest.fixture(scope="session")
def trained_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with a classifier over sentence vectors, trained on 600 gold items; not to be changed."""
    folder = make_models(tmp_path_factory.mktemp("trained") / "models", per_label=120)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEEDBACK_TRIAGE_MODELS", str(folder))
        train_classifier(trained_on="2026-01-01", method="vectors")
    return folder


@pytest.fixture
def models(trained_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `trained_models` of this test's own, in use."""
    folder = Path(shutil.copytree(trained_models, tmp_path / "models"))
    monkeypatch.setenv("FEEDBACK_TRIAGE_MODELS", str(folder))
    return folder


@dataclass(frozen=True)
class Told:
    """What the command line answered."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line in which an error of a user was told."""
        assert self.status == 1, self.out + self.err
        assert self.err.startswith("feedback-triage: ")
        assert self.err.count("\n") == 1, self.err
        return self.err


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Told]:
    """Run `feedback-triage` in this process, which is quicker than a process of its own."""

    def call(*arguments: str, stdin: bytes = b"") -> Told:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        told = capsys.readouterr()
        return Told(status, told.out, told.err)

    return call


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL server; call it with a name for the URL of a fresh database."""
    # Not below pytest's own folder: another run of pytest closes that to the server's user, and the server dies.
    folder = tempfile.TemporaryDirectory(prefix="feedback-triage-postgresql-")
    server = pgserver.get_server(folder.name, cleanup_mode="stop")

    def fresh(name: str) -> str:
        server.psql(f"CREATE DATABASE {name}")
        uri: str = server.get_uri(name)
        return uri.replace("postgresql://", "postgresql+psycopg://")

    yield fresh
    server.cleanup()
    folder.cleanup()


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
