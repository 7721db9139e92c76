"""Texts that say nothing, by rule: certain where it answers, silent everywhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.content_free import is_content_free
from feedback_triage.ingest import normalise_text

STOCK_PHRASES = ["n/a", "none", "no comment", "(no subject)", "k.a.", "keine Angabe", "sem comentários", "なし"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="no text"),
        pytest.param(" \n\t", id="white space"),
        pytest.param("...", id="dots"),
        pytest.param("-", id="a dash"),
        pytest.param("?!?!", id="question and exclamation marks"),
        pytest.param("^^ | ~~", id="signs of a keyboard"),
        pytest.param("{{ survey.comment }}", id="a field in double braces"),
        pytest.param("${comment}", id="a field with a dollar sign"),
        pytest.param("%COMMENT%", id="a field between percent signs"),
        pytest.param("<<free text>>", id="a field in angle brackets"),
        pytest.param("[Your message]", id="a placeholder in square brackets"),
        pytest.param("N/A.", id="a stock phrase with a full stop"),
        pytest.param("n/a", id="a bare stock phrase"),
        pytest.param('"none"', id="a stock phrase in quotes"),
        pytest.param("- No comment!", id="a stock phrase after a dash"),
        pytest.param("KEINE ANGABE", id="a stock phrase in capitals"),
        pytest.param("特になし", id="a Japanese stock phrase"),
    ],
)
def test_a_text_that_says_nothing_is_content_free(text: str) -> None:
    assert is_content_free(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("👍", id="a lone emoji"),
        pytest.param("❤", id="a lone heart"),
        pytest.param("7", id="a lone digit"),
        pytest.param("great", id="a lone positive word"),
        pytest.param("no", id="a lone negative word"),
        pytest.param("none of my links work", id="a sentence that begins with a stock phrase"),
        pytest.param("the test fails", id="a sentence that holds a stock phrase"),
        pytest.param("{{name}} is shown instead of my name", id="a complaint about a template field"),
        pytest.param("[comment] [text]", id="two placeholders"),
        pytest.param("50%", id="a number with a sign"),
        pytest.param("良い", id="a short text in another script"),
    ],
)
def test_a_text_that_a_reader_could_judge_is_left_to_the_classifier(text: str) -> None:
    assert not is_content_free(text)


@pytest.mark.parametrize("phrase", STOCK_PHRASES)
@given(before=st.text(" .,;:!?-_*'\"", max_size=4), after=st.text(" .,;:!?-_*'\"", max_size=4), shouted=st.booleans())
def test_case_and_white_space_around_a_stock_phrase_do_not_matter(
    phrase: str, before: str, after: str, shouted: bool
) -> None:
    written = phrase.upper() if shouted else phrase
    assert is_content_free(" " * len(before) + written + " " * len(after))
    if not phrase.endswith("."):
        assert is_content_free(before + written + after)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_content_free(text) in {True, False}


@given(st.text())
def test_white_space_around_a_text_does_not_change_the_answer(text: str) -> None:
    assert is_content_free(f"  {text} \n") == is_content_free(text)


@given(st.lists(st.sampled_from(["n/a", "-", "!", "{{x}}", "none"])), st.sampled_from(["link", "dead", "👍"]))
def test_one_word_that_says_something_makes_a_text_content(parts: list[str], word: str) -> None:
    assert not is_content_free(" ".join([*parts, word]))
    assert not is_content_free(" ".join([word, *parts]))


@given(st.text(st.characters(categories=["P", "Z", "Cc", "Sm", "Sk", "Sc"])))
def test_punctuation_and_space_alone_never_are_content(text: str) -> None:
    assert is_content_free(text)


@given(st.text())
def test_cleaning_again_does_not_change_the_answer(text: str) -> None:
    once = normalise_text("", text)
    assert is_content_free(normalise_text("", once)) == is_content_free(once)
