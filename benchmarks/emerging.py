"""Emerging issues of a version against what its changelog then names: the protocol of IDEA (Gao et al., ICSE 2018).

    python benchmarks/emerging.py [--data ../shared/data] [--write]

Prints the page in benchmarks/results/emerging.md; `--write` writes it there.
"""

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
from emerging_methods import STOP_WORDS, Answer, Version, chance, online_lda, ours, risen_terms
from numpy.typing import NDArray
from support.page import measured_on, table

from feedback_triage.artifacts import load_classifier
from feedback_triage.embed import SentenceEncoder, as_unit, load_encoder
from feedback_triage.label import FeedbackClassifier
from feedback_triage.settings import Settings
from feedback_triage.versions import version_key

RESULTS = Path(__file__).resolve().parent / "results" / "emerging.md"
MIN_REVIEWS = 50
MIN_WORDS = 5  # of a sentence, as in the published code
STRANGERS_MATCH = 0.01
WORDS_MATCH = 0.6
N_SEEDS, N_DRAWS, N_RESAMPLES = 5, 20, 1_000
SENTENCE_ENDS = re.compile(r"[;:`\"()?!{}]|--+|\s-\s|''|\.(?=\s|$)|\.\.+")

WORDS = """\
Versions of NOAA Radar (iOS) in numeric order, each with more than 50 reviews, "Unknown" left out. G(i) are the key
terms of line i of the changelog and of line i + 1; versions with an empty line are skipped. P is the share of the
emerging issues that match a term of G(i), mean over the versions with any, the first one skipped; R is the share of
the terms that a listed issue matches; F = 2PR / (P + R). An issue is three sentences of reviews, of five words or more;
every method lists 12 issues a version (the topics of the peer's published settings), and ours fewer where there are
fewer themes.

**Which version emerges.** The description of the protocol takes the emerging issues from version i - 1. The published
code skips the first version when it collects them and then reads entry i - 1, which is version i. Both are given.

**Matchers.** The authors' word vectors cannot be had; every row is scored under the same two in their place.
*Sentence*: the cosine of the offline encoder between a sentence and a key term, from {threshold:.3f}. The threshold was
set on other apps: 1 % of the pairs of a phrase from YouTube's notes and a sentence about SwiftKey reach it. *Word*: the
published rule, one word of the sentence and one word of the term with cosine above 0.6, by the vectors of single words;
{words:.2%} of the pairs of words from those two apps reach that. Nothing was chosen by a score on this data. The row
*chance* (random sentences, three emerging issues a version) says what a matcher lets pass.

**Peers, run here.** *Online LDA*: topics with the words of the version before as their prior; those emerge whose
Jensen-Shannon divergence from one version before is above mean + 1.25 standard deviations of the last three versions.
*Adaptive online LDA*: as IDEA, topics follow the last three versions, and sentences of low rating come first. Both with
CVB0 in place of Gibbs sampling, single words only, mean over {seeds} seeds. *Risen terms*: TF-IDF against the three
versions before, three emerging issues. *Ours*: `cluster_vectors` on all sentences so far that the classifier in use
calls neither praise nor silence, then `rank`, `emerging_themes` and `describe_clusters` with their defaults; a version
counts as a day. That praise is left out was settled on YouTube's reviews and notes, not here.

*emerging* and *listed* are issues a version. In brackets: 95 % bootstrap over versions ({resamples} resamples).
With 14 versions the intervals are wide.
"""
PUBLISHED = (("online LDA (published)", ".482", ".622", ".534"), ("IDEA+ (published)", ".476", ".639", ".546"))

Matcher = Callable[[Sequence[str], Sequence[str]], NDArray[np.bool_]]
"""Sentences and key terms to whether each pair matches, (sentences, terms)."""


@dataclass(frozen=True)
class Counted:
    """One method's matches in one version: of its emerging issues, and of the terms of the changelog."""

    n_emerging: int
    n_emerging_matched: int
    n_listed: int
    n_terms: int
    n_terms_matched: int


