"""Gold items: what a classifier is trained on, and the tenth of it that is only for judging."""

import hashlib
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.errors import MissingColumnError, MissingFileError, NoUsableRowError, UnreadableFileError
from feedback_triage.ingest import normalise_text
from feedback_triage.label import model_classes
from feedback_triage.taxonomy import LABELS

GOLD_COLUMNS = ("id", "text", "label", "annotator")
LEAST_ITEMS = 10
"""Items of each class without which training would be guesswork."""

_HELD_OUT_OF_GOLD = 0.1


def read_gold(path: Path, team_labels: Collection[str] = ()) -> pd.DataFrame:
    """Read gold items, unclear ones left out.

    Args:
        path: CSV file.
        team_labels: labels that a team added to the built-in ones.

    Returns:
        id, text (cleaned), label, annotator, whatever else the file has, and is_held_out.

    Raises:
        MissingFileError: there is no such file.
        MissingColumnError: it lacks a column.
        NoUsableRowError: an id is used twice, a label is unknown, or there are too few items of one to train on.
    """
    try:
        # An item's text may be "n/a" or "null": nothing may be read as missing.
        gold = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8", index_col=False)
    except OSError:
        raise MissingFileError(f"{path} cannot be read; gold items are expected there") from None
    except ValueError:  # all that pandas says of an empty, torn or wrongly encoded file
        raise UnreadableFileError(f"{path} is not a CSV file in UTF-8 with a header; write it anew") from None
    missing = [name for name in GOLD_COLUMNS if name not in gold.columns]
    if missing:
        raise MissingColumnError(f"{path} lacks the column {missing[0]!r}")
    if gold["id"].duplicated().any():
        raise NoUsableRowError(f"{path} uses the id {gold.loc[gold['id'].duplicated(), 'id'].iloc[0]!r} twice")
    gold = gold[gold["label"] != "unclear"].reset_index(drop=True)
    known = (*model_classes(LABELS), *team_labels)
    unknown = sorted(set(gold["label"]) - set(known))
    if unknown:
        raise NoUsableRowError(f"{path} has the unknown label {unknown[0]!r}; known are {', '.join(known)}")
    gold = gold.assign(text=[normalise_text("", text) for text in gold["text"]])
    gold["is_held_out"] = is_held_out(list(gold["text"]), _HELD_OUT_OF_GOLD)
    counts = gold.loc[~gold["is_held_out"], "label"].value_counts()
    scarce = [name for name in model_classes(LABELS) if counts.get(name, 0) < LEAST_ITEMS]
    if scarce:
        raise NoUsableRowError(
            f"{path} has too few items labelled {scarce[0]!r}: at least {LEAST_ITEMS} are needed besides the tenth of "
            "all that is held out; write some more"
        )
    return gold


def text_keys(texts: Sequence[str]) -> list[str]:
    """What texts have in common that differ only in case, spaces and punctuation; such texts stay together."""
    return [
        "".join(c for c in text.casefold() if c.isalnum())
        or "".join(c for c in text if unicodedata.category(c)[0] not in "PZC")
        or text
        for text in texts
    ]


def is_held_out(texts: Sequence[str], share: float, salt: str = "") -> NDArray[np.bool_]:
    """Which texts are kept for judging: a share of them, the same ones whatever else is there.

    Args:
        texts: cleaned texts.
        share: 0..1.
        salt: another one draws other texts.
    """
    digests = [hashlib.sha256((salt + key).encode("utf-8", "surrogatepass")).digest() for key in text_keys(texts)]
    return np.array([int.from_bytes(digest[:4]) / 2**32 < share for digest in digests], dtype=bool)


def joined(gold: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """Gold items and corrections as one; texts alike are all held out if one of them is."""
    found = pd.concat([gold, corrections], ignore_index=True) if len(corrections) else gold.copy()
    keys = np.array(text_keys(list(found["text"])), dtype=object)
    held_out = set(keys[found["is_held_out"].to_numpy(bool)])
    return found.assign(is_held_out=[key in held_out for key in keys])
