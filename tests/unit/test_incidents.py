"""Bursts are found as they could be known item by item, and told once."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.domain import Incident
from feedback_triage.incidents import find_incidents

START = pd.Timestamp("2026-03-02", tz="UTC")
BURST_AT = 30 * 24 + 14.0


def at(hour: float) -> datetime:
    return (START + pd.Timedelta(hours=hour)).floor("us").to_pydatetime()


def items(hours: np.ndarray, name: str = "usual", **columns: object) -> pd.DataFrame:
    written = START + pd.to_timedelta(np.sort(hours), unit="h").floor("us")
    frame = pd.DataFrame({"item_id": [f"{name}:{i:05d}" for i in range(len(hours))], "written_at": written})
    given_columns = {"source": "mail", "product": "", "platform": "", "label": None, "theme_id": None} | columns
    return frame.assign(**given_columns)


def usual(days: float = 40, a_day: float = 24, seed: int = 1, name: str = "usual", **columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return items(rng.uniform(0, days * 24, rng.poisson(days * a_day)), name, **columns)


def burst(n: int = 40, hours: float = 2.0, start: float = BURST_AT, name: str = "burst", **columns: object):
    return items(start + np.arange(n) / n * hours, name, **columns)


def test_a_burst_is_one_incident_with_its_items() -> None:
    (found,) = find_incidents(pd.concat([usual(), burst()]))
    assert found.scope == "all"
    assert at(BURST_AT - 1) <= found.started_at <= at(BURST_AT)
    assert {f"burst:{i:05d}" for i in range(40)} <= set(found.item_ids)
    assert found.observed_count == len(found.item_ids) < 50
    assert found.expected_count < 8
    assert found.upper < 15


def test_it_is_raised_within_eight_reports() -> None:
    (found,) = find_incidents(pd.concat([usual(), burst(n=40, hours=1)]))
    assert found.n_items_until_raised <= 8
    assert found.raised_at <= at(BURST_AT + 0.25)


def test_it_is_over_when_the_rate_is_back() -> None:
    (found,) = find_incidents(pd.concat([usual(), burst()]))
    assert found.ended_at is not None
    assert at(BURST_AT + 2) < found.ended_at < at(BURST_AT + 6)
    assert found.last_at <= found.ended_at


def test_it_goes_on_while_more_comes() -> None:
    (found,) = find_incidents(pd.concat([usual(), burst()]), as_of=at(BURST_AT + 1.5))
    assert found.ended_at is None


def test_an_incident_of_no_time_of_its_own_ends_without_further_items() -> None:
    frame = pd.concat([usual(days=30), burst()])
    (found,) = find_incidents(frame, as_of=at(BURST_AT + 48))
    assert found.ended_at is not None


def test_the_reason_has_the_numbers() -> None:
    (found,) = find_incidents(pd.concat([usual(), burst()]))
    assert found.reason.startswith(f"{found.observed_count} items in 2 hours where ")
    assert found.reason.endswith(f" to {found.upper} are usual")


def test_the_narrowest_series_tells_it_and_the_others_are_named() -> None:
    labelled = {"label": "sync_bug", "theme_id": "T1"}
    frame = pd.concat([usual(theme_id="T2", label="praise"), usual(40, 1, 2, "rare", **labelled), burst(**labelled)])
    (found,) = find_incidents(frame)
    assert found.scope == "theme:T1"
    assert {"all", "label:sync_bug"} <= set(found.also_in)


def test_a_burst_on_one_platform_says_so() -> None:
    frame = pd.concat([usual(platform="android"), usual(40, 24, 2, "other", platform="ios"), burst(platform="ios")])
    (found,) = find_incidents(frame)
    assert (found.scope, found.platform) == ("all", "ios")


def test_a_burst_on_all_platforms_is_of_none() -> None:
    parts = [usual(platform="android"), usual(40, 24, 2, "other", platform="ios"), burst(name="a", platform="ios")]
    (found,) = find_incidents(pd.concat([*parts, burst(name="b", platform="android")]))
    assert (found.scope, found.platform) == ("all", "")


def test_no_items_no_incidents() -> None:
    assert find_incidents(usual().iloc[:0]) == []


def test_items_without_an_instant_are_left_out() -> None:
    frame = pd.concat([usual(), burst()])
    broken = burst(name="broken").assign(written_at=pd.NaT)
    assert find_incidents(pd.concat([frame, broken])) == find_incidents(frame)


def test_one_wrong_date_is_no_history() -> None:
    frame = pd.concat([usual(), burst()])
    wrong = burst(n=1, name="wrong").assign(written_at=pd.Timestamp("1970-01-01", tz="UTC"))
    assert find_incidents(pd.concat([frame, wrong])) == find_incidents(frame)


def test_an_instant_far_ahead_changes_nothing() -> None:
    frame = pd.concat([usual(), burst()])
    assert find_incidents(frame, as_of=at(24 * 365 * 50)) == find_incidents(frame, as_of=at(24 * 200))


def test_only_two_columns_are_needed() -> None:
    frame = pd.concat([usual(), burst()])
    bare = frame[["item_id", "written_at"]]
    assert [each.started_at for each in find_incidents(bare)] == [each.started_at for each in find_incidents(frame)]


def test_a_row_order_does_not_matter() -> None:
    frame = busy(3)
    shuffled = frame.sample(frac=1, random_state=5)
    assert find_incidents(shuffled) == find_incidents(frame)


def busy(seed: int) -> pd.DataFrame:
    """A stream with themes, labels, platforms, a dying source, a new one and three bursts at random places."""
    rng = np.random.default_rng(seed)
    labels = np.array(["praise", "sync_bug", None], dtype=object)
    parts = [usual(40, 20, seed + 100)]
    for number in range(3):
        n, start = int(rng.integers(6, 40)), float(rng.uniform(100, 900))
        parts.append(burst(n, float(rng.uniform(0.2, 40)), start, f"burst{number}"))
    frame = pd.concat(parts, ignore_index=True)
    n = len(frame)
    frame["label"] = rng.choice(labels, n)
    frame["theme_id"] = rng.choice(np.array(["T1", "T2", "T3", None], dtype=object), n)
    frame["platform"] = rng.choice(["ios", "android", ""], n)
    frame["source"] = rng.choice(["mail", "chat"], n, p=[0.8, 0.2])
    silent = (frame["source"] == "chat") & frame["written_at"].between(at(300), at(550))
    begun = float(rng.uniform(80, 500))
    late = (frame["platform"] == "ios") & (frame["written_at"] >= at(begun))
    frame.loc[late & (rng.random(n) < 0.5), "source"] = "new"
    own = frame["item_id"].str.startswith("burst2") & (rng.random() < 0.5)
    frame.loc[own, ["theme_id", "label"]] = ["T1", "sync_bug"]
    return frame[~silent].reset_index(drop=True)


def lasting(found: list[Incident]) -> dict[str, tuple[object, ...]]:
    return {each.incident_id: (each.started_at, each.raised_at, each.n_items_until_raised) for each in found}


@given(seed=st.integers(0, 10_000), hour=st.floats(60, 960))
@settings(max_examples=25, deadline=None)
def test_nothing_written_later_changes_an_answer(seed: int, hour: float) -> None:
    frame, now = busy(seed), at(hour)
    before = frame[frame["written_at"] <= now]
    assert find_incidents(frame, as_of=now) == find_incidents(before, as_of=now)


@given(seed=st.integers(0, 10_000), hour=st.floats(60, 960))
@settings(max_examples=25, deadline=None)
def test_looking_back_gives_what_could_be_known(seed: int, hour: float) -> None:
    """What was raised by an instant keeps its id, start and raising; what is raised later was not known then."""
    frame, now = busy(seed), at(hour)
    then, later = find_incidents(frame, as_of=now), find_incidents(frame)
    assert lasting(then) == lasting([each for each in later if each.raised_at <= now])


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_each_incident_is_consistent(seed: int) -> None:
    frame = busy(seed)
    written = frame.set_index("item_id")["written_at"]
    found = find_incidents(frame)
    assert len({each.incident_id for each in found}) == len(found)
    for each in found:
        own = written[list(each.item_ids)]
        assert each.observed_count == len(own) >= 1
        assert own.is_monotonic_increasing
        assert each.started_at <= own.min()
        assert own.max() <= each.last_at
        assert each.started_at <= each.raised_at
        assert each.ended_at is None or each.last_at <= each.ended_at
        assert each.scope not in each.also_in
        assert each.n_items_until_raised >= 5


@pytest.mark.parametrize("seed", range(3))
def test_an_even_stream_has_no_incident(seed: int) -> None:
    assert find_incidents(usual(90, 24, seed)) == []
