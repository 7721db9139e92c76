"""The ledger over all items and over channels, of several lengths."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.silence import ledger_windows, volume_windows
from feedback_triage.silence.forecast import History, added, forecast, forecast_many

START = pd.Timestamp("2026-03-02", tz="UTC")


def items(hours: np.ndarray, source: str = "store", platform: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {"written_at": START + pd.to_timedelta(hours, unit="h"), "source": source, "platform": platform}
    )


def even(first_day: float, last_day: float, a_day: float, seed: int = 1) -> np.ndarray:
    n = round((last_day - first_day) * a_day)
    return np.sort(np.random.default_rng(seed).uniform(first_day * 24, last_day * 24, n))


def releases(days: list[float], kind: str = "fix", platform: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "release_id": [f"1.{i}" for i in range(len(days))],
            "version": [f"1.{i}" for i in range(len(days))],
            "released_at": START + pd.to_timedelta(days, unit="D"),
            "kind": kind,
            "platform": platform,
        }
    )


def day(number: float) -> datetime:
    return (START + pd.Timedelta(days=number)).to_pydatetime()


TWO = pd.concat([items(even(0, 60, 12)), items(even(0, 60, 9, seed=2), "mail")])


def test_each_release_has_a_window_of_each_length_over_all_and_over_each_main_channel() -> None:
    windows = ledger_windows(TWO, releases([30, 40]))
    found = [(w.release_id, w.subject, (w.end_at - w.start_at).total_seconds() / 3600) for w in windows]
    lengths = (24.0, 72.0, 168.0)
    subjects = ("all", "source:mail", "source:store")
    assert found == [(r, s, h) for r in ("1.0", "1.1") for s in subjects for h in lengths]


def test_one_length_over_all_items_is_what_volume_windows_gives() -> None:
    windows = ledger_windows(TWO, releases([30, 40]), hours=(72,))
    assert [w for w in windows if w.subject == "all"] == volume_windows(TWO, releases([30, 40]), window_hours=72)


def test_a_stream_of_one_channel_has_no_channel_windows() -> None:
    assert {w.subject for w in ledger_windows(items(even(0, 60, 12)), releases([30]))} == {"all"}


def test_a_channel_of_which_no_silence_could_be_told_has_no_window() -> None:
    frame = pd.concat([items(even(0, 60, 1)), items(even(0, 60, 0.8, seed=2), "mail")])
    assert {w.subject for w in ledger_windows(frame, releases([30]), hours=(24,))} == {"all"}


def test_a_channel_that_began_last_week_is_expected_from_then_on() -> None:
    frame = pd.concat([items(even(0, 60, 10)), items(even(24, 60, 30, seed=6), "chat")])
    (window,) = (w for w in ledger_windows(frame, releases([30]), hours=(72,)) if w.subject == "all")
    assert window.expected_count == pytest.approx(120, rel=0.15)
    assert window.lower <= window.observed_count <= window.upper


def test_a_channel_that_ended_is_expected_no_more() -> None:
    frame = pd.concat([items(even(0, 60, 10)), items(even(0, 24, 30, seed=2), "chat")])
    (window,) = (w for w in ledger_windows(frame, releases([30]), hours=(72,)) if w.subject == "all")
    assert window.expected_count == pytest.approx(30, rel=0.2)
    assert (window.status, window.verdict) == ("feed_stale", "cannot_tell")


def test_a_feed_that_died_long_ago_is_a_dead_feed_still() -> None:
    """None of its items lies in the eight weeks before the release, and none comes."""
    told = ledger_windows(items(even(0, 60, 20)), releases([200.0]), as_of=day(220))
    assert {window.status.value for window in told} == {"feed_stale"}


@pytest.mark.parametrize("a_day", [3, 12, 60])
@pytest.mark.parametrize(
    ("dies", "lives"), [(-2.0, 99.0), (0.0, 99.0), (0.4, 99.0), (-0.5, 1.0), (0.2, 2.0), (1.0, 3.5), (0.9, 1.1)]
)
def test_while_a_feed_is_dead_there_is_no_verdict(a_day: int, dies: float, lives: float) -> None:
    """Twenty streams for each way of dying, each with a feed that is dead somewhere in the window."""
    for seed in range(20):
        hours = even(0, 45, a_day, seed=seed)
        frame = items(hours[(hours < (30 + dies) * 24) | (hours >= (30 + lives) * 24)])
        windows = ledger_windows(frame, releases([30]), as_of=day(38 + seed % 5))
        assert {window.verdict for window in windows} == {"cannot_tell"}


def test_many_forecasts_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(4)
    histories = [
        History(rng.poisson(9, n).astype(float), rng.uniform(0.5, 2, n), float(rng.uniform(1, 3)), float(n % 3) / 2 + 1)
        for n in (1, 40, 7, 7, 23)
    ]
    for one, history in zip(forecast_many(histories), histories, strict=True):
        alone = forecast(history.counts, history.exposures, history.exposure, history.n_steps)
        assert one.interval() == alone.interval()
        assert one.mean == pytest.approx(alone.mean, rel=1e-12)
    assert forecast_many([]) == []


def test_the_sum_of_two_counts_has_the_sum_of_means_and_variances() -> None:
    first = forecast(np.full(9, 20.0), np.ones(9), 1.0)
    second = forecast(np.full(9, 5.0), np.ones(9), 1.0)
    total = added(first, second)
    assert total.mean == pytest.approx(first.mean + second.mean)
    assert total.variance == pytest.approx(first.variance + second.variance, rel=1e-6)


def test_growth_goes_on() -> None:
    rising = 10 * np.exp(0.08 * np.arange(16))
    assert forecast(np.round(rising), np.ones(16), 1.0).mean > rising[-1]
    assert forecast(np.round(rising), np.ones(16), 1.0, discounts=np.array([1.0])).mean < rising[-1]


STREAMS = st.lists(
    st.tuples(st.integers(0, 40 * 24), st.sampled_from(["store", "mail", "chat"]), st.sampled_from(["", "ios"])),
    max_size=90,
)


def frame_of(rows: list[tuple[int, str, str]]) -> pd.DataFrame:
    columns = ["hour", "source", "platform"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(written_at=START + pd.to_timedelta(frame["hour"].astype(float), unit="h"))


@settings(deadline=None, max_examples=40)
@given(STREAMS, STREAMS, st.integers(5, 40), st.lists(st.integers(1, 39), min_size=1, max_size=4), st.integers(0, 99))
def test_what_is_written_later_changes_nothing_and_neither_does_the_order_of_rows(
    known: list[tuple[int, str, str]], later: list[tuple[int, str, str]], now: int, days: list[int], seed: int
) -> None:
    """Counts of users that come later, and of a time that is not over, change nothing either."""
    before = [row for row in known if row[0] <= now * 24]
    after = [(hour + now * 24 + 1, source, platform) for hour, source, platform in later]
    table = releases([float(each) for each in days], platform="ios")
    users = pd.DataFrame({"start_at": START + pd.to_timedelta(np.arange(41.0), unit="D"), "active_count": 500.0})
    users["product"] = users["platform"] = ""
    with_later = users.assign(active_count=users["active_count"].where(users.index < now, 9.0))
    first = ledger_windows(frame_of(before), table, exposure=users.iloc[:now], as_of=day(now))
    shuffled = frame_of(before + after).sample(frac=1, random_state=seed)
    second = ledger_windows(
        shuffled,
        table.sample(frac=1, random_state=seed),
        exposure=with_later.sample(frac=1, random_state=seed),
        as_of=day(now),
    )
    assert second == first
    for window in first:
        assert 0 <= window.lower <= window.upper
        assert window.verdict == "cannot_tell" or window.status == "quiet"
