"""Sets of texts that people put into groups, read from the data folder (../shared/data by default)."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

DEVELOPMENT = ("insurance_dev", "banking77_40", "banking77_15", "banking77_20_large", "minibar")
"""Sets that may be looked at while something is built; the three of Banking77 are parts of its training file."""

SCORE = ("banking", "banking77_test")
"""Sets for the score: look at them rarely, and choose nothing by them."""

MINIBAR_LEAST = 5
"""Items a true group needs to count in the NMI of Mini-BAR, the protocol of its authors."""


@dataclass(frozen=True)
class LabelledSet:
    """Texts and the group each belongs to.

    Attributes:
        name: as in the tables; the six parts of Mini-BAR begin with `minibar_`.
        texts: as they are in the file.
        truth: the true group of each text, shape (n,).
    """

    name: str
    texts: list[str]
    truth: NDArray[np.str_]

    @cached_property
    def keys(self) -> list[str]:
        """Text hash of each row."""
        return [hashlib.sha256(text.encode()).hexdigest() for text in self.texts]

    @property
    def is_minibar(self) -> bool:
        """Whether this is one of the six parts of Mini-BAR, which are reported as one mean."""
        return self.name.startswith("minibar_")

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Rows in true groups large enough for NMI: of five or more items in Mini-BAR, else all."""
        _, group, sizes = np.unique(self.truth, return_inverse=True, return_counts=True)
        large_enough: NDArray[np.bool_] = sizes[group] >= (MINIBAR_LEAST if self.is_minibar else 1)
        return large_enough


def load_sets(data: Path, wanted: Iterable[str]) -> list[LabelledSet]:
    """Read the sets that are wanted, in the order of the names above."""
    wanted = set(wanted)
    makers: dict[str, Callable[[str], list[LabelledSet]]] = {
        "insurance_dev": lambda name: [_dstc(data, name)],
        "banking77_40": lambda name: [_banking77(data, name, each=40)],
        "banking77_15": lambda name: [_banking77(data, name, each=15)],
        "banking77_20_large": lambda name: [_banking77(data, name, each=150, n_intents=20)],
        "minibar": lambda name: [_minibar(path) for path in sorted((data / name).glob("clusters_*.csv"))],
        "banking": lambda name: [_dstc(data, name)],
        "banking77_test": lambda name: [_of_frame(name, pd.read_csv(data / "banking77/test.csv"))],
    }
    return [found for name in (*DEVELOPMENT, *SCORE) if name in wanted for found in makers[name](name)]


def _dstc(data: Path, name: str) -> LabelledSet:
    rows = [json.loads(line) for line in (data / f"dstc11/{name}.jsonl").read_text("utf-8").splitlines()]
    return LabelledSet(name, [row["text"] for row in rows], np.array([row["truth"] for row in rows]))


def _banking77(data: Path, name: str, *, each: int, n_intents: int = 77, seed: int = 0) -> LabelledSet:
    """Draw up to `each` texts of some intents from the training file, the same ones every time."""
    frame = pd.read_csv(data / "banking77/train.csv").sample(frac=1, random_state=seed)
    intents = sorted(frame["category"].unique())
    kept = np.random.default_rng(seed).choice(intents, n_intents, replace=False)
    return _of_frame(name, frame[frame["category"].isin(kept)].groupby("category").head(each))


def _of_frame(name: str, frame: pd.DataFrame) -> LabelledSet:
    return LabelledSet(name, frame["text"].tolist(), frame["category"].to_numpy(dtype=np.str_))


def _minibar(path: Path) -> LabelledSet:
    frame = pd.read_csv(path)
    name = path.stem.replace("clusters", "minibar")
    return LabelledSet(
        name, frame["data"].astype(str).tolist(), frame["ground_truth"].astype(str).to_numpy(dtype=np.str_)
    )
