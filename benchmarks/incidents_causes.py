"""Whether one cause is told once and two causes twice: rows of benchmarks/incidents.py."""

import numpy as np
import pandas as pd
from support.burst_streams import Stream, simulate
from support.channel_streams import frame
from support.two_causes import DOUBLE, SINGLE, Cause, Places, times

from feedback_triage.incidents import find_incidents

STREAM = Stream("30 a day", weeks=7, dead_feed=False, new_source=False)
HOURS = 5.0
SIZES = (30, 60, 150)
LAGS = (1.0, 2.5)
WORDS = f"""\
A stream of 30 a day; each cause brings its items over {HOURS:g} hours, quickly more and then slowly fewer. *One cause*:
told as two where two incidents have a fifth of their items from it. *Two causes*, the second begins so many hours after
the first: told as two where most items of each are in an incident of its own. Two causes that begin at the same
time cannot be told from one that shows in two places.
"""
HEADER_ONE = ("one cause", *(f"{n} items: told as two" for n in SIZES))
HEADER_TWO = ("two causes", "hours later", *(f"{n} items: told as two" for n in SIZES))


def one_cause(runs: int, seed: int) -> list[list[str]]:
    """One row a kind of cause."""
    return [[name, *(f"{_told(n, [(cause, 0.0)], runs, seed):.2f}" for n in SIZES)] for name, cause in SINGLE.items()]


def two_causes(runs: int, seed: int) -> list[list[str]]:
    """One row a kind of pair and lag."""
    return [
        [name, f"{lag:g}", *(f"{_told(n, [(one, 0.0), (other, lag)], runs, seed):.2f}" for n in SIZES)]
        for name, (one, other) in DOUBLE.items()
        for lag in LAGS
    ]


def _told(n_items: int, causes: list[tuple[Cause, float]], runs: int, seed: int) -> float:
    told = 0
    for run in range(runs):
        items, _, _ = simulate(STREAM, None, np.random.default_rng([seed + 5, run]))
        rng = np.random.default_rng([seed + 6, run])
        start, places = float(rng.uniform(0.5, 0.9)) * STREAM.weeks * 168, Places.of(STREAM, rng)
        parts = []
        for number, (cause, lag) in enumerate(causes):
            n = max(6, int(rng.poisson(n_items * cause.size)))
            when = times(n, HOURS, rng)
            part = frame(start + lag + when, cause.draw(when / HOURS, places, rng), STREAM, "mail")
            parts.append(part.assign(item_id=f"cause{number}:" + part["item_id"]))
        found = find_incidents(pd.concat([items, *parts], ignore_index=True))
        told += _as_two([set(part["item_id"]) for part in parts], [set(each.item_ids) for each in found])
    return told / runs


def _as_two(causes: list[set[str]], found: list[set[str]]) -> bool:
    if len(causes) == 1:
        return sum(len(each & causes[0]) >= max(3, 0.2 * len(each)) for each in found) > 1
    of = [max(range(len(found)), key=lambda i: len(found[i] & own), default=-1) for own in causes]
    return of[0] != of[1] and all(len(found[i] & own) >= len(own) / 2 for i, own in zip(of, causes, strict=True))
