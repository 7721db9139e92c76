"""Figures about a classifier, held against slow and obvious counts."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest

from feedback_triage import evaluate
from feedback_triage.abstention import OperatingPoint, operating_points, point_within
from feedback_triage.evaluate import (
    as_classes,
    bootstrap,
    expected_calibration_error,
    label_f1,
    macro_f1,
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


def points_of(items: Judged) -> tuple[OperatingPoint, ...]:
    return operating_points(
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
    points = points_of(items)
    assert [point.threshold for point in points] == [percent / 100 for percent in range(100)]
    for point in points[::9]:
        given_ones = given_labels(items, point.threshold)
        assert (point.n_items, point.n_given) == (len(items), len(given_ones))
        assert point.n_wrong == sum(truth != label for truth, label in given_ones)
        assert point.coverage_ratio == pytest.approx(len(given_ones) / len(items) if items else 0)
        assert point.risk_ratio == pytest.approx(point.n_wrong / len(given_ones) if given_ones else 0)


@settings(deadline=None)
@given(judged_items)
def test_a_higher_threshold_never_labels_more(items: Judged) -> None:
    given_counts = [point.n_given for point in points_of(items)]
    assert given_counts == sorted(given_counts, reverse=True)


def test_an_item_that_prefers_none_never_gets_a_label() -> None:
    assert not any(point.n_given for point in points_of([("praise", "praise", 0.4, True)]))


# --- the limit of a risk ---


@cache
def upper_limit(n_wrong: int, n_given: int) -> float:
    """The 95 % limit as scipy's exact test gives it."""
    if not n_given:
        return 1.0
    return float(binomtest(n_wrong, n_given, alternative="less").proportion_ci(0.95, method="exact").high)


@settings(deadline=None)
@given(st.integers(1, 2_000), st.floats(0, 1))
def test_the_limit_is_that_of_clopper_and_pearson(n_given: int, share: float) -> None:
    n_wrong = round(n_given * share)
    point = OperatingPoint(0.5, n_given, n_given, n_wrong)
    assert point.risk_upper == pytest.approx(upper_limit(n_wrong, n_given), abs=1e-9)
    assert point.risk_ratio <= point.risk_upper <= 1


@pytest.mark.parametrize(
    ("n_given", "n_wrong", "expected"),
    [
        pytest.param(0, 0, 1.0, id="nothing was given, so nothing is known"),
        pytest.param(1, 0, 0.95, id="one right label proves next to nothing"),
        pytest.param(59, 0, 0.0495, id="59 right ones are needed for 5 in 100"),
        pytest.param(58, 0, 0.0503, id="58 do not do"),
        pytest.param(7, 7, 1.0, id="all are wrong"),
    ],
)
def test_limits_of_the_textbook(n_given: int, n_wrong: int, expected: float) -> None:
    assert OperatingPoint(0.5, 100, n_given, n_wrong).risk_upper == pytest.approx(expected, abs=5e-5)


# --- budgets ---


@st.composite
def sequences(draw: st.DrawFn) -> tuple[OperatingPoint, ...]:
    """Points as a curve has them: a lower threshold gives the labels of the higher ones, and some more."""
    steps = draw(st.lists(st.tuples(st.integers(0, 90), st.floats(0, 0.5)), min_size=1, max_size=12))
    n_items = sum(n for n, _ in steps) + draw(st.integers(0, 20))
    found, n_given, n_wrong = [], 0, 0
    for index, (n, share) in enumerate(steps):
        n_given, n_wrong = n_given + n, n_wrong + round(n * share**2)
        found.append(OperatingPoint(0.95 - index / 20, n_items, n_given, n_wrong))
    return tuple(found[::-1])


budgets = st.integers(0, 989).map(lambda tenths: tenths / 10 + 0.0137)  # no limit lies on one of these


def passing(points: tuple[OperatingPoint, ...], budget: float) -> list[OperatingPoint]:
    """Those that hold together with all from the start of the search down to them."""
    wide = [point.threshold for point in points if point.n_given >= 0.2 * point.n_items]
    start = max(wide, default=min(point.threshold for point in points))
    tried = [point for point in points if point.threshold <= start]
    return [
        point
        for point in tried
        if all(
            upper_limit(other.n_wrong, other.n_given) <= budget / 100
            for other in tried
            if other.threshold >= point.threshold
        )
    ]


@settings(deadline=None, max_examples=80)
@given(sequences(), budgets, st.randoms(use_true_random=False))
def test_the_lowest_threshold_of_a_fixed_sequence_is_chosen(
    points: tuple[OperatingPoint, ...], budget: float, random: object
) -> None:
    shuffled = list(points)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    expected = min(passing(points, budget), key=lambda point: point.threshold, default=None)
    assert point_within(shuffled, budget) == expected


def test_one_lucky_dip_in_the_curve_is_not_a_promise() -> None:
    """At .50 two in a hundred are wrong, which would do; at .90 it is one in ten, and the search ends there."""
    lucky, unlucky = OperatingPoint(0.5, 2_000, 1_000, 20), OperatingPoint(0.9, 2_000, 400, 40)
    assert point_within([lucky], 5) == lucky
    assert point_within([lucky, unlucky], 5) is None


def test_a_handful_of_items_at_the_top_does_not_end_the_search() -> None:
    """One wrong label of three at the very top is no evidence against the hundreds below."""
    few, many = OperatingPoint(0.99, 500, 3, 1), OperatingPoint(0.6, 500, 400, 5)
    assert point_within([many, few], 5) == many


@pytest.mark.parametrize("points", [pytest.param([], id="no point"), pytest.param([(0.5, 9, 0, 0)], id="no label")])
def test_where_nothing_is_known_nothing_is_promised(points: list[tuple[float, int, int, int]]) -> None:
    assert point_within([OperatingPoint(*point) for point in points], 99) is None


@settings(deadline=None, max_examples=80)
@example((OperatingPoint(0.9, 110, 110, 5), OperatingPoint(0.95, 110, 20, 5)), 10.0137, 15.0137)
@given(sequences(), budgets, budgets)
def test_a_looser_budget_is_never_refused_where_a_stricter_one_is_granted(
    points: tuple[OperatingPoint, ...], one: float, other: float
) -> None:
    """And its threshold is not higher: whoever allows more wrong labels gets no fewer labels."""
    strict, loose = point_within(points, min(one, other)), point_within(points, max(one, other))
    if strict is not None:
        assert loose is not None
        assert loose.threshold <= strict.threshold


def test_a_promise_holds_nineteen_times_in_twenty() -> None:
    """Items are wrong with a known chance of 1 - p, so above t (1 - t) / 2 are: 20 in 100 from t = .60 on."""
    rng = np.random.default_rng(8)
    n_broken = n_granted = 0
    for _ in range(150):
        probability = rng.random(500)
        best = np.where(rng.random(500) < probability, "praise", "silence")
        points = operating_points(["praise"] * 500, best.tolist(), probability, np.zeros(500, dtype=bool))
        chosen = point_within(points, 20)
        n_granted += chosen is not None
        n_broken += chosen is not None and chosen.threshold < 0.60
    assert n_granted > 50
    assert n_broken <= 150 * 0.05 + 4  # a standard error and a half


def test_an_abstention_is_compared_as_other() -> None:
    assert as_classes(["praise", None, "silence"]) == ["praise", "other", "silence"]
