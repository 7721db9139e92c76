"""Ways to label that the classifier in use is compared with, each trained on the same gold items."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from feedback_triage.content_free import is_content_free
from feedback_triage.embed import SentenceEncoder, as_unit
from feedback_triage.label import model_classes, surface_features
from feedback_triage.learning.learners import VectorLearner
from feedback_triage.learning.tuning import Recipe, tune
from feedback_triage.taxonomy import DEFINITIONS, LABELS, SILENCE

CLASSES = model_classes(LABELS)

Method = Callable[[Sequence[str]], NDArray[np.float64]]
"""Texts to the probability of each of `CLASSES`, (n, 5)."""

_KEYWORDS = {
    "sync_bug": r"\bsync|\bsynchron|not updat|other device|backup|cloud",
    "broken_link": r"\blinks?\b|\burl\b|\b404\b|not found|redirect",
    "praise": r"\blove|great|awesome|excellent|amazing|perfect|\bgood\b|\bnice\b|thank|best",
}


def with_rules(method: Method) -> Method:
    """What is certainly content-free is silence for every method, as in the product."""

    def labelled(texts: Sequence[str]) -> NDArray[np.float64]:
        found = method(texts).copy()
        certain = [index for index, text in enumerate(texts) if is_content_free(text)]
        found[certain] = 0.0
        found[certain, CLASSES.index(SILENCE)] = 1.0
        return found

    return labelled


def keywords() -> Method:
    patterns = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _KEYWORDS.items()}

    def labelled(texts: Sequence[str]) -> NDArray[np.float64]:
        found = np.zeros((len(texts), len(CLASSES)))
        for row, text in zip(found, texts, strict=True):
            name = next((name for name, pattern in patterns.items() if pattern.search(text)), None)
            row[CLASSES.index(name or (SILENCE if len(text) < 4 else "other"))] = 1.0
        return found

    return labelled


def prototypes(encoder: SentenceEncoder) -> Method:
    """Nearest definition, without training: what the labels mean to people, as vectors."""
    said = {d.name: [d.definition, *d.counts, *d.examples] for d in DEFINITIONS}
    said["other"] = ["a request for a feature", "a crash, log-in trouble or slowness", "a question or a neutral remark"]
    centres = np.array([as_unit(encoder.encode(said[name])).mean(axis=0) for name in CLASSES])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)

    def labelled(texts: Sequence[str]) -> NDArray[np.float64]:
        scores = 20.0 * (as_unit(encoder.encode(texts)) @ centres.T).astype(np.float64)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    return labelled


def _ordered(model: LogisticRegression, features: object) -> NDArray[np.float64]:
    known = list(model.classes_)
    return model.predict_proba(features)[:, [known.index(name) for name in CLASSES]]


def _regression() -> LogisticRegression:
    return LogisticRegression(C=4.0, max_iter=2_000, class_weight="balanced")


def tfidf(texts: Sequence[str], truth: Sequence[str]) -> Method:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = _regression().fit(words.fit_transform(texts), truth)
    return lambda new: _ordered(model, words.transform(new))


def vectors(texts: Sequence[str], truth: Sequence[str], encoder: SentenceEncoder) -> Method:
    model = _regression().fit(as_unit(encoder.encode(texts)), truth)
    return lambda new: _ordered(model, as_unit(encoder.encode(new)))


def vectors_and_characters(texts: Sequence[str], truth: Sequence[str], encoder: SentenceEncoder) -> Method:
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True)
    scale = StandardScaler().fit(surface_features(texts))

    def features(new: Sequence[str], grams: csr_matrix) -> csr_matrix:
        return hstack([2.0 * as_unit(encoder.encode(new)), 0.2 * scale.transform(surface_features(new)), grams]).tocsr()

    model = _regression().fit(features(texts, characters.fit_transform(texts)), truth)
    return lambda new: _ordered(model, features(new, characters.transform(new)))


def machine(texts: Sequence[str], truth: Sequence[str], encoder: SentenceEncoder, n_items: int) -> Method:
    """What `train --method vectors` fits, on so many items drawn at random: its time grows with their square."""
    learner = VectorLearner(encoder)
    drawn = np.random.default_rng(7).permutation(len(texts))[:n_items]
    model = learner.fit([texts[row] for row in drawn], [truth[row] for row in drawn], None)
    order = [model.classes_.index(name) for name in CLASSES]
    return lambda new: learner.probabilities(model, new)[:, order]


def contrastive(texts: Sequence[str], truth: Sequence[str], encoder: SentenceEncoder, recipe: Recipe) -> Method:
    """As SetFit does (Tunstall et al. 2022): the encoder by contrast, then a regression on its vectors.

    The loss is the supervised contrastive one over whole batches instead of pairs, so that all items can be used.
    """
    import torch  # noqa: PLC0415 - only this method needs it

    from feedback_triage.label.network import padded  # noqa: PLC0415 - same

    only_contrast = replace(recipe, contrast=1.0, cross_entropy=0.0, runs=1)
    model = tune(texts, truth, CLASSES, encoder.folder, only_contrast)

    def encoded(new: Sequence[str]) -> NDArray[np.float32]:
        found = []
        for start in range(0, len(new), 64):
            ids = [encoding.ids for encoding in model.tokenizer.encode_batch(list(new[start : start + 64]))]
            with torch.inference_mode():
                found.append(model.network.mean_vectors(padded(ids, max(map(len, ids)))).numpy())
        means = np.vstack(found)
        return means / np.linalg.norm(means, axis=1, keepdims=True)

    head = _regression().fit(encoded(texts), truth)
    return lambda new: _ordered(head, encoded(new))
