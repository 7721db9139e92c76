"""Ways to say what is new in a version: ours, the peer's (IDEA, Gao et al., ICSE 2018), and plain ones.

Every method reads the sentences of the versions so far and answers with issues: groups of three sentences
of the version. Nothing of a later version has a part in an answer, except that the words the peer counts are
those of the whole stream, as in its published code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer, TfidfVectorizer

from feedback_triage.cluster import NOISE, cluster_vectors
from feedback_triage.describe import describe_clusters
from feedback_triage.taxonomy import PRAISE, SILENCE
from feedback_triage.themes import emerging_themes, rank

N_ISSUES = 12  # listed a version: the number of topics in the peer's published settings
N_SENTENCES = 3  # that stand for an issue, there
N_BEFORE = 3  # versions before that the peer remembers, there
_SAID_OF_ANY_APP = """
app apps good great best bad love like nice awesome perfect please thank really update version new use just
"""
STOP_WORDS = ENGLISH_STOP_WORDS | frozenset(_SAID_OF_ANY_APP.split())
"""Of the peers: a fixed list, so that their rows do not move when the product's own list does."""
WORD = r"(?u)\b[\w'-]{2,}\b"


@dataclass(frozen=True)
class Version:
    """The sentences of one version with what is known of them, row by row."""

    name: str
    texts: tuple[str, ...]
    ratings: NDArray[np.float64]
    labels: NDArray[np.object_]
    vectors: NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """Issues of a version, each the positions of its sentences: all that are listed, and those that emerge."""

    listed: list[list[int]]
    emerging: list[list[int]]


def ours(versions: Sequence[Version]) -> list[Answer]:
    """Cluster the sentences so far, rank the themes, and take those that emerge; a version counts as a day.

    What the classifier in use calls praise or silence is no issue and is left out first.
    """
    days = pd.date_range("2000-01-01", periods=len(versions) + 1, tz="UTC")
    rows = [np.flatnonzero(~np.isin(version.labels.astype(str), (PRAISE, SILENCE))) for version in versions]
    answers = []
    for i, version in enumerate(versions):
        so_far = list(zip(versions[: i + 1], rows, strict=False))
        texts = [each.texts[row] for each, own in so_far for row in own]
        vectors = np.concatenate([each.vectors[own] for each, own in so_far])
        found = cluster_vectors(vectors, texts)
        number = np.repeat(np.arange(i + 1), [len(own) for _, own in so_far])
        theme = pd.Series([None if label == NOISE else f"{label:05d}" for label in found.labels], dtype=object)
        label = np.concatenate([each.labels[own] for each, own in so_far])
        items = pd.DataFrame({"theme_id": theme, "written_at": days[number], "label": label, "author_key": ""})
        window = pd.DataFrame({"release_id": [version.name], "start_at": [days[i]], "end_at": [days[i + 1]]})
        now = number == i
        own_texts = [version.texts[row] for row in rows[i]]
        described = describe_clusters(own_texts, found.labels[now], vectors[now], found.membership_strength[now])
        told = {
            f"{each.cluster:05d}": rows[i][list(each.exemplar_positions[:N_SENTENCES])].tolist() for each in described
        }
        ranked = rank(items, days[i], days[i + 1])
        first = ranked.loc[ranked["n_period"] > 0, "theme_id"][:N_ISSUES]
        emerging = emerging_themes(items, window)["theme_id"]
        answers.append(Answer([told[each] for each in first], [told[each] for each in emerging]))
    return answers


def risen_terms(versions: Sequence[Version]) -> list[Answer]:
    """Terms of most TF-IDF weight, and those whose weight rose most against the versions before."""
    answers = []
    for i in range(len(versions)):
        so_far = versions[max(0, i - N_BEFORE) : i + 1]
        vectorizer = TfidfVectorizer(token_pattern=WORD, stop_words=sorted(STOP_WORDS), ngram_range=(1, 2))
        weights = vectorizer.fit_transform([text for version in so_far for text in version.texts])
        ends = np.cumsum([0, *(len(version.texts) for version in so_far)])
        means = np.array([weights[a:b].mean(axis=0).A1 for a, b in pairwise(ends)])
        own = weights[ends[-2] :].toarray()
        level = means[-1]
        rise = level - means[:-1].mean(axis=0) if i else np.zeros_like(level)
        top = [np.argsort(-score, kind="stable") for score in (level, rise)]
        listed = [_best(own[:, term]) for term in top[0][:N_ISSUES]]
        answers.append(Answer(listed, [_best(own[:, term]) for term in top[1][:N_SENTENCES]] if i else []))
    return answers


def chance(versions: Sequence[Version], seed: int) -> list[Answer]:
    """Sentences drawn at random: what a matcher lets pass."""
    rng = np.random.default_rng(seed)

    def drawn(version: Version, n: int) -> list[list[int]]:
        return rng.choice(len(version.texts), (n, N_SENTENCES), replace=False).tolist()

    return [Answer(drawn(each, N_ISSUES), drawn(each, N_SENTENCES)) for each in versions]


