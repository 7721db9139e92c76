"""A team adds a label of its own: trained in seconds, given, reported, and nothing taken from the built-in ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from feedback_triage.artifacts import read_config
from feedback_triage.classifier_history import history
from feedback_triage.pipeline import JOBS
from feedback_triage.taxonomy import LABELS
from tests.integration.conftest import Told, run_stages
from tests.support.small_models import first_gold

Cli = Callable[..., Told]

EXAMPLES = [
    "Please add a dark mode",
    "It would help to export the chart as PDF",
    "Would love an option to sort the list by date",
    "Can you make the player remember my speed setting?",
    "Any chance of a desktop version",
    "wish there was a way to hide watched videos",
    "Needs support for subtitles in more languages",
    "Adding folders would be great",
]
WISHES = [
    "Please add an option to export the report as a spreadsheet",
    "It would be great to have a desktop version with folders",
    "Can you make the chart remember my sort option?",
]


def toml(name: str = "feature_request", examples: list[str] | None = None) -> str:
    words = json.dumps(EXAMPLES if examples is None else examples)
    definition = "Asks for something the product does not do yet."
    return f'[[label]]\nname = "{name}"\ndefinition = "{definition}"\nexamples = {words}\n'


def ask(cli: Cli, texts: list[str]) -> list[dict[str, Any]]:
    stdin = "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts)).encode()
    told = cli("label", stdin=stdin)
    assert told.status == 0, told.err
    return [json.loads(line) for line in told.out.splitlines()]


def train(cli: Cli) -> Told:
    told = cli("train", "--method", "vectors", "--date", "2026-01-01")
    assert told.status == 0, told.err
    return told


def test_a_label_of_a_handful_of_examples_is_given_and_takes_nothing(
    cli: Cli, models: Path, home: Path, tmp_path: Path
) -> None:
    texts = [row["text"] for row in first_gold(40, skip=200)] + WISHES
    before = ask(cli, texts)
    without = read_config(models / "classifier")
    (models / "labels.toml").write_text(toml(), "utf-8")
    told = train(cli)
    config = read_config(models / "classifier")
    assert "the built-in labels as before; only the team's own were trained" in told.out
    assert (config["base_sha256"], config["files"]["classifier.skops"]) == (
        without["base_sha256"],
        without["files"]["classifier.skops"],
    )
    assert config["team_labels"] == ["feature_request"]
    assert history(models / "classifier") == [without["version"], config["version"]]

    after = ask(cli, texts)
    assert all(list(row["probabilities"]) == [*LABELS, "feature_request"] for row in after)
    assert [row["label"] for row in after[-len(WISHES) :]] == ["feature_request"] * len(WISHES)
    for old, new in zip(before, after, strict=True):
        assert {name: new["probabilities"][name] for name in LABELS} == old["probabilities"]
        assert sum(new["probabilities"].values()) <= 1 + 1e-5
        assert new["label"] in {old["label"], "feature_request"}
        assert old["label"] is None or new["label"] == old["label"]

    (tmp_path / "f.csv").write_text(
        "source,id,date,text\n" + "".join(f"mail,{n},2026-09-0{n + 1},{text}\n" for n, text in enumerate(WISHES)),
        "utf-8",
    )
    done = run_stages([str(tmp_path / "f.csv")], "", "", home / "report")
    assert done["label"]["n_labelled"] == len(WISHES)
    items = pd.read_csv(home / "report" / "items.csv", keep_default_na=False)
    assert set(items["label"]) == {"feature_request"}
    page = (home / "report" / "report.html").read_text("utf-8")
    assert "feature request" in page.casefold()
    days = pd.read_csv(home / "report" / "days.csv")
    assert days["n_feature_request"].sum() == len(WISHES)


def test_a_person_may_give_a_team_label_and_no_longer_once_it_is_gone(
    cli: Cli, models: Path, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "f.csv").write_text("source,id,date,text\nmail,1,2026-09-02,The link is dead\n", "utf-8")
    JOBS["ingest"]([str(tmp_path / "f.csv")])
    review = ("review", "--reviewer", "me", "--item", "mail:1", "--decision", "relabel", "--label", "feature_request")
    assert "that is no label" in cli(*review).error
    (models / "labels.toml").write_text(toml(), "utf-8")
    assert "stored 1 of 1" in cli(*review).out
    JOBS["embed"]()
    JOBS["label"]()
    (models / "labels.toml").unlink()
    assert cli("report").status == 0
    assert list(pd.read_csv(home / "report" / "items.csv")["label"]) == ["feature_request"]
    assert "other" not in cli("train", "--with-reviews", "--method", "vectors").error


def test_a_setting_names_another_file_of_labels(
    cli: Cli, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ours.toml").write_text(toml("wish"), "utf-8")
    (models / "labels.toml").write_text(toml(), "utf-8")
    monkeypatch.setenv("FEEDBACK_TRIAGE_LABELS", str(tmp_path / "ours.toml"))
    assert "is_base_kept" not in train(cli).out
    assert read_config(models / "classifier")["team_labels"] == ["wish"]
    assert ask(cli, WISHES[:1])[0]["label"] == "wish"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "cannot be read", id="a file that is not there"),
        pytest.param(toml(examples=EXAMPLES[:7]), "has 7 different examples; give at least 8", id="seven examples"),
        pytest.param(toml(examples=EXAMPLES[:7] * 2), "has 7 different examples", id="the same examples twice"),
        pytest.param(toml("praise"), "'praise' is built in", id="a built-in name"),
        pytest.param(toml("Feature Request"), "needs a name of lower case letters", id="a name with a space"),
        pytest.param(toml() + toml(), "defined twice", id="a label twice"),
        pytest.param("[[label]\n", "is not a TOML file", id="no TOML"),
    ],
)
def test_labels_that_cannot_be_used_are_told_in_one_line_and_change_nothing(
    cli: Cli, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, message: str
) -> None:
    path = tmp_path / "ours.toml"
    if content is not None:
        path.write_text(content, "utf-8")
    monkeypatch.setenv("FEEDBACK_TRIAGE_LABELS", str(path))
    before = history(models / "classifier")
    assert message in cli("train", "--method", "vectors").error
    assert history(models / "classifier") == before
