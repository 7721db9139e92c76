"""Whether a burst is of another cause, and the rhythm of channels that begin late."""

from math import comb

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.incidents.causes import ANOTHER_CAUSE, probability_of_so_few_before
from feedback_triage.incidents.rhythms import Rhythms
from feedback_triage.incidents.series import SeriesTable
from feedback_triage.silence.season import WEEK

START = pd.Timestamp("2026-03-02", tz="UTC")
MONDAY = 492_336.0
instants = st.lists(st.integers(0, 9), min_size=1, max_size=12).map(lambda found: np.array(found, dtype=float))


@given(own=instants, others=instants, start=st.integers(0, 9))
def test_the_probability_is_that_of_drawing_so_few(own: np.ndarray, others: np.ndarray, start: int) -> None:
    """Every way to choose which of all items came before is as probable as another."""
    before, n = int((own < start).sum() + (others < start).sum()), len(own) + len(others)
    few = range(int((own < start).sum()) + 1)
    ways = sum(comb(len(own), k) * comb(len(others), before - k) for k in few if before >= k)
    assert np.isclose(probability_of_so_few_before(start, own, others), ways / comb(n, before))


def test_a_burst_that_comes_with_the_others_is_of_their_cause() -> None:
    together = np.linspace(0, 5, 50)
    assert probability_of_so_few_before(2.0, together, together) > 0.1


def test_a_burst_of_which_nothing_came_before_is_of_another() -> None:
    assert probability_of_so_few_before(2.0, np.linspace(2, 4, 40), np.linspace(0, 4, 60)) < ANOTHER_CAUSE


def frame(hours: np.ndarray, source: str) -> pd.DataFrame:
    written = START + pd.to_timedelta(hours, unit="h")
    return pd.DataFrame({"item_id": [f"{source}:{i}" for i in range(len(hours))], "written_at": written}).assign(
        source=source
    )


def with_chat(chat: np.ndarray, days: int = 60) -> SeriesTable:
    return SeriesTable.from_frame(pd.concat([frame(np.arange(0, days * 24, 0.5), "mail"), frame(chat, "chat")]), None)


def at_six(first: int, last: int) -> np.ndarray:
    return np.concatenate([day * 24 + 6 + np.arange(20) / 25 for day in range(first, last)])


def test_a_new_channel_is_in_the_profile_by_all_of_its_share() -> None:
    """Of twelve weeks together it would be in it for a third."""
    rhythms = Rhythms(with_chat(at_six(40, 60)))
    rhythms.learn(MONDAY + 60 * 24.0)
    profile = rhythms.mixed(np.array([0.5, 0.5])).factors
    assert np.isclose(profile.mean(), 1.0)
    assert profile[6] > 10
    assert np.isclose(profile.reshape(7, 24).sum(axis=0)[6] / WEEK, 0.5, atol=0.05)


def test_a_channel_that_does_not_deliver_is_not_in_the_profile() -> None:
    rhythms = Rhythms(with_chat(at_six(40, 60)))
    rhythms.learn(MONDAY + 60 * 24.0)
    assert np.allclose(rhythms.mixed(np.array([0.0, 0.5])).factors, 1.0, atol=0.01)


def test_without_any_share_the_profile_is_flat() -> None:
    assert (Rhythms(with_chat(at_six(40, 60))).mixed(np.zeros(2)).factors == 1.0).all()


def test_an_import_never_counts() -> None:
    table = with_chat(500 + np.arange(300) / 100)
    assert not table.is_counted[table.sources == table.source_names.index("chat")].any()


def test_a_channel_that_is_heard_from_again_counts_from_the_next_midnight() -> None:
    table = with_chat(np.concatenate([500 + np.arange(30) / 100, [1100.5, 1101.0, 1110.0, 1130.0]]))
    own = table.sources == table.source_names.index("chat")
    assert table.is_counted[own].tolist() == [False] * 32 + [True, True]
    assert table.established_at[table.source_names.index("chat")] == MONDAY + 1104.0
