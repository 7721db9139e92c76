"""Which theme matters first, and which emerge in a release."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from feedback_triage.themes import emerging_themes, rank

START = datetime(2026, 10, 12, tzinfo=UTC)
END = START + timedelta(days=7)

Rows = list[tuple[str | None, float, int, str | None, str | None]]


def said(theme: str | None, n: int, *, day: float = 3, label: str | None = None, by: str | None = None) -> Rows:
    """Give a theme's items on a day of the period; before it with a negative day; by one author, or all different."""
    return [(theme, day, i, label, by) for i in range(n)]


def weekly(theme: str, n: int) -> Rows:
    """Give the items of the four weeks before."""
    return [row for week in range(4) for row in said(theme, n, day=-3 - 7 * week)]


def frame(rows: Rows) -> pd.DataFrame:
    columns = ["theme_id", "written_at", "label", "author_key"]
    told = [(theme, START + timedelta(days=d), label, by or f"{theme}{d}{i}") for theme, d, i, label, by in rows]
    return pd.DataFrame(told, columns=columns)


STEADY = [row for theme in "uvwxyz" for row in (*weekly(theme, 10), *said(theme, 10))]

FIRST = {
    "a theme of many customers goes before one of few": (said("a", 9), said("b", 4)),
    "five customers go before one who wrote nine times": (said("a", 5), said("b", 9, by="one")),
    "a sync bug goes before an item without a label": (said("a", 5, label="sync_bug"), said("b", 5)),
    "a broken link goes before praise": (said("a", 5, label="broken_link"), said("b", 5, label="praise")),
    "an item without a label goes before praise": (said("a", 5), said("b", 5, label="praise")),
    "an item without a label goes before silence": (said("a", 5), said("b", 5, label="silence")),
    "a new theme goes before a usual one of the same size": (said("a", 10), [*weekly("b", 10), *said("b", 10)]),
    "a growing theme goes before a steady one of the same size": (
        [*weekly("a", 5), *said("a", 20)],
        [*weekly("b", 20), *said("b", 20)],
    ),
    "sixty after twenty goes before three after one": (
        [*said("a", 20, day=-3), *said("a", 60)],
        [*said("b", 1, day=-3), *said("b", 3)],
    ),
    "what is still heard at the end goes before what was heard only at the start": (
        said("a", 5, day=6),
        said("b", 5, day=0),
    ),
    "twenty steady complaints go before three new ones": ([*weekly("a", 20), *said("a", 20)], said("b", 3)),
}


@pytest.mark.parametrize(("more", "less"), FIRST.values(), ids=FIRST.keys())
def test_which_theme_matters_first(more: Rows, less: Rows) -> None:
    order = rank(frame([*STEADY, *less, *more]), START, END)["theme_id"].tolist()
    assert order.index("a") < order.index("b")


GROWS = {
    "sixty after twenty grows for certain": (said("a", 20, day=-3), said("a", 60), 1.5, 9.0),
    "three after one does not grow for certain": (said("a", 1, day=-3), said("a", 3), 0.0, 1.0),
    "ten new items grow for certain": ([], said("a", 10), 1.0, 99.0),
    "one new item does not grow for certain": ([], said("a", 1), 0.0, 1.0),
    "a theme as loud as before does not grow": (weekly("a", 10), said("a", 10), 0.5, 1.0),
    "a theme that went quiet does not grow": (weekly("a", 10), said("a", 1), 0.0, 0.6),
}


@pytest.mark.parametrize(("before", "now", "lower", "upper"), GROWS.values(), ids=GROWS.keys())
def test_growth_counts_as_far_as_it_is_certain(before: Rows, now: Rows, lower: float, upper: float) -> None:
    ranked = rank(frame([*STEADY, *before, *now]), START, END).set_index("theme_id")
    assert lower < ranked.loc["a", "growth_lower"] < upper


def test_in_a_week_in_which_everything_triples_no_theme_grows() -> None:
    louder = [row for theme in "uvwxyz" for row in (*weekly(theme, 10), *said(theme, 30))]
    ranked = rank(frame(louder), START, END)
    assert (ranked["growth_lower"] < 1).all()
    assert ranked["expected_count"].tolist() == pytest.approx([30] * 6, rel=0.05)


def test_one_theme_that_breaks_out_leaves_what_is_expected_of_the_others_as_it_was() -> None:
    ranked = rank(frame([*STEADY, *weekly("a", 5), *said("a", 200)]), START, END).set_index("theme_id")
    assert ranked.loc[list("uvwxyz"), "expected_count"].tolist() == pytest.approx([10] * 6, rel=0.1)


MARKS = {
    "a theme first heard in the period is new": (said("a", 2), True, False),
    "a theme heard in the four periods before is neither new nor returning": (
        [*said("a", 1, day=-20), *said("a", 2)],
        False,
        False,
    ),
    "a theme last heard more than four periods ago is returning": (
        [*said("a", 1, day=-40), *said("a", 2)],
        False,
        True,
    ),
    "a theme that is not heard in the period is neither": (said("a", 2, day=-40), False, False),
}


@pytest.mark.parametrize(("rows", "is_new", "is_returning"), MARKS.values(), ids=MARKS.keys())
def test_new_and_returning_themes(rows: Rows, is_new: bool, is_returning: bool) -> None:
    found = rank(frame([*STEADY, *said("u", 1, day=-50), *rows]), START, END).set_index("theme_id").loc["a"]
    assert (found["is_new"], found["is_returning"]) == (is_new, is_returning)


EMERGES = {
    "a theme born in the window of a release emerges": (said("a", 3), True),
    "two items are not yet an emerging theme": (said("a", 2), False),
    "a theme heard far more than its history lets expect emerges": ([*weekly("a", 5), *said("a", 30)], True),
    "a theme heard as usual does not emerge": ([*weekly("a", 10), *said("a", 10)], False),
    "a theme heard a little more than usual does not emerge": ([*weekly("a", 10), *said("a", 13)], False),
    "what is heard after the window counts for nothing": (
        [*weekly("a", 5), *said("a", 5), *said("a", 90, day=8)],
        False,
    ),
    "what was heard once before the window is not born in it": ([*said("a", 1, day=-100), *said("a", 3)], False),
}


@pytest.mark.parametrize(("rows", "emerges"), EMERGES.values(), ids=EMERGES.keys())
def test_which_themes_emerge_in_a_release(rows: Rows, emerges: bool) -> None:
    window = pd.DataFrame({"release_id": ["1.1"], "start_at": [START], "end_at": [END]})
    found = emerging_themes(frame([*STEADY, *rows]), window)
    assert ("a" in set(found["theme_id"])) == emerges


def test_nothing_emerges_in_the_window_that_begins_with_the_first_item() -> None:
    window = pd.DataFrame({"release_id": ["1.0"], "start_at": [START], "end_at": [END]})
    assert emerging_themes(frame([*said("a", 9, day=0), *said("b", 3)]), window).empty
