"""Texts into vectors and labels. Work is what the database lacks, so a killed run goes on where it stopped."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.embed import Encoder, Progress, as_unit
from feedback_triage.label import FeedbackClassifier
from feedback_triage.review import with_reviews
from feedback_triage.store import Connection, Store, proposals, read, reviews, write

_EMBED_BATCH = 512  # texts a transaction: a kill loses seconds of work, not minutes
_LABEL_BATCH = 1_024  # a kill loses seconds of work here too


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
