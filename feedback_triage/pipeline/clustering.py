"""Items into themes: clusters of what was said, going on from the themes that stand."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.cluster import EXACT_UP_TO, NOISE, Centres, centres, cluster_vectors, join
from feedback_triage.describe import ClusterDescription, describe_clusters
from feedback_triage.embed import Encoder, as_unit
from feedback_triage.pipeline.standing import Standing, standing_themes
from feedback_triage.pipeline.understanding import judged
from feedback_triage.store import Connection, Store, read, write
from feedback_triage.taxonomy import SILENCE
from feedback_triage.themes import NewCluster, StandingTheme, ThemeMatch, apply_splits, edited_theme_ids, match_themes

_ALGORITHM = 4  # raise it when the same vectors would now give other clusters or names

JOIN_ABOVE = EXACT_UP_TO
"""Items above which new ones join the clusters that stand, until there are enough of them to cluster again."""

JOIN_UP_TO = 0.05
"""Share of the items clustered last that may join before all are clustered again."""

LAY_ANEW_AT = 2.0
"""Growth since themes were found from nothing at which they are found so again, as long as they were found among fewer
than `LAY_ANEW_BELOW` items: a handful of items has a handful of themes. Later it is done only when asked for."""

LAY_ANEW_BELOW = 100

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClusterCounts:
    """What clustering did.

    Attributes:
        is_new: False when the same items were clustered already.
        n_clusters: how many clusters there are.
        n_events: what happened to themes: born, continued, merged, split, ended.
        n_joined: items that joined standing clusters without a new clustering.
    """

    is_new: bool
    n_clusters: int
    n_events: int
    n_joined: int = 0


def cluster_all(store: Store, encoder: Encoder, product_name: str, *, is_laid_anew: bool = False) -> ClusterCounts:
    """Bring the clusters up to the items: cluster them all, or let a few new ones join.

    Nothing is computed when the same items have been clustered before, unless they are to be laid anew: then themes are
    found as if for the first time, and only those that people edited go on whatever is found.
    """
    with store.reading() as connection:
        items = _items_that_speak(connection)
        input_sha256 = _input_digest(items, encoder.encoder_id, product_name)
        standing = standing_themes(connection)
        last = read.clustering_header(connection, standing.clustering_pk) if standing.clustering_pk else {}
        if not is_laid_anew and last.get("input_sha256") == input_sha256:
            return ClusterCounts(False, len(standing.clusters), 0)
    newcomers = None if is_laid_anew else _newcomers(standing, last, items, encoder.encoder_id)
    if newcomers is not None:
        return _join(store, encoder, standing, newcomers, _header(items, encoder, product_name))
    n_laid = int(last["settings"].get("n_laid", last["n_items"])) if last else 0
    if is_laid_anew or has_outgrown(len(items), n_laid):
        return _cluster_again(store, encoder, product_name, items, standing, n_laid=None)
    return _cluster_again(store, encoder, product_name, items, standing, n_laid=n_laid)


def has_outgrown(n_items: int, n_laid: int) -> bool:
    """Tell whether themes that were found among `n_laid` items are to be found from nothing among `n_items`."""
    return n_laid < LAY_ANEW_BELOW and n_items >= LAY_ANEW_AT * n_laid


def _newcomers(standing: Standing, last: Row, items: pd.DataFrame, encoder_id: str) -> pd.DataFrame | None:
    """Items that may join without a new clustering, None where all are to be clustered."""
    if not last or len(items) <= JOIN_ABOVE:
        return None
    if last["encoder_id"] != encoder_id or last["settings"].get("algorithm") != _ALGORITHM:
        return None
    is_new = ~items["item_id"].isin(standing.members["item_id"])
    is_gone = len(items) - int(is_new.sum()) < len(standing.members)
    n_clustered = last["settings"].get("n_clustered", 0)
    return None if is_gone or len(items) > (1 + JOIN_UP_TO) * n_clustered else items[is_new]


def _join(store: Store, encoder: Encoder, standing: Standing, newcomers: pd.DataFrame, header: Row) -> ClusterCounts:
    """Let new items join; one whose words are known goes where these are."""
    with store.reading() as connection:
        vectors = as_unit(read.vectors(connection, encoder.encoder_id, list(newcomers["text_sha256"]), encoder.dim))
    clusters, members = standing.clusters, standing.members
    known = Centres(np.stack(list(clusters["centroid"])), clusters["least_cosine"].to_numpy(dtype=np.float64))
    found, strengths = join(vectors, known)
    numbers = np.append(clusters["cluster"].to_numpy(dtype=np.int32), NOISE)[found]
    of_text = dict(zip(members["text_sha256"], members["cluster"], strict=True))
    labels = np.array(
        [of_text.get(key, number) for key, number in zip(newcomers["text_sha256"], numbers, strict=True)],
        dtype=np.int32,
    )
    strengths = np.where(labels == NOISE, 0, np.where(labels == numbers, strengths, 0.5))
    all_labels = np.concatenate([members["cluster"].to_numpy(dtype=np.int32), labels])
    sizes = dict(enumerate(np.bincount(all_labels[all_labels != NOISE]).tolist()))
    header |= {"n_clusters": len(clusters), "noise_ratio": float((all_labels == NOISE).mean())}
    with store.writing() as connection:
        write.joined(connection, standing.clustering_pk or 0, header, _members(newcomers, labels, strengths), sizes)
    return ClusterCounts(True, len(clusters), 0, len(newcomers))


def _cluster_again(
    store: Store,
    encoder: Encoder,
    product_name: str,
    items: pd.DataFrame,
    standing: Standing,
    *,
    n_laid: int | None,
) -> ClusterCounts:
    """Cluster all items; themes that were found among `n_laid` items go on, None lays them anew."""
    keys = list(items["text_sha256"])
    with store.reading() as connection:
        vectors = as_unit(read.vectors(connection, encoder.encoder_id, keys, encoder.dim))
        taken = frozenset(read.themes(connection)["theme_id"])
    groups = apply_splits(standing.groups, standing.text_of_item, standing.edits)
    theme_ids = sorted({theme_id for theme_id in groups.values() if theme_id is not None})
    number = {theme_id: i for i, theme_id in enumerate(theme_ids)}
    before = np.array([number.get(groups.get(item_id) or "", NOISE) for item_id in items["item_id"]], dtype=np.int32)
    settled = edited_theme_ids(standing.edits)
    kept = [number[theme_id] for theme_id in settled if theme_id in number]
    result = cluster_vectors(vectors, keys, before, kept, is_laid_anew=n_laid is None)
    words = frozenset(product_name.casefold().split())
    described = describe_clusters(
        list(items["text"]), result.labels, vectors, result.membership_strength, product_words=words
    )
    middle = centres(vectors, result.labels)
    match = match_themes(
        _standing_groups(standing, theme_ids, before, vectors, keys),
        _new_clusters(described, middle, keys, result.labels),
        taken_ids=taken,
        settled_ids=settled,
    )
    header = _header(items, encoder, product_name) | {
        "n_clusters": len(described),
        "noise_ratio": float((result.labels < 0).mean()) if len(items) else 0.0,
        "settings": json.dumps(
            {
                **result.settings,
                "algorithm": _ALGORITHM,
                "n_clustered": len(items),
                "n_laid": len(items) if n_laid is None else n_laid,
            },
            sort_keys=True,
        ),
    }
    with store.writing() as connection:
        write.clustering(
            connection,
            header,
            _cluster_rows(described, middle, match, items),
            _members(items, result.labels, result.membership_strength),
            themes=_theme_rows(standing, match),
            events=_event_rows(match),
        )
    return ClusterCounts(True, len(described), len(match.events))


def _header(items: pd.DataFrame, encoder: Encoder, product_name: str) -> Row:
    return {
        "input_sha256": _input_digest(items, encoder.encoder_id, product_name),
        "encoder_id": encoder.encoder_id,
        "n_items": len(items),
        "last_written_at": items["written_at"].max().to_pydatetime() if len(items) else None,
    }


def _items_that_speak(connection: Connection) -> pd.DataFrame:
    """Items to cluster. Replies without content would only gather in a theme of their own."""
    items = read.items(connection)
    items = items.assign(label=judged(connection, items)["label"])
    return items[(items["label"] != SILENCE) & (items["text"] != "")].reset_index(drop=True)


def _new_clusters(
    described: Sequence[ClusterDescription], middle: Centres, keys: Sequence[str], labels: NDArray[np.int32]
) -> list[NewCluster]:
    members: dict[int, set[str]] = {}
    for key, label in zip(keys, labels.tolist(), strict=True):
        members.setdefault(label, set()).add(key)
    return [NewCluster(d.cluster, d.name, middle.means[d.cluster], frozenset(members[d.cluster])) for d in described]


def _standing_groups(
    standing: Standing,
    theme_ids: Sequence[str],
    before: NDArray[np.int32],
    vectors: NDArray[np.float32],
    keys: Sequence[str],
) -> list[StandingTheme]:
    """The groups as they stand, seen with today's vectors: the encoder may be another one than last time."""
    names = standing.names_found
    middle = centres(vectors, before)
    members: dict[int, set[str]] = {}
    for key, group in zip(keys, before.tolist(), strict=True):
        members.setdefault(group, set()).add(key)
    return [
        StandingTheme(theme_id, names.get(theme_id, theme_id), middle.means[i], frozenset(members[i]))
        for i, theme_id in enumerate(theme_ids)
        if i in members
    ]


