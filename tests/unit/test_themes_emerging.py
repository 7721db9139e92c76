"""Which themes emerge in a release."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from feedback_triage.themes import emerging_themes

START = datetime(2026, 3, 2, tzinfo=UTC)


def at(day):
    return START + timedelta(days=day)


def windows(*rows):
    return pd.DataFrame(
        [(release, at(start), at(end)) for release, start, end in rows], columns=["release_id", "start_at", "end_at"]
    )


def items(*rows):
    """Rows of theme, day and count."""
    return pd.DataFrame(
        [(theme, at(day)) for theme, day, count in rows for _ in range(count)], columns=["theme_id", "written_at"]
    )


def usual(*themes, days, count=2):
    return [(theme, day, count) for theme in themes for day in days]


WEEKS = usual("search", "maps", "alerts", "prices", days=range(-28, 7))


def test_a_born_theme_and_a_growing_one_emerge_and_a_steady_one_does_not():
    found = emerging_themes(
        items(*WEEKS, ("login", 2, 5), ("search", 3, 40)), windows(("1.0", -28, -21), ("1.1", 0, 7))
    )
    assert found["release_id"].tolist() == ["1.1", "1.1"]
    told = found.set_index("theme_id")
    assert sorted(told.index) == ["login", "search"]
    assert told["n_items"].to_dict() == {"login": 5, "search": 54}
    assert told["is_new"].to_dict() == {"login": True, "search": False}
    assert told.loc["login", "expected_count"] == 0
    assert told.loc["search", "expected_count"] == pytest.approx(14, abs=1)
    assert told.loc["search", "score"] > 1


def test_the_surest_growth_comes_first():
    found = emerging_themes(items(*WEEKS, ("login", 2, 3), ("search", 3, 90)), windows(("1.1", 0, 7)))
    assert found["theme_id"].tolist()[0] == "search"
    assert found["score"].is_monotonic_decreasing


def test_nothing_later_than_a_window_has_a_part_in_it():
    rows = [*WEEKS, ("login", 2, 5), ("search", 3, 40)]
    later = [("crash", 7, 300), ("search", 8, 500), *usual("x", "y", "z", days=range(7, 20), count=9)]
    window = windows(("1.1", 0, 7))
    before = emerging_themes(items(*rows), window)
    assert len(before) == 2
    pd.testing.assert_frame_equal(emerging_themes(items(*rows, *later), window), before)


def test_the_order_of_rows_and_windows_does_not_matter():
    frame = items(*WEEKS, ("login", 2, 5), ("search", -3, 40), (None, 1, 30))
    both = windows(("1.0", -7, 0), ("1.1", 0, 7))
    found = emerging_themes(frame, both)
    assert found["release_id"].tolist() == ["1.0", "1.1"]
    shuffled = frame.sample(frac=1, random_state=1, ignore_index=True)
    pd.testing.assert_frame_equal(emerging_themes(shuffled, both.iloc[::-1]), found)


def test_a_history_without_an_item_still_shows_what_is_born():
    found = emerging_themes(items(("maps", -300, 9), ("maps", 1, 4), ("login", 1, 4)), windows(("1.1", 0, 7)))
    assert found["theme_id"].tolist() == ["login"]
    assert np.isnan(found.loc[0, "expected_count"])
    assert found.loc[0, "score"] == 1.0


@pytest.mark.parametrize("rows", [pytest.param([], id="no item"), pytest.param([(None, 1, 9)], id="noise alone")])
def test_nothing_emerges_from_nothing(rows):
    frame = items(*rows).astype({"written_at": "datetime64[us, UTC]"})
    found = emerging_themes(frame, windows(("1.1", 0, 7)))
    assert found.empty
    assert found.columns.tolist() == ["release_id", "theme_id", "n_items", "expected_count", "is_new", "score"]


def test_a_window_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="must end after"):
        emerging_themes(items(*WEEKS), windows(("1.1", 7, 7)))


def test_two_windows_of_one_release_are_refused():
    with pytest.raises(ValueError, match="must be unique"):
        emerging_themes(items(*WEEKS), windows(("1.1", 0, 7), ("1.1", 7, 9)))
