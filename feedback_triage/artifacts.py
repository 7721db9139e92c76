"""A classifier as a folder: weights without pickle, configuration, metrics, and a card made from them.

models/classifier/
  HISTORY                    names of the folders that were put in use, the one in use last
  2026-11-22-1a2b3c4d/
    classifier.safetensors   a tuned encoder: the changes to its weights; or
    classifier.skops         a machine over sentence vectors; loads only the types named here
    team.safetensors         the step for a team's own labels, if there is one
    config.json              encoder, labels, threshold, digests of the files above, what it was trained on
    metrics.json             figures with intervals
    README.md                the card, rendered from the two, with a picture beside it
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from feedback_triage.abstention import OperatingPoint
from feedback_triage.classifier_history import alone, history
from feedback_triage.embed import SentenceEncoder
from feedback_triage.errors import ModelError, OutputError
from feedback_triage.label import FeedbackClassifier, LabelModel, TeamModel, VectorModel
from feedback_triage.settings import Settings
from feedback_triage.taxonomy import SILENCE

if TYPE_CHECKING:
    from feedback_triage.label.tuned import TunedModel

_TUNED_FILE, _VECTOR_FILE, _TEAM_FILE = "classifier.safetensors", "classifier.skops", "team.safetensors"


@dataclass(frozen=True)
class StoredTunedModel:
    """A tuned model that is loaded when it is first asked: it takes seconds, and a name takes none.

    Attributes:
        classes_: what it tells apart, in the order of the probabilities.
        content: the file.
        encoder_folder: the encoder it was tuned from.
    """

    classes_: tuple[str, ...]
    content: bytes
    encoder_folder: Path
    needs_vectors = False

    @cached_property
    def loaded(self) -> "TunedModel":
        """The model itself.

        Raises:
            ModelError: the file is damaged or does not fit the encoder.
        """
        from feedback_triage.label.tuned import load_tuned  # noqa: PLC0415 - see above

        return load_tuned(self.content, self.encoder_folder, self.classes_)

    def predict_proba(self, texts: Sequence[str], vectors: NDArray[np.float32] | None = None) -> NDArray[np.float64]:
        """Probability of each of `classes_`, (n_texts, n_classes); vectors are not looked at."""
        return self.loaded.predict_proba(texts, vectors)


def save_classifier(
    directory: Path,
    classifier: FeedbackClassifier,
    config: Mapping[str, Any],
    metrics: Mapping[str, Any],
    pages: Mapping[str, str],
) -> Path:
    """Write a classifier's folder under `directory`; the same classifier gives the same bytes.

    Args:
        directory: folder of classifiers.
        classifier: what to write.
        config: how it came about.
        metrics: figures about it.
        pages: text files for people, by name.

    Returns:
        The folder.
    """
    files = {_model_file(classifier.model): _model_bytes(classifier.model)}
    if classifier.team is not None:
        files[_TEAM_FILE] = save({"weights": classifier.team.weights, "biases": classifier.team.biases})
    full = {
        **config,
        "version": classifier.version,
        "encoder_id": classifier.encoder_id,
        "labels": list(classifier.labels),
        "team_labels": list(classifier.team.labels) if classifier.team else [],
        "classes": list(classifier.model.classes_),
        "threshold": classifier.threshold,
        "languages": list(classifier.languages),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    points = [[p.threshold, p.n_items, p.n_given, p.n_wrong] for p in classifier.points]
    for name, value in (("config.json", full), ("metrics.json", {**metrics, "risk_coverage": points})):
        files[name] = (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()
    files |= {name: text.encode() for name, text in pages.items()}
    return _write_folder(directory / classifier.version, files)


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write a folder beside its place and move it there: a kill or a full disk leaves what was there before."""
    beside, before = (folder.with_name(f".{folder.name}.{word}") for word in ("new", "old"))
    try:
        with alone(folder.parent):
            for left in (beside, before):
                shutil.rmtree(left, ignore_errors=True)
            beside.mkdir(parents=True)
            for name, content in files.items():
                (beside / name).write_bytes(content)
            if folder.exists():
                folder.rename(before)
            beside.rename(folder)
            shutil.rmtree(before, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise OutputError(f"cannot write {folder}: {error.strerror}; make room or check its permissions") from None
    return folder


def _model_file(model: LabelModel) -> str:
    return _VECTOR_FILE if isinstance(model, VectorModel) else _TUNED_FILE


def _model_bytes(model: Any) -> bytes:
    if isinstance(model, VectorModel):
        from feedback_triage import skops_archive  # noqa: PLC0415 - takes seconds to import

        return skops_archive.dumps(model.estimator)
    if isinstance(model, StoredTunedModel):
        return model.content
    from feedback_triage.label.tuned import dump_tuned  # noqa: PLC0415 - takes seconds to import

    return dump_tuned(model)


def read_config(directory: Path, version: str = "") -> dict[str, Any]:
    """Configuration of a classifier, `metrics` with it.

    Args:
        directory: folder of classifiers.
        version: "" for the one in use.

    Raises:
        ModelError: there is none, or it is damaged.
    """
    try:
        folder = directory / (version or history(directory)[-1])
        config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        config["metrics"] = json.loads((folder / "metrics.json").read_text("utf-8"))
    except (OSError, IndexError):
        raise ModelError(f"{directory} has no classifier to load; run: make train") from None
    except (ValueError, RecursionError, TypeError):
        raise ModelError(f"{directory} holds a damaged classifier; run: make train") from None
    return config


def load_classifier(directory: Path, encoder_folder: Path, version: str = "") -> FeedbackClassifier:
    """Load a classifier, refusing a file that is not the one that was saved, and any type that is not expected.

    Args:
        directory: folder of classifiers.
        encoder_folder: where the weights of the encoder lie, for a tuned classifier.
        version: "" for the one in use.

    Raises:
        ModelError: there is none, it is damaged, or it holds something unexpected.
    """
    config = read_config(directory, version)
    try:
        name = str(config["version"])
        files = _read_files(directory / name, config["files"])
        classes = tuple(str(value) for value in config["classes"])
        labels = tuple(str(value) for value in config["labels"])
        if _VECTOR_FILE in files:
            from feedback_triage import skops_archive  # noqa: PLC0415 - takes seconds to import

            model: LabelModel = VectorModel(skops_archive.loads(files[_VECTOR_FILE], name))
        else:
            model = StoredTunedModel(classes, files[_TUNED_FILE], encoder_folder)
        if not isinstance(config["labels"], list) or not set(labels) - {SILENCE} <= set(model.classes_):
            # Silence may be left to the rules alone.
            raise ModelError(f"classifier {name} names labels that its model does not know; run: make train")
        return FeedbackClassifier(
            version=name,
            encoder_id=str(config["encoder_id"]),
            labels=labels,
            threshold=float(config["threshold"]),
            model=model,
            languages=tuple(str(code) for code in config["languages"]),
            points=tuple(
                OperatingPoint(float(threshold), int(n_items), int(n_given), int(n_wrong))
                for threshold, n_items, n_given, n_wrong in config["metrics"]["risk_coverage"]
            ),
            team=_team(config["team_labels"], files),
        )
    except (AttributeError, KeyError, TypeError, ValueError, SafetensorError):
        raise ModelError(f"a classifier in {directory} is damaged; run: make train") from None


def classifier_in_use(
    settings: Settings, encoder: SentenceEncoder, max_wrong_per_100: float = 0.0
) -> FeedbackClassifier:
    """The classifier in use, with the budget of wrong labels that was asked for or configured.

    Args:
        settings: where it lies, and the configured budget.
        encoder: the one that is configured.
        max_wrong_per_100: budget of wrong labels in 100 given ones; 0 for the configured one.

    Raises:
        ModelError: there is none, or it is damaged.
        SettingError: it cannot keep the budget.
    """
    classifier = load_classifier(settings.models_dir / "classifier", encoder.folder)
    budget = max_wrong_per_100 or settings.max_wrong_per_100
    return classifier.with_budget(budget) if budget else classifier


def _read_files(folder: Path, digests: Mapping[str, str]) -> dict[str, bytes]:
    files = {}
    for name, digest in digests.items():
        if name not in {_TUNED_FILE, _VECTOR_FILE, _TEAM_FILE}:
            raise ModelError(f"classifier {folder.name} names the unexpected file {name!r}; run: make train")
        try:
            files[name] = (folder / name).read_bytes()
        except OSError:
            raise ModelError(f"classifier {folder.name} lacks its file {name}; run: make train") from None
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise ModelError(f"{name} of classifier {folder.name} is not the file that was saved; run: make train")
    return files


def _team(labels: list[str], files: Mapping[str, bytes]) -> TeamModel | None:
    if not labels:
        return None
    arrays = load(files[_TEAM_FILE])
    weights, biases = arrays["weights"], arrays["biases"]
    if weights.ndim != 2 or len(weights) != len(labels) or biases.shape != (len(labels),):
        raise ValueError("the team's step does not fit its labels")
    return TeamModel(tuple(str(label) for label in labels), weights, biases)
