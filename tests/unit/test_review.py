"""Decisions laid over proposals, and the items most worth the next look."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from feedback_triage.domain import Decision, Review
from feedback_triage.review import most_worth, settled_label, with_reviews
from feedback_triage.taxonomy import LABELS

DIM = 8

# --- decisions over proposals ---

PROPOSALS = pd.DataFrame(
    {
        "item_pk": [1, 2, 3, 4, 5, 6],
        "label": ["praise", "praise", None, "silence", None, "sync_bug"],
        "probability": [0.8, 0.6, 0.3, 0.9, 0.35, 0.7],
        "probability_none": [0.1, 0.2, 0.5, 0.05, 0.4, 0.2],
        "abstained": [False, False, True, False, True, False],
        "text": list("abcdef"),
    }
)


def decided(*rows: tuple[int, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["item_pk", "decision", "label"])


def rows_of(found: pd.DataFrame) -> dict[int, tuple[Any, ...]]:
    columns = ["label", "probability", "probability_none", "abstained", "is_reviewed"]
    return {row[0]: tuple(row[1:]) for row in found[["item_pk", *columns]].itertuples(index=False)}


def test_each_decision_does_what_it_says_and_the_other_items_stay_as_they_are() -> None:
    found = with_reviews(
        PROPOSALS,
        decided((5, "accept", "broken_link"), (1, "relabel", "sync_bug"), (4, "reject", None), (2, "ignore", None)),
    )
    assert rows_of(found) == {
        1: ("sync_bug", 1.0, 0.0, False, True),
        2: (None, 0.0, 1.0, True, True),
        3: (None, 0.3, 0.5, True, False),
        4: (None, 0.0, 1.0, True, True),
        5: ("broken_link", 1.0, 0.0, False, True),
        6: ("sync_bug", 0.7, 0.2, False, False),
    }
    assert found["text"].tolist() == list("abcdef")
    assert found["abstained"].dtype == found["is_reviewed"].dtype == bool


@pytest.mark.parametrize("decision", list(Decision))
def test_every_decision_that_there_is_can_be_laid_over(decision: Decision) -> None:
    label = "silence" if decision in {Decision.ACCEPT, Decision.RELABEL} else None
    found = rows_of(with_reviews(PROPOSALS, decided((3, decision.value, label))))[3]
    assert found == ((label, 1.0, 0.0, False, True) if label else (None, 0.0, 1.0, True, True))


@pytest.mark.parametrize(
    "reviews",
    [pytest.param(decided(), id="no decision"), pytest.param(decided((99, "accept", "praise")), id="of another item")],
)
def test_without_a_decision_nothing_changes(reviews: pd.DataFrame) -> None:
    found = rows_of(with_reviews(PROPOSALS, reviews))
    assert found[1] == ("praise", 0.8, 0.1, False, False)
    assert found[3] == (None, 0.3, 0.5, True, False)
    assert not any(is_reviewed for *_, is_reviewed in found.values())


def test_no_item_is_no_row() -> None:
    found = with_reviews(PROPOSALS.head(0), decided((1, "accept", "praise")))
    assert found.empty
    assert "is_reviewed" in found.columns


def test_the_index_of_the_items_does_not_matter_and_they_are_left_as_they_are() -> None:
    moved = PROPOSALS.set_axis([9, 3, 3, 0, 7, 1])
    before = moved.copy(deep=True)
    reviews = decided((2, "relabel", "silence"), (6, "reject", None))
    assert rows_of(with_reviews(moved, reviews)) == rows_of(with_reviews(PROPOSALS, reviews))
    pd.testing.assert_frame_equal(moved, before)


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Decision.ACCEPT, "praise"),
        (Decision.RELABEL, "silence"),
        (Decision.REJECT, None),
        (Decision.IGNORE, None),
    ],
)
def test_what_a_decision_settles(decision: Decision, expected: str | None) -> None:
    assert settled_label(decision, "silence", "praise") == expected
    review = Review("shop:1", decision, expected, "ann", datetime(2026, 1, 2, tzinfo=UTC))
    assert review.decision.value in {"accept", "relabel", "reject", "ignore"}


# --- worth a look ---


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def proposals(*rows: tuple[str | None, float, float], theme: str = "") -> pd.DataFrame:
    """Label (None for waiting), probability of the likeliest label, probability of none."""
    return pd.DataFrame(
        {
            "item_id": [f"shop:{index}" for index in range(len(rows))],
            "label": pd.Series([label for label, *_ in rows], dtype=object),
            "likeliest": [label or "praise" for label, *_ in rows],
            "probability": [float(probability) for _, probability, _ in rows],
            "probability_none": [float(none) for *_, none in rows],
            "abstained": [label is None for label, *_ in rows],
            "theme_name": theme,
        }
    )


@st.composite
def queues(draw: st.DrawFn) -> tuple[pd.DataFrame, NDArray[np.float32]]:
    n = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    centres = rng.normal(size=(draw(st.integers(1, 6)), DIM))
    vectors = unit(
        centres[rng.integers(0, len(centres), n)] + draw(st.sampled_from([0.01, 0.3, 1.0])) * rng.normal(size=(n, DIM))
    )
    vectors[1:][rng.random(n - 1) < 0.1] = 0.0
    rows: list[tuple[str | None, float, float]] = [("praise", 0.97, 0.01)]  # at least one that carries a label
    for _ in range(n - 1):
        probability, none = rng.random() * 0.6, rng.random() * 0.4
        rows.append((str(rng.choice(LABELS)) if rng.random() < 0.4 else None, probability, none))
    return proposals(*rows), vectors


@settings(deadline=None)
@given(queues(), st.integers(0, 12))
def test_what_is_chosen_keeps_the_rules(queue: tuple[pd.DataFrame, NDArray[np.float32]], count: int) -> None:
    items, vectors = queue
    before = items.copy(deep=True)
    found = most_worth(items, vectors, count)
    pd.testing.assert_frame_equal(items, before)
    assert len(found) <= count
    positions = [look.position for look in found]
    assert len(set(positions)) == len(positions)
    scores = [look.score for look in found]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    for index, one in enumerate(positions):
        assert vectors[one].any()  # a text that is not there is not worth a look
        assert all(vectors[one] @ vectors[other] < 0.75 + 1e-6 for other in positions[:index])  # unlike each other
    for look in found:
        row = items.iloc[look.position]
        assert row["abstained"] or "are labelled" in look.reason
        assert "\n" not in look.reason
    assert most_worth(items, vectors, count) == found
    assert most_worth(items, vectors, 3) == most_worth(items, vectors, 12)[:3]


@settings(deadline=None)
@given(queues(), st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter_where_no_two_are_equal(
    queue: tuple[pd.DataFrame, NDArray[np.float32]], random: object
) -> None:
    items, vectors = queue
    order = list(range(len(items)))
    random.shuffle(order)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    found = [(items["item_id"].iloc[look.position], look.score) for look in most_worth(items, vectors, 8)]
    moved = items.iloc[order].reset_index(drop=True)
    again = [(moved["item_id"].iloc[look.position], look.score) for look in most_worth(moved, vectors[order], 8)]
    assert again == found


def test_the_least_sure_item_comes_first_and_a_sure_one_not_at_all() -> None:
    items = proposals((None, 0.35, 0.3), (None, 0.5, 0.1), ("praise", 0.95, 0.0), (None, 0.2, 0.25))
    found = most_worth(items, np.eye(DIM, dtype=np.float32)[:4], 4)
    assert [look.position for look in found] == [3, 0, 1]
    assert [look.score for look in found] == [0.75, 0.65, 0.5]
    assert [look.n_alike for look in found] == [1, 1, 1]


def test_an_item_that_many_others_are_like_comes_before_one_that_is_alone() -> None:
    vectors = np.vstack([np.eye(DIM)[:1], unit(np.eye(DIM)[1] + 0.02 * np.random.default_rng(3).normal(size=(8, DIM)))])
    items = proposals((None, 0.2, 0.2), *[(None, 0.4, 0.3)] * 8, ("praise", 0.9, 0.0))
    found = most_worth(items, np.vstack([vectors, np.eye(DIM)[5:6]]).astype(np.float32), 5)
    assert [look.n_alike for look in found] == [8, 1]  # one of the eight stands for all
    assert found[0].score == pytest.approx(0.6 * (1 + 3))
    assert found[0].position == 8  # the newest of equals
    assert found[0].reason == "praise at 0.40 against none of the labels at 0.30; 7 more that wait are like it"
    assert found[1].reason == "praise at 0.20 against none of the labels at 0.20"


def test_a_given_label_that_its_neighbours_contradict_is_found() -> None:
    vectors = np.vstack([np.tile(np.eye(DIM)[0], (7, 1)), np.eye(DIM)[1:2]]).astype(np.float32)
    items = proposals(
        *[("broken_link", 0.97, 0.01)] * 3,
        ("praise", 0.96, 0.01),
        *[("broken_link", 0.97, 0.01)] * 3,
        ("silence", 0.99, 0.0),
        theme="dead links",
    )
    found = most_worth(items, vectors, 5)
    assert [look.position for look in found] == [3]
    assert found[0].score == 0.5
    assert found[0].reason == (
        'labelled praise, but the items most like it in the theme "dead links" are labelled broken_link'
    )


@pytest.mark.parametrize(
    ("neighbours", "is_found"),
    [
        pytest.param(["sync_bug"] * 5, True, id="five that agree"),
        pytest.param(["sync_bug"] * 4, False, id="four are too few"),
        pytest.param(["sync_bug"] * 4 + ["praise"], True, id="four in five"),
        pytest.param(["sync_bug"] * 4 + ["praise"] * 2, False, id="four in six"),
        pytest.param(["praise"] * 8, False, id="eight that agree with it"),
    ],
)
def test_four_in_five_of_at_least_five_neighbours_contradict(neighbours: list[str | None], is_found: bool) -> None:
    rows = [("praise", 0.95, 0.01), *((label, 0.95, 0.01) for label in neighbours)]
    vectors = np.tile(np.eye(DIM, dtype=np.float32)[0], (len(rows), 1))
    found = most_worth(proposals(*rows), vectors, 1)
    assert [look.reason for look in found] == (
        ["labelled praise, but the items most like it are labelled sync_bug"] if is_found else []
    )


def test_neighbours_without_a_label_have_no_vote() -> None:
    rows = [("praise", 0.95, 0.01), *[("sync_bug", 0.95, 0.01)] * 4, *[(None, 0.5, 0.3)] * 4]
    vectors = np.tile(np.eye(DIM, dtype=np.float32)[0], (len(rows), 1))
    (found,) = most_worth(proposals(*rows), vectors, 5)
    assert found.reason == "praise at 0.50 against none of the labels at 0.30; 3 more that wait are like it"


def test_of_equal_items_the_newest_comes_first() -> None:
    items = proposals(*[(None, 0.3, 0.3)] * 4, ("praise", 0.9, 0.0))
    found = most_worth(items, np.eye(DIM, dtype=np.float32)[:5], 4)
    assert [look.position for look in found] == [3, 2, 1, 0]


def test_without_items_nothing_is_worth_a_look() -> None:
    assert most_worth(proposals().astype({"probability": float}), np.zeros((0, DIM), dtype=np.float32), 5) == []


def test_a_queue_in_which_no_item_has_a_label_is_ranked_too() -> None:
    """As after a first run with a strict budget of wrong labels."""
    found = most_worth(proposals((None, 0.4, 0.3), (None, 0.2, 0.3)), np.eye(DIM, dtype=np.float32)[:2], 5)
    assert [look.position for look in found] == [1, 0]


def test_where_every_text_is_empty_nothing_is_worth_a_look() -> None:
    items = proposals((None, 0.4, 0.3), ("praise", 0.5, 0.3))
    assert most_worth(items, np.zeros((2, DIM), dtype=np.float32), 5) == []
