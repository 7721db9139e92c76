"""What the README shows is what happens."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, ROOT

README = (ROOT / "README.md").read_text("utf-8")
SESSIONS = [
    (command, output.strip())
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


EDITS = [command for command, _ in SESSIONS if command.split()[1] in {"theme", "release", "backtest"}]
SESSIONS = [session for session in SESSIONS if session[0] not in EDITS]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the README speaks of."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "items.jsonl").write_text('{"id": 1, "written_at": "2026-10-16T15:45:00Z", "platform": "web"}\n')
    (tmp_path / "releases.csv").write_bytes((EXAMPLE / "releases.csv").read_bytes())
    for name, source in (("reviews.csv", "app_reviews.csv"), ("chat.jsonl", "chat.jsonl")):
        lines = (EXAMPLE / "feedback" / source).read_text("utf-8").splitlines()[:30]
        (tmp_path / name).write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize(("command", "output"), SESSIONS, ids=[command[:60] for command, _ in SESSIONS])
def test_a_command_in_the_readme_does_what_it_shows(command: str, output: str, folder: Path, home: Path) -> None:
    path = Path(sys.executable).parent
    done = subprocess.run(
        command, shell=True, cwd=folder, capture_output=True, text=True, check=False, env=_environment(path, home)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(output.removesuffix("..."))


def test_the_edits_in_the_readme_work_on_the_example(
    example_run: Callable[..., object], tmp_path: Path, home: Path
) -> None:
    """One after the other, on the themes that `make run` finds."""
    url: str = example_run.database  # type: ignore[attr-defined] # an ExampleRun
    (tmp_path / "copy.db").write_bytes(Path(url.removeprefix("sqlite:///")).read_bytes())
    environment = _environment(Path(sys.executable).parent, home)
    environment["FEEDBACK_TRIAGE_DATABASE"] = f"sqlite:///{tmp_path / 'copy.db'}"
    assert len(EDITS) > 8
    for command in EDITS:
        done = subprocess.run(
            command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False, env=environment
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"


def _environment(path: Path, home: Path) -> dict[str, str]:
    import os

    return {**os.environ, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}", "FEEDBACK_TRIAGE_HOME": str(home)}


def test_the_python_in_the_readme_runs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    found: dict[str, object] = {}
    exec(code, found)
    assert len(found["items"]) == 433  # type: ignore[arg-type] # a DataFrame


def test_the_notebook_runs_from_top_to_bottom(
    example_run: Callable[..., object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import jupytext
    from nbclient import NotebookClient

    monkeypatch.setenv("FEEDBACK_TRIAGE_DATABASE", example_run.database)  # type: ignore[attr-defined] # an ExampleRun
    for path in sorted((ROOT / "notebooks").glob("*.py")):
        notebook = jupytext.read(path)
        NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
        ).execute()
        shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
        assert len(shown) >= 6
