"""Whether the hour of a push goes with incidents: said only where there is evidence."""

from zoneinfo import ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import pytest

from feedback_triage.incidents import push_hours

MONDAY = pd.Timestamp("2026-01-05", tz="UTC")


def releases(hours: np.ndarray) -> pd.DataFrame:
    ids = [f"web/1.{i}" for i in range(len(hours))]
    return pd.DataFrame({"release_id": ids, "released_at": MONDAY + pd.to_timedelta(hours, unit="h")})


def drawn(seed: int, n: int, on_friday: float, else_: float) -> tuple[pd.DataFrame, dict[str, float]]:
    rng = np.random.default_rng(seed)
    frame = releases(rng.uniform(0, 26 * 168, n))
    is_friday = frame["released_at"].dt.day_of_week == 4
    hit = rng.random(n) < np.where(is_friday, on_friday, else_)
    return frame, {name: 1.0 for name, bad in zip(frame["release_id"], hit, strict=True) if bad}


def test_one_incident_in_sixty_one_releases_is_no_evidence() -> None:
    frame = releases(np.linspace(0, 8 * 168, 61))
    found = push_hours(frame, {"web/1.7": 1.0}, "UTC")
    assert (found["verdict"] == "no_evidence").all()
    assert found["reason"][0] == "no evidence that the hour of a push matters: 61 releases, 1 incident"


def test_fridays_that_are_much_worse_are_named() -> None:
    found = push_hours(*drawn(1, 400, 0.6, 0.05), "UTC").set_index("bucket")
    assert found.loc["Friday", "verdict"] == "more"
    assert found.loc["Friday", "ratio_to_all"] > 2
    assert "more incidents with pushes on Fridays" in found["reason"].iloc[0]


@pytest.mark.parametrize("n", [20, 100, 500])
def test_where_the_hour_does_not_matter_hardly_ever_is_anything_claimed(n: int) -> None:
    claims = sum((push_hours(*drawn(seed, n, 0.1, 0.1), "UTC")["verdict"] != "no_evidence").any() for seed in range(15))
    assert claims <= 1


def test_shares_are_drawn_to_the_common_one() -> None:
    found = push_hours(*drawn(2, 60, 0.2, 0.2), "UTC")
    assert (found["lower"] <= found["incident_ratio"]).all()
    assert (found["incident_ratio"] <= found["upper"]).all()
    assert found["incident_ratio"].between(0.05, 0.5).all()


def test_each_release_is_in_one_weekday_and_one_part_of_the_day() -> None:
    found = push_hours(*drawn(3, 90, 0.2, 0.2), "UTC")
    assert found.groupby("kind")["n_releases"].sum().to_dict() == {"all": 90, "part_of_day": 90, "weekday": 90}
    assert len(found) == 12


def test_the_hour_is_local() -> None:
    frame = releases(np.array([23.5]))  # Monday evening in UTC, Tuesday night in Berlin
    found = push_hours(frame, {}, "Europe/Berlin").set_index("bucket")["n_releases"]
    assert (found["Tuesday"], found["night"]) == (1, 1)


def test_probabilities_count_in_part_and_more_than_one_as_one() -> None:
    found = push_hours(releases(np.array([1.0, 2.0, 3.0])), {"web/1.0": 0.25, "web/1.1": 3.0, "other": 1.0}, "UTC")
    assert found["n_with_incident"][0] == 1.25


def test_no_releases_say_nothing() -> None:
    found = push_hours(releases(np.array([])), {}, "UTC")
    assert (found["verdict"] == "no_evidence").all()
    assert found["n_releases"].sum() == 0


def test_a_release_without_an_instant_is_left_out() -> None:
    frame = releases(np.array([1.0, 2.0]))
    frame.loc[1, "released_at"] = pd.NaT
    assert push_hours(frame, {}, "UTC")["n_releases"][0] == 1


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        push_hours(releases(np.array([1.0])), {}, "Mars/Base")
