"""A models folder that trains in seconds: the shipped encoder, and the first gold items of each label."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support.gold_items import MODELS

GoldItem = dict[str, str]


def shipped_gold() -> list[GoldItem]:
    """Every shipped gold item that is clear, in the order of the file."""
    with (MODELS / "gold" / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["label"] != "unclear"]


def first_gold(per_label: int, skip: int = 0) -> list[GoldItem]:
    """The first items of each label that say something in English, after `skip` of them."""
    seen: Counter[str] = Counter()
    found = []
    for row in shipped_gold():
        if row["text"].strip() and row.get("language", "en") == "en":
            seen[row["label"]] += 1
            if skip < seen[row["label"]] <= skip + per_label:
                found.append(row)
    return found


def write_gold(path: Path, items: Iterable[Mapping[str, str]]) -> Path:
    """Write gold items as a file that `train` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "text", "label", "annotator"], extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(items)
    return path


def make_models(folder: Path, per_label: int) -> Path:
    """Make a models folder without a classifier."""
    write_gold(folder / "gold" / "labels.csv", first_gold(per_label))
    (folder / "encoder.toml").write_bytes((MODELS / "encoder.toml").read_bytes())
    return folder
