"""From decisions to the classifier in use: train, promote, go back; and nothing that fails on the way breaks it."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from feedback_triage.artifacts import load_classifier, read_config, save_classifier
from feedback_triage.classifier_history import history, use_classifier, versions
from feedback_triage.embed import SentenceEncoder
from feedback_triage.errors import FeedbackTriageError
from feedback_triage.pipeline import JOBS, Decided, promote_classifier, store_reviews, train_classifier
from feedback_triage.store import open_store, proposals, read
from feedback_triage.team_labels import TeamLabel
from tests.conftest import ROOT
from tests.integration.conftest import Told
from tests.support.small_models import GoldItem, first_gold, write_gold

Cli = Callable[..., Told]


@pytest.fixture
def feedback(models: Path, home: Path) -> list[GoldItem]:
    """Items that went through the stage `label`, of which it is known what they are: gold that was not trained on."""
    home.mkdir()
    found = first_gold(40, skip=200)
    rows = [{"source": "chat", "id": row["id"], "date": "2026-09-02", "text": row["text"]} for row in found]
    (home / "f.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    JOBS["ingest"]([str(home / "f.jsonl")])
    JOBS["embed"]()
    JOBS["label"]()
    return found


def settle(items: list[GoldItem], *, is_right: bool = True) -> None:
    """Decide about items: what they really are, or something else."""
    wrong = {"praise": "sync_bug", "sync_bug": "praise", "broken_link": "silence", "silence": "broken_link"}
    decided = []
    for row in items:
        label = row["label"] if is_right else wrong.get(row["label"], "praise")
        decided.append(Decided("here", f"chat:{row['id']}", "relabel", label))
    store_reviews(decided, "support")


def given_labels(home: Path) -> dict[str, str]:
    """What the classifier gave, by external id; items it kept quiet about are left out."""
    with open_store(f"sqlite:///{home / 'feedback.db'}") as store, store.reading() as connection:
        found = proposals.of(connection, proposals.label_run(connection).classifier_version)
        items = read.items(connection).merge(found[found["label"].notna()], on="item_pk")
    return dict(zip(items["external_id"], items["label"], strict=True))


def in_use(models: Path) -> str:
    return history(models / "classifier")[-1]


def test_decisions_become_a_candidate_that_is_promoted_and_taken_back(
    cli: Cli, feedback: list[GoldItem], models: Path
) -> None:
    """A classifier from a handful of gold items learns from two thirds of 200 decisions, and is judged by the rest."""
    write_gold(models / "gold" / "labels.csv", first_gold(16))
    assert cli("train", "--method", "vectors", "--date", "2026-02-01").status == 0
    first = in_use(models)
    settle(feedback)
    told = cli("train", "--with-reviews", "--method", "vectors", "--date", "2026-02-02")
    assert told.status == 0
    assert "80 gold items and 200 decisions (a third of them held out)" in told.out
    candidate = next(word for word in told.out.split() if word.startswith("2026-02-02-"))
    assert f"it is a candidate; to put it in use: feedback-triage promote {candidate}" in told.out
    assert in_use(models) == first
    assert set(versions(models / "classifier")) >= {first, candidate}

    told = cli("promote", candidate)
    assert told.status == 0, told.err
    assert f"{candidate} is in use now" in told.out
    assert in_use(models) == candidate
    labelled = JOBS["label"]()
    assert labelled["classifier_version"] == candidate
    assert labelled["n_labelled"] + labelled["n_abstained"] == len(feedback)

    assert f"{first} is in use again" in cli("rollback").out
    assert in_use(models) == first
    assert JOBS["label"]()["classifier_version"] == first


def test_a_candidate_is_refused_while_few_decisions_are_held_out(
    cli: Cli, feedback: list[GoldItem], models: Path
) -> None:
    before = in_use(models)
    settle(feedback[:9])
    candidate = train_classifier(trained_on="2026-02-02", method="vectors", with_reviews=True)["version"]
    told = cli("promote", candidate)
    assert "corrections are held out; at least 10 are needed, so review more" in told.error
    assert told.error.startswith(f"feedback-triage: {candidate} was not promoted: ")
    assert in_use(models) == before


def test_a_candidate_that_knows_no_better_is_refused(
    cli: Cli, feedback: list[GoldItem], models: Path, home: Path
) -> None:
    """People only ever agreed with the classifier in use: no other one can be more often right."""
    before = in_use(models)
    given = given_labels(home)
    store_reviews([Decided("here", f"chat:{name}", "accept", "") for name in given], "support")
    candidate = train_classifier(trained_on="2026-02-02", method="vectors", with_reviews=True)["version"]
    told = cli("promote", candidate)
    assert "held-out corrections right, the one in use" in told.error
    assert in_use(models) == before


def test_a_candidate_that_forgets_a_label_is_refused_however_well_it_pleases_its_reviewers(
    feedback: list[GoldItem], models: Path
) -> None:
    """Whoever calls praise a broken link teaches it, and the held-out gold items object."""
    before = in_use(models)
    praise = [row for row in feedback if row["label"] == "praise"]
    store_reviews([Decided("here", f"chat:{row['id']}", "relabel", "broken_link") for row in praise], "support")
    extra = [{**row, "label": "broken_link"} for row in first_gold(120) if row["label"] == "praise"][:100]
    others = [row for row in first_gold(120) if row["id"] not in {found["id"] for found in extra}]
    write_gold(models / "turned.csv", [*others, *extra])
    turned = str(models / "turned.csv")
    candidate = train_classifier(turned, trained_on="2026-02-02", method="vectors", with_reviews=True)["version"]
    done = promote_classifier(candidate)
    assert done["n_right_candidate"] > done["n_right_current"]
    assert any("F1 of praise falls" in objection for objection in done["objections"])
    assert in_use(models) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["promote", "2026-01-01-none"], "no classifier", id="promote what is not there"),
        pytest.param(["promote", "../classifier"], "no classifier", id="promote a folder elsewhere"),
        pytest.param(["rollback"], "no earlier classifier", id="roll back without a past"),
        pytest.param(["train", "--with-reviews"], "review some items first", id="learn from no decisions"),
        pytest.param(["train", "--gold", "none.csv"], "none.csv", id="gold that is not there"),
        pytest.param(["train", "--date", "tomorrow"], "'tomorrow' is not a date", id="a date that is none"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line_and_changes_nothing(
    cli: Cli, models: Path, home: Path, arguments: list[str], message: str
) -> None:
    before = {path: path.read_bytes() for path in sorted(models.rglob("*")) if path.is_file()}
    assert message in cli(*arguments).error
    assert {path: path.read_bytes() for path in sorted(models.rglob("*")) if path.is_file()} == before


def test_held_out_decisions_teach_no_step_of_a_candidate(
    encoder: SentenceEncoder, feedback: list[GoldItem], models: Path, tmp_path: Path
) -> None:
    """`promote` judges by them, so a step that has seen them would judge itself; the team's labels are no exception."""
    from feedback_triage.learning.corrections import as_gold
    from feedback_triage.learning.gold import read_gold
    from feedback_triage.learning.train import train_team_step
    from feedback_triage.store import reviews

    team = (TeamLabel("feature_request", "Asks for something new.", tuple(f"Please add thing {n}" for n in range(8))),)
    (models / "labels.toml").write_text(
        '[[label]]\nname = "feature_request"\ndefinition = "Asks for something new."\nexamples = '
        + json.dumps(list(team[0].examples)),
        "utf-8",
    )
    wishes = [row for row in feedback if row["label"] == "other"]
    store_reviews([Decided("here", f"chat:{row['id']}", "relabel", "feature_request") for row in wishes], "support")
    with open_store(f"sqlite:///{tmp_path / 'data' / 'feedback.db'}") as store, store.reading() as connection:
        corrections = as_gold(reviews.latest(connection))
    gold = read_gold(models / "gold" / "labels.csv", ["feature_request"])
    assert 5 < corrections["is_held_out"].sum() < len(corrections)
    everything = train_team_step(team, pd.concat([gold, corrections], ignore_index=True), encoder)
    learnt = corrections[~corrections["is_held_out"]]
    without = train_team_step(team, pd.concat([gold, learnt], ignore_index=True), encoder)
    assert everything is not None
    assert without is not None
    assert everything.weights.tolist() == without.weights.tolist()


