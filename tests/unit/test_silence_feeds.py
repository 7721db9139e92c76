from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from feedback_triage.silence import feed_status

START = pd.Timestamp("2026-03-02", tz="UTC")


def items(hours: np.ndarray, source: str = "store") -> pd.DataFrame:
    return pd.DataFrame({"written_at": START + pd.to_timedelta(hours, unit="h"), "source": source})


def asked(frame: pd.DataFrame, hour: float) -> pd.Series:
    (_, row), *_ = feed_status(frame, at(hour)).set_index("source").iterrows()
    return row


def at(hour: float) -> datetime:
    return (START + pd.Timedelta(hours=hour)).to_pydatetime()


def weekdays(n_weeks: int, a_day: int) -> np.ndarray:
    """Give hours of items from nine to five, Monday to Friday."""
    rng = np.random.default_rng(3)
    days = [week * 168 + day * 24 for week in range(n_weeks) for day in range(5)]
    return np.sort(np.concatenate([day + rng.uniform(9, 17, a_day) for day in days]))


EVEN = np.sort(np.random.default_rng(2).uniform(0, 600, 300))


def test_a_feed_that_keeps_its_rhythm_is_alive() -> None:
    row = asked(items(EVEN), 603)
    assert row["status"] == "alive"
    assert row["n_items"] == 300
    assert row["usual_gap_hours"] == pytest.approx(1.4, abs=0.7)
    assert pd.isna(row["feed_stale_from"])


def test_a_feed_silent_far_beyond_its_rhythm_is_stale_from_its_last_item() -> None:
    row = asked(items(EVEN), 650)
    assert row["status"] == "stale"
    assert row["feed_stale_from"] == row["last_at"]


def test_too_few_items_tell_nothing() -> None:
    row = asked(items(np.arange(7.0)), 900)
    assert row["status"] == "unknown"


def test_many_items_of_one_instant_are_one_beat() -> None:
    assert asked(items(np.full(100, 5.0)), 900)["status"] == "unknown"


def test_a_weekend_is_no_silence_for_a_feed_of_working_days() -> None:
    frame = items(weekdays(8, 12))
    sunday_evening, wednesday = 8 * 168 - 6, 8 * 168 + 65
    assert asked(frame, sunday_evening)["status"] == "alive"
    assert asked(frame, wednesday)["status"] == "stale"


def test_a_slow_feed_may_be_silent_for_days() -> None:
    slow = np.sort(np.random.default_rng(4).uniform(0, 2000, 50))
    assert asked(items(slow), 2000 + 4 * 24)["status"] == "alive"
    assert asked(items(slow), 2000 + 60 * 24)["status"] == "stale"


def test_items_written_later_are_not_used() -> None:
    later = pd.concat([items(EVEN), items(np.array([700.0]))])
    assert asked(later, 650).to_dict() == asked(items(EVEN), 650).to_dict()


def test_each_source_has_its_own_rhythm() -> None:
    frame = pd.concat([items(EVEN, "store"), items(EVEN[EVEN < 500], "mail"), items(np.arange(3.0), "forum")])
    status = feed_status(frame.sample(frac=1, random_state=1), at(602)).set_index("source")["status"]
    assert status.to_dict() == {"forum": "unknown", "mail": "stale", "store": "alive"}


def test_a_live_feed_is_rarely_called_stale() -> None:
    """Asked every four hours over a thousand hours of an uneven feed, it may be wrong once in a while."""
    rng = np.random.default_rng(8)
    counts = rng.poisson(6 * rng.gamma(4, 0.25, 100))
    times = np.sort(np.repeat(np.arange(100), counts) * 24 + rng.uniform(0, 24, counts.sum()))
    wrong = [asked(items(times[times <= hour]), hour)["status"] == "stale" for hour in range(1400, 2400, 4)]
    assert np.mean(wrong) <= 0.02


def test_without_a_source_there_is_one_feed() -> None:
    frame = items(EVEN).drop(columns="source")
    assert feed_status(frame, at(602))["source"].tolist() == [""]


def test_no_items_no_rows() -> None:
    frame = feed_status(items(np.array([])), at(0))
    assert list(frame.columns) == [
        "source",
        "n_items",
        "first_at",
        "last_at",
        "usual_gap_hours",
        "status",
        "feed_stale_from",
        "reason",
    ]
    assert frame.empty
