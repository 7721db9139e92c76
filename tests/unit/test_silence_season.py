import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.silence.season import FLAT, WEEK, learn_season

MONDAY = 2931 * WEEK + 96.0  # hours since 1970, a Thursday


def test_the_week_begins_on_monday() -> None:
    assert (MONDAY / 24 + 3) % 7 == 0


def weekly(n_weeks: int, rate: np.ndarray, seed: int = 1) -> np.ndarray:
    """Give sorted hours of items with this rate for each hour of the week."""
    counts = np.random.default_rng(seed).poisson(np.tile(rate, n_weeks))
    hours = MONDAY + np.repeat(np.arange(len(counts)), counts)
    return hours + 0.5


def test_a_long_history_shows_the_weekend_and_the_night() -> None:
    rate = np.where(np.arange(WEEK) // 24 >= 5, 0.5, 2.0) * np.where(np.arange(WEEK) % 24 < 8, 0.25, 1.5)
    times = weekly(12, rate)
    season = learn_season(times, MONDAY + 12 * WEEK)
    expected = rate / rate.mean()
    assert np.abs(season.factors / expected - 1).mean() < 0.12
    assert np.corrcoef(season.factors, expected)[0, 1] > 0.97


def test_an_even_stream_has_a_flat_week() -> None:
    season = learn_season(weekly(12, np.full(WEEK, 2.0)), MONDAY + 12 * WEEK)
    assert np.abs(season.factors - 1).max() < 0.15


def test_a_day_of_history_says_nothing_of_the_week() -> None:
    assert learn_season(weekly(1, np.full(WEEK, 2.0))[:40], MONDAY + 20) is FLAT
    assert learn_season(np.array([]), MONDAY) is FLAT


def test_one_outburst_does_not_make_a_season() -> None:
    times = weekly(8, np.full(WEEK, 1.0))
    burst = np.full(3000, MONDAY + 3 * WEEK + 100.5)
    season = learn_season(np.sort(np.concatenate([times, burst])), MONDAY + 8 * WEEK)
    assert season.factors.max() < 2.5


def test_items_after_the_instant_are_not_used() -> None:
    times = weekly(8, np.full(WEEK, 1.0))
    until = MONDAY + 4 * WEEK
    later = np.sort(np.concatenate([times[times < until], np.full(500, until)]))
    assert np.array_equal(learn_season(later, until).factors, learn_season(times[times < until], until).factors)


@given(st.floats(0, 5e5), st.floats(0, 5e3), st.floats(0, 5e3))
def test_exposure_adds_up(start: float, first: float, second: float) -> None:
    season = learn_season(weekly(6, np.where(np.arange(WEEK) % 24 < 8, 0.2, 2.0)), MONDAY + 6 * WEEK)
    edges = season.exposure(np.array([start, start + first, start + first + second]))
    assert np.all(np.diff(edges) >= 0)
    assert edges[2] - edges[0] == pytest.approx((edges[2] - edges[1]) + (edges[1] - edges[0]))
    assert season.exposure(start + WEEK) - season.exposure(start) == pytest.approx(WEEK)
