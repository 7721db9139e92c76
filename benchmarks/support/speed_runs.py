"""Timed runs of the methods in turn, each in a process of its own."""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from support.methods import BERTOPIC, OURS
from support.runs import BENCHMARKS, environment
from support.speed_texts import Filled

FIRST_EVER = f"{BERTOPIC}, first run after installation"


@dataclass
class Timed:
    """What the runs of one method took: one entry a round.

    Attributes:
        cold: seconds from the start of the process to the first result: imports, compilation, loading included.
        warm: seconds of a second fit in the same process; empty where there was none.
        peak: most resident memory of the process up to the first result, bytes.
        above_loaded: the same less what the process held when texts and vectors were loaded.
        groups, noise: of the last run.
    """

    cold: list[float]
    warm: list[float]
    peak: list[int]
    above_loaded: list[int]
    groups: int = 0
    noise: float = 0.0

    def add(self, told: dict[str, Any]) -> None:
        """Take in what a process said."""
        self.cold.append(told["cold_seconds"])
        self.warm.extend(told["warm_seconds"])
        self.peak.append(told["peak"])
        self.above_loaded.append(told["above_loaded"])
        self.groups, self.noise = told["groups"], told["noise"]

    @property
    def middle(self) -> tuple[float, float, float, float]:
        """Medians of cold, warm (0 where there was none), peak, above loaded."""
        return median(self.cold), median(self.warm or [0.0]), median(self.peak), median(self.above_loaded)


def rounds(filled: Filled, *, n_rounds: int, with_peer: bool, cold_only: bool, threads: int) -> dict[str, Timed]:
    """Ours, and the peer with an empty and with a filled cache of compiled code, in turn."""
    found: dict[str, Timed] = {}
    fits = 1 if cold_only else 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "vectors.npy", filled.vectors)
        (folder / "texts.json").write_text(json.dumps(filled.texts), "utf-8")
        for number in range(n_rounds):
            # numba keeps what it compiled: a folder for each round is empty first and filled the second time.
            peer = [(FIRST_EVER, BERTOPIC, 1), (BERTOPIC, BERTOPIC, fits)] if with_peer else []
            for title, method, n_fits in [(OURS, OURS, fits), *peer]:
                given = {**environment(threads), "NUMBA_CACHE_DIR": str(folder / f"numba-{number}")}
                command = [sys.executable, "-m", "support.speed_worker", method, name, str(n_fits), str(time.time())]
                done = subprocess.run(command, cwd=BENCHMARKS, env=given, check=True, stdout=subprocess.PIPE)  # noqa: S603 - our own module
                found.setdefault(title, Timed([], [], [], [])).add(json.loads(done.stdout.splitlines()[-1]))
    return found
