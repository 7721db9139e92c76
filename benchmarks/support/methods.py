"""The ways to find groups that are compared, each by one function with the same arguments.

Each imports what it needs when it is called, so that a process that measures one does not load the other.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Method = Callable[[Sequence[str], NDArray[np.float32], Sequence[str]], Labels]
"""Texts, vectors (n, dim) and keys (text hashes) to the group of each row, negative for noise."""

OURS, BERTOPIC = "ours", "BERTopic"


def ours(texts: Sequence[str], vectors: NDArray[np.float32], keys: Sequence[str]) -> Labels:
    """A fresh clustering as the pipeline makes it; the texts are not looked at."""
    del texts
    from feedback_triage.cluster import cluster_vectors  # noqa: PLC0415 - see above

    return cluster_vectors(vectors, keys).labels.astype(np.int64)


def ours_with_names(texts: Sequence[str], vectors: NDArray[np.float32], keys: Sequence[str]) -> Labels:
    """Clusters with their names, keyphrases and exemplars: as much as BERTopic does in one fit."""
    from feedback_triage.cluster import cluster_vectors  # noqa: PLC0415 - see above
    from feedback_triage.describe import describe_clusters  # noqa: PLC0415 - see above

    result = cluster_vectors(vectors, keys)
    describe_clusters(texts, result.labels, vectors, result.membership_strength)
    return result.labels.astype(np.int64)


def bertopic_default(texts: Sequence[str], vectors: NDArray[np.float32], keys: Sequence[str]) -> Labels:
    """BERTopic as it comes, on given vectors: UMAP to 5 dimensions, HDBSCAN of 10 or more, words by c-TF-IDF."""
    del keys
    from bertopic import BERTopic  # noqa: PLC0415 - see above

    topics, _ = BERTopic().fit_transform(list(texts), vectors)
    return np.array(topics, dtype=np.int64)


WITH_NAMES: Mapping[str, Method] = {OURS: ours_with_names, BERTOPIC: bertopic_default}
GROUPS: Mapping[str, Method] = {OURS: ours, BERTOPIC: bertopic_default}


def peer_versions() -> str:
    """Versions of what decides the peer's result."""
    return ", ".join(f"{name} {version(name)}" for name in ("bertopic", "umap-learn", "hdbscan", "numba"))
