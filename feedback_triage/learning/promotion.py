"""Whether a candidate may take the place of the classifier in use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from feedback_triage.embed import Encoder, as_unit
from feedback_triage.evaluate import label_f1
from feedback_triage.label import FeedbackClassifier, model_classes
from feedback_triage.taxonomy import LABELS, NONE_OF_THEM

LEAST_CORRECTIONS = 10


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two classifiers on the same items, which neither has seen.

    Attributes:
        n_corrections: held-out corrections.
        n_right_current, n_right_candidate: of those.
        p_value: of the difference, by a sign test over the corrections that only one of them gets right (McNemar 1947).
        objections: why the candidate must not be promoted; empty if it may.
    """

    n_corrections: int
    n_right_current: int
    n_right_candidate: int
    p_value: float
    objections: tuple[str, ...]


def compare(
    current: FeedbackClassifier,
    candidate: FeedbackClassifier,
    corrections: pd.DataFrame,
    gold: pd.DataFrame,
    encoder: Encoder,
) -> Comparison:
    """Compare a candidate with the classifier in use.

    It must get more of the held-out corrections right, and its F1 of no label may fall below the 95 % interval that
    the current one has on the held-out items.

    Args:
        current: in use.
        candidate: trained on the corrections that are not held out.
        corrections: held-out corrections: text, label.
        gold: held-out gold items: text, label.
        encoder: the one of both.
    """
    texts = [*corrections["text"], *gold["text"]]
    truth = [*corrections["label"], *gold["label"]]
    before, after = (_decisions(classifier, texts, encoder) for classifier in (current, candidate))
    # A label that a classifier cannot know is none of its labels; nobody holds that against it.
    for_current, for_candidate = (
        [label if label in classifier.all_labels else NONE_OF_THEM for label in truth]
        for classifier in (current, candidate)
    )
    n = len(corrections)
    right_before = np.array([given == label for given, label in zip(before[:n], for_current[:n], strict=True)], bool)
    right_after = np.array([given == label for given, label in zip(after[:n], for_candidate[:n], strict=True)], bool)
    only_before, only_after = int((right_before & ~right_after).sum()), int((right_after & ~right_before).sum())
    objections = []
    if n < LEAST_CORRECTIONS:
        objections.append(f"only {n} corrections are held out; at least {LEAST_CORRECTIONS} are needed, so review more")
    elif right_after.sum() <= right_before.sum():
        objections.append(
            f"it gets {right_after.sum()} of {n} held-out corrections right, the one in use {right_before.sum()}"
        )
    for name in model_classes(LABELS):
        old, new = (label_f1(_reduced(truth), _reduced(given), name) for given in (before, after))
        if new.value < old.lower:
            objections.append(
                f"F1 of {name} falls to {new.value:.3f}, below the interval of the one in use "
                f"({old.value:.3f}, {old.lower:.3f} to {old.upper:.3f})"
            )
    n_differ = only_before + only_after
    p_value = float(binomtest(only_after, n_differ).pvalue) if n_differ else 1.0
    return Comparison(n, int(right_before.sum()), int(right_after.sum()), round(p_value, 4), tuple(objections))


def _decisions(classifier: FeedbackClassifier, texts: Sequence[str], encoder: Encoder) -> list[str]:
    vectors = as_unit(encoder.encode(texts)) if classifier.needs_vectors else None
    return [proposal.label or NONE_OF_THEM for proposal in classifier.predict(texts, vectors)]


def _reduced(labels: Sequence[str]) -> list[str]:
    return [label if label in LABELS else NONE_OF_THEM for label in labels]
