"""Time and memory of clustering with names, given vectors, against BERTopic's default.

    python benchmarks/themes_speed.py [--sizes 20000 100000] [--peer-sizes 20000] [--cache FOLDER] [--write]

Every run has a process of its own, the methods in turn, medians over rounds. Prints the page in
benchmarks/results/themes_speed.md; `--write` writes it there. `--cache` keeps the vectors for the next time.
"""

import argparse
import tempfile
from pathlib import Path

from support.methods import BERTOPIC, OURS, peer_versions
from support.page import measured_on, spread, table
from support.speed_runs import FIRST_EVER, Timed, rounds
from support.speed_texts import Filled, fill

RESULTS = Path(__file__).resolve().parent / "results" / "themes_speed.md"
WORDS = """\
Clustering with names, keyphrases and exemplars, the vectors given. *Cold* is from the start of a process to its first
result: imports, loading and compilation included. *Warm* is a second fit in the same process. *Peak* is the most
resident memory up to the first result, *above loaded* the same less what the process held once texts and vectors were
loaded. BERTopic is run as it comes. It compiles code when it first runs and keeps a part of it on disk: its first run
after installation begins with nothing kept, its other row finds what that run left. Medians (range) over rounds that
take the methods in turn; a ratio is of medians, the peer's by ours.
"""
COLUMNS = ("vectors", "method", "cold, s", "warm, s", "peak, MiB", "above loaded, MiB", "groups", "noise")
RATIOS = ("vectors", "peer", "cold", "warm", "peak", "above loaded")


def lines_of(size: int, method: str, timed: Timed) -> list[str]:
    """One row of the table of times."""
    name = f"**{method}**" if method == OURS else method
    memory = [spread([value / 2**20 for value in values], 0) for values in (timed.peak, timed.above_loaded)]
    warm = spread(timed.warm, 1) if timed.warm else ""
    return [f"{size:,}", name, spread(timed.cold, 1), warm, *memory, str(timed.groups), f"{timed.noise:.3f}"]


def ratios(size: int, found: dict[str, Timed]) -> list[list[str]]:
    """Rows of the table of ratios."""
    rows = []
    for method in (BERTOPIC, FIRST_EVER):
        if method in found:
            pairs = zip(found[method].middle, found[OURS].middle, strict=True)
            cells = [f"{theirs / ours:.1f}" if theirs and ours else "" for theirs, ours in pairs]
            rows.append([f"{size:,}", method, *cells])
    return rows


def page(sizes: dict[int, Filled], found: dict[int, dict[str, Timed]], notes: str) -> str:
    """The whole page."""
    times = [lines_of(size, method, timed) for size in sizes for method, timed in found[size].items()]
    against = [row for size in sizes for row in ratios(size, found[size])]
    lines = ["# Themes: time and memory", "", WORDS, notes, "", *table(COLUMNS, times), ""]
    if against:
        lines += ["How many times ours the peer took:", "", *table(RATIOS, against), ""]
    lines += ["What the vectors are of:", ""]
    lines += [f"- {size:,}: {filled.how}" for size, filled in sizes.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--peer-sizes", type=int, nargs="*", default=[20_000], help="sizes at which the peer runs too")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold-only", action="store_true", help="leave the second fit out")
    parser.add_argument("--threads", type=int, default=0, help="threads of every method (0: all cores)")
    parser.add_argument("--cache", type=Path, help="folder that keeps the vectors")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(RESULTS.parents[2])}")
    options = parser.parse_args()
    sizes: dict[int, Filled] = {}
    found: dict[int, dict[str, Timed]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        cache = options.cache or Path(scratch)
        cache.mkdir(parents=True, exist_ok=True)
        for size in options.sizes:
            sizes[size] = fill(options.data, size, cache)
            found[size] = rounds(
                sizes[size],
                n_rounds=options.rounds,
                with_peer=size in options.peer_sizes,
                cold_only=options.cold_only,
                threads=options.threads,
            )
    threads = f"{options.threads} thread(s) each" if options.threads else "all cores for each"
    peer = f" Peer: {peer_versions()}." if options.peer_sizes else ""
    text = page(sizes, found, f"{measured_on()}{peer} {threads.capitalize()}, {options.rounds} round(s).")
    print(text, end="")
    if options.write:
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
