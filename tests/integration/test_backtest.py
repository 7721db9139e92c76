"""`feedback-triage backtest` on the example, on both kinds of database, and on what it cannot use."""

import contextlib
import csv
import hashlib
import io
import json
import signal
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from feedback_triage.cli import main
from feedback_triage.errors import InputError
from feedback_triage.pipeline import JOBS
from feedback_triage.pipeline.backtest_known import read_known
from tests.conftest import EXAMPLE
from tests.integration.conftest import ExampleRun, Told

KNOWN = EXAMPLE / "known_incidents.csv"
Cli = Callable[..., Told]
Replay = tuple[dict[str, Any], str, str, str]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the replay of the example lies."""
    return tmp_path_factory.mktemp("backtest") / "out"


@pytest.fixture(scope="module")
def replayed(example_run: ExampleRun, out: Path) -> Replay:
    """The last ten days of the example: backtest.json, what was printed, and digests of the database around it."""
    before = _digest(example_run.database)
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        status = main(
            [
                *("backtest", "--from", "2026-10-09", "--to", "2026-10-19", "--database", example_run.database),
                *("--known", str(KNOWN), "--out", str(out)),
            ]
        )
    assert status == 0
    value = json.loads((out / "backtest.json").read_text("utf-8"))
    return value, told.getvalue(), before, _digest(example_run.database)


def _digest(database: str) -> str:
    with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def test_the_outage_is_found_in_time_and_named_with_its_release(replayed: Replay) -> None:
    """Within the first eight reports or a quarter of an hour, by a run that knew only what came before."""
    known = {row["name"]: row for row in replayed[0]["known"]}
    outage = known["outage"]
    assert outage["is_in_span"]
    assert outage["hours_to_incident"] <= 0.25 or outage["n_reports_to_incident"] <= 8
    assert outage["place_of_release"] == 1
    assert not known["dead_link"]["is_in_span"]


def test_nothing_is_written_to_the_database(replayed: Replay) -> None:
    """Not even that it ran."""
    assert replayed[2] == replayed[3]


def test_nothing_that_a_customer_wrote_is_printed_or_written(
    replayed: Replay, out: Path, example_run: ExampleRun
) -> None:
    """Neither in the summary nor in a file."""
    told = replayed[1] + "".join(path.read_text("utf-8") for path in sorted(out.iterdir()))
    texts = [text for text in example_run.table("items")["verbatim"] if len(text) > 20]
    assert len(texts) > 1_000
    assert not [text for text in texts if text in told]


def test_the_tables_lie_beside_the_json(replayed: Replay, out: Path) -> None:
    """With the same rows."""
    names = {"incidents", "known", "looks", "suspects", "verdict_changes", "windows"}
    assert {path.name for path in out.iterdir()} == {"backtest.json"} | {f"{name}.csv" for name in names}
    for name in names:
        assert len(pd.read_csv(out / f"{name}.csv")) == len(replayed[0][name])


def test_no_verdict_is_given_while_the_chat_feed_is_dead(replayed: Replay) -> None:
    """It died three days before the replay begins: no window of all items has an interval to hold."""
    ended = [row for row in replayed[0]["windows"] if row["subject"] == "all" and row["closed_at"]]
    assert len(ended) >= 5
    assert {(row["status"], row["verdict"], row["is_told"]) for row in ended} == {("feed_stale", "cannot_tell", False)}


def _write(path: Path, rows: list[dict[str, str]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


_GOOD = {"name": "one", "started_at": "2026-10-16T15:48Z", "ended_at": "2026-10-16T20:56Z"}
_BAD_FILES = {
    "no such file": (None, "there is no such file"),
    "a column is missing": ([{"name": "one", "started_at": "2026-10-16"}], "lacks the column 'ended_at'"),
    "a date that cannot be read": ([_GOOD | {"ended_at": "soon"}], "row 1 has no ended_at that can be read"),
    "an end before its start": ([_GOOD | {"ended_at": "2026-10-15"}], "row 1 ends before it starts"),
    "a kind that is none": ([_GOOD | {"kind": "party"}], "the kind of row 1 is none of outage, fault"),
    "one name twice": ([_GOOD, _GOOD], "row 2 has the name of an earlier one"),
}


@pytest.mark.parametrize(("rows", "part"), list(_BAD_FILES.values()), ids=list(_BAD_FILES))
def test_a_list_of_known_incidents_that_cannot_be_used(
    cli: Cli, example_run: ExampleRun, tmp_path: Path, rows: list[dict[str, str]] | None, part: str
) -> None:
    """One line says what to mend."""
    path = _write(tmp_path / "known.csv", rows) if rows else str(tmp_path / "known.csv")
    told = cli(
        *("backtest", "--from", "2026-10-16", "--to", "2026-10-18", "--database", example_run.database),
        *("--known", path),
    )
    assert part in told.error


_RELEASES = pd.DataFrame({"release_id": ["web/1.0", "ios/1.0", "web/1.1"], "version": ["1.0", "1.0", "1.1"]})


def test_item_ids_that_are_not_known_are_told_in_one_line(tmp_path: Path) -> None:
    """How many, and in which rows."""
    ids = ["chat:1 chat:x", "chat:1", "chat:y chat:z", "chat:1 q", "r", "s"]
    rows = [_GOOD | {"name": f"n{number}", "item_ids": cell} for number, cell in enumerate(ids)]
    path = Path(_write(tmp_path / "known.csv", rows))
    found, notes = read_known(path, _RELEASES, {"chat:1"}, timezone="UTC")
    assert found[0].item_ids == {"chat:1", "chat:x"}
    assert notes == (
        "6 item ids of known incidents are not in the database (rows 1, 3, 4 and 2 more); write them as source:id",
    )
    path = Path(_write(tmp_path / "known.csv", rows[:1]))
    assert read_known(path, _RELEASES, {"chat:1"}, timezone="UTC")[1] == (
        "1 item id of a known incident is not in the database (row 1); write them as source:id",
    )


@pytest.mark.parametrize(("said", "release"), [("1.1", "web/1.1"), ("1.0", ""), ("ios/1.0", "ios/1.0"), ("9", "")])
def test_a_release_is_named_by_its_id_or_a_version_that_only_one_has(tmp_path: Path, said: str, release: str) -> None:
    path = Path(_write(tmp_path / "known.csv", [_GOOD | {"release": said}]))
    found, notes = read_known(path, _RELEASES, set(), timezone="UTC")
    assert found[0].release == release
    assert len(notes) == (not release)


def test_a_date_as_a_number_that_no_float_holds_is_told(tmp_path: Path) -> None:
    """Not even the largest whole number of a JSON file ends in a traceback."""
    path = tmp_path / "known.jsonl"
    path.write_text(f'{{"started_at": {"9" * 400}, "ended_at": "2026-10-16"}}\n', "utf-8")
    with pytest.raises(InputError, match="row 1 has no started_at that can be read"):
        read_known(path, _RELEASES, set(), timezone="UTC")


_BAD_SPANS = {
    "a date that is none": (("yesterday", "2026-10-19"), "--from 'yesterday' is not a date"),
    "the end before the start": (("2026-10-19", "2026-10-18"), "--from must be before --to"),
    "a date before all others": (("0001-01-01T00:00+14:00", "0001-01-02"), "lies outside the years 1990 to 2100"),
    "a date after all others": (("9999-12-31T23:59-14:00", "9999-12-31"), "lies outside the years 1990 to 2100"),
    "no time between them": (("2026-10-19", "2026-10-19"), "--from must be before --to"),
    "no item between them": (("2027-01-01", "2027-02-01"), "the items are from 2026-07-27 to 2026-10-18"),
    "less than a step": (("2026-10-18T08:00", "2026-10-18T12:00"), "not one step fits"),
}


@pytest.mark.parametrize(("span", "part"), list(_BAD_SPANS.values()), ids=list(_BAD_SPANS))
def test_a_span_that_cannot_be_replayed(cli: Cli, example_run: ExampleRun, span: tuple[str, str], part: str) -> None:
    """One line says why."""
    assert part in cli("backtest", "--from", span[0], "--to", span[1], "--database", example_run.database).error


def test_too_many_looks_are_refused(cli: Cli, example_run: ExampleRun) -> None:
    """Before minutes are spent on them."""
    told = cli(
        *("backtest", "--from", "2026-07-27", "--to", "2026-10-19", "--every-hours", "0.1"),
        *("--database", example_run.database),
    )
    assert "20,160 steps are more than 5,000" in told.error


def test_a_folder_that_cannot_be_written_is_told_first(cli: Cli, example_run: ExampleRun, tmp_path: Path) -> None:
    """Before minutes are spent on what could not be kept."""
    (tmp_path / "file").write_text("in the way", "utf-8")
    told = cli(
        *("backtest", "--from", "2026-10-16", "--to", "2026-10-18", "--database", example_run.database),
        *("--out", str(tmp_path / "file")),
    )
    assert "choose another with --out" in told.error


def test_it_can_be_interrupted(cli: Cli, example_run: ExampleRun, tmp_path: Path) -> None:
    """One line, and no half results."""
    earlier = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 1.5)
    try:
        told = cli(
            *("backtest", "--from", "2026-08-10", "--to", "2026-10-19", "--database", example_run.database),
            *("--out", str(tmp_path / "out")),
        )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)
    assert told.status == 130
    assert told.err == "feedback-triage: stopped; what was stored stays, and running again does what is left\n"
    assert list((tmp_path / "out").iterdir()) == []


def _small_feedback(path: Path) -> str:
    """Three weeks of four items a day, and a burst of twenty in the third."""
    start = datetime(2026, 9, 1, 6, tzinfo=UTC)
    usual = [start + timedelta(hours=6 * number + (number * 7) % 5) for number in range(84)]
    burst = [datetime(2026, 9, 16, 12, tzinfo=UTC) + timedelta(minutes=2 * number) for number in range(20)]
    about = ["the player is slow", "please add a dark mode", "billing looks fine", "how do I invite my team"]
    rows = [
        {"id": str(number), "written_at": at.isoformat(), "text": f"{about[number % 4]} {number}"}
        for number, at in enumerate(usual)
    ]
    rows += [
        {"id": f"b{number}", "written_at": at.isoformat(), "text": f"nothing loads, everything is down {number}"}
        for number, at in enumerate(burst)
    ]
    return _write(path, rows)


def test_items_that_nobody_embedded_or_labelled_are_replayed_too(cli: Cli, database: str, tmp_path: Path) -> None:
    """On both kinds of database, without releases and without a list of known incidents."""
    JOBS["ingest"]([_small_feedback(tmp_path / "feedback.csv")], database=database)
    told = cli("backtest", "--from", "2026-09-10", "--to", "2026-09-20", "--database", database)
    assert told.status == 0, told.err
    assert "No list of known incidents was given" in told.out
    assert "Incidents found: 1;" in told.out
    assert "confirmed by hindsight" in told.out
    assert "nothing is labelled" in told.out


def test_an_empty_database_is_told(cli: Cli, database: str) -> None:
    """In one line that says what to do."""
    told = cli("backtest", "--from", "2026-09-10", "--to", "2026-09-20", "--database", database)
    assert "run feedback-triage ingest first" in told.error