def online_lda(versions: Sequence[Version], seed: int, *, adaptive: bool) -> list[Answer]:
    """Topics carried from version to version; those whose words moved most emerge.

    A topic emerges when the Jensen-Shannon divergence to itself one version before is above mean + 1.25
    standard deviations of those of the last versions. Sentences are chosen by the divergence of their words
    from the topic's, and from those of the other topics.

    Args:
        versions: in order.
        seed: of the first assignment of words to topics.
        adaptive: the method of IDEA: topics follow the last three versions, weighted by likeness, and
            sentences of low rating and some length come first. Else plain online LDA (AlSumait et al. 2008):
            topics follow the version before, and the rating is not looked at.
    """
    counter = CountVectorizer(token_pattern=WORD, stop_words=sorted(STOP_WORDS), min_df=2)
    counter.fit([text for version in versions for text in version.texts])
    prior = np.full((N_ISSUES, len(counter.vocabulary_)), 0.01)
    topics: list[NDArray[np.float64]] = []
    moved: list[NDArray[np.float64]] = []
    answers = []
    for version in versions:
        counts = csr_matrix(counter.transform(version.texts), dtype=np.float64)
        topics.append(_lda(counts, prior, np.random.default_rng(seed)))
        care = _care(version) if adaptive else np.zeros(len(version.texts))
        listed = [_best(score) for score in _sentence_scores(counts, topics[-1], care)]
        emerging: list[list[int]] = []
        if len(topics) > 1:
            moved.append(_divergence(topics[-1], topics[-2]))
            recent = np.concatenate(moved[-N_BEFORE:])
            is_new = moved[-1] > recent.mean() + 1.25 * recent.std()
            emerging = [_best(score) for score in _sentence_scores(counts, topics[-1][is_new], care)]
        answers.append(Answer(listed, emerging))
        prior = _carried(topics, prior) if adaptive else topics[-1]
    return answers


def _lda(counts: csr_matrix, prior: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Topics by CVB0 (Asuncion et al. 2009), near to Gibbs sampling and without its chance; (topics, words)."""
    pairs = counts.tocoo()
    n_topics, alpha = len(prior), 0.1
    part = rng.dirichlet(np.ones(n_topics), pairs.nnz)
    own = csr_matrix((np.ones(pairs.nnz), (pairs.row, np.arange(pairs.nnz))), shape=(counts.shape[0], pairs.nnz))
    word = csr_matrix((np.ones(pairs.nnz), (pairs.col, np.arange(pairs.nnz))), shape=(counts.shape[1], pairs.nnz))
    for _ in range(200):
        weighted = part * pairs.data[:, None]
        of_text, of_word, of_topic = own @ weighted, word @ weighted, weighted.sum(axis=0)
        part = of_text[pairs.row] - part + alpha
        part *= np.maximum(of_word[pairs.col] - weighted / pairs.data[:, None], 0) + prior[:, pairs.col].T
        part /= np.maximum(of_topic - weighted / pairs.data[:, None], 0) + prior.sum(axis=1)
        part /= part.sum(axis=1, keepdims=True)
    found = (word @ (part * pairs.data[:, None])).T + 0.01
    return found / found.sum(axis=1, keepdims=True)


def _carried(topics: list[NDArray[np.float64]], prior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mix the prior with the last topics, weighted by their likeness to the newest."""
    last = topics[: -N_BEFORE - 1 : -1]
    weights = softmax(np.array([(topics[-1] * each).sum(axis=1) for each in last]), axis=0)
    return 0.5 * prior + 0.5 * sum(w[:, None] * each for w, each in zip(weights, last, strict=True))


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = (p + q) / 2
    return (p * np.log(p / middle) + q * np.log(q / middle)).sum(axis=1) / 2


def _care(version: Version) -> NDArray[np.float64]:
    """0.75 times what a low rating and a long sentence say."""
    lengths = np.array([len(text.split()) for text in version.texts])
    return 0.75 * np.exp(-version.ratings / np.log(lengths))


def _sentence_scores(counts: csr_matrix, topics: NDArray[np.float64], care: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score each sentence for each topic: near its words, far from those of the other topics."""
    if not len(topics):
        return np.zeros((0, counts.shape[0]))
    away = 1.0 / max(len(topics) - 1, 1)
    mixed = (1 + away) * topics - away * topics.sum(axis=0)
    lengths = np.maximum(counts.sum(axis=1).A1, 1)
    shares = csr_matrix(counts.multiply(1 / lengths[:, None]))
    floor = 1e-5
    shares.data = np.log(shares.data) - np.log(floor)
    return np.asarray((shares @ mixed.T).T) + np.log(floor) * mixed.sum(axis=1, keepdims=True) + care


def _best(scores: NDArray[np.float64]) -> list[int]:
    return np.argsort(-scores, kind="stable")[:N_SENTENCES].tolist()
