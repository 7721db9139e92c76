"""Which version did the customer really have? Top-1, log-loss and the 90 % set, against plain rules.

    python benchmarks/releases.py [--data ../shared/data] [--write]

Prints the page in benchmarks/results/releases.md; `--write` writes it there.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from support.adoption_histories import SHAPES, history
from support.page import measured_on, table

from feedback_triage.link import derive_releases, in_use, most_recent

RESULTS = Path(__file__).resolve().parent / "results" / "releases.md"
SETS = ("swiftkey_android", "nextcloud", "youtube_ios", "noaa_ios")
SEEDS = range(1_000, 1_004)
UNSEEN = 1e-4
SET_SHARE = 0.9
TWO_DAYS = 2 * 86_400_000_000

WORDS = """\
Items in time order; every second one carries its version, the others' is hidden and scored. Each set is run twice,
so that every item is hidden once; *both* counts all of them. An item whose version is none of the releases is not
scored. Releases: the given file, or for SwiftKey and NOAA each version with more than 50 reviews ("Unknown" is no
version), from the day it is first seen. One model with one setting answers for all sets. It was chosen on the made-up
histories below; the four sets were scored six times: twice with the model of before, once each with a first and
the final form, and twice more to write this page. The first form lost on SwiftKey (.931), and two of the made-up
shapes, with many items a day, were added because of that.

- *top-1*: the likeliest release of `in_use` is the one the customer had. *most recent*: the newest release by date.
  *2 days*: the most frequent version declared in the two days before. *won / lost*: items that ours has right and the
  most recent release wrong, and the reverse.
- *log-loss*, never more than {worst:.1f} an item. The plain rules are given fair probabilities: the most recent release
  the share in which it was right among the items declared before (one right and one wrong added), the rest spread
  evenly over the other releases that are out; the versions of two days their counts, with one item added for the
  last answer and one spread evenly.
- *90 % set*: the fewest releases whose probabilities reach .9. *holds*: how often the true one is in it; *says*: the
  sum of its probabilities, which an honest model meets. The last release of a set overshoots .9, and a set of one
  release cannot hold less than top-1, so *holds* is above .9 on sharp streams however good the probabilities are.
  *nearest*: the set whose sum comes nearest to .9 instead, how often it holds the true one / its size.
  *at .9*: how often the set would hold it if its last release were taken by lot, just often enough to say .9: near .9
  where probabilities are honest.
  On the four sets the smallest set holds more than .95 on three; no set with a release in it could hold less than
  top-1 on YouTube and NOAA.
