"""Groups that grow day by day, against the groups that people made and against those found at once.

    python benchmarks/themes_growth.py [--sets insurance_dev ...] [--write]

Prints the page in benchmarks/results/themes_growth.md; `--write` writes it there. Only development sets are run.
`--cache FOLDER` keeps vectors for the next time.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from support.append import Step, grown_in_steps
from support.page import measured_on, table
from support.scores import Scores, agreement, scores
from support.sets import DEVELOPMENT, LabelledSet, load_sets
from support.vectors import unit_vectors

from feedback_triage.cluster import cluster_vectors

RESULTS = Path(__file__).resolve().parent / "results" / "themes_growth.md"
SEEDS = (31, 32, 33)
STEP_RATIO = 0.05
SMALL_STEP = 0.1
_SEEDS = ", ".join(map(str, SEEDS))
WORDS = f"""\
Each set comes in steps of {STEP_RATIO:.0%} of its items, in {len(SEEDS)} random orders (seeds {_SEEDS}), and after each
step the clustering goes on from the one before, as the pipeline lets it. *At once* is the same set clustered from
nothing. *Most groups* is the largest number on the way. *Torn*, *joined* and *new* count groups that were torn off,
that went into another, and that hold no item of before, over all steps. *Lowest old ARI* compares the items that were
there before and after a step by which the set grew by {SMALL_STEP:.0%} or less, and is the lowest of all. The other
figures are means over the orders; the six parts of Mini-BAR are one row.
"""
COLUMNS = ("set", "items", "true K", "K grown", "K at once", "most groups", "ACC grown", "ACC at once", "ARI grown",
           "ARI at once", "torn", "joined", "new", "lowest old ARI")  # fmt: skip


@dataclass(frozen=True)
class Growth:
    """One set in one order."""

    grown: Scores
    at_once: Scores
    most_groups: int
    torn: int
    joined: int
    new: int
    lowest: float


def growth(each: LabelledSet, vectors: NDArray[np.float32], at_once: NDArray[np.int32], seed: int) -> Growth:
    """Let a set grow in one order and follow what becomes of its groups."""
    shares = np.linspace(STEP_RATIO, 1.0, round(1 / STEP_RATIO))
    steps = list(grown_in_steps(vectors, each.keys, shares, seed))
    kept_on = [step for step in steps if not step.is_laid_anew]
    events = np.array([_events(step) for step in kept_on]).reshape(-1, 3).sum(axis=0)
    small = [step for step in kept_on if len(step.rows) <= (1 + SMALL_STEP) * (step.before >= 0).sum()]
    return Growth(
        grown=scores(each, steps[-1].after.astype(np.int64)),
        at_once=scores(each, at_once.astype(np.int64)),
        most_groups=max(int(step.after.max(initial=-1)) + 1 for step in steps),
        torn=int(events[0]),
        joined=int(events[1]),
        new=int(events[2]),
        lowest=min((_old_agreement(step) for step in small), default=1.0),
    )


def _events(step: Step) -> tuple[int, int, int]:
    """Groups torn off, joined and new in a step."""
    shared = np.zeros((int(step.before.max(initial=-1)) + 1, int(step.after.max(initial=-1)) + 1), dtype=np.int64)
    is_old = (step.before >= 0) & (step.after >= 0)
    np.add.at(shared, (step.before[is_old], step.after[is_old]), 1)
    has_old, is_left = shared.any(axis=0), shared.any(axis=1)
    torn = int(has_old.sum()) - len(set(shared.argmax(axis=0)[has_old].tolist()))
    joined = int(is_left.sum()) - len(set(shared.argmax(axis=1)[is_left].tolist()))
    return torn, joined, int((~has_old).sum())


def _old_agreement(step: Step) -> float:
    is_old = step.before >= 0
    return agreement(step.before[is_old], step.after[is_old])


def row(name: str, sets: Sequence[LabelledSet], found: Sequence[Growth]) -> list[str]:
    """One row of the table."""

    def mean(values: Sequence[float], digits: int) -> str:
        return f"{float(np.mean(values)):.{digits}f}"

    true_k = sorted({len(set(each.truth.tolist())) for each in sets})
    return [
        name,
        str(len(sets[0].texts)) if len(sets) == 1 else f"{len(sets)} x {len(sets[0].texts)}",
        str(true_k[0]) if len(true_k) == 1 else f"{true_k[0]}-{true_k[-1]}",
        mean([each.grown.k for each in found], 0),
        mean([each.at_once.k for each in found], 0),
        mean([each.most_groups for each in found], 0),
        *(mean([getattr(s, key) for s in side], 3) for key in ("acc", "ari")
          for side in ([each.grown for each in found], [each.at_once for each in found])),
        *(mean([getattr(each, key) for each in found], 1) for key in ("torn", "joined", "new")),
        f"{min(each.lowest for each in found):.3f}",
    ]  # fmt: skip


def page(sets: Sequence[LabelledSet], cache: Path) -> str:
    """The whole page."""
    rows: list[list[str]] = []
    parts: list[tuple[LabelledSet, list[Growth]]] = []
    for each in sets:
        vectors = unit_vectors(each.texts, cache)
        at_once = cluster_vectors(vectors, each.keys).labels
        found = [growth(each, vectors, at_once, seed) for seed in SEEDS]
        if each.is_minibar:
            parts.append((each, found))
        else:
            rows.append(row(each.name, [each], found))
    if parts:
        rows.append(row("minibar", [each for each, _ in parts], [one for _, found in parts for one in found]))
    lines = ["# Themes that grow step by step", "", WORDS, measured_on(), "", *table(COLUMNS, rows)]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="+", default=list(DEVELOPMENT), choices=DEVELOPMENT)
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(RESULTS.parents[2])}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cache = options.cache or Path(scratch)
        cache.mkdir(parents=True, exist_ok=True)
        found = page(load_sets(options.data, options.sets), cache)
    print(found, end="")
    if options.write:
        RESULTS.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
