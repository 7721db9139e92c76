"""Words of texts: clauses, stems, and which words can be a topic."""

import re
from dataclasses import dataclass
from functools import lru_cache

from feedback_triage.describe.stopwords import ENGLISH_STOP_WORDS, NEGATIONS, PARTICLES, STOP_WORDS, WEAK_WORDS

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f"  # kana, Chinese characters, Thai
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['\-.][^\W_{_UNSPACED}]+)*")
_BREAK = re.compile(
    r"[.!?;:,()\[\]{}\"“”«»|/\n\r\t…]+(?=\s|$)|\s[-\u2013\u2014]\s|\n|[\u3002\u3001\uff01\uff1f\uff1b\uff1a\uff0c]"
)
_ONE_UNSPACED = re.compile(f"[{_UNSPACED}]")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu)'(?=\w\w)")  # French "l'application", Italian "l'app"
_ABBREVIATIONS = 2
_VOWEL = re.compile("[aeiouy]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it stands in a text.

    Attributes:
        surface: as written.
        folded: casefolded.
        stem: without its ending: what is counted.
    """

    surface: str
    folded: str
    stem: str


def clauses(text: str) -> list[list[Token]]:
    """Cut a text into clauses of words; a phrase never runs over the end of a clause.

    Scripts that put no space between words give one token a character. Clauses that are shouted are lowered.
    """
    straight = text.replace("\u2019", "'").replace("\u02bc", "'")  # the typographer's apostrophes
    if " n't" in straight:  # some exports come with their words already cut
        straight = straight.replace(" n't", "n't")
    parts = (_calm(part) for part in _BREAK.split(straight) if part.strip())
    return [[_token(surface) for surface in _TOKEN.findall(part)] for part in parts]


def _calm(clause: str) -> str:
    """Lower a clause of three words or more that is all capitals: it is shouted, not made of abbreviations."""
    return clause.lower() if clause.isupper() and len(clause.split()) > _ABBREVIATIONS else clause


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Casefold a word and take off its English ending, so that "Videos" and "video", "synced" and "syncing", or
    "line-up" and "lineup" count as one.

    What is left is a key, not always a word ("updat"). Endings are those of plural, past and -ing (a part of step 1 of
    Porter 1980); words of other languages lose a letter at most where they look the same.
    """
    folded = _ELISION.sub("", word.casefold()).removesuffix("'s").replace("-", "")
    if len(folded) > 3 and folded.endswith("s") and not folded.endswith(("ss", "us", "is")):
        folded = folded[:-3] + "y" if folded.endswith("ies") and len(folded) > 4 else folded[:-1]
    for ending in ("ing", "ed"):
        rest = folded.removesuffix(ending)
        if rest != folded and len(rest) > 2 and _VOWEL.search(rest) and not folded.endswith("eed"):
            is_doubled = len(rest) > 3 and rest[-1] == rest[-2] and rest[-1] not in "lsz"
            folded = rest[:-1] if is_doubled else rest
            break
    return folded[:-1] if len(folded) > 4 and folded.endswith("e") else folded


@lru_cache(maxsize=65_536)
def _token(surface: str) -> Token:
    return Token(surface, surface.casefold(), stem(surface))


def _stems_of(words: frozenset[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in words | NEGATIONS | PARTICLES) | words


EMPTY_STEMS = _stems_of(STOP_WORDS)
"""Stems that are no topic in any language."""

ENGLISH_EMPTY_STEMS = _stems_of(ENGLISH_STOP_WORDS)
"""Stems that are no topic in English, where "comment" and "car" are topics though they are function words in French."""

WEAK_STEMS = frozenset(stem(word) for word in WEAK_WORDS) - EMPTY_STEMS
"""Stems that are hardly one."""


def is_unspaced(word: str) -> bool:
    """Say whether a token comes from a script without spaces."""
    return len(word) == 1 and _ONE_UNSPACED.match(word) is not None


def is_content(stem_of_word: str, product_words: frozenset[str], empty_stems: frozenset[str] = EMPTY_STEMS) -> bool:
    """Say whether a word can be a topic: no function word, no number, not the product's own name."""
    return not (
        stem_of_word in empty_stems
        or stem_of_word in product_words
        or not any(char.isalpha() for char in stem_of_word)
        or (len(stem_of_word) < 2 and not is_unspaced(stem_of_word))
    )


def is_misspelled(stem_of_word: str, word: str) -> bool:
    """Say whether a word is another one with one letter wrong, missing, too many, or changed places with the next.

    A word that goes on where the other ends is not misspelled ("healthy" is not "health").
    """
    if abs(len(stem_of_word) - len(word)) > 1 or min(len(stem_of_word), len(word)) < 3 or stem_of_word == word:
        return False
    head = next((i for i, (a, b) in enumerate(zip(stem_of_word, word, strict=False)) if a != b), None)
    if head is None:
        return False
    rest, other = stem_of_word[head:], word[head:]
    return (
        rest[1:] == other[1:]
        or rest[1:] == other
        or rest == other[1:]
        or (rest[2:] == other[2:] and rest[:2] == other[1::-1])
    )
