"""The tree of errors is the one that its docstring draws."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import feedback_triage
from feedback_triage import errors
from feedback_triage.errors import FeedbackTriageError

CLASSES: dict[str, type[FeedbackTriageError]] = {
    name: found for name, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, FeedbackTriageError)
}


def drawn_tree() -> dict[str, str]:
    """Name of each drawn error to the name of the one it hangs on, "" for the root."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^ {4}([│├└─ ]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            parents[found[2]] = path[depth - 1] if depth else ""
    return parents


def test_the_drawn_tree_is_the_real_one() -> None:
    real = {
        name: "" if found is FeedbackTriageError else found.__bases__[0].__name__ for name, found in CLASSES.items()
    }
    assert drawn_tree() == real


def test_no_class_stands_outside_the_tree() -> None:
    assert {name for name, _ in inspect.getmembers(errors, inspect.isclass)} == set(CLASSES)


def test_the_drawing_was_read_down_to_its_leaves() -> None:
    assert drawn_tree()["MissingFileError"] == "InputError"
    assert drawn_tree()["NewerSchemaError"] == "StoreError"
    assert drawn_tree()["FeedbackTriageError"] == ""


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_each_error_ends_the_program_with_1_and_keeps_its_message(name: str) -> None:
    error = CLASSES[name]("do this instead")
    assert isinstance(error, FeedbackTriageError)
    assert error.exit_code == 1
    assert str(error) == "do this instead"


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_each_error_says_what_it_is(name: str) -> None:
    assert inspect.getdoc(CLASSES[name])
    assert CLASSES[name].__doc__ != FeedbackTriageError.__doc__ or CLASSES[name] is FeedbackTriageError


CAUGHT_WHERE_THEY_ARISE = {
    # What a link did is an outcome, never an error of the run: `Prover.prove` catches these.
    "proof/connecting.py: UnknownHostError",
    "proof/prover.py: _RefusedError",
    "proof/targets.py: UnusableUrlError",
}


def test_no_other_module_has_an_error_of_its_own() -> None:
    """A user error that is not in the tree would not be told in one line."""
    package = Path(inspect.getfile(feedback_triage)).parent
    strays = []
    for path in sorted(package.rglob("*.py")):
        if path == Path(inspect.getfile(errors)):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                if any(base in CLASSES or base == "Exception" or base.endswith("Error") for base in bases):
                    strays.append(f"{path.relative_to(package)}: {node.name}")
    assert set(strays) == CAUGHT_WHERE_THEY_ARISE
