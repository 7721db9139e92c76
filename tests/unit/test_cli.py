"""Commands, their options and their lines, without a process of their own."""

import argparse
import io
import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.cli import main
from feedback_triage.cli.jsonlines import batches, read_records, text_of, write_record
from feedback_triage.cli.parser import build_parser
from feedback_triage.cli.shown import shown
from feedback_triage.errors import InputError, MissingColumnError

Stdin = Callable[[bytes], None]


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Stdin:
    """Put bytes on standard input."""

    def put(content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), "utf-8"))

    return put


# --- reading lines ---


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b'{"id": 1}\n{"id": 2}\n', [{"id": 1}, {"id": 2}], id="two lines"),
        pytest.param(b'{"id": 1}', [{"id": 1}], id="no line end at the end"),
        pytest.param(b'\n \n{"id": 1}\r\n\n', [{"id": 1}], id="blank lines and line ends of Windows"),
        pytest.param(b'\xef\xbb\xbf{"id": 1}\n', [{"id": 1}], id="a byte-order mark"),
        pytest.param(b'{"id": "\xff"}\n', [{"id": "\ufffd"}], id="a broken byte"),
        pytest.param('{"id": "a\u2028b"}\n'.encode(), [{"id": "a\u2028b"}], id="a line separator inside a text"),
        pytest.param(
            b'{"id": null, "more": [1, {"x": true}]}', [{"id": None, "more": [1, {"x": True}]}], id="anything"
        ),
    ],
)
def test_lines_are_read(stdin: Stdin, content: bytes, expected: list[dict[str, Any]]) -> None:
    stdin(content)
    assert list(read_records("id")) == expected


NOT_JSON = "it is not JSON; write one object a line"
NO_OBJECT = "it is not a JSON object; write one object a line"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"private words\n", f"standard input, line 1: {NOT_JSON}", id="plain text"),
        pytest.param(
            b'{"id": 1, "text": "a"}\n{"id": 2,\n', f"standard input, line 2: {NOT_JSON}", id="half an object"
        ),
        pytest.param(b'\n\n{"private": \n', f"standard input, line 3: {NOT_JSON}", id="blank lines are counted"),
        pytest.param(b"id,text\n1,private\n", f"standard input, line 1: {NOT_JSON}", id="a CSV file"),
        pytest.param('{"id": 1}\n'.encode("utf-16"), f"standard input, line 1: {NOT_JSON}", id="UTF-16"),
        pytest.param(b"[" * 100_000, f"standard input, line 1: {NOT_JSON}", id="too deep"),
        pytest.param(b'{"id": ' + b"9" * 5_000 + b"}", f"standard input, line 1: {NOT_JSON}", id="a huge number"),
        pytest.param(b'["private"]\n', f"standard input, line 1: {NO_OBJECT}", id="a list"),
        pytest.param(b'"private"\n', f"standard input, line 1: {NO_OBJECT}", id="a text"),
        pytest.param(b"null\n", f"standard input, line 1: {NO_OBJECT}", id="null"),
        pytest.param(b"7\n", f"standard input, line 1: {NO_OBJECT}", id="a number"),
    ],
)
def test_a_broken_line_is_told_by_its_number_without_what_it_says(stdin: Stdin, content: bytes, message: str) -> None:
    stdin(content)
    with pytest.raises(InputError) as error:
        list(read_records("id", "text"))
    assert type(error.value) is InputError
    assert str(error.value) == message
    assert "private" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b'{"id": 1}\n', "standard input, line 1: it has no 'text'; each line needs id, text", id="one is missing"
        ),
        pytest.param(
            b"{}\n", "standard input, line 1: it has no 'id'; each line needs id, text", id="both are missing"
        ),
        pytest.param(
            b'{"id": 1, "text": null}\n{"id": 2, "Text": "private"}\n',
            "standard input, line 2: it has no 'text'; each line needs id, text",
            id="null is there, another case is not",
        ),
    ],
)
def test_a_missing_key_is_told_by_name_and_line(stdin: Stdin, content: bytes, message: str) -> None:
    stdin(content)
    with pytest.raises(MissingColumnError) as error:
        list(read_records("id", "text"))
    assert str(error.value) == message


