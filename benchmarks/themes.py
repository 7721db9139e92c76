"""Groups found without being told how many, against the groups that people made and against a peer.

    python benchmarks/themes.py [--sets insurance_dev ... | all] [--peers bertopic] [--write]

Prints the page in benchmarks/results/themes.md; `--write` writes it there. The development sets are run by default;
`banking` and `banking77_test` are for the score: look at them rarely. `--cache FOLDER` keeps vectors and the peer's
groups for the next time; without it everything is made anew. `--only-peers` leaves ours out.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from support.append import append_stability, grown, old_rows
from support.methods import BERTOPIC, OURS, ours, peer_versions
from support.page import measured_on, spread, table
from support.published import published
from support.runs import PEER_RUNS, PeerRun, is_same_everywhere, peer_runs
from support.scores import Scores, agreement, mean_scores, scores
from support.sets import DEVELOPMENT, SCORE, LabelledSet, load_sets
from support.vectors import unit_vectors

RESULTS = Path(__file__).resolve().parent / "results" / "themes.md"
WORDS = f"""\
The number of groups is never given, and every set is run with one and the same default. Noise counts as groups of one.
NMI, ARI and ACC (groups matched one to one, Hungarian) are against the groups that people made; NMI of Mini-BAR counts
the items in true groups of five or more, the protocol of its authors, and its row is the mean over three apps x problem
and feature. *Append ARI* clusters nine tenths of the items, then all, and compares the old ones. *Same theme* is the
share of old items whose theme id is the same afterwards, *ids kept* the share of theme ids that go on; BERTopic has no
such ids and starts from nothing each time, as ours does in *from nothing*. *ACC grown* is ours after the set came in
nine steps, each going on from the one before. *Two runs* is whether two processes give every row the same group: ours
with the rows in another order and another number of threads; BERTopic with the same rows in the same order, as ARI
between its runs. BERTopic is run as it comes (`BERTopic().fit_transform(texts, embeddings)`) on the same vectors,
{PEER_RUNS} times, since its default takes no seed: median (range).
"""
COLUMNS = ("set", "items", "true K", "method", "K", "NMI", "ARI", "ACC", "noise", "ACC grown", "append ARI",
           "from nothing", "same theme", "ids kept", "two runs")  # fmt: skip
PARTS = ("set", "items (in groups of 5)", "method", "K", "NMI, 5+", "ARI, 5+", "ACC, 5+", "ARI", "ACC", "noise")


@dataclass(frozen=True)
class Found:
    """What one method did on one set: one entry a run in each list.

    Attributes:
        scores: against the truth.
        acc_grown: ACC after the set came in steps; empty for a method that cannot go on.
        append: ARI of the old items; empty for a method that cannot go on.
        from_nothing: the same when each clustering starts from nothing.
        same_theme, ids_kept: of theme ids; empty for a method that has none.
        two_runs: in words or as a number.
    """

    scores: list[Scores]
    acc_grown: list[float]
    append: list[float]
    from_nothing: list[float]
    same_theme: list[float]
    ids_kept: list[float]
    two_runs: list[float]


def our_result(each: LabelledSet, cache: Path, *, is_same: bool) -> Found:
    vectors = unit_vectors(each.texts, cache)
    found = scores(each, ours(each.texts, vectors, each.keys))
    kept = append_stability(vectors, each.keys)
    return Found(
        scores=[found],
        acc_grown=[scores(each, grown(vectors, each.keys).astype("int64")).acc],
        append=[kept.ari],
        from_nothing=[kept.ari_from_nothing],
        same_theme=[kept.same_theme_ratio],
        ids_kept=[kept.ids_kept_ratio],
        two_runs=[float(is_same)],
    )


def peer_result(each: LabelledSet, runs: Sequence[PeerRun]) -> Found:
    old = old_rows(len(each.texts))
    return Found(
        scores=[scores(each, run.labels) for run in runs],
        acc_grown=[],
        append=[],
        from_nothing=[agreement(run.old_labels, run.labels[old]) for run in runs],
        same_theme=[],
        ids_kept=[],
        two_runs=[agreement(one.labels, other.labels) for one, other in combinations(runs, 2)],
    )


def mean_found(parts: Sequence[Found]) -> Found:
    """One row for the parts of Mini-BAR: the mean over the parts, run by run."""

    def means(columns: Sequence[Sequence[float]]) -> list[float]:
        return [sum(values) / len(values) for values in zip(*columns, strict=True)]

    return Found(
        scores=[mean_scores(run) for run in zip(*(part.scores for part in parts), strict=True)],
        acc_grown=means([part.acc_grown for part in parts]),
        append=means([part.append for part in parts]),
        from_nothing=means([part.from_nothing for part in parts]),
        same_theme=means([part.same_theme for part in parts]),
        ids_kept=means([part.ids_kept for part in parts]),
        two_runs=means([part.two_runs for part in parts]),
    )


def line(name: str, n_items: str, true_k: str, method: str, found: Found) -> list[str]:
    """One row of the large table."""
    judged = [
        spread([run.k for run in found.scores], 0),
        *(spread([getattr(run, score) for run in found.scores]) for score in ("nmi", "ari", "acc", "noise")),
        *(
            spread(values) if values else ""
            for values in (found.acc_grown, found.append, found.from_nothing, found.same_theme, found.ids_kept)
        ),
    ]
    same = ("same" if min(found.two_runs) == 1 else "DIFFERENT") if method == OURS else spread(found.two_runs)
    return [name, n_items, true_k, f"**{method}**" if method == OURS else method, *judged, same]


def part_line(each: LabelledSet, method: str, found: Found) -> list[str]:
    """One row of the table of the parts of Mini-BAR."""
    columns = ("nmi", "ari_judged", "acc_judged", "ari", "acc", "noise")
    cells = [spread([getattr(run, score) for run in found.scores]) for score in columns]
    k = spread([run.k for run in found.scores], 0)
    return [each.name, f"{len(each.texts)} ({int(each.judged.sum())})", method, k, *cells]


def page(sets: Sequence[LabelledSet], results: dict[str, dict[str, Found]], notes: str) -> str:
    """The whole page, for the methods and sets that were run."""
    rows: dict[bool, list[list[str]]] = {False: [], True: []}
    parts = [each for each in sets if each.is_minibar]
    for each in sets:
        if not each.is_minibar:
            for method, found in results[each.name].items():
                counts = str(len(each.texts)), str(len(set(each.truth)))
                rows[each.name in SCORE].append(line(each.name, *counts, method, found))
    for method in results[parts[0].name] if parts else ():
        mean = mean_found([results[each.name][method] for each in parts])
        true_k = sorted(len(set(part.truth)) for part in parts)
        counts = f"{len(parts)} x {len(parts[0].texts)}", f"{true_k[0]}-{true_k[-1]}"
        rows[False].append(line("minibar", *counts, method, mean))
    lines = ["# Themes: groups found without being told how many", "", WORDS, notes]
    for is_score, title in ((False, "Development sets"), (True, "Sets for the score")):
        if rows[is_score]:
            lines += ["", f"## {title}", "", *table(COLUMNS, rows[is_score])]
    lines += ["", "## Published figures, cited and not run", ""]
    lines += table(("set", "method", "NMI", "ARI", "ACC"), published())
    if parts:
        cells = [part_line(each, method, found) for each in parts for method, found in results[each.name].items()]
        lines += ["", "## Mini-BAR, part by part", "", *table(PARTS, cells)]
    return "\n".join(lines) + "\n"


def measure(sets: Sequence[LabelledSet], cache: Path, options: argparse.Namespace) -> str:
    results: dict[str, dict[str, Found]] = {each.name: {} for each in sets}
    notes = [measured_on()]
    if not options.only_peers:
        is_same = is_same_everywhere(sets, cache)
        for each in sets:
            results[each.name][OURS] = our_result(each, cache, is_same=is_same[each.name])
    if options.peers:
        threads = f"{options.threads} thread(s)" if options.threads else "all cores"
        notes.append(f"Peer: {peer_versions()}; {threads}.")
        runs = peer_runs(sets, cache, options.threads)
        for each in sets:
            results[each.name][BERTOPIC] = peer_result(each, runs[each.name])
    return page(sets, results, " ".join(notes))


def main() -> None:
    known = (*DEVELOPMENT, *SCORE)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="+", default=list(DEVELOPMENT), choices=[*known, "all"])
    parser.add_argument("--peers", nargs="*", default=[], choices=["bertopic"])
    parser.add_argument("--only-peers", action="store_true", help="leave ours out")
    parser.add_argument("--cache", type=Path, help="folder that keeps vectors and the peer's groups")
    parser.add_argument("--threads", type=int, default=0, help="threads of the peer (0: all cores)")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(RESULTS.parents[2])}")
    options = parser.parse_args()
    if options.only_peers and not options.peers:
        parser.error("--only-peers needs --peers")
    sets = load_sets(options.data, known if "all" in options.sets else options.sets)
    with tempfile.TemporaryDirectory() as scratch:
        cache = options.cache or Path(scratch)
        cache.mkdir(parents=True, exist_ok=True)
        found = measure(sets, cache, options)
    print(found, end="")
    if options.write:
        RESULTS.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
