"""One process that finds groups in several sets: `python -m support.worker JOBS.json`, started by `runs`.

Its jobs share one process because the compilation of a peer takes longer than its work. What a method draws at
random comes from NumPy's global generator, which is seeded before each job: BERTopic's default takes no seed, and
so stays as it is.
"""

import json
import sys
import warnings
from hashlib import sha256
from pathlib import Path

import numpy as np

from support.append import old_rows
from support.methods import BERTOPIC, GROUPS


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    if given["method"] == BERTOPIC:
        warnings.filterwarnings("ignore")  # of UMAP on missing TensorFlow and small sets, of HDBSCAN on syntax
    find = GROUPS[given["method"]]
    for number, job in enumerate(given["jobs"]):
        texts = json.loads(Path(job["texts"]).read_text("utf-8"))
        vectors = np.load(job["vectors"])
        rows = old_rows(len(texts)) if job["only_old"] else np.arange(len(texts))
        order = np.random.default_rng(given["seed"]).permutation(rows) if given["shuffle"] else rows
        chosen = [texts[row] for row in order]
        keys = [sha256(text.encode()).hexdigest() for text in chosen]
        np.random.seed(given["seed"] * 1_000 + number)  # noqa: NPY002 - the generator that UMAP's default reads
        labels = np.empty(len(texts), dtype=np.int64)
        labels[order] = find(chosen, vectors[order], keys)
        np.save(job["out"], labels[rows])


if __name__ == "__main__":
    main()