def test_training_killed_at_any_instant_leaves_the_classifier_in_use(
    models: Path, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    before = in_use(models)
    directory = models / "classifier"
    gold = write_gold(tmp_path / "other.csv", first_gold(40))
    arguments = ["train", "--method", "vectors", "--gold", str(gold), "--date", "2026-03-03"]
    program = str(Path(sys.executable).with_name("feedback-triage"))
    process = subprocess.Popen([program, *arguments], cwd=ROOT, env=os.environ.copy(), stdout=subprocess.DEVNULL)
    while process.poll() is None and not any(path.name.startswith("2026-03-03-") for path in directory.iterdir()):
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL, "training ended before it could be killed"
    assert history(directory)[0] == before
    assert load_classifier(directory, encoder.folder).predict([""], _no_vectors(encoder))[0].label == "silence"
    done = train_classifier(str(gold), trained_on="2026-03-03", method="vectors")
    assert in_use(models) == done["version"]
    assert load_classifier(directory, encoder.folder).version == done["version"]


def _no_vectors(encoder: SentenceEncoder) -> "object":
    from feedback_triage.embed import as_unit

    return as_unit(encoder.encode([""]))


def test_a_full_disk_while_a_classifier_is_saved_again_leaves_the_one_in_use(
    models: Path, encoder: SentenceEncoder
) -> None:
    """Training twice on one day gives one folder, the one in use: it must not be emptied before it is written."""
    directory = models / "classifier"
    classifier = load_classifier(directory, encoder.folder)
    config = read_config(directory)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, unlimited[1]))
    try:
        with contextlib.suppress(OSError, FeedbackTriageError):
            save_classifier(directory, classifier, config, config["metrics"], {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert load_classifier(directory, encoder.folder).version == in_use(models)


def test_two_trainings_at_once_both_end_and_one_is_in_use(
    models: Path, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    program = str(Path(sys.executable).with_name("feedback-triage"))
    before = in_use(models)
    processes = []
    for per_label in (16, 20):
        gold = write_gold(tmp_path / f"gold{per_label}.csv", first_gold(per_label))
        arguments = ["train", "--method", "vectors", "--date", "2026-04-04", "--gold", str(gold)]
        processes.append(
            subprocess.Popen(
                [program, *arguments],
                cwd=ROOT,
                env=os.environ.copy(),
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
    told = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    new = [next(word for word in out.split() if word.startswith("2026-04-04-")) for out, _ in told]
    assert history(models / "classifier")[0] == before
    assert set(history(models / "classifier")[1:]) == set(new)
    assert load_classifier(models / "classifier", encoder.folder).version in new


def test_putting_classifiers_in_use_at_once_loses_no_step_of_the_way_back(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
    start, errors = threading.Barrier(len(names)), []

    def put_in_use(name: str) -> None:
        start.wait()
        for _ in range(500):
            try:
                use_classifier(tmp_path, name)
            except OSError as error:
                errors.append(type(error).__name__)

    threads = [threading.Thread(target=put_in_use, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(history(tmp_path)) == set(names)
