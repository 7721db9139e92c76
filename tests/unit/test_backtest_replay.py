"""A replay of made-up histories: nothing that comes later changes what was told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.backtest import look_instants
from feedback_triage.pipeline.backtest_history import History
from feedback_triage.pipeline.backtest_replay import Replayed, replay
from feedback_triage.pipeline.backtesting import judge

START = datetime(2026, 8, 3, tzinfo=UTC)
DAYS = 40
WINDOWS = (24.0, 72.0)
N_TOPICS, DIM = 4, 24


def made_history(seed: int, *, bursts: tuple[float, ...] = (31.4,), slow: tuple[float, ...] = ()) -> History:
    """Forty days of feedback on three topics, a release every three days, and bursts of a fourth one.

    A burst is twenty-five items in two hours and a half, a slow one twelve in twelve hours.
    """
    draw = np.random.default_rng(seed)
    usual = draw.uniform(0, DAYS, draw.poisson(8 * DAYS))
    sudden = [day + draw.uniform(0, 0.1, 25) for day in bursts]
    slowly = [day + np.linspace(0, 0.5, 12) for day in slow]
    days = np.concatenate([usual, *sudden, *slowly])
    of_bursts = np.full(len(days) - len(usual), N_TOPICS - 1)
    topics = np.concatenate([draw.integers(0, N_TOPICS - 1, len(usual)), of_bursts])
    order = np.argsort(days)
    days, topics = days[order], topics[order]
    centres = np.eye(DIM)[:N_TOPICS]
    vectors = centres[topics] + draw.normal(0, 0.08, (len(days), DIM))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    written_at = pd.Series(pd.to_datetime([START + timedelta(days=float(day)) for day in days], utc=True)).dt.as_unit(
        "us"
    )
    keys = [f"{number:05d}" for number in range(len(days))]
    items = pd.DataFrame(
        {
            "item_id": [f"chat:{key}" for key in keys],
            "written_at": written_at,
            "source": "chat",
            "product": "",
            "platform": "",
            "label": pd.Series([None] * len(days), dtype=object),
            "author_key": keys,
            "text": [f"words {key}" for key in keys],
            "text_sha256": keys,
            "app_version": "",
        }
    )
    at = [START + timedelta(days=3 * number + 0.4) for number in range(1, DAYS // 3)]
    releases = pd.DataFrame(
        {
            "release_id": [f"web/1.{number}" for number in range(len(at))],
            "version": [f"1.{number}" for number in range(len(at))],
            "released_at": pd.Series(pd.to_datetime(at, utc=True)).dt.as_unit("us"),
            "product": "",
            "platform": "web",
            "kind": "fix",
            "notes": "",
            "rollout": pd.Series([((when, 0.1), (when + timedelta(days=2), 1.0)) for when in at], dtype=object),
            "rolled_back_at": pd.Series([pd.NaT] * len(at), dtype="datetime64[us, UTC]"),
            "is_hotfix": False,
        }
    )
    nothing = np.zeros((0, DIM), dtype=np.float32)
    exposure = pd.DataFrame({"product": [], "platform": [], "start_at": [], "active_count": []})
    return History(items, releases, vectors.astype(np.float32), (), nothing, exposure, "made-up")


def looks(last_day: float = DAYS, every_hours: float = 24.0) -> list[datetime]:
    """From the twentieth day on."""
    return look_instants(START + timedelta(days=20), START + timedelta(days=last_day), every_hours)


def until(history: History, at: datetime) -> History:
    """The history as if the world had ended then."""
    n = int((history.items["written_at"] < at).sum())
    releases = history.releases[history.releases["released_at"] <= at]
    rollout = [tuple(step for step in steps if step[0] <= at) for steps in releases["rollout"]]
    releases = releases.assign(rollout=pd.Series(rollout, dtype=object, index=releases.index)).reset_index(drop=True)
    return replace(history, items=history.items.iloc[:n], vectors=history.vectors[:n], releases=releases)


@pytest.fixture(scope="module")
def whole() -> Replayed:
    """One replay of forty days."""
    return replay(made_history(1), looks(), window_hours=WINDOWS)


def test_a_burst_is_found_once_and_within_the_hour(whole: Replayed) -> None:
    """Twenty-five items in two and a half hours where eight a day are usual."""
    burst_at = START + timedelta(days=31.4)
    near = [one for one in whole.incidents if abs(one.started_at - burst_at) < timedelta(hours=6)]
    assert len(near) == 1
    assert near[0].known_at - burst_at < timedelta(hours=1)
    assert sum(near[0].incident_id in look.incident_ids for look in whole.looks) == 1


def test_its_suspects_were_out_before_it_was_known(whole: Replayed) -> None:
    """A release of later days is not among them."""
    released = made_history(1).releases.set_index("release_id")["released_at"]
    for one in whole.incidents:
        assert one.suspects
        assert all(released[each.release_id] <= one.known_at for each in one.suspects if each.release_id)


def test_looks_count_every_item_once(whole: Replayed) -> None:
    """What is new at the looks is what is known at the last one, less what was known at the first instant."""
    history = made_history(1)
    assert sum(look.n_new for look in whole.looks) == whole.looks[-1].n_items - history.n_known(looks()[0])


def test_every_window_that_ended_is_told_once(whole: Replayed) -> None:
    """Looks and windows agree."""
    ended = [window for window in whole.windows if window.closed_at is not None]
    assert sum(look.n_windows_ended for look in whole.looks) == len(ended) > 0


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1_000), day=st.integers(22, 39))
def test_a_longer_backtest_tells_the_same_of_every_earlier_day(seed: int, day: int) -> None:
    """The prefix law."""
    history = made_history(seed, bursts=(25.3,), slow=(28.2, 31.4, 35.6))
    short = replay(history, looks(day), window_hours=WINDOWS)
    assert replay(history, looks(), window_hours=WINDOWS).looks[: len(short.looks)] == short.looks


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1_000), day=st.integers(22, 39))
def test_what_comes_after_the_last_look_changes_nothing(seed: int, day: int) -> None:
    """Items, releases and roll-out steps of later days might as well not be there."""
    history = made_history(seed, bursts=(25.3,), slow=(28.2, 31.4, 35.6))
    there = replay(history, looks(day), window_hours=WINDOWS)
    gone = replay(until(history, looks(day)[-1]), looks(day), window_hours=WINDOWS)
    assert (there.looks, there.incidents, there.windows) == (gone.looks, gone.incidents, gone.windows)


def test_a_calm_stream_has_no_incident() -> None:
    """Nothing is raised where nothing happens."""
    found = replay(made_history(3, bursts=()), looks(), window_hours=WINDOWS)
    assert found.incidents == ()


def test_the_burst_is_confirmed_by_hindsight(whole: Replayed) -> None:
    """Without a list of known incidents that is what it is judged by."""
    found = judge(whole, made_history(1), None, every_hours=24.0, timezone="UTC")
    assert not found.has_known
    assert found.n_false == sum(one.hindsight.verdict != "confirmed" for one in found.incidents if one.hindsight)
    burst = next(one for one in found.incidents if one.started_at > START + timedelta(days=31))
    assert burst.hindsight is not None
    assert burst.hindsight.verdict == "confirmed"
