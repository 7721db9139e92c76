"""Texts into vectors, labels and themes. Work is what the database lacks, so a killed run goes on where it stopped."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.cluster import cluster_vectors
from feedback_triage.describe import describe_clusters
from feedback_triage.embed import Encoder, Progress, as_unit
from feedback_triage.label import FeedbackClassifier
from feedback_triage.review import with_reviews
from feedback_triage.store import Connection, Store, proposals, read, reviews, write
from feedback_triage.taxonomy import SILENCE
from feedback_triage.themes import NewCluster, StandingTheme, match_themes

_EMBED_BATCH = 512  # texts a transaction: a kill loses seconds of work, not minutes
_LABEL_BATCH = 1_024  # a kill loses seconds of work here too
_ALGORITHM = 1  # raise it when the same vectors would now give other clusters or names


@dataclass(frozen=True, slots=True)
class ClusterCounts:
    """What clustering did: `is_new` False when the same items were clustered already."""

    is_new: bool
    n_clusters: int
    n_events: int


def embed_new(store: Store, encoder: Encoder, progress: Progress | None = None) -> int:
    """Encode the texts that this encoder has not seen.

    Returns:
        How many texts were encoded.
    """
    with store.reading() as connection:
        texts = read.texts_without_embedding(connection, encoder.encoder_id)
    return _embed(store, encoder, texts, progress)


def embed_texts(store: Store, encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors (n_texts, dim) of any texts, from the database where they are there, encoded and stored else."""
    frame = pd.DataFrame({"text": list(texts)})
    frame["text_sha256"] = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    keys = list(frame["text_sha256"])
    with store.reading() as connection:
        found = read.vectors(connection, encoder.encoder_id, keys, encoder.dim)
    is_missing = ~found.any(axis=1)
    missing = frame[is_missing & (frame["text"] != "").to_numpy()].drop_duplicates("text_sha256")
    if len(missing):
        _embed(store, encoder, missing.sort_values("text_sha256"), None)
        with store.reading() as connection:
            found = read.vectors(connection, encoder.encoder_id, keys, encoder.dim)
    return as_unit(found)


def _embed(store: Store, encoder: Encoder, texts: pd.DataFrame, progress: Progress | None) -> int:
    for start in range(0, len(texts), _EMBED_BATCH):
        batch = texts.iloc[start : start + _EMBED_BATCH]
        vectors = encoder.encode(list(batch["text"]), progress)
        with store.writing() as connection:
            write.embeddings(connection, encoder.encoder_id, list(batch["text_sha256"]), vectors)
    return len(texts)


def label_new(
    store: Store, encoder: Encoder, classifier: FeedbackClassifier, progress: Progress | None = None
) -> dict[str, int]:
    """Judge the items that this classifier has not judged.

    Returns:
        `n_labelled`, `n_abstained` and, of these, `n_other_language`.

    Raises:
        ModelError: the classifier was trained for another encoder.
    """
    classifier.check_encoder(encoder.encoder_id)
    counts = {"n_labelled": 0, "n_abstained": 0, "n_other_language": 0}
    with store.reading() as connection:
        waiting = proposals.missing(connection, classifier.version)
    for start in range(0, len(waiting), _LABEL_BATCH):
        batch = waiting.iloc[start : start + _LABEL_BATCH]
        vectors = None
        if classifier.needs_vectors:
            with store.reading() as connection:
                keys = list(batch["text_sha256"])
                vectors = as_unit(read.vectors(connection, encoder.encoder_id, keys, encoder.dim))
        given = classifier.predict(list(batch["text"]), vectors)
        with store.writing() as connection:
            write.predictions(connection, classifier.version, list(batch["item_pk"]), given)
        for proposal in given:
            counts["n_abstained" if proposal.abstained else "n_labelled"] += 1
            counts["n_other_language"] += not classifier.reads(proposal.language)
        if progress:
            progress(len(batch))
    return counts


