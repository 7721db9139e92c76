"""Figures about a classifier, held against slow and obvious counts."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from feedback_triage import evaluate
from feedback_triage.evaluate import (
    RiskCoverage,
    as_classes,
    bootstrap,
    expected_calibration_error,
    label_f1,
    macro_f1,
    risk_coverage,
)
from feedback_triage.taxonomy import LABELS, NONE_OF_THEM

CLASSES = (*LABELS, NONE_OF_THEM)

judged_items = st.lists(
    st.tuples(
        st.sampled_from(CLASSES),
        st.sampled_from(LABELS),
        st.floats(0, 1, allow_nan=False),
        st.booleans(),
    ),
    max_size=40,
)
Judged = list[tuple[str, str, float, bool]]


@pytest.fixture
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure itself does not depend on the rounds, which cost a millisecond each."""
    monkeypatch.setattr(evaluate, "_BOOTSTRAP_ROUNDS", 40)


def curve_of(items: Judged) -> RiskCoverage:
    return risk_coverage(
        [truth for truth, *_ in items],
        [label for _, label, *_ in items],
        np.array([probability for *_, probability, _ in items], dtype=np.float64),
        np.array([prefers_none for *_, prefers_none in items], dtype=np.bool_),
    )


def given_labels(items: Judged, threshold: float) -> list[tuple[str, str]]:
    """Truth and label of the items that get one: the rule in plain Python."""
    return [(truth, label) for truth, label, probability, none in items if probability >= threshold and not none]


def f1_by_counting(truth: list[str], predicted: list[str], name: str) -> float:
    right = sum(a == b == name for a, b in zip(truth, predicted, strict=True))
    total = truth.count(name) + predicted.count(name)
    return 2 * right / total if total else 0.0


# --- intervals ---


def test_no_item_gives_no_figure() -> None:
    estimate = bootstrap(0, lambda _: 1.0)
    assert estimate.n == 0
    assert all(math.isnan(value) for value in (estimate.value, estimate.lower, estimate.upper))


def test_a_figure_without_variation_has_an_interval_without_width() -> None:
    estimate = bootstrap(12, lambda rows: float(len(rows)) / 12)
    assert (estimate.value, estimate.lower, estimate.upper, estimate.n) == (1.0, 1.0, 1.0, 12)


def test_the_figure_itself_is_that_of_the_items_as_they_are() -> None:
    hits = np.array([1, 0, 0, 1, 1], dtype=np.float64)
    assert bootstrap(5, lambda rows: float(hits[rows].mean())).value == 0.6


def test_the_interval_of_a_share_is_near_the_one_of_the_textbook() -> None:
    hits = np.repeat([1.0, 0.0], [60, 40])
    estimate = bootstrap(100, lambda rows: float(hits[rows].mean()))
    half = 1.96 * math.sqrt(0.6 * 0.4 / 100)
    assert estimate.lower == pytest.approx(0.6 - half, abs=0.02)
    assert estimate.upper == pytest.approx(0.6 + half, abs=0.02)


def test_more_items_give_a_narrower_interval() -> None:
    def width(n: int) -> float:
        hits = np.resize([1.0, 0.0], n)
        estimate = bootstrap(n, lambda rows: float(hits[rows].mean()))
        return estimate.upper - estimate.lower

    assert width(400) < width(40) < width(8)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    values = np.random.default_rng(1).random(30)

    def mean(rows: NDArray[np.int64]) -> float:
        return float(values[rows].mean())

    assert bootstrap(30, mean) == bootstrap(30, mean)
    assert bootstrap(30, mean, seed=1) != bootstrap(30, mean, seed=2)


# --- F1 ---


@pytest.mark.usefixtures("_few_rounds")
def test_macro_f1_is_the_mean_over_the_classes_that_occur_in_the_truth() -> None:
    truth = ["praise", "praise", "silence", "other"]
    predicted = ["praise", "other", "silence", "sync_bug"]
    # praise 2/3, silence 1, other 0; sync_bug is no true class, so it does not count beyond the miss it causes.
    assert macro_f1(truth, predicted, CLASSES).value == round((2 / 3 + 1 + 0) / 3, 4)


@pytest.mark.usefixtures("_few_rounds")
@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1, max_size=25))
def test_f1_is_what_counting_gives_and_lies_in_0_to_1(pairs: list[tuple[str, str]]) -> None:
    truth, predicted = [a for a, _ in pairs], [b for _, b in pairs]
    expected = [f1_by_counting(truth, predicted, name) for name in CLASSES if name in truth]
    whole = macro_f1(truth, predicted, CLASSES)
    assert whole.value == pytest.approx(sum(expected) / len(expected), abs=1e-4)
    assert 0 <= whole.lower <= whole.upper <= 1
    one = label_f1(truth, predicted, truth[0])
    assert one.value == pytest.approx(f1_by_counting(truth, predicted, truth[0]), abs=1e-4)
    assert 0 <= one.lower <= one.upper <= 1
    assert whole.n == one.n == len(pairs)


