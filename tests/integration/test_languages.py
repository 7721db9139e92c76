"""Items in languages that the classifier does not read: kept, told apart, counted, never guessed at."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from feedback_triage.artifacts import read_config
from feedback_triage.pipeline import JOBS
from feedback_triage.store import open_store, proposals, read
from tests.integration.conftest import Told, run_stages

Cli = Callable[..., Told]

WRITTEN = {
    "de1": ("de", "Der Link in der Fußzeile führt seit gestern auf eine leere Seite."),
    "de2": ("de", "Ich liebe das neue Feld auf der Auswertungsseite, vielen Dank dafür!"),
    "fr1": ("fr", "Le lien dans le pied de page ne fonctionne plus depuis hier, c'est dommage."),
    "ja1": ("ja", "プレイリストの変更がアプリに同期されません。早く直してください。"),
    "en1": ("en", "The link in the footer has led to an empty page since yesterday."),
    "en2": ("en", "We love this new field on the analytics page, thank you so much!"),
}
SAID_NOTHING = {"no1": "keine Angabe", "no2": "なし", "no3": ""}


@pytest.fixture
def file(tmp_path: Path) -> str:
    rows = {name: text for name, (_, text) in WRITTEN.items()} | SAID_NOTHING
    records = [{"source": "mail", "id": name, "date": "2026-09-02", "text": text} for name, text in rows.items()]
    (tmp_path / "mail.jsonl").write_text("".join(json.dumps(row) + "\n" for row in records), "utf-8")
    return str(tmp_path / "mail.jsonl")


def judged(url: str) -> pd.DataFrame:
    with open_store(url) as store, store.reading() as connection:
        found = proposals.of(connection, proposals.label_run(connection).classifier_version)
        return read.items(connection).merge(found, on="item_pk").set_index("external_id")


def test_other_languages_are_stored_with_their_code_and_left_without_a_label(
    file: str, database: str, models: Path, tmp_path: Path
) -> None:
    done = run_stages([file], "", database, tmp_path / "report")
    found = judged(database)
    for name, (code, _) in WRITTEN.items():
        assert found.loc[name, "language"] == code
        if code != "en":
            assert found.loc[name, "abstained"]
            assert set(found.loc[name, "probabilities"]) == {"praise", "broken_link", "sync_bug", "silence"}
    assert set(found.loc[list(SAID_NOTHING), "label"]) == {"silence"}
    assert set(found.loc[list(SAID_NOTHING), "language"]) == {""}
    assert done["label"]["n_other_language"] == 4
    assert done["label"]["languages"] == ["en"]
    assert done["label"]["n_labelled"] + done["label"]["n_abstained"] == len(found)

    items = pd.read_csv(tmp_path / "report" / "items.csv", keep_default_na=False).set_index("external_id")
    assert set(items.index[items["queue"] == "language"]) == {"de1", "de2", "fr1", "ja1"}
    summary = " ".join((tmp_path / "report" / "summary.txt").read_text("utf-8").split())
    assert "4 are in languages that are not judged: 2 German, 1 French, 1 Japanese." in summary
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "in languages that the classifier does not judge" in page
    waiting = (items["queue"] == "review").sum()
    assert f"{waiting} item{'s wait' if waiting != 1 else ' waits'} for review" in summary


@pytest.mark.parametrize(
    ("setting", "languages", "read"),
    [
        pytest.param("en, DE", ["en", "de"], {"de1", "de2"}, id="two languages"),
        pytest.param("any", [], {"de1", "de2", "fr1", "ja1"}, id="any language"),
    ],
)
def test_a_team_may_have_other_languages_judged(
    cli: Cli,
    file: str,
    models: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    languages: list[str],
    read: set[str],
) -> None:
    monkeypatch.setenv("FEEDBACK_TRIAGE_LANGUAGES", setting)
    told = cli("train", "--method", "vectors", "--date", "2026-01-01")
    assert "the built-in labels as before" in told.out
    assert read_config(models / "classifier")["languages"] == languages
    monkeypatch.delenv("FEEDBACK_TRIAGE_LANGUAGES")
    done = run_stages([file], "", "", home / "report")
    assert done["label"]["n_other_language"] == 4 - len(read)
    items = pd.read_csv(home / "report" / "items.csv", keep_default_na=False).set_index("external_id")
    assert set(items.index[items["queue"] == "language"]) == {"de1", "de2", "fr1", "ja1"} - read
    assert items.loc["ja1", "language"] == "ja"


@pytest.mark.parametrize("setting", ["english", "en;de", "en, xx"])
def test_a_language_that_cannot_be_told_is_refused_before_everything_waits(
    cli: Cli, models: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """With a code that no text ever gets, a classifier would leave every item to people and not say why."""
    monkeypatch.setenv("FEEDBACK_TRIAGE_LANGUAGES", setting)
    assert "FEEDBACK_TRIAGE_LANGUAGES" in cli("train", "--method", "vectors").error


def test_a_person_may_settle_an_item_in_another_language(cli: Cli, file: str, models: Path, home: Path) -> None:
    run_stages([file], "", "", home / "report")
    done = cli("review", "--reviewer", "me", "--item", "mail:de1", "--decision", "relabel", "--label", "broken_link")
    assert done.status == 0
    assert cli("review", "--reviewer", "me", "--item", "mail:fr1", "--decision", "reject").status == 0
    JOBS["report"]()
    items = pd.read_csv(home / "report" / "items.csv", keep_default_na=False).set_index("external_id")
    assert items.loc["de1", ["label", "queue", "language"]].tolist() == ["broken_link", "", "de"]
    assert items.loc["fr1", ["label", "queue", "language"]].tolist() == ["", "none", "fr"]
    assert set(items.index[items["queue"] == "language"]) == {"de2", "ja1"}
