"""The temperature makes probabilities honest."""

import numpy as np
import pytest

from feedback_triage.label.tuned import as_probabilities
from feedback_triage.learning.calibration import best_temperature
from tests.support.gold_items import CLASSES


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


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        pytest.param("praise", 0.25, id="always right: as sharp as may be, never certain"),
        pytest.param("silence", 8.0, id="always wrong: as flat as may be"),
    ],
)
def test_the_temperature_stays_within_its_bounds(truth: str, expected: float) -> None:
    scores = np.tile([5.0, 0.0, 0.0, -5.0, 0.0], (20, 1))
    assert best_temperature(scores, [truth] * 20, CLASSES) == pytest.approx(expected, rel=0.01)


def test_a_temperature_changes_no_order_and_rows_sum_to_one() -> None:
    scores = np.random.default_rng(2).normal(scale=50.0, size=(30, 5))
    for temperature in (0.25, 1.0, 8.0):
        found = as_probabilities(scores, temperature)
        assert np.allclose(found.sum(axis=1), 1.0)
        assert (found.argmax(axis=1) == scores.argmax(axis=1)).all()
    assert as_probabilities(np.zeros((0, 5)), 1.0).shape == (0, 5)