def sentences(text: str) -> list[str]:
    return [found for part in SENTENCE_ENDS.split(text) if len((found := part.strip()).split()) >= MIN_WORDS]


def load_versions(data: Path, encoder: SentenceEncoder, classifier: FeedbackClassifier) -> list[Version]:
    reviews = pd.read_csv(data / "noaa_ios/reviews.csv", dtype={"version": str})
    reviews = reviews[reviews["version"] != "Unknown"]
    counts = reviews["version"].value_counts()
    found = []
    for name in sorted(counts[counts > MIN_REVIEWS].index, key=version_key):
        own = reviews[reviews["version"] == name]
        pairs = [
            (sentence, rating)
            for text, rating in zip(own["text"].fillna(""), own["rating"], strict=True)
            for sentence in sentences(text)
        ]
        texts = tuple(sentence for sentence, _ in pairs)
        vectors = as_unit(encoder.encode(texts))
        labels = np.array([each.label for each in classifier.predict(texts, vectors)], dtype=object)
        found.append(Version(name, texts, np.array([rating for _, rating in pairs]), labels, vectors))
    return found


def load_terms(data: Path) -> list[list[str]]:
    """G by version: key terms of its line and of the next, each once; none where its line is empty."""
    lines = (data / "noaa_ios/changelog_key_terms.txt").read_text("utf-8").splitlines()
    terms = [[term.strip() for term in line.split(",") if term.strip()] for line in lines]
    return [list(dict.fromkeys(own + then)) if own else [] for own, then in pairwise([*terms, []])]


class Cosines:
    """Cosines of texts by the offline encoder, each text encoded once."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    def __call__(self, left: Sequence[str], right: Sequence[str]) -> NDArray[np.float32]:
        new = sorted({*left, *right} - self._known.keys())
        if new:
            self._known.update(zip(new, as_unit(self._encoder.encode(new)), strict=True))
        found: NDArray[np.float32] = (
            np.array([self._known[a] for a in left]) @ np.array([self._known[b] for b in right]).T
        )
        return found


def strangers(data: Path) -> tuple[list[str], list[str]]:
    """Phrases of two words from one app's notes, and sentences about another app: pairs that mean nothing."""
    notes = pd.read_csv(data / "youtube_ios/releases.csv", dtype=str)["changelog"].str.lower()
    words = [re.findall(r"[a-z]{3,}|[.,()]", note) for note in notes]
    phrases = {
        f"{a} {b}" for note in words for a, b in pairwise(note) if {a, b}.isdisjoint({*STOP_WORDS, *".,()"}) and a != b
    }
    reviews = pd.read_csv(data / "swiftkey_android/reviews.csv", dtype=str)["text"].dropna()
    found = [sentence for text in reviews.sample(2_000, random_state=0) for sentence in sentences(text)]
    return sorted(phrases), found


def sentence_matcher(cosines: Cosines, threshold: float) -> Matcher:
    return lambda texts, terms: cosines(texts, terms) >= threshold


def word_matcher(cosines: Cosines) -> Matcher:
    known: dict[tuple[str, str], bool] = {}

    def matches(texts: Sequence[str], terms: Sequence[str]) -> NDArray[np.bool_]:
        for text, term in product(texts, terms):
            if (text, term) not in known:
                close = cosines(re.findall(r"[\w']+", text), term.split()) > WORDS_MATCH
                known[text, term] = bool(close.any())
        return np.array([[known[text, term] for term in terms] for text in texts])

    return matches


def count(
    answers: list[Answer], versions: list[Version], terms: list[list[str]], match: Matcher, lag: int
) -> list[Counted]:
    """Count the matches; the emerging issues are those of `lag` versions before."""
    found = []
    for i, own in enumerate(terms):
        if not own:
            continue
        listed = [versions[i].texts[row] for issue in answers[i].listed for row in issue]
        n_matched = int(match(listed, own).any(axis=0).sum()) if listed else 0
        issues = answers[i - lag].emerging if i else []
        texts = versions[i - lag].texts
        hits = [bool(match([texts[row] for row in issue], own).any()) for issue in issues]
        found.append(Counted(len(hits), sum(hits), len(answers[i].listed), len(own), n_matched))
    return found


