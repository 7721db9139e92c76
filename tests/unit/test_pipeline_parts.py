"""Small decisions of the pipeline: which files an argument names, and what is worth another try."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage import errors
from feedback_triage.pipeline.ingestion import DEFAULT_SOURCE, FeedbackPath
from feedback_triage.pipeline.jobs import expand, may_pass


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with some files in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("inbox/b.csv", "inbox/a.csv", "inbox/c.jsonl", "inbox/d[1].csv", "date=2026/e.csv", "k=v.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text,written_at\n", "utf-8")
    return tmp_path


def named(path: str, source: str = DEFAULT_SOURCE) -> FeedbackPath:
    return FeedbackPath(Path(path), source)


@pytest.mark.usefixtures("inbox")
@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        pytest.param("inbox/a.csv", named("inbox/a.csv"), id="a file"),
        pytest.param("chat=inbox/a.csv", named("inbox/a.csv", "chat"), id="a source and a file"),
        pytest.param("App Store=inbox/a.csv", named("inbox/a.csv", "App Store"), id="a source with a space"),
        pytest.param("chat=a=b.csv", named("a=b.csv", "chat"), id="a source and a file with an equals sign"),
        pytest.param("k=v.csv", named("k=v.csv"), id="a file that is there and has an equals sign"),
        pytest.param("date=2026/e.csv", named("date=2026/e.csv"), id="a folder that has an equals sign"),
        pytest.param("chat=k=v.csv", named("k=v.csv", "chat"), id="a source and a file that has an equals sign"),
        pytest.param("=inbox/a.csv", named("=inbox/a.csv"), id="an equals sign without a source"),
        pytest.param("chat=", named("chat="), id="an equals sign without a file"),
        pytest.param("nowhere.csv", named("nowhere.csv"), id="a file that is not there"),
        pytest.param("chat=nowhere.csv", named("nowhere.csv", "chat"), id="a source and a file that is not there"),
    ],
)
def test_an_argument_names_a_file_and_maybe_its_source(argument: str, expected: FeedbackPath) -> None:
    assert FeedbackPath.parse(argument) == expected


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10), st.sampled_from("ab"))
def test_a_source_is_what_stands_before_the_first_equals_sign(source: str, name: str) -> None:
    assert FeedbackPath.parse(f"{source}=nowhere/{name}.csv") == named(f"nowhere/{name}.csv", source)


@pytest.mark.usefixtures("inbox")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["inbox/b.csv", "inbox/a.csv"], [named("inbox/b.csv"), named("inbox/a.csv")], id="files as given"),
        pytest.param(
            ["inbox/[ab].csv"], [named("inbox/a.csv"), named("inbox/b.csv")], id="a pattern, in the order of names"
        ),
        pytest.param(
            ["chat=inbox/[ab].*"], [named("inbox/a.csv", "chat"), named("inbox/b.csv", "chat")], id="with a source"
        ),
        pytest.param(["inbox/d[1].csv"], [named("inbox/d[1].csv")], id="a file whose name looks like a pattern"),
        pytest.param(["inbox/*.parquet"], [], id="a pattern that fits nothing"),
        pytest.param(["inbox/nowhere.csv"], [named("inbox/nowhere.csv")], id="a file that is not there, to be told"),
        pytest.param(
            ["chat=inbox/*.jsonl", "k=v.csv"], [named("inbox/c.jsonl", "chat"), named("k=v.csv")], id="several"
        ),
        pytest.param(
            ["date=2026/*.csv"],
            [named("date=2026/e.csv")],
            id="a pattern in a folder with an equals sign",
        ),
    ],
)
def test_arguments_are_expanded_to_files(arguments: list[str], expected: list[FeedbackPath]) -> None:
    assert expand(arguments) == expected


def test_a_pattern_may_be_absolute(inbox: Path) -> None:
    assert expand([f"chat={inbox}/inbox/*.jsonl"]) == [FeedbackPath(inbox / "inbox" / "c.jsonl", "chat")]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(errors.StoreError("locked"), True, id="a database that is locked"),
        pytest.param(errors.OutputError("full"), True, id="a full disk"),
        pytest.param(OSError(5, os.strerror(5)), True, id="a disk that fails"),
        pytest.param(ConnectionResetError(), True, id="a connection that broke"),
        pytest.param(TimeoutError(), True, id="a time-out"),
        pytest.param(errors.NewerSchemaError("newer"), False, id="a database of a newer version"),
        pytest.param(errors.InputError("broken"), False, id="a broken line"),
        pytest.param(errors.MissingFileError("gone"), False, id="a file that is not there"),
        pytest.param(errors.SettingError("wrong"), False, id="a wrong setting"),
        pytest.param(errors.ModelError("damaged"), False, id="a damaged model"),
        pytest.param(ValueError("bug"), False, id="a bug"),
        pytest.param(KeyError("bug"), False, id="another bug"),
        pytest.param(KeyboardInterrupt(), False, id="a person who stops it"),
        pytest.param(None, False, id="no error"),
        pytest.param("locked", False, id="a text"),
    ],
)
def test_another_try_is_for_what_may_pass(error: object, expected: bool) -> None:
    assert may_pass(error) is expected
