"""Fix receipts on simulated histories with known truth: how often each status is said, and how often "held" is wrong.

    python benchmarks/receipts.py [--worlds 10] [--seed 1000] [--write]

Prints the page in benchmarks/results/receipts.md; `--write` writes it there. Seeds below 1000 were for development.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from support.page import measured_on, table

from feedback_triage.domain import FixReceipt
from feedback_triage.receipts import fix_receipts

RESULTS = Path(__file__).resolve().parent / "results" / "receipts.md"
START = pd.Timestamp("2026-01-05", tz="UTC")
FIX_DAY, END_DAY = 56, 86
DAYS = (2, 4, 7, 14, 28)
N_THEMES = 30
CLEAR = 9.0
STATUSES = ("held", "moved", "failed", "not_enough_traffic")
Floats = NDArray[np.float64]

WORDS = """\
Each world has {themes} themes over {weeks} weeks before a fix: .3 to 8 reports a day (log-uniform), begun 2 to 49 days
before it (log-uniform) over a tenth as many from before, a season by hour and weekday, ups and downs of single days
(gamma, dispersion 0, .3 or .8), and a level that wanders; and 40 items a day about other things. Two sources. For each
situation {worlds} worlds, seeds {seed} to {last}; the tables give the share of themes with each status, some days after
the fix, and in brackets the share among those with an expectation of nine reports or more.

| situation | what the reports do from the fix on |
|---|---|
| holds | down to 2 %, the rest gone within some hours |
| half-holds | down to half |
| nothing changed | go on |
| moved | down to 5 %, and a theme near it rises by what is missing |
| slow adoption, holds | an app; two in three reports declare a version; half of the customers update in 4 days |
| slow adoption, nothing changed | the same, and the fix does nothing |
| was fading, nothing changed | had been halving every 4 to 12 days since they began, and go on to |
| a spike before the fix, nothing changed | ten times as many for a day or two before the fix, over by itself |
| ended by chance | stop at the fix for another reason: nothing tells this from a fix |
| the feed died | the only source dies within two days of a fix that does nothing |

