"""What people settled becomes gold."""

import pandas as pd
import pytest

from feedback_triage.learning.corrections import as_gold

COLUMNS = ["item_id", "text", "decision", "label", "reviewer"]


def reviews(*rows: tuple[str, str, str, str | None, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def test_each_decision_becomes_what_it_says() -> None:
    found = as_gold(
        reviews(
            ("shop:1", "the footer link is dead", "accept", "broken_link", "ann"),
            ("shop:2", "could not care less", "ignore", None, "ann"),
            ("shop:3", "love the sync, it lost my day", "relabel", "sync_bug", "bo"),
            ("shop:4", "the price went up", "reject", None, "bo"),
        )
    )
    assert list(found.columns) == ["id", "text", "label", "annotator", "origin", "trait", "is_held_out"]
    assert list(found.index) == [0, 1, 2]
    assert found.drop(columns="is_held_out").to_numpy().tolist() == [
        ["review:shop:1", "the footer link is dead", "broken_link", "ann", "review", ""],
        ["review:shop:3", "love the sync, it lost my day", "sync_bug", "bo", "review", ""],
        ["review:shop:4", "the price went up", "other", "bo", "review", ""],
    ]
    assert found["is_held_out"].dtype == bool


def test_a_teams_label_is_kept() -> None:
    found = as_gold(reviews(("shop:1", "please add a dark theme", "relabel", "feature_request", "ann")))
    assert found["label"].tolist() == ["feature_request"]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(reviews(), id="no decision"),
        pytest.param(reviews(("shop:1", "x y", "ignore", None, "ann")), id="nothing but an ignored item"),
    ],
)
def test_where_nothing_was_settled_there_is_no_gold(given: pd.DataFrame) -> None:
    found = as_gold(given)
    assert found.empty
    assert list(found.columns) == ["id", "text", "label", "annotator", "origin", "trait", "is_held_out"]


def many(n: int) -> pd.DataFrame:
    return reviews(*((f"shop:{i}", f"text number {i}", "accept", "praise", "ann") for i in range(n)))


def test_about_a_third_is_held_out() -> None:
    assert as_gold(many(3_000))["is_held_out"].mean() == pytest.approx(1 / 3, abs=0.03)


def test_what_is_held_out_stays_so_as_decisions_come_in_whatever_their_order() -> None:
    few, more = as_gold(many(40)), as_gold(many(90).iloc[::-1])
    joined = few.merge(more, on="id")
    assert len(joined) == 40
    assert (joined["is_held_out_x"] == joined["is_held_out_y"]).all()


def test_the_decisions_that_are_given_are_left_as_they_are() -> None:
    given = many(5)
    before = given.copy(deep=True)
    as_gold(given)
    pd.testing.assert_frame_equal(given, before)
