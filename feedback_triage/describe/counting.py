"""What the texts of a clustering say: how often each word and each phrase stands in each cluster."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from feedback_triage.describe.phrases import Token, clauses
from feedback_triage.describe.stopwords import DETERMINERS, OBJECTS, STOP_WORDS
from feedback_triage.describe.vocabulary import Vocabulary

Stems = tuple[str, ...]

_NEAR_WEIGHTS = (3, 2, 1)  # of the third of the texts nearest to the centre, the next, and the last
_ENGLISH_RATIO = 0.1
_ENGLISH_MARKS = ("the", "to", "it", "my", "not")
_OTHER_MARKS = ("le", "la", "et", "der", "und", "ist", "el", "que", "di", "het", "nie")
_BEFORE_NOUN_OR_OBJECT = DETERMINERS | OBJECTS


@dataclass(frozen=True)
class ClusterWords:
    """What the texts of one cluster say.

    Attributes:
        n_texts: distinct texts whose words were counted.
        total_weight: sum of their weights; texts near the centre weigh more.
        weight_with: weight of the texts that hold a topic, by its stem.
    """

    n_texts: int
    total_weight: int
    weight_with: Counter[str] = field(repr=False)

    def share(self, topic: str) -> float:
        """Weighted share of the texts that hold a topic, 0..1."""
        return self.weight_with[topic] / max(1, self.total_weight)

    @property
    def is_english(self) -> bool:
        """Whether the commonest English words stand in the texts and those of other languages hardly do."""
        here, others = (max(self.share(word) for word in words) for words in (_ENGLISH_MARKS, _OTHER_MARKS))
        return here >= _ENGLISH_RATIO and here > 3 * others


@dataclass(frozen=True)
class ClusterPhrases:
    """The phrases of one cluster that are about its telling words.

    Attributes:
        n_texts: texts that were read.
        total_weight: of these texts.
        n_with: texts that hold a phrase, by its stems.
        weight_with: weight of these texts.
        n_torn: times that a phrase was a piece of a longer one.
        n_negated: times that a negation before it turned its meaning round.
        spellings: words of a phrase, each time that it stood there.
        texts_with: the texts that hold a topic, each a bit, the nearest the lowest.
        n_after_determiner: times that a topic ended what a determiner began; nouns do.
        n_before_determiner: times that it stood right before one or a pronoun; verbs do.
    """

    n_texts: int = 0
    total_weight: int = 0
    n_with: Counter[Stems] = field(default_factory=Counter, repr=False)
    weight_with: Counter[Stems] = field(default_factory=Counter, repr=False)
    n_torn: Counter[Stems] = field(default_factory=Counter, repr=False)
    n_negated: Counter[Stems] = field(default_factory=Counter, repr=False)
    spellings: dict[Stems, list[tuple[str, ...]]] = field(default_factory=dict, repr=False)
    texts_with: dict[str, int] = field(default_factory=dict, repr=False)
    n_after_determiner: Counter[str] = field(default_factory=Counter, repr=False)
    n_before_determiner: Counter[str] = field(default_factory=Counter, repr=False)

    def share(self, key: Stems) -> float:
        """Weighted share of the texts that hold a phrase, 0..1."""
        return self.weight_with[key] / max(1, self.total_weight)

    def together(self, topics: Iterable[str]) -> int:
        """The texts that hold all of some topics, in whatever words, each a bit."""
        texts = (1 << self.n_texts) - 1
        for topic in topics:
            texts &= self.texts_with.get(topic, 0)
        return texts

    def weight_of(self, texts: int) -> int:
        """The weight of texts that are given as bits."""
        n_each = -(-self.n_texts // len(_NEAR_WEIGHTS))
        thirds = (texts >> (i * n_each) & (1 << n_each) - 1 for i in range(len(_NEAR_WEIGHTS)))
        return sum(weight * third.bit_count() for weight, third in zip(_NEAR_WEIGHTS, thirds, strict=True))

    def torn_ratio(self, key: Stems) -> float:
        """Share of the times that a phrase was a piece of a longer one, 0..1."""
        return self.n_torn[key] / max(1, len(self.spellings[key]))

    def negated_ratio(self, key: Stems) -> float:
        """Share of the times that a phrase was negated, 0..1."""
        return self.n_negated[key] / max(1, len(self.spellings[key]))

    def usual_words(self, key: Stems) -> tuple[str, ...]:
        """The commonest spelling of a phrase, casefolded; among equals the first by the alphabet."""
        counts = Counter(tuple(word.casefold() for word in words) for words in self.spellings[key])
        return min(counts, key=lambda words: (-counts[words], words))


def near_weights(n_texts: int) -> list[int]:
    """Whole weights for texts in order of their nearness to the centre."""
    n_each = max(1, -(-n_texts // len(_NEAR_WEIGHTS)))
    return [_NEAR_WEIGHTS[i // n_each] for i in range(n_texts)]


def read_words(texts: Sequence[str], cases: Counter[str]) -> ClusterWords:
    """Count the words of the texts of a cluster, the nearest text first; a word counts once a text.

    Args:
        texts: distinct.
        cases: the spellings of words that do not begin a clause are added to it.
    """
    weight_with: Counter[str] = Counter()
    weights = near_weights(len(texts))
    for text, weight in zip(texts, weights, strict=True):
        cut = clauses(text)
        for word in {token.stem for clause in cut for token in clause}:
            weight_with[word] += weight
        cases.update([token.surface for clause in cut for token in clause[1:]])
    return ClusterWords(len(texts), sum(weights), weight_with)


def read_phrases(texts: Sequence[str], vocabulary: Vocabulary, telling: frozenset[str] | None = None) -> ClusterPhrases:
    """Count the phrases of the texts of a cluster, the nearest text first; a phrase counts once a text.

    Args:
        texts: distinct.
        vocabulary: which words can be topics.
        telling: topics that phrases are about; None for all.
    """
    weights = near_weights(len(texts))
    found = ClusterPhrases(len(texts), sum(weights))
    for i, (text, weight) in enumerate(zip(texts, weights, strict=True)):
        seen: set[Stems] = set()
        bit = 1 << i
        for clause in clauses(text):
            _note_neighbours(clause, found)
            for token in clause:
                if telling is None or token.stem in telling:
                    found.texts_with[token.stem] = found.texts_with.get(token.stem, 0) | bit
            words, stems = tuple(token.surface for token in clause), tuple(token.stem for token in clause)
            for start, stop, is_torn, is_negated in vocabulary.phrases(clause, telling):
                key = stems[start:stop]
                seen.add(key)
                found.spellings.setdefault(key, []).append(words[start:stop])
                if is_torn:
                    found.n_torn[key] += 1
                if is_negated:
                    found.n_negated[key] += 1
        found.n_with.update(seen)
        for key in seen:
            found.weight_with[key] += weight
    return found


def _note_neighbours(clause: Sequence[Token], found: ClusterPhrases) -> None:
    """Count which words stand beside determiners."""
    for i, token in enumerate(clause):
        if token.folded in _BEFORE_NOUN_OR_OBJECT:
            if i:
                found.n_before_determiner[clause[i - 1].stem] += 1
            is_noun_slot = i + 2 == len(clause) or (i + 2 < len(clause) and clause[i + 2].folded in STOP_WORDS)
            if is_noun_slot and token.folded in DETERMINERS:
                found.n_after_determiner[clause[i + 1].stem] += 1
