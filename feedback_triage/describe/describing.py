"""Everything a reader needs to know a cluster by: name, keyphrases, exemplars."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.describe.contrast import Contrast, misspellings, words_everywhere
from feedback_triage.describe.counting import read_phrases, read_words
from feedback_triage.describe.exemplars import by_centrality, pick_exemplars
from feedback_triage.describe.naming import ClusterText, keyphrases, names
from feedback_triage.describe.phrases import ENGLISH_EMPTY_STEMS, stem
from feedback_triage.describe.spelling import Spelling
from feedback_triage.describe.vocabulary import Vocabulary

MAX_TEXTS_READ = 20_000
"""Texts whose words are counted; of each cluster the most central ones."""

MAX_PHRASE_TEXTS = 10_000
"""Texts in which phrases are looked for; of each cluster the most central ones, within `PHRASE_TEXTS_EACH`."""

PHRASE_TEXTS_EACH = (60, 300)


@dataclass(frozen=True, slots=True)
class ClusterDescription:
    """What a cluster is about.

    Attributes:
        cluster: its number.
        name: short, plain, in the customers' words; no other cluster of the clustering has it.
        keyphrases: up to 5, the most telling first.
        exemplar_positions: up to 5 rows with distinct texts near the centre, the most central first.
        size: number of rows.
    """

    cluster: int
    name: str
    keyphrases: tuple[str, ...]
    exemplar_positions: tuple[int, ...]
    size: int


def describe_clusters(
    texts: Sequence[str],
    labels: NDArray[np.int32],
    vectors: NDArray[np.float32],
    strengths: NDArray[np.float32],
    *,
    product_words: frozenset[str] = frozenset(),
    taken_names: frozenset[str] = frozenset(),
) -> list[ClusterDescription]:
    """Describe the clusters of a clustering by contrast with each other.

    Args:
        texts: the text of each row.
        labels: the cluster of each row, -1 for noise, shape (n,).
        vectors: shape (n, dim), unit length.
        strengths: membership strengths 0..1, shape (n,).
        product_words: words that say nothing here because every text is about them, such as the product's
            name. A word in more than a third of all texts is treated like them.
        taken_names: names that no cluster may get, such as those of the themes when areas are named.

    Returns:
        One description a cluster, by number. The same texts get the same words, whatever their order.

    Raises:
        ValueError: the four do not have the same number of rows.
    """
    if not len(texts) == len(labels) == len(vectors) == len(strengths):
        raise ValueError("texts, labels, vectors and strengths must have one row an item")
    own_names = frozenset(stem(word) for phrase in product_words for word in phrase.split())
    clusters = [int(number) for number in np.unique(labels) if number >= 0]
    ordered = [by_centrality(np.flatnonzero(labels == number), texts, vectors, strengths) for number in clusters]
    fewest, most = PHRASE_TEXTS_EACH
    n_central = max(fewest, min(most, MAX_PHRASE_TEXTS // max(1, len(clusters))))
    n_read = max(n_central, MAX_TEXTS_READ // max(1, len(clusters)))
    nearest = [[texts[position] for position in order[:n_read]] for order in ordered]
    cases: Counter[str] = Counter()
    contrast = Contrast([read_words(found, cases) for found in nearest])
    spelling = Spelling(cases)
    product_stems = own_names | words_everywhere(contrast.clusters)
    product_stems |= misspellings(contrast.clusters, product_stems)
    any_language, english = Vocabulary(product_stems), Vocabulary(product_stems, ENGLISH_EMPTY_STEMS)
    told = []
    for i, found in enumerate(nearest):
        vocabulary = english if contrast.clusters[i].is_english else any_language
        telling = contrast.telling(i, vocabulary)
        central = found[:n_central]
        phrases = read_phrases(central, vocabulary, frozenset(telling))
        told.append(ClusterText(phrases, telling, central, vocabulary))
    return [
        ClusterDescription(
            cluster=number,
            name=name,
            keyphrases=keyphrases(told[i], spelling),
            exemplar_positions=pick_exemplars(ordered[i], vectors),
            size=int((labels == number).sum()),
        )
        for i, (number, name) in enumerate(zip(clusters, names(told, spelling, taken_names), strict=True))
    ]
