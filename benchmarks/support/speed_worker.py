"""One process that is timed: `python -m support.speed_worker METHOD FOLDER FITS STARTED`, started by `speed_runs`.

`STARTED` is when the process was started (seconds since 1970). It loads texts and vectors, notes its memory, fits
for the first time (imports and compilation included), and again in the same process. It reads its memory from
/proc, so it needs Linux.
"""

import json
import sys
import time
import warnings
from hashlib import sha256
from pathlib import Path

import numpy as np

from support.methods import BERTOPIC, WITH_NAMES


def main() -> None:
    method, folder, fits, started = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    if method == BERTOPIC:
        warnings.filterwarnings("ignore")  # of UMAP on missing TensorFlow, of HDBSCAN on syntax
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    vectors = np.load(folder / "vectors.npy")
    keys = [sha256(text.encode()).hexdigest() for text in texts]
    loaded = _memory("VmRSS")
    labels = WITH_NAMES[method](texts, vectors, keys)
    warm: list[float] = []
    told = {
        "cold_seconds": time.time() - started,
        "peak": _memory("VmHWM"),
        "above_loaded": _memory("VmHWM") - loaded,
        "groups": len(set(labels[labels >= 0].tolist())),
        "noise": float((labels < 0).mean()),
        "warm_seconds": warm,
    }
    for _ in range(fits - 1):
        again = time.perf_counter()
        WITH_NAMES[method](texts, vectors, keys)
        warm.append(time.perf_counter() - again)
    print(json.dumps(told))


def _memory(name: str) -> int:
    """Resident memory of this process in bytes: `VmRSS` now, `VmHWM` at most so far."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024


if __name__ == "__main__":
    main()
