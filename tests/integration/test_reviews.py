"""A person looks at items, decides, and the report follows."""

import csv
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from feedback_triage.pipeline import JOBS, Decided, next_to_label, store_reviews, train_classifier
from feedback_triage.store import open_store, reviews
from tests.conftest import EXAMPLE
from tests.integration.conftest import Told, run_stages
from tests.support.small_models import first_gold, write_gold

Cli = Callable[..., Told]

ODD_ITEMS = {
    "formula": "=HYPERLINK(0) the reseller portal sends my invoices somewhere odd since Tuesday",
    "escape": "\u001b[2J\u001b]0;owned\u0007 the tablet keeps its own opinion of what plays next",
}


@pytest.fixture(scope="session")
def judged_folder(trained_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with chat items that went through every stage."""
    folder = tmp_path_factory.mktemp("judged")
    lines = (EXAMPLE / "feedback" / "chat.jsonl").read_text("utf-8").splitlines()[:120]
    lines += [
        json.dumps({"source": "chat", "id": name, "timestamp": 1785235000000, "message": text})
        for name, text in ODD_ITEMS.items()
    ]
    (folder / "chat.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FEEDBACK_TRIAGE_MODELS", str(trained_models))
        run_stages([str(folder / "chat.jsonl")], "", f"sqlite:///{folder / 'feedback.db'}", folder / "report")
    with sqlite3.connect(folder / "feedback.db") as connection:  # the odd ones wait for a person, whatever was said
        connection.execute(
            "UPDATE prediction SET label = NULL, abstained = 1, probability = 0.3, probability_none = 0.2 "
            "WHERE item_pk IN (SELECT item_pk FROM feedback_item WHERE external_id IN ('formula', 'escape'))"
        )
    connection.close()
    return folder


@pytest.fixture
def judged(judged_folder: Path, models: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the judged database, configured as the one to use; gives its file."""
    home.mkdir()
    monkeypatch.chdir(home)
    return Path(shutil.copy(judged_folder / "feedback.db", home / "feedback.db"))


def rows_of(sheet: Path) -> list[dict[str, str]]:
    with sheet.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(sheet: Path, rows: list[dict[str, str]]) -> Path:
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return sheet


def items(cli: Cli, home: Path) -> pd.DataFrame:
    """The items of a fresh report, by id."""
    assert cli("report").status == 0
    return pd.read_csv(home / "report" / "items.csv", keep_default_na=False).set_index("item_id")


def n_reviews(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        (found,) = connection.execute("SELECT count(*) FROM review").fetchone()
    connection.close()
    return int(found)


def an_item(database: Path) -> str:
    with sqlite3.connect(database) as connection:
        (found,) = connection.execute(
            "SELECT 'chat:' || external_id FROM feedback_item WHERE text != '' ORDER BY item_pk LIMIT 1"
        ).fetchone()
    connection.close()
    return str(found)


def test_what_people_settle_is_in_the_report_and_waits_no_longer(cli: Cli, judged: Path, home: Path) -> None:
    before = items(cli, home)
    told = cli("next-to-label", "--count", "20", "--sheet", "sheet.csv")
    assert told.status == 0
    sheet = rows_of(home / "sheet.csv")
    assert list(sheet[0]) == ["id", "decision", "label", "proposed", "why", "text"]
    assert 5 < len(sheet) <= 20
    assert {(row["decision"], row["label"]) for row in sheet} == {("", "")}
    for number, row in enumerate(sheet, 1):
        assert f"{number:>2}. {row['id']}  " in told.out
        assert row["why"] in told.out
        if row["id"].removeprefix("chat:") not in ODD_ITEMS:  # how those are written down is another test's matter
            assert row["text"] == before.loc[row["id"], "verbatim"]
    assert "feedback-triage review sheet.csv --reviewer NAME" in told.out

    decisions = [("accept", ""), ("relabel", "sync_bug"), ("reject", ""), ("ignore", ""), ("relabel", "other")]
    settled = [row for row in sheet if before.loc[row["id"], "queue"] == "review"][: len(decisions)]
    for row, (decision, label) in zip(settled, decisions, strict=True):  # the others are left for later
        row |= {"decision": decision, "label": label}
    fill(home / "sheet.csv", sheet)
    told = cli("review", "sheet.csv", "--reviewer", "support")
    assert (told.status, told.out.split(" (")[0]) == (0, "stored 5 of 5 decisions")
    assert "stored 0 of 5" in cli("review", "sheet.csv", "--reviewer", "support").out

    after = items(cli, home)
    wanted = [settled[0]["proposed"], "sync_bug", "", "", ""]
    for row, label in zip(settled, wanted, strict=True):
        found = after.loc[row["id"]]
        assert (found["label"], found["queue"]) == (label, "" if label else "none")
        assert float(found["probability" if label else "probability_none"]) == 1
    reviewed = {row["id"] for row in settled}
    others = ~after.index.isin(sorted(reviewed))
    pd.testing.assert_frame_equal(after[others], before.loc[after.index[others]])
    n_waiting = [int((frame["queue"] == "review").sum()) for frame in (before, after)]
    assert n_waiting[0] - n_waiting[1] == len(reviewed)
    assert f"{n_waiting[1]} items wait for review" in (home / "report" / "summary.txt").read_text("utf-8")
    assert not reviewed & {row["id"] for row in next_to_label(1_000)}


def test_a_decision_outlives_the_classifier_it_was_about(cli: Cli, judged: Path, home: Path, models: Path) -> None:
    item_id = an_item(judged)
    assert (
        cli("review", "--reviewer", "me", "--item", item_id, "--decision", "relabel", "--label", "praise").status == 0
    )
    write_gold(models / "gold" / "labels.csv", first_gold(60))
    assert cli("train", "--method", "vectors", "--date", "2026-02-02").status == 0
    assert cli("triage").status == 0
    found = items(cli, home).loc[item_id]
    assert (found["label"], float(found["probability"])) == ("praise", 1)


def test_a_person_may_change_their_mind(cli: Cli, judged: Path, home: Path) -> None:
    item_id = an_item(judged)
    for label in ("praise", "sync_bug", "praise"):
        told = cli("review", "--reviewer", "me", "--item", item_id, "--decision", "relabel", "--label", label)
        assert "stored 1 of 1" in told.out
    assert items(cli, home).loc[item_id, "label"] == "praise"
    assert n_reviews(judged) == 3


def test_a_sheet_comes_back_from_a_spreadsheet(cli: Cli, judged: Path, home: Path) -> None:
    """Semicolons, a byte order mark, Windows line ends, capitals and spaces are what spreadsheets leave behind."""
    cli("next-to-label", "--count", "3", "--sheet", "sheet.csv")
    first, second, third = rows_of(home / "sheet.csv")
    rows = [["id", "Decision", "label"], [first["id"], " Reject ", ""], [second["id"], "RELABEL", " praise "]]
    rows += [[third["id"], "", ""], ["", "", ""]]
    content = "\r\n".join(";".join(row) for row in rows).replace("Decision", "decision") + "\r\n"
    (home / "back.csv").write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert "stored 2 of 2" in cli("review", "back.csv", "--reviewer", "me").out
    found = items(cli, home)
    assert (found.loc[first["id"], "label"], found.loc[second["id"], "label"]) == ("", "praise")


def test_a_sheet_may_be_json_lines(cli: Cli, judged: Path, home: Path) -> None:
    row = {"id": an_item(judged), "decision": "relabel", "label": "broken_link"}
    (home / "sheet.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    assert "stored 1 of 1" in cli("review", "sheet.jsonl", "--reviewer", "me").out
    assert items(cli, home).loc[row["id"], "label"] == "broken_link"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param([["nobody:1", "accept", ""]], "the database has no such item", id="an unknown id"),
        pytest.param([["", "accept", ""]], "the database has no such item", id="a decision without an id"),
        pytest.param([["{id}", "perhaps", ""]], "write accept, relabel, reject or ignore", id="an unknown decision"),
        pytest.param([["{id}", "relabel", "angry"]], "that is no label; known are praise", id="an unknown label"),
        pytest.param([["{id}", "relabel", ""]], "that is no label; known are praise", id="relabel without a label"),
        pytest.param([["{id}", "relabel", "unclear"]], "that is no label", id="a word of gold files"),
    ],
)
def test_one_bad_row_keeps_a_whole_sheet_out(
    cli: Cli, judged: Path, home: Path, rows: list[list[str]], message: str
) -> None:
    item_id = an_item(judged)
    lines = [["id", "decision", "label"], [item_id, "reject", ""], *rows]
    (home / "sheet.csv").write_text("".join(",".join(line) + "\n" for line in lines).replace("{id}", item_id), "utf-8")
    error = cli("review", "sheet.csv", "--reviewer", "me").error
    assert message in error
    assert "sheet.csv, row 2" in error
    assert n_reviews(judged) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"id,label\nchat:1,praise\n", "lacks the column 'decision'", id="no column of decisions"),
        pytest.param(b"item,decision\nchat:1,accept\n", "lacks the column 'id'", id="no column of ids"),
        pytest.param(b"id,decision,label\nchat:1,,\n", "not one row has a decision", id="no decision at all"),
        pytest.param(b"id,decision,label\n", "sheet.csv", id="only a header"),
        pytest.param(b"", "sheet.csv", id="an empty file"),
        pytest.param(bytes(range(256)) * 50, "sheet.csv", id="no text at all"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_told_in_one_line(
    cli: Cli, judged: Path, home: Path, content: bytes, message: str
) -> None:
    (home / "sheet.csv").write_bytes(content)
    assert message in cli("review", "sheet.csv", "--reviewer", "me").error
    assert n_reviews(judged) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["none.csv", "--reviewer", "me"], "none.csv", id="a sheet that is not there"),
        pytest.param(["--reviewer", "me"], "name either a sheet", id="neither a sheet nor an item"),
        pytest.param(["a.csv", "--item", "x", "--reviewer", "me"], "name either a sheet", id="a sheet and an item"),
        pytest.param(["--item", "{id}", "--reviewer", "me"], "accept, relabel, reject or ignore", id="no decision"),
        pytest.param(["--item", "{id}", "--decision", "reject", "--reviewer", " "], "--reviewer", id="no name"),
        pytest.param(
            ["--item", "{id}", "--decision", "relabel", "--reviewer", "me"], "that is no label", id="no other label"
        ),
    ],
)
def test_a_review_that_cannot_be_stored_is_told_in_one_line(
    cli: Cli, judged: Path, arguments: list[str], message: str
) -> None:
    told = cli("review", *(argument.replace("{id}", an_item(judged)) for argument in arguments))
    assert message in told.error
    assert n_reviews(judged) == 0


