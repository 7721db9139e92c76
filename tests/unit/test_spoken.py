"""Emoji in words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.label.spoken import spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("👍", "thumbs up sign", id="an emoji alone"),
        pytest.param("Love it 😍😍😍!", "Love it smiling face with heart-shaped eyes !", id="repeated at once"),
        pytest.param("👍🏽👍🏽", "thumbs up sign", id="a skin tone is no word"),
        pytest.param("❤️", "heavy black heart", id="a variation selector is no word"),
        pytest.param("👍 or 👎?", "thumbs up sign or thumbs down sign ?", id="two in a sentence"),
        pytest.param("no emoji,  two spaces", "no emoji,  two spaces", id="nothing to say aloud"),
        pytest.param("", "", id="no text"),
    ],
)
def test_emoji_are_said_in_words(text: str, expected: str) -> None:
    assert spoken(text) == expected


@given(st.text(max_size=60))
def test_no_pictogram_is_left_and_saying_it_again_changes_nothing(text: str) -> None:
    said = spoken(text)
    assert not any(unicodedata.category(character) == "So" for character in said)
    assert spoken(said) == said
