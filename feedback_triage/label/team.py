"""A team's own labels, told apart by a second step that only looks at what is none of the built-in ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from feedback_triage.domain import Prediction

_EVEN = 0.5


@dataclass(frozen=True, eq=False)
class TeamModel:
    """One linear model a label over sentence vectors.

    The built-in labels are decided first, so adding a label takes nothing from them.

    Attributes:
        labels: the team's labels, in the order of their file.
        weights: (n_labels, dim).
        biases: (n_labels,).
    """

    labels: tuple[str, ...]
    weights: NDArray[np.float64]
    biases: NDArray[np.float64]

    def probabilities(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of each label, given that none of the built-in ones fits: (n, n_labels), rows sum to 1 at most.

        Args:
            vectors: unit vectors, (n, dim).
        """
        n = len(self.labels)
        # A product for each text alone: in a larger one the sums would depend on the company.
        scores = np.array([self.weights @ vector for vector in vectors.astype(np.float64)]).reshape(-1, n)
        each = 1.0 / (1.0 + np.exp(-np.clip(scores + self.biases, -30.0, 30.0)))
        shares: NDArray[np.float64] = each / np.maximum(each.sum(axis=1, keepdims=True), 1.0)
        return shares

    def join(
        self, predictions: Sequence[Prediction], vectors: NDArray[np.float32], is_read: Sequence[bool]
    ) -> list[Prediction]:
        """Give a team's label where the first step gave none and this one is more sure than not.

        Args:
            predictions: of the first step.
            vectors: unit vectors of the same texts, (n, dim).
            is_read: whether the text is in a language that the classifier reads.
        """
        joined = []
        for prediction, row, may_label in zip(predictions, self.probabilities(vectors), is_read, strict=True):
            shares = np.round(row * prediction.probability_none, 6)
            best = int(row.argmax())
            is_sure = may_label and prediction.label is None and row[best] >= _EVEN
            takes = is_sure and float(shares[best]) >= prediction.probability
            label = self.labels[best] if takes else prediction.label
            probabilities = prediction.probabilities | dict(zip(self.labels, shares.tolist(), strict=True))
            joined.append(
                replace(prediction, label=label, probability=max(probabilities.values()), probabilities=probabilities)
            )
        return joined
