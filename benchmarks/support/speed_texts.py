"""Texts for the measurements of speed: real reviews, then pieces of them, then made-up neighbours of their vectors."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from support.vectors import unit_vectors

STREAMS = ("youtube_ios", "noaa_ios", "swiftkey_android")

NEIGHBOUR_COSINE = 0.9
"""Cosine of a made-up vector with the real one it was made from: a paraphrase, not a near duplicate."""

_PIECE_WORDS = 4
"""Words a piece of a review needs."""

_CHUNK = 5_000


@dataclass(frozen=True)
class Filled:
    """As many texts with vectors as were asked for.

    Attributes:
        texts: all different.
        vectors: unit vectors, (n, dim).
        how: what they are, in words.
    """

    texts: list[str]
    vectors: NDArray[np.float32]
    how: str


def fill(data: Path, size: int, cache: Path) -> Filled:
    """Give `size` texts: a draw of the distinct reviews; where there are too few, pieces of reviews beside all of
    them; where these are too few as well, made-up vectors beside those.
    """
    reviews = _shuffled(_reviews(data))
    if size <= len(reviews):
        return Filled(reviews[:size], _encoded(reviews[:size], cache), f"a draw of {len(reviews):,} distinct reviews")
    pieces = _shuffled({piece for review in reviews for piece in _pieces(review)} - set(reviews))
    real = [*reviews, *pieces][:size]
    how = f"{len(reviews):,} distinct reviews and {len(real) - len(reviews):,} sentences or clauses from them"
    vectors = _encoded(real, cache)
    if size == len(real):
        return Filled(real, vectors, how)
    n_made = size - len(real)
    made = [f"{real[row % len(real)]} {row}" for row in range(n_made)]
    how += f", and {n_made:,} made-up vectors at cosine {NEIGHBOUR_COSINE} from these"
    return Filled([*real, *made], np.vstack([vectors, _neighbours(vectors, n_made)]), how)


def _encoded(texts: Sequence[str], cache: Path) -> NDArray[np.float32]:
    """Vectors, kept chunk by chunk: a larger size begins with the texts of a smaller one."""
    chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    return np.vstack([unit_vectors(chunk, cache) for chunk in chunks])


def _reviews(data: Path) -> set[str]:
    frames = [pd.read_csv(data / name / "reviews.csv", usecols=["text"], dtype=str) for name in STREAMS]
    return {text.strip() for frame in frames for text in frame["text"].dropna() if text.strip()}


def _pieces(review: str) -> list[str]:
    """Sentences of a review, and what stands between their commas."""
    sentences = re.split(r"(?<=[.!?])\s+", review)
    found = [piece.strip() for sentence in sentences for piece in (sentence, *sentence.split(","))]
    return [piece for piece in found if len(piece.split()) >= _PIECE_WORDS]


def _shuffled(texts: set[str]) -> list[str]:
    """A random order that is the same everywhere."""
    return sorted(texts, key=lambda text: sha256(text.encode()).digest())


def _neighbours(vectors: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """Random unit vectors, each at the given cosine from a real one in turn."""
    rng = np.random.default_rng(0)
    found = np.empty((n, vectors.shape[1]), dtype=np.float32)
    for start in range(0, n, 50_000):
        rows = np.arange(start, min(start + 50_000, n)) % len(vectors)
        real = vectors[rows]
        noise = rng.standard_normal(real.shape, dtype=np.float32)
        noise -= (noise * real).sum(axis=1, keepdims=True) * real
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        found[start : start + len(rows)] = NEIGHBOUR_COSINE * real + np.sqrt(1 - NEIGHBOUR_COSINE**2) * noise
    return found