def test_lines_before_a_broken_one_are_given_first(stdin: Stdin) -> None:
    stdin(b'{"id": 1}\nbroken\n')
    records = read_records("id")
    assert next(records) == {"id": 1}
    with pytest.raises(InputError):
        next(records)


@given(st.lists(st.integers(), max_size=30), st.integers(1, 12))
def test_batches_are_full_but_for_the_last_and_lose_nothing(numbers: list[int], size: int) -> None:
    records = [{"id": number} for number in numbers]
    found = list(batches(records, size))
    assert [record for batch in found for record in batch] == records
    assert all(len(batch) == size for batch in found[:-1])
    assert all(0 < len(batch) <= size for batch in found)


# --- writing lines ---


def test_an_object_is_written_as_one_short_line(capsys: pytest.CaptureFixture[str]) -> None:
    write_record({"id": 1, "text": "ü\n", "none": None, "list": [1.5, True]})
    assert capsys.readouterr().out == '{"id":1,"text":"ü\\n","none":null,"list":[1.5,true]}\n'


def test_what_a_terminal_would_obey_is_escaped_and_still_the_same_text(capsys: pytest.CaptureFixture[str]) -> None:
    text = "a\x1b[2J\x9b2J\x7f\u2028b\u202ec\u200dü"
    write_record({"text": text})
    out = capsys.readouterr().out
    assert json.loads(out) == {"text": text}
    assert shown(out.rstrip("\n")) == out.rstrip("\n")
    assert len(out.splitlines()) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "", id="null"),
        pytest.param("", "", id="no text"),
        pytest.param(" as it is\n", " as it is\n", id="a text"),
        pytest.param("naïve 👍", "naïve 👍", id="a text beyond ASCII"),
        pytest.param(5, "5", id="a number"),
        pytest.param(4.5, "4.5", id="a fraction"),
        pytest.param(True, "true", id="true"),
        pytest.param(["ü", 1], '["ü", 1]', id="a list"),
        pytest.param({"a": None}, '{"a": null}', id="an object"),
        pytest.param("a\ud83d", "a\ufffd", id="half a surrogate"),
        pytest.param(["\ude00"], '["\ufffd"]', id="half a surrogate in a list"),
    ],
)
def test_a_field_as_text(value: object, expected: str) -> None:
    assert text_of(value) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(json_values | st.text(st.characters(categories=["Cs", "L"])))
def test_any_field_becomes_a_text_that_can_be_stored(value: object) -> None:
    text_of(value).encode("utf-8")


# --- commands and options ---


