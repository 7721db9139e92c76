"""Clusters against the groups that people made, and how steady they stay when items are added.

    python benchmarks/themes.py [--data ../shared/data] [--sets insurance_dev banking77_40 ...]

The number of groups is never given. A noise item counts as a group of its own. ACC matches clusters to true
groups one to one (Hungarian). `append ARI` clusters 90 % of the items, then all of them, and compares the old
items; `same theme` is the share of the old items in a cluster whose theme kept its permanent id. NMI of the
Mini-BAR sets counts the items in true groups of five or more, the protocol of its authors.

The development sets are `insurance_dev`, `banking77_40`, `banking77_15`, `banking77_20_large` (subsets of the
training file) and `minibar_*`. `banking` and `banking77_test` are for the score: look at them rarely.
"""

import argparse
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from feedback_triage.cluster import NOISE, ClusterResult, cluster_vectors
from feedback_triage.embed import SentenceEncoder, as_unit, load_encoder
from feedback_triage.settings import Settings
from feedback_triage.themes import NewCluster, StandingTheme, match_themes

Texts = tuple[list[str], NDArray[np.str_]]


def dstc(data: Path, name: str) -> Texts:
    rows = [json.loads(line) for line in (data / f"dstc11/{name}.jsonl").read_text("utf-8").splitlines()]
    return [row["text"] for row in rows], np.array([row["truth"] for row in rows])


def banking77(data: Path, *, each: int, n_intents: int = 77, seed: int = 0) -> Texts:
    frame = pd.read_csv(data / "banking77/train.csv").sample(frac=1, random_state=seed)
    intents = sorted(frame["category"].unique())
    kept = np.random.default_rng(seed).choice(intents, n_intents, replace=False)
    frame = frame[frame["category"].isin(kept)].groupby("category").head(each)
    return frame["text"].tolist(), frame["category"].to_numpy(dtype=np.str_)


def load(data: Path, wanted: list[str]) -> Iterator[tuple[str, Texts]]:
    test = pd.read_csv(data / "banking77/test.csv")
    makers = {
        "insurance_dev": lambda: dstc(data, "insurance_dev"),
        "banking77_40": lambda: banking77(data, each=40),
        "banking77_15": lambda: banking77(data, each=15),
        "banking77_20_large": lambda: banking77(data, each=150, n_intents=20),
        "banking": lambda: dstc(data, "banking"),
        "banking77_test": lambda: (test["text"].tolist(), test["category"].to_numpy(dtype=np.str_)),
    }
    for name in wanted:
        if name in makers:
            yield name, makers[name]()
    if "minibar" in wanted:
        for path in sorted((data / "minibar").glob("clusters_*.csv")):
            frame = pd.read_csv(path)
            truth = frame["ground_truth"].astype(str).to_numpy(dtype=np.str_)
            yield path.stem.replace("clusters", "minibar"), (frame["data"].astype(str).tolist(), truth)


def singletons(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give each noise item a group of its own."""
    return np.where(labels == NOISE, labels.max(initial=0) + 1 + np.arange(len(labels)), labels)


def accuracy(truth: NDArray[np.str_], labels: NDArray[np.int64]) -> float:
    table = pd.crosstab(truth, labels).to_numpy()
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / len(truth))


def new_clusters(result: ClusterResult, vectors: NDArray[np.float32], keys: list[str]) -> list[NewCluster]:
    found = []
    for number in range(result.n_clusters):
        rows = np.flatnonzero(result.labels == number)
        members = frozenset(keys[row] for row in rows)
        found.append(NewCluster(number, f"cluster {number}", vectors[rows].mean(axis=0), members))
    return found


def append(vectors: NDArray[np.float32], keys: list[str], after: ClusterResult) -> tuple[float, float]:
    """Agreement of the old items, and the share of them that kept their theme."""
    old = np.sort(np.random.default_rng(0).permutation(len(keys))[: int(0.9 * len(keys))])
    old_vectors, old_keys = vectors[old], [keys[row] for row in old]
    before = cluster_vectors(old_vectors, old_keys)
    first = new_clusters(before, old_vectors, old_keys)
    born = match_themes([], first).assignments
    standing = [StandingTheme(born[c.cluster], c.name, c.centroid, c.member_keys) for c in first]
    match = match_themes(standing, new_clusters(after, vectors, keys)).assignments
    themes_before = np.array([born.get(int(label), "") for label in before.labels])
    themes_after = np.array([match.get(int(label), "") for label in after.labels[old]])
    agreement = adjusted_rand_score(singletons(before.labels), singletons(after.labels[old]))
    return float(agreement), float((themes_before == themes_after).mean())


def measure(name: str, texts: list[str], truth: NDArray[np.str_], encoder: SentenceEncoder) -> dict[str, object]:
    vectors = as_unit(encoder.encode(texts))
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    started = time.perf_counter()
    result = cluster_vectors(vectors, keys)
    seconds = time.perf_counter() - started
    labels = singletons(result.labels)
    counts = pd.Series(truth).map(pd.Series(truth).value_counts()).to_numpy()
    judged = counts >= 5 if name.startswith("minibar") else counts > 0
    agreement, same_theme = append(vectors, keys, result)
    return {
        "set": name,
        "items": len(texts),
        "true K": len(set(truth)),
        "K": result.n_clusters,
        "NMI": normalized_mutual_info_score(truth[judged], labels[judged]),
        "ARI": adjusted_rand_score(truth, labels),
        "ACC": accuracy(truth, labels),
        "noise": result.noise_ratio,
        "append ARI": agreement,
        "same theme": same_theme,
        "seconds": seconds,
    }


def main() -> None:
    sets = ["insurance_dev", "banking77_40", "banking77_15", "banking77_20_large", "minibar"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="+", default=sets, choices=[*sets, "banking", "banking77_test"])
    chosen = parser.parse_args()
    encoder = load_encoder(Settings.from_environ(os.environ).models_dir)
    rows = [measure(name, *found, encoder) for name, found in load(chosen.data, chosen.sets)]
    print(pd.DataFrame(rows).to_string(index=False, float_format=lambda value: f"{value:.3f}"))


if __name__ == "__main__":
    main()
