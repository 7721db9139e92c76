"""What a spike says that the weeks before did not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.describe import telling_words
from feedback_triage.describe.outburst import MAX_WORDS

BEFORE = [
    "The export of my invoices is slow",
    "Please add dark mode to the player",
    "I love the new analytics page",
    "How do I change my billing address?",
    "The captions are out of step",
    "Nice update of the player, thanks",
] * 3


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(
            ["login fails since this morning", "I cannot use the login", "login broken", "Login is not possible"],
            "login",
            id="a word that only the spike has",
        ),
        pytest.param(["I get a 502 error", "502 again", "all pages say 502", "502!"], "502", id="a status code"),
        pytest.param(["The site is down", "down again", "you are down", "all down"], "down", id="a particle"),
        pytest.param(
            ["Uploads hang", "My uploads hang at the end", "uploads hang", "UPLOADS HANG"], "uploads", id="a plural"
        ),
        pytest.param(
            ["Der Server antwortet nicht", "Server weg", "Wo ist der Server?", "kein Server"],
            "Server",
            id="as it is written",
        ),
    ],
)
def test_the_word_of_a_spike_is_told(texts: list[str], expected: str) -> None:
    assert expected in telling_words(texts, BEFORE)


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        pytest.param(["login fails", "no login"], "login", id="what two customers say is theirs"),
        pytest.param(
            ["fails fails fails fails login", "hello", "good day"], "fails", id="repeating counts once a text"
        ),
        pytest.param(["the player stops"] * 3, "the", id="a function word"),
        pytest.param(["error 12345678"] * 4, "12345678", id="a long number"),
    ],
)
def test_a_word_that_is_not_the_spikes_is_not_told(texts: list[str], word: str) -> None:
    assert word not in {found.casefold() for found in telling_words(texts, BEFORE)}


def test_a_word_that_was_there_before_as_often_does_not_stand_out() -> None:
    assert telling_words(BEFORE, BEFORE) == ()


def test_a_word_in_every_text_of_both_does_not_stand_out() -> None:
    texts = [f"player {word}" for word in ("freezes", "stops", "stutters", "hangs")]
    assert "player" not in telling_words(texts, ["player is nice", "the player works", "fine player", "good player"])


def test_the_products_own_name_tells_nothing() -> None:
    texts = ["Vidlane login fails", "Vidlane: no login", "login to Vidlane?", "Vidlane has no login"]
    assert "Vidlane" in telling_words(texts, BEFORE)
    assert telling_words(texts, BEFORE, product_words=frozenset({"vidlane"})) == ("login",)


def test_the_most_telling_word_comes_first() -> None:
    texts = ["login fails"] * 3 + ["login hangs"] * 3 + ["no login at all"] * 3
    assert telling_words(texts, BEFORE)[0] == "login"


def test_a_word_is_spelled_as_most_texts_write_it() -> None:
    assert telling_words(["LOGIN fails", "login", "login?", "Login now"], BEFORE) == ("login",)


def test_no_text_says_nothing() -> None:
    assert telling_words([], BEFORE) == ()
    assert telling_words(["", "  ", "the of and"], BEFORE) == ()
    assert telling_words([], []) == ()


@pytest.mark.parametrize(
    ("texts", "others", "expected"),
    [
        pytest.param(["outage"] * 3, [], {(), ("outage",)}, id="nothing was said before"),
        pytest.param(["outage"] * 3, ["", "the"], {(), ("outage",)}, id="nothing with a word was said before"),
        pytest.param(["outage"] * 3, ["outage"], {()}, id="the same was said before"),
    ],
)
def test_a_spike_of_one_word_is_told_or_not_but_never_fails(
    texts: list[str], others: list[str], expected: set[tuple[str, ...]]
) -> None:
    assert telling_words(texts, others) in expected


words = st.sampled_from(["login", "Login", "fails", "502", "down", "the", "captions", "player", "slow", "字幕"])
sentences = st.lists(st.lists(words, max_size=5).map(" ".join), max_size=12)


@settings(deadline=None)
@given(sentences, sentences, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_changes_nothing(texts: list[str], others: list[str], random: object) -> None:
    found = telling_words(texts, [*BEFORE, *others])
    random.shuffle(texts)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    random.shuffle(others)  # type: ignore[attr-defined] # same
    assert telling_words(texts, [*others, *BEFORE]) == found


@settings(deadline=None)
@given(sentences, sentences)
def test_words_are_few_different_and_in_at_least_three_texts(texts: list[str], others: list[str]) -> None:
    found = telling_words(texts, [*BEFORE, *others])
    assert len(found) <= MAX_WORDS
    assert len({word.casefold() for word in found}) == len(found)
    for word in found:
        assert sum(word.casefold() in text.casefold() for text in texts) >= 3


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_text_is_read_without_an_error(texts: list[str]) -> None:
    assert len(telling_words(texts * 3, BEFORE)) <= MAX_WORDS
