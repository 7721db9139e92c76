"""Documents are in step with the code."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from feedback_triage.settings import Settings
from feedback_triage.taxonomy import LABELS
from tests.docs.render import DOCUMENTS, ROOT

README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "models" / "README.md"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_made_from_the_code_are_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == DOCUMENTS[path](), "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_setting_is_in_the_readme() -> None:
    source = (ROOT / "feedback_triage" / "settings.py").read_text("utf-8")
    names = set(re.findall(r'get\("([A-Z0-9_]+)"', source))
    assert len(names) == len(Settings.__dataclass_fields__)
    assert [name for name in sorted(names) if f"`FEEDBACK_TRIAGE_{name}`" not in README] == []


def test_every_command_and_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)`", "".join(page.read_text("utf-8") for page in PAGES))):
        assert re.search(rf"^(\.PHONY:.* )?{target}\b", makefile, re.MULTILINE), target
    commands = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for command in set(re.findall(r"feedback-triage ([a-z][a-z-]+)", README)):
        assert f"## {command}\n" in commands, command


def test_the_labels_are_told_to_readers() -> None:
    for page in ("README.md", "docs/glossary.md"):
        for label in LABELS:
            assert label in (ROOT / page).read_text("utf-8")


def test_constraints_pin_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.split(r"[\[<>=~! ]", line)[0].lower() for line in declared} - {"feedback-triage"}
    pinned = {
        line.split("==")[0].lower()
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    assert {name.replace("_", "-") for name in names} <= {name.replace("_", "-") for name in pinned}


def test_no_document_or_module_names_a_folder_of_one_machine() -> None:
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("feedback_triage/**/*.py"),
        *ROOT.glob("flows/*.py"),
    ]:
        assert not re.search(r"(?<![\w.])/(?:home|root|work|Users)/", path.read_text("utf-8")), path
