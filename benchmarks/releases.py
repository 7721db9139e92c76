"""Which version did the customer really have? Top-1, log-loss and the 90 % set, against plain rules.

    python benchmarks/releases.py [--data ../shared/data] [--hidden 1]

Items in time order; every second one carries its version, the others' is hidden and scored. Run on the
first half alone the answers must be the same, which is checked. Releases: the given file, or for
swiftkey_android and noaa_ios each version with more than 50 reviews ("Unknown" is no version), from the
day it is first seen.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from feedback_triage.link import derive_releases, in_use, most_recent

UNSEEN = 1e-4


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


def most_frequent_of_two_days(items: pd.DataFrame, declared: pd.Series) -> np.ndarray:
    """Give the version most items declared in the two days before each item (none: the last answer)."""
    times = items["written_at"].dt.as_unit("us").astype("int64").to_numpy()
    versions = declared.to_numpy()
    window = 2 * 86_400_000_000
    answers = np.full(len(items), None, dtype=object)
    last = None
    for i, now in enumerate(times):
        start, stop = np.searchsorted(times, now - window), np.searchsorted(times, now)
        seen = [version for version in versions[start:stop] if version]
        if seen:
            names, counts = np.unique(seen, return_counts=True)
            last = names[np.argmax(counts)]
        answers[i] = last
    return answers


def score(folder: Path, hidden: int) -> dict[str, object]:
    """Score one data set; `hidden` is 1 when every second item is hidden, 0 for the others."""
    items, releases = load(folder)
    is_hidden = np.arange(len(items)) % 2 == hidden
    items["app_version"] = items["version"].where(~is_hidden, "")
    scored = is_hidden & items["version"].isin(set(releases["version"])).to_numpy()
    truth = items["version"][scored].to_numpy()
    used = in_use(items, releases)
    first_half = items.iloc[: len(items) // 2]
    again = in_use(first_half, releases)
    is_causal = again.equals(used[used["item_id"].isin(again["item_id"])].reset_index(drop=True))
    used = used[used["item_id"].isin(items["item_id"][scored])].copy()
    used["truth"] = used["item_id"].map(dict(zip(items["item_id"][scored], truth, strict=True)))
    used["is_true"] = used["truth"] == used["release_id"]
    top = used.drop_duplicates("item_id")["is_true"].mean()
    given = used[used["is_true"]].set_index("item_id")["probability"].reindex(items["item_id"][scored])
    before = used.groupby("item_id")["probability"].cumsum() - used["probability"]
    likely = used[before < 0.9].groupby("item_id")["is_true"]
    recent = most_recent(items, releases).to_numpy()[scored]
    frequent = most_frequent_of_two_days(items, items["app_version"])[scored]
    return {
        "data": folder.name,
        "scored": int(scored.sum()),
        "top-1": top,
        "most recent": (recent == truth).mean(),
        "2 days": (frequent == truth).mean(),
        "log-loss": -np.log(given.fillna(UNSEEN)).mean(),
        "90 % set holds": likely.any().mean(),
        "its size": likely.size().mean(),
        "same on first half": is_causal,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--hidden", type=int, choices=(0, 1), default=1)
    args = parser.parse_args()
    names = ("swiftkey_android", "nextcloud", "youtube_ios", "noaa_ios")
    rows = [score(args.data / name, args.hidden) for name in names if (args.data / name).is_dir()]
    print(pd.DataFrame(rows).round(4).to_string(index=False))


if __name__ == "__main__":
    main()
