"""Telling the language of a text; which language is told is in tests/spec/test_language_rules.py."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.language import UNDETERMINED, UNKNOWN, language_of

SENTENCE = "The link in the footer of the settings page leads nowhere. "
GERMAN = "Der Link in der Fußzeile führt seit dem letzten Update ins Leere. "


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(), max_size=200))
def test_any_text_has_a_code_or_none(text: str) -> None:
    """Surrogates and other oddities included."""
    found = language_of(text)
    assert found in {UNKNOWN, UNDETERMINED} or re.fullmatch("[a-z]{2}", found)
    assert language_of(text) == found


@pytest.mark.parametrize("mark", ["!", " 👍", " 2026", " https://example.com/eine/deutsche/seite", " jane@example.de"])
def test_marks_numbers_and_addresses_change_nothing(mark: str) -> None:
    assert language_of(SENTENCE + mark) == "en"
    assert language_of(mark + " " + GERMAN) == "de"


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert language_of(SENTENCE * 20_000) == "en"
    assert language_of(GERMAN * 20 + SENTENCE * 10_000) == "de"


def test_threads_agree() -> None:
    texts = [SENTENCE, GERMAN, "", "Спасибо", "動画が同期されません"] * 20
    expected = [language_of(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(language_of, texts)) == expected
