"""Incidents: bursts found, delay, false alarms a month and incidents a cause, on simulated and on real streams.

    python benchmarks/incidents.py [--data ../shared/data] [--runs 12] [--seed 7000] [--write]

Prints the page in benchmarks/results/incidents.md; `--write` writes it there.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import incidents_causes
import incidents_channels
import numpy as np
import pandas as pd
from silence_methods import farrington
from support.burst_streams import START, Burst, Stream, simulate
from support.page import measured_on, table

from feedback_triage.incidents import find_incidents
from feedback_triage.incidents.scan import ALARMS_A_MONTH, MIN_ITEMS

RESULTS = Path(__file__).resolve().parent / "results" / "incidents.md"
MONTH_DAYS = 30.44
SAME_ALARM_HOURS = 24.0
PAST_HOURS = 28 * 24

STREAMS = (
    Stream("8 a day", a_day=8, n_themes=8),
    Stream("30 a day"),
    Stream("150 a day", a_day=150, weeks=10, n_themes=30),
    Stream("30 a day, rough", dispersion=0.3, clump=0.5),
)

WORDS = """\
Simulated streams of 16 weeks (10 with 150 items a day): a season by hour of week, a drifting level, overdispersed days
and hours (squared relative spread .05 and .1; rough: .3 and .5), 20 themes (8, 30) of which five are born on the way,
five labels, two releases a week with mild waves, a source that dies for ten days and one that begins in the middle.
`all`, `label` and `theme` bursts add items in every theme, in one label, in one theme that is not among the largest.
*Found*: an incident has a fifth of its items from the burst. *Reports* and *hours*: from the first planted item until
it was raised, medians of those found. *Incidents*: how many told the one cause, mean of those found.

**Peers**, in all items, each label and each theme: the count of each clock hour (or day) against mean + k standard
deviations of the four weeks before, and each week against the Farrington method's 97.5 % point (Noufaily et al. 2013,
four weeks at least). Five items at least are asked of all; alarms of one series within a day are one. k = 2 is the
usual rule; {strict} were chosen on development seeds so that false alarms are about as few as ours.

