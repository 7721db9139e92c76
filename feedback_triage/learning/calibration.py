"""What makes a model's probabilities honest: one temperature, found on items it did not see."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from feedback_triage.label.tuned import as_probabilities


def best_temperature(scores: NDArray[np.float64], truth: Sequence[str], classes: Sequence[str]) -> float:
    """The temperature, .25 to 8, under which held-out items are likeliest (Guo et al. 2017), rounded to 3 decimals.

    Args:
        scores: (n_items, n_classes) of a model that did not see the items.
        truth: the class of each item.
        classes: the order of the scores.
    """
    column = np.array([list(classes).index(name) for name in truth])

    def loss(log_temperature: float) -> float:
        probabilities = as_probabilities(scores, math.exp(log_temperature))[np.arange(len(column)), column]
        return float(-np.log(np.maximum(probabilities, 1e-12)).mean())

    found = minimize_scalar(loss, bounds=(math.log(0.25), math.log(8)), method="bounded")
    return round(math.exp(float(found.x)), 3)