def _theme_rows(standing: Standing, match: ThemeMatch) -> list[Row]:
    living = set(match.assignments.values())
    rows: list[Row] = [{"theme_id": key, "name": match.names[key], "is_ended": False} for key in sorted(living)]
    ended = sorted(set(standing.clusters["theme_id"]) - living)
    return rows + [{"theme_id": key, "name": standing.names_found.get(key, key), "is_ended": True} for key in ended]


def _cluster_rows(
    described: Sequence[ClusterDescription], middle: Centres, match: ThemeMatch, items: pd.DataFrame
) -> list[Row]:
    return [
        {
            "cluster": d.cluster,
            "theme_id": match.assignments[d.cluster],
            "name": match.names[match.assignments[d.cluster]],
            "keyphrases": json.dumps(list(d.keyphrases), ensure_ascii=False),
            "exemplar_item_ids": json.dumps([items["item_id"].iloc[i] for i in d.exemplar_positions]),
            "size": d.size,
            "centroid": middle.means[d.cluster].tobytes(),
            "least_cosine": float(middle.least_cosine[d.cluster]),
        }
        for d in described
    ]


def _members(items: pd.DataFrame, labels: NDArray[np.int32], strengths: NDArray[np.float32]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_pk": items["item_pk"],
            "cluster": labels.astype(int),
            "membership_strength": strengths.astype(float).round(6),
        }
    )


def _event_rows(match: ThemeMatch) -> list[Row]:
    return [
        {"theme_id": e.theme_id, "kind": e.kind.value, "related_theme_ids": json.dumps(e.related_theme_ids)}
        for e in match.events
    ]


def _input_digest(items: pd.DataFrame, encoder_id: str, product_name: str) -> str:
    digest = hashlib.sha256(f"{_ALGORITHM}\n{encoder_id}\n{product_name}\n".encode())
    for item_id, key in sorted(zip(items["item_id"], items["text_sha256"], strict=True)):
        digest.update(f"{item_id}\t{key}\n".encode())
    return digest.hexdigest()
