"""Append stability: what becomes of old items and of theme ids when a tenth more arrives.

Everybody is asked the same: cluster 90 % of the items (the same draw for all), then all of them, and compare the
old items.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster import NOISE, ClusterResult, cluster_vectors
from feedback_triage.pipeline.clustering import has_outgrown
from feedback_triage.themes import NewCluster, StandingTheme, match_themes
from support.scores import agreement

OLD_RATIO = 0.9


@dataclass(frozen=True)
class Stability:
    """Two clusterings of a set, before and after the last tenth came.

    Attributes:
        ari: adjusted Rand index of the old items between the two, noise as groups of their own.
        ari_from_nothing: the same if the second clustering did not go on from the first.
        same_theme_ratio: share of the old items whose theme id is the same in both.
        ids_kept_ratio: share of the theme ids before that exist after.
    """

    ari: float
    ari_from_nothing: float
    same_theme_ratio: float
    ids_kept_ratio: float


def old_rows(n: int) -> NDArray[np.int64]:
    """Rows that were there before, in order: the same nine tenths for everybody."""
    return np.sort(np.random.default_rng(0).permutation(n)[: int(OLD_RATIO * n)])


def append_stability(vectors: NDArray[np.float32], keys: list[str]) -> Stability:
    """Do what the pipeline does: cluster the old rows, go on with all of them, and carry the theme ids over."""
    old = old_rows(len(keys))
    old_vectors, old_keys = vectors[old], [keys[row] for row in old]
    before = cluster_vectors(old_vectors, old_keys)
    after = cluster_vectors(vectors, keys, _spread(before.labels, old, len(keys)))
    first = _groups(before, old_vectors, old_keys)
    born = match_themes([], first).assignments
    standing = [StandingTheme(born[c.cluster], c.name, c.centroid, c.member_keys) for c in first]
    now = match_themes(standing, _groups(after, vectors, keys)).assignments
    themes_before = np.array([born.get(int(label), "") for label in before.labels])
    themes_after = np.array([now.get(int(label), "") for label in after.labels[old]])
    return Stability(
        ari=agreement(before.labels, after.labels[old]),
        ari_from_nothing=agreement(before.labels, cluster_vectors(vectors, keys).labels[old]),
        same_theme_ratio=float((themes_before == themes_after).mean()),
        ids_kept_ratio=len(set(born.values()) & set(now.values())) / max(len(born), 1),
    )


def grown(vectors: NDArray[np.float32], keys: list[str]) -> NDArray[np.int32]:
    """Groups after the set came in nine steps, a fifth of it first, each going on as the pipeline lets it."""
    labels = np.full(len(keys), NOISE, dtype=np.int32)
    for step in grown_in_steps(vectors, keys, np.linspace(0.2, 1.0, 9), seed=0):
        labels = _spread(step.after, step.rows, len(keys))
    return labels


@dataclass(frozen=True)
class Step:
    """One clustering of a set that grows.

    Attributes:
        rows: that are there.
        before: group of each of them in the clustering before, noise for those that are new.
        after: group of each of them.
        is_laid_anew: whether the groups were found from nothing.
    """

    rows: NDArray[np.int64]
    before: NDArray[np.int32]
    after: NDArray[np.int32]
    is_laid_anew: bool


def grown_in_steps(
    vectors: NDArray[np.float32], keys: list[str], shares: NDArray[np.float64], seed: int
) -> Iterator[Step]:
    """Let a set come in a random order up to these shares of it, each clustering going on as the pipeline lets it."""
    order = np.random.default_rng(seed).permutation(len(keys))
    labels = np.full(len(keys), NOISE, dtype=np.int32)
    n_laid = 0
    for share in shares:
        rows = np.sort(order[: round(share * len(keys))])
        is_laid_anew = has_outgrown(len(rows), n_laid)
        n_laid = len(rows) if is_laid_anew else n_laid
        before = labels[rows]
        found = cluster_vectors(vectors[rows], [keys[i] for i in rows], before, is_laid_anew=is_laid_anew)
        labels = _spread(found.labels, rows, len(keys))
        yield Step(rows, before, found.labels, is_laid_anew)


def _spread(labels: NDArray[np.int32], rows: NDArray[np.int64], n: int) -> NDArray[np.int32]:
    """Labels of some rows as labels of all, noise for the others."""
    result = np.full(n, NOISE, dtype=np.int32)
    result[rows] = labels
    return result


def _groups(result: ClusterResult, vectors: NDArray[np.float32], keys: list[str]) -> list[NewCluster]:
    found = []
    for number in range(result.n_clusters):
        rows = np.flatnonzero(result.labels == number)
        members = frozenset(keys[row] for row in rows)
        found.append(NewCluster(number, f"cluster {number}", vectors[rows].mean(axis=0), members))
    return found
