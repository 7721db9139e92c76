"""What a classifier proposes, and when it keeps quiet."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from feedback_triage.errors import ModelError
from feedback_triage.label import (
    N_SURFACE_FEATURES,
    FeedbackClassifier,
    feature_matrix,
    model_classes,
    surface_features,
)
from feedback_triage.taxonomy import LABELS, SILENCE

DIM = 12


def unit_vectors(n: int, seed: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(n, DIM))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def trained() -> FeedbackClassifier:
    """A real model: each class has a direction of its own."""
    classes = np.array([*model_classes(LABELS)] * 20)
    centres = np.eye(DIM)[np.arange(len(classes)) % 5]
    vectors = centres + 0.8 * unit_vectors(len(classes), 1)
    texts = [f"text number {index} of some customer" for index in range(len(classes))]
    model = LogisticRegression(C=3.0).fit(feature_matrix(texts, vectors.astype(np.float32)), classes)
    return FeedbackClassifier("2026-01-02-abcdef01", "tiny-1", LABELS, 0.4, model)


CLASSIFIER = trained()


class TurnedModel:
    """The same model with its classes in another order, as another training would give it."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.classes_ = model.classes_[::-1]

    def predict_proba(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        probabilities: NDArray[np.float64] = self._model.predict_proba(features)[:, ::-1]
        return probabilities


# --- the look of a text ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [0, 0, 0, 0, 0, 0, 0, 0], id="no text"),
        pytest.param("ab", [np.log(3) / 8, np.log(2) / 6, 1, 0, 0, 0, 0, 0], id="letters"),
        pytest.param("AB12", [np.log(5) / 8, np.log(2) / 6, 0.5, 1, 0.5, 0, 0, 0], id="capitals and digits"),
        pytest.param("a? b!", [np.log(6) / 8, np.log(3) / 6, 0.4, 0, 0, 1, 1, 0], id="marks"),
        pytest.param("WWW.A", [np.log(6) / 8, np.log(3) / 6, 0.8, 1, 0, 0, 0, 1], id="an address"),
    ],
)
def test_surface_features_of_a_text(text: str, expected: list[float]) -> None:
    assert surface_features([text])[0] == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.text(st.characters(categories=["Ll", "Lu", "Lo", "P", "Zs", "Nd"]), max_size=80), max_size=6))
def test_surface_features_lie_in_0_to_1(texts: list[str]) -> None:
    features = surface_features(texts)
    assert features.shape == (len(texts), N_SURFACE_FEATURES)
    assert ((features >= 0) & (features <= 1)).all()


@pytest.mark.parametrize("text", ["ⒶⒷⒸ", "Ⅷ Ⅸ Ⅹ"])
def test_capitals_that_are_no_letters_stay_within_bounds(text: str) -> None:
    assert surface_features([text]).max() <= 1


def test_a_very_long_text_stays_within_bounds() -> None:
    assert surface_features(["word " * 100_000]).max() <= 1


def test_features_are_vectors_beside_the_look() -> None:
    texts, vectors = ["one", "Two!"], unit_vectors(2, 3)
    features = feature_matrix(texts, vectors)
    assert features.shape == (2, DIM + N_SURFACE_FEATURES)
    assert features.dtype == np.float32
    assert (features[:, :DIM] == vectors).all()
    assert (features[:, DIM:] == surface_features(texts)).all()


# --- proposals ---


@settings(deadline=None)
@given(st.lists(st.text(max_size=30), max_size=8), st.integers(0, 50), st.floats(0, 1))
def test_a_prediction_has_a_label_exactly_when_it_is_sure(texts: list[str], seed: int, threshold: float) -> None:
    predictions = replace(CLASSIFIER, threshold=threshold).predict(texts, unit_vectors(len(texts), seed))
    assert len(predictions) == len(texts)
    for prediction in predictions:
        assert (prediction.label is None) == prediction.abstained
        assert tuple(prediction.probabilities) == LABELS
        assert all(0 <= value <= 1 for value in prediction.probabilities.values())
        assert 0 <= prediction.probability_none <= 1
        assert sum(prediction.probabilities.values()) <= 1 + 1e-5
        assert prediction.probability == max(prediction.probabilities.values())
        if prediction.label is not None:
            assert prediction.probability == prediction.probabilities[prediction.label]
            assert prediction.probability >= threshold
            assert prediction.probability > prediction.probability_none
        else:
            assert prediction.probability < threshold or prediction.probability <= prediction.probability_none + 1e-6


