"""Streams with dates only: how they are told from others, and how their items are laid over the day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.suspects.days import day_start, has_date_only, midnight_of, spread

WEEK = np.arange(7) * 24.0


@pytest.mark.parametrize(
    ("hours", "midnight"),
    [
        pytest.param(WEEK, 0, id="midnight of UTC"),
        pytest.param(WEEK + 18.5, 66_600, id="midnight of a zone half an hour off"),
        pytest.param(np.concatenate([WEEK + 4, WEEK[:3] + 5]), 14_400, id="clocks that jumped"),
        pytest.param(np.array([240.0]), 0, id="one item at midnight of UTC"),
        pytest.param(np.array([245.0, 245.0, 245.0]), None, id="three items in one second by day"),
        pytest.param(WEEK + 4.01, None, id="every day at a time that is no midnight anywhere"),
        pytest.param(
            np.concatenate([WEEK[:2], np.arange(9) + 0.3]), None, id="a few at midnight among many with times"
        ),
        pytest.param(np.zeros(0), None, id="nothing"),
    ],
)
def test_which_streams_have_dates_only(hours: np.ndarray, midnight: int | None) -> None:
    assert midnight_of(hours) == midnight


def test_items_of_a_day_are_laid_evenly_over_it_and_those_with_times_stay() -> None:
    hours = np.array([0.0, 0.0, 0.0, 5.5, 24.0])
    assert spread(hours, 0).tolist() == [4.0, 12.0, 20.0, 5.5, 36.0]
    assert has_date_only(hours, 0).tolist() == [True, True, True, False, True]
    assert spread(hours, None).tolist() == hours.tolist()


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=40))
def test_no_item_leaves_its_day(drawn: list[tuple[int, bool]]) -> None:
    hours = np.sort([24.0 * day + (7.3 if has_time else 0.0) for day, has_time in drawn])
    assert np.array_equal(spread(hours, 0) // 24, hours // 24)


@pytest.mark.parametrize(("hour", "start"), [(0.0, 0.0), (23.9, 0.0), (24.0, 24.0)])
def test_the_beginning_of_a_day(hour: float, start: float) -> None:
    assert day_start(hour, 0) == start
    assert day_start(hour + 4, 4 * 3600) == start + 4
