"""Which way of learning an encoder allows."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from feedback_triage.embed import Progress, SentenceEncoder, load_encoder
from feedback_triage.errors import ModelError
from feedback_triage.label import VectorModel
from feedback_triage.label.tuned import TunedModel, as_probabilities
from feedback_triage.learning.calibration import best_temperature
from feedback_triage.learning.learners import TunedLearner, VectorLearner, can_tune, choose_learner
from feedback_triage.learning.tuning import Recipe
from tests.support.gold_items import CLASSES, MODELS, TEXTS, TRUTH

SHORT = Recipe(epochs=1, batch=5, runs=1)


class LengthEncoder:
    """A small real encoder without a folder: the first letters of a text and how long it is."""

    encoder_id = "lengths-1"
    dim = 4

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float16]:
        if progress:
            progress(len(texts))
        return np.array([[len(text) / 100, *(ord(c) % 32 / 32 for c in text[:3])] for text in texts], dtype=np.float16)


def folder_of(tmp_path: Path, config: object, tokenizer: bool = True) -> Path:
    (tmp_path / "config.json").write_text(config if isinstance(config, str) else json.dumps(config), "utf-8")
    if tokenizer:
        (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def offline() -> SentenceEncoder:
    return load_encoder(MODELS)


# --- what can be tuned ---


def test_the_offline_encoder_can_be_tuned(offline: SentenceEncoder) -> None:
    assert can_tune(offline.folder)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param({"model_type": "bert"}, True, id="of the BERT kind"),
        pytest.param({"model_type": "distilbert"}, False, id="of a kind with a like name"),
        pytest.param({"model_type": "mpnet"}, False, id="of another kind"),
        pytest.param({}, False, id="it does not say"),
        pytest.param([], False, id="a list"),
        pytest.param("null", False, id="null"),
        pytest.param("{", False, id="broken JSON"),
        pytest.param("", False, id="an empty file"),
    ],
)
def test_an_encoder_can_be_tuned_if_its_configuration_says_bert(tmp_path: Path, config: object, expected: bool) -> None:
    assert can_tune(folder_of(tmp_path, config)) is expected


def test_an_encoder_without_its_files_cannot_be_tuned(tmp_path: Path) -> None:
    assert not can_tune(tmp_path / "nowhere")
    assert not can_tune(folder_of(tmp_path, {"model_type": "bert"}, tokenizer=False))


# --- choosing ---


@pytest.mark.parametrize("method", ["", "tuned"])
def test_the_best_that_the_offline_encoder_allows_is_tuning(offline: SentenceEncoder, method: str) -> None:
    learner = choose_learner(offline, method)
    assert learner == TunedLearner(offline.folder, Recipe())
    assert learner.kind == "tuned"
    assert choose_learner(offline, method, SHORT) == TunedLearner(offline.folder, SHORT)


def test_vectors_can_be_asked_for(offline: SentenceEncoder) -> None:
    learner = choose_learner(offline, "vectors")
    assert isinstance(learner, VectorLearner)
    assert (learner.kind, learner.encoder) == ("vectors", offline)


def test_an_encoder_of_another_kind_falls_back_to_vectors_and_tuning_it_is_refused(tmp_path: Path) -> None:
    other = SentenceEncoder("other", folder_of(tmp_path, {"model_type": "mpnet"}), dim=384, max_tokens=128)
    for encoder in (other, LengthEncoder()):
        for method in ("", "vectors"):
            assert isinstance(choose_learner(encoder, method), VectorLearner)
        with pytest.raises(ModelError) as error:
            choose_learner(encoder, "tuned")
        assert str(error.value) == (
            "this encoder is not of the BERT kind and cannot be tuned; train with: --method vectors"
        )


# --- learning over vectors ---


def test_a_machine_over_vectors_learns_and_tells_its_progress() -> None:
    learner, told = VectorLearner(LengthEncoder()), list[int]()
    model = learner.fit(TEXTS * 3, TRUTH * 3, told.append)
    assert isinstance(model, VectorModel)
    assert sum(told) == 3 * len(TEXTS)
    assert sorted(model.classes_) == sorted(CLASSES)
    found = learner.probabilities(model, TEXTS)
    assert found.shape == (len(TEXTS), len(CLASSES))
    assert np.allclose(found.sum(axis=1), 1.0)
    assert learner.calibrated(model, model, TEXTS, TRUTH) is model


def test_a_machine_over_vectors_is_the_same_again() -> None:
    learner = VectorLearner(LengthEncoder())
    first, second = (learner.probabilities(learner.fit(TEXTS * 3, TRUTH * 3, None), TEXTS) for _ in range(2))
    assert np.array_equal(first, second)


# --- tuning ---


def test_a_tuned_model_takes_the_temperature_that_suits_the_judge(offline: SentenceEncoder) -> None:
    learner, told = TunedLearner(offline.folder, SHORT), list[int]()
    model = learner.fit(TEXTS, TRUTH, told.append)
    judge = learner.fit(TEXTS[::2], TRUTH[::2], None)
    assert sum(told) == len(TEXTS)
    assert model.classes_ == CLASSES
    assert model.temperature == 1.0
    calibrated = learner.calibrated(model, judge, TEXTS[1::2], TRUTH[1::2])
    expected = best_temperature(judge.scores(TEXTS[1::2]), TRUTH[1::2], CLASSES)
    assert isinstance(calibrated, TunedModel)
    assert calibrated.temperature == expected != 1.0
    assert np.array_equal(learner.probabilities(calibrated, TEXTS), as_probabilities(model.scores(TEXTS), expected))
    with pytest.raises(TypeError, match="only tuned models"):
        learner.calibrated(VectorModel(None), judge, TEXTS, TRUTH)


def test_the_card_is_told_how_it_was_learnt(offline: SentenceEncoder) -> None:
    assert TunedLearner(offline.folder, Recipe(epochs=8, runs=2)).description == (
        "the encoder with all layers tuned (8 epochs, 2 runs averaged), temperature scaling"
    )
    assert "support vector" in VectorLearner(offline).description
