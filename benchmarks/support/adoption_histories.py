"""Made-up histories of who had which release when, for developing and checking the model of adoption.

Nothing in them is taken from a real stream: each shape is a plain story of how customers come by releases.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Lags = Callable[[np.random.Generator, int], np.ndarray]
"""Draws days from a release to the moment a customer has it."""

START = pd.Timestamp("2024-01-01", tz="UTC")


@dataclass(frozen=True)
class Shape:
    """How one team releases and its customers follow.

    Attributes:
        lags: of customers behind a release, drawn for each item.
        later_lags: of the second half of the history, None for the same.
        days_between: mean time from one release to the next.
        n_per_day: items a day.
        n_days: length of the history.
        stray_ratio: share of items of some older release whatever the model of adoption says.
        by_day: whether instants are days only.
        told: whether the releases' frame has the schedule of roll-outs, and which were rolled back.
        rolled_back_ratio: share of releases that are taken back after one to five days.
    """

    lags: Lags
    later_lags: Lags | None = None
    days_between: float = 14.0
    n_per_day: float = 5.0
    n_days: int = 240
    stray_ratio: float = 0.01
    by_day: bool = False
    told: bool = False
    rolled_back_ratio: float = 0.0


STEPS = ((0.0, 0.01), (2.0, 0.05), (4.0, 0.2), (6.0, 0.5), (9.0, 1.0))
"""(days since the release, share of customers that can have it)."""


def never_late(_: np.random.Generator, n: int) -> np.ndarray:
    return np.zeros(n)


def within(days: float) -> Lags:
    return lambda rng, n: rng.exponential(days, n)


def in_steps(rng: np.random.Generator, n: int) -> np.ndarray:
    """Wait for the step of the roll-out that one is in, then up to a day."""
    starts, shares = np.array(STEPS).T
    return starts[np.searchsorted(shares, rng.uniform(0, 1, n))] + rng.exponential(0.5, n)


def by_hand(rng: np.random.Generator, n: int) -> np.ndarray:
    """Half have it within hours, a third when they think of it, the others months later."""
    kind = rng.uniform(0, 1, n)
    return np.where(
        kind < 0.5, rng.exponential(0.3, n), np.where(kind < 0.85, rng.exponential(12, n), rng.exponential(120, n))
    )


SHAPES = {
    "everybody at once": Shape(never_late),
    "everybody at once, days only": Shape(never_late, by_day=True, n_per_day=15, stray_ratio=0.02),
    "at once, several a week": Shape(never_late, days_between=2.5, n_per_day=8, n_days=120),
    "within a day": Shape(within(0.7), n_per_day=10, n_days=150),
    "within a day, days only": Shape(within(0.7), by_day=True, n_per_day=10, n_days=150),
    "within a week": Shape(within(5.0), n_per_day=6),
    "within weeks, few items": Shape(within(9.0), n_per_day=0.5, n_days=1000, days_between=25, stray_ratio=0.08),
    "at once, few items": Shape(within(0.5), n_per_day=0.4, n_days=1200, days_between=20, stray_ratio=0.1),
    "staged over nine days": Shape(in_steps, n_per_day=10, n_days=150, days_between=18),
    "staged, schedule told": Shape(in_steps, n_per_day=3, n_days=300, days_between=18, told=True),
    "half by hand": Shape(by_hand, n_per_day=6, days_between=21),
    "staged, days only, many items": Shape(in_steps, by_day=True, n_per_day=60, n_days=120, days_between=16),
    "within a week, many items": Shape(within(4.0), n_per_day=60, n_days=100, days_between=12),
    "staged, later at once": Shape(in_steps, never_late, n_per_day=8, n_days=240, days_between=15),
    "at once, later slow": Shape(within(0.3), within(8.0), n_per_day=6, n_days=240),
    "with roll-backs": Shape(within(0.7), n_per_day=6, rolled_back_ratio=0.3, days_between=8, told=True),
}


def history(shape: Shape, seed: int | Sequence[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a history.

    Returns:
        Items in time order with the true version in `version`, and releases.
    """
    rng = np.random.default_rng(seed)
    gaps = rng.exponential(shape.days_between * 0.7, 4 + int(3 * shape.n_days / shape.days_between))
    days = np.cumsum(np.concatenate([[0.0], gaps + 0.3 * shape.days_between]))
    days = days[days < shape.n_days] - 5.0
    ends = np.where(rng.uniform(0, 1, len(days)) < shape.rolled_back_ratio, days + rng.uniform(1, 5, len(days)), np.inf)
    ends[0] = np.inf
    written = np.sort(rng.uniform(0, shape.n_days, rng.poisson(shape.n_days * shape.n_per_day)))
    lag = shape.lags(rng, len(written))
    if shape.later_lags is not None:
        lag = np.where(written < shape.n_days / 2, lag, shape.later_lags(rng, len(written)))
    # Each customer has the newest release that was theirs to have; the first one everybody has.
    can = (days[None, :] + lag[:, None] <= written[:, None]) & (written[:, None] < ends[None, :])
    can[:, 0] = True
    had = len(days) - 1 - np.argmax(can[:, ::-1], axis=1)
    strays = rng.uniform(0, 1, len(written)) < shape.stray_ratio
    had[strays] = (had[strays] * rng.uniform(0, 1, strays.sum())).astype(int)
    names = [f"{k // 10 + 1}.{k % 10}" for k in range(len(days))]
    instants = START + pd.to_timedelta(np.floor(written) if shape.by_day else written, unit="D")
    items = pd.DataFrame(
        {
            "item_id": [f"{i:06d}" for i in range(len(written))],
            "written_at": instants,
            "version": np.array(names, dtype=object)[had],
            "text": "",
            "product": "",
            "platform": "",
        }
    )
    released_at = START + pd.to_timedelta(np.floor(days) if shape.by_day else days, unit="D")
    releases = pd.DataFrame({"release_id": names, "version": names, "released_at": released_at})
    if shape.told:
        if shape.lags is in_steps:
            releases["rollout"] = [
                tuple((at + pd.Timedelta(days=day), share) for day, share in STEPS) for at in released_at
            ]
        back = [START + pd.Timedelta(days=end) if np.isfinite(end) else pd.NaT for end in ends]
        releases["rolled_back_at"] = pd.to_datetime(pd.Series(back), utc=True)
    return items, releases
