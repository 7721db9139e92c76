"""From gold items to a classifier with honest figures and a card."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
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
from feedback_triage.embed import Progress, as_unit
from feedback_triage.errors import (
    FeedbackTriageError,
    InputError,
    MissingColumnError,
    MissingFileError,
    NoUsableRowError,
)
from feedback_triage.evaluate import as_classes
from feedback_triage.label import FeedbackClassifier, model_classes
from feedback_triage.taxonomy import LABELS, NONE_OF_THEM
from feedback_triage.training import GOLD_COLUMNS, Trained, best_threshold, decide, read_gold, render_card, train

CLASSES = model_classes(LABELS)
WORDS = {
    "praise": "we love this great",
    "broken_link": "link leads to a dead page",
    "sync_bug": "phone and web do not sync",
    "silence": "well you know whatever",
    "other": "please add the price of",
}
ON = date(2026, 1, 2)


@dataclass
class WordEncoder:
    """A small real encoder: the sum of a random direction for each word, the same in every process."""

    encoder_id: str = "words-1"
    dim: int = 24
    n_encoded: int = field(default=0, init=False)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float16]:
        vectors = np.zeros((len(texts), self.dim))
        for index, text in enumerate(texts):
            for word in re.findall(r"\w+", text.casefold()):
                seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
                vectors[index] += np.random.default_rng(seed).normal(size=self.dim)
        self.n_encoded += len(texts)
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
    return pd.DataFrame(rows, columns=[*GOLD_COLUMNS, "trait"])


def write(folder: Path, gold: pd.DataFrame | str | bytes) -> Path:
    path = folder / "labels.csv"
    if isinstance(gold, pd.DataFrame):
        gold = gold.to_csv(index=False)
    path.write_bytes(gold.encode() if isinstance(gold, str) else gold)
    return path


@pytest.fixture(autouse=True, scope="module")
def _few_rounds() -> Iterator[None]:
    """Figures do not depend on the rounds of the bootstrap, which cost a millisecond each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "_BOOTSTRAP_ROUNDS", 25)
        yield


@pytest.fixture(scope="module")
def trained(_few_rounds: None) -> Trained:
    return train(gold_items(), WordEncoder(), trained_on=ON)


# --- reading gold ---


def test_gold_items_are_read_with_all_their_columns(tmp_path: Path) -> None:
    gold = read_gold(write(tmp_path, gold_items()))
    assert list(gold.columns) == [*GOLD_COLUMNS, "trait"]
    pd.testing.assert_frame_equal(gold, gold_items(), check_dtype=False)


@pytest.mark.parametrize("text", ["n/a", "N/A", "null", "NaN", "None", "NA", "", "1", "007", "1e5", "true", "-"])
def test_a_text_that_looks_like_a_missing_value_is_read_as_it_is(tmp_path: Path, text: str) -> None:
    gold = gold_items()
    gold.loc[3, "text"] = text
    assert read_gold(write(tmp_path, gold))["text"][3] == text


def test_texts_are_cleaned_as_they_are_everywhere(tmp_path: Path) -> None:
    gold = gold_items()
    gold.loc[0, "text"] = " <b>Dead</b>\u200b link &amp;\n more "
    assert read_gold(write(tmp_path, gold))["text"][0] == "Dead link & more"


def test_unclear_items_are_left_out_and_the_rest_is_numbered_anew(tmp_path: Path) -> None:
    unclear = gold_items().head(4).assign(label="unclear")
    gold = read_gold(write(tmp_path, pd.concat([unclear, gold_items()])))
    assert "unclear" not in set(gold["label"])
    assert list(gold.index) == list(range(len(gold_items())))


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + gold_items().to_csv(index=False).encode()
    assert len(read_gold(write(tmp_path, content))) == len(gold_items())


def refused(path: Path, kind: type[FeedbackTriageError]) -> str:
    with pytest.raises(FeedbackTriageError) as error:
        read_gold(path)
    assert type(error.value) is kind
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.csv"
    assert refused(path, MissingFileError) == f"{path} cannot be read; gold items are expected there"
    assert refused(tmp_path, MissingFileError) == f"{tmp_path} cannot be read; gold items are expected there"


@pytest.mark.parametrize("column", GOLD_COLUMNS)
def test_a_column_that_is_not_there_is_told(tmp_path: Path, column: str) -> None:
    path = write(tmp_path, gold_items().drop(columns=column))
    assert refused(path, MissingColumnError) == f"{path} lacks the column {column!r}"


