"""Gold items into a classifier: cross-validated figures, a threshold, the model, and the card that tells of them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.svm import SVC

from feedback_triage import evaluate
from feedback_triage.content_free import is_content_free
from feedback_triage.embed import Encoder, Progress, as_unit
from feedback_triage.errors import MissingColumnError, MissingFileError, NoUsableRowError, UnreadableFileError
from feedback_triage.ingest import normalise_text
from feedback_triage.label import FeedbackClassifier, feature_matrix, model_classes
from feedback_triage.taxonomy import LABELS, NONE_OF_THEM

GOLD_COLUMNS = ("id", "text", "label", "annotator")
_FOLDS = 5
_SEED = 7


@dataclass(frozen=True)
class Trained:
    """A classifier with what is known about it.

    Attributes:
        classifier: ready to use.
        config: how it came about, for `config.json`.
        metrics: cross-validated figures, for `metrics.json`.
    """

    classifier: FeedbackClassifier
    config: Mapping[str, Any]
    metrics: Mapping[str, Any]


def read_gold(path: Path) -> pd.DataFrame:
    """Read gold items: id, text (cleaned), label, annotator and whatever else the file has; unclear items left out.

    Raises:
        MissingFileError: there is no such file.
        MissingColumnError: it lacks a column.
        NoUsableRowError: a label is unknown, or there are too few items of one to train on.
    """
    try:
        # An item's text may be "n/a" or "null": nothing may be read as missing.
        gold = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8", index_col=False)
    except OSError:
        raise MissingFileError(f"{path} cannot be read; gold items are expected there") from None
    except ValueError:  # all that pandas says of an empty, torn or wrongly encoded file
        raise UnreadableFileError(f"{path} is not a CSV file in UTF-8 with a header; write it anew") from None
    missing = [name for name in GOLD_COLUMNS if name not in gold.columns]
    if missing:
        raise MissingColumnError(f"{path} lacks the column {missing[0]!r}")
    gold = gold[gold["label"] != "unclear"].reset_index(drop=True)
    unknown = sorted(set(gold["label"]) - set(model_classes(LABELS)))
    if unknown:
        raise NoUsableRowError(
            f"{path} has the unknown label {unknown[0]!r}; known are {', '.join(model_classes(LABELS))}"
        )
    counts = gold["label"].value_counts()
    scarce = [name for name in model_classes(LABELS) if counts.get(name, 0) < 2 * _FOLDS]
    if scarce:
        raise NoUsableRowError(f"{path} has fewer than {2 * _FOLDS} items labelled {scarce[0]!r}; write some more")
    return gold.assign(text=[normalise_text("", text) for text in gold["text"]])


def train(gold: pd.DataFrame, encoder: Encoder, *, trained_on: date, progress: Progress | None = None) -> Trained:
    """Train a classifier; the same gold items and encoder give the same model.

    Args:
        gold: as `read_gold` gives it.
        encoder: whose vectors the classifier will read.
        trained_on: the date in its name.
        progress: told the number of texts encoded.

    Returns:
        The classifier with figures of five-fold cross-validation over all gold items.
    """
    gold = gold.sort_values("id", kind="stable", ignore_index=True)
    texts, truth = list(gold["text"]), gold["label"].to_numpy(dtype=str)
    vectors = as_unit(encoder.encode(texts, progress))
    features = feature_matrix(texts, vectors)
    digest = hashlib.sha256(encoder.encoder_id.encode())
    digest.update(json.dumps([texts, truth.tolist()], ensure_ascii=False).encode())
    # Rules answer for texts without content; the model learns from the rest.
    is_open = np.array([not is_content_free(text) for text in texts])
    held_out = _cross_validated(features, truth, is_open, _groups(texts))
    threshold = best_threshold(truth, held_out)
    model = _estimator().fit(features[is_open], truth[is_open])
    classifier = FeedbackClassifier(
        version=f"{trained_on.isoformat()}-{digest.hexdigest()[:8]}",
        encoder_id=encoder.encoder_id,
        labels=LABELS,
        threshold=threshold,
        model=model,
    )
    config = {
        "seed": _SEED,
        "folds": _FOLDS,
        "n_gold": len(gold),
        "n_gold_by_label": {name: int((truth == name).sum()) for name in model_classes(LABELS)},
        "annotators": sorted(set(gold["annotator"])),
        "estimator": "support vector classifier (RBF) over sentence vectors and surface features, sigmoid calibration",
    }
    return Trained(classifier, config, _metrics(gold, truth, held_out, threshold))


def _estimator() -> CalibratedClassifierCV:
    machine = SVC(C=4.0, gamma=1.5, class_weight="balanced", cache_size=500, random_state=_SEED)
    return CalibratedClassifierCV(machine, method="sigmoid", cv=3, ensemble=False)


def _groups(texts: Sequence[str]) -> NDArray[np.int64]:
    # Texts alike but for case and punctuation stay on one side of a split: else the held-out side is known by heart.
    keys = ["".join(c for c in text.casefold() if c.isalnum()) or text for text in texts]
    codes: NDArray[np.int64] = pd.factorize(pd.Series(keys))[0].astype(np.int64)
    return codes


def _cross_validated(
    features: NDArray[np.float32],
    truth: NDArray[np.str_],
    is_open: NDArray[np.bool_],
    groups: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Probability of each label for every item, from models that did not see it: (n_items, n_labels)."""
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=_SEED)
    found = cross_val_predict(
        _estimator(),
        features[is_open],
        truth[is_open],
        cv=folds,
        groups=groups[is_open],
        method="predict_proba",
    )
    classes = sorted(set(truth[is_open]))
    probabilities = np.zeros((len(truth), len(LABELS)))
    learned = [label for label in LABELS if label in classes]
    for label in learned:
        probabilities[is_open, LABELS.index(label)] = found[:, classes.index(label)]
    probabilities[~is_open, LABELS.index("silence")] = 1.0
    return probabilities


