"""What the detection of incidents is built from, each part against an obvious answer."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from feedback_triage.incidents.levels import Levels
from feedback_triage.incidents.scan import LONG_WINDOWS, SHORT_WINDOWS, Clumps, Judge, threshold
from feedback_triage.incidents.series import SeriesKey, SeriesTable
from feedback_triage.incidents.supply import Supply
from feedback_triage.incidents.windows import WindowCounts
from feedback_triage.silence.season import FLAT
from feedback_triage.silence.stream import to_hours

START = pd.Timestamp("2026-03-02", tz="UTC")
FIRST = to_hours(START.to_pydatetime())


def frame(hours: np.ndarray, **columns: object) -> pd.DataFrame:
    found = pd.DataFrame({"written_at": START + pd.to_timedelta(hours, unit="h").floor("us")})
    found["item_id"] = [f"s:{i:05d}" for i in range(len(found))]
    return found.assign(**({"source": "mail"} | columns))


def drawn(seed: int, n: int, days: float) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).uniform(0, days * 24, n))


def test_an_item_is_in_all_its_label_and_its_theme_and_in_those_of_its_platform() -> None:
    one = frame(np.array([1.0]), product="P", platform=" iOS ", label="praise", theme_id="T1")
    table = SeriesTable.from_frame(one, None)
    scopes = ["all", "label:praise", "theme:T1"]
    strata = [("", ""), ("p", ""), ("p", "ios")]
    assert set(table.keys) == {SeriesKey(scope, *stratum) for scope in scopes for stratum in strata}
    assert (table.of_item >= 0).all()


def test_an_abstained_item_has_no_label_series() -> None:
    table = SeriesTable.from_frame(frame(np.array([1.0]), label=None, theme_id=None), None)
    assert table.keys == (SeriesKey("all"),)


@pytest.mark.parametrize(
    ("own_hours", "until"), [(None, 72), (3.0, 336)], ids=["like the others", "at hours of its own"]
)
def test_a_new_source_counts_once_its_hours_are_known(own_hours: float | None, until: int) -> None:
    late = drawn(2, 200, 20)
    late = late if own_hours is None else np.floor(late / 24) * 24 + late % own_hours
    items = pd.concat([frame(drawn(1, 400, 40)), frame(240 + np.sort(late), source="chat")], ignore_index=True)
    table = SeriesTable.from_frame(items, None)
    chat = table.sources == table.source_names.index("chat")
    first = table.hours[chat].min()
    assert (table.is_counted[chat] == (table.hours[chat] >= np.ceil((first + until) / 24) * 24)).all()
    assert table.is_counted[~chat].all()


def test_a_series_that_was_silent_for_ten_years_is_still_judged() -> None:
    levels = Levels(np.array([20.0, 2.0]), 72.0, 24.0)
    for _ in range(3_650):
        levels.learn(np.array([7.0, 0.0]), np.array([24.0, 24.0]))
    usual = levels.usual(1.0)
    assert np.isfinite(usual.levels).all()
    assert np.isfinite(usual.weights).all()
    assert 0 <= float(usual.probability_at_least(1, 12, 24.0)) < 1e-3


def test_a_source_that_gives_only_dates_is_seen_from_its_third_day() -> None:
    table = SeriesTable.from_frame(frame(np.floor(drawn(3, 100, 10) / 24) * 24), None)
    day = ((table.hours - FIRST) // 24).astype(int)
    assert (table.is_dated == (day >= 2)).all()
    assert not SeriesTable.from_frame(frame(drawn(3, 100, 10)), None).is_dated.any()


@pytest.mark.parametrize("lengths", [SHORT_WINDOWS, LONG_WINDOWS])
def test_windows_are_counted_as_by_hand(lengths: np.ndarray) -> None:
    rng = np.random.default_rng(4)
    hours = np.round(drawn(4, 120, 6), 1)  # with ties
    items = frame(hours, label=rng.choice(["praise", "sync_bug"], 120), platform=rng.choice(["ios", ""], 120))
    table = SeriesTable.from_frame(items, None)
    is_counted = rng.random(120) < 0.8
    found = WindowCounts.of(table, lengths, is_counted)
    for row in range(120):
        for column, series in enumerate(table.of_item[row]):
            for i, length in enumerate(lengths):
                # Exactly the half-open window, up to this item in the order of the table.
                held = [
                    other
                    for other in range(row + 1)
                    if is_counted[other] and series in table.of_item[other]
                    and table.hours[other] > table.hours[row] - length
                ]  # fmt: skip
                expected = len(held) if is_counted[row] and series >= 0 else 0
                assert found.counts[row, column, i] == expected


def test_levels_find_the_rate_and_keep_it_through_an_outburst() -> None:
    rng = np.random.default_rng(5)
    levels = Levels(np.array([20.0, 2.0]), 72.0, 24.0)
    for day in range(60):
        counts = rng.poisson([10.0, 1.0]).astype(float)
        levels.learn(counts + (500.0 if day == 50 else 0.0), np.full(2, 24.0))
    usual = levels.usual(3.0)
    assert usual.first * 24 == pytest.approx([10.0, 1.0], rel=0.5)
    low, high = usual.interval(0, 24.0)
    assert 1 <= low <= 8
    assert 12 <= high <= 30


def test_levels_learn_nothing_where_nothing_was_delivered() -> None:
    levels = Levels(np.array([20.0]), 72.0, 24.0)
    before = levels.usual(0.0).first
    levels.learn(np.zeros(1), np.zeros(1))
    assert levels.usual(0.0).first == pytest.approx(before)


def test_tails_are_probabilities_that_fall_with_the_count() -> None:
    usual = Levels(np.array([20.0]), 72.0, 24.0).usual(1.0)
    tails = [float(usual.probability_at_least(0, count, 24.0)) for count in range(40)]
    assert tails[0] == 1
    assert all(1 >= a > b > 0 for a, b in pairwise(tails))


def test_clumps_make_a_count_less_surprising_and_so_does_a_new_topic() -> None:
    usual = Levels(np.array([20.0]), 72.0, 24.0).usual(1.0)
    judge = Judge(usual, FLAT, np.zeros(2), np.zeros(1), np.full(1, 0.01))
    plain = judge.probability(0, 30, 24.0, 0.0)
    assert judge.probability(0, 30, 24.0, 0.5) > plain
    assert replace(judge, newcomer=np.ones(1)).probability(0, 30, 24.0, 0.0) > plain


def test_items_at_random_do_not_clump_and_pairs_do() -> None:
    even, pairs = Clumps(), Clumps()
    for block in range(200):
        times = drawn(block, 12, 0.25)
        even.learn(times, FLAT, 0.0, 6.0)
        pairs.learn(np.sort(np.concatenate([times[:6], times[:6] + 0.01])), FLAT, 0.0, 6.0)
    assert (even.spread()[:3] < 0.1).all()
    assert pairs.spread()[0] > 0.5
    assert pairs.spread()[0] > pairs.spread()[2]


def test_more_judgements_make_each_stricter() -> None:
    assert threshold(900, 3, 6) == pytest.approx(threshold(9000, 3, 6) * 10)


def test_a_dead_source_is_seen_and_its_share_is_known() -> None:
    mail, chat = frame(drawn(6, 600, 30)), frame(drawn(7, 200, 20), source="chat")
    table = SeriesTable.from_frame(pd.concat([mail, chat.assign(item_id="c:" + chat["item_id"])]), None)
    supply = Supply(table)
    is_chat = table.sources == table.source_names.index("chat")
    for day in range(20):
        inside = (table.hours >= FIRST + day * 24) & (table.hours < FIRST + (day + 1) * 24)
        counts = np.array([[float((inside & is_chat).sum()), float((inside & ~is_chat).sum())]])
        supply.note_day(counts, FIRST + (day + 1) * 24)
    assert supply.shares(FIRST + 480)[0] == pytest.approx([1 / 3, 2 / 3], abs=0.08)
    assert not supply.dead_at(FIRST + 480).any()
    assert supply.dead_at(FIRST + 600).tolist() == [True, False]
    assert supply.was_dead(FIRST + 500, FIRST + 520).tolist() == [True, False]
    assert not supply.was_dead(FIRST + 400, FIRST + 420).any()
