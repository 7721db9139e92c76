"""The filter that names suspects, as a user meets it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EXAMPLE

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]
RELEASES = str(EXAMPLE / "releases.csv")
REPORTS = [
    {"id": 1, "written_at": "2026-10-16T15:48:00Z"},
    {"id": "two", "written_at": "2026-10-16T17:50:30+02:00", "platform": "ios", "app_version": "3.36.1"},
    {"id": 3, "written_at": "2026-10-16T15:53:00Z", "text": ""},
    {"id": 4, "written_at": "2026-10-16T15:55:00Z", "text": "n/a"},
]


def lines(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def read(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.decode().splitlines()]


def test_the_release_just_before_the_reports_comes_first(command: Command) -> None:
    done = command("suspects", "--releases", RELEASES, stdin=lines(*REPORTS))
    assert done.returncode == 0, done.stderr
    found = read(done.stdout)
    assert list(found[0]) == ["version", "release_id", "probability", "reason"]
    assert (found[0]["version"], found[0]["release_id"]) == ("5.21.1", "web/5.21.1")
    assert found[0]["probability"] > 0.9
    assert found[0]["reason"] == "the first of 4 reports came 8 minutes after it"
    assert [each["version"] for each in found].count(None) == 1
    assert sum(each["probability"] for each in found) == pytest.approx(1.0)
    turned = command("suspects", "--releases", RELEASES, stdin=lines(*reversed(REPORTS)))
    assert turned.stdout == done.stdout


def test_nothing_after_the_instant_is_used(command: Command) -> None:
    cut = "2026-10-16T15:51:00Z"
    done = command("suspects", "--releases", RELEASES, "--as-of", cut, stdin=lines(*REPORTS))
    assert done.stdout == command("suspects", "--releases", RELEASES, stdin=lines(*REPORTS[:2])).stdout


def test_words_of_the_reports_are_compared_with_the_notes(command: Command, tmp_path: Path) -> None:
    """Two releases within a minute: only their notes tell them apart."""
    releases = tmp_path / "releases.csv"
    releases.write_text(
        "version,released_at,notes\n"
        "1.0,2026-10-01T09:00:00Z,New colours in the charts.\n"
        "1.1,2026-10-05T10:00:00Z,Invoices are written in the language of the customer.\n"
        "1.2,2026-10-05T10:00:30Z,The video player keeps its volume.\n",
        "utf-8",
    )
    reports = [
        {"id": n, "written_at": f"2026-10-05T10:{20 + n}:00Z", "text": text}
        for n, text in enumerate(
            ("My invoice is in Finnish", "why is the invoice in a foreign language", "Cannot read the bill you sent")
        )
    ]
    found = read(command("suspects", "--releases", str(releases), stdin=lines(*reports)).stdout)
    assert found[0]["version"] == "1.1"
    assert found[0]["reason"].endswith("its notes speak of what they say")


def test_without_reports_none_of_them_is_certain(command: Command) -> None:
    done = command("suspects", "--releases", RELEASES, stdin=b"")
    assert read(done.stdout) == [
        {"version": None, "release_id": None, "probability": 1.0, "reason": "there are no reports"}
    ]


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        pytest.param(["--as-of", "soon"], lines(*REPORTS), "--as-of cannot be read", id="an instant that is none"),
        pytest.param([], b"{}\n", "it has no 'id'", id="a report without an id"),
        pytest.param(
            [], lines({"id": 1, "written_at": "soon"}), "written_at cannot be read", id="a report without an instant"
        ),
    ],
)
def test_bad_input_is_told_in_one_line(command: Command, arguments: list[str], stdin: bytes, told: str) -> None:
    done = command("suspects", "--releases", RELEASES, *arguments, stdin=stdin)
    message = done.stderr.decode()
    assert done.returncode == 1
    assert told in message
    assert message.count("\n") == 1
