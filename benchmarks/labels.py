"""Measures the classifier in use on real labelled feedback that it was not trained on: `make bench-labels`.

Reads `labels/reviews_dev.csv` and `labels/hard_dev.jsonl` from the data folder. An abstention counts as `other`.
"""

import argparse
import csv
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from feedback_triage import evaluate
from feedback_triage.artifacts import load_classifier
from feedback_triage.embed import as_unit, load_encoder
from feedback_triage.ingest import normalise_text
from feedback_triage.label import model_classes
from feedback_triage.settings import Settings
from feedback_triage.taxonomy import LABELS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    settings = Settings.from_environ(os.environ)
    encoder = load_encoder(settings.models_dir)
    classifier = load_classifier(settings.models_dir / "classifier")
    encoder.encode(["warm up"])
    print(f"classifier {classifier.version}, threshold {classifier.threshold}\n")
    print("| set | items | macro-F1 | " + " | ".join(model_classes(LABELS)) + " | ECE | coverage | risk | items/s |")
    print("|---" * 12 + "|")
    reviews = list(csv.DictReader((data / "labels" / "reviews_dev.csv").open(encoding="utf-8", newline="")))
    hard = [json.loads(line) for line in (data / "labels" / "hard_dev.jsonl").read_text("utf-8").splitlines()]
    for name, rows in (("reviews_dev", reviews), ("hard_dev", hard)):
        texts = [normalise_text("", row["text"]) for row in rows]
        start = time.perf_counter()
        proposals = classifier.predict(texts, as_unit(encoder.encode(texts)))
        seconds = time.perf_counter() - start
        report(name, [row["label"] for row in rows], proposals, len(rows) / seconds)
        if name == "hard_dev":
            by_trait(rows, evaluate.as_classes([proposal.label for proposal in proposals]))


def report(name: str, truth: Sequence[str], proposals: Sequence[object], rate: float) -> None:
    decided = evaluate.as_classes([proposal.label for proposal in proposals])
    given = np.array([proposal.label is not None for proposal in proposals])
    right = np.array(decided, dtype=object) == np.array(truth, dtype=object)
    confidence = np.array([max(proposal.probability, proposal.probability_none) for proposal in proposals])
    macro = evaluate.macro_f1(truth, decided, model_classes(LABELS))
    cells = [name, str(len(truth)), f"{macro.value:.3f} ({macro.lower:.3f}-{macro.upper:.3f})"]
    for label in model_classes(LABELS):
        found = evaluate.label_f1(truth, decided, label)
        cells.append(f"{found.value:.2f} ({found.lower:.2f}-{found.upper:.2f})")
    cells += [
        f"{evaluate.expected_calibration_error(right, confidence):.3f}",
        f"{given.mean():.2f}",
        f"{1 - right[given].mean():.2f}",
        f"{rate:.0f}",
    ]
    print("| " + " | ".join(cells) + " |")


def by_trait(rows: Sequence[dict[str, str]], decided: Sequence[str]) -> None:
    print("\n| trait | items | right |\n|---|---|---|")
    for trait in sorted({row["trait"] for row in rows}):
        found = [row["label"] == label for row, label in zip(rows, decided, strict=True) if row["trait"] == trait]
        print(f"| {trait} | {len(found)} | {sum(found)} |")


if __name__ == "__main__":
    main()