def cluster_all(store: Store, encoder: Encoder, product_name: str) -> ClusterCounts:
    """Cluster every item that says something, and carry themes over from the last clustering.

    Nothing is computed when the same items have been clustered before.
    """
    with store.reading() as connection:
        items = read.items(connection)
        labels = judged(connection, items)["label"]
        items = items.assign(label=labels)
        # Replies without content would only gather in a theme of their own.
        items = items[(items["label"] != SILENCE) & (items["text"] != "")].reset_index(drop=True)
        input_sha256 = _input_digest(items, encoder.encoder_id, product_name)
        standing_pk = read.latest_clustering_pk(connection)
        if (known := read.clustering_pk(connection, input_sha256)) is not None:
            return ClusterCounts(False, len(read.clusters(connection, known)), 0)
        vectors = as_unit(read.vectors(connection, encoder.encoder_id, list(items["text_sha256"]), encoder.dim))
        standing = _standing_themes(store, standing_pk)
        taken = frozenset(read.themes(connection)["theme_id"])
    keys = list(items["text_sha256"])
    result = cluster_vectors(vectors, keys)
    words = frozenset(product_name.casefold().split())
    described = describe_clusters(
        list(items["text"]), result.labels, vectors, result.membership_strength, product_words=words
    )
    centroids = {d.cluster: _centroid(vectors[result.labels == d.cluster]) for d in described}
    groups = [
        NewCluster(
            cluster=d.cluster,
            name=d.name,
            centroid=centroids[d.cluster],
            member_keys=frozenset(key for key, label in zip(keys, result.labels, strict=True) if label == d.cluster),
        )
        for d in described
    ]
    match = match_themes(standing, groups, taken_ids=taken)
    living = set(match.assignments.values())
    themes = [{"theme_id": key, "name": match.names[key], "is_ended": False} for key in sorted(living)]
    themes += [
        {"theme_id": theme.theme_id, "name": theme.name, "is_ended": True}
        for theme in standing
        if theme.theme_id not in living
    ]
    clusters = [
        {
            "cluster": d.cluster,
            "theme_id": match.assignments[d.cluster],
            "name": match.names[match.assignments[d.cluster]],
            "keyphrases": json.dumps(list(d.keyphrases), ensure_ascii=False),
            "exemplar_item_ids": json.dumps([items["item_id"].iloc[i] for i in d.exemplar_positions]),
            "size": d.size,
            "centroid": centroids[d.cluster].tobytes(),
        }
        for d in described
    ]
    members = pd.DataFrame(
        {
            "item_pk": items["item_pk"],
            "cluster": result.labels.astype(int),
            "membership_strength": result.membership_strength.astype(float).round(6),
        }
    )
    header = {
        "input_sha256": input_sha256,
        "encoder_id": encoder.encoder_id,
        "n_items": len(items),
        "n_clusters": len(described),
        "noise_ratio": float((result.labels < 0).mean()) if len(items) else 0.0,
        "settings": json.dumps(result.settings, sort_keys=True, default=str),
        "last_written_at": items["written_at"].max().to_pydatetime() if len(items) else None,
    }
    events = [
        {"theme_id": e.theme_id, "kind": e.kind.value, "related_theme_ids": json.dumps(e.related_theme_ids)}
        for e in match.events
    ]
    with store.writing() as connection:
        write.clustering(connection, header, clusters, members, themes=themes, events=events)
    return ClusterCounts(True, len(described), len(events))


def judged(connection: Connection, items: pd.DataFrame) -> pd.DataFrame:
    """Items with what is known of their label: the last classifier's proposals, under people's decisions.

    Args:
        connection: to the database.
        items: has item_pk.

    Returns:
        The same rows with label, likeliest_label, probability, probability_none, abstained, language and is_reviewed;
        what was never judged has no label, NaN for probabilities, and does not count as abstained.
    """
    predictions = proposals.of(connection, proposals.label_run(connection).classifier_version)
    likeliest = [max(found, key=lambda name: found[name]) for found in predictions["probabilities"]]
    predictions = predictions.drop(columns="probabilities").assign(likeliest_label=likeliest)
    found = items.merge(predictions, on="item_pk", how="left")
    found["abstained"] = found["abstained"].eq(True)
    found["language"] = found["language"].fillna("")
    return with_reviews(found, reviews.latest(connection))


def _input_digest(items: pd.DataFrame, encoder_id: str, product_name: str) -> str:
    digest = hashlib.sha256(f"{_ALGORITHM}\n{encoder_id}\n{product_name}\n".encode())
    for item_id, key in sorted(zip(items["item_id"], items["text_sha256"], strict=True)):
        digest.update(f"{item_id}\t{key}\n".encode())
    return digest.hexdigest()


def _centroid(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _standing_themes(store: Store, clustering_pk: int | None) -> list[StandingTheme]:
    if clustering_pk is None:
        return []
    with store.reading() as connection:
        clusters = read.clusters(connection, clustering_pk)
        members = read.cluster_members(connection, clustering_pk)
    keys = {cluster: frozenset(group["text_sha256"]) for cluster, group in members.groupby("cluster")}
    return [
        StandingTheme(row["theme_id"], row["name"], row["centroid"], keys[row["cluster"]])
        for row in clusters.to_dict("records")
    ]
