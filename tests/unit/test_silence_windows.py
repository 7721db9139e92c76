import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.silence import release_reigns, volume_windows

START = pd.Timestamp("2026-03-02", tz="UTC")


def items(hours: np.ndarray, platform: str = "") -> pd.DataFrame:
    return pd.DataFrame({"written_at": START + pd.to_timedelta(hours, unit="h"), "source": "", "platform": platform})


def releases(days: list[float], kind: str = "fix", platform: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "release_id": [f"{platform}1.{i}" for i in range(len(days))],
            "version": [f"1.{i}" for i in range(len(days))],
            "released_at": START + pd.to_timedelta(days, unit="D"),
            "kind": kind,
            "platform": platform,
        }
    )


def even(first_day: float, last_day: float, a_day: float, seed: int = 1) -> np.ndarray:
    n = round((last_day - first_day) * a_day)
    return np.sort(np.random.default_rng(seed).uniform(first_day * 24, last_day * 24, n))


def test_one_window_a_release_in_the_order_of_their_instants() -> None:
    table = releases([40, 10, 25]).sample(frac=1, random_state=2)
    windows = volume_windows(items(even(0, 60, 8)), table)
    assert [window.release_id for window in windows] == ["1.1", "1.2", "1.0"]
    assert {(window.end_at - window.start_at).days for window in windows} == {3}
    assert {window.subject for window in windows} == {"all"}


def test_the_expectation_uses_only_what_was_written_before_the_release() -> None:
    quiet, loud = items(even(0, 30, 8)), items(np.concatenate([even(0, 30, 8), even(30, 60, 90)]))
    now = (START + pd.Timedelta(days=60)).to_pydatetime()
    first, second = (volume_windows(frame, releases([30]), as_of=now)[0] for frame in (quiet, loud))
    assert (first.expected_count, first.lower, first.upper) == (
        second.expected_count,
        second.lower,
        second.upper,
    )


def test_an_item_of_the_instant_of_the_release_belongs_to_its_window() -> None:
    frame = items(np.concatenate([even(0, 30, 8), [30 * 24.0, 33 * 24.0]]))
    (window,) = volume_windows(frame, releases([30]))
    assert window.observed_count == 1


def test_only_items_of_the_platform_count() -> None:
    both = pd.concat([items(even(0, 40, 8), "ios"), items(even(0, 40, 50, seed=2), "android")])
    (window,) = volume_windows(both, releases([30], platform="ios"))
    assert window.expected_count == pytest.approx(24, rel=0.35)
    assert window.observed_count < 45


def test_a_window_longer_than_the_history_is_expected_from_parts_of_it() -> None:
    (window,) = volume_windows(items(even(0, 40, 8)), releases([4]), window_hours=240)
    assert window.lower < 80 < window.upper


def test_too_little_history_expects_nothing_and_is_no_spike() -> None:
    (window,) = volume_windows(items(even(0, 40, 8)), releases([0.5]))
    assert (window.expected_count, window.lower, window.upper) == (0.0, 0, window.observed_count)
    assert not window.is_spike
    assert window.reason.startswith("too little feedback before the release")


def test_a_release_yet_to_come_is_open() -> None:
    (window,) = volume_windows(items(even(0, 40, 8)), releases([45]))
    assert window.status == "open"
    assert window.lower < 24 < window.upper


def test_a_wave_that_follows_each_release_is_expected_after_the_next() -> None:
    days = [14.0 * k for k in range(2, 9)]
    waves = [even(day, day + 2, 40, seed=int(day)) for day in days[:-1]]
    frame = items(np.concatenate([even(0, days[-1] + 10, 6), *waves]))
    windows = volume_windows(frame, releases(days, kind="feature"))
    assert windows[1].observed_count > windows[0].upper
    assert windows[-1].expected_count > 50
    assert (windows[-1].status, windows[-1].verdict) == ("quiet", "bad")


def test_the_length_of_the_window_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="above 0"):
        volume_windows(items(even(0, 4, 8)), releases([2]), window_hours=0)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 900), min_size=1, max_size=80),
    st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True),
    st.integers(0, 99),
)
def test_the_order_of_the_rows_does_not_matter(hours: list[int], days: list[int], seed: int) -> None:
    frame, table = items(np.array(hours, dtype=float)), releases([float(day) for day in days])
    shuffled = volume_windows(frame.sample(frac=1, random_state=seed), table.sample(frac=1, random_state=seed))
    assert shuffled == volume_windows(frame, table)
    for window in shuffled:
        assert 0 <= window.lower <= window.upper
        assert not (window.status == "quiet" and window.lower == 0)


def test_a_bad_release_shows_in_its_reign_and_not_in_the_next() -> None:
    """An outage that doubles the volume for five hours on a Friday afternoon."""
    days = [28.0, 32.6, 33.0, 36.0]
    frame = items(np.sort(np.concatenate([even(0, 40, 24), even(32.62, 32.85, 300)])))
    table = releases(days)
    ends = np.append(np.array(days[1:]), 40.0) * 24
    hours = (frame["written_at"] - START) / pd.Timedelta(hours=1)
    frame["most_recent"] = None
    for release_id, start, end in zip(table["release_id"], np.array(days) * 24, ends, strict=True):
        frame.loc[(hours >= start) & (hours < end), "most_recent"] = release_id
    reigns = release_reigns(frame, table, (START + pd.Timedelta(days=40)).to_pydatetime())
    reigns = reigns.set_index("release_id")
    assert reigns["hours"].tolist() == pytest.approx([4.6 * 24, 0.4 * 24, 3 * 24, 4 * 24])
    above = reigns["observed_count"] > reigns["upper"]
    assert above.tolist() == [False, True, False, False]
    assert reigns.loc["1.2", "expected_count"] == pytest.approx(72, rel=0.25)


def test_of_two_releases_at_one_instant_one_reigns() -> None:
    frame = items(even(0, 40, 8)).assign(most_recent="1.1")
    frame.loc[frame["written_at"] < START + pd.Timedelta(days=30), "most_recent"] = None
    reigns = release_reigns(frame, releases([30, 30]), (START + pd.Timedelta(days=40)).to_pydatetime())
    assert reigns["hours"].tolist() == [0.0, 240.0]
    assert reigns["observed_count"].tolist() == [0, len(frame.dropna(subset=["most_recent"]))]
    assert np.isnan(reigns["expected_count"].iloc[0])


def test_a_release_after_now_has_no_reign() -> None:
    frame = items(even(0, 40, 8)).assign(most_recent=None)
    assert release_reigns(frame, releases([50]), (START + pd.Timedelta(days=40)).to_pydatetime()).empty