- *same*: run on the first half of the items alone, with the releases of that time, the answers are the same.
"""
SIMULATED = """\
Made-up histories (`benchmarks/support/adoption_histories.py`), {n} draws each with seeds {first} to {last}, both
halves. The model was chosen on draws with seeds 0 to 3.
"""
HEAD = (
    *("data", "hidden", "scored", "top-1", "most recent", "2 days", "won / lost"),
    *("log-loss", "of most recent", "of 2 days", "holds", "says", "size", "nearest", "at .9", "same"),
)


@dataclass(frozen=True)
class Scored:
    """Answers to the hidden items of one run, one value an item; `is_same` of the whole run."""

    is_right: NDArray[np.bool_]
    recent_is_right: NDArray[np.bool_]
    frequent_is_right: NDArray[np.bool_]
    given: NDArray[np.float64]
    recent_given: NDArray[np.float64]
    frequent_given: NDArray[np.float64]
    is_held: NDArray[np.bool_]
    said: NDArray[np.float64]
    size: NDArray[np.float64]
    nearest_is_held: NDArray[np.bool_]
    nearest_size: NDArray[np.float64]
    held_by_lot: NDArray[np.float64]
    is_same: bool

    def cells(self) -> list[str]:
        """The figures from "scored" on."""
        won, lost = (self.is_right & ~self.recent_is_right).sum(), (~self.is_right & self.recent_is_right).sum()
        tops = (self.is_right, self.recent_is_right, self.frequent_is_right)
        losses = [-np.log(np.maximum(p, UNSEEN)) for p in (self.given, self.recent_given, self.frequent_given)]
        return [
            f"{len(self.is_right):,}",
            *(f"{each.mean():.4f}" for each in tops),
            f"{won} / {lost}",
            *(f"{each.mean():.3f}" for each in losses),
            *(f"{each.mean():.3f}" for each in (self.is_held, self.said, self.size)),
            f"{self.nearest_is_held.mean():.3f} / {self.nearest_size.mean():.3f}",
            f"{self.held_by_lot.mean():.3f}",
            "yes" if self.is_same else "NO",
        ]


def load(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the items (in time order, with the true version in `version`) and the releases of a data set."""
    is_issues = (folder / "issues_with_declared_version.csv").is_file()
    if is_issues:
        raw = pd.read_csv(folder / "issues_with_declared_version.csv", dtype=str)
        raw = raw.rename(columns={"created_at": "date", "declared": "version"})
    else:
        raw = pd.read_csv(folder / "reviews.csv", dtype=str)
    items = pd.DataFrame(
        {
            "written_at": pd.to_datetime(raw["date"], format="mixed", utc=True),
            "version": raw["version"],
            "text": "",
            "product": "",
            "platform": "",
        }
    ).sort_values("written_at", kind="stable", ignore_index=True)
    items["item_id"] = [f"{i:07d}" for i in range(len(items))]
    if (folder / "releases.csv").is_file():
        releases = pd.read_csv(folder / "releases.csv", dtype=str).rename(columns={"date": "released_at"})
        releases["released_at"] = pd.to_datetime(releases["released_at"], utc=True)
    else:
        derived = derive_releases(items.assign(app_version=items["version"]), min_items=50)
        releases = pd.DataFrame([(r.version, r.released_at) for r in derived], columns=["version", "released_at"])
    return items, releases.assign(release_id=releases["version"])


def micros(column: pd.Series) -> NDArray[np.int64]:
    return column.dt.as_unit("us").astype("int64").to_numpy()


