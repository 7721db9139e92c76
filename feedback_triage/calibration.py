"""Scores on items that were held out, and the temperature that makes honest probabilities of them."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from feedback_triage.tuned import as_probabilities
from feedback_triage.tuning import Progress, Recipe, tune


def held_out_scores(
    texts: Sequence[str],
    truth: Sequence[str],
    folds: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]],
    classes: Sequence[str],
    encoder_folder: Path,
    recipe: Recipe,
    progress: Progress | None = None,
) -> NDArray[np.float64]:
    """Scores of each item from a model that did not see it, (n_texts, n_classes).

    Args:
        texts: cleaned texts that are not empty.
        truth: the class of each.
        folds: positions to tune on and positions to hold out, as a splitter of scikit-learn gives them; each item
            is held out once, and texts alike belong on one side.
        classes: all classes, in the order of the scores.
        encoder_folder: the encoder to start from.
        recipe: how each model is tuned.
        progress: told the number of texts trained on since the last call.

    Raises:
        ModelError: the encoder cannot be used.
    """
    scores = np.zeros((len(texts), len(classes)))
    for seen, held_out in folds:
        model = tune(
            [texts[row] for row in seen], [truth[row] for row in seen], classes, encoder_folder, recipe, progress
        )
        scores[held_out] = model.scores([texts[row] for row in held_out])
    return scores


def best_temperature(scores: NDArray[np.float64], truth: Sequence[str], classes: Sequence[str]) -> float:
    """The temperature, .25 to 8, under which held-out items are likeliest (Guo et al. 2017), rounded to 3 decimals.

    Args:
        scores: (n_items, n_classes) of models that did not see the items.
        truth: the class of each item.
        classes: the order of the scores.
    """
    column = np.array([list(classes).index(name) for name in truth])

    def loss(log_temperature: float) -> float:
        probabilities = as_probabilities(scores, math.exp(log_temperature))[np.arange(len(column)), column]
        return float(-np.log(np.maximum(probabilities, 1e-12)).mean())

    found = minimize_scalar(loss, bounds=(math.log(0.25), math.log(8)), method="bounded")
    return round(math.exp(float(found.x)), 3)
