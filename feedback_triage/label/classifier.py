"""The classifier: a calibrated model, the threshold under which it keeps quiet, and the languages it reads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from feedback_triage.abstention import OperatingPoint, first_point, point_within
from feedback_triage.content_free import is_content_free
from feedback_triage.domain import Prediction
from feedback_triage.errors import ModelError, SettingError
from feedback_triage.label.team import TeamModel
from feedback_triage.language import UNKNOWN, language_of
from feedback_triage.taxonomy import NONE_OF_THEM, SILENCE


class LabelModel(Protocol):
    """What gives the probabilities."""

    @property
    def needs_vectors(self) -> bool:
        """Whether it reads sentence vectors besides the texts."""
        ...

    @property
    def classes_(self) -> tuple[str, ...]:
        """What it tells apart, in the order of the probabilities."""
        ...

    def predict_proba(self, texts: Sequence[str], vectors: NDArray[np.float32] | None) -> NDArray[np.float64]:
        """Probability of each of `classes_`, (n_texts, n_classes), from texts and unit vectors (n_texts, dim)."""
        ...


@dataclass(frozen=True)
class FeedbackClassifier:
    """A trained model with the threshold under which it keeps quiet.

    Attributes:
        version: name of its folder: date and digest of what it was trained on; with a budget, that too.
        encoder_id: of the encoder that it was tuned from, or whose vectors it reads.
        labels: the built-in labels it can give, in their canonical order.
        threshold: least probability of a label that is given, 0..1.
        model: gives the probabilities.
        languages: codes of the languages it was trained to read; empty for any.
        points: what each threshold did to items held out while training; empty if that was not kept.
        team: a second step that tells a team's own labels apart among what is none of the built-in ones; None if
            there are none.
    """

    version: str
    encoder_id: str
    labels: tuple[str, ...]
    threshold: float
    model: LabelModel
    languages: tuple[str, ...] = ()
    points: tuple[OperatingPoint, ...] = ()
    team: TeamModel | None = None

    @property
    def needs_vectors(self) -> bool:
        """Whether `predict` reads sentence vectors."""
        return self.model.needs_vectors or self.team is not None

    @property
    def all_labels(self) -> tuple[str, ...]:
        """The built-in labels, then the team's own."""
        return self.labels + (self.team.labels if self.team else ())

    def reads(self, language: str) -> bool:
        """Whether it may judge a text in this language; a text too short to tell is judged."""
        return language == UNKNOWN or not self.languages or language in self.languages

    def check_encoder(self, encoder_id: str) -> None:
        """Refuse another encoder.

        Raises:
            ModelError: the classifier was trained with another encoder.
        """
        if encoder_id != self.encoder_id:
            raise ModelError(
                f"the classifier {self.version} was trained on vectors of {self.encoder_id}, not of {encoder_id}; "
                "train one with: feedback-triage train"
            )

    def with_budget(self, max_wrong_per_100: float) -> "FeedbackClassifier":
        """The same classifier with the lowest threshold that keeps its wrong labels within a budget.

        Args:
            max_wrong_per_100: wrong labels among 100 given ones, above 0 and below 100.

        Raises:
            SettingError: no threshold keeps within it.
            ModelError: the classifier does not know what its thresholds cost.
        """
        if not self.points:
            raise ModelError(f"the classifier {self.version} keeps no risk and coverage; run: make train")
        chosen = point_within(self.points, max_wrong_per_100)
        if chosen is None:
            least = first_point(self.points).risk_upper * 100
            raise SettingError(
                f"no threshold keeps to {max_wrong_per_100:g} wrong labels in 100; this classifier can promise "
                f"{math.ceil(least * 10) / 10:.1f} at the least"
            )
        return replace(
            self, version=f"{self.version.partition('-max')[0]}-max{max_wrong_per_100:g}", threshold=chosen.threshold
        )

    @property
    def point(self) -> OperatingPoint | None:
        """What the threshold in use did to items held out while training, None if that was not kept."""
        return next((point for point in self.points if point.threshold >= self.threshold - 1e-9), None)

    def predict(self, texts: Sequence[str], vectors: NDArray[np.float32] | None = None) -> list[Prediction]:
        """Propose a label for each text, or abstain.

        Args:
            texts: cleaned texts.
            vectors: their unit vectors, (n_texts, dim), of the encoder `encoder_id`; None where `needs_vectors` is
                False.

        Returns:
            One prediction a text, in order.
        """
        languages = [UNKNOWN if is_content_free(text) else language_of(text) for text in texts]
        is_read = [self.reads(code) for code in languages]
        rows = self.probabilities(texts, vectors)
        predictions = [self._decide(*given) for given in zip(rows, languages, is_read, strict=True)]
        if self.team is None or vectors is None:
            return predictions
        return self.team.join(predictions, vectors, is_read)

    def probabilities(self, texts: Sequence[str], vectors: NDArray[np.float32] | None = None) -> NDArray[np.float64]:
        """Probability of each of `labels`, (n_texts, n_labels), rounded to six decimals; the rest is "none of them"."""
        if not texts:
            return np.zeros((0, len(self.labels)))
        known = list(self.model.classes_)
        by_class = self.model.predict_proba(texts, vectors)
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

    def _decide(self, row: NDArray[np.float64], language: str, is_read: bool) -> Prediction:
        best = int(row.argmax())
        probability = float(row[best])
        is_sure = probability >= self.threshold and probability > max(0.0, 1.0 - float(row.sum()))
        return Prediction(
            label=self.labels[best] if is_sure and is_read else None,
            probability=probability,
            probabilities={label: float(value) for label, value in zip(self.labels, row, strict=True)},
            language=language,
        )


def model_classes(labels: Sequence[str]) -> tuple[str, ...]:
    """Classes a model learns: the labels and `other`, which it never gives."""
    return (*labels, NONE_OF_THEM)
