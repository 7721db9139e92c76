"""What matters first."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from feedback_triage.themes import rank

START = datetime(2026, 10, 12, tzinfo=UTC)
END = START + timedelta(days=7)


def items(*rows):
    """Rows of theme, days after the start of the period, label and author."""
    return pd.DataFrame(
        [(t, START + timedelta(days=d), label, author) for t, d, label, author in rows],
        columns=["theme_id", "written_at", "label", "author_key"],
    )


def burst(theme, day, count, label=None, *, author=None):
    return [(theme, day, label, author or f"{theme}{day}{i}") for i in range(count)]


def first_of(*rows):
    return rank(items(*rows), START, END)["theme_id"].tolist()[0]


@pytest.mark.parametrize(
    ("more", "less"),
    [
        pytest.param(burst("a", 3, 9), burst("b", 3, 4), id="many customers before few"),
        pytest.param(burst("a", 3, 5), burst("b", 3, 9, author="one"), id="five customers before one who writes often"),
        pytest.param(burst("a", 3, 5, "sync_bug"), burst("b", 3, 5), id="a sync bug before an item without a label"),
        pytest.param(burst("a", 3, 5, "broken_link"), burst("b", 3, 5, "praise"), id="a broken link before praise"),
        pytest.param(burst("a", 3, 5), burst("b", 3, 5, "praise"), id="no label before praise"),
        pytest.param(burst("a", 3, 5), burst("b", 3, 5, "silence"), id="no label before silence"),
        pytest.param(burst("a", 3, 5), burst("b", 3, 5) + burst("b", -3, 9), id="what is new before what is usual"),
        pytest.param(burst("a", 6, 5), burst("b", 0, 5), id="what is still heard before what has faded"),
    ],
)
def test_what_matters_more_goes_first(more, less):
    history = burst("history", -20, 1)
    assert first_of(*history, *less, *more) == "a"


def test_the_columns_count_what_they_say():
    rows = [
        *burst("a", -27, 2),
        *burst("a", -1, 2),
        *burst("a", 1, 3, author="one"),
        *burst("a", 2, 2),
        *burst("a", 7, 50),
    ]
    row = rank(items(*rows), START, END).iloc[0]
    assert (row["n_items"], row["n_period"], row["n_customers"]) == (9, 5, 3)
    assert row["n_before_mean"] == 1.0
    assert row["growth_ratio"] == 3.0
    assert not row["is_new"]
    assert not row["is_returning"]
    assert row["last_at"] == START + timedelta(days=2)


def test_new_and_returning_themes_are_told_apart():
    rows = [
        *burst("new", 1, 2),
        *burst("back", -60, 2),
        *burst("back", 1, 2),
        *burst("usual", -9, 1),
        *burst("usual", 1, 1),
    ]
    table = rank(items(*rows), START, END).set_index("theme_id")
    assert table["is_new"].to_dict() == {"new": True, "back": False, "usual": False}
    assert table["is_returning"].to_dict() == {"new": False, "back": True, "usual": False}


def test_a_theme_that_was_not_heard_in_the_period_scores_nothing():
    table = rank(items(*burst("old", -3, 4), *burst("now", 1, 1)), START, END).set_index("theme_id")
    assert table.loc["old", "score"] == 0
    assert table.loc["old", "n_period"] == 0
    assert table.index.tolist() == ["now", "old"]


def test_customers_who_are_not_known_count_one_an_item():
    rows = [("a", 1, None, ""), ("a", 1, None, None), ("a", 2, None, "x"), ("a", 2, None, "x")]
    assert rank(items(*rows), START, END).loc[0, "n_customers"] == 3


def test_equal_scores_are_ordered_by_theme_id_whatever_the_order_of_the_rows():
    rows = [*burst("b", 1, 2), *burst("a", 1, 2)]
    assert rank(items(*rows), START, END)["theme_id"].tolist() == ["a", "b"]
    pd.testing.assert_frame_equal(rank(items(*rows), START, END), rank(items(*rows[::-1]), START, END))


def test_noise_is_no_theme():
    assert rank(items((None, 1, None, "x")), START, END).empty


def test_nothing_gives_an_empty_table_with_its_columns():
    table = rank(items(), START, END)
    assert table.empty
    assert table.columns[:2].tolist() == ["theme_id", "score"]


def test_an_empty_period_is_refused():
    with pytest.raises(ValueError, match="must end after"):
        rank(items(), START, START)
