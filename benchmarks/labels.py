"""Measures the classifier in use, and other ways to label, on items that none of them was trained on.

`make bench-labels` prints the page in benchmarks/results/labels.md. Reads `labels/reviews_dev.csv` and
`labels/hard_dev.jsonl` from the data folder, and the held-out tenth of the gold items. An abstention counts as `other`.
"""

import argparse
import csv
import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import label_methods as methods
import numpy as np
from numpy.typing import NDArray

from feedback_triage import evaluate
from feedback_triage.abstention import operating_points
from feedback_triage.artifacts import load_classifier, read_config
from feedback_triage.content_free import is_content_free
from feedback_triage.embed import as_unit, load_encoder
from feedback_triage.ingest import normalise_text
from feedback_triage.learning.gold import read_gold
from feedback_triage.learning.train import decide
from feedback_triage.learning.tuning import Recipe
from feedback_triage.settings import Settings

CLASSES = methods.CLASSES
_ROUNDS = 3


class Set:
    """Labelled items: name, texts, truth, traits."""

    def __init__(self, name: str, rows: Sequence[dict[str, str]]) -> None:
        self.name, self.rows = name, rows
        self.texts = [normalise_text("", row["text"]) for row in rows]
        self.truth = [row["label"] for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--only-in-use", action="store_true", help="leave the other methods out (minutes of training)")
    options = parser.parse_args()
    settings = Settings.from_environ(os.environ)
    encoder = load_encoder(settings.models_dir)
    classifier = load_classifier(settings.models_dir / "classifier", encoder.folder)
    gold = read_gold(settings.models_dir / "gold" / "labels.csv")
    seen = gold[~gold["is_held_out"] & ~gold["text"].map(is_content_free)]
    texts, truth = list(seen["text"]), list(seen["label"])
    labels = options.data / "labels"
    with (labels / "reviews_dev.csv").open(encoding="utf-8", newline="") as file:
        reviews = list(csv.DictReader(file))
    hard = [json.loads(line) for line in (labels / "hard_dev.jsonl").read_text("utf-8").splitlines()]
    sets = [
        Set("gold, held out", gold[gold["is_held_out"]].to_dict("records")),
        Set("reviews_dev", reviews),
        Set("hard_dev", hard),
    ]
    config = read_config(settings.models_dir / "classifier")
    print(f"Classifier {classifier.version} ({config['method']}), threshold {classifier.threshold:.2f}.")
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {len(os.sched_getaffinity(0))} cores,", end=" ")
    print(f"Python {platform.python_version()}; trained on {len(texts)} gold items.\n")
    head("method", "set", "items", "macro-F1", *CLASSES, "ECE", "labelled", "wrong of these")

    def in_use(new: Sequence[str]) -> NDArray[np.float64]:
        vectors = as_unit(encoder.encode(new)) if classifier.needs_vectors else None
        rows = []
        for proposal in classifier.predict(new, vectors):
            given = [proposal.probabilities[name] for name in CLASSES[:-1]]
            # In a language it does not judge it says none of them, whatever the probabilities.
            rows.append([*given, 1 - sum(given)] if classifier.reads(proposal.language) else [0, 0, 0, 0, 1])
        return np.array(rows, dtype=float)

    if not options.only_in_use:
        trained = {
            "keywords": methods.keywords(),
            "definitions as prototypes": methods.prototypes(encoder),
            "TF-IDF + logistic regression": methods.tfidf(texts, truth),
            "vectors + logistic regression": methods.vectors(texts, truth, encoder),
            "vectors, characters, length + logistic regression": methods.vectors_and_characters(texts, truth, encoder),
            "vectors, length + support vectors (8,000 items)": methods.machine(texts, truth, encoder, 8_000),
            "contrastive tuning (2 epochs) + logistic regression": methods.contrastive(
                texts, truth, encoder, Recipe(epochs=2)
            ),
        }
        for name, method in trained.items():
            for items in sets:
                report(name, items, methods.with_rules(method)(items.texts), 0.0)
    for items in sets:
        report("**in use**", items, in_use(items.texts), classifier.threshold)
    by_trait(sets[-1], decide(in_use(sets[-1].texts)[:, :-1], classifier.threshold))
    curve(sets[1], in_use(sets[1].texts))
    peers = {"in use": in_use}
    if not options.only_in_use:
        peers |= {name: trained[name] for name in ("TF-IDF + logistic regression", "vectors + logistic regression")}
    speed(peers, sets[1])


def head(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |")
    print("|---" * len(cells) + "|")


def report(name: str, items: Set, probabilities: NDArray[np.float64], threshold: float) -> None:
    decided = np.array(decide(probabilities[:, :-1], threshold), dtype=object)
    truth = np.array(items.truth, dtype=object)
    given, right = decided != "other", decided == truth
    macro = evaluate.macro_f1(items.truth, list(decided), CLASSES)
    cells = [name, items.name, str(len(truth)), f"{macro.value:.3f} ({macro.lower:.3f}-{macro.upper:.3f})"]
    for label in CLASSES:
        found = evaluate.label_f1(items.truth, list(decided), label)
        cells.append(f"{found.value:.2f} ({found.lower:.2f}-{found.upper:.2f})")
    cells += [
        f"{evaluate.expected_calibration_error(right.astype(bool), probabilities.max(axis=1)):.3f}",
        f"{given.mean():.2f}",
        f"{1 - right[given].mean():.2f}",
    ]
    print("| " + " | ".join(cells) + " |", flush=True)


def by_trait(items: Set, decided: Sequence[str]) -> None:
    print(f"\nThe classifier in use on {items.name}, by trait:\n")
    head("trait", "items", "right")
    for trait in sorted({row["trait"] for row in items.rows}):
        found = [
            label == guess
            for row, label, guess in zip(items.rows, items.truth, decided, strict=True)
            if row["trait"] == trait
        ]
        print(f"| {trait} | {len(found)} | {sum(found)} |")


def curve(items: Set, probabilities: NDArray[np.float64]) -> None:
    print(f"\nWhat the classifier in use pays for coverage on {items.name}:\n")
    best = probabilities[:, :-1].argmax(axis=1)
    top = probabilities[np.arange(len(best)), best]
    named = [CLASSES[index] for index in best]
    points = operating_points(items.truth, named, top, top <= probabilities[:, -1])
    head("threshold", "items that get a label", "wrong among those", "95 % limit")
    for point in points[30::10]:
        limit = f"{point.risk_ratio:.3f} | {point.risk_upper:.3f}"
        print(f"| {point.threshold:.2f} | {point.coverage_ratio:.3f} | {limit} |")


def speed(peers: dict[str, methods.Method], items: Set) -> None:
    """Items a second on texts nobody has seen, each method in turn, medians over rounds."""
    print(f"\nItems a second, encoding included, on {items.name} (median of {_ROUNDS} interleaved rounds):\n")
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for method in peers.values():
        method(["warm up"])
    for _ in range(_ROUNDS):
        for name, method in peers.items():
            start = time.perf_counter()
            method(items.texts)
            seconds[name].append(time.perf_counter() - start)
    first = statistics.median(seconds["in use"])
    head("method", "items a second", "ratio of times to the classifier in use")
    for name, found in seconds.items():
        middle = statistics.median(found)
        print(f"| {name} | {len(items.texts) / middle:.0f} | {middle / first:.2f} |")


if __name__ == "__main__":
    main()
