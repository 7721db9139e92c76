"""A budget of wrong labels: fewer labels, and everything after follows the last label run."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from feedback_triage.abstention import OperatingPoint, point_within
from feedback_triage.artifacts import read_config
from feedback_triage.pipeline import JOBS
from tests.conftest import EXAMPLE
from tests.integration.conftest import Told
from tests.support.small_models import first_gold

Cli = Callable[..., Told]


@pytest.fixture
def budget(models: Path) -> str:
    """A budget that the small classifier can promise, with a higher threshold than its own."""
    config = read_config(models / "classifier")
    points = [OperatingPoint(*row) for row in config["metrics"]["risk_coverage"]]
    for tenths in range(1, 1_000):
        point = point_within(points, tenths / 10)
        if point is not None:
            assert point.threshold > config["threshold"], "the smallest budget should cost some labels"
            return f"{tenths / 10:g}"
    raise AssertionError("no budget can be promised")


@pytest.fixture
def stored(models: Path, home: Path) -> list[str]:
    """Items in the database, embedded; gives their texts."""
    home.mkdir()
    lines = (EXAMPLE / "feedback" / "chat.jsonl").read_text("utf-8").splitlines()[:150]
    (home / "chat.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    JOBS["ingest"]([str(home / "chat.jsonl")])
    JOBS["embed"]()
    return [json.loads(line)["message"] for line in lines]


def as_lines(texts: list[str]) -> bytes:
    return "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts)).encode()


def given(out: str) -> dict[int, str]:
    rows = map(json.loads, out.splitlines())
    return {row["id"]: row["label"] for row in rows if not row["abstained"]}


def n_labels_in_report(cli: Cli, home: Path) -> int:
    assert cli("report").status == 0
    return int((pd.read_csv(home / "report" / "items.csv", keep_default_na=False)["label"] != "").sum())


def test_a_budget_takes_labels_away_and_changes_none(
    cli: Cli, budget: str, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = as_lines([row["text"] for row in first_gold(30, skip=200)])
    free = cli("label", stdin=stdin)
    bound = cli("label", "--max-wrong-per-100", budget, stdin=stdin)
    assert (free.status, free.err, bound.status) == (0, "", 0)
    assert len(given(bound.out)) < len(given(free.out))
    assert given(bound.out).items() <= given(free.out).items()
    assert bound.err.count("\n") == 1
    assert f"{len(given(bound.out))} of 150 items got a label" in bound.err
    monkeypatch.setenv("FEEDBACK_TRIAGE_MAX_WRONG_PER_100", budget)
    assert cli("label", stdin=stdin).out == bound.out
    monkeypatch.setenv("FEEDBACK_TRIAGE_MAX_WRONG_PER_100", "0")
    assert cli("label", stdin=stdin).out == free.out


def test_a_wider_budget_never_gives_fewer_labels(cli: Cli, budget: str) -> None:
    stdin = as_lines([row["text"] for row in first_gold(30, skip=200)])
    n_given = [
        len(given(cli("label", "--max-wrong-per-100", str(value), stdin=stdin).out))
        for value in (float(budget), float(budget) + 5, float(budget) + 20, 99)
    ]
    assert n_given == sorted(n_given)


def test_the_report_follows_the_last_label_run(cli: Cli, budget: str, stored: list[str], home: Path) -> None:
    free = JOBS["label"]()
    assert n_labels_in_report(cli, home) == free["n_labelled"]
    bound = JOBS["label"](max_wrong_per_100=float(budget))
    assert bound["classifier_version"] == f"{free['classifier_version']}-max{budget}"
    assert bound["n_labelled"] < free["n_labelled"]
    assert bound["n_labelled"] + bound["n_abstained"] == len(stored)
    assert n_labels_in_report(cli, home) == bound["n_labelled"]
    again = JOBS["label"]()
    assert (again["classifier_version"], again["n_labelled"]) == (free["classifier_version"], 0)
    assert n_labels_in_report(cli, home) == free["n_labelled"]


def test_triage_keeps_to_a_budget(cli: Cli, budget: str, stored: list[str], home: Path) -> None:
    told = cli("triage", "--max-wrong-per-100", budget)
    assert told.status == 0
    (line,) = [line for line in told.out.splitlines() if line.startswith("label: ")]
    counts = dict(part.split(" ", 1) for part in line.removeprefix("label: ").split(", ") if " " in part)
    assert counts["classifier_version"].endswith(f"-max{budget}")
    assert n_labels_in_report(cli, home) == int(counts["n_labelled"])


@pytest.mark.parametrize("command", ["label", "triage"])
@pytest.mark.parametrize("value", ["0", "-1", "100", "nan", "inf", "five", ""])
def test_a_budget_that_is_none_is_wrong_usage(cli: Cli, models: Path, home: Path, command: str, value: str) -> None:
    told = cli(command, "--max-wrong-per-100", value)
    assert told.status == 2
    assert "give a number above 0 and below 100" in told.err
    assert not home.exists()


@pytest.mark.parametrize("value", ["-1", "100", "nan", "inf", "five"])
@pytest.mark.parametrize("command", ["label", "triage", "report"])
def test_a_configured_budget_that_is_none_is_told_in_one_line(
    cli: Cli, models: Path, home: Path, monkeypatch: pytest.MonkeyPatch, command: str, value: str
) -> None:
    monkeypatch.setenv("FEEDBACK_TRIAGE_MAX_WRONG_PER_100", value)
    assert "is no budget of wrong labels in 100" in cli(command).error


def test_a_budget_that_cannot_be_promised_is_told_with_the_least_that_can(
    cli: Cli, stored: list[str], budget: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feedback = ("--feedback", str(home / "chat.jsonl"))
    for arguments in (("label",), ("triage",), ("run", *feedback)):
        error = cli(*arguments, "--max-wrong-per-100", "0.01").error
        assert "no threshold keeps to 0.01 wrong labels in 100; this classifier can promise" in error
    least = float(error.split("can promise ")[1].split(" ")[0])
    assert cli("label", "--max-wrong-per-100", f"{least}").status == 0, f"{budget} is the least that is accepted"
    monkeypatch.setenv("FEEDBACK_TRIAGE_MAX_WRONG_PER_100", "0.01")
    assert "no threshold keeps to 0.01" in cli("label").error
    with sqlite3.connect(home / "feedback.db") as connection:
        assert connection.execute("SELECT count(*) FROM prediction").fetchone() == (0,)
    connection.close()