@pytest.mark.usefixtures("_few_rounds")
def test_perfect_predictions_have_an_f1_of_one() -> None:
    truth = [*CLASSES] * 20
    estimate = macro_f1(truth, truth, CLASSES)
    assert (estimate.value, estimate.lower, estimate.upper) == (1.0, 1.0, 1.0)


def test_f1_of_no_item_is_no_figure() -> None:
    assert math.isnan(macro_f1([], [], CLASSES).value)
    assert math.isnan(label_f1([], [], "praise").value)


# --- calibration ---


@pytest.mark.parametrize(
    ("is_right", "confidence", "expected"),
    [
        pytest.param([True, True, False, False], [0.5, 0.5, 0.5, 0.5], 0.0, id="half right at one half"),
        pytest.param([True, True], [1.0, 1.0], 0.0, id="right and certain, in the last bin"),
        pytest.param([False, False], [1.0, 1.0], 1.0, id="wrong and certain"),
        pytest.param([True, False], [0.25, 0.95], 0.85, id="two bins weigh by their items"),
        pytest.param([True, False, True, True], [0.9, 0.9, 0.9, 0.1], 0.4, id="three items in one bin, one in another"),
        pytest.param([], [], 0.0, id="no item"),
    ],
)
def test_calibration_error_of_small_tables(is_right: list[bool], confidence: list[float], expected: float) -> None:
    found = expected_calibration_error(np.array(is_right, dtype=np.bool_), np.array(confidence, dtype=np.float64))
    assert found == pytest.approx(expected, abs=1e-4)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_calibration_error_lies_in_0_to_1_whatever_the_order(pairs: list[tuple[bool, float]], random: object) -> None:
    def error(rows: list[tuple[bool, float]]) -> float:
        return expected_calibration_error(np.array([a for a, _ in rows]), np.array([b for _, b in rows]))

    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    assert 0 <= error(pairs) <= 1
    assert error(shuffled) == pytest.approx(error(pairs), abs=2e-4)


# --- risk and coverage ---


@settings(deadline=None)
@given(judged_items)
def test_risk_and_coverage_are_what_counting_gives(items: Judged) -> None:
    curve = curve_of(items)
    assert len(curve.thresholds) == 101
    for threshold, coverage, risk in list(zip(curve.thresholds, curve.coverage, curve.risk, strict=True))[::10]:
        given_ones = given_labels(items, threshold)
        n_wrong = sum(truth != label for truth, label in given_ones)
        assert coverage == pytest.approx(len(given_ones) / len(items) if items else 0)
        assert risk == pytest.approx(n_wrong / len(given_ones) if given_ones else 0)


@settings(deadline=None)
@given(judged_items)
def test_a_higher_threshold_never_labels_more(items: Judged) -> None:
    assert (np.diff(curve_of(items).coverage) <= 0).all()


@settings(deadline=None)
@given(judged_items, st.floats(0, 100))
def test_a_threshold_keeps_its_promise_on_the_same_items(items: Judged, max_wrong_per_100: float) -> None:
    curve = curve_of(items)
    chosen = curve.threshold_for(max_wrong_per_100)
    assert chosen in {*curve.thresholds, 1.01}
    for threshold in (*(value for value in curve.thresholds if value >= chosen), chosen):
        given_ones = given_labels(items, threshold)
        n_wrong = sum(truth != label for truth, label in given_ones)
        assert not given_ones or n_wrong / len(given_ones) <= max_wrong_per_100 / 100
    lower = curve.thresholds[curve.thresholds < chosen]
    if lower.size:
        before = given_labels(items, lower[-1])
        assert sum(truth != label for truth, label in before) / len(before) > max_wrong_per_100 / 100


@settings(deadline=None)
@given(judged_items, st.floats(0, 100), st.floats(0, 100))
def test_a_stricter_promise_never_has_a_lower_threshold(items: Judged, one: float, other: float) -> None:
    curve = curve_of(items)
    assert curve.threshold_for(min(one, other)) >= curve.threshold_for(max(one, other))


def test_a_promise_that_no_threshold_keeps_gives_more_than_one() -> None:
    assert curve_of([("praise", "silence", 1.0, False)]).threshold_for(0) == 1.01


def test_one_lucky_dip_in_the_curve_is_not_a_promise() -> None:
    """At .50 one in three is wrong, which would do; at .90 one of two is."""
    items = [("praise", "praise", 0.5, False), ("praise", "praise", 0.9, False), ("other", "praise", 0.9, False)]
    assert curve_of(items).threshold_for(40) == 0.91


def test_an_item_that_prefers_none_never_gets_a_label() -> None:
    curve = curve_of([("praise", "praise", 0.4, True)])
    assert not curve.coverage.any()


def test_an_abstention_is_compared_as_other() -> None:
    assert as_classes(["praise", None, "silence"]) == ["praise", "other", "silence"]
