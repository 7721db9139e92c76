"""What items call by the name that the notes of a release give it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.subject import NoteWords
from feedback_triage.subject.names import FEWEST_OTHERS

OTHERS = [f"The picture of page {n} is blurry and I wait" for n in range(40)]
NOTES = [("1.0", "Line-up editor: drag and drop."), ("1.1", "The date picker works in Safari again.")]


def shared(reports: list[str], notes: list[tuple[str, str]] = NOTES, others: list[str] = OTHERS) -> "pd.Series[float]":
    words = NoteWords.of([*reports, *others], notes)
    return words.shared_by(range(len(reports))).set_index("release_id")["shared"]


def test_reports_that_call_the_thing_by_its_name_share_words_with_its_notes_alone() -> None:
    found = shared(["I dragged a block and it is lost", "our lineup is old", "the app plays last week's order"])
    assert found["1.0"] == pytest.approx(2 / 4)
    assert found["1.1"] == 0


@pytest.mark.parametrize(
    ("report", "note"),
    [
        pytest.param("our line up is old", "Lineup editor.", id="two words in the report, one in the note"),
        pytest.param("our lineup is old", "Line-up editor.", id="a hyphen in the note"),
        pytest.param("our lineup is old", "Line up your songs.", id="two words in the note, one in the report"),
        pytest.param("everything I MOVED is back", "Move a song.", id="an ending and capitals"),
        pytest.param("the drafts folder is gone", "retention: exclude drafts", id="developers' words"),
        pytest.param("all categories are gone", "One category a song.", id="a plural in -ies"),
        pytest.param("the customer\u2019s invoice is empty", "Customers: new page.", id="an owner"),
    ],
)
def test_a_word_is_the_same_word_in_another_form(report: str, note: str) -> None:
    assert shared([report], [("1.0", note)])["1.0"] > 0.4


@pytest.mark.parametrize(
    ("report", "note"),
    [
        pytest.param("the end of the song is cut", "The start of the song.", id="two general words side by side"),
        pytest.param("please fix the problem in this version", "Fixes a problem.", id="general words alone"),
        pytest.param("the picture is blurry", "Pictures in messages.", id="a word that many others have"),
    ],
)
def test_words_that_tell_nothing_are_not_shared(report: str, note: str) -> None:
    others = [*OTHERS, *["a song for you"] * 5]
    assert shared([report], [("1.0", note)], others)["1.0"] == 0


def test_what_others_share_by_chance_is_taken_off() -> None:
    """Two other items in fifty have a word of the long notes, each another one: a report in twenty says little."""
    words = [f"{a}{b}zum" for a in "bcdfghklm" for b in "aeiou"]
    notes = [("1.0", " ".join(words))]
    others = [f"{word} is slow" for word in words]
    few = shared([words[0], *["nothing of it"] * 2], notes, others)["1.0"]
    assert few == 0
    assert shared(words[:3], notes, [*others, *["it is slow"] * 400])["1.0"] > 0.7


def test_with_few_other_items_nobody_knows_which_words_tell() -> None:
    reports = ["our lineup is old"] * 5
    assert np.isnan(shared(reports, others=OTHERS[: FEWEST_OTHERS - 1])["1.0"])
    assert np.isfinite(shared(reports, others=OTHERS[:FEWEST_OTHERS])["1.0"])


def test_without_notes_nothing_is_shared() -> None:
    assert shared(["our lineup is old"], []).empty


def test_without_reports_nothing_is_known() -> None:
    assert shared([]).isna().all()


@given(st.lists(st.sampled_from([*OTHERS[:3], "the lineup", "I drag it", "date in Safari"]), max_size=12), st.randoms())
def test_the_order_of_items_and_notes_changes_nothing(reports: list[str], random: "st.DataObject") -> None:
    mixed, notes = list(reports), list(NOTES)
    random.shuffle(mixed)
    random.shuffle(notes)
    expected = shared(reports)
    pd.testing.assert_series_equal(shared(mixed, notes, OTHERS[::-1]), expected, check_exact=True)
    assert expected.dropna().between(0, 1).all()