def test_wrong_usage_of_the_review_commands_ends_with_2(cli: Cli, judged: Path) -> None:
    assert cli("review", "sheet.csv").status == 2
    for count in ("0", "-1", "many", "1001"):
        assert cli("next-to-label", "--count", count).status == 2


def test_a_sheet_that_exists_keeps_its_decisions(cli: Cli, judged: Path, home: Path) -> None:
    (home / "sheet.csv").write_text("hours of work", "utf-8")
    assert "choose another name" in cli("next-to-label", "--sheet", "sheet.csv").error
    assert (home / "sheet.csv").read_text("utf-8") == "hours of work"
    assert "none/sheet.csv" in cli("next-to-label", "--sheet", "none/sheet.csv").error


def test_nothing_can_be_accepted_before_something_was_proposed(cli: Cli, models: Path, home: Path) -> None:
    home.mkdir()
    (home / "new.csv").write_text("source,id,date,text\nchat,1,2026-09-02,The link is dead\n", "utf-8")
    JOBS["ingest"]([str(home / "new.csv")])
    one = ("review", "--reviewer", "me", "--item", "chat:1", "--decision")
    assert "nothing was proposed for this item yet" in cli(*one, "accept").error
    assert n_reviews(home / "feedback.db") == 0
    assert "nothing waits for a look" in cli("next-to-label").out
    assert "stored 1 of 1" in cli(*one, "relabel", "--label", "broken_link").out


