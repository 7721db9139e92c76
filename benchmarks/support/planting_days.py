"""Faults planted in streams that tell the day and not the time, as app stores do: late stores and great bursts too."""

import numpy as np
import pandas as pd

from support.planting import NAMED_SHARE, NONE_SHARE, Case, Floats, Stream, stamps
from support.planting_texts import Texts, note_of

KINDS = ("dates only", "dates only, late store", "dates only, great burst", "times, great burst")
_CALENDARS = ("youtube_ios", "noaa_ios", "made")
_SMALL = (3, 5, 8, 20, 50)
_DECLARING_SHARES = (0.0, 0.8, 0.95)


def plant_by_day(rng: np.random.Generator, streams: dict[str, Stream], texts: Texts, kind: str) -> Case:
    """Plant one fault of an app, whose releases are known by their day and whose customers name versions."""
    calendar = str(rng.choice(_CALENDARS))
    stream = streams[calendar if calendar in streams else str(rng.choice(["youtube_ios", "swiftkey_android"]))]
    low, high = float(stream.hours[0]) + 60 * 24, float(stream.hours[-1]) - 20 * 24
    middle = float(rng.uniform(low, high) // 24 * 24)
    days = _days(rng, stream, calendar, middle)
    if len(days) < 3:
        return plant_by_day(rng, streams, texts, kind)
    fault = texts.faults[rng.integers(len(texts.faults))]
    is_great = kind.endswith("great burst")
    n = int(rng.integers(100, 401)) if is_great else int(rng.choice(_SMALL))
    releases = pd.DataFrame({"release_id": [f"7.{i}" for i in range(len(days))], "hours": days, "platform": ""})
    releases["version"] = releases["release_id"]
    releases["notes"] = [note_of(rng, texts, fault) for _ in days]
    row = None if rng.random() < NONE_SHARE else int(np.argmin(np.abs(days - middle)))
    is_named = bool(row is not None and rng.random() < NAMED_SHARE)
    if row is not None and is_named:
        releases.loc[row, "notes"] = fault["note"]
    out = days + rng.uniform(8, 18, size=len(days))
    if kind == "dates only, late store":
        out = out + rng.uniform(12, 60, size=len(days))
    adoption = float(np.exp(rng.uniform(np.log(24), np.log(240))))
    onset = middle + float(rng.uniform(0, 24)) if row is None else float(out[row])
    hours = _burst(rng, onset, n, adoption if row is not None else 0.0, is_great=is_great)
    is_stray = np.zeros(n, dtype=np.bool_)
    if rng.random() < 0.4:
        is_stray = rng.random(n) < 0.1
        hours = np.where(is_stray, rng.uniform(onset - 14 * 24, max(hours.max(), onset + 24), size=n), hours)
    declaring = float(rng.choice(_DECLARING_SHARES))
    background = np.sort(stream.hours[(stream.hours > middle - 75 * 24) & (stream.hours <= hours.max())])
    frame = pd.DataFrame({"hours": hours})
    frame["declared_release_id"] = [
        _declared(rng, out, adoption, hour, declaring, None if stray else row)
        for hour, stray in zip(hours.tolist(), is_stray.tolist(), strict=True)
    ]
    about = pd.DataFrame({"hours": background})
    about["declared_release_id"] = [_declared(rng, out, adoption, hour, declaring, None) for hour in background]
    about["item_id"] = [f"b{i:05d}" for i in range(len(about))]
    frame["item_id"] = [f"r{i:05d}" for i in rng.permutation(n)]
    if kind != "times, great burst":
        frame["hours"], about["hours"] = frame["hours"] // 24 * 24, about["hours"] // 24 * 24
    frame = frame.sort_values(["hours", "item_id"], ignore_index=True)
    sentences = [str(each) for each in rng.choice(fault["reports"], size=min(n, 60))]
    known = releases[(days > frame["hours"].min() - 60 * 24) & (days <= frame["hours"].max())]
    return Case(
        reports=frame.assign(written_at=stamps(frame["hours"]), product="", platform=""),
        releases=releases.assign(released_at=stamps(releases["hours"]), product=""),
        background=pd.concat([about, frame]).assign(
            written_at=lambda rows: stamps(rows["hours"]), product="", platform=""
        ),
        similarity=texts.compared(sentences, known, fault),
        culprit=None if row is None else str(releases["release_id"][row]),
        calendar=kind,
        delay="great burst" if is_great else "of an app",
        n_reports=100 if is_great else n,
        is_named=is_named,
        strays="steady strays" if is_stray.any() else "no strays",
    )


def _days(rng: np.random.Generator, stream: Stream, calendar: str, middle: float) -> Floats:
    """Days of release, at midnight: real ones, or one every three days to three weeks."""
    if calendar in {"youtube_ios", "noaa_ios"}:
        days = np.array([hour // 24 * 24 for hour, _ in stream.releases])
    else:
        steps = rng.integers(3, 22, size=60) * 24.0
        days = middle - 90 * 24 + np.cumsum(steps)
    return np.unique(days[(days > middle - 75 * 24) & (days < middle + 20 * 24)])


def _burst(rng: np.random.Generator, onset: float, n: int, adoption: float, *, is_great: bool) -> Floats:
    """Instants of n reports: as customers meet it and write, more on some days than on others for no reason."""
    mean = float(np.exp(rng.uniform(np.log(12), np.log(72 if is_great else 240))))
    drawn = rng.gamma(rng.choice([0.7, 1.0, 2.0]), mean, size=40 * n)
    if adoption:
        drawn = drawn + rng.exponential(adoption / (3 if is_great else 1), size=40 * n)
    at = onset + drawn
    luck = rng.gamma(1.5 if is_great else 4.0, size=int((at.max() - onset) // 24) + 3)
    weight = luck[((at // 24) - onset // 24).astype(int)]
    kept = at[rng.random(len(at)) < weight / weight.max()]
    at = kept if len(kept) >= n else at
    size = min(len(at), int(n * rng.uniform(1, 2)))
    return np.sort(rng.choice(at, size=max(n, size), replace=False))[:n]


def _declared(
    rng: np.random.Generator, out: Floats, adoption: float, hour: float, declaring: float, row: int | None
) -> str:
    """Give the version that a customer has at an instant; one who meets a release's fault has it or a later one."""
    if rng.random() >= declaring:
        return ""
    # A customer updates after a while that is hers, so those who wait long skip releases.
    has = int(np.searchsorted(out, hour - rng.exponential(adoption), side="right")) - 1
    has = has if row is None else max(has, row)
    return f"7.{has}" if has >= 0 else ""
