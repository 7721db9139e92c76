"""Usage counts as the denominator, and what could still hide."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from feedback_triage.silence import ledger_windows, subject_windows
from feedback_triage.silence.forecast import Forecast
from feedback_triage.silence.hiding import could_hide_ratio
from feedback_triage.silence.stream import to_hours
from feedback_triage.silence.usage import Usages

START = pd.Timestamp("2026-03-02", tz="UTC")
NOW = to_hours((START + pd.Timedelta(days=60)).to_pydatetime())


def at(days: float) -> float:
    return to_hours((START + pd.Timedelta(days=days)).to_pydatetime())


def users(days: np.ndarray, counts: object, platform: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product": "",
            "platform": platform,
            "start_at": START + pd.to_timedelta(days, unit="D"),
            "active_count": counts,
        }
    )


def items(levels: np.ndarray, a_user: float = 0.01) -> pd.DataFrame:
    """Give as many items on each day as this share of its users, at even times."""
    hours = np.concatenate(
        [24 * (day + (np.arange(n) + 0.5) / n) for day, n in enumerate(np.rint(levels * a_user)) if n]
    )
    return pd.DataFrame({"written_at": START + pd.to_timedelta(hours, unit="h"), "source": "store"})


def release(day: float, kind: str = "fix", notes: str = "") -> pd.DataFrame:
    row = {"release_id": "2.0", "version": "2.0", "released_at": START + pd.Timedelta(days=day), "kind": kind}
    return pd.DataFrame([row | {"notes": notes}])


def test_a_row_counts_until_the_next_one() -> None:
    usage = Usages(users(np.arange(3.0), [10.0, 20.0, 30.0]), NOW).of("", "")
    assert usage is not None
    assert usage.mean(at(0.5), at(1.5)) == pytest.approx(15)
    assert usage.gap_in(at(0), at(3)) is None
    assert usage.gap_in(at(2.5), at(4)) == (at(3), at(4))
    assert usage.known_from(at(3)) == at(0)


def test_a_late_row_leaves_a_gap() -> None:
    usage = Usages(users(np.array([0.0, 1, 2, 6, 7, 8]), 10.0), NOW).of("", "")
    assert usage is not None
    assert usage.gap_in(at(1), at(7)) == (at(3), at(6))
    assert usage.known_from(at(8)) == at(6)
    assert usage.known_from(at(4)) == at(4)


def test_days_of_23_and_25_hours_leave_none() -> None:
    steps = np.array([0, 24, 48, 71, 95, 120, 144]) / 24
    usage = Usages(users(steps, 10.0), NOW).of("", "")
    assert usage is not None
    assert usage.gap_in(at(0), at(7)) is None


def test_the_users_of_all_platforms_are_the_sum_where_no_row_stands_for_all() -> None:
    both = pd.concat([users(np.arange(4.0), 10.0, "ios"), users(np.arange(4.0), 5.0, "Android")])
    usages = Usages(both, NOW)
    for platform, mean in (("", 15.0), ("ios", 10.0), ("android", 5.0)):
        usage = usages.of("", platform)
        assert usage is not None
        assert usage.mean(at(1), at(2)) == pytest.approx(mean)
    assert usages.of("", "web") is None
    with_all = Usages(pd.concat([both, users(np.arange(4.0), 40.0)]), NOW)
    usage = with_all.of("", "")
    assert usage is not None
    assert usage.mean(at(1), at(2)) == pytest.approx(40)


def test_where_one_platform_has_a_gap_the_sum_has_it() -> None:
    both = pd.concat([users(np.arange(9.0), 10.0, "ios"), users(np.array([0.0, 1, 2, 5, 6, 7, 8]), 5.0, "web")])
    usage = Usages(both, NOW).of("", "")
    assert usage is not None
    assert usage.gap_in(at(1), at(8)) == (at(3), at(5))


def test_a_day_that_is_not_over_is_not_known() -> None:
    usage = Usages(users(np.arange(5.0), 10.0), at(3.5)).of("", "")
    assert usage is not None
    assert usage.gap_in(at(0), at(5)) == (at(3), at(5))
    assert Usages(users(np.arange(5.0), 10.0), at(0.5)).of("", "") is None


def test_no_counts_are_no_usage() -> None:
    assert Usages(None, NOW).of("", "") is None
    assert Usages(users(np.array([]), []), NOW).of("", "") is None


LEVELS = np.where(np.arange(60) < 30, 1000.0, 3000.0)


def test_with_three_times_the_users_three_times_as_many_items_are_expected() -> None:
    frame, table = items(LEVELS), release(30)
    (plain,) = ledger_windows(frame, table, hours=(72,))
    (counted,) = ledger_windows(frame, table, hours=(72,), exposure=users(np.arange(60.0), LEVELS))
    assert plain.expected_count == pytest.approx(30, rel=0.1)
    assert plain.is_spike
    assert counted.expected_count == pytest.approx(90, rel=0.1)
    assert not counted.is_spike
    assert " of 3,000 active users" in counted.reason


def test_half_as_many_items_of_the_same_users_are_quiet_and_say_what_could_hide() -> None:
    levels = np.full(60, 6000.0)
    written = np.where((np.arange(60) >= 30) & (np.arange(60) < 33), 2400.0, levels)
    (window,) = ledger_windows(items(written), release(30), hours=(72,), exposure=users(np.arange(60.0), levels))
    assert (window.status, window.verdict) == ("quiet", "good")
    assert window.could_hide_ratio is not None
    assert 0.4 < window.could_hide_ratio < 0.65


def test_without_users_nothing_is_said_of_what_could_hide() -> None:
    levels = np.full(60, 6000.0)
    written = np.where((np.arange(60) >= 30) & (np.arange(60) < 33), 2400.0, levels)
    (window,) = ledger_windows(items(written), release(30), hours=(72,))
    assert window.status == "quiet"
    assert window.could_hide_ratio is None


def test_a_window_with_a_gap_does_without_users_and_says_so() -> None:
    days = np.concatenate([np.arange(31.0), np.arange(33.0, 60)])
    frame, table = items(LEVELS), release(30)
    (window,) = ledger_windows(frame, table, hours=(72,), exposure=users(days, LEVELS[days.astype(int)]))
    (plain,) = ledger_windows(frame, table, hours=(72,))
    assert (window.expected_count, window.lower) == (plain.expected_count, plain.lower)
    assert "active users not counted in: not known for 2026-04-02 00:00 to 2026-04-04 00:00 UTC" in window.reason


def test_users_known_since_the_release_only_are_no_history() -> None:
    days = np.arange(30.0, 60)
    (window,) = ledger_windows(items(LEVELS), release(30), hours=(72,), exposure=users(days, LEVELS[30:]))
    assert "known for too short a time before the release" in window.reason


def test_a_fix_after_which_nobody_reports_says_what_share_of_users_could_still_be_hit() -> None:
    stream = items(np.full(60, 1000.0))
    said = stream[stream["written_at"] < START + pd.Timedelta(days=30)].iloc[::5]
    mentions = said.assign(release_id="2.0", item_id=[f"m{i}" for i in range(len(said))])
    table = release(30, notes="Fixed share links that opened an empty page.")
    now = (START + pd.Timedelta(days=50)).to_pydatetime()
    given = users(np.arange(60.0), 1000.0)
    (window,) = subject_windows(mentions, stream, table, exposure=given, as_of=now)
    assert (window.status, window.verdict) == ("quiet", "good")
    assert window.could_hide_ratio is not None
    assert 3 / window.expected_count <= window.could_hide_ratio < 6 / window.expected_count


def known_rate(mean: float) -> Forecast:
    return Forecast(np.array([mean]), np.array([1e8]), np.array([1.0]))


@given(st.floats(10, 500), st.integers(0, 9))
def test_with_a_known_rate_it_is_the_limit_of_garwood(mean: float, observed: int) -> None:
    limit = chi2.ppf(0.95, 2 * (observed + 1)) / 2
    assert could_hide_ratio(known_rate(mean), observed) == pytest.approx(min(1.0, limit / mean), rel=1e-4)


def test_no_report_is_the_rule_of_three() -> None:
    assert could_hide_ratio(known_rate(100), 0) == pytest.approx(0.03, rel=0.01)


def test_what_is_not_known_of_the_rate_lets_more_hide() -> None:
    unsure = Forecast(np.array([100.0]), np.array([3.0]), np.array([1.0]))
    assert could_hide_ratio(unsure, 0) > 1.4 * could_hide_ratio(known_rate(100), 0)


def test_as_many_as_expected_lets_everything_hide() -> None:
    assert could_hide_ratio(known_rate(30), 30) == 1.0


@pytest.mark.parametrize("count", [0.0, 0.0001, 1e13, np.nan])
def test_a_stored_count_that_is_none_is_a_gap_until_the_next_one(count: float) -> None:
    usage = Usages(users(np.arange(6.0), [10.0, 10, count, count, 10, 10]), NOW).of("", "")
    assert usage is not None
    assert usage.gap_in(at(0), at(6)) == (at(2), at(4))
    assert usage.known_from(at(6)) == at(4)
    assert usage.mean(at(0), at(2)) == 10


@pytest.mark.parametrize("turn", [1, -1])
def test_stored_rows_that_differ_in_capitals_and_count_are_a_gap(turn: int) -> None:
    parts = [
        users(np.arange(6.0), 10.0, "ios"),
        users(np.array([2.0]), 20.0, "iOS"),
        users(np.array([4.0]), 10.0, "IOS"),
    ]
    usage = Usages(pd.concat(parts[::turn]), NOW).of("", "ios")
    assert usage is not None
    assert usage.gap_in(at(0), at(6)) == (at(2), at(3))


def test_a_gap_at_an_end_is_time_without_counts() -> None:
    """So the first and the last count are ones that a measure can go on with."""
    usage = Usages(users(np.arange(5.0), [0.0, 10, 10, 20, 0]), NOW).of("", "")
    assert usage is not None
    assert usage.users.tolist() == [10.0, 10.0, 20.0]
    assert usage.gap_in(at(0), at(2)) == (at(0), at(1))
    assert usage.gap_in(at(2), at(5)) == (at(4), at(5))
    assert Usages(users(np.arange(5.0), 0.0), NOW).of("", "") is None