def test_an_empty_database_has_nothing_worth_a_look(cli: Cli, models: Path, home: Path) -> None:
    told = cli("next-to-label")
    assert (told.status, told.out) == (0, "nothing waits for a look\n")


def test_accepting_settles_what_the_sheet_showed(cli: Cli, judged: Path, home: Path, models: Path) -> None:
    """Between the sheet and the decision another classifier may have labelled the item."""
    cli("next-to-label", "--count", "10", "--sheet", "sheet.csv")
    sheet = rows_of(home / "sheet.csv")
    texts = {"praise": "broken_link", "broken_link": "sync_bug", "sync_bug": "praise"}
    turned = [{**row, "label": texts.get(row["label"], row["label"])} for row in first_gold(40)]
    write_gold(models / "gold" / "labels.csv", turned)
    train_classifier(trained_on="2026-02-02", method="vectors")
    JOBS["label"]()
    for row in sheet:
        row["decision"] = "accept"
    fill(home / "sheet.csv", sheet)
    assert cli("review", "sheet.csv", "--reviewer", "me").status == 0
    found = items(cli, home)
    assert [found.loc[row["id"], "label"] for row in sheet] == [row["proposed"] for row in sheet]


def test_ignoring_teaches_nothing_whatever_stands_beside_it(judged: Path) -> None:
    item_id = an_item(judged)
    store_reviews([Decided("here", item_id, "ignore", "other")], "me")
    with open_store(f"sqlite:///{judged}") as store, store.reading() as connection:
        assert list(reviews.latest(connection)["decision"]) == ["ignore"]


