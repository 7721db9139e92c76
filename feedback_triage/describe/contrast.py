"""How telling words are: how much more often a cluster says them than its siblings do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log2

from feedback_triage.describe.counting import ClusterWords
from feedback_triage.describe.phrases import is_content, is_misspelled
from feedback_triage.describe.vocabulary import Vocabulary

MAX_TOPICS = 60
"""Most telling words of a cluster, of which its phrases are made."""

EVERYWHERE_RATIO = 1 / 3
"""A word in more of the texts than this says nothing of any cluster."""

_FEWEST_FOR_EVERYWHERE = 50  # texts; in fewer, a third is soon reached by chance
_LARGEST_HOLDER = 0.5  # share of a word's texts in one cluster above which it belongs to that cluster
_SIBLING = 0.6


def words_everywhere(clusters: Sequence[ClusterWords]) -> frozenset[str]:
    """Topics that stand in more than a third of all texts and are no single cluster's own."""
    if sum(words.n_texts for words in clusters) < _FEWEST_FOR_EVERYWHERE:
        return frozenset()
    total: Counter[str] = Counter()
    for words in clusters:
        total.update(words.weight_with)
    least = EVERYWHERE_RATIO * sum(words.total_weight for words in clusters)
    return frozenset(
        word
        for word, weight in total.items()
        if weight > least
        and is_content(word, frozenset())
        and max(words.weight_with[word] for words in clusters) <= _LARGEST_HOLDER * weight
    )


def misspellings(clusters: Sequence[ClusterWords], words: frozenset[str]) -> frozenset[str]:
    """Topics that are one of the words with a letter wrong."""
    said = frozenset(topic for found in clusters for topic in found.weight_with)
    return frozenset(topic for topic in said for word in words if is_misspelled(topic, word))


@dataclass(frozen=True)
class Contrast:
    """How much more often a cluster says something than the other clusters do.

    Attributes:
        clusters: the words of each cluster, in the order of their numbers.
    """

    clusters: Sequence[ClusterWords]

    @cached_property
    def _total(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for words in self.clusters:
            total.update(words.weight_with)
        return total

    @cached_property
    def _total_weight(self) -> int:
        return sum(words.total_weight for words in self.clusters)

    @cached_property
    def _highest_shares(self) -> dict[str, list[tuple[float, int]]]:
        """The two clusters in which each word is commonest: the sibling to differ from."""
        shares: dict[str, list[tuple[float, int]]] = {}
        for number, words in enumerate(self.clusters):
            for topic in words.weight_with:
                highest = shares.setdefault(topic, [])
                highest.append((words.share(topic), number))
                if len(highest) > 2:
                    highest.sort(reverse=True)
                    highest.pop()
        return shares

    def difference(self, number: int, topic: str) -> float:
        """Log of how much larger the share of a topic is in a cluster than elsewhere, 0 or more.

        Elsewhere is the mean of the other clusters or a part of the share in the sibling that says it most, whichever
        is larger (class-based TF-IDF, Grootendorst 2022, counted by text and told from the siblings).
        """
        words = self.clusters[number]
        weight = words.weight_with[topic]
        rest = self._total_weight - words.total_weight
        others = (self._total[topic] - weight) / rest if rest else 0.0
        sibling = max((share for share, other in self._highest_shares.get(topic, ()) if other != number), default=0.0)
        smoothing = 0.5 / max(words.n_texts, 5)
        background = max(others, _SIBLING * sibling)
        return max(0.0, log2((words.share(topic) + smoothing) / (background + smoothing)))

    def weight(self, number: int, topic: str) -> float:
        """Telling weight of a topic: its share in the cluster times its difference to the siblings."""
        return self.clusters[number].share(topic) * self.difference(number, topic)

    def telling(self, number: int, vocabulary: Vocabulary) -> dict[str, float]:
        """The words of a cluster that tell most, with their weights above 0."""
        weights = {topic: self.weight(number, topic) for topic in vocabulary.topics(self.clusters[number].weight_with)}
        ranked = sorted((-round(weight, 9), topic) for topic, weight in weights.items() if weight > 0)
        return {topic: -negative for negative, topic in ranked[:MAX_TOPICS]}
