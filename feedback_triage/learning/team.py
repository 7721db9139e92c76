"""Train the step that tells a team's own labels apart, from a handful of examples and the gold items beside them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from feedback_triage.label import TeamModel

_SEED = 7
_FOLDS = 10
_KEPT = 25  # percentile of the examples' own held-out scores from which on a text gets the label
_BACKGROUND = 92.5  # percentile of other texts that a text must pass besides
_SLOPE = 2.0  # probability rises from 12 % to 88 % within two units of score around the line


def train_team(examples: Mapping[str, NDArray[np.float32]], background: NDArray[np.float32]) -> TeamModel:
    """Train one linear model a label.

    The background surely holds texts of the new label that nobody has labelled (learning from positive and unlabelled
    items, Elkan and Noto 2008), so its scores say nothing about probability. The line is drawn where three in four of
    the examples pass, each judged by a model that did not see it, and at most 7.5 % of the background; there the odds
    are called even.

    Args:
        examples: unit vectors (n, dim) of each label's examples, n at least 2.
        background: unit vectors (n, dim) of gold items that are none of the built-in labels.
    """
    weights, biases = [], []
    for name, vectors in examples.items():
        others = [found for other, found in examples.items() if other != name]
        rest = np.vstack([background, *others])
        model = _fitted(vectors, rest)
        of_examples, of_rest = _held_out_scores(vectors, rest)
        line = max(float(np.percentile(of_examples, _KEPT)), float(np.percentile(of_rest, _BACKGROUND)))
        # Sums come out differently in their last digits; rounded, the same items give the same step.
        weights.append(np.round(_SLOPE * model.coef_[0], 8))
        biases.append(round(_SLOPE * (float(model.intercept_[0]) - line), 8))
    return TeamModel(tuple(examples), np.array(weights), np.array(biases))


def _fitted(positive: NDArray[np.float32], negative: NDArray[np.float32]) -> LogisticRegression:
    features = np.vstack([positive, negative]).astype(np.float64)
    truth = np.r_[np.ones(len(positive)), np.zeros(len(negative))]
    # This solver ends at the minimum to the last digits, where another would stop a little aside, each time elsewhere.
    model = LogisticRegression(C=1.0, class_weight="balanced", solver="newton-cholesky", tol=1e-9)
    return model.fit(features, truth)


def _held_out_scores(
    positive: NDArray[np.float32], negative: NDArray[np.float32]
) -> tuple[Sequence[float], Sequence[float]]:
    rng = np.random.default_rng(_SEED)
    n_folds = min(_FOLDS, len(positive))
    of_positive, of_negative = np.zeros(len(positive)), np.zeros(len(negative))
    parts = zip(
        np.array_split(rng.permutation(len(positive)), n_folds),
        np.array_split(rng.permutation(len(negative)), n_folds),
        strict=True,
    )
    for out, out_negative in parts:
        model = _fitted(np.delete(positive, out, axis=0), np.delete(negative, out_negative, axis=0))
        of_positive[out] = model.decision_function(positive[out].astype(np.float64))
        if len(out_negative):
            of_negative[out_negative] = model.decision_function(negative[out_negative].astype(np.float64))
    return of_positive.tolist(), of_negative.tolist()
