"""The page of benchmarks/suspects.py."""

from itertools import pairwise

import numpy as np
import pandas as pd
from support.page import measured_on, table
from support.planting import NAMED_SHARE
from support.planting_days import KINDS

LEAST, N_RESAMPLES = 1e-3, 1_000

WORDS = """\
Reports of one fault, in words written for the purpose (`benchmarks/support/faults.toml`), begin after a known release
while others are pushed before and after it; in a quarter of the cases no release did it: a third party goes down at
any hour, or customers have always said it now and then (one in five of these). The traffic of Nextcloud, YouTube,
NOAA Radar and SwiftKey thins the delays day by day and hour by hour (only Nextcloud's has hours; the others' days
have an assumed course); calendars are made (in working hours, one to five pushes a weekday; one; web, iOS and Android
side by side, where customers name the version they have) or the real days of Nextcloud, YouTube and NOAA. The release
speaks in its notes of what broke in {named:.0%} of the cases; the notes of all others are of other faults, of other
things, or say nothing. Two cases in five have reports of something else among them, one before the onset or some all
along. In half of the cases with five reports or more a release that mends it comes amid the last reports, and its
notes say what they say. Delays have a mean of half an hour to ten days.

**Split.** Built with every second fault, other seeds, and the delays *exponential*, *gamma* and *for weeks*.
This page has the other faults, another seed, and all shapes of delay. *Top-1*: the likeliest answer is right, "none
of them" included. *Newest*: the newest release at the first report. *Usual*: the release that was most often the
newest of the report's platform when a report was written. *Set*: the fewest answers whose probabilities reach .9: how
often the right one is among them, and how many they are; where the last of them is more than is needed, it is kept by
lot in *by lot*, which is right in 90 of 100 when probabilities are what they say. Log-loss counts {least} where the
right answer is not named. Reports are compared with notes as the mean of their greatest cosines by the shipped
encoder, and by the telling words that they share with them; the stream's other words are the other faults' reports.
*Best that could be answered*: the planted process asked backwards by one who knows the shape and the mean of the
delays, when customers write, and how often no release does it, where there are no strays and delays are not *by day
only*; words speak to it as they do to us.
"""

DAYS_WORDS = """\
App stores tell the day and not the time. Apps with real days of release (YouTube, NOAA Radar) or one every three days
to three weeks; releases and reports carry a date; customers update after a day to ten on average, and name the version
they have in none, 80% or 95% of the cases; up to 10% of the reports are of something else. *Late store*: a release
reaches customers 12 to 60 hours after it. *Great burst*: 100 to 400 reports, on some days many more than on others
for no reason; once with dates, once with times. In a quarter something else began at any time. Built with half of the
faults and one seed; these are the other faults and another seed. *Before*: the model as it stood without all this, on
the development cases of the same make: top-1 .500, log-loss 2.91; now .920 and .230 there.
"""


def line(name: str, rows: pd.DataFrame) -> list[str]:
    release = rows[rows["by"] != "no release"]
    none = rows[rows["by"] == "no release"]

    def told(values: "pd.Series", digits: int = 3) -> str:
        return f"{values.mean():.{digits}f}" if len(values) else "-"

    return [
        *(name, str(len(rows)), told(release["top"]), told(release["newest"]), told(release["usual"])),
        *(told(none["top"]), told(rows["top"]), told(rows["newest"])),
        *(
            told(rows["in_set"]),
            told(rows["size"], 2),
            told(rows["by_lot"]),
            told(rows["brier"]),
            told(rows["log_loss"]),
        ),
    ]


WHY_WITHOUT_STRAYS = (
    "- One report of something else before the onset makes the newest release at the first report wrong by itself, "
    "hence the figures without strays."
)
TITLES = {
    "calendar": "calendar",
    "reports": "number of reports known",
    "delay": "shape of the delay",
    "strays": "reports of something else",
    "by": "whether the release's notes speak of what broke",
}
COLUMNS = (
    *("cases of", "n", "top-1, a release did it", "newest", "usual", "top-1, none did"),
    *("top-1, all", "newest, all", "set right", "set size", "by lot", "Brier", "log-loss"),
)


def ceiling(rows: pd.DataFrame) -> str:
    return (
        f"- The best that could be answered, up to five pushes a day ({len(rows)} cases): {rows['best'].mean():.3f}; "
        f"we {rows['top'].mean():.3f}, the newest release {rows['newest'].mean():.3f}. So one who knew how late "
        f"customers write would be {difference(rows, 'best')} above the newest release."
    )