def commands(parser: argparse.ArgumentParser, before: str = "") -> dict[str, argparse.ArgumentParser]:
    """Every command, by what is typed for it: `theme` and `theme list`."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                found |= {before + name: command} | commands(command, f"{before}{name} ")
    return found


COMMANDS = commands(build_parser())


def test_the_commands_of_the_contract_are_there() -> None:
    assert set(COMMANDS) >= {
        "label",
        "embed",
        "cluster",
        "link",
        "silence",
        "run",
        "ingest",
        "triage",
        "report",
        "train",
    }


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_of_a_command_ends_with_an_example_of_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*name.split(), "--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: feedback-triage {name} ")
    example = shown[shown.index("\nexample:\n") :]
    assert f"feedback-triage {name}" in example
    assert all(len(line) <= 120 for line in shown.splitlines())


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_example_of_a_command_can_be_typed_as_it_stands(name: str) -> None:
    line = (COMMANDS[name].epilog or "").partition("example:\n")[2].strip()
    typed = shlex.split(line.rpartition(" | ")[2].partition(" < ")[0])
    assert " ".join(typed).startswith(f"feedback-triage {name}")
    options = build_parser().parse_args(typed[1:])
    assert callable(options.command)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_option_says_what_it_is_for(name: str) -> None:
    for action in COMMANDS[name]._actions:
        assert action.help


def test_help_of_the_program_lists_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert all(re.search(rf"\n    {re.escape(name)}\s", shown) for name in COMMANDS if " " not in name)


def usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "feedback-triage: error: the following arguments are required: COMMAND", id="no command"),
        pytest.param(
            ["run"], "feedback-triage run: error: the following arguments are required: --feedback", id="no feedback"
        ),
        pytest.param(
            ["link"], "feedback-triage link: error: the following arguments are required: --releases", id="no releases"
        ),
        pytest.param(
            ["label", "--fast"],
            "feedback-triage: error: unrecognized arguments: --fast",
            id="an option that is not there",
        ),
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert usage_error(arguments, capsys) == message


def test_a_command_that_is_not_there_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert "invalid choice: 'lable'" in usage_error(["lable"], capsys)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        pytest.param("text=Review", ("text", "Review"), id="name and column"),
        pytest.param("text=Review text", ("text", "Review text"), id="a column with a space"),
        pytest.param(" text = Review ", ("text", "Review"), id="spaces around"),
        pytest.param("text=a=b", ("text", "a=b"), id="a column with an equals sign"),
    ],
)
def test_a_column_is_written_as_name_and_column(argument: str, expected: tuple[str, str]) -> None:
    options = build_parser().parse_args(["ingest", "--feedback", "a.csv", "--column", argument])
    assert options.column == [expected]


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param("Review", id="no equals sign"),
        pytest.param("=Review", id="no name"),
        pytest.param("", id="nothing"),
        pytest.param(" =Review", id="a blank name"),
        pytest.param("text=", id="no column"),
    ],
)
def test_a_column_that_is_not_written_so_is_refused(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    message = usage_error(["ingest", "--feedback", "a.csv", "--column", argument], capsys)
    assert message == (
        "feedback-triage ingest: error: argument --column: write it as NAME=COLUMN, for example text=Review"
    )


def test_files_and_columns_may_be_given_several_times() -> None:
    files = ["--feedback", "a.csv", "chat=b.jsonl", "--feedback", "c.csv"]
    options = build_parser().parse_args(["ingest", *files, "--column", "text=A", "--column", "rating=B"])
    assert options.feedback == ["a.csv", "chat=b.jsonl", "c.csv"]
    assert options.column == [("text", "A"), ("rating", "B")]


def test_what_is_not_given_does_not_stay_from_the_call_before() -> None:
    build_parser().parse_args(["ingest", "--feedback", "a.csv", "--column", "text=A"])
    assert build_parser().parse_args(["ingest", "--feedback", "a.csv"]).column == []


@pytest.mark.parametrize(
    ("argument", "hours"), [("72", 72.0), ("0.5", 0.5), ("1e-3", 0.001), ("8784", 8784.0), (" 24 ", 24.0)]
)
def test_the_length_of_a_window(argument: str, hours: float) -> None:
    typed = ["silence", "--releases", "r.csv", "--window-hours", argument]
    assert build_parser().parse_args(typed).window_hours == hours


def test_a_window_is_three_days_long_unless_told_otherwise() -> None:
    assert build_parser().parse_args(["silence", "--releases", "r.csv"]).window_hours == 72.0


@pytest.mark.parametrize("argument", ["0", "-1", "nan", "inf", "-inf", "8784.1", "1e9", "three", "", "72h"])
def test_a_length_that_no_window_has_is_refused(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    message = usage_error(["silence", "--releases", "r.csv", f"--window-hours={argument}"], capsys)
    assert message.startswith("feedback-triage silence: error: argument --window-hours: give hours")


# --- errors of a user ---


def test_an_error_of_a_user_is_one_line_and_ends_with_1(
    stdin: Stdin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stdin(b"")
    missing = tmp_path / "releases.csv"
    assert main(["link", "--releases", str(missing)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("feedback-triage: ")
    assert "releases.csv" in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    ("record", "message"),
    [
        pytest.param(
            {"id": 1, "written_at": "private"},
            "standard input, item 1: written_at cannot be read; write it like 2026-10-16T15:45:00Z",
            id="an instant that is none",
        ),
        pytest.param(
            {"id": 1, "text": "private"},
            "standard input, line 1: it has no 'written_at'; each line needs id, written_at",
            id="no instant",
        ),
    ],
)
def test_an_item_that_cannot_be_linked_is_told_without_its_words(
    record: dict[str, Any], message: str, stdin: Stdin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    releases = tmp_path / "releases.csv"
    releases.write_text("version,released_at\n1.0,2026-01-02T08:00:00Z\n", "utf-8")
    stdin(json.dumps(record).encode())
    assert main(["link", "--releases", str(releases)]) == 1
    assert capsys.readouterr().err == f"feedback-triage: {message}\n"
