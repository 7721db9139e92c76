"""Streams whose customers answer releases with a wave of feedback, for benchmarks/silence.py."""

import numpy as np
import pandas as pd
from silence_streams import LONGEST, SHAPES, START, Shape, hourly_rate

from feedback_triage.domain import WindowStatus
from feedback_triage.silence import ledger_windows

EARLY = 4
ANSWERED = [shape for shape in SHAPES if shape.weeks >= 10 and shape.trend == 1.0 and shape.season and not shape.clocks]
ANSWERS = ("none", "some", "all")


def simulate_answers(shape: Shape, answers: str, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Draw items, releases and the hour that it is, where customers write more after none, some or all releases.

    A wave adds its factor times the usual rate and fades by a third a day: after three in ten releases three times
    on average (sd 1.5), or after all twice (sd 1). Releases come 1 to 3 weeks apart.
    """
    release = shape.weeks * 168 + int(rng.integers(0, 168))
    now = release + LONGEST + 24
    rate = hourly_rate(shape, release, now, rng)
    at = [release]
    while (earlier := at[0] - int(rng.integers(168, 504))) > 0:
        at.insert(0, earlier)
    since = np.arange(now)[:, np.newaxis] - np.array(at)
    sizes = np.zeros(len(at))
    if answers == "some":
        sizes = (rng.random(len(at)) < 0.3) * rng.gamma(4.0, 0.75, len(at))
    if answers == "all":
        sizes = rng.gamma(4.0, 0.5, len(at))
    rate = rate * (1 + np.where(since >= 0, sizes * np.exp(-np.maximum(since, 0) / 72), 0.0)).prod(axis=1)
    counts = rng.poisson(rate)
    hours = np.repeat(np.arange(now), counts) + rng.random(int(counts.sum()))
    items = pd.DataFrame({"written_at": START + pd.to_timedelta(hours, unit="h"), "source": "app"})
    releases = pd.DataFrame({"version": [f"1.{i}" for i in range(len(at))]})
    releases["release_id"] = releases["version"]
    releases["released_at"] = START + pd.to_timedelta(at, unit="h")
    return items, releases, now


def answered(seed: int, repeats: int, lengths: tuple[int, ...]) -> list[list[str]]:
    """Lines: which releases are answered, which of them are asked about, and for each length the share inside."""
    rows: list[dict[str, object]] = []
    for number, shape in enumerate(ANSWERED):
        for answers in ANSWERS:
            for repeat in range(repeats):
                rng = np.random.default_rng([seed, 2, number, ANSWERS.index(answers), repeat])
                items, releases, now = simulate_answers(shape, answers, rng)
                place = {release_id: i for i, release_id in enumerate(releases["release_id"])}
                at = (START + pd.Timedelta(hours=now)).to_pydatetime()
                for window in ledger_windows(items, releases, hours=lengths, as_of=at):
                    if window.expected_count > 0 and window.status is not WindowStatus.OPEN:
                        hours = round((window.end_at - window.start_at).total_seconds() / 3600)
                        about = {"answers": answers, "hours": hours, "early": place[window.release_id] < EARLY}
                        rows.append(
                            about
                            | {
                                "below": window.observed_count < window.lower,
                                "above": window.observed_count > window.upper,
                            }
                        )
    frame = pd.DataFrame(rows)
    lines = []
    for (answers, early), group in frame.groupby(["answers", "early"]):
        cells = [str(answers), f"first {EARLY}" if early else "later"]
        for hours in lengths:
            of = group[group["hours"] == hours]
            below, above = float(of["below"].mean()), float(of["above"].mean())
            cells.append(f"{1 - below - above:.3f} ({below:.3f}, {above:.3f})")
        lines.append([*cells, str(len(group[group["hours"] == lengths[0]]))])
    return lines
