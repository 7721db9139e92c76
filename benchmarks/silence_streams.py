"""Simulated streams of feedback with releases, for benchmarks/silence.py: what happened in them is known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

START = pd.Timestamp("2026-01-05", tz="UTC")
RELEASE_EVERY = 336
LONGEST = 168
DEAD = ("dead before", "dead at release", "dead in window", "dead for a while")
ONE_CHANNEL = ("usual", "halved", "doubled", *DEAD)
MANY_CHANNELS = ("usual", "one began", "one ended", "one halved", "one dead", "trickle dead")
SHARES = {"store": 0.5, "mail": 0.3, "chat": 0.17, "forum": 0.03}


@dataclass(frozen=True)
class Shape:
    """A kind of stream.

    Attributes:
        a_day: items.
        weeks: of history before the last release.
        dispersion: of a day (gamma).
        trend: level at the end over level at the beginning.
        season: whether hours and weekends differ.
        clocks: whether clocks jump an hour in the week before the release.
    """

    a_day: float
    weeks: int
    dispersion: float
    trend: float
    season: bool
    clocks: bool = False

    @property
    def kind(self) -> str:
        """What sets it apart, in words."""
        if self.clocks:
            return "clocks jump"
        if self.trend != 1.0:
            return "level doubles" if self.trend > 1 else "level halves"
        return f"dispersion {self.dispersion:g}" if self.season else "no season"


SHAPES = [
    Shape(a_day, weeks, *rest)
    for a_day in (2.0, 12.0, 80.0)
    for weeks in (3, 10, 30)
    for rest in (
        (0.0, 1.0, False),
        (0.05, 1.0, True),
        (0.3, 1.0, True),
        (0.1, 2.0, True),
        (0.1, 0.5, True),
        (0.05, 1.0, True, True),
    )
]
MANY_SHAPES = [shape for shape in SHAPES if shape.a_day >= 12 and shape.weeks >= 10 and not shape.clocks]


@dataclass(frozen=True)
class Stream:
    """A stream, and what is known of how it was made.

    Attributes:
        items: `written_at`, `source`.
        releases: one a fortnight.
        counts: items of each hour.
        release: the hour of the last one.
        now: what is known ends with this hour.
        dead: the hours during which a feed that had spoken was dead, None where none was.
    """

    items: pd.DataFrame
    releases: pd.DataFrame
    counts: np.ndarray
    release: int
    now: int
    dead: tuple[int, int] | None = None


def simulate(shape: Shape, effect: str, rng: np.random.Generator, *, channels: bool) -> Stream:
    """Draw a stream; `effect` is what happens around its last release."""
    release = shape.weeks * 168 + int(rng.integers(0, 168))
    now = release + LONGEST + int(rng.choice([1, 24, 120]))
    rate = hourly_rate(shape, release, now, rng)
    if effect in ("halved", "doubled"):
        rate[release : release + LONGEST] *= 0.5 if effect == "halved" else 2.0
    sources = SHARES if channels else {"app": 1.0}
    dead = _dead_hours(effect, release, now, rng)
    parts = {}
    for source, share in sources.items():
        of_source = rate * share
        if channels:
            of_source = _mix(of_source, source, effect, release, dead, rng)
        elif dead is not None:
            of_source[slice(*dead)] = 0
        parts[source] = rng.poisson(of_source)
    hours, names = [], []
    for source, counts in parts.items():
        at = np.repeat(np.arange(now), counts) + rng.random(int(counts.sum()))
        hours.append(at)
        names += [source] * len(at)
    items = pd.DataFrame({"written_at": START + pd.to_timedelta(np.concatenate(hours), unit="h"), "source": names})
    at = [release - k * RELEASE_EVERY for k in range(release // RELEASE_EVERY, -1, -1)]
    releases = pd.DataFrame({"version": [f"1.{i}" for i in range(len(at))], "kind": "fix"})
    releases["release_id"] = releases["version"]
    releases["released_at"] = START + pd.to_timedelta(at, unit="h")
    return Stream(items, releases, np.sum(list(parts.values()), axis=0), release, now, dead)


def hourly_rate(shape: Shape, release: int, now: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the rate of each hour of a stream to which nothing happens, shape (now,)."""
    hours = np.arange(now)
    rate = np.full(now, shape.a_day / 24)
    if shape.season:
        local = hours + np.where(shape.clocks & (hours >= release - 100), 1, 0)
        day, hour = (local // 24) % 7, local % 24
        rate = rate * np.where(day >= 5, 0.5, 1.2) * (1 + 0.8 * np.sin((hour - 8) / 24 * 2 * np.pi))
    rate = rate * shape.trend ** (hours / now)
    n_days = now // 24 + 1
    if shape.dispersion:
        rate = rate * rng.gamma(1 / shape.dispersion, shape.dispersion, n_days)[hours // 24]
    return np.asarray(rate * np.exp(np.cumsum(rng.normal(0, 0.02, n_days)))[hours // 24])


def _mix(
    rate: np.ndarray, source: str, effect: str, release: int, dead: tuple[int, int] | None, rng: np.random.Generator
) -> np.ndarray:
    """Let one channel begin, end, halve or die."""
    rate = rate.copy()
    if effect == "one began" and source == "mail":
        rate[: release - int(rng.integers(120, 600))] = 0
    if effect == "one halved" and source == "mail":
        rate[release : release + LONGEST] *= 0.5
    if dead is not None and source == ("forum" if effect == "trickle dead" else "mail"):
        rate[slice(*dead)] = 0
    return rate


def _dead_hours(effect: str, release: int, now: int, rng: np.random.Generator) -> tuple[int, int] | None:
    near, ended, before = (int(rng.integers(*span)) for span in ((-24, 24), (300, 1200), (1, 96)))
    inside, lasting = (int(rng.integers(*span)) for span in ((1, 20), (24, 96)))
    return {
        "one dead": (release + near, now),
        "trickle dead": (release + near, now),
        "one ended": (release - ended, now),
        "dead before": (release - before, now),
        "dead at release": (release, now),
        "dead in window": (release + inside, now),
        "dead for a while": (release + near, release + near + lasting),
    }.get(effect)