def plain_rules(items: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
    """What the plain rules answer for each item from what was declared before it.

    Returns:
        A row an item: `recent` and `frequent` (versions), and the probabilities that the rules give the true one,
        `recent_given` and `frequent_given`.
    """
    times, released = micros(items["written_at"]), np.sort(micros(releases["released_at"]))
    known = set(releases["version"])
    declared = [version if version in known else None for version in items["app_version"]]
    recent = most_recent(items, releases).tolist()
    last, rows, n_declared, n_right, taken = None, [], 0, 0, 0
    for i, (now, truth) in enumerate(zip(times, items["version"], strict=True)):
        n_out = max(1, int(np.searchsorted(released, now, side="right")))
        start, stop = (int(place) for place in np.searchsorted(times, [now - TWO_DAYS, now]))
        while taken < stop:
            n_declared += declared[taken] is not None
            n_right += declared[taken] is not None and declared[taken] == recent[taken]
            taken += 1
        share = (n_right + 1) / (n_declared + 2)
        recent_given = share if recent[i] == truth else (1 - share) / max(1, n_out - 1)
        seen = [version for version in declared[start:stop] if version is not None]
        if seen:
            names, counts = np.unique(seen, return_counts=True)
            last = names[np.argmax(counts)]
        frequent_given = (seen.count(truth) + (last == truth) + 1 / n_out) / (len(seen) + 2)
        rows.append((recent[i], last, recent_given, frequent_given))
    return pd.DataFrame(rows, columns=["recent", "frequent", "recent_given", "frequent_given"])


def score(items: pd.DataFrame, releases: pd.DataFrame, hidden: int) -> Scored:
    """Score one stream; `hidden` is 1 when every second item is hidden, 0 for the others."""
    is_hidden = np.arange(len(items)) % 2 == hidden
    items = items.assign(app_version=items["version"].where(~is_hidden, ""))
    scored = is_hidden & items["version"].isin(set(releases["version"])).to_numpy()
    used = in_use(items, releases)
    cut = items["written_at"].iloc[len(items) // 2]
    early = items[items["written_at"] <= cut]
    again = in_use(early, releases[releases["released_at"] <= cut])
    is_same = again.equals(used[used["item_id"].isin(again["item_id"])].reset_index(drop=True))
    ids = items["item_id"][scored]
    used = used[used["item_id"].isin(set(ids))].copy()
    used["is_true"] = used["item_id"].map(dict(zip(ids, items["version"][scored], strict=True))) == used["release_id"]
    used["before"] = (used.groupby("item_id")["probability"].cumsum() - used["probability"]).round(9)
    sets = used[used["before"] < SET_SHARE]
    part = ((SET_SHARE - sets["before"]) / sets["probability"]).clip(upper=1.0)
    # A release more brings the sum nearer to .9 where at most half of it lies beyond.
    nearest = sets[(sets["before"] + sets["probability"] / 2 < SET_SHARE) | (sets["before"] == 0)].groupby("item_id")
    plain = plain_rules(items, releases)[scored]
    truth = items["version"][scored].to_numpy()
    by_item = sets.groupby("item_id")
    return Scored(
        is_right=used.drop_duplicates("item_id").set_index("item_id")["is_true"].reindex(ids).to_numpy(),
        recent_is_right=plain["recent"].to_numpy() == truth,
        frequent_is_right=plain["frequent"].to_numpy() == truth,
        given=used[used["is_true"]].set_index("item_id")["probability"].reindex(ids).fillna(0.0).to_numpy(),
        recent_given=plain["recent_given"].to_numpy(),
        frequent_given=plain["frequent_given"].to_numpy(),
        is_held=by_item["is_true"].any().reindex(ids).to_numpy(),
        said=by_item["probability"].sum().reindex(ids).to_numpy(),
        size=by_item.size().reindex(ids).to_numpy().astype(np.float64),
        nearest_is_held=nearest["is_true"].any().reindex(ids).to_numpy(),
        nearest_size=nearest.size().reindex(ids).to_numpy().astype(np.float64),
        held_by_lot=(sets["is_true"] * part).groupby(sets["item_id"]).sum().reindex(ids).to_numpy(),
        is_same=is_same,
    )


def together(runs: list[Scored]) -> Scored:
    """All items of several runs."""
    fields = [name for name in Scored.__dataclass_fields__ if name != "is_same"]
    joined = {name: np.concatenate([getattr(run, name) for run in runs]) for name in fields}
    return Scored(**joined, is_same=all(run.is_same for run in runs))


def page(data: Path) -> str:
    real, simulated = [], []
    for name in SETS:
        runs = [score(*load(data / name), hidden) for hidden in (1, 0)]
        for told, scored in zip(("second", "first", "**both**"), [*runs, together(runs)], strict=True):
            real.append([name, told, *scored.cells()])
    for name, shape in SHAPES.items():
        drawn = [history(shape, seed) for seed in SEEDS]
        simulated.append([name, *together([score(*each, hidden) for each in drawn for hidden in (1, 0)]).cells()])
    told = SIMULATED.format(n=len(SEEDS), first=SEEDS[0], last=SEEDS[-1])
    lines = [
        "# Releases: which version did the customer have?",
        "",
        "Made by `make bench-releases`.",
        measured_on(),
        "",
    ]
    lines += [WORDS.format(worst=-np.log(UNSEEN)), *table(HEAD, real), "", "## Simulated adoption", "", told]
    lines += table(("shape", *HEAD[2:]), simulated)
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(RESULTS.parents[2])}")
    options = parser.parse_args()
    found = page(options.data)
    print(found, end="")
    if options.write:
        RESULTS.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
