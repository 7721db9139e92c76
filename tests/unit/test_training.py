"""From gold items to a classifier with honest figures."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from feedback_triage import evaluate
from feedback_triage.artifacts import load_classifier, save_classifier
from feedback_triage.classifier_history import use_classifier
from feedback_triage.embed import Progress, as_unit
from feedback_triage.errors import SettingError
from feedback_triage.evaluate import as_classes
from feedback_triage.label import FeedbackClassifier, model_classes
from feedback_triage.learning.card import render_card
from feedback_triage.learning.gold import GOLD_COLUMNS, is_held_out
from feedback_triage.learning.learners import TunedLearner, VectorLearner
from feedback_triage.learning.train import (
    Trained,
    assemble,
    base_digest,
    best_threshold,
    decide,
    judge,
    train_base,
    train_team_step,
)
from feedback_triage.learning.tuning import Recipe
from feedback_triage.pipeline.training import _kept_base
from feedback_triage.taxonomy import LABELS, NONE_OF_THEM
from feedback_triage.team_labels import TeamLabel

CLASSES = model_classes(LABELS)
WORDS = {
    "praise": "we love this great",
    "broken_link": "link leads to a dead page",
    "sync_bug": "phone and web do not sync",
    "silence": "well you know whatever",
    "other": "please add the price of",
}
ON = date(2026, 1, 2)
WISH = TeamLabel("wish", "Asks for a dark theme.", tuple(f"please add a dark theme at night{n}" for n in range(8)))


@dataclass(frozen=True)
class WordEncoder:
    """A small real encoder: the sum of a random direction for each word, the same in every process."""

    encoder_id: str = "words-1"
    dim: int = 24
    folder: Path = Path("nowhere")

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float16]:
        vectors = np.zeros((len(texts), self.dim))
        for index, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()):
                seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
                vectors[index] += np.random.default_rng(seed).normal(size=self.dim)
        if progress:
            progress(len(texts))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
        return np.asarray(unit, dtype=np.float16)


def gold_items(n: int = 24, **texts: str) -> pd.DataFrame:
    """`n` items of each class, told apart by a number; a class can be given one text for all its items."""
    rows = []
    for name in CLASSES:
        for index in range(n):
            text = texts.get(name, f"{WORDS[name]} item{index}")
            rows.append((f"{name}-{index}", text, name, "ann" if index % 2 else "bo", "short" if index % 3 else "long"))
    return with_held_out(pd.DataFrame(rows, columns=[*GOLD_COLUMNS, "trait"]))


def with_held_out(gold: pd.DataFrame) -> pd.DataFrame:
    return gold.assign(is_held_out=is_held_out(list(gold["text"]), 0.1))


@pytest.fixture(autouse=True, scope="module")
def _few_rounds() -> Iterator[None]:
    """Figures do not depend on the rounds of the bootstrap, which cost a millisecond each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "_BOOTSTRAP_ROUNDS", 12)
        yield


def train(
    gold: pd.DataFrame,
    encoder: WordEncoder | None = None,
    team: Sequence[TeamLabel] = (),
    languages: Sequence[str] = (),
    progress: Progress | None = None,
) -> Trained:
    """All steps, as the pipeline takes them."""
    encoder = encoder or WordEncoder()
    base = train_base(gold, encoder, VectorLearner(encoder), progress)
    return assemble(base, train_team_step(team, gold, encoder), gold, encoder, trained_on=ON, languages=languages)


@pytest.fixture(scope="module")
def trained(_few_rounds: None) -> Trained:
    return train(gold_items())


@pytest.fixture(scope="module")
def with_team(_few_rounds: None) -> Trained:
    return train(gold_items(), team=[WISH])


# --- training ---


