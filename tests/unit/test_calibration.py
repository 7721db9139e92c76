"""Held-out scores come from models that did not see the item; the temperature makes them honest."""

import numpy as np
import pytest

from feedback_triage.calibration import best_temperature, held_out_scores
from feedback_triage.embed import load_encoder
from feedback_triage.tuned import as_probabilities
from feedback_triage.tuning import Recipe, tune
from tests.support.gold_items import CLASSES, MODELS, TEXTS, TRUTH

SHORT = Recipe(epochs=1, batch=5, runs=1)


def test_held_out_scores_are_those_of_a_model_tuned_on_the_others() -> None:
    folder = load_encoder(MODELS).folder
    even, odd = np.arange(0, len(TEXTS), 2), np.arange(1, len(TEXTS), 2)
    told: list[int] = []
    scores = held_out_scores(TEXTS, TRUTH, [(even, odd), (odd, even)], CLASSES, folder, SHORT, told.append)
    assert sum(told) == len(TEXTS)
    for seen, held_out in ((even, odd), (odd, even)):
        model = tune([TEXTS[row] for row in seen], [TRUTH[row] for row in seen], CLASSES, folder, SHORT)
        assert np.array_equal(scores[held_out], model.scores([TEXTS[row] for row in held_out]))


@pytest.mark.parametrize(
    ("sharpness", "expected"),
    [
        pytest.param(1.0, 1.0, id="honest scores are left alone"),
        pytest.param(3.0, 3.0, id="boasting scores are damped"),
        pytest.param(0.5, 0.5, id="timid scores are sharpened"),
    ],
)
def test_the_best_temperature_undoes_a_known_sharpening(sharpness: float, expected: float) -> None:
    rng = np.random.default_rng(11)
    scores = rng.normal(scale=2.0, size=(4_000, 5))
    drawn = [CLASSES[rng.choice(5, p=row)] for row in as_probabilities(scores, 1.0)]
    assert best_temperature(scores * sharpness, drawn, CLASSES) == pytest.approx(expected, rel=0.08)
