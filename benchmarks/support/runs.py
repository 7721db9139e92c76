"""Runs of a method in processes of their own, several sets to a process."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from support.methods import BERTOPIC, OURS, peer_versions
from support.sets import LabelledSet
from support.vectors import digest, unit_vectors

BENCHMARKS = Path(__file__).resolve().parents[1]
PEER_RUNS = 3


@dataclass(frozen=True)
class PeerRun:
    """One run of the peer on one set.

    Attributes:
        labels: of all rows.
        old_labels: of the old rows (`append.old_rows`), found without the last tenth.
    """

    labels: NDArray[np.int64]
    old_labels: NDArray[np.int64]


def environment(threads: int) -> dict[str, str]:
    """Environment of a process that asks nobody on the network; `threads` 0 leaves their number to each library."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    given = {name: str(threads) for name in names} if threads else {}
    return {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", **given}


def peer_runs(sets: Sequence[LabelledSet], cache: Path, threads: int) -> dict[str, list[PeerRun]]:
    """BERTopic's default, three runs on all rows and on the old ones; what lies in the folder is not run again."""
    found: dict[str, list[PeerRun]] = {each.name: [] for each in sets}
    vectors = {each.name: unit_vectors(each.texts, cache) for each in sets}
    for run in range(1, PEER_RUNS + 1):
        jobs, outs = [], {}
        for each in sets:
            for only_old in (False, True):
                out = peer_file(each, vectors[each.name], cache, run=run, only_old=only_old, threads=threads)
                outs[each.name, only_old] = out
                if not out.is_file():
                    jobs.append(_job(each, cache, out, only_old=only_old))
        if jobs:
            _start(BERTOPIC, jobs, cache, seed=run, shuffle=False, threads=threads)
        for each in sets:
            found[each.name].append(PeerRun(np.load(outs[each.name, False]), np.load(outs[each.name, True])))
    return found


def peer_file(
    each: LabelledSet, vectors: NDArray[np.float32], cache: Path, *, run: int, only_old: bool, threads: int
) -> Path:
    """Where a run of the peer is kept, named by all that it depends on."""
    of_vectors = sha256(vectors.tobytes()).hexdigest()
    name = digest(each.texts, of_vectors, peer_versions(), str(run), str(only_old), str(threads))
    return cache / f"{BERTOPIC}-{each.name}-{name}.npy"


def is_same_everywhere(sets: Sequence[LabelledSet], cache: Path) -> dict[str, bool]:
    """Whether ours gives each row the same label in two processes: rows in another order, one thread and two."""
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for run in (1, 2):
            outs = {each.name: Path(folder) / f"{run}-{each.name}.npy" for each in sets}
            jobs = [_job(each, cache, outs[each.name], only_old=False) for each in sets]
            _start(OURS, jobs, Path(folder), seed=run, shuffle=True, threads=run)
            found.append({name: np.load(out) for name, out in outs.items()})
    return {each.name: bool(np.array_equal(found[0][each.name], found[1][each.name])) for each in sets}


def _job(each: LabelledSet, cache: Path, out: Path, *, only_old: bool) -> dict[str, object]:
    """Write what the process reads, and say where."""
    name = digest(each.texts)
    texts, vectors = cache / f"texts-{name}.json", cache / f"unit-{name}.npy"
    if not texts.is_file():
        texts.write_text(json.dumps(each.texts), "utf-8")
    np.save(vectors, unit_vectors(each.texts, cache))
    return {"texts": str(texts), "vectors": str(vectors), "out": str(out), "only_old": only_old}


def _start(method: str, jobs: list[dict[str, object]], folder: Path, *, seed: int, shuffle: bool, threads: int) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=folder, encoding="utf-8") as file:
        json.dump({"method": method, "seed": seed, "shuffle": shuffle, "jobs": jobs}, file)
        file.flush()
        given = {**environment(threads), "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-m", "support.worker", file.name]
        subprocess.run(command, cwd=BENCHMARKS, env=given, check=True)  # noqa: S603 - our own module