def figures(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from figures(part, f"{name}/{key}")
    else:
        yield name, value


def test_figures_lie_in_0_to_1_and_counts_are_counts(trained: Trained) -> None:
    found = dict(figures(trained.metrics))
    assert found.keys() >= {"/macro_f1/value", "/f1/praise/lower", "/f1/other/upper", "/risk_ratio", "/coverage_ratio"}
    n_held_out = int(gold_items()["is_held_out"].sum())
    for name, value in found.items():
        if name.endswith("/n") or name in {"/held_out", "/in_languages_not_read"}:
            assert isinstance(value, int)
            assert 0 <= value <= n_held_out
        else:
            assert 0 <= value <= 1, name
    for estimate in (trained.metrics["macro_f1"], *trained.metrics["f1"].values()):
        assert estimate["lower"] <= estimate["value"] <= estimate["upper"]
        assert estimate["n"] == n_held_out == trained.metrics["held_out"]


def test_the_configuration_tells_what_it_was_trained_on(trained: Trained) -> None:
    gold = gold_items()
    assert trained.config["n_gold"] == len(gold)
    assert trained.config["n_held_out"] == int(gold["is_held_out"].sum())
    assert trained.config["n_gold_by_label"] == dict.fromkeys(CLASSES, 24)
    assert trained.config["annotators"] == ["ann", "bo"]
    assert trained.config["kind"] == "vectors"
    assert trained.config["n_calibrating"] == trained.classifier.points[0].n_items
    assert 0.15 < trained.config["n_calibrating"] / (~gold["is_held_out"]).sum() < 0.25


def test_accuracy_is_told_for_each_trait_of_the_held_out_items(trained: Trained) -> None:
    gold = gold_items()
    expected = gold[gold["is_held_out"]]["trait"].value_counts().to_dict()
    assert {trait: row["n"] for trait, row in trained.metrics["accuracy_by_trait"].items()} == expected
    without = judge(trained.classifier, gold.drop(columns="trait"), WordEncoder())
    assert "accuracy_by_trait" not in without


def test_what_words_tell_apart_is_learned(trained: Trained) -> None:
    assert trained.metrics["macro_f1"]["value"] > 0.8


def predicted(classifier: FeedbackClassifier, texts: Sequence[str]) -> NDArray[np.float64]:
    return classifier.probabilities(texts, as_unit(WordEncoder().encode(texts)))


NEW_TEXTS = ["we love it", "the link is dead", "my phone does not sync", "n/a", "", "add a price", "?"]


def test_training_again_in_another_order_of_rows_gives_the_same(trained: Trained) -> None:
    again = train(gold_items().sample(frac=1, random_state=3))
    assert re.fullmatch(r"2026-01-02-[0-9a-f]{8}", again.classifier.version)
    assert again.classifier.version == trained.classifier.version
    assert again.classifier.threshold == trained.classifier.threshold
    assert again.classifier.points == trained.classifier.points
    assert (predicted(again.classifier, NEW_TEXTS) == predicted(trained.classifier, NEW_TEXTS)).all()
    assert json.dumps([again.config, again.metrics]) == json.dumps([trained.config, trained.metrics])


def test_another_encoder_label_language_or_team_is_another_version(trained: Trained, with_team: Trained) -> None:
    gold = gold_items()
    gold.loc[0, "label"] = "other"
    found = [
        trained,
        with_team,
        train(gold),
        train(gold_items(), WordEncoder("words-2")),
        train(gold_items(), languages=["en"]),
    ]
    assert len({one.classifier.version for one in found}) == len(found)
    assert found[3].classifier.encoder_id == "words-2"
    assert found[4].classifier.languages == ("en",)


def test_progress_is_told_of_the_judge_and_of_the_model(trained: Trained) -> None:
    told: list[int] = []
    train(gold_items(), progress=told.append)
    n_seen = int((~gold_items()["is_held_out"]).sum())
    assert sum(told) == n_seen - trained.config["n_calibrating"] + n_seen


def test_a_trained_classifier_survives_its_folder(with_team: Trained, tmp_path: Path) -> None:
    """The types that training makes are among those that loading trusts."""
    save_classifier(tmp_path, with_team.classifier, with_team.config, with_team.metrics, render_card(with_team))
    loaded = load_classifier(tmp_path, Path("nowhere"), with_team.classifier.version)
    vectors = as_unit(WordEncoder().encode(NEW_TEXTS))
    assert loaded.predict(NEW_TEXTS, vectors) == with_team.classifier.predict(NEW_TEXTS, vectors)


def test_a_trained_classifier_decides_as_its_threshold_was_chosen(trained: Trained) -> None:
    classifier = trained.classifier
    vectors = as_unit(WordEncoder().encode(NEW_TEXTS))
    labels = [prediction.label for prediction in classifier.predict(NEW_TEXTS, vectors)]
    assert as_classes(labels) == decide(classifier.probabilities(NEW_TEXTS, vectors), classifier.threshold)
    assert labels[:4] == ["praise", "broken_link", "sync_bug", "silence"]


def test_a_text_repeated_with_other_punctuation_is_never_judged_by_a_model_that_saw_it() -> None:
    """Labels are drawn by lot here: whoever knows a copy is always right, whoever does not is right by chance."""
    labels = np.random.default_rng(4).permutation(np.repeat(CLASSES, 26))
    rows = [
        (f"{number}{mark}", f"word{number} thing{number}{mark}", label, "ann")
        for number, label in enumerate(labels)
        for mark in ("", "!", "...")
    ]
    found = train(with_held_out(pd.DataFrame(rows, columns=list(GOLD_COLUMNS))), WordEncoder(dim=200))
    assert found.metrics["held_out"] >= 21
    assert found.metrics["macro_f1"]["value"] < 0.45
    surest = found.classifier.points[0]
    assert surest.n_items >= 60
    assert surest.n_given == 0 or surest.risk_ratio > 0.5


def test_texts_without_content_are_answered_by_the_rule_in_the_figures_too() -> None:
    extra = gold_items().query("label == 'silence'").assign(text="n/a", is_held_out=True)
    gold = pd.concat([gold_items(), extra.assign(id=[f"more-{n}" for n in range(len(extra))])], ignore_index=True)
    found = train(gold)
    assert found.metrics["held_out"] == int(gold["is_held_out"].sum())
    assert found.metrics["f1"]["silence"]["value"] > 0.9


def test_gold_whose_silence_is_all_without_content_can_be_trained_on() -> None:
    gold = gold_items(silence="n/a")
    gold.loc[gold["label"] == "silence", "is_held_out"] = np.arange(24) < 3
    assert train(gold).metrics["f1"]["silence"]["value"] == 1.0


# --- judging ---


def test_held_out_items_in_languages_that_are_not_read_are_counted_apart(trained: Trained) -> None:
    german = pd.DataFrame(
        [(f"de-{n}", f"Der Link {n} in der Fußzeile führt seit gestern ins Leere", "broken_link") for n in range(3)],
        columns=["id", "text", "label"],
    )
    english = pd.DataFrame(
        [("en", "We love this great editor and the link it leads to", "praise")], columns=["id", "text", "label"]
    )
    classifier = replace(trained.classifier, languages=("en",))
    found = judge(classifier, pd.concat([german, english]), WordEncoder())
    assert (found["held_out"], found["in_languages_not_read"], found["macro_f1"]["n"]) == (4, 3, 1)


def test_where_no_held_out_item_may_be_judged_it_is_told() -> None:
    """As with FEEDBACK_TRIAGE_LANGUAGES=de and gold items in English."""
    gold = gold_items()
    gold.loc[gold["is_held_out"], "text"] = "The link in the footer of the page leads nowhere since yesterday"
    base = train_base(gold, WordEncoder(), VectorLearner(WordEncoder()))
    with pytest.raises(SettingError, match=r"no held-out gold item is in a language that may be judged \(de\)"):
        assemble(base, None, gold, WordEncoder(), trained_on=ON, languages=["de"])


def test_a_teams_label_is_none_of_the_four_in_the_figures(with_team: Trained) -> None:
    """An item of the team's own that gets its label is as right as an abstention."""
    texts = [*WISH.examples, *(f"please add a dark theme now{n}" for n in range(6))]
    items = pd.DataFrame({"id": texts, "text": texts, "label": "wish"})
    classifier = with_team.classifier
    given_labels = [p.label for p in classifier.predict(texts, as_unit(WordEncoder().encode(texts)))]
    assert given_labels.count("wish") >= 3
    found = judge(classifier, items, WordEncoder())
    n_built_in = sum(label in LABELS for label in given_labels)
    assert found["coverage_ratio"] == round(n_built_in / len(texts), 4)
    n_right = len(texts) - n_built_in
    assert found["f1"]["other"]["value"] == round(2 * n_right / (n_right + len(texts)), 4)


# --- the first step is kept ---


def digest(gold: pd.DataFrame, encoder: WordEncoder | None = None, recipe: Recipe | None = None) -> str:
    encoder = encoder or WordEncoder()
    return base_digest(gold, encoder, TunedLearner(Path("nowhere"), recipe or Recipe()))


def test_the_digest_does_not_depend_on_the_order_of_the_rows() -> None:
    gold = gold_items()
    assert digest(gold) == digest(gold.sample(frac=1, random_state=5)) == digest(gold.set_axis(gold.index + 7))


@pytest.mark.parametrize(("column", "value"), [("text", "another text"), ("label", "other"), ("is_held_out", True)])
def test_the_digest_changes_with_any_item(column: str, value: object) -> None:
    gold = gold_items()
    row = gold.index[~gold["is_held_out"]][0]
    gold.loc[row, column] = value
    assert digest(gold) != digest(gold_items())


def test_the_digest_changes_with_items_more_or_fewer_and_with_the_encoder() -> None:
    gold = gold_items()
    found = [digest(gold), digest(gold[1:]), digest(gold_items(25)), digest(gold, WordEncoder("words-2"))]
    found.append(base_digest(gold, WordEncoder(), VectorLearner(WordEncoder())))
    assert len(set(found)) == len(found)


def test_the_digest_changes_with_every_part_of_the_recipe() -> None:
    """Or a classifier that would turn out otherwise is taken for the one that is there."""
    gold, recipe = gold_items(), Recipe()
    unnoticed = [
        part.name
        for part in fields(Recipe)
        if digest(gold, recipe=replace(recipe, **{part.name: getattr(recipe, part.name) + 1})) == digest(gold)
    ]
    assert unnoticed == []


def test_the_first_step_of_the_classifier_in_use_is_kept_where_training_would_give_it_again(
    with_team: Trained, tmp_path: Path
) -> None:
    """Then only the team's step is trained, and what comes of it is the same to the byte."""
    gold, encoder = gold_items(), WordEncoder()
    learner = VectorLearner(encoder)
    assert _kept_base(tmp_path, gold, encoder, learner) is None  # type: ignore[arg-type] # nothing is in use yet
    save_classifier(tmp_path, with_team.classifier, with_team.config, with_team.metrics, render_card(with_team))
    use_classifier(tmp_path, with_team.classifier.version)
    kept = _kept_base(tmp_path, gold, encoder, learner)  # type: ignore[arg-type] # a small encoder with a folder
    assert kept is not None
    again = assemble(kept, train_team_step([WISH], gold, encoder), gold, encoder, trained_on=ON, languages=[])
    folders = [
        save_classifier(tmp_path / "b", again.classifier, again.config, again.metrics, render_card(again)),
        tmp_path / with_team.classifier.version,
    ]
    names = sorted(path.name for path in folders[0].iterdir())
    assert "team.safetensors" in names
    assert [name for name in names if len({(folder / name).read_bytes() for folder in folders}) != 1] == []
    for changed in (gold[1:], gold.assign(label="other"), gold.assign(text=gold["text"] + " more")):
        assert _kept_base(tmp_path, changed, encoder, learner) is None  # type: ignore[arg-type] # same


# --- the second step ---


def test_without_team_labels_there_is_no_second_step() -> None:
    assert train_team_step([], gold_items(), WordEncoder()) is None


def test_the_built_in_labels_are_the_same_with_and_without_a_team(trained: Trained, with_team: Trained) -> None:
    texts = [*gold_items()["text"], *NEW_TEXTS, *WISH.examples]
    vectors = as_unit(WordEncoder().encode(texts))
    without = trained.classifier.predict(texts, vectors)
    both = with_team.classifier.predict(texts, vectors)
    for before, after in zip(without, both, strict=True):
        assert before.label is None or after.label == before.label
        assert {name: after.probabilities[name] for name in LABELS} == before.probabilities
    assert sum(prediction.label == "wish" for prediction in both) >= 3


def test_the_second_step_is_the_same_again_and_in_any_order_of_rows() -> None:
    gold, encoder = gold_items(), WordEncoder()
    first, again = train_team_step([WISH], gold, encoder), train_team_step([WISH], gold, encoder)
    assert first is not None
    assert again is not None
    assert np.array_equal(first.weights, again.weights)
    assert np.array_equal(first.biases, again.biases)
    moved = train_team_step([WISH], gold.sample(frac=1, random_state=2), encoder)
    assert moved is not None
    assert np.array_equal(first.weights, moved.weights)
    assert np.array_equal(first.biases, moved.biases)


def test_gold_items_of_a_teams_label_count_among_its_examples_unless_they_are_held_out() -> None:
    """What is held out judges the candidate when it is to be promoted; it must not have seen it."""
    encoder = WordEncoder()
    texts = [f"please add something darker to it {n}" for n in range(12)]
    own = pd.DataFrame({"id": texts, "text": texts, "label": "wish", "annotator": "ann", "trait": ""})
    biases = []
    for items in ([], [own.assign(is_held_out=False)], [own.assign(is_held_out=True)]):
        step = train_team_step([WISH], pd.concat([gold_items(), *items], ignore_index=True), encoder)
        assert step is not None
        biases.append(step.biases.tolist())
    without, seen, held_out = biases
    assert seen != without
    assert held_out == without


# --- deciding ---


@pytest.mark.parametrize(
    ("row", "threshold", "expected"),
    [
        pytest.param([0.7, 0.1, 0.1, 0.0], 0.4, "praise", id="likely enough"),
        pytest.param([0.1, 0.1, 0.4, 0.3], 0.4, "sync_bug", id="exactly the threshold"),
        pytest.param([0.1, 0.39, 0.1, 0.3], 0.4, NONE_OF_THEM, id="just below the threshold"),
        pytest.param([0.45, 0.0, 0.0, 0.0], 0.4, NONE_OF_THEM, id="none of the labels is likelier"),
        pytest.param([0.5, 0.0, 0.0, 0.0], 0.4, NONE_OF_THEM, id="none of the labels is as likely"),
        pytest.param([0.3, 0.3, 0.2, 0.2], 0.3, "praise", id="of equals the first"),
    ],
)
def test_deciding(row: list[float], threshold: float, expected: str) -> None:
    assert decide(np.array([row]), threshold) == [expected]


def test_deciding_over_nothing() -> None:
    assert decide(np.zeros((0, len(LABELS))), 0.4) == []


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000))
def test_the_best_threshold_is_the_lowest_of_the_best(seed: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(len(CLASSES)) * 0.7, 30)[:, : len(LABELS)]
    truth = rng.choice(CLASSES, 30).astype(str)

    def score(threshold: float) -> float:
        found = f1_score(truth, decide(probabilities, threshold), average="macro", labels=list(CLASSES))
        return round(float(found), 4)

    chosen = best_threshold(truth, probabilities)
    candidates = [round(0.30 + 0.02 * step, 2) for step in range(16)]
    best = max(score(threshold) for threshold in candidates)
    assert chosen == next(threshold for threshold in candidates if score(threshold) == best)
