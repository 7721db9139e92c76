"""Faults planted in real streams of feedback, with the release that did it, or none."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.link import derive_releases
from support.planting_texts import Texts, note_of

DELAYS = ("exponential", "gamma", "uniform", "heavy tail", "by day only")
LASTING = "for weeks"
CALENDARS = ("five a day", "one a day", "web and apps", "nextcloud", "youtube_ios", "noaa_ios")
STREAMS = ("nextcloud", "youtube_ios", "noaa_ios", "swiftkey_android")
NONE_SHARE, NAMED_SHARE, FIX_SHARE = 0.25, 0.6, 0.5
STRAYS = ("no strays", "no strays", "no strays", "one stray", "steady strays")
STEADY_SHARE = 0.2
ADOPTION_HOURS = 96.0
DECLARING_SHARE = 0.7
_HOURS_OF_DAY = np.array([2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9, 10, 10, 9, 7, 5, 3], dtype=np.float64)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stream:
    """Background feedback: hours since 1970, how busy days and hours are, and the releases' days and notes."""

    name: str
    hours: Floats
    by_day: dict[int, float]
    by_hour: Floats
    releases: list[tuple[float, str]]

    def busy(self, at: Floats) -> Floats:
        """Relative traffic at instants, 0 to about 3."""
        days = np.array([self.by_day.get(int(each // 24), 0.2) for each in at])
        return np.minimum(days, 3.0) * self.by_hour[(at % 24).astype(int)]


@dataclass(frozen=True)
class Case:
    """One planted fault. `culprit` is None where no release did it, `mean_delay` (hours) where there was no onset."""

    reports: pd.DataFrame
    releases: pd.DataFrame
    background: pd.DataFrame
    similarity: pd.DataFrame
    culprit: str | None
    calendar: str
    delay: str
    n_reports: int
    is_named: bool
    strays: str
    stream: str = ""
    mean_delay: float | None = None


def load_streams(data: Path) -> dict[str, Stream]:
    found = {}
    for name in STREAMS:
        folder = data / name
        is_issues = name == "nextcloud"
        raw = pd.read_csv(folder / ("issues_with_declared_version.csv" if is_issues else "reviews.csv"), dtype=str)
        instants = pd.to_datetime(raw["created_at" if is_issues else "date"], format="mixed", utc=True)
        hours = np.sort((instants - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1)).astype(np.float64)
        by_hour = _HOURS_OF_DAY / _HOURS_OF_DAY.mean()
        if is_issues:
            counts = np.bincount((hours % 24).astype(int), minlength=24) + 3.0
            by_hour = counts / counts.mean()
        else:
            rng = np.random.default_rng(7)  # these streams have days only
            hours = np.sort(hours + rng.choice(24, size=len(hours), p=by_hour / 24) + rng.random(len(hours)))
        days, n_items = np.unique((hours // 24).astype(int), return_counts=True)
        # Of a stream of one item a day the count says nothing about that day's traffic.
        usual = n_items.mean() + 3
        by_day = dict(zip(days.tolist(), ((n_items + 3) / usual).tolist(), strict=True))
        if (folder / "releases.csv").is_file():
            table = pd.read_csv(folder / "releases.csv", dtype=str).fillna("")
            released = pd.to_datetime(table["date"], utc=True)
            notes = table["notes" if "notes" in table else "changelog"].tolist()
        else:
            versions = raw["version"].where(raw["version"] != "Unknown", "")
            derived = derive_releases(pd.DataFrame({"written_at": instants, "app_version": versions}), min_items=50)
            released, notes = pd.Series([each.released_at for each in derived]), [""] * len(derived)
        at = ((pd.to_datetime(released, utc=True) - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1)).tolist()
        found[name] = Stream(name, hours, by_day, by_hour, sorted(zip(at, notes, strict=True)))
    return found


def real_notes(streams: dict[str, Stream]) -> list[str]:
    return [note for each in streams.values() for _, note in each.releases]


def plant(
    rng: np.random.Generator, streams: dict[str, Stream], texts: Texts, calendar: str, delay: str, n_reports: int
) -> Case:
    """Plant one fault of which the first `n_reports` reports are known."""
    is_real = calendar in streams
    stream = streams[calendar if is_real else STREAMS[rng.integers(len(STREAMS))]]
    low, high = float(stream.hours[0]) + 70 * 24, float(stream.hours[-1]) - 30 * 24
    if is_real:
        at = [hour for hour, _ in stream.releases]
        inside = [hour for hour in at[1:] if low < hour < high]
        low, high = float(rng.choice(inside)) - 48, 0.0
        high = low + 10 * 24
    middle = rng.uniform(low, high)
    releases = _real(rng, stream) if is_real else _made(rng, calendar, middle)
    releases = releases[releases["hours"].between(middle - 75 * 24, middle + 30 * 24)].reset_index(drop=True)
    fault = texts.faults[rng.integers(len(texts.faults))]
    is_none = rng.random() < NONE_SHARE
    is_named = bool(not is_none and rng.random() < NAMED_SHARE)
    releases["notes"] = [note if note and is_real else note_of(rng, texts, fault) for note in releases["notes"]]
    near = releases.index[releases["hours"].between(middle - 24 * 8, middle + 24 * 2)]
    row = None
    if is_none or not len(near):
        onset, platform = middle, ""
    else:
        row = int(rng.choice(near))
        onset, platform = float(releases["hours"][row]), str(releases["platform"][row])
        if is_named:
            releases.loc[row, "notes"] = f"{fault['note']}\n{releases['notes'][row] if rng.random() < 0.5 else ''}"
    mean_delay = None
    if row is None and rng.random() < STEADY_SHARE:
        # What customers have always said now and then: no beginning at all.
        hours = np.sort(onset + rng.uniform(-20 * 24, 20 * 24, size=n_reports))
    else:
        hours, mean_delay = _instants(rng, stream, onset, delay, n_reports, is_app=platform in {"ios", "android"})
    strays = str(rng.choice(STRAYS))
    frame = _customers(rng, hours, releases, row, platform, calendar)
    if strays != "no strays":
        others = np.array([onset - rng.exponential(4 * 24)])
        if strays == "steady strays":
            others = rng.uniform(onset - 28 * 24, max(onset, hours[-1]), size=1 + rng.poisson(0.1 * n_reports))
        extra = _customers(rng, others, releases, None, "", calendar)
        frame = pd.concat([extra, frame], ignore_index=True).sort_values("hours", ignore_index=True)[:n_reports]
    culprit = None if row is None else str(releases["release_id"][row])
    if n_reports >= 5 and rng.random() < FIX_SHARE:
        # A release that mends it comes when four in five of the reports are in; few come after it.
        end = float(frame["hours"].iloc[int(0.8 * len(frame))]) + 0.01
        kept = (frame["hours"] <= end) | (rng.random(len(frame)) < 0.3)
        frame = frame[kept].reset_index(drop=True)
        releases = pd.concat(
            [releases, _release("fix", end, platform if calendar == "web and apps" else "", fault["fix"])],
            ignore_index=True,
        )
    sentences = [str(each) for each in rng.choice(fault["reports"], size=len(frame))]
    known = releases[(releases["hours"] > frame["hours"].min() - 60 * 24) & (releases["hours"] <= frame["hours"].max())]
    background = stream.hours[(stream.hours > middle - 75 * 24) & (stream.hours <= frame["hours"].max())]
    return Case(
        reports=frame.assign(
            item_id=[f"r{i:03d}" for i in range(len(frame))], written_at=stamps(frame["hours"]), product=""
        ),
        releases=releases.assign(released_at=stamps(releases["hours"]), product=""),
        background=pd.DataFrame({"written_at": stamps(background), "product": "", "platform": ""}),
        similarity=texts.compared(sentences, known, fault),
        culprit=culprit,
        calendar=calendar,
        delay=delay,
        n_reports=n_reports,
        is_named=is_named,
        strays=strays,
        stream=stream.name,
        mean_delay=mean_delay,
    )


def stamps(hours: "pd.Series | Floats") -> pd.DatetimeIndex:
    return pd.to_datetime((np.asarray(hours, dtype=np.float64) * 3600).round(3), unit="s", utc=True)


def _release(name: str, hour: float, platform: str, note: str) -> pd.DataFrame:
    release_id = f"{platform}/{name}" if platform else name
    return pd.DataFrame(
        [(release_id, name, hour, platform, note)], columns=["release_id", "version", "hours", "platform", "notes"]
    )


def _real(rng: np.random.Generator, stream: Stream) -> pd.DataFrame:
    parts = []
    for number, (day, note) in enumerate(stream.releases):
        at = day // 24 * 24 + rng.uniform(8, 18)
        parts.append(_release(f"{number // 10}.{number % 10}.{number}", at, "", note))
    return pd.concat(parts, ignore_index=True)


def _made(rng: np.random.Generator, calendar: str, middle: float) -> pd.DataFrame:
    """A made calendar: pushes in working hours, few at weekends."""
    parts = []
    number = 0
    for day in range(int(middle // 24) - 75, int(middle // 24) + 30):
        is_weekend = (day + 3) % 7 >= 5
        if calendar == "five a day":
            n = int(rng.integers(1, 6))
        else:
            n = 1 if calendar == "one a day" else int(rng.integers(0, 3))
        pushed = [("web" if calendar == "web and apps" else "", n if not is_weekend else int(rng.random() < 0.1))]
        if calendar == "web and apps" and not is_weekend:
            pushed += [(platform, int(rng.random() < 0.25)) for platform in ("ios", "android")]
        for platform, count in pushed:
            for hour in np.sort(rng.uniform(8.5, 18.5, size=count)):
                number += 1
                parts.append(_release(f"1.{number}", day * 24 + float(hour), platform, ""))
    return pd.concat(parts, ignore_index=True).sort_values("hours", ignore_index=True)


def _instants(
    rng: np.random.Generator, stream: Stream, onset: float, delay: str, n_reports: int, *, is_app: bool
) -> tuple[Floats, float]:
    """The first reports' instants: delays of one shape, thinned by the stream's traffic; and the delays' scale."""
    n_all = int(n_reports * rng.uniform(1, 3)) + 1
    mean = np.exp(rng.uniform(np.log(0.5), np.log(240.0)))
    draw = _lasting(rng) if delay == LASTING else _delays(rng, delay, mean)
    found = np.zeros(0)
    while len(found) < n_all:
        drawn = draw(20 * n_all)
        if is_app:
            drawn = drawn + rng.exponential(ADOPTION_HOURS, len(drawn))
        at = onset + drawn + 0.03
        if delay == "by day only":
            # Nobody writes at night: what is met then is written in the morning.
            hour = at % 24
            asleep = hour < 7
            at = np.where(asleep, at - hour + 7 + rng.exponential(1.0, len(at)), at)
        else:
            at = at[rng.random(len(at)) < stream.busy(at) / 6]
        found = np.concatenate([found, at])
    return np.sort(rng.choice(found, size=n_all, replace=False))[:n_reports], float(mean)


def _delays(rng: np.random.Generator, delay: str, mean: float) -> Callable[[int], Floats]:
    return {
        "exponential": lambda size: rng.exponential(mean, size),
        "gamma": lambda size: rng.gamma(2.5, mean / 2.5, size),
        "uniform": lambda size: rng.uniform(0, 2 * mean, size),
        "heavy tail": lambda size: mean / 2 * np.exp(1.4 * rng.standard_normal(size)),
        "by day only": lambda size: rng.exponential(mean, size),
    }[delay]


def _lasting(rng: np.random.Generator) -> Callable[[int], Floats]:
    """Delays of a fault that is met for five to forty days, on some days more often than on others for no reason."""
    length, rise = np.exp(rng.uniform(np.log(5), np.log(40))) * 24, np.exp(rng.uniform(np.log(0.5), np.log(48)))
    luck = rng.gamma(3.0, size=100)

    def draw(size: int) -> Floats:
        at = rng.uniform(0, length, 4 * size) + rng.exponential(rise, 4 * size)
        return at[rng.random(4 * size) < luck[np.minimum(at // 24, 99).astype(int)] / luck.max()]

    return draw


def _customers(
    rng: np.random.Generator, hours: Floats, releases: pd.DataFrame, row: int | None, platform: str, calendar: str
) -> pd.DataFrame:
    """Who writes: platform and declared release of each report, where the calendar has platforms."""
    if calendar != "web and apps":
        return pd.DataFrame({"hours": hours, "platform": "", "declared_release_id": ""})
    only = platform if platform in {"ios", "android"} else str(rng.choice(["", "", "ios", "android"]))
    rows = []
    for hour in hours:
        own = only or str(rng.choice(["", "", "ios", "android"]))
        declared = ""
        if own and rng.random() < DECLARING_SHARE:
            mine = releases[(releases["platform"] == own) & (releases["hours"] <= hour)]
            has = mine[rng.exponential(ADOPTION_HOURS, len(mine)) < hour - mine["hours"]]
            if row is not None and platform == own:
                has = pd.concat([mine[mine.index == row], has[has.index > row]])
            declared = str(has["release_id"].iloc[-1]) if len(has) else ""
        rows.append((hour, own, declared))
    return pd.DataFrame(rows, columns=["hours", "platform", "declared_release_id"])