Ours has a nominal budget of {budget} alarms a month, chosen on development seeds (of 1, .3 and .1: with 1 the smoother
streams had .2 to .4 false alarms a month and the rough one 2.1, with .3 about .1 and 1.2). The streams are drawn from
gamma-Poisson processes, which is what the model assumes of days; real ones are less kind.
"""


@dataclass(frozen=True)
class Alarm:
    """What a method said: when, and about which items."""

    raised_at: pd.Timestamp
    item_ids: frozenset[str]


def ours(items: pd.DataFrame) -> list[Alarm]:
    return [Alarm(pd.Timestamp(each.raised_at), frozenset(each.item_ids)) for each in find_incidents(items)]


def blocks(hours: float, k: float | None):
    """A peer: blocks of so many hours against mean + k sd, or (None) against Farrington's upper limit."""

    def method(items: pd.DataFrame) -> list[Alarm]:
        found = []
        at = ((items["written_at"] - START) / pd.Timedelta(hours=1)).to_numpy()
        n_blocks = int(at.max() // hours) + 1
        groups = [items.index.to_numpy()]
        groups += [
            rows.to_numpy() for column in ("label", "theme_id") for rows in items.groupby(column).groups.values()
        ]
        for rows in groups:
            place = (at[rows] // hours).astype(int)
            counts = np.bincount(place, minlength=n_blocks)
            last = -np.inf
            for block in np.flatnonzero(counts >= MIN_ITEMS):
                if counts[block] <= _limit(counts[:block], hours, k):
                    continue
                end = (block + 1) * hours
                if end - last > max(SAME_ALARM_HOURS, hours):
                    ids = frozenset(items["item_id"].to_numpy()[rows[place == block]])
                    found.append(Alarm(START + pd.Timedelta(hours=end), ids))
                last = end
        return found

    return method


def _limit(past: np.ndarray, hours: float, k: float | None) -> float:
    if k is None:
        return farrington(past[-60:])[2] if len(past) >= 4 else np.inf
    past = past[-int(PAST_HOURS / hours) :]
    return past.mean() + k * past.std(ddof=1) if len(past) * hours >= 72 else np.inf


STRICT = {1.0: 9.0, 24.0: 7.0}
METHODS = {
    "**ours**": ours,
    "mean + 2 sd, hours": blocks(1.0, 2.0),
    f"mean + {STRICT[1.0]:g} sd, hours": blocks(1.0, STRICT[1.0]),
    "mean + 2 sd, days": blocks(24.0, 2.0),
    f"mean + {STRICT[24.0]:g} sd, days": blocks(24.0, STRICT[24.0]),
    "Farrington, weeks": blocks(168.0, None),
}


def bursts(a_day: float) -> list[Burst]:
    """An outage (five days' items in five hours), and smaller and slower ones."""
    return [
        Burst("all", int(5 * a_day), 5),
        Burst("all", int(a_day), 3),
        Burst("all", int(3 * a_day), 24),
        Burst("label", max(8, int(a_day / 3)), 3),
        Burst("theme", max(8, int(a_day / 4)), 3),
        Burst("theme", max(10, int(a_day / 2)), 24),
    ]


def false_alarms(stream: Stream, runs: int, seed: int) -> list[float]:
    """Alarms a month of each method where nothing was planted."""
    counts = dict.fromkeys(METHODS, 0)
    for run in range(runs):
        items, _, _ = simulate(stream, None, np.random.default_rng([seed, run]))
        for name, method in METHODS.items():
            counts[name] += len(method(items))
    return [count / (runs * stream.weeks * 7 / MONTH_DAYS) for count in counts.values()]


def power(stream: Stream, burst: Burst, runs: int, seed: int) -> list[list[str]]:
    """One row a method: found, reports, hours, incidents a cause."""
    seen: dict[str, list[tuple[int, float, int]]] = {name: [] for name in METHODS}
    for run in range(runs):
        items, _, planted = simulate(stream, burst, np.random.default_rng([seed + 1, run]))
        own, written = frozenset(items["item_id"][planted]), items["written_at"][planted]
        for name, method in METHODS.items():
            hits = [each for each in method(items) if len(own & each.item_ids) >= max(3, 0.2 * len(each.item_ids))]
            if hits:
                raised = min(each.raised_at for each in hits)
                hours = (raised - written.min()).total_seconds() / 3600
                seen[name].append((int((written <= raised).sum()), hours, len(hits)))
    rows = []
    for name, found in seen.items():
        reports, hours, n = (
            (np.array(part, dtype=float) for part in zip(*found, strict=True)) if found else ([], [], [])
        )
        medians = [f"{np.median(reports):.0f}", f"{np.median(hours):.1f}", f"{np.mean(n):.1f}"] if found else ["-"] * 3
        rows.append([name, f"{len(found) / runs:.2f}", *medians])
    return rows


def real(data: Path) -> list[list[str]]:
    """Alarms a month in streams of which nothing is known: some are real."""
    rows = []
    for name in ("youtube_ios", "noaa_ios", "swiftkey_android"):
        reviews = pd.read_csv(data / name / "reviews.csv")
        items = pd.DataFrame({"written_at": pd.to_datetime(reviews["date"], format="mixed", utc=True)}).dropna()
        items["item_id"] = [f"{name}:{row}" for row in items.index]
        days = (items["written_at"].max() - items["written_at"].min()).days
        found = find_incidents(items)
        several = [name, str(len(items)), f"{days / MONTH_DAYS:.1f}", str(len(found))]
        rows.append([*several, f"{len(found) / days * MONTH_DAYS:.2f}"])
    return rows


def page(data: Path, runs: int, seed: int) -> str:
    told = WORDS.format(budget=ALARMS_A_MONTH, strict=" and ".join(f"{k:g}" for k in STRICT.values()))
    lines = ["# Incidents", "", "Made by `make bench-incidents`.", measured_on(), f"Seed {seed}.", "", told]
    lines += [f"## False alarms a month ({2 * runs} runs each)", ""]
    rows = [[stream.name, *(f"{rate:.2f}" for rate in false_alarms(stream, 2 * runs, seed))] for stream in STREAMS]
    lines += [*table(("stream", *METHODS), rows), ""]
    for stream in STREAMS:
        lines += [f"## Bursts in {stream.name} ({runs} runs each)", ""]
        rows = []
        for burst in bursts(stream.a_day):
            what = f"{burst.scope}: {burst.n_items} in {burst.hours:g} h"
            rows += [[what, *row] for row in power(stream, burst, runs, seed)]
        lines += [*table(("burst", "method", "found", "reports", "hours", "incidents"), rows), ""]
    lines += [f"## A channel that begins, pauses or is imported ({runs} runs each)", "", incidents_channels.WORDS]
    lines += [*table(incidents_channels.HEADER, incidents_channels.rows(runs, seed)), ""]
    lines += [f"## One cause and two ({runs} runs each)", "", incidents_causes.WORDS]
    lines += [*table(incidents_causes.HEADER_ONE, incidents_causes.one_cause(runs, seed)), ""]
    lines += [*table(incidents_causes.HEADER_TWO, incidents_causes.two_causes(runs, seed)), ""]
    if data.is_dir():
        lines += ["## Real streams, dates without a time of day, nothing known of their incidents", ""]
        lines += table(("stream", "items", "months", "incidents", "a month"), real(data))
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=7000)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(RESULTS.parents[2])}")
    options = parser.parse_args(arguments)
    found = page(options.data, options.runs, options.seed)
    print(found, end="")
    if options.write:
        RESULTS.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