def measures(counted: Sequence[Counted]) -> NDArray[np.float64]:
    """Give P, R and F."""
    precisions = [each.n_emerging_matched / each.n_emerging for each in counted if each.n_emerging]
    p = float(np.mean(precisions)) if precisions else 0.0
    r = float(np.mean([each.n_terms_matched / each.n_terms for each in counted]))
    return np.array([p, r, 2 * p * r / (p + r) if p + r else 0.0])


def cells(runs: list[list[Counted]]) -> list[str]:
    """P, R and F with their intervals, and the issues a version, emerging and listed: means over the runs."""
    rng = np.random.default_rng(0)
    value = np.mean([measures(run) for run in runs], axis=0)
    rows = rng.integers(len(runs[0]), size=(N_RESAMPLES, len(runs[0])))
    drawn = [np.mean([measures([run[row] for row in resample]) for run in runs], axis=0) for resample in rows]
    lower, upper = np.quantile(drawn, [0.025, 0.975], axis=0)
    n_emerging = np.mean([each.n_emerging for run in runs for each in run])
    told = [f"{v:.3f} ({a:.3f}-{b:.3f})" for v, a, b in zip(value, lower, upper, strict=True)]
    n_listed = np.mean([each.n_listed for run in runs for each in run])
    return [*told, f"{n_emerging:.1f}", f"{n_listed:.1f}"]


def page(data: Path, encoder: SentenceEncoder, classifier: FeedbackClassifier) -> str:
    cosines = Cosines(encoder)
    phrases, foreign = strangers(data)
    threshold = float(np.quantile(cosines(foreign, phrases), 1 - STRANGERS_MATCH))
    words = [sorted({word for text in texts for word in re.findall(r"[\w']+", text)}) for texts in (foreign, phrases)]
    words_rate = float((cosines(*words) > WORDS_MATCH).mean())
    versions, terms = load_versions(data, encoder, classifier), load_terms(data)
    methods = {
        "**ours**": [ours(versions)],
        "online LDA": [online_lda(versions, seed, adaptive=False) for seed in range(N_SEEDS)],
        "adaptive online LDA": [online_lda(versions, seed, adaptive=True) for seed in range(N_SEEDS)],
        "risen terms": [risen_terms(versions)],
        "chance": [chance(versions, seed) for seed in range(N_DRAWS)],
    }
    told = WORDS.format(threshold=threshold, words=words_rate, seeds=N_SEEDS, resamples=N_RESAMPLES)
    lines = ["# Emerging issues", "", "Made by `make bench-emerging`.", measured_on(), "", told]
    matchers = {"sentence": sentence_matcher(cosines, threshold), "word": word_matcher(cosines)}
    for name, match in matchers.items():
        for lag, source in ((1, "version i - 1 (as described)"), (0, "version i (as in the published code)")):
            rows = [
                [method, *cells([count(run, versions, terms, match, lag) for run in runs])]
                for method, runs in methods.items()
            ]
            lines += [f"## Matcher: {name}; emerging issues of {source}", ""]
            lines += [*table(("method", "P", "R", "F", "emerging", "listed"), rows), ""]
    lines += ["## Published, with another matcher, not comparable", ""]
    lines += table(("method", "P", "R", "F"), PUBLISHED)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(RESULTS.parents[2])}")
    options = parser.parse_args()
    models = Settings.from_environ(os.environ).models_dir
    encoder = load_encoder(models)
    found = page(options.data, encoder, load_classifier(models / "classifier", encoder.folder))
    print(found, end="")
    if options.write:
        RESULTS.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
