"""The evidence of instants, against the same sums done slowly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma

from feedback_triage.suspects import onset
from feedback_triage.suspects.onset import CLIENT_SHAPES, SERVER_SHAPES, Clock
from feedback_triage.suspects.reasons import span
from feedback_triage.suspects.words import word_evidence


@pytest.mark.parametrize("shapes", [SERVER_SHAPES, CLIENT_SHAPES], ids=["servers", "apps"])
def test_prior_weights_of_the_courses_sum_to_one(shapes: onset.Shapes) -> None:
    assert np.exp(shapes.log_weights).sum() == pytest.approx(1.0)


@pytest.mark.parametrize("elapsed", [0.01, 0.7, 5.0, 300.0])
def test_the_total_is_the_integral_of_the_rate(elapsed: float) -> None:
    found = SERVER_SHAPES.total(np.array([elapsed]))[0]
    for k in range(0, len(SERVER_SHAPES), 5):
        points = [each for each in (0.001, 0.01, 0.2, 1.0, 6.0, 24.0) if each < elapsed]
        slow = quad(
            lambda x, k=k: np.exp(SERVER_SHAPES.log_rate(np.array([x]))[0, k]), 1e-12, elapsed, points=points, limit=200
        )
        assert found[k] == pytest.approx(slow[0], rel=1e-4, abs=1e-9)


def slowly(reports: np.ndarray, start: float, at: float, shapes: onset.Shapes, rng: np.random.Generator) -> float:
    """The evidence of an onset by drawing both rates from their prior and course by course."""
    n = 400_000
    hours = rng.choice(onset._FAULT_HOURS, size=n)
    strays = gamma.rvs(onset._STRAY_SHAPE, scale=1 / onset._STRAY_HOURS, size=n, random_state=rng)
    fault = gamma.rvs(onset._FAULT_SHAPE, size=n, random_state=rng) / hours
    allowed = fault >= onset._LEAST_RATIO * strays
    weight = np.array([allowed[hours == each].mean() for each in onset._FAULT_HOURS])
    share = dict(zip(onset._FAULT_HOURS.tolist(), weight.tolist(), strict=True))
    kept = allowed / np.array([share[each] for each in hours.tolist()])
    after = reports[reports > at]
    n_before = len(reports) - len(after)
    total = 0.0
    for k in range(len(shapes)):
        rates = shapes.log_rate(after - at)[:, k] if len(after) else np.zeros(0)
        mass = shapes.total(np.array([reports[-1] - at]))[0, k] - shapes.total(np.array([start - at]))[0, k]
        quiet = max(0.0, min(at, reports[-1]) - start)
        each = strays**n_before * np.exp(-strays * quiet) * fault ** len(after) * np.exp(-fault * mass + rates.sum())
        total += np.exp(shapes.log_weights[k]) * float((each * kept).mean())
    return float(np.log(total))


@pytest.mark.parametrize(
    ("reports", "at"),
    [
        pytest.param([10.0, 10.5, 11.0], 9.0, id="an onset before all reports"),
        pytest.param([2.0, 10.5, 11.0], 9.0, id="one stray"),
        pytest.param([10.0, 10.5, 11.0], -3.0, id="an onset before observation began"),
    ],
)
def test_evidence_is_the_average_over_both_rates_and_all_courses(reports: list[float], at: float) -> None:
    clock = Clock(np.array(reports), 0.0)
    found = clock.log_evidence(np.array([at]), SERVER_SHAPES)[0]
    assert found == pytest.approx(slowly(np.array(reports), 0.0, at, SERVER_SHAPES, np.random.default_rng(3)), abs=0.1)


@given(st.lists(st.floats(0.1, 200), min_size=1, max_size=8), st.floats(-50, 199))
@settings(max_examples=50, deadline=None)
def test_a_release_that_all_customers_had_at_once_is_an_onset(hours: list[float], at: float) -> None:
    clock = Clock(np.sort(np.array(hours)), 0.0)
    one = clock.log_evidence_of_steps([(at, 1.0)], SERVER_SHAPES)
    assert one == pytest.approx(float(clock.log_evidence(np.array([at]), SERVER_SHAPES)[0]), abs=1e-6)


def test_a_roll_out_is_as_likely_where_its_share_never_changed() -> None:
    clock = Clock(np.array([10.0, 10.5, 11.0, 14.0]), 0.0)
    one = clock.log_evidence_of_steps([(9.0, 1.0)], CLIENT_SHAPES)
    assert clock.log_evidence_of_steps([(9.0, 1.0), (10.2, 1.0), (12.0, 1.0)], CLIENT_SHAPES) == pytest.approx(one)


@pytest.mark.parametrize("half_life", [0.5, 24.0])
@pytest.mark.parametrize("stood", [0.1, 3.0, 200.0])
def test_what_is_expected_after_a_roll_back_is_the_integral_of_its_rate(stood: float, half_life: float) -> None:
    elapsed = np.linspace(0.0, 30.0, 60_001)
    rate = np.exp(SERVER_SHAPES.log_rate_after(stood, elapsed, half_life))
    slow = np.trapezoid(rate, elapsed, axis=0)
    assert SERVER_SHAPES.total_after(stood, np.array(30.0), half_life) == pytest.approx(slow, rel=1e-4, abs=1e-8)


@given(st.floats(0.01, 500), st.floats(0.01, 100))
@settings(max_examples=50, deadline=None)
def test_reports_never_rise_above_their_course_after_a_roll_back(stood: float, later: float) -> None:
    after = SERVER_SHAPES.log_rate_after(stood, np.array(later), 2.0)
    assert np.all(after <= SERVER_SHAPES.log_rate(np.array(stood + later)) + 1e-9)


@given(st.lists(st.none() | st.floats(-0.3, 1.0), min_size=1, max_size=12))
def test_notes_gain_and_lose_within_bounds_and_in_the_order_of_their_similarity(drawn: list[float | None]) -> None:
    similarity = np.array([np.nan if each is None else each for each in drawn])
    found = word_evidence(similarity)
    assert np.all(found[np.isnan(similarity)] == 0)
    assert np.all((found > -1.0) & (found < 4.0))
    told = ~np.isnan(similarity)
    assert np.all(np.diff(found[told][np.argsort(similarity[told])]) >= -1e-12)


@given(st.floats(0, 1), st.floats(0, 1), st.lists(st.floats(0, 1), max_size=10))
def test_the_more_reports_share_a_word_with_the_notes_the_more_they_speak_of_it(
    one: float, other: float, rest: list[float]
) -> None:
    shared = np.array([one, other, *rest])
    found = word_evidence(np.full(len(shared), 0.2), shared)
    assert np.all((found > -1.0) & (found < 4.5))
    assert np.all(np.diff(found[np.argsort(shared)]) >= -1e-12)


def test_where_shared_words_are_not_known_similarity_speaks_alone() -> None:
    similarity = np.array([0.1, 0.4, np.nan, 0.2])
    assert np.array_equal(word_evidence(similarity, np.full(4, np.nan)), word_evidence(similarity))


def test_a_release_without_notes_shares_no_words() -> None:
    assert word_evidence(np.array([np.nan, 0.3]), np.array([np.nan, 0.5]))[0] == 0


def test_words_that_all_notes_share_speak_for_none_of_them() -> None:
    """A team that speaks of one thing only: the reports share it with every note."""
    alike = word_evidence(np.full(9, 0.2), np.full(9, 0.6))
    alone = word_evidence(np.full(9, 0.2), np.array([0.6, *[0.0] * 8]))
    assert alike[0] < 0 < alone[0]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0.0, "less than a minute"),
        (1 / 60, "a minute"),
        (0.14, "8 minutes"),
        (1.4, "84 minutes"),
        (1.6, "2 hours"),
        (47.0, "47 hours"),
        (100.0, "4 days"),
    ],
)
def test_how_long(hours: float, said: str) -> None:
    assert span(hours) == said
