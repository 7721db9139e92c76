"""A model over sentence vectors, for encoders whose weights cannot be tuned here and for quick comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback_triage.label.surface import surface_features


def feature_matrix(texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the estimator sees: unit vectors (n, dim) beside surface features, (n, dim + 8)."""
    return np.hstack([vectors, surface_features(texts)]).astype(np.float32)


@dataclass(frozen=True)
class VectorModel:
    """A scikit-learn estimator over `feature_matrix`.

    Attributes:
        estimator: fitted, with `predict_proba` and `classes_`.
    """

    estimator: Any
    needs_vectors = True

    @property
    def classes_(self) -> tuple[str, ...]:
        """What it tells apart, in the order of the probabilities."""
        return tuple(str(name) for name in self.estimator.classes_)

    def predict_proba(self, texts: Sequence[str], vectors: NDArray[np.float32] | None) -> NDArray[np.float64]:
        """Probability of each of `classes_`, (n_texts, n_classes), from texts and their unit vectors (n_texts, dim).

        Raises:
            ValueError: no vectors were given.
        """
        if vectors is None:
            raise ValueError("this model reads sentence vectors")
        found: NDArray[np.float64] = self.estimator.predict_proba(feature_matrix(texts, vectors))
        return found