What should be said: held in the first and fifth, failed in the second, third and sixth, moved in the fourth. "held" or
"moved" anywhere else is false. In the row "ended by chance" every "held" is false, and no method can know it: it has
the same reports as the first.
"""
INTERVALS = """\
Share of themes with as many reports as the 95 % interval says would have come without the fix, and in brackets the
shares with fewer and with more. A theme that began just before the fix has too few reports to tell that it did.
"""


@dataclass(frozen=True)
class Situation:
    """What happens from the fix on.

    Attributes:
        left: share of the rate that is left.
        is_moving: a neighbour takes the rest.
        is_app: customers update slowly and declare versions.
        fading: the rate had been halving since the reports began.
        is_spike: an outburst came before the fix.
        feed_dies: of the one source that there is.
    """

    left: float
    is_moving: bool = False
    is_app: bool = False
    fading: bool = False
    is_spike: bool = False
    feed_dies: bool = False


SITUATIONS = {
    "holds": Situation(0.02),
    "half-holds": Situation(0.5),
    "nothing changed": Situation(1.0),
    "moved": Situation(0.05, is_moving=True),
    "slow adoption, holds": Situation(0.02, is_app=True),
    "slow adoption, nothing changed": Situation(1.0, is_app=True),
    "was fading, nothing changed": Situation(1.0, fading=True),
    "a spike before the fix, nothing changed": Situation(1.0, is_spike=True),
    "ended by chance": Situation(0.02),
    "the feed died": Situation(1.0, feed_dies=True),
}
UNFIXED = [name for name, situation in SITUATIONS.items() if situation.left == 1.0 and not situation.feed_dies]


@dataclass(frozen=True)
class World:
    """Items, releases, fixes and neighbours, as `fix_receipts` takes them."""

    items: pd.DataFrame
    releases: pd.DataFrame
    fixes: pd.DataFrame
    neighbours: pd.DataFrame


def simulate(situation: Situation, rng: np.random.Generator) -> World:
    hours = np.arange(END_DAY * 24)
    fixed = FIX_DAY * 24 + int(rng.integers(8, 18))
    season = np.where(hours // 24 % 7 >= 5, 0.6, 1.16) * (1 + 0.7 * np.sin((hours % 24 - 8) / 24 * 2 * np.pi))
    parts = []
    for number in range(N_THEMES):
        a_day = float(np.exp(rng.uniform(np.log(0.3), np.log(8.0))))
        own = a_day / 24 * season * _wander(rng, len(hours))
        own = own * _begun(situation, rng, hours, fixed)
        stays, goes = own.copy(), np.zeros(len(hours))
        with_fix = _with_fix(situation, hours, fixed)
        stays[fixed:] *= 1 - with_fix[fixed:] * (1 - situation.left)
        goes[fixed:] = own[fixed:] - stays[fixed:]
        near = a_day / 72 * season * _wander(rng, len(hours)) + (goes if situation.is_moving else 0.0)
        parts.append(_items(rng, stays, f"t{number:02d}", situation, with_fix))
        parts.append(_items(rng, near, f"n{number:02d}", situation, with_fix))
    other = np.full(len(hours), 40 / 24) * season
    parts.append(_items(rng, other, "other", Situation(1.0), np.zeros(len(hours))).assign(theme_id=None))
    items = pd.concat(parts, ignore_index=True)
    items["item_id"] = [f"i{i}" for i in range(len(items))]
    if situation.feed_dies:
        items["source"] = "mail"
        items = items[items["written_at"] < START + pd.Timedelta(hours=fixed + float(rng.uniform(0, 48)))]
    themes = [f"t{number:02d}" for number in range(N_THEMES)]
    platform = "ios" if situation.is_app else "web"
    items["platform"] = platform
    at = [START - pd.Timedelta(days=1), START + pd.Timedelta(hours=fixed)]
    releases = pd.DataFrame({"release_id": ["1.0", "1.1"], "version": ["1.0", "1.1"], "released_at": at})
    releases["platform"] = platform
    fixes = pd.DataFrame({"theme_id": themes, "release_id": "1.1", "settled_by": ""})
    neighbours = pd.DataFrame(
        {"theme_id": themes, "neighbour_theme_id": [f"n{theme[1:]}" for theme in themes], "cosine": 0.7}
    )
    return World(items.reset_index(drop=True), releases, fixes, neighbours)


def _wander(rng: np.random.Generator, n_hours: int) -> Floats:
    """Ups and downs of single days, and a level that drifts but does not run away."""
    n_days = n_hours // 24 + 1
    dispersion = float(rng.choice([0.0, 0.3, 0.8]))
    days = rng.gamma(1 / dispersion, dispersion, n_days) if dispersion else np.ones(n_days)
    log_level = np.zeros(n_days)
    for day in range(1, n_days):
        log_level[day] = 0.95 * log_level[day - 1] + rng.normal(0, 0.05)
    return np.asarray((days * np.exp(log_level))[np.arange(n_hours) // 24])


def _begun(situation: Situation, rng: np.random.Generator, hours: NDArray[np.int64], fixed: int) -> Floats:
    age = float(np.exp(rng.uniform(np.log(2 * 24), np.log(49 * 24))))
    shape = np.where(hours >= fixed - age, 1.0, 0.1)
    if situation.fading:
        half_life = float(rng.uniform(4 * 24, 12 * 24))
        age = max(age, 7 * 24.0)
        shape = np.where(hours >= fixed - age, 2.0 ** (-(hours - fixed + age) / half_life), 0.02)
        # As many in all as where nothing fades: fewer would only be told as too few.
        shape = shape * age / max(float(shape[hours < fixed].sum()), 1e-9)
    if situation.is_spike:
        length = int(rng.integers(20, 48))
        shape = np.ones(len(hours)) * 0.2
        shape[fixed - length : fixed] *= 10
    return np.asarray(shape, dtype=np.float64)


def _with_fix(situation: Situation, hours: NDArray[np.int64], fixed: int) -> Floats:
    since = np.maximum(hours - fixed, 0)
    half_life = 4 * 24.0 if situation.is_app else 4.0
    return np.asarray(np.where(hours >= fixed, 1 - 0.5 ** (since / half_life), 0.0))


def _items(rng: np.random.Generator, rate: Floats, theme: str, situation: Situation, with_fix: Floats) -> pd.DataFrame:
    counts = rng.poisson(rate)
    hours = np.repeat(np.arange(len(rate)), counts)
    frame = pd.DataFrame(
        {
            "written_at": START + pd.to_timedelta(hours + rng.random(len(hours)), unit="h"),
            "theme_id": theme,
            "source": rng.choice(["mail", "chat"], len(hours), p=[0.7, 0.3]),
            "app_version": "",
        }
    )
    if situation.is_app:
        # Among the reports that stay, those who have the fix are as many fewer as it removed.
        has = with_fix[hours] * (situation.left if theme.startswith("t") else 1.0)
        has = has / (has + 1 - with_fix[hours])
        version = np.where(rng.random(len(hours)) < has, "1.1", "1.0")
        frame["app_version"] = np.where(rng.random(len(hours)) < 2 / 3, version, "")
    return frame


def told(name: str, worlds: Sequence[int], days: Sequence[int] = DAYS) -> pd.DataFrame:
    """Run the worlds of one situation; one row a theme and day."""
    rows = []
    for seed in worlds:
        number = list(SITUATIONS).index(name)
        world = simulate(SITUATIONS[name], np.random.default_rng([seed, number]))
        fixed_at = world.releases["released_at"].iloc[-1].to_pydatetime()
        for day in days:
            found = fix_receipts(
                world.fixes,
                world.items,
                world.releases,
                neighbours=world.neighbours,
                as_of=fixed_at + timedelta(days=day),
            )
            rows += [_row(name, seed, day, receipt) for receipt in found]
    return pd.DataFrame(rows)


def _row(name: str, seed: int, day: int, receipt: FixReceipt) -> dict[str, object]:
    return {
        "situation": name,
        "seed": seed,
        "day": day,
        "theme": receipt.theme_id,
        "status": receipt.status.value,
        "n_before": receipt.n_before,
        "expected": receipt.expected_count,
        "n": receipt.n_after,
        "lower": receipt.lower,
        "upper": receipt.upper,
        "needs_days": receipt.needs_days,
    }


def page(n_worlds: int, seed: int) -> str:
    worlds = range(seed, seed + n_worlds)
    rows = pd.concat([told(name, worlds) for name in SITUATIONS], ignore_index=True)
    words = WORDS.format(themes=N_THEMES, weeks=FIX_DAY // 7, worlds=n_worlds, seed=seed, last=seed + n_worlds - 1)
    lines = ["# Fix receipts", "", "Made by `make bench-receipts`.", measured_on(), "", words]
    shares = rows.groupby(["situation", "day"])["status"].value_counts(normalize=True).unstack(fill_value=0.0)
    clear = rows[rows["expected"] >= CLEAR].groupby(["situation", "day"])["status"]
    of_clear = clear.value_counts(normalize=True).unstack(fill_value=0.0).reindex(shares.index)
    lines += ["## Intervals where nothing was fixed", "", *INTERVALS.splitlines(), ""]
    lines += [*table(("situation", *(f"{day} days" for day in DAYS)), _coverage(rows)), ""]
    for day in DAYS:
        cells = [[name, *_cells(shares.loc[(name, day)], of_clear.loc[(name, day)])] for name in SITUATIONS]
        lines += [f"## {day} days after the fix", "", *table(("situation", *STATUSES), cells), ""]
    return "\n".join(lines) + "\n"


def _coverage(rows: pd.DataFrame) -> list[list[str]]:
    lines = []
    for name in UNFIXED:
        cells = []
        for day in DAYS:
            own = rows[(rows["situation"] == name) & (rows["day"] == day) & (rows["upper"] > 0)]
            below, above = (own["n"] < own["lower"]).mean(), (own["n"] > own["upper"]).mean()
            cells.append(f"{1 - below - above:.3f} ({below:.3f}, {above:.3f})")
        lines.append([name, *cells])
    return lines


def _cells(shares: pd.Series, of_clear: pd.Series) -> list[str]:
    return [
        f"{shares.get(status, 0.0):.3f}" + ("" if of_clear.isna().all() else f" ({of_clear.get(status, 0.0):.3f})")
        for status in STATUSES
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=8)
    parser.add_argument("--seed", type=int, default=4000)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(RESULTS.parents[2])}")
    options = parser.parse_args()
    found = page(options.worlds, options.seed)
    print(found, end="")
    if options.write:
        RESULTS.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
