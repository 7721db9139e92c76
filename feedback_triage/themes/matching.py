"""Permanent identity over clusterings: which theme a new cluster continues.

A clustering numbers its groups afresh every time. `match_themes` carries the permanent theme ids over to a
new clustering and says what happened to each theme.

The matching is an assignment (Kuhn 1955, by `scipy.optimize.linear_sum_assignment`) of clusters to themes
that makes the sum of agreements largest. Agreement is the Jaccard index of the members, counted over the
texts that both sides know: a text that is new, or that was deleted, speaks neither for nor against. The
cosine of the centroids breaks ties, and stands in where the two sides share no text at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from feedback_triage.themes.edits import free_name

MIN_AGREEMENT = 0.30
"""Jaccard index of the shared members from which a cluster can continue a theme."""

CENTROID_CONTINUES = 0.92
"""Cosine of the centroids from which a cluster can continue a theme with which it shares no text."""

CENTROID_KEEPS_NAME = 0.95
"""Cosine of the centroids from which a continued theme keeps its name."""

MOST_OF = 0.5
"""Share of the known members that makes a cluster a part of a theme (split), or a theme a part of a cluster
(merged)."""

_COSINE_WEIGHT = 0.01  # less than any difference in members that matters, so that it only breaks ties


class ThemeEventKind(StrEnum):
    """What happened to a theme between two clusterings."""

    BORN = "born"
    CONTINUED = "continued"
    MERGED = "merged"
    SPLIT = "split"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class StandingTheme:
    """A theme as the last clustering left it.

    Attributes:
        theme_id: permanent.
        name: as shown to readers.
        centroid: mean of the members' vectors, shape (dim,), of any length but zero.
        member_keys: keys (text hashes) of the members.
    """

    theme_id: str
    name: str
    centroid: NDArray[np.float32] = field(compare=False)
    member_keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class NewCluster:
    """A cluster of the new clustering.

    Attributes:
        cluster: its number there, 0 or more (noise is not a cluster).
        name: the name it would get as a new theme.
        centroid: as for a theme.
        member_keys: keys of the members, not empty.
    """

    cluster: int
    name: str
    centroid: NDArray[np.float32] = field(compare=False)
    member_keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class ThemeEvent:
    """One step in the lineage of a theme.

    Attributes:
        kind: `born`: the theme is new (`related_theme_ids`: the theme it was split from, or none);
            `continued`: other members than before; `split`: it went on and lost members to new themes
                (related);
            `merged`: it ceased and most of it is in another theme now (related); `ended`: it ceased.
        theme_id: the theme it happened to.
        related_theme_ids: sorted.
        n_members: texts in the theme after the event; 0 where it ceased.
    """

    kind: ThemeEventKind
    theme_id: str
    related_theme_ids: tuple[str, ...] = ()
    n_members: int = 0


@dataclass(frozen=True, slots=True)
class ThemeMatch:
    """What a new clustering means for the themes.

    Attributes:
        assignments: theme id of each cluster; every cluster has one.
        names: name of each theme in `assignments`; no two alike.
        events: sorted by theme id and kind; empty when nothing changed.
    """

    assignments: Mapping[int, str]
    names: Mapping[str, str]
    events: tuple[ThemeEvent, ...]


def match_themes(
    standing: Sequence[StandingTheme],
    clusters: Sequence[NewCluster],
    *,
    taken_ids: frozenset[str] = frozenset(),
    settled_ids: frozenset[str] = frozenset(),
) -> ThemeMatch:
    """Give each new cluster the theme it continues, or a new theme.

    Args:
        standing: the living themes, in any order.
        clusters: the clusters of the new clustering, in any order.
        taken_ids: ids of themes that have ended, which no new theme may get.
        settled_ids: themes that keep their name wherever they move.

    Returns:
        The same match for the same themes and clusters, whatever their order.

    Raises:
        ValueError: a theme id or a cluster number comes twice.
    """
    themes = sorted(standing, key=lambda theme: theme.theme_id)
    groups = sorted(clusters, key=lambda group: group.cluster)
    if len({theme.theme_id for theme in themes}) < len(themes) or len({g.cluster for g in groups}) < len(groups):
        raise ValueError("theme ids and cluster numbers must be unique")
    shared = _shared_members(themes, groups)
    cosine = _cosines(themes, groups)
    pairs = _best_pairs(shared, cosine)

    assignments = {groups[j].cluster: themes[i].theme_id for j, i in pairs.items()}
    names = _kept_names(themes, groups, pairs, cosine, settled_ids)
    used_ids = {theme.theme_id for theme in themes} | taken_ids
    events: list[ThemeEvent] = []
    children: dict[str, list[str]] = {}
    for j, group in enumerate(groups):
        n_members = len(group.member_keys)
        if j in pairs:
            theme = themes[pairs[j]]
            if theme.member_keys != group.member_keys:
                events.append(ThemeEvent(ThemeEventKind.CONTINUED, theme.theme_id, (), n_members))
            continue
        theme_id = new_theme_id(group.member_keys, used_ids)
        used_ids.add(theme_id)
        assignments[group.cluster] = theme_id
        names[theme_id] = free_name(group.name, {name.casefold() for name in names.values()})
        parent = _most_of(shared[:, j])
        parents = () if parent is None or parent not in pairs.values() else (themes[parent].theme_id,)
        for parent_id in parents:
            children.setdefault(parent_id, []).append(theme_id)
        events.append(ThemeEvent(ThemeEventKind.BORN, theme_id, parents, n_members))
    sizes = {assignments[group.cluster]: len(group.member_keys) for group in groups}
    for parent_id, born in children.items():
        events.append(ThemeEvent(ThemeEventKind.SPLIT, parent_id, tuple(sorted(born)), sizes[parent_id]))
    for i, theme in enumerate(themes):
        if i in pairs.values():
            continue
        heir = _most_of(shared[i])
        if heir is None:
            events.append(ThemeEvent(ThemeEventKind.ENDED, theme.theme_id))
        else:
            heirs = (assignments[groups[heir].cluster],)
            events.append(ThemeEvent(ThemeEventKind.MERGED, theme.theme_id, heirs))
    events.sort(key=lambda event: (event.theme_id, event.kind))
    return ThemeMatch(dict(sorted(assignments.items())), names, tuple(events))


def new_theme_id(member_keys: frozenset[str], used_ids: set[str] | frozenset[str] = frozenset()) -> str:
    """Derive a readable id, `t` and 8 hex digits or more, from the members a theme is born with.

    The same members give the same id on every machine; where it is taken, a digit is added until it is free.
    """
    digest = sha256("\n".join(sorted(member_keys)).encode()).hexdigest()
    for length in range(8, len(digest) + 1):
        if (theme_id := f"t{digest[:length]}") not in used_ids:
            return theme_id
    return new_theme_id(member_keys | {f"again {digest}"}, used_ids)


def _shared_members(themes: Sequence[StandingTheme], groups: Sequence[NewCluster]) -> NDArray[np.int64]:
    """Count the texts that theme i and cluster j share, shape (n_themes, n_clusters)."""
    theme_of = {key: i for i, theme in enumerate(themes) for key in theme.member_keys}
    shared = np.zeros((len(themes), len(groups)), dtype=np.int64)
    for j, group in enumerate(groups):
        for i, count in Counter(theme_of[key] for key in group.member_keys if key in theme_of).items():
            shared[i, j] = count
    return shared


def _cosines(themes: Sequence[StandingTheme], groups: Sequence[NewCluster]) -> NDArray[np.float64]:
    """Cosine of each pair of centroids, rounded so that the last bits of a sum cannot change a decision."""
    if not themes or not groups:
        return np.zeros((len(themes), len(groups)))
    old = np.array([theme.centroid for theme in themes], dtype=np.float64)
    new = np.array([group.centroid for group in groups], dtype=np.float64)
    old /= np.linalg.norm(old, axis=1, keepdims=True)
    new /= np.linalg.norm(new, axis=1, keepdims=True)
    return np.round(old @ new.T, 6)


def _best_pairs(shared: NDArray[np.int64], cosine: NDArray[np.float64]) -> dict[int, int]:
    """Assign theme indices to cluster indices, leaving out the pairs that agree too little."""
    if shared.size == 0:
        return {}
    known_old, known_new = shared.sum(axis=1, keepdims=True), shared.sum(axis=0, keepdims=True)
    agreement = shared / np.maximum(known_old + known_new - shared, 1)
    strangers = (known_old == 0) | (known_new == 0)  # one side has no text that the other side knows
    eligible = np.where(strangers, cosine >= CENTROID_CONTINUES, agreement >= MIN_AGREEMENT)
    score = np.where(strangers, MIN_AGREEMENT * cosine, agreement) + _COSINE_WEIGHT * cosine
    rows, columns = linear_sum_assignment(np.where(eligible, score, 0.0), maximize=True)
    return {int(j): int(i) for i, j in zip(rows, columns, strict=True) if eligible[i, j]}


def _kept_names(
    themes: Sequence[StandingTheme],
    groups: Sequence[NewCluster],
    pairs: Mapping[int, int],
    cosine: NDArray[np.float64],
    settled_ids: frozenset[str],
) -> dict[str, str]:
    """Name the continued themes: those that stay where they were keep theirs and go first."""
    far = {j: i for j, i in pairs.items() if cosine[i, j] < CENTROID_KEEPS_NAME}
    moved = {j: i for j, i in far.items() if themes[i].theme_id not in settled_ids}
    names = {themes[i].theme_id: themes[i].name for j, i in sorted(pairs.items()) if j not in moved}
    for j, i in sorted(moved.items()):
        names[themes[i].theme_id] = free_name(groups[j].name, {name.casefold() for name in names.values()})
    return names


def _most_of(shares: NDArray[np.int64]) -> int | None:
    """Index of the side that holds at least `MOST_OF` of what is known, None where there is none."""
    known = int(shares.sum())
    if known == 0 or shares.max() < MOST_OF * known:
        return None
    return int(shares.argmax())
