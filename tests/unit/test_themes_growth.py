"""Growth against expectation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.themes.growth import growth

STEADY = [(20, 80), (10, 40), (6, 24), (5, 20), (3, 12)]
counts = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 900)), min_size=1, max_size=12)


def of(*pairs, **rest):
    now, before = zip(*pairs, strict=True)
    return growth(now, before, **rest)


def test_three_after_one_grows_less_surely_than_sixty_after_twenty():
    found = of((3, 1), (60, 20), *[(5, 5)] * 8)
    assert found.lower[0] < 1 < found.lower[1]
    assert found.ratio[0] < found.ratio[1]


def test_a_week_in_which_everything_triples_makes_no_theme_grow():
    tripled = of(*((3 * now, before) for now, before in STEADY))
    assert tripled.ratio == pytest.approx(np.ones(len(STEADY)), abs=0.1)
    assert (tripled.lower < 1).all()
    assert tripled.expected == pytest.approx([3 * now for now, _ in STEADY], rel=0.1)


def test_the_outbreak_of_one_theme_does_not_make_the_others_shrink():
    found = of((400, 20), *STEADY)
    assert found.lower[0] > 5
    assert found.ratio[1:] == pytest.approx(np.ones(len(STEADY)), abs=0.15)
    assert found.expected[1:] == pytest.approx([now for now, _ in STEADY], rel=0.15)


def test_what_is_usual_among_the_themes_is_learned_from_them():
    """The same theme grows for certain among steady themes, and not among restless ones."""
    steady = of((24, 40), *[(50, 200)] * 12)
    restless = of((24, 40), *[(90, 160), (10, 240)] * 6)
    assert restless.lower[0] < steady.lower[0]


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6, 1.0])
def test_the_lower_end_is_below_the_true_growth_as_often_as_it_says(spread):
    """Streams of 20 themes that truly grow by known factors, in weeks of half, the same and thrice the traffic."""
    rng = np.random.default_rng(7)
    missed = []
    for traffic in np.tile([0.5, 1, 3], 40):
        usual, true = rng.lognormal(1.5, 1, 20), np.exp(rng.normal(0, spread, 20))
        found = growth(rng.poisson(usual * traffic * true), rng.poisson(4 * usual))
        missed.append(true < found.lower)
    assert np.mean(missed) < 0.06


def test_a_theme_that_triples_is_seen_to_grow_and_a_steady_one_is_not():
    rng = np.random.default_rng(7)
    seen = {
        times: np.mean(
            [
                growth(rng.poisson([10 * times, *[8] * 20]), rng.poisson([40, *[32] * 20])).lower[0] > 1
                for _ in range(200)
            ]
        )
        for times in (1, 3)
    }
    assert seen[1] < 0.05
    assert seen[3] > 0.8


def test_without_history_nothing_grows_and_nothing_is_expected():
    found = of((5, 0), (9, 0))
    assert found.ratio.tolist() == found.lower.tolist() == [1, 1]
    assert np.isnan(found.expected).all()


def test_items_without_a_theme_count_as_traffic():
    """Where noise alone has history, a theme that is heard for the first time is more than expected."""
    assert of((9, 0), rest_now=10, rest_before=40).lower[0] > 1


def test_an_empty_period_changes_nothing():
    found = of((0, 5), (0, 9))
    assert found.ratio.tolist() == [1, 1]
    assert found.expected.tolist() == [0, 0]


def test_no_theme_has_no_growth():
    assert growth([], []).ratio.shape == (0,)
    assert growth([], [], rest_now=3, rest_before=4).lower.shape == (0,)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        pytest.param([1], [1, 2], id="other shapes"),
        pytest.param([[1]], [[2]], id="a table"),
        pytest.param([-1], [2], id="a negative count"),
    ],
)
def test_counts_that_are_none_are_refused(now, before):
    with pytest.raises(ValueError, match="count"):
        growth(now, before)


@given(counts)
def test_growth_is_a_number_and_its_lower_end_is_low(pairs):
    found = of(*pairs)
    assert np.isfinite(found.ratio).all()
    assert (found.ratio >= 0).all()
    has_history = any(before for _, before in pairs) and any(now for now, _ in pairs)
    assert not has_history or (found.lower <= found.ratio + 1e-4).all()


@given(counts, st.randoms(use_true_random=False))
def test_the_order_of_the_themes_does_not_matter(pairs, random):
    order = random.sample(range(len(pairs)), len(pairs))
    found, again = of(*pairs), of(*(pairs[i] for i in order))
    assert again.ratio.tolist() == found.ratio[order].tolist()
    assert again.lower.tolist() == found.lower[order].tolist()


@given(counts)
def test_of_two_themes_with_one_history_the_louder_one_grows_more(pairs):
    now, before = pairs[0]
    found = of(*pairs, (now + 5, before))
    assert found.ratio[-1] >= found.ratio[0]
    assert found.lower[-1] >= found.lower[0]


@given(counts)
def test_of_two_themes_with_one_count_the_one_with_less_history_grows_more(pairs):
    now, before = pairs[0]
    found = of(*pairs, (now, before + 5))
    assert found.ratio[-1] <= found.ratio[0]
    assert found.lower[-1] <= found.lower[0]
