import numpy as np
import pytest

from feedback_triage.receipts.outlook import Outlook, Reach, learn_level, look_ahead


def outlook(counts: list[int], days: float = 14.0, *, is_fixed: bool = True) -> Outlook:
    """Look `days` ahead from blocks of a day, everybody having the fix."""
    n = len(counts)
    before = (n - np.arange(n) - 0.5) / n
    level = learn_level(np.array(counts, dtype=float), np.ones(n), before, is_fixed=is_fixed)
    slices = np.full(14, days / 14)
    return look_ahead(level, Reach((np.arange(14) + 0.5) * days / 14 / n, slices, 0 * slices, days, days))


QUIET = [0, 0, 1, 0, 0, 0, 0, 0, 1, 0] * 4


def test_a_fault_that_began_a_few_days_ago_may_go_on_as_it_began() -> None:
    """Too few reports for a clear step, and yet 30 in the next fortnight must not lie outside."""
    lower, upper = outlook([*QUIET[:-3], 2, 1, 3]).unchanged.interval()
    assert lower <= 3
    assert upper >= 30


def test_of_a_theme_that_nobody_fixed_no_fault_is_thought_to_have_begun() -> None:
    counts = [*QUIET[:-3], 2, 1, 3]
    assert outlook(counts, is_fixed=False).unchanged.interval()[1] < outlook(counts).unchanged.interval()[1]


def test_a_level_that_was_kept_for_weeks_is_expected_to_stay() -> None:
    prediction = outlook([1, 2, 1, 0, 2, 1, 1, 2, 0, 1] * 4).unchanged
    assert prediction.mean == pytest.approx(15, rel=0.2)
    assert prediction.interval()[1] < 40


def test_one_report_yesterday_does_not_make_a_fault() -> None:
    assert outlook([*QUIET[:-1], 1]).unchanged.interval()[1] < 30


def test_the_weights_of_the_parts_sum_to_one_whatever_the_length() -> None:
    for n in (1, 5, 14, 15, 40):
        assert outlook([1] * n).unchanged.weights.sum() == pytest.approx(1.0)
