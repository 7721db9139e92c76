"""The classifier: a calibrated model over sentence vectors and the look of a text, which abstains when unsure."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback_triage.content_free import is_content_free
from feedback_triage.domain import Prediction
from feedback_triage.errors import ModelError
from feedback_triage.taxonomy import NONE_OF_THEM, SILENCE

_URL = re.compile(r"https?://|www\.", re.IGNORECASE)
_WORD = re.compile(r"\w+")

N_SURFACE_FEATURES = 8


def surface_features(texts: Sequence[str]) -> NDArray[np.float32]:
    """How a text looks, apart from what it means: (n_texts, 8), each about 0..1.

    Characters and words (logarithms), share of letters, of capitals and of digits, question mark, exclamation
    mark, a URL. They tell a stray string from a sentence, which a sentence vector does poorly.
    """
    rows = np.zeros((len(texts), N_SURFACE_FEATURES), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        n = len(text)
        if not n:
            continue
        letters = sum(character.isalpha() for character in text)
        row[:] = (
            math.log1p(min(n, 2_000)) / 8,
            math.log1p(min(len(_WORD.findall(text)), 400)) / 6,
            letters / n,
            sum(character.isupper() and character.isalpha() for character in text) / max(letters, 1),
            sum(character.isdigit() for character in text) / n,
            "?" in text,
            "!" in text,
            bool(_URL.search(text)),
        )
    return rows


def feature_matrix(texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the model sees: unit vectors (n, dim) beside surface features, (n, dim + 8)."""
    return np.hstack([vectors, surface_features(texts)]).astype(np.float32)


@dataclass(frozen=True)
class FeedbackClassifier:
    """A trained model with the threshold under which it keeps quiet.

    Attributes:
        version: name of its folder: date and digest of what it was trained on.
        encoder_id: of the encoder whose vectors it understands.
        labels: the labels it can give, in their canonical order.
        threshold: least probability of a label that is given, 0..1.
        model: has `classes_` and `predict_proba` over `feature_matrix`.
    """

    version: str
    encoder_id: str
    labels: tuple[str, ...]
    threshold: float
    model: Any

    def check_encoder(self, encoder_id: str) -> None:
        """Refuse vectors of another encoder.

        Raises:
            ModelError: the classifier was trained on vectors of another encoder.
        """
        if encoder_id != self.encoder_id:
            raise ModelError(
                f"the classifier {self.version} was trained on vectors of {self.encoder_id}, not of {encoder_id}; "
                "train one with: feedback-triage train"
            )

    def predict(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> list[Prediction]:
        """Propose a label for each text, or abstain.

        Args:
            texts: cleaned texts.
            vectors: their unit vectors, (n_texts, dim), of the encoder `encoder_id`.

        Returns:
            One prediction a text, in order.
        """
        probabilities = self.probabilities(texts, vectors)
        return [self._decide(row) for row in probabilities]

    def probabilities(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Probability of each of `labels`, (n_texts, n_labels), rounded to six decimals; the rest is "none of them"."""
        if not texts:
            return np.zeros((0, len(self.labels)))
        known = list(self.model.classes_)
        by_class = self.model.predict_proba(feature_matrix(texts, vectors))
        found = np.zeros((len(texts), len(self.labels)))
        for column, label in enumerate(self.labels):
            if label in known:  # silence may be left to the rules alone
                found[:, column] = by_class[:, known.index(label)]
        # Where a rule is certain the model is not asked: it never saw most of these strings.
        certain = [index for index, text in enumerate(texts) if is_content_free(text)]
        if certain and SILENCE in self.labels:
            found[certain] = 0.0
            found[certain, self.labels.index(SILENCE)] = 1.0
        return np.round(found, 6)

    def _decide(self, row: NDArray[np.float64]) -> Prediction:
        best = int(row.argmax())
        probability = float(row[best])
        none = max(0.0, 1.0 - float(row.sum()))
        is_sure = probability >= self.threshold and probability > none
        return Prediction(
            label=self.labels[best] if is_sure else None,
            probability=probability,
            probabilities={label: float(value) for label, value in zip(self.labels, row, strict=True)},
        )


def model_classes(labels: Sequence[str]) -> tuple[str, ...]:
    """Classes a model learns: the labels and `other`, which it never gives."""
    return (*labels, NONE_OF_THEM)
