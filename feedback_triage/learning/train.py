"""Gold items into a classifier: calibrated on items it did not see, judged on others that nothing was chosen by."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from feedback_triage import evaluate
from feedback_triage.abstention import OperatingPoint, operating_points
from feedback_triage.content_free import is_content_free
from feedback_triage.embed import Encoder, Progress, as_unit
from feedback_triage.errors import SettingError
from feedback_triage.label import FeedbackClassifier, LabelModel, TeamModel, model_classes
from feedback_triage.learning.gold import text_keys
from feedback_triage.learning.learners import Learner
from feedback_triage.learning.team import train_team
from feedback_triage.taxonomy import LABELS, NONE_OF_THEM
from feedback_triage.team_labels import TeamLabel

_FOLDS = 5  # one fifth of the items calibrates
_SEED = 7
_MOST_BACKGROUND = 4_000  # enough to tell a team's label from; more would only take longer


@dataclass(frozen=True)
class Base:
    """The first step, which knows the built-in labels: it is trained again only when something of it changed.

    Attributes:
        digest: of everything it depends on.
        model: calibrated.
        kind: of learner.
        threshold: least probability of a label that is given.
        points: what each threshold did to the items that calibrated.
        config: how it came about.
    """

    digest: str
    model: LabelModel
    kind: str
    threshold: float
    points: tuple[OperatingPoint, ...]
    config: Mapping[str, Any]


@dataclass(frozen=True)
class Trained:
    """A classifier with what is known about it.

    Attributes:
        classifier: ready to use.
        config: how it came about, for `config.json`.
        metrics: figures on the held-out gold items, for `metrics.json`.
    """

    classifier: FeedbackClassifier
    config: Mapping[str, Any]
    metrics: Mapping[str, Any]


def base_digest(gold: pd.DataFrame, encoder: Encoder, learner: Learner) -> str:
    """SHA-256 of the items, the encoder and the way of learning: equal digests give equal first steps."""
    gold = gold.sort_values("id", kind="stable", ignore_index=True)
    digest = hashlib.sha256(f"{encoder.encoder_id}\n{learner.signature}\n".encode())
    rows = [list(gold["text"]), _classes(gold).tolist(), gold["is_held_out"].tolist()]
    digest.update(json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def train_base(gold: pd.DataFrame, encoder: Encoder, learner: Learner, progress: Progress | None = None) -> Base:
    """Train the first step; the same items, encoder and learner give the same one.

    Args:
        gold: as `read_gold` gives it; items with a team's label count as none of the built-in ones.
        encoder: to start from.
        learner: how.
        progress: told the number of texts gone through since the last call.
    """
    digest = base_digest(gold, encoder, learner)
    seen = gold[~gold["is_held_out"]].sort_values("id", kind="stable", ignore_index=True)
    # Rules answer for texts without content; the model learns from the rest.
    certain = seen["text"].map(is_content_free).to_numpy(dtype=bool)
    texts, truth = np.array(seen["text"], dtype=object)[~certain], _classes(seen)[~certain]
    splitter = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=_SEED)
    learnt, judged = next(iter(splitter.split(texts, truth, groups=text_keys(list(texts)))))
    judge = learner.fit_judge(list(texts[learnt]), list(truth[learnt]), progress)
    calibrated = learner.calibrated(judge, judge, list(texts[judged]), list(truth[judged]))
    threshold, points = _threshold(
        truth[judged], _of_labels(calibrated, learner.probabilities(calibrated, list(texts[judged])))
    )
    model = learner.fit(list(texts), list(truth), progress)
    model = learner.calibrated(model, judge, list(texts[judged]), list(truth[judged]))
    config = {
        "seed": _SEED,
        "n_gold": len(gold),
        "n_held_out": int(gold["is_held_out"].sum()),
        "n_calibrating": len(judged),
        "n_gold_by_label": {name: int((_classes(gold) == name).sum()) for name in model_classes(LABELS)},
        "annotators": sorted(set(gold["annotator"])),
        "method": learner.description,
    }
    return Base(digest, model, learner.kind, threshold, points, config)


def train_team_step(team: Sequence[TeamLabel], gold: pd.DataFrame, encoder: Encoder) -> TeamModel | None:
    """Train the second step, None without team labels.

    Gold items with a team's label count among its examples, those apart that are held out.
    """
    if not team:
        return None
    gold = gold[~gold["is_held_out"]].sort_values("id", kind="stable", ignore_index=True)
    examples = {
        label.name: as_unit(
            encoder.encode([*label.examples, label.definition, *gold.loc[gold["label"] == label.name, "text"]])
        )
        for label in team
    }
    none = gold.loc[gold["label"] == NONE_OF_THEM, "text"]
    none = none.sample(min(len(none), _MOST_BACKGROUND), random_state=_SEED)
    return train_team(examples, as_unit(encoder.encode(list(none))))


def assemble(
    base: Base,
    team: TeamModel | None,
    gold: pd.DataFrame,
    encoder: Encoder,
    *,
    trained_on: date,
    languages: Sequence[str],
) -> Trained:
    """Join the steps, and judge the classifier by the held-out items.

    Args:
        base: the first step.
        team: the second step, or None.
        gold: as `read_gold` gives it.
        encoder: the one that both steps were made with.
        trained_on: the date in the classifier's name.
        languages: codes of the languages it may judge; empty for any.
    """
    digest = hashlib.sha256(f"{base.digest}\n{','.join(languages)}\n".encode())
    if team is not None:
        digest.update(json.dumps([team.labels, team.weights.tolist(), team.biases.tolist()]).encode())
    classifier = FeedbackClassifier(
        version=f"{trained_on.isoformat()}-{digest.hexdigest()[:8]}",
        encoder_id=encoder.encoder_id,
        labels=LABELS,
        threshold=base.threshold,
        model=base.model,
        languages=tuple(languages),
        points=base.points,
        team=team,
    )
    config = {**base.config, "base_sha256": base.digest, "kind": base.kind, "how": sorted(base.config)}
    return Trained(classifier, config, judge(classifier, gold[gold["is_held_out"]], encoder))


def judge(classifier: FeedbackClassifier, items: pd.DataFrame, encoder: Encoder) -> dict[str, Any]:
    """Figures of a classifier on labelled items that it has not seen: text, label and maybe trait and language.

    Items in a language that it does not read are counted apart: it abstains on them by design.

    Raises:
        SettingError: it reads none of the items.
    """
    items = items.sort_values("id", kind="stable", ignore_index=True)
    texts = list(items["text"])
    vectors = as_unit(encoder.encode(texts)) if classifier.needs_vectors else None
    proposals = classifier.predict(texts, vectors)
    is_read = np.array([classifier.reads(proposal.language) for proposal in proposals], dtype=bool)
    if not is_read.any():
        raise SettingError(
            f"no held-out gold item is in a language that may be judged ({', '.join(classifier.languages)}); add gold "
            "items in it, or set FEEDBACK_TRIAGE_LANGUAGES"
        )
    # The team's labels are none of the four: these figures are about the four.
    decided = np.array([p.label if p.label in LABELS else NONE_OF_THEM for p in proposals], dtype=object)[is_read]
    truth = _classes(items)[is_read]
    given = decided != NONE_OF_THEM
    right = decided == truth
    confidence = np.array([max(p.probability, p.probability_none) for p in proposals])[is_read]
    metrics: dict[str, Any] = {
        "held_out": len(items),
        "in_languages_not_read": int((~is_read).sum()),
        "macro_f1": _plain(evaluate.macro_f1(truth.tolist(), decided.tolist(), model_classes(LABELS))),
        "f1": {
            name: _plain(evaluate.label_f1(truth.tolist(), decided.tolist(), name)) for name in model_classes(LABELS)
        },
        "expected_calibration_error": evaluate.expected_calibration_error(right.astype(bool), confidence),
        "coverage_ratio": round(float(given.mean()), 4),
        "risk_ratio": round(float(1 - right[given].mean()), 4) if given.any() else 0.0,
    }
    if "trait" in items.columns:
        traits = items["trait"].to_numpy()[is_read]
        metrics["accuracy_by_trait"] = {
            str(trait): {"n": int(rows.sum()), "accuracy": round(float(right[rows].mean()), 4)}
            for trait in sorted(set(traits) - {""})
            if (rows := traits == trait).any()
        }
    return metrics


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
        f1_score(
            truth,
            decide(probabilities, threshold),
            average="macro",
            labels=list(model_classes(LABELS)),
            zero_division=0.0,
        )
        for threshold in candidates
    ]
    return float(candidates[int(np.argmax(np.round(scores, 4)))])


def _threshold(truth: NDArray[Any], probabilities: NDArray[np.float64]) -> tuple[float, tuple[OperatingPoint, ...]]:
    best = probabilities.argmax(axis=1)
    top = probabilities[np.arange(len(best)), best]
    named = [LABELS[index] for index in best]
    points = operating_points(truth.tolist(), named, top, top <= 1 - probabilities.sum(axis=1))
    return best_threshold(truth, probabilities), points


def _of_labels(model: LabelModel, by_class: NDArray[np.float64]) -> NDArray[np.float64]:
    known = list(model.classes_)
    found = np.zeros((len(by_class), len(LABELS)))
    for column, label in enumerate(LABELS):
        if label in known:
            found[:, column] = by_class[:, known.index(label)]
    return found


def _classes(items: pd.DataFrame) -> NDArray[np.object_]:
    """The class of each item for the first step: what is a team's label is none of the built-in ones."""
    found: NDArray[np.object_] = np.where(items["label"].isin(LABELS), items["label"], NONE_OF_THEM).astype(object)
    return found


def _plain(estimate: evaluate.Estimate) -> dict[str, float | int]:
    return {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper, "n": estimate.n}
