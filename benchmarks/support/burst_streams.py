"""Simulated streams of feedback with themes, labels, platforms and sources, and bursts planted in them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

START = pd.Timestamp("2026-01-05", tz="UTC")
LABELS = ("praise", "broken_link", "sync_bug", "silence", None)


@dataclass(frozen=True)
class Stream:
    """A kind of stream.

    Attributes:
        a_day: items.
        weeks: how long.
        n_themes: beside items of no theme.
        dispersion: squared relative spread of whole days, and half of it of themes' days.
        clump: squared relative spread of single hours.
        releases_a_week: each with a mild wave in all and a stronger one in one theme.
        new_themes: themes that begin in the middle.
        dead_feed: a source dies for ten days and comes back.
        new_source: a source begins in the middle.
    """

    name: str
    a_day: float = 30.0
    weeks: int = 16
    n_themes: int = 20
    dispersion: float = 0.05
    clump: float = 0.1
    releases_a_week: float = 2.0
    new_themes: int = 5
    dead_feed: bool = True
    new_source: bool = True


@dataclass(frozen=True)
class Burst:
    """A planted burst: extra items in all themes, in one label or in one theme.

    Attributes:
        scope: `all`, `label` or `theme`.
        n_items: expected.
        hours: over which their rate falls evenly to zero.
    """

    scope: str
    n_items: int
    hours: float


def simulate(stream: Stream, burst: Burst | None, rng: np.random.Generator) -> tuple[pd.DataFrame, float, np.ndarray]:
    """Give the items, the hour at which the burst begins, and whether each item is of it."""
    n_hours = stream.weeks * 168
    hours = np.arange(n_hours)
    day, hour = (hours // 24) % 7, hours % 24
    season = np.where(day >= 5, 0.5, 1.2) * (1 + 0.8 * np.sin((hour - 8) / 24 * 2 * np.pi))
    drift = np.exp(np.cumsum(rng.normal(0, 0.02, n_hours // 24)))[hours // 24]
    base = stream.a_day / 24 * season * drift / season.mean()
    base *= _gamma(stream.dispersion, n_hours // 24, rng)[hours // 24] * _gamma(stream.clump, n_hours, rng)
    share = 1 / np.arange(1, stream.n_themes + 1) ** 0.8
    share *= 0.7 / share.sum()  # three items in ten are of no theme
    rate = np.outer(base, np.append(share, 0.3))
    for theme in range(stream.n_themes):
        rate[:, theme] *= _gamma(stream.dispersion / 2, n_hours // 24, rng)[hours // 24]
        rate[:, theme] *= np.exp(np.cumsum(rng.normal(0, 0.03, n_hours // 24)))[hours // 24]
    born = rng.permutation(np.arange(3, stream.n_themes))[: stream.new_themes]  # a large one at once would be a burst
    for theme in born:
        rate[: int(rng.integers(n_hours // 4, n_hours)), theme] = 0.0
    for at in np.flatnonzero(rng.random(n_hours) < stream.releases_a_week / 168):
        age = hours - at
        wave = np.where(age >= 0, np.exp(-age / 48.0), 0.0)
        rate *= 1 + 0.3 * rng.random() * wave[:, None]
        rate[:, int(rng.integers(stream.n_themes))] *= 1 + rng.random() * wave
    label_of = np.array([LABELS[i % len(LABELS)] for i in range(stream.n_themes + 1)], dtype=object)
    counts = rng.poisson(rate)
    at_hour, theme = np.repeat(np.indices(counts.shape).reshape(2, -1), counts.ravel(), axis=1)
    written = at_hour + rng.random(len(at_hour))
    start, planted = np.inf, np.zeros(len(written), dtype=bool)
    if burst is not None:
        start = float(rng.uniform(n_hours * 0.6, n_hours - 200))
        n = max(1, rng.poisson(burst.n_items))
        extra = start + burst.hours * (1 - np.sqrt(rng.random(n)))
        own = _themes(burst.scope, label_of, share, n, rng)
        written, theme = np.append(written, extra), np.append(theme, own)
        planted = np.append(planted, np.ones(n, dtype=bool))
    n = len(written)
    sources = rng.choice(["store", "mail", "chat", "social"], n, p=[0.4, 0.25, 0.2, 0.15])
    kept = np.ones(n, dtype=bool)
    if stream.dead_feed:
        died = float(rng.uniform(n_hours * 0.3, n_hours * 0.8))
        kept &= (sources != "chat") | (written < died) | (written > died + 240) | planted
    if stream.new_source:
        kept &= (sources != "social") | (written > rng.uniform(n_hours * 0.3, n_hours * 0.8)) | planted
    frame = pd.DataFrame(
        {
            "item_id": [f"s:{i:07d}" for i in range(n)],
            "written_at": START + pd.to_timedelta(written, unit="h"),
            "source": sources,
            "product": "",
            "platform": np.where(sources == "store", rng.choice(["ios", "android"], n), ""),
            "label": label_of[theme],
            "theme_id": np.where(theme < stream.n_themes, np.char.add("t", theme.astype(str)), None),
        }
    )
    return frame[kept].reset_index(drop=True), start, planted[kept]


def _gamma(dispersion: float, n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.gamma(1 / dispersion, dispersion, n) if dispersion > 0 else np.ones(n)


def _themes(scope: str, label_of: np.ndarray, share: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the themes of a burst's items: one theme (not a large one), those of one label, or any."""
    weights = np.append(share, 0.3)
    if scope == "theme":
        weights = (np.arange(len(weights)) == int(rng.integers(3, len(share)))).astype(float)
    elif scope == "label":
        weights = weights * (label_of == "sync_bug")
    return np.asarray(rng.choice(len(weights), n, p=weights / weights.sum()))