@pytest.mark.parametrize("label", ["delight", "Praise", "praise ", ""])
def test_a_label_that_is_not_known_is_told(tmp_path: Path, label: str) -> None:
    gold = gold_items()
    gold.loc[5, "label"] = label
    path = write(tmp_path, gold)
    assert refused(path, NoUsableRowError) == (
        f"{path} has the unknown label {label!r}; known are praise, broken_link, sync_bug, silence, other"
    )


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("n_left", [0, 9])
def test_a_label_with_too_few_items_is_told(tmp_path: Path, label: str, n_left: int) -> None:
    gold = gold_items()
    dropped = gold.index[gold["label"] == label][n_left:]
    path = write(tmp_path, gold.drop(index=dropped))
    assert refused(path, NoUsableRowError) == f"{path} has fewer than 10 items labelled {label!r}; write some more"


def test_ten_items_of_each_label_are_enough(tmp_path: Path) -> None:
    assert len(read_gold(write(tmp_path, gold_items(10)))) == 50


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"id,text,label,annotator\n1,\xff\xfe,praise,ann\n", id="bytes that are not UTF-8"),
        pytest.param(b"id,text,label,annotator\n1,a,praise,ann,b,c\n2,a,b\n3,a,b,c,d,e,f,g\n", id="too many fields"),
        pytest.param(b'id,text,label,annotator\n1,"a,praise,ann\n', id="a quote that is never closed"),
    ],
)
def test_a_damaged_file_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError) as error:
        read_gold(write(tmp_path, content))
    assert "\n" not in str(error.value)


# --- training ---


