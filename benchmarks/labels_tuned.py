"""Measures a candidate that is not in use yet, the encoder tuned on the gold items, beside `benchmarks/labels.py`.

Trains for about eight minutes on two cores. Its probabilities are not calibrated here, so it labels by the likeliest
class. Reads `labels/reviews_dev.csv` and `labels/hard_dev.jsonl` from the data folder.
"""

import argparse
import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from feedback_triage import evaluate
from feedback_triage.content_free import is_content_free
from feedback_triage.embed import load_encoder
from feedback_triage.ingest import normalise_text
from feedback_triage.label import model_classes
from feedback_triage.settings import Settings
from feedback_triage.taxonomy import LABELS, SILENCE
from feedback_triage.training import read_gold
from feedback_triage.tuned import TunedModel
from feedback_triage.tuning import Recipe, tune


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--runs", type=int, default=Recipe().runs)
    options = parser.parse_args()
    settings = Settings.from_environ(os.environ)
    gold = read_gold(settings.models_dir / "gold" / "labels.csv")
    gold = gold[[not is_content_free(text) for text in gold["text"]]]
    recipe = replace(Recipe(), epochs=options.epochs, runs=options.runs)
    folder = load_encoder(settings.models_dir).folder
    model = tune(list(gold["text"]), list(gold["label"]), model_classes(LABELS), folder, recipe)
    print("| set | items | macro-F1 | " + " | ".join(model_classes(LABELS)) + " |")
    print("|---" * 8 + "|")
    labels = options.data / "labels"
    with (labels / "reviews_dev.csv").open(encoding="utf-8", newline="") as file:
        score("reviews_dev", list(csv.DictReader(file)), model)
    hard = [json.loads(line) for line in (labels / "hard_dev.jsonl").read_text("utf-8").splitlines()]
    score("hard_dev", hard, model)


def score(name: str, rows: list[dict[str, str]], model: TunedModel) -> None:
    texts = [normalise_text("", row["text"]) for row in rows]
    likeliest = np.array(model.classes_, dtype=object)[model.predict_proba(texts).argmax(axis=1)]
    decided = [SILENCE if is_content_free(text) else label for text, label in zip(texts, likeliest, strict=True)]
    truth = [row["label"] for row in rows]
    macro = evaluate.macro_f1(truth, decided, model_classes(LABELS))
    cells = [name, str(len(rows)), f"{macro.value:.3f} ({macro.lower:.3f}-{macro.upper:.3f})"]
    cells += [f"{evaluate.label_f1(truth, decided, label).value:.2f}" for label in model_classes(LABELS)]
    print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
