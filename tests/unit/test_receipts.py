"""Fix receipts: what they may not use, what they add up to, and the parts they are made of."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.receipts import fix_receipts, fixes_by_notes
from feedback_triage.receipts.activity import Activity
from feedback_triage.receipts.outlook import Reach, learn_level, look_ahead
from feedback_triage.receipts.reports import Reports, history_before
from feedback_triage.silence.stream import to_hours
from feedback_triage.silence.usage import Usages

START = pd.Timestamp("2026-03-02", tz="UTC")
FIX_DAY = 30.0
RELEASES = pd.DataFrame(
    {
        "release_id": ["1.0", "1.1", "1.2"],
        "version": ["1.0", "1.1", "1.2"],
        "released_at": START + pd.to_timedelta([0.0, FIX_DAY, FIX_DAY + 12], unit="D"),
    }
)
FIXES = pd.DataFrame({"theme_id": ["a", "b"], "release_id": "1.1", "settled_by": ["", "support"]})


def world(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    parts = []
    for theme, a_day in (("a", 1.5), ("b", 0.5), (None, 10.0)):
        days = np.sort(rng.uniform(0, 50, rng.poisson(a_day * 50)))
        if theme == "a":
            days = days[days < FIX_DAY + 1]
        frame = pd.DataFrame({"written_at": START + pd.to_timedelta(days, unit="D"), "theme_id": theme})
        frame["source"] = rng.choice(["mail", "chat"], len(days))
        frame["author_key"] = rng.choice(["", "c1", "c2", "c3"], len(days), p=[0.7, 0.1, 0.1, 0.1])
        frame["app_version"] = rng.choice(["", "1.0", "1.1"], len(days), p=[0.8, 0.1, 0.1])
        parts.append(frame)
    items = pd.concat(parts, ignore_index=True)
    return items.assign(item_id=[f"i{i}" for i in range(len(items))])


def day(number: float) -> datetime:
    return (START + pd.Timedelta(seconds=round(number * 86_400))).to_pydatetime()


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), until=st.floats(31, 48))
def test_no_receipt_uses_what_is_written_or_released_later(seed: int, until: float) -> None:
    items = world(seed)
    early = items[items["written_at"] <= pd.Timestamp(day(until))]
    known = RELEASES[RELEASES["released_at"] <= pd.Timestamp(day(until))]
    later = pd.concat([FIXES, FIXES.assign(release_id="1.2")])
    seen = fix_receipts(later, early, known, as_of=day(until))
    assert fix_receipts(later, items, RELEASES, as_of=day(until)) == seen


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    items = world(seed)
    shuffled = items.sample(frac=1, random_state=seed)
    expected = fix_receipts(FIXES, items, RELEASES, as_of=day(45))
    assert fix_receipts(FIXES[::-1], shuffled, RELEASES[::-1], as_of=day(45)) == expected


def test_a_release_that_is_not_known_or_not_out_gives_no_receipt() -> None:
    fixes = pd.concat([FIXES.assign(release_id="9.9"), FIXES.assign(release_id="1.2")])
    assert fix_receipts(fixes, world(1), RELEASES, as_of=day(35)) == []


def test_no_items_at_all_give_receipts_that_say_so() -> None:
    found = fix_receipts(FIXES, world(1)[:0], RELEASES, as_of=day(35))
    assert [each.status for each in found] == ["not_enough_traffic"] * 2
    assert all(each.reason.startswith("no report came before the fix") for each in found)


def test_who_settled_a_fix_goes_before_the_notes() -> None:
    both = pd.concat([FIXES, FIXES.assign(settled_by="")])
    assert [each.settled_by for each in fix_receipts(both, world(1), RELEASES, as_of=day(45))] == ["", "support"]


def test_one_who_declares_an_older_version_does_not_have_the_fix() -> None:
    old = pd.DataFrame({"written_at": START + pd.to_timedelta([32.0, 33, 34, 35], unit="D"), "theme_id": "a"})
    old["item_id"], old["app_version"], old["source"] = [f"o{i}" for i in range(4)], "1.0", "mail"
    items = world(3).assign(app_version="")
    plain = fix_receipts(FIXES, items, RELEASES, as_of=day(41))[0]
    assert fix_receipts(FIXES, pd.concat([items, old]), RELEASES, as_of=day(41))[0].n_after == plain.n_after
    undeclared = pd.concat([items, old.assign(app_version="")])
    assert fix_receipts(FIXES, undeclared, RELEASES, as_of=day(41))[0].n_after == plain.n_after + 4


def test_only_the_items_about_it_count_where_they_are_told() -> None:
    items = world(3)
    rows = items[items["theme_id"] == "a"]["item_id"].iloc[::3]
    about = pd.DataFrame({"theme_id": "a", "release_id": "1.1", "item_id": rows})
    some = fix_receipts(FIXES, items, RELEASES, about=about, as_of=day(41))[0]
    assert 0 < some.n_before <= len(rows) < fix_receipts(FIXES, items, RELEASES, as_of=day(41))[0].n_before


def outlook(counts: list[float], n_days: int):  # type: ignore[no-untyped-def]
    n = len(counts)
    level = learn_level(np.array(counts), np.ones(n), (np.arange(n, 0, -1) - 0.5) / n)
    at = (np.arange(n_days) + 0.5) / n
    return look_ahead(level, Reach(at, np.ones(n_days), np.zeros(n_days), n_days, n_days))


def test_reports_that_were_fading_make_less_expected_than_as_many_that_were_not() -> None:
    steady = outlook([4.0] * 16, 10).unchanged.mean
    fading = outlook([15, 12, 9, 7, 5, 4, 3, 3, 2, 1, 1, 1, 1, 0, 0, 0], 10).unchanged.mean
    assert steady == pytest.approx(40, rel=0.2)
    assert fading < 10


@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.integers(0, 30), min_size=3, max_size=30), n=st.integers(0, 50))
def test_more_reports_never_make_a_fall_likelier(counts: list[int], n: int) -> None:
    seen = outlook([float(count) for count in counts], 7)
    assert seen.probability_below(n + 1) <= seen.probability_below(n) + 1e-9
    assert 0 <= seen.probability_below(n) <= 1
    ratios, mass = seen.posterior(n)
    assert mass.sum() == pytest.approx(1)
    assert len(ratios) == len(mass)


def test_a_history_begins_where_reports_stepped_up() -> None:
    slow, fast = np.arange(0, 40 * 24, 96.0), np.arange(40 * 24, 50 * 24, 4.0)
    history = history_before(np.concatenate([slow, fast]), 50 * 24.0, 0.0)
    assert history is not None
    assert history.length == pytest.approx(240, abs=30)
    steady = history_before(np.arange(0, 50 * 24, 12.0), 50 * 24.0, 0.0)
    assert steady is not None
    assert steady.length > 49 * 24


def test_what_a_customer_says_again_within_a_day_is_the_same_report() -> None:
    items = pd.DataFrame({"written_at": START + pd.to_timedelta([0, 5, 23, 30, 31], unit="h")})
    items["item_id"], items["author_key"] = list("abcde"), ["x", "x", "x", "x", ""]
    assert len(Reports.of(items, np.full(5, -1), "", "").hours) == 3


def test_active_users_are_used_only_without_a_gap() -> None:
    days = pd.DataFrame({"product": "", "platform": "web", "start_at": START + pd.to_timedelta(range(10), unit="D")})
    counted = Activity.of(Usages(days.assign(active_count=50.0), 1e9), "", "web")
    assert counted is not None
    first = float(counted.usage.edges[0])
    assert counted.covers(first, first + 200)
    assert not counted.covers(first - 48, first + 100)
    assert not counted.covers(first, first + 400)
    assert np.diff(counted.total(np.array([first, first + 48.0])))[0] == pytest.approx(50 * 48)
    gap = Activity.of(Usages(days.drop(index=[4, 5]).assign(active_count=50.0), 1e9), "", "web")
    assert gap is not None
    assert not gap.covers(first, first + 200)


def test_one_more_platform_that_is_counted_from_the_fix_on_is_no_rise_of_users() -> None:
    """Its users were there before it: what is known only for a part of the time is not used."""
    days = pd.DataFrame({"product": "", "platform": "ios", "start_at": START + pd.to_timedelta(range(40), unit="D")})
    both = pd.concat([days, days.iloc[20:].assign(platform="web")]).assign(active_count=50.0)
    found = Activity.of(Usages(both, 1e9), "", "")
    first = to_hours(START.to_pydatetime())
    assert found is not None
    assert not found.covers(first, first + 39 * 24)
    assert found.covers(first + 21 * 24, first + 39 * 24)


def test_users_of_all_platforms_are_not_counted_beside_those_of_each() -> None:
    days = pd.DataFrame({"product": "", "start_at": START + pd.to_timedelta(range(20), unit="D")})
    parts = (("", 1000.0), ("ios", 100.0), ("web", 900.0))
    usages = Usages(pd.concat([days.assign(platform=name, active_count=n) for name, n in parts]), 1e9)
    for platform, expected in (("", 1000), ("ios", 100)):
        found = Activity.of(usages, "", platform)
        assert found is not None
        assert found.users_in(24.0) == expected


def test_a_count_whose_time_is_not_over_is_not_used() -> None:
    days = pd.DataFrame({"product": "", "platform": "web", "start_at": START + pd.to_timedelta(range(10), unit="D")})
    now = to_hours(START.to_pydatetime()) + 9.5 * 24
    found = Activity.of(Usages(days.assign(active_count=[50.0] * 9 + [5000.0]), now), "", "web")
    assert found is not None
    assert found.users_in(24.0) == 50


def unit(*parts: float) -> np.ndarray:
    vector = np.array(parts, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def talk(n: int, label: str | None = None, theme: str = "t") -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(n)
    items = pd.DataFrame({"written_at": START + pd.to_timedelta(rng.uniform(5, 29, n), unit="D")})
    items["item_id"], items["theme_id"] = [f"{theme}{i}" for i in range(n)], theme
    items["text"], items["label"] = "Links in the footer are dead", label
    return items, np.array([unit(1, *rng.normal(0, 0.2, 3)) for _ in range(n)])


SENTENCE = "The links in the footer work again."


def noted(items: pd.DataFrame, vectors: np.ndarray, sentence: np.ndarray, releases: pd.DataFrame = RELEASES):  # type: ignore[no-untyped-def]
    found = fixes_by_notes(
        items, vectors, releases, sentence[None, :], ["1.1"], [SENTENCE], as_of=datetime(2026, 5, 1, tzinfo=UTC)
    )
    return list(found.fixes.itertuples(index=False, name=None)), set(found.about["item_id"])


def test_a_sentence_is_about_the_theme_whose_reports_say_it() -> None:
    items, vectors = talk(12)
    assert noted(items, vectors, unit(1, 0, 0, 0)) == ([("t", "1.1", "")], set(items["item_id"]))


def test_a_theme_of_other_things_is_not_fixed() -> None:
    assert noted(*talk(12), unit(0, 1, 0, 0))[0] == []


def test_fewer_than_five_reports_are_not_taken_for_a_theme_that_is_fixed() -> None:
    assert noted(*talk(4), unit(1, 0, 0, 0))[0] == []


def test_a_theme_of_praise_is_not_fixed() -> None:
    assert noted(*talk(12, "praise"), unit(1, 0, 0, 0))[0] == []


def test_a_hotfix_fixes_what_rose_since_the_release_before_it() -> None:
    items, vectors = talk(40)
    burst = items.assign(written_at=START + pd.to_timedelta(np.linspace(29.7, 29.9, 40), unit="D"))
    burst["item_id"] = [f"b{i}" for i in range(40)]
    both, all_vectors = pd.concat([items, burst]), np.concatenate([vectors, vectors])
    before = {"release_id": "1.0.9", "version": "1.0.9", "released_at": START + pd.Timedelta(days=29.6)}
    releases = pd.concat([RELEASES, pd.DataFrame([before])]).assign(is_hotfix=[False, True, False, False])
    assert noted(both, all_vectors, unit(0, 1, 0, 0), releases)[0] == [("t", "1.1", "")]
    assert noted(items, vectors, unit(0, 1, 0, 0), releases)[0] == []