def figures(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from figures(part, f"{name}/{key}")
    else:
        yield name, value


def test_figures_lie_in_0_to_1_and_counts_are_counts(trained: Trained) -> None:
    found = dict(figures(trained.metrics))
    assert found.keys() >= {"/macro_f1/value", "/f1/praise/lower", "/f1/other/upper", "/risk", "/coverage"}
    for name, value in found.items():
        if name.endswith("/n") or name == "/cross_validated_on":
            assert isinstance(value, int)
            assert 0 < value <= len(gold_items())
        else:
            assert 0 <= value <= 1, name
    for estimate in (trained.metrics["macro_f1"], *trained.metrics["f1"].values()):
        assert estimate["lower"] <= estimate["value"] <= estimate["upper"]


def test_the_configuration_tells_what_it_was_trained_on(trained: Trained) -> None:
    assert trained.config["n_gold"] == len(gold_items())
    assert trained.config["n_gold_by_label"] == dict.fromkeys(CLASSES, 24)
    assert trained.config["annotators"] == ["ann", "bo"]
    assert trained.config["folds"] == 5
    assert trained.metrics["threshold"] == trained.classifier.threshold


def test_accuracy_is_told_for_each_trait(trained: Trained) -> None:
    assert {trait: row["n"] for trait, row in trained.metrics["accuracy_by_trait"].items()} == {"long": 40, "short": 80}


def test_what_words_tell_apart_is_learned(trained: Trained) -> None:
    assert trained.metrics["macro_f1"]["value"] > 0.8


def predicted(classifier: FeedbackClassifier, texts: Sequence[str]) -> NDArray[np.float64]:
    return classifier.probabilities(texts, as_unit(WordEncoder().encode(texts)))


NEW_TEXTS = ["we love it", "the link is dead", "my phone does not sync", "n/a", "", "add a price", "?"]


def test_training_again_gives_the_same_version_probabilities_and_figures(trained: Trained) -> None:
    again = train(gold_items(), WordEncoder(), trained_on=ON)
    assert re.fullmatch(r"2026-01-02-[0-9a-f]{8}", again.classifier.version)
    assert again.classifier.version == trained.classifier.version
    assert again.classifier.threshold == trained.classifier.threshold
    assert (predicted(again.classifier, NEW_TEXTS) == predicted(trained.classifier, NEW_TEXTS)).all()
    assert json.dumps([again.config, again.metrics]) == json.dumps([trained.config, trained.metrics])


def test_another_encoder_or_another_label_is_another_version(trained: Trained) -> None:
    gold = gold_items()
    gold.loc[0, "label"] = "other"
    relabelled = train(gold, WordEncoder(), trained_on=ON).classifier
    other_encoder = train(gold_items(), WordEncoder("words-2"), trained_on=ON).classifier
    assert len({trained.classifier.version, relabelled.version, other_encoder.version}) == 3
    assert other_encoder.encoder_id == "words-2"


def test_each_gold_text_is_encoded_once_and_told() -> None:
    encoder, told = WordEncoder(), list[int]()
    train(gold_items(10), encoder, trained_on=ON, progress=told.append)
    assert sum(told) == encoder.n_encoded == 50


def test_a_trained_classifier_survives_its_folder(trained: Trained, tmp_path: Path) -> None:
    """The types that training makes are among those that loading trusts."""
    save_classifier(tmp_path, trained.classifier, trained.config, trained.metrics, render_card(trained))
    loaded = load_classifier(tmp_path, trained.classifier.version)
    assert (predicted(loaded, NEW_TEXTS) == predicted(trained.classifier, NEW_TEXTS)).all()


def test_a_trained_classifier_decides_as_its_figures_were_made(trained: Trained) -> None:
    classifier = trained.classifier
    vectors = as_unit(WordEncoder().encode(NEW_TEXTS))
    labels = [prediction.label for prediction in classifier.predict(NEW_TEXTS, vectors)]
    assert as_classes(labels) == decide(classifier.probabilities(NEW_TEXTS, vectors), classifier.threshold)
    assert labels[:4] == ["praise", "broken_link", "sync_bug", "silence"]


def test_a_text_repeated_with_other_punctuation_is_never_judged_by_a_model_that_saw_it() -> None:
    """Labels are drawn by lot here: whoever knows a copy is always right, whoever does not is right by chance."""
    labels = np.random.default_rng(4).permutation(np.repeat(CLASSES, 8))
    rows = [
        (f"{number}{mark}", f"word{number} thing{number}{mark}", label, "ann")
        for number, label in enumerate(labels)
        for mark in ("", "!", "...", "?", ".", "!!")
    ]
    found = train(pd.DataFrame(rows, columns=list(GOLD_COLUMNS)), WordEncoder(dim=200), trained_on=ON)
    assert found.metrics["macro_f1"]["value"] < 0.45


def test_texts_without_content_are_answered_by_the_rule_in_the_figures_too() -> None:
    gold = pd.concat([gold_items(), gold_items().query("label == 'silence'").assign(text="n/a")], ignore_index=True)
    found = train(gold, WordEncoder(), trained_on=ON)
    assert found.metrics["cross_validated_on"] == len(gold)
    assert found.metrics["f1"]["silence"]["n"] == len(gold)
    assert found.metrics["f1"]["silence"]["value"] > 0.9


def test_gold_whose_silence_is_all_without_content_can_be_trained_on() -> None:
    found = train(gold_items(silence="n/a"), WordEncoder(), trained_on=ON)
    assert found.metrics["f1"]["silence"]["value"] == 1.0


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


@settings(deadline=None, max_examples=20)
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


# --- the card ---


def made_up(**metrics: Any) -> Trained:
    estimate = {"value": 0.8125, "lower": 0.75, "upper": 0.875, "n": 120}
    return Trained(
        classifier=FeedbackClassifier("2026-01-02-abcdef01", "tiny-1", LABELS, 0.42, model=None),
        config={
            "seed": 7,
            "folds": 5,
            "n_gold": 120,
            "n_gold_by_label": {"praise": 70, "other": 50},
            "annotators": ["ann"],
            "estimator": "a model of some kind",
        },
        metrics={
            "macro_f1": estimate,
            "f1": {"praise": estimate, "other": {**estimate, "value": 0.5}},
            "expected_calibration_error": 0.0314,
            "threshold": 0.42,
            "coverage": 0.625,
            "risk": 0.0625,
            **metrics,
        },
    )


def test_a_card_tells_version_model_encoder_gold_and_figures() -> None:
    lines = render_card(made_up()).splitlines()
    assert lines[0] == "# Classifier 2026-01-02-abcdef01"
    for expected in (
        "- Model: a model of some kind.",
        "- Encoder: `tiny-1`. Threshold: 0.42. Seed: 7.",
        "- Trained on 120 gold items: 70 praise, 50 other.",
        "| macro-F1 | 0.812 (0.750 to 0.875) |",
        "| F1 praise | 0.812 (0.750 to 0.875) |",
        "| F1 other | 0.500 (0.750 to 0.875) |",
        "| expected calibration error | 0.031 |",
        "| items that get a label | 0.625 |",
        "| wrong among those | 0.062 |",
    ):
        assert expected in lines
    assert any("5-fold cross-validation" in line for line in lines)


def test_a_card_has_a_row_for_each_trait_where_gold_has_traits() -> None:
    with_traits = render_card(made_up(accuracy_by_trait={"irony": {"n": 12, "accuracy": 0.75}}))
    assert with_traits.endswith("\n| trait | items | accuracy |\n|---|---|---|\n| irony | 12 | 0.750 |\n")
    assert "trait" not in render_card(made_up())


def test_the_tables_of_a_card_are_whole(trained: Trained) -> None:
    """Each row has as many cells as the head above it, and a blank line stands before a table."""
    lines = render_card(trained).splitlines()
    for above, line in pairwise(lines):
        if line.startswith("|"):
            assert above == "" or above.count("|") == line.count("|")
