"""Themes as they would have been found from look to look, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feedback_triage.cluster import NOISE, Centres, centres, cluster_vectors, join
from feedback_triage.pipeline.clustering import JOIN_UP_TO, has_outgrown
from feedback_triage.themes import NewCluster, StandingTheme, ThemeEventKind, match_themes

CLUSTER_AGAIN_AT = JOIN_UP_TO
"""Share of new items from which all are clustered again; until then they join the themes that stand. The pipeline does
so only where there are many items; here it saves most of the work."""


@dataclass(frozen=True, slots=True)
class Reclustered:
    """What a new clustering did to the themes: how many were born, and how many ended or went into another one."""

    n_born: int
    n_ended: int


class ThemeReplay:
    """Clusters the first items of a history again and again, as the pipeline does, without a database.

    Nothing is named and nobody's edits are applied: those came later.
    """

    def __init__(self, vectors: NDArray[np.float32], keys: Sequence[str], speaks: NDArray[np.bool_]) -> None:
        """Take the whole history.

        Args:
            vectors: unit vectors, shape (n, dim).
            keys: the text hash of each item.
            speaks: which items have words to cluster, shape (n,); the others are never in a theme.
        """
        self._rows = np.flatnonzero(speaks)
        self._vectors, self._keys = vectors, list(keys)
        self._n_items = len(keys)
        self._labels = np.empty(0, dtype=np.int32)
        self._theme_of: dict[int, str] = {}
        self._centres: Centres | None = None
        self._taken: set[str] = set()
        self._n_laid = 0

    def is_due(self, n_items: int) -> bool:
        """Whether the first `n_items` would be clustered again."""
        n, n_clustered = self._n_speaking(n_items), len(self._labels)
        return n > n_clustered and n > (1 + CLUSTER_AGAIN_AT) * n_clustered

    def cluster(self, n_items: int) -> Reclustered:
        """Cluster the first `n_items`, going on from the last clustering."""
        rows = self._rows[: self._n_speaking(n_items)]
        keys = [self._keys[row] for row in rows]
        vectors = self._vectors[rows]
        before = np.full(len(rows), NOISE, dtype=np.int32)
        before[: len(self._labels)] = self._labels
        is_laid_anew = has_outgrown(len(rows), self._n_laid) if self._n_laid else True
        labels = cluster_vectors(vectors, keys, before, is_laid_anew=is_laid_anew).labels
        middle = centres(vectors, labels)
        match = match_themes(
            [
                StandingTheme(theme_id, theme_id, mean, frozenset(members))
                for theme_id, mean, members in self._standing(vectors, keys, before)
            ],
            [
                NewCluster(number, f"group {number}", middle.means[number], frozenset(members))
                for number, members in _members(keys, labels).items()
            ],
            taken_ids=frozenset(self._taken),
        )
        self._n_laid = len(rows) if is_laid_anew else self._n_laid
        self._labels, self._centres, self._theme_of = labels, middle, dict(match.assignments)
        self._taken |= set(match.assignments.values())
        kinds = [event.kind for event in match.events]
        n_ended = sum(kind in {ThemeEventKind.ENDED, ThemeEventKind.MERGED} for kind in kinds)
        return Reclustered(kinds.count(ThemeEventKind.BORN), n_ended)

    def theme_ids(self, n_items: int) -> NDArray[np.object_]:
        """Theme of each of the first `n_items`, None for none; what came since the last clustering joins."""
        found = np.full(n_items, None, dtype=object)
        rows = self._rows[: self._n_speaking(n_items)]
        new = rows[len(self._labels) :]
        labels = np.concatenate([self._labels[: len(rows)], self._joined(new)])
        found[rows] = [self._theme_of.get(number) for number in labels.tolist()]
        return found

    def _n_speaking(self, n_items: int) -> int:
        return int(np.searchsorted(self._rows, n_items, side="left"))

    def _joined(self, rows: NDArray[np.intp]) -> NDArray[np.int32]:
        """Where items join; one whose words are known goes where these are."""
        if self._centres is None or not len(rows):
            return np.full(len(rows), NOISE, dtype=np.int32)
        found, _ = join(self._vectors[rows], self._centres)
        of_text = {
            self._keys[row]: number
            for row, number in zip(
                self._rows.tolist(), self._labels.tolist(), strict=False
            )  # the rest is not clustered
        }
        pairs = zip(rows.tolist(), found.tolist(), strict=True)
        return np.array([of_text.get(self._keys[row], number) for row, number in pairs], dtype=np.int32)

    def _standing(
        self, vectors: NDArray[np.float32], keys: Sequence[str], before: NDArray[np.int32]
    ) -> list[tuple[str, NDArray[np.float32], set[str]]]:
        means = centres(vectors, before).means
        members = _members(keys, before)
        return [(theme_id, means[i], members[i]) for i, theme_id in sorted(self._theme_of.items()) if i in members]


def _members(keys: Sequence[str], labels: NDArray[np.int32]) -> dict[int, set[str]]:
    members: dict[int, set[str]] = {}
    for key, number in zip(keys, labels.tolist(), strict=True):
        if number != NOISE:
            members.setdefault(number, set()).add(key)
    return members
