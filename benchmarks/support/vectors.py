"""Vectors of texts, encoded once and kept in a scratch folder."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from feedback_triage.embed import as_unit, load_encoder
from feedback_triage.settings import Settings


def digest(texts: Sequence[str], *more: str) -> str:
    """Name of what was made from these texts: the same texts in the same order give the same name."""
    found = hashlib.sha256()
    for text in (*texts, "", *more):
        found.update(hashlib.sha256(text.encode()).digest())
    return found.hexdigest()[:16]


def unit_vectors(texts: Sequence[str], cache: Path) -> NDArray[np.float32]:
    """Vectors of the encoder in use, (n, dim); read from the folder where they were made before."""
    encoder = load_encoder(Settings.from_environ(os.environ).models_dir)
    path = cache / f"vectors-{digest(texts, encoder.encoder_id)}.npy"
    if not path.is_file():
        made = encoder.encode(texts)
        part = path.with_suffix(".part.npy")
        np.save(part, made)
        part.replace(path)
    return as_unit(np.load(path))