def difference(rows: pd.DataFrame, answer: str = "top") -> str:
    rng = np.random.default_rng(0)
    gain = (rows[answer].astype(float) - rows["newest"].astype(float)).to_numpy()
    drawn = [gain[rng.integers(len(gain), size=len(gain))].mean() for _ in range(N_RESAMPLES)]
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    return f"{100 * gain.mean():+.1f} points ({100 * lower:+.1f} to {100 * upper:+.1f})"


def reliability(values: "pd.Series", right: "pd.Series") -> list[list[str]]:
    edges = [0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0]
    found = []
    for low, high in pairwise(edges):
        rows = (values > low) & (values <= high)
        if rows.any():
            found.append(
                [f"{low} to {high}", str(rows.sum()), f"{values[rows].mean():.3f}", f"{right[rows].mean():.3f}"]
            )
    return found


def page(rows: pd.DataFrame, parts: pd.DataFrame, seed: int) -> str:
    release = rows[rows["by"] != "no release"]
    dense = release["calendar"] == "five a day"
    lines = ["# Suspects", "", "Made by `make bench-releases`.", measured_on(), f"Seed {seed}.", ""]
    lines += [WORDS.format(named=NAMED_SHARE, least=LEAST)]
    lines += [f"- Top-1 above the newest release, a release did it: **{difference(release)}**; "]
    lines[-1] += f"up to five pushes a day: {difference(release[dense])}; "
    clean = release["strays"] == "no strays"
    lines[-1] += f"the same without strays: {difference(release[dense & clean])}; "
    lines[-1] += f"if we too never answered none of them: {difference(release[dense & clean], 'top_release')}."
    none = rows[rows["by"] == "no release"]
    lines += [WHY_WITHOUT_STRAYS]
    known = rows[rows["best"].notna()]
    lines += [ceiling(known[known["by"] != "no release"])]
    right, wrong = none["says_none"].mean(), release["says_none"].mean()
    lines += [
        f"- None of them is the likeliest answer in {right:.1%} where none did it, and in {wrong:.1%} where one did."
    ]
    lines += ["", *table(COLUMNS, [line("all", rows)]), ""]
    for key, title in TITLES.items():
        groups = [line(str(name), own) for name, own in rows.groupby(key, sort=True)]
        lines += [f"## By {title}", "", *table(COLUMNS, groups), ""]
    lines += ["## Up to five pushes a day, by number of reports", ""]
    lines += [
        *table(
            COLUMNS, [line(str(name), own) for name, own in rows[rows["calendar"] == "five a day"].groupby("reports")]
        ),
        "",
    ]
    lines += ["## What each part gives (every second case)", ""]
    lines += [*table(COLUMNS, [line(str(name), own) for name, own in parts.groupby("known", sort=False)]), ""]
    header = ("probability of the likeliest", "cases", "said", "right")
    lines += [
        "## Are probabilities what they say?",
        "",
        *table(header, reliability(rows["confidence"], rows["top"])),
        "",
    ]
    header = ('probability of "none"', "cases", "said", "none did it")
    lines += table(header, reliability(rows["none"], rows["by"] == "no release"))
    return "\n".join(lines) + "\n"


def page_by_day(rows: pd.DataFrame) -> str:
    lines = ["", "## Dates without times, late stores and great bursts", "", DAYS_WORDS]
    groups = [line(name, rows[rows["kind"] == name]) for name in KINDS]
    lines += [*table(COLUMNS, [*groups, line("all of these", rows)]), ""]
    header = ("probability of the likeliest", "cases", "said", "right")
    lines += [*table(header, reliability(rows["confidence"], rows["top"])), ""]
    header = ('probability of "none"', "cases", "said", "none did it")
    lines += table(header, reliability(rows["none"], rows["by"] == "no release"))
    return "\n".join(lines) + "\n"


MORE_WORDS = {
    "lasting": """\
Faults that are met for five to forty days, at once or within two days, on some days more than on others for no reason;
20, 50 or 100 reports, made calendars. In half of the cases a release mends it. A quarter as many cases as above.
""",
    "terse": """\
The cases are planted as above, but made-up notes are as developers write to one another ("auth: one-tap SSO, new
/login view"). Of the words of such a note customers often use none.
""",
}
MORE_TITLES = {"lasting": "Faults that last for weeks", "terse": "Notes in developers' words"}


def page_of_more(kind: str, rows: pd.DataFrame) -> str:
    lines = ["", f"## {MORE_TITLES[kind]}", "", MORE_WORDS[kind]]
    groups = [line("all", rows)] + [line(str(name), own) for name, own in rows.groupby("by", sort=True)]
    dense = rows[rows["calendar"] == "five a day"]
    return "\n".join([*lines, *table(COLUMNS, [*groups, line("five a day", dense)])]) + "\n"
