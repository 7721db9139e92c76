"""Silence and spikes: coverage, false alarms and power on simulated streams, and coverage on real ones.

    python benchmarks/silence.py [--data ../shared/data] [--repeats 5] [--seed 20261116] [--write]

Prints the page in benchmarks/results/silence.md; `--write` writes it there.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from silence_answers import answered
from silence_methods import METHODS, past_windows
from silence_real import real_streams
from silence_streams import MANY_CHANNELS, MANY_SHAPES, ONE_CHANNEL, SHAPES, SHARES, START, Shape, Stream, simulate
from support.page import measured_on, table

from feedback_triage.domain import SilenceWindow, Verdict, WindowStatus
from feedback_triage.silence import ledger_windows

RESULTS = Path(__file__).resolve().parent / "results" / "silence.md"
HOURS = (24, 72, 168)
OURS = "ours"
TAIL = 0.025
TIMES = {"usual": 4, "halved": 2, "doubled": 2, "dead for a while": 2}  # of an effect, where not once

WORDS = """\
Simulated streams: hourly counts, negative binomial by a gamma factor of each day, with hours and weekends, a drifting
level (2 % a day), in some a level that doubles or halves over the history, and in some clocks that jump an hour before
the release. 2, 12 and 80 items a day; 3, 10 and 30 weeks of history. A release a fortnight without effect; after the
last one all is as usual, the volume halves or doubles, or a feed dies. Nominal: 95 % of the windows inside, {tail:.1%}
below and above. Rows are means over all kinds of streams. *Mean ± 2 sd* is of the last 12 windows of the same length,
*Farrington* the improved method of Noufaily et al. (2013) over the last 60: trend, outbursts down-weighted, negative
binomial quantiles. Parameters of ours were chosen on other seeds (501 to 504, 601, 701, 702, 711, 801, 910 to
934); the seed of
this page, {seed}, was run once to make it.
"""
REAL_WORDS = """\
Surges and answers to releases were developed on the first halves of the first three streams; their second halves and
`nextcloud` (issues, with the releases of its changelog) had no part in it. An older form of this page showed the first
three streams whole. Windows belong to the half in which they begin. The first three are dated by day, with releases
derived from declared versions. What customers do after a release is in these windows and is no error of the interval.
Windows every third day overlap.
"""


def simulated(seed: int, repeats: int, *, channels: bool) -> pd.DataFrame:
    """Run all shapes and effects; one row a window of the last release and method."""
    effects = MANY_CHANNELS if channels else ONE_CHANNEL
    rows: list[dict[str, object]] = []
    for number, shape in enumerate(MANY_SHAPES if channels else SHAPES):
        for effect in effects:
            for repeat in range(repeats * (1 if channels else TIMES.get(effect, 1))):
                rng = np.random.default_rng([seed, channels, number, effects.index(effect), repeat])
                stream = simulate(shape, effect, rng, channels=channels)
                rows += [row | {"effect": effect} for row in windows_of(stream, shape)]
    frame = pd.DataFrame(rows)
    frame["inside"] = frame["seen"].between(frame["lower"], frame["upper"])
    frame["below"], frame["above"] = frame["seen"] < frame["lower"], frame["seen"] > frame["upper"]
    return frame


def windows_of(stream: Stream, shape: Shape) -> list[dict[str, object]]:
    """Give the windows of the last release, by ours and by the others."""
    now = (START + pd.Timedelta(hours=stream.now)).to_pydatetime()
    rows: list[dict[str, object]] = []
    last = stream.releases["release_id"].iloc[-1]
    for window in ledger_windows(stream.items, stream.releases, hours=HOURS, as_of=now):
        if window.release_id != last:
            continue
        hours = round((window.end_at - window.start_at).total_seconds() / 3600)
        dead = stream.dead
        about = {
            "a_day": shape.a_day,
            "weeks": shape.weeks,
            "kind": shape.kind,
            "subject": window.subject,
            "hours": hours,
            "seen": window.observed_count,
            "is_dead": dead is not None and dead[0] < stream.release + hours and dead[1] > stream.release,
        }
        rows.append(about | _ours(window))
        if window.subject == "all":
            for name, (method, most) in METHODS.items():
                centre, lower, upper = method(past_windows(stream.counts, stream.release, hours, most))
                quiet = window.observed_count < lower
                rows.append(
                    about
                    | {"method": name, "centre": centre, "lower": lower, "upper": upper, "quiet": quiet}
                    | {"judged": quiet, "stale": False}
                )
    return rows


def _ours(window: SilenceWindow) -> dict[str, object]:
    return {
        "method": OURS,
        "centre": window.expected_count,
        "lower": window.lower,
        "upper": window.upper,
        "quiet": window.status is WindowStatus.QUIET,
        "judged": window.verdict is not Verdict.CANNOT_TELL,
        "stale": window.status is WindowStatus.FEED_STALE,
    }


def score(frame: pd.DataFrame, *, is_low: bool) -> pd.Series:
    """How far a count lies on one side of the centre, in lengths of that side of the interval."""
    side = (frame["centre"] - frame["lower"]) if is_low else (frame["upper"] - frame["centre"])
    distance = (frame["centre"] - frame["seen"]) if is_low else (frame["seen"] - frame["centre"])
    return distance / side.clip(lower=0.5)


def power(frame: pd.DataFrame) -> list[list[str]]:
    """Lines: length, method, false alarms, power at them, and at the nominal rate for all."""
    lines = []
    for hours in HOURS:
        for method in (OURS, *METHODS):
            of = frame[(frame["hours"] == hours) & (frame["method"] == method)]
            cells = [f"{hours} h", method]
            for effect, column, is_low in (("halved", "below", True), ("doubled", "above", False)):
                usual, hit = of[of["effect"] == "usual"], of[of["effect"] == effect]
                border = max(float(score(usual, is_low=is_low).quantile(1 - TAIL)), 1e-9)
                equal = float((score(hit, is_low=is_low) > border).mean())
                cells += [f"{usual[column].mean():.3f}", f"{hit[column].mean():.3f}", f"{equal:.3f}"]
            lines.append(cells)
    return lines


def delays(frame: pd.DataFrame) -> list[list[str]]:
    """Lines: effect, method, share told by the end of each window, items that had come when it was first told."""
    lines = []
    for effect, column in (("halved", "below"), ("doubled", "above")):
        for method in (OURS, *METHODS):
            of = frame[(frame["effect"] == effect) & (frame["method"] == method)]
            told = of.pivot_table(index=of.groupby("hours").cumcount(), columns="hours", values=column).to_numpy() > 0
            seen = of.pivot_table(index=of.groupby("hours").cumcount(), columns="hours", values="seen").to_numpy()
            found = told.any(axis=1)
            items = seen[np.arange(len(seen)), told.argmax(axis=1)][found]
            by = [f"{told[:, : i + 1].any(axis=1).mean():.3f}" for i in range(len(HOURS))]
            lines.append([effect, method, *by, f"{np.median(items):.0f}"])
    return lines


def dead_feeds(frame: pd.DataFrame) -> list[list[str]]:
    """Lines: how the feed died, windows touched, ours stale, ours quiet without a verdict, verdicts of all."""
    lines = []
    of = frame[frame["is_dead"] & (frame["subject"] == "all")]
    for effect in of["effect"].unique():
        own = of[(of["effect"] == effect) & (of["method"] == OURS)]
        cells = [effect, str(len(own)), f"{own['stale'].mean():.3f}"]
        cells += [f"{(own['quiet'] & ~own['judged']).mean():.3f}", str(int(own["judged"].sum()))]
        for method in METHODS:
            cells.append(str(int(of[(of["effect"] == effect) & (of["method"] == method)]["judged"].sum())))
        lines.append(cells)
    return lines


def by_group(frame: pd.DataFrame, names: Sequence[str]) -> list[list[str]]:
    """Lines: a group of streams, and for each length the share inside, of ours, where all was as usual."""
    usual = frame[(frame["effect"] == "usual") & (frame["method"] == OURS)]
    lines = []
    for name in names:
        for value, group in usual.groupby(name):
            cells = [f"{value:g} {name.replace('a_day', 'a day')}" if name != "kind" else str(value)]
            for hours in HOURS:
                of = group[group["hours"] == hours]
                cells.append(f"{of['inside'].mean():.3f} ({of['below'].mean():.3f}, {of['above'].mean():.3f})")
            lines.append([*cells, str(len(of))])
    return lines


def channels_table(frame: pd.DataFrame) -> list[list[str]]:
    """Lines: effect, subject, windows, inside, quiet, stale, verdicts."""
    own = frame[(frame["method"] == OURS) & (frame["hours"] == 72)]
    lines = []
    for (effect, subject), group in own.groupby(["effect", "subject"]):
        shares = [f"{group[name].mean():.3f}" for name in ("inside", "quiet", "stale")]
        lines.append([str(effect), f"`{subject}`", str(len(group)), *shares, str(int(group["judged"].sum()))])
    return lines


def page(args: argparse.Namespace) -> list[str]:
    """The page, line by line."""
    single = simulated(args.seed, args.repeats, channels=False)
    many = simulated(args.seed, args.repeats, channels=True)
    usual = single[single["effect"] == "usual"]
    coverage = [
        [f"{hours} h", method, *(f"{group[name].mean():.3f}" for name in ("inside", "below", "above")), str(len(group))]
        for hours in HOURS
        for method in (OURS, *METHODS)
        for group in [usual[(usual["hours"] == hours) & (usual["method"] == method)]]
    ]
    halved = single[(single["effect"] == "halved") & (single["method"] == OURS)]
    judged = ", ".join(f"{halved[halved['hours'] == hours]['judged'].mean():.3f} at {hours} h" for hours in HOURS)
    own_usual = usual[usual["method"] == OURS]
    lines = ["# Silence and spikes", "", measured_on(), "", *WORDS.format(tail=TAIL, seed=args.seed).splitlines()]
    lines += ["", "## All as usual", ""]
    lines += table(["window", "method", "inside", "below", "above", "windows"], coverage)
    lines += ["", f"Of these windows {own_usual['judged'].mean():.2%} got a verdict from ours, all of them false."]
    lines += ["", "## Volume halved or doubled", ""]
    lines += [
        "False alarms and power as each method comes, and power when the border of each is moved so that its false"
    ]
    lines += [f"alarms are {TAIL:.1%}.", ""]
    columns = [
        "window",
        "method",
        "false quiet",
        "found halved",
        "at equal",
        "false spike",
        "found doubled",
        "at equal",
    ]
    lines += table(columns, power(single))
    lines += ["", f"A verdict also asks for proof that the feed was alive: share of halved windows with one {judged}."]
    lines += ["", "Told by the end of which window, and the median of items that had come when it was first told:", ""]
    lines += table(["effect", "method", "24 h", "72 h", "168 h", "items"], delays(single))
    lines += ["", "## Dead feeds", ""]
    lines += [
        "Windows in which a feed was dead, at least in part. The others know no feeds: what they call quiet is counted."
    ]
    lines += ["`one` is one channel of four, `trickle` one with 3 % of the items.", ""]
    columns = ["the feed", "windows", "`feed_stale`", "quiet, no verdict", "verdicts of ours"]
    lines += table([*columns, *METHODS], dead_feeds(pd.concat([single, many])))
    lines += ["", "## By kind of stream", "", "Ours, all as usual: inside (below, above).", ""]
    lines += table(
        ["streams", *(f"{hours} h" for hours in HOURS), "windows"], by_group(single, ["a_day", "weeks", "kind"])
    )
    lines += [
        "",
        "## Channels",
        "",
        f"Four channels ({', '.join(SHARES)}), windows of 72 h.",
        "",
    ]
    lines += table(
        ["what happened", "subject", "windows", "inside", "quiet", "stale", "verdicts"], channels_table(many)
    )
    lines += ["", "## Customers answer releases", ""]
    lines += ["Streams with a wave of items after no release, three in ten, or all: inside (below, above), ours.", ""]
    columns = ["answered", "releases", *(f"{hours} h" for hours in HOURS), "windows"]
    lines += table(columns, answered(args.seed, args.repeats, HOURS))
    if args.data.is_dir():
        lines += ["", "## Real streams", "", *REAL_WORDS.splitlines(), ""]
        columns = ["stream", "half", "windows", "length", "number", "inside", "below", "above"]
        lines += table(columns, real_streams(args.data, HOURS))
    return lines


def main() -> None:
    """Print the page, or write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20261116)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    text = "\n".join(page(args)) + "\n"
    print(text)
    if args.write:
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
