"""False alarms after a channel begins, pauses or is imported: rows of benchmarks/incidents.py."""

import numpy as np
import pandas as pd
from support.burst_streams import START, Stream, simulate
from support.channel_streams import RHYTHMS, Channel

from feedback_triage.incidents import find_incidents

WEEKS_AFTER = 8
WORDS = f"""\
A channel of its own rhythm and volume beside the four of a stream of 30 a day, that begins, pauses or is imported at a
random instant. Nothing is planted. Incidents raised in the {WEEKS_AFTER} weeks after that instant, a stream; in the
same weeks where the same channel was there from the beginning all the same, and where there is no such channel.
"""
HEADER = ("channel", "**incidents**", "there from the beginning", "no such channel")
CHANNELS = (
    *(Channel(f"begins, {rhythm}, x {times:g}", rhythm, times) for rhythm in RHYTHMS for times in (1.0, 3.0)),
    *(Channel(f"pauses {days:g} days, {rhythm}", rhythm, 1.0, days, 1.0) for rhythm in ("as the others", "nights")
      for days in (2.0, 21.0)),
    Channel("pauses 21 days, nights, back with twice as much", "nights", 1.0, 21.0, 2.0),
    *(Channel(f"300 old items in {days:g} days, imported", import_days=days) for days in (0.1, 2.0, 5.0, 10.0)),
)  # fmt: skip
STREAM = Stream("30 a day", dead_feed=False, new_source=False)


def rows(runs: int, seed: int) -> list[list[str]]:
    """One row a channel."""
    streams = [simulate(STREAM, None, np.random.default_rng([seed + 2, run]))[0] for run in range(runs)]
    starts = [float(np.random.default_rng([seed + 3, run]).uniform(0.2, 0.5)) for run in range(runs)]
    at = [start * STREAM.weeks * 168 for start in starts]
    none = sum(map(_after, streams, at)) / runs
    return [[each.name, *_row(each, streams, at, seed), f"{none:.2f}"] for each in CHANNELS]


def _row(channel: Channel, streams: list[pd.DataFrame], at: list[float], seed: int) -> list[str]:
    told = []
    for is_known in (False, True):
        if is_known and channel.import_days:
            told.append("-")
            continue
        n = 0
        for run, (items, start) in enumerate(zip(streams, at, strict=True)):
            own = channel.draw(STREAM, start, is_known, np.random.default_rng([seed + 4, run]))
            n += _after(pd.concat([items, own], ignore_index=True), start)
        told.append(f"{n / len(streams):.2f}")
    return told


def _after(items: pd.DataFrame, at: float) -> int:
    start, end = (START + pd.Timedelta(hours=hours) for hours in (at, at + WEEKS_AFTER * 168))
    return sum(start <= each.raised_at < end for each in find_incidents(items))
