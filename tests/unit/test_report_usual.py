"""What is usual: the prediction interval of a count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from feedback_triage.report.usual import Change, usual_range

COUNTS = st.lists(st.integers(min_value=0, max_value=5000), min_size=1, max_size=12)


def test_without_an_earlier_period_nothing_is_usual():
    assert usual_range([]) is None


@pytest.mark.parametrize("counts", [[4, 4, 4, 4], [0, 0, 0, 0], [100] * 8, [31, 30, 31, 30]])
def test_even_counts_give_the_gamma_poisson_interval(counts):
    """The oracle: with no more spread than chance, the predictive distribution of a Poisson count."""
    usual = usual_range(counts)
    n = min(4, len(counts))
    expected = nbinom(sum(counts[:4]) + 0.5, n / (n + 1))
    assert (usual.lower, usual.upper) == (expected.ppf(0.025), expected.ppf(0.975))
    assert usual.mean == sum(counts[:4]) / n


def test_the_mean_is_that_of_the_four_nearest_periods():
    usual = usual_range([2, 4, 6, 8, 1000, 1000])
    assert (usual.mean, usual.n_periods) == (5, 4)


def test_one_earlier_period_says_less_than_four():
    one, four = usual_range([7]), usual_range([7, 7, 7, 7])
    assert one.upper - one.lower > four.upper - four.lower


def test_counts_that_vary_more_than_chance_give_a_wider_interval():
    even, uneven = usual_range([20, 20, 20, 20]), usual_range([5, 35, 5, 35])
    assert uneven.lower < even.lower < even.upper < uneven.upper


def test_a_steady_trend_does_not_count_as_spread():
    assert usual_range([30, 28, 26, 24, 22, 20, 18, 16]).upper == usual_range([30, 28, 26, 24]).upper


@given(COUNTS)
def test_the_mean_lies_inside_the_interval_and_more_and_fewer_only_outside(counts):
    usual = usual_range(counts)
    assert 0 <= usual.lower <= usual.mean + 0.5
    assert usual.upper >= usual.mean - 0.5
    assert usual.change(usual.upper) is usual.change(usual.lower) is Change.AS_USUAL
    assert usual.change(usual.upper + 1) is Change.MORE
    assert usual.lower == 0 or usual.change(usual.lower - 1) is Change.FEWER


@pytest.mark.parametrize(("mean", "dispersion"), [(3, 1.0), (30, 1.0), (30, 3.0), (300, 3.0)])
def test_the_interval_holds_nearly_as_often_as_it_says(mean, dispersion):
    """Thirteen weeks drawn 2,000 times; twelve tell what is usual, and the last should mostly be."""
    generator = np.random.default_rng(7)
    size = (2000, 13)
    if dispersion == 1.0:
        drawn = generator.poisson(mean, size)
    else:
        drawn = generator.negative_binomial(mean / (dispersion - 1), 1 / dispersion, size)
    ranges = [usual_range(weeks[1:].tolist()) for weeks in drawn]
    inside = np.mean([usual.lower <= weeks[0] <= usual.upper for usual, weeks in zip(ranges, drawn, strict=True)])
    assert inside >= 0.92
