"""The two ways to learn the labels: tune the encoder itself, or fit a machine over its sentence vectors."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC

from feedback_triage.embed import Encoder, Progress, as_unit
from feedback_triage.errors import ModelError
from feedback_triage.label import LabelModel, VectorModel, feature_matrix, model_classes
from feedback_triage.label.tuned import TunedModel
from feedback_triage.learning.calibration import best_temperature
from feedback_triage.learning.tuning import Recipe, tune
from feedback_triage.taxonomy import LABELS

TUNED, VECTORS = "tuned", "vectors"


class Learner(Protocol):
    """Learns the classes of `model_classes(LABELS)` from texts."""

    kind: str

    @property
    def description(self) -> str:
        """One line for the card."""
        ...

    @property
    def signature(self) -> str:
        """Everything about the way of learning that decides the result."""
        ...

    def fit(self, texts: Sequence[str], truth: Sequence[str], progress: Progress | None) -> LabelModel:
        """A model of these items, its probabilities not yet calibrated."""
        ...

    def fit_judge(self, texts: Sequence[str], truth: Sequence[str], progress: Progress | None) -> LabelModel:
        """A model of these items that calibrates another; it may be a cheaper one."""
        ...

    def calibrated(
        self, model: LabelModel, judge: LabelModel, texts: Sequence[str], truth: Sequence[str]
    ) -> LabelModel:
        """The model with honest probabilities, learnt from items that `judge`, its like, did not see."""
        ...

    def probabilities(self, model: LabelModel, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probability of each class, (n_texts, n_classes)."""
        ...


@dataclass(frozen=True)
class TunedLearner:
    """Tunes all layers of the encoder.

    Attributes:
        folder: the encoder's; see `can_tune`.
        recipe: how.
    """

    folder: Path
    recipe: Recipe
    kind = TUNED

    @property
    def description(self) -> str:
        """One line for the card."""
        recipe = self.recipe
        return (
            f"the encoder with all layers tuned ({recipe.epochs} epochs, {recipe.runs} runs averaged), "
            "temperature scaling"
        )

    @property
    def signature(self) -> str:
        """The recipe."""
        return json.dumps([self.kind, asdict(self.recipe)], sort_keys=True)

    def fit(self, texts: Sequence[str], truth: Sequence[str], progress: Progress | None) -> TunedModel:
        """See `tuning.tune`."""
        return tune(texts, truth, model_classes(LABELS), self.folder, self.recipe, progress)

    def fit_judge(self, texts: Sequence[str], truth: Sequence[str], progress: Progress | None) -> TunedModel:
        """One run instead of several: the temperature of one suits their mean."""
        return tune(texts, truth, model_classes(LABELS), self.folder, replace(self.recipe, runs=1), progress)

    def calibrated(
        self, model: LabelModel, judge: LabelModel, texts: Sequence[str], truth: Sequence[str]
    ) -> TunedModel:
        """The model with the temperature that suits its like."""
        if not isinstance(model, TunedModel) or not isinstance(judge, TunedModel):
            raise TypeError("only tuned models have a temperature")
        return replace(model, temperature=best_temperature(judge.scores(texts), truth, judge.classes_))

    def probabilities(self, model: LabelModel, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probability of each class, (n_texts, n_classes)."""
        return model.predict_proba(texts, None)


@dataclass(frozen=True)
class VectorLearner:
    """Fits a support vector machine over sentence vectors, for encoders that cannot be tuned here.

    Attributes:
        encoder: makes the vectors.
        seed: of everything that is drawn.
    """

    encoder: Encoder
    seed: int = 7
    kind = VECTORS

    @property
    def description(self) -> str:
        """One line for the card."""
        return "support vector classifier (RBF) over sentence vectors and surface features, sigmoid calibration"

    @property
    def signature(self) -> str:
        """The description and the seed."""
        return json.dumps([self.kind, self.description, self.seed])

    def fit(self, texts: Sequence[str], truth: Sequence[str], progress: Progress | None) -> VectorModel:
        """Fit; the sigmoid is fitted on folds of the same items, so nothing is left to calibrate."""
        vectors = as_unit(self.encoder.encode(texts, progress))
        machine = SVC(C=4.0, gamma=1.5, class_weight="balanced", cache_size=500, random_state=self.seed)
        estimator = CalibratedClassifierCV(machine, method="sigmoid", cv=3, ensemble=False)
        return VectorModel(estimator.fit(feature_matrix(texts, vectors), np.asarray(truth, dtype=str)))

    def fit_judge(self, texts: Sequence[str], truth: Sequence[str], progress: Progress | None) -> VectorModel:
        """See `fit`."""
        return self.fit(texts, truth, progress)

    def calibrated(
        self,
        model: LabelModel,
        judge: LabelModel,  # noqa: ARG002 - as every learner
        texts: Sequence[str],  # noqa: ARG002 - same
        truth: Sequence[str],  # noqa: ARG002 - same
    ) -> LabelModel:
        """The model as it is."""
        return model

    def probabilities(self, model: LabelModel, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probability of each class, (n_texts, n_classes)."""
        return model.predict_proba(texts, as_unit(self.encoder.encode(texts)))


def can_tune(folder: Path) -> bool:
    """Whether the encoder in a folder is of the kind that can be tuned here (BERT), by its `config.json`."""
    try:
        kind = json.loads((folder / "config.json").read_text("utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError):
        return False
    return kind == "bert" and (folder / "tokenizer.json").is_file()


def choose_learner(encoder: Encoder, method: str = "", recipe: Recipe | None = None) -> Learner:
    """The learner that is asked for, or the best one that the encoder allows.

    Args:
        encoder: to start from.
        method: `tuned`, `vectors` or "" to choose.
        recipe: how to tune.

    Raises:
        ModelError: the encoder cannot be tuned here, though that was asked for.
    """
    folder = getattr(encoder, "folder", None)
    tunable = isinstance(folder, Path) and can_tune(folder)
    if method == TUNED and not tunable:
        raise ModelError("this encoder is not of the BERT kind and cannot be tuned; train with: --method vectors")
    if tunable and method != VECTORS:
        return TunedLearner(Path(str(folder)), recipe or Recipe())
    return VectorLearner(encoder)
