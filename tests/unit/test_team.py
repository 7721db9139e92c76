"""A team's own labels: a second step that takes nothing from the first."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from feedback_triage.domain import Prediction
from feedback_triage.label import FeedbackClassifier, TeamModel, VectorModel, feature_matrix, model_classes
from feedback_triage.learning.team import train_team
from feedback_triage.taxonomy import LABELS, SILENCE

DIM = 24


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def cloud(n: int, axis: int, seed: int, spread: float = 0.12) -> NDArray[np.float32]:
    """Unit vectors around one axis."""
    return unit(np.eye(DIM)[axis] + spread * np.random.default_rng(seed).normal(size=(n, DIM)))


def anywhere(n: int, seed: int) -> NDArray[np.float32]:
    return unit(np.random.default_rng(seed).normal(size=(n, DIM)))


def first_step() -> FeedbackClassifier:
    """A real model: each class has an axis of its own, other the fifth."""
    classes = np.array([*model_classes(LABELS)] * 20)
    vectors = unit(np.eye(DIM)[np.arange(len(classes)) % 5] + 0.15 * np.random.default_rng(1).normal(size=(100, DIM)))
    model = LogisticRegression(C=3.0).fit(feature_matrix(["a text"] * 100, vectors), classes)
    return FeedbackClassifier("2026-01-02-abcdef01", "tiny-1", LABELS, 0.4, VectorModel(model))


CLASSIFIER = first_step()
BACKGROUND = np.vstack([anywhere(150, 2), cloud(50, 4, 3)])
EXAMPLES = {"feature_request": cloud(12, 10, 4), "billing": cloud(9, 11, 5)}
TEAM = train_team(EXAMPLES, BACKGROUND)


@st.composite
def team_models(draw: st.DrawFn) -> TeamModel:
    """Any step at all, however boldly it gives its labels."""
    n = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    scale = draw(st.sampled_from([0.1, 5.0, 500.0]))
    bias = draw(st.sampled_from([-50.0, 0.0, 3.0, 50.0]))
    return TeamModel(tuple(f"own_{i}" for i in range(n)), scale * rng.normal(size=(n, DIM)), np.full(n, bias))


def is_lawful(prediction: Prediction) -> bool:
    values = prediction.probabilities.values()
    return (
        all(0 <= value <= 1 for value in values)
        and sum(values) <= 1 + 1e-5
        and prediction.probability == max(values)
        and 0 <= prediction.probability_none <= 1
        and (prediction.label is None or prediction.probabilities[prediction.label] == prediction.probability)
    )


# --- the first step goes first ---


@settings(deadline=None, max_examples=80)
@given(team_models(), st.integers(0, 1_000), st.floats(0, 1), st.booleans())
def test_a_teams_label_takes_nothing_from_the_built_in_ones(
    team: TeamModel, seed: int, threshold: float, reads_english: bool
) -> None:
    """Whatever the second step says: each built-in label that was given is given, at the same probability."""
    classifier = replace(CLASSIFIER, threshold=threshold, languages=("en",) if reads_english else ())
    rng = np.random.default_rng(seed)
    vectors = unit(np.eye(DIM)[rng.integers(0, 8, 8)] + 0.25 * rng.normal(size=(8, DIM)))
    texts = [f"Text number {index} of some customer" for index in range(6)]
    texts += ["n/a", "Der Link in der Fußzeile führt seit gestern ins Leere."]
    without = classifier.predict(texts, vectors)
    with_team = replace(classifier, team=team).predict(texts, vectors)
    for before, after in zip(without, with_team, strict=True):
        assert after.label == before.label or (before.label is None and after.label in team.labels)
        assert {name: after.probabilities[name] for name in LABELS} == before.probabilities
        assert after.language == before.language
        assert is_lawful(after)
        if before.label is not None:
            assert after.probability == before.probability
        if after.label in team.labels:
            assert after.probability >= before.probability


def test_a_text_without_content_never_gets_a_teams_label() -> None:
    eager = TeamModel(("own",), np.zeros((1, DIM)), np.array([50.0]))
    prediction = replace(CLASSIFIER, team=eager).predict(["n/a"], np.zeros((1, DIM), dtype=np.float32))[0]
    assert (prediction.label, prediction.probabilities["own"]) == (SILENCE, 0.0)


def test_a_text_in_a_language_that_is_not_read_never_gets_a_teams_label() -> None:
    eager = TeamModel(("own",), np.zeros((1, DIM)), np.array([50.0]))
    text, vectors = "Der Link in der Fußzeile führt seit gestern ins Leere.", np.eye(DIM, dtype=np.float32)[4:5]
    both = replace(CLASSIFIER, team=eager)
    assert both.predict([text], vectors)[0].label == "own"
    prediction = replace(both, languages=("en",)).predict([text], vectors)[0]
    assert prediction.label is None
    assert prediction.probabilities["own"] > 0.5  # kept, for whoever looks


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        pytest.param(0.52, "own", id="more sure than not"),
        pytest.param(0.48, None, id="less sure than not"),
    ],
)
def test_a_teams_label_is_given_where_it_is_more_sure_than_not(share: float, expected: str | None) -> None:
    team = TeamModel(("own",), np.zeros((1, DIM)), np.array([np.log(share / (1 - share))]))
    first = Prediction(None, 0.2, {"praise": 0.2, "silence": 0.1})
    found = team.join([first], np.zeros((1, DIM), dtype=np.float32), [True])[0]
    assert found.label == expected
    assert found.probabilities["own"] == pytest.approx(0.7 * share, abs=1e-6)


def test_a_teams_label_is_not_given_where_a_built_in_one_is_likelier() -> None:
    sure = TeamModel(("own",), np.zeros((1, DIM)), np.array([30.0]))
    first = Prediction(None, 0.45, {"praise": 0.45, "sync_bug": 0.25})
    assert sure.join([first], np.zeros((1, DIM), dtype=np.float32), [True])[0] == Prediction(
        None, 0.45, {"praise": 0.45, "sync_bug": 0.25, "own": 0.3}
    )


def test_a_classifier_with_a_second_step_names_its_labels_and_wants_vectors() -> None:
    both = replace(CLASSIFIER, team=TEAM)
    assert CLASSIFIER.all_labels == LABELS
    assert both.all_labels == (*LABELS, "feature_request", "billing")
    assert both.labels == LABELS
    assert both.needs_vectors


# --- the same bits ---


@settings(deadline=None)
@given(st.permutations(range(20)), st.integers(1, 20))
def test_a_text_has_the_same_bits_in_any_company(order: list[int], n: int) -> None:
    vectors = np.vstack([anywhere(10, 8), cloud(10, 10, 9)])
    together = TEAM.probabilities(vectors)
    assert np.array_equal(TEAM.probabilities(vectors[order[:n]]), together[order[:n]])
    assert np.array_equal(TEAM.probabilities(vectors[:1])[0], together[0])


def test_no_text_gives_no_row() -> None:
    assert TEAM.probabilities(np.zeros((0, DIM), dtype=np.float32)).shape == (0, 2)
    assert TEAM.join([], np.zeros((0, DIM), dtype=np.float32), []) == []


@settings(deadline=None)
@given(team_models(), st.integers(0, 1_000))
def test_the_shares_of_a_text_sum_to_one_at_most(team: TeamModel, seed: int) -> None:
    found = team.probabilities(anywhere(12, seed))
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found.sum(axis=1) <= 1 + 1e-9).all()


def test_training_again_gives_the_same_step() -> None:
    again = train_team({name: vectors.copy() for name, vectors in EXAMPLES.items()}, BACKGROUND.copy())
    assert again.labels == TEAM.labels == ("feature_request", "billing")
    assert np.array_equal(again.weights, TEAM.weights)
    assert np.array_equal(again.biases, TEAM.biases)


# --- what it learns ---


def test_new_texts_like_the_examples_get_the_label_and_others_hardly_ever() -> None:
    for column, axis in ((0, 10), (1, 11)):
        given_own = TEAM.probabilities(cloud(300, axis, 21))[:, column] >= 0.5
        assert given_own.mean() > 0.5
    others = TEAM.probabilities(np.vstack([anywhere(400, 22), cloud(100, 4, 23), cloud(100, 0, 24)]))
    assert (others >= 0.5).any(axis=1).mean() < 0.15


def test_two_labels_are_told_apart() -> None:
    for column, axis in ((0, 10), (1, 11)):
        assert (TEAM.probabilities(cloud(100, axis, 31)).argmax(axis=1) == column).mean() > 0.95


def test_two_examples_are_enough_to_train() -> None:
    found = train_team({"own": cloud(2, 10, 6)}, BACKGROUND)
    assert found.weights.shape == (1, DIM)
    assert np.isfinite(found.weights).all()
    assert np.isfinite(found.biases).all()


def test_at_most_a_few_of_the_background_pass_even_where_the_examples_are_like_it() -> None:
    """The line is drawn so that 7.5 % of texts that are none of it pass, whatever becomes of the examples."""
    found = train_team({"vague": anywhere(10, 41)}, BACKGROUND)
    assert (found.probabilities(anywhere(1_000, 42))[:, 0] >= 0.5).mean() < 0.15
