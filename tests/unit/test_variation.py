"""Varied texts keep what is said."""

import string

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.learning.variation import varied

SENTENCE = "The invite you sent me leads to an empty page, and I tried it on both of my laptops!"


def test_the_same_draw_gives_the_same_text() -> None:
    assert [varied(SENTENCE, np.random.default_rng(seed)) for seed in range(30)] == [
        varied(SENTENCE, np.random.default_rng(seed)) for seed in range(30)
    ]


def test_a_sentence_is_changed_in_several_ways() -> None:
    found = {varied(SENTENCE, np.random.default_rng(seed)) for seed in range(60)}
    assert SENTENCE in found
    assert SENTENCE.rstrip("!") in found
    assert SENTENCE.lower().translate(str.maketrans("", "", string.punctuation)) in found
    assert any(SENTENCE.startswith(text) and len(text) < len(SENTENCE) - 5 for text in found)
    assert any(SENTENCE.endswith(text) and len(text) < len(SENTENCE) - 5 for text in found)


def test_slips_are_few() -> None:
    """One slip in 25 characters changes the length by as much at most."""
    for seed in range(60):
        text = varied("configurationsettingspage" * 4, np.random.default_rng(seed))  # one word: only slips or case
        assert abs(len(text) - 100) <= 4


@given(st.text(), st.integers(0, 1_000))
def test_a_text_is_never_emptied(text: str, seed: int) -> None:
    changed = varied(text, np.random.default_rng(seed))
    assert bool(changed.strip()) or changed == text


@given(st.text(alphabet=string.ascii_letters + " .", max_size=200), st.integers(0, 1_000))
def test_a_text_hardly_grows(text: str, seed: int) -> None:
    assert len(varied(text, np.random.default_rng(seed))) <= len(text) + max(1, len(text) // 25)