def test_accepting_with_another_label_beside_it_is_refused_rather_than_guessed(cli: Cli, judged: Path) -> None:
    """The sheet has a column for the label: who writes one there and `accept` means one of two things."""
    item_id = an_item(judged)
    with sqlite3.connect(judged) as connection:
        query = (
            "SELECT probabilities FROM prediction JOIN feedback_item USING (item_pk) WHERE 'chat:' || external_id = ?"
        )
        probabilities = json.loads(connection.execute(query, [item_id]).fetchone()[0])
    connection.close()
    label = min(probabilities, key=probabilities.get)
    told = cli("review", "--reviewer", "me", "--item", item_id, "--decision", "accept", "--label", label)
    assert label in told.error
    assert n_reviews(judged) == 0


def test_a_sheet_runs_no_formula_in_a_spreadsheet(cli: Cli, judged: Path, home: Path) -> None:
    cli("next-to-label", "--count", "1000", "--sheet", "sheet.csv")
    cells = [cell for row in rows_of(home / "sheet.csv") for cell in row.values()]
    assert any("HYPERLINK" in cell for cell in cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_a_list_of_items_sends_no_control_characters_to_a_terminal(cli: Cli, judged: Path) -> None:
    told = cli("next-to-label", "--count", "1000")
    assert "its own opinion" in told.out
    assert {character for character in told.out if ord(character) < 32} == {"\n"}


def test_no_customer_text_is_logged_or_counted(judged: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    rows: list[dict[str, Any]] = next_to_label(5)
    done = store_reviews([Decided("here", row["id"], "reject", "") for row in rows], "me")
    with sqlite3.connect(judged) as connection:
        (counts,) = connection.execute("SELECT counts FROM pipeline_run WHERE stage = 'review'").fetchone()
    connection.close()
    told = json.dumps(done) + counts + caplog.text
    assert done == {"n_decided": 5, "n_stored": 5}
    assert all(row["text"] not in told for row in rows)