@settings(deadline=None)
@given(st.integers(0, 50), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_takes_labels_away_and_changes_none(seed: int, one: float, other: float) -> None:
    texts, vectors = [f"item {index}" for index in range(12)], unit_vectors(12, seed)
    lower, higher = (replace(CLASSIFIER, threshold=value) for value in (min(one, other), max(one, other)))
    for few, many in zip(higher.predict(texts, vectors), lower.predict(texts, vectors), strict=True):
        assert few.label in {None, many.label}
        assert few.probabilities == many.probabilities


@settings(deadline=None)
@given(st.permutations(range(8)))
def test_what_stands_beside_a_text_does_not_matter(order: list[int]) -> None:
    texts = [f"Item {index}{'?' * (index % 2)}" for index in range(7)] + ["n/a"]
    vectors = unit_vectors(8, 5)
    expected = CLASSIFIER.probabilities(texts, vectors)
    found = CLASSIFIER.probabilities([texts[row] for row in order], vectors[order])
    assert found == pytest.approx(expected[order], abs=2e-6)


def test_a_class_of_the_model_is_found_by_name_not_by_place() -> None:
    texts, vectors = [f"item {index}" for index in range(10)], unit_vectors(10, 9)
    turned = replace(CLASSIFIER, model=TurnedModel(CLASSIFIER.model))
    assert turned.predict(texts, vectors) == CLASSIFIER.predict(texts, vectors)


def test_a_text_near_a_class_gets_its_label_and_one_near_other_gets_none() -> None:
    vectors = np.eye(DIM, dtype=np.float32)[:5]
    found = CLASSIFIER.predict(["text number 3 of some customer"] * 5, vectors)
    assert [prediction.label for prediction in found] == [*LABELS, None]


@pytest.mark.parametrize("text", ["", "  ", "n/a", "No comment.", "{{comment}}", "!!!"])
def test_a_text_without_content_is_silence_for_certain(text: str) -> None:
    prediction = CLASSIFIER.predict([text], np.zeros((1, DIM), dtype=np.float32))[0]
    assert prediction.label == SILENCE
    assert prediction.probability == 1.0
    assert prediction.probabilities == {label: float(label == SILENCE) for label in LABELS}
    assert prediction.probability_none == 0.0


def test_a_text_without_content_is_the_models_to_judge_where_silence_is_no_label() -> None:
    without = replace(CLASSIFIER, labels=("praise", "sync_bug"))
    prediction = without.predict(["n/a"], unit_vectors(1, 2))[0]
    assert set(prediction.probabilities) == {"praise", "sync_bug"}
    assert prediction.probability < 1


def test_no_text_gives_no_prediction() -> None:
    empty = np.zeros((0, DIM), dtype=np.float32)
    assert CLASSIFIER.predict([], empty) == []
    assert CLASSIFIER.probabilities([], empty).shape == (0, len(LABELS))


def test_vectors_of_another_encoder_are_refused() -> None:
    CLASSIFIER.check_encoder("tiny-1")
    with pytest.raises(ModelError) as error:
        CLASSIFIER.check_encoder("tiny-2")
    assert str(error.value) == (
        "the classifier 2026-01-02-abcdef01 was trained on vectors of tiny-1, not of tiny-2; "
        "train one with: feedback-triage train"
    )


def test_a_model_learns_the_labels_and_other() -> None:
    assert model_classes(("praise", "silence")) == ("praise", "silence", "other")
