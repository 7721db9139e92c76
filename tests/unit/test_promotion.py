"""Whether a candidate may take the place of the classifier in use."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from feedback_triage import evaluate
from feedback_triage.embed import Progress
from feedback_triage.label import FeedbackClassifier, TeamModel, model_classes
from feedback_triage.learning.promotion import Comparison, compare
from feedback_triage.taxonomy import LABELS

CLASSES = model_classes(LABELS)


class LetterEncoder:
    """A small real encoder: how often each letter occurs."""

    encoder_id = "letters-1"
    dim = 26

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float16]:
        if progress:
            progress(len(texts))
        return np.array([[text.count(letter) for letter in ascii_lowercase] for text in texts], dtype=np.float16)


ENCODER = LetterEncoder()


@dataclass(frozen=True)
class LearntByHeart:
    """A small real model: it knows the texts of a table, and takes any other for none of the labels."""

    table: Mapping[str, str]
    classes_: tuple[str, ...] = CLASSES
    needs_vectors = False

    def predict_proba(
        self,
        texts: Sequence[str],
        vectors: NDArray[np.float32] | None,  # noqa: ARG002 - as every label model
    ) -> NDArray[np.float64]:
        found = np.full((len(texts), len(self.classes_)), 0.02)
        for row, text in zip(found, texts, strict=True):
            row[self.classes_.index(self.table.get(text, "other"))] = 0.92
        return found


def knowing(*frames: pd.DataFrame) -> FeedbackClassifier:
    table = {text: label for frame in frames for text, label in zip(frame["text"], frame["label"], strict=True)}
    return FeedbackClassifier("2026-01-02-abcdef01", ENCODER.encoder_id, LABELS, 0.4, LearntByHeart(table))


def items(name: str, n: int, labels: Sequence[str] = LABELS) -> pd.DataFrame:
    rows = [(f"{name} number {index} of a customer", labels[index % len(labels)]) for index in range(n)]
    return pd.DataFrame(rows, columns=["text", "label"])


CORRECTIONS, GOLD = items("correction", 24), items("gold", 60, CLASSES)


@pytest.fixture(autouse=True, scope="module")
def _few_rounds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "_BOOTSTRAP_ROUNDS", 12)
        yield


def judged(
    current: FeedbackClassifier, candidate: FeedbackClassifier, corrections: pd.DataFrame = CORRECTIONS
) -> Comparison:
    return compare(current, candidate, corrections, GOLD, ENCODER)


def test_a_candidate_that_learnt_from_the_corrections_and_forgot_nothing_is_promoted() -> None:
    found = judged(knowing(GOLD, CORRECTIONS[:6]), knowing(GOLD, CORRECTIONS[:20]))
    assert (found.n_corrections, found.n_right_current, found.n_right_candidate) == (24, 6, 20)
    assert found.objections == ()
    assert found.p_value < 0.001


def test_one_more_is_enough_to_be_better_though_it_may_be_chance() -> None:
    found = judged(knowing(GOLD, CORRECTIONS[:6]), knowing(GOLD, CORRECTIONS[:7]))
    assert found.objections == ()
    assert found.p_value == 1.0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(12, 12, id="the same ones"),
        pytest.param(12, 5, id="fewer"),
        pytest.param(0, 0, id="none"),
        pytest.param(24, 24, id="all"),
    ],
)
def test_a_candidate_that_is_not_better_is_refused(before: int, after: int) -> None:
    found = judged(knowing(GOLD, CORRECTIONS[:before]), knowing(GOLD, CORRECTIONS[:after]))
    assert f"it gets {after} of 24 held-out corrections right, the one in use {before}" in found.objections


def test_a_candidate_with_as_many_right_but_others_is_refused() -> None:
    found = judged(knowing(GOLD, CORRECTIONS[:8]), knowing(GOLD, CORRECTIONS[8:16]))
    assert found.objections == ("it gets 8 of 24 held-out corrections right, the one in use 8",)
    assert found.p_value == 1.0


@pytest.mark.parametrize("n", [0, 1, 9])
def test_too_few_corrections_are_refused_however_good_the_candidate(n: int) -> None:
    found = judged(knowing(GOLD), knowing(GOLD, CORRECTIONS), CORRECTIONS[:n])
    assert found.n_corrections == n
    assert found.objections == (f"only {n} corrections are held out; at least 10 are needed, so review more",)


def test_ten_corrections_are_enough() -> None:
    assert judged(knowing(GOLD), knowing(GOLD, CORRECTIONS), CORRECTIONS[:10]).objections == ()


@pytest.mark.parametrize("name", CLASSES)
def test_a_candidate_that_got_worse_at_one_label_is_refused_by_its_name(name: str) -> None:
    """Better on the corrections all the same."""
    other = "praise" if name != "praise" else "silence"
    forgot = GOLD.assign(label=[other if label == name else label for label in GOLD["label"]])
    found = judged(knowing(GOLD, CORRECTIONS[:6]), knowing(forgot, CORRECTIONS[:20]))
    assert found.n_right_candidate > found.n_right_current
    assert any(objection.startswith(f"F1 of {name} falls to ") for objection in found.objections)
    assert all("\n" not in objection for objection in found.objections)


def test_a_slip_within_the_interval_is_forgiven() -> None:
    """One of a label's twelve gold items: the interval of the one in use allows as much."""
    current = knowing(GOLD.drop(index=GOLD.index[GOLD["label"] == "sync_bug"][:3]), CORRECTIONS[:6])
    candidate = knowing(GOLD.drop(index=GOLD.index[GOLD["label"] == "sync_bug"][:4]), CORRECTIONS[:6])
    better = knowing(GOLD.drop(index=GOLD.index[GOLD["label"] == "sync_bug"][:4]), CORRECTIONS[:9])
    assert judged(current, better).objections == ()
    assert judged(current, candidate).objections != ()