def decide(probabilities: NDArray[np.float64], threshold: float) -> list[str]:
    """Label of each row, or `other` where the classifier would abstain."""
    best = probabilities.argmax(axis=1)
    top = probabilities[np.arange(len(best)), best]
    is_sure = (top >= threshold) & (top > 1 - probabilities.sum(axis=1))
    return [LABELS[index] if sure else NONE_OF_THEM for index, sure in zip(best, is_sure, strict=True)]


def best_threshold(truth: NDArray[np.str_], probabilities: NDArray[np.float64]) -> float:
    """The threshold between .30 and .60 with the best macro-F1 on held-out items; the lowest of equals."""
    candidates = np.round(np.arange(0.30, 0.61, 0.02), 2)
    scores = [
        f1_score(truth, decide(probabilities, threshold), average="macro", labels=list(model_classes(LABELS)))
        for threshold in candidates
    ]
    return float(candidates[int(np.argmax(np.round(scores, 4)))])


def _metrics(
    gold: pd.DataFrame, truth: NDArray[np.str_], probabilities: NDArray[np.float64], threshold: float
) -> dict[str, Any]:
    decided = decide(probabilities, threshold)
    best = probabilities.argmax(axis=1)
    top = probabilities[np.arange(len(best)), best]
    named = [LABELS[index] for index in best]
    curve = evaluate.risk_coverage(truth.tolist(), named, top, top <= 1 - probabilities.sum(axis=1))
    at = int(np.searchsorted(curve.thresholds, threshold))
    is_right = np.array(named, dtype=object) == truth
    metrics: dict[str, Any] = {
        "cross_validated_on": len(truth),
        "macro_f1": _plain(evaluate.macro_f1(truth.tolist(), decided, model_classes(LABELS))),
        "f1": {name: _plain(evaluate.label_f1(truth.tolist(), decided, name)) for name in model_classes(LABELS)},
        "expected_calibration_error": evaluate.expected_calibration_error(is_right, top),
        "threshold": threshold,
        "coverage": round(float(curve.coverage[at]), 4),
        "risk": round(float(curve.risk[at]), 4),
    }
    if "trait" in gold.columns:
        guess = np.array(decided, dtype=object)
        metrics["accuracy_by_trait"] = {
            trait: {"n": int(rows.sum()), "accuracy": round(float((guess[rows] == truth[rows]).mean()), 4)}
            for trait in sorted(set(gold["trait"]))
            if (rows := (gold["trait"] == trait).to_numpy()).any()
        }
    return metrics


def _plain(estimate: evaluate.Estimate) -> dict[str, float | int]:
    return {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper, "n": estimate.n}


def render_card(trained: Trained) -> str:
    """The README of a classifier's folder, made from its configuration and metrics alone."""
    config, metrics, classifier = trained.config, trained.metrics, trained.classifier

    def interval(value: Mapping[str, float]) -> str:
        return f"{value['value']:.3f} ({value['lower']:.3f} to {value['upper']:.3f})"

    lines = [
        f"# Classifier {classifier.version}",
        "",
        f"Gives {', '.join(classifier.labels)}, or abstains (none of them, or unsure).",
        "",
        f"- Model: {config['estimator']}.",
        f"- Encoder: `{classifier.encoder_id}`. Threshold: {classifier.threshold:.2f}. Seed: {config['seed']}.",
        f"- Trained on {config['n_gold']} gold items: "
        + ", ".join(f"{count} {name}" for name, count in config["n_gold_by_label"].items())
        + ".",
        "",
        (
            f"All figures below come from {config['folds']}-fold cross-validation on those items, each judged by a "
            "model that did not see it, with 95 % bootstrap intervals. They say nothing about other kinds of feedback."
        ),
        "",
        "| figure | value |",
        "|---|---|",
        f"| macro-F1 | {interval(metrics['macro_f1'])} |",
        *(f"| F1 {name} | {interval(value)} |" for name, value in metrics["f1"].items()),
        f"| expected calibration error | {metrics['expected_calibration_error']:.3f} |",
        f"| items that get a label | {metrics['coverage']:.3f} |",
        f"| wrong among those | {metrics['risk']:.3f} |",
    ]
    if "accuracy_by_trait" in metrics:
        lines += ["", "| trait | items | accuracy |", "|---|---|---|"]
        lines += [
            f"| {trait} | {row['n']} | {row['accuracy']:.3f} |" for trait, row in metrics["accuracy_by_trait"].items()
        ]
    return "\n".join(lines) + "\n"
