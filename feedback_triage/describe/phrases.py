"""Words and phrases of texts, and how telling each is for its cluster."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log2

from feedback_triage.describe.stopwords import NEGATIONS, PARTICLES, STOP_WORDS

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f"  # kana, Chinese characters, Thai
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['\-.][^\W_{_UNSPACED}]+)*")
_BREAK = re.compile(
    r"[.!?;:,()\[\]{}\"“”«»|/\n\r\t…]+(?=\s|$)|\s[-\u2013\u2014]\s|\n|[\u3002\u3001\uff01\uff1f\uff1b\uff1a\uff0c]"
)

MAX_PHRASE_TOKENS = 6
"""Longest phrase, in tokens."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it stands in a text.

    Attributes:
        surface: as written.
        stem: casefolded, without a plural s: what is counted.
    """

    surface: str
    stem: str


def clauses(text: str) -> list[list[Token]]:
    """Cut a text into clauses of words; a phrase never runs over the end of a clause.

    Scripts that put no space between words give one token a character.
    """
    straight = text.replace("\u2019", "'").replace("\u02bc", "'")  # the typographer's apostrophes
    parts = _BREAK.split(straight)
    return [
        [Token(surface, stem(surface)) for surface in _TOKEN.findall(part)]
        for part in parts
        if part and not part.isspace()
    ]


def stem(word: str) -> str:
    """Casefold a word and take off a possessive or a plural s, so that "Videos" and "video" count as one."""
    folded = word.casefold().removesuffix("'s")
    if len(folded) > 3 and folded.endswith("s") and not folded.endswith(("ss", "us", "is")):
        return folded[:-1]
    return folded


_EMPTY_STEMS = frozenset(stem(word) for word in STOP_WORDS | NEGATIONS | PARTICLES) | STOP_WORDS


def is_unspaced(word: str) -> bool:
    """Say whether a token comes from a script without spaces."""
    return len(word) == 1 and re.match(f"[{_UNSPACED}]", word) is not None


def is_content(stem_of_word: str, product_words: frozenset[str]) -> bool:
    """Say whether a word can be a topic: no function word, no number, not the product's own name."""
    return not (
        stem_of_word in _EMPTY_STEMS
        or stem_of_word in product_words
        or not any(char.isalpha() for char in stem_of_word)
        or (len(stem_of_word) < 2 and not is_unspaced(stem_of_word))
    )


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of words in a clause.

    Attributes:
        tokens: the words.
        is_open: the next or the last word before it is a topic too, so the phrase may be a torn-off piece.
    """

    tokens: tuple[Token, ...]
    is_open: bool


def phrases(clause: Sequence[Token], product_words: frozenset[str]) -> list[Phrase]:
    """List the phrases of a clause.

    No phrase has a function word at an end, but a negation may begin one and a particle may end one; each has
    one topic at least.
    """
    content = [is_content(token.stem, product_words) for token in clause]
    solid = [found or token.stem in product_words for found, token in zip(content, clause, strict=True)]
    starts = [found or token.stem in NEGATIONS for found, token in zip(solid, clause, strict=True)]
    ends = [found or token.stem in PARTICLES for found, token in zip(solid, clause, strict=True)]
    n = len(clause)
    return [
        Phrase(tuple(clause[start:stop]), (stop < n and ends[stop]) or (start > 0 and content[start - 1]))
        for start in range(n)
        if starts[start]
        for stop in range(start + 1, min(n, start + MAX_PHRASE_TOKENS) + 1)
        if ends[stop - 1] and any(content[start:stop])
    ]


Stems = tuple[str, ...]


@dataclass(frozen=True)
class ClusterWords:
    """What the texts of one cluster say.

    Attributes:
        n_texts: distinct texts that were read.
        n_with: texts that hold a phrase, by its stems; single words are phrases of one.
        n_open: times a phrase stood next to another topic, by its stems.
        surfaces: spellings of each phrase, by its stems.
    """

    n_texts: int
    n_with: Counter[Stems] = field(repr=False)
    n_open: Counter[Stems] = field(repr=False)
    surfaces: dict[Stems, Counter[tuple[str, ...]]] = field(repr=False)

    @cached_property
    def spelling(self) -> dict[Stems, tuple[str, ...]]:
        """The commonest spelling of each phrase; among equals the first by the alphabet."""
        return {key: min(count, key=lambda words: (-count[words], words)) for key, count in self.surfaces.items()}

    def open_ratio(self, key: Stems) -> float:
        """Share of the times a phrase stood next to another topic, 0..1; near 1 it is torn off."""
        return self.n_open[key] / max(1, self.surfaces[key].total())


def read_cluster(texts: Sequence[str], product_words: frozenset[str]) -> ClusterWords:
    """Count, for each phrase, the distinct texts that hold it."""
    distinct = sorted(set(texts))
    n_with: Counter[Stems] = Counter()
    n_open: Counter[Stems] = Counter()
    surfaces: dict[Stems, Counter[tuple[str, ...]]] = {}
    for text in distinct:
        seen: set[Stems] = set()
        for clause in clauses(text):
            for phrase in phrases(clause, product_words):
                key = tuple(token.stem for token in phrase.tokens)
                seen.add(key)
                n_open[key] += phrase.is_open
                surfaces.setdefault(key, Counter())[tuple(token.surface for token in phrase.tokens)] += 1
        n_with.update(seen)
    return ClusterWords(len(distinct), n_with, n_open, surfaces)


@dataclass(frozen=True)
class Contrast:
    """How much more often a cluster says something than the other clusters do.

    Attributes:
        clusters: the words of each cluster, in the order of their numbers.
    """

    clusters: Sequence[ClusterWords]

    @cached_property
    def _total(self) -> Counter[Stems]:
        total: Counter[Stems] = Counter()
        for words in self.clusters:
            total.update(words.n_with)
        return total

    @cached_property
    def _n_texts(self) -> int:
        return sum(words.n_texts for words in self.clusters)

    @cached_property
    def _highest_shares(self) -> dict[Stems, list[tuple[float, int]]]:
        """The two clusters in which each word is commonest: the sibling to differ from."""
        shares: dict[Stems, list[tuple[float, int]]] = {}
        for number, words in enumerate(self.clusters):
            for key, count in words.n_with.items():
                if self._total[key] > 1:
                    shares.setdefault(key, []).append((count / words.n_texts, number))
        return {key: sorted(found, reverse=True)[:2] for key, found in shares.items()}

    def weight(self, number: int, key: Stems) -> float:
        """Telling weight of a phrase: the share of the cluster's texts that hold it times the log of its
        contrast.

        The contrast is to the mean of the other clusters or to half the share in the sibling that says it
        most, whichever is larger (class-based TF-IDF, Grootendorst 2022, counted by text and told from the
        siblings).

        Returns:
            0 or more, 0 where the others say it as often.
        """
        words = self.clusters[number]
        count = words.n_with[key]
        if count == 0:
            return 0.0
        share = count / words.n_texts
        n_others = self._n_texts - words.n_texts
        others = (self._total[key] - count) / n_others if n_others else 0.0
        siblings = [found for found, other in self._highest_shares.get(key, ()) if other != number]
        background = max(others, 0.5 * siblings[0] if siblings else 0.0)
        smoothing = 0.5 / max(words.n_texts, 5)
        return share * max(0.0, log2((share + smoothing) / (background + smoothing)))
