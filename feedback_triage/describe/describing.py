"""Everything a reader needs to know a cluster by: name, keyphrases, exemplars."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.describe.exemplars import by_centrality, pick_exemplars
from feedback_triage.describe.naming import keyphrases, names
from feedback_triage.describe.phrases import Contrast, read_cluster, stem

MAX_TEXTS_READ = 2_000
"""Texts of a cluster, the most central ones, from which its words are counted."""


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
) -> list[ClusterDescription]:
    """Describe the clusters of a clustering by contrast with each other.

    Args:
        texts: the text of each row.
        labels: the cluster of each row, -1 for noise, shape (n,).
        vectors: shape (n, dim), unit length.
        strengths: membership strengths 0..1, shape (n,).
        product_words: words that say nothing here because every text is about them, such as the product's
            name.

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
    central_texts = [[texts[position] for position in order[:MAX_TEXTS_READ]] for order in ordered]
    contrast = Contrast([read_cluster(found, own_names) for found in central_texts])
    return [
        ClusterDescription(
            cluster=number,
            name=name,
            keyphrases=keyphrases(contrast, i, own_names),
            exemplar_positions=pick_exemplars(ordered[i], vectors),
            size=int((labels == number).sum()),
        )
        for i, (number, name) in enumerate(zip(clusters, names(contrast, central_texts, own_names), strict=True))
    ]