@pytest.mark.parametrize(("only_before", "only_after"), [(0, 1), (0, 6), (3, 9), (5, 5), (7, 2)])
def test_the_p_value_is_that_of_a_sign_test(only_before: int, only_after: int) -> None:
    """Counted by hand: the chance of a split at least as uneven, both ways."""
    n = only_before + only_after
    found = judged(knowing(GOLD, CORRECTIONS[:only_before]), knowing(GOLD, CORRECTIONS[only_before:n]))
    tail = binom.cdf(min(only_before, only_after), n, 0.5)
    assert found.p_value == pytest.approx(min(1.0, 2 * tail), abs=1e-4)


def test_where_no_correction_tells_them_apart_there_is_nothing_to_test() -> None:
    assert judged(knowing(GOLD), knowing(GOLD)).p_value == 1.0


def test_a_label_that_only_the_candidate_knows_is_not_held_against_the_one_in_use() -> None:
    """It was right to say none of its labels; the candidate must name it to be right."""
    wishes = items("a wish", 12, ["feature_request"])
    assert judged(knowing(GOLD), knowing(GOLD), wishes).n_right_current == 12
    # Abstaining is no longer right for one that has the label.
    vectors_free = knowing(GOLD)
    dim = ENCODER.dim
    team = TeamModel(("feature_request",), np.zeros((1, dim)), np.array([-30.0]))
    knows_it = FeedbackClassifier("2026-01-03-abcdef01", ENCODER.encoder_id, LABELS, 0.4, vectors_free.model, team=team)
    found = judged(knowing(GOLD), knows_it, wishes)
    assert (found.n_right_current, found.n_right_candidate) == (12, 0)


def test_comparing_again_gives_the_same() -> None:
    pair = knowing(GOLD, CORRECTIONS[:6]), knowing(GOLD, CORRECTIONS[4:20])
    assert judged(*pair) == judged(*pair)
