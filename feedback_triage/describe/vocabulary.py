"""Which words can be topics, and the phrases that they make."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from feedback_triage.describe.phrases import EMPTY_STEMS, Token, is_content
from feedback_triage.describe.stopwords import DETERMINERS, INFINITIVES, NEGATIONS, OBJECTS, PARTICLES, PHRASAL_VERBS

MAX_PHRASE_TOKENS = 6
"""Longest phrase, in tokens."""

_NEGATION_REACH = 4
_MAX_OTHER_TOPICS = 1  # of a phrase; "proof of insurance" is a phrase where all siblings speak of insurance
_HANGS_ON = PARTICLES | DETERMINERS | OBJECTS | {"of"}


class Phrase(NamedTuple):
    """A run of words in a clause.

    Attributes:
        start: position of its first word.
        stop: position after its last word.
        is_torn: a word beside it belongs to it: another topic, or what its verb acts on.
        is_negated: a negation before it turns its meaning round.
    """

    start: int
    stop: int
    is_torn: bool
    is_negated: bool


class _Topics(dict[str, bool]):
    """Whether a stem can be a topic, worked out once."""

    def __init__(self, product_words: frozenset[str], empty_stems: frozenset[str]) -> None:
        super().__init__()
        self._known = product_words, empty_stems

    def __missing__(self, stem_of_word: str) -> bool:
        found = self[stem_of_word] = is_content(stem_of_word, *self._known)
        return found


class Vocabulary:
    """Which words can be topics, and the phrases that they make."""

    def __init__(self, product_words: frozenset[str] = frozenset(), empty_stems: frozenset[str] = EMPTY_STEMS) -> None:
        """Know the words that can not.

        Args:
            product_words: stems that say nothing because every text is about them.
            empty_stems: function words and empty words.
        """
        self.product_words = product_words
        self._is_topic = _Topics(product_words, empty_stems)

    def topics(self, key: Iterable[str]) -> list[str]:
        """The words that can be topics."""
        is_topic = self._is_topic
        return [word for word in key if is_topic[word]]

    def phrases(self, clause: Sequence[Token], telling: frozenset[str] | None = None) -> list[Phrase]:
        """The phrases of a clause.

        No phrase has a function word at an end, but a negation may begin one and a particle may end one; each has one
        telling topic at least.

        Args:
            clause: its words.
            telling: topics that phrases are about; None for all.
        """
        is_topic = self._is_topic
        topic = [is_topic[token.stem] for token in clause]
        tells = topic if telling is None else [token.stem in telling for token in clause]
        if not any(tells):
            return []
        solid = [found or token.stem in self.product_words for found, token in zip(topic, clause, strict=True)]
        ends = [found or _completes(clause, i) for i, found in enumerate(solid)]
        goes_on = [
            solid[i] or token.folded in _HANGS_ON or _is_phrasal(clause, i) or _is_complement(clause, i)
            for i, token in enumerate(clause)
        ]
        goes_on.append(False)
        n = len(clause)
        result = []
        for start in range(n):
            if not solid[start] and clause[start].folded not in NEGATIONS:
                continue
            is_torn_before = start > 0 and (topic[start - 1] or clause[start - 1].folded == "how")
            is_negated = _is_negated(clause, start, topic)
            has_topic, n_others = False, 0
            for stop in range(start + 1, min(n, start + MAX_PHRASE_TOKENS) + 1):
                if topic[stop - 1]:
                    if tells[stop - 1]:
                        has_topic = True
                    elif n_others == _MAX_OTHER_TOPICS:
                        break
                    else:
                        n_others += 1
                if has_topic and ends[stop - 1]:
                    result.append(Phrase(start, stop, is_torn_before or goes_on[stop], is_negated))
        return result


def _completes(clause: Sequence[Token], position: int) -> bool:
    """Say whether a function word may end a phrase: "log out", "easy to use"."""
    word = clause[position].folded
    if position == 0:
        return False
    if word in INFINITIVES:
        return clause[position - 1].folded == "to"
    return (word in PARTICLES and word not in NEGATIONS) or _is_phrasal(clause, position)


def _is_phrasal(clause: Sequence[Token], position: int) -> bool:
    """Say whether a word completes the verb before it: "log in", "turn on"."""
    return clause[position].folded in {"in", "on"} and position > 0 and clause[position - 1].stem in PHRASAL_VERBS


def _is_complement(clause: Sequence[Token], position: int) -> bool:
    """Say whether "to use" or the like begins at a position: it belongs to the word before."""
    is_last = position + 1 == len(clause)
    return clause[position].folded == "to" and not is_last and clause[position + 1].folded in INFINITIVES


def _is_negated(clause: Sequence[Token], start: int, topic: Sequence[bool]) -> bool:
    """Say whether a negation before a phrase turns its meaning round."""
    for i in range(start - 1, max(-1, start - 1 - _NEGATION_REACH), -1):
        if clause[i].folded in NEGATIONS:
            return True
        if topic[i]:
            return False
    return False
