"""A classifier as a folder: weights without pickle, configuration, metrics, and a card made from them.

models/classifier/
  CURRENT                    name of the folder in use
  2026-11-22-1a2b3c4d/
    classifier.skops         the model; loads only the types named here
    config.json              encoder, labels, threshold, what it was trained on
    metrics.json             figures with intervals
    README.md                the card, rendered from the two
"""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import skops.io

from feedback_triage.errors import ModelError
from feedback_triage.label import FeedbackClassifier
from feedback_triage.taxonomy import SILENCE

_SCHEMA = "schema.json"
_TRUSTED_TYPES = [
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
]
"""Written by hand. Never take it from the file that is to be loaded: that would trust whatever is inside."""


def save_classifier(
    directory: Path,
    classifier: FeedbackClassifier,
    config: Mapping[str, Any],
    metrics: Mapping[str, Any],
    card: str,
) -> Path:
    """Write a classifier's folder under `directory`; the same classifier gives the same bytes.

    Returns:
        The folder.
    """
    folder = directory / classifier.version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "classifier.skops").write_bytes(_canonical(skops.io.dumps(classifier.model)))
    full = {
        **config,
        "version": classifier.version,
        "encoder_id": classifier.encoder_id,
        "labels": list(classifier.labels),
        "threshold": classifier.threshold,
    }
    for name, value in (("config.json", full), ("metrics.json", metrics)):
        (folder / name).write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", "utf-8")
    (folder / "README.md").write_text(card, "utf-8")
    return folder


def _canonical(archive: bytes) -> bytes:
    """Rewrite a skops archive so that it depends on the model alone.

    As skops writes it, an entry carries the time it was written, and objects are told apart by their addresses, which
    also name the members. Addresses become numbers in the order of their first appearance in the schema.
    """
    source, target = zipfile.ZipFile(io.BytesIO(archive)), io.BytesIO()
    schema = source.read(_SCHEMA).decode()
    found = re.findall(r'"__id__": (\d+)|"(\d+)\.npy"', schema)
    number = {old: str(new) for new, old in enumerate(dict.fromkeys(a or b for a, b in found), 1)}
    schema = re.sub(r'(?<="__id__": )\d+|(?<=")\d+(?=\.npy")', lambda match: number[match[0]], schema)
    contents = {
        re.sub(r"^\d+(?=\.npy$)", lambda match: number.get(match[0], match[0]), name): source.read(name)
        for name in source.namelist()
    } | {_SCHEMA: schema.encode()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, contents[name])
    return target.getvalue()


def use_classifier(directory: Path, version: str) -> None:
    """Make a version the one in use.

    Raises:
        ModelError: there is no such version.
    """
    if not (directory / version / "config.json").is_file():
        raise ModelError(
            f"{directory} has no classifier {version!r}; it has {', '.join(versions(directory)) or 'none'}"
        )
    (directory / "CURRENT").write_text(version + "\n", "utf-8")


def versions(directory: Path) -> list[str]:
    """Versions in a folder of classifiers, oldest first."""
    return sorted(path.parent.name for path in directory.glob("*/config.json"))


# What readers of zip, JSON and skops raise on bytes that are not what they should be.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)


def load_classifier(directory: Path, version: str = "") -> FeedbackClassifier:
    """Load a classifier, refusing any type that is not expected in it.

    Args:
        directory: folder of classifiers.
        version: "" for the one in use.

    Raises:
        ModelError: there is none, it is damaged, or it holds something unexpected.
    """
    try:
        name = version or (directory / "CURRENT").read_text("utf-8").strip()
        config = json.loads((directory / name / "config.json").read_text("utf-8"))
        content = (directory / name / "classifier.skops").read_bytes()
    except OSError:
        raise ModelError(f"{directory} has no classifier to load; run: make train") from None
    except (ValueError, RecursionError):
        raise ModelError(f"{directory} holds a damaged classifier; run: make train") from None
    try:
        unexpected = set(skops.io.get_untrusted_types(data=content)) - set(_TRUSTED_TYPES)
        if unexpected:
            raise ModelError(f"classifier {name} holds types that are not trusted: {', '.join(sorted(unexpected))}")
        model = skops.io.loads(content, trusted=_TRUSTED_TYPES)
        labels = tuple(config["labels"])
        if not isinstance(config["labels"], list) or not set(labels) - {SILENCE} <= set(model.classes_):
            # Silence may be left to the rules alone.
            raise ModelError(f"classifier {name} names labels that its model does not know; run: make train")
        return FeedbackClassifier(
            version=str(config["version"]),
            encoder_id=str(config["encoder_id"]),
            labels=labels,
            threshold=float(config["threshold"]),
            model=model,
        )
    except _DAMAGE:
        raise ModelError(f"classifier {name} in {directory} is damaged; run: make train") from None
