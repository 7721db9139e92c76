"""Silence and spikes: coverage, false alarms and power on simulated histories, and coverage on real streams.

    python benchmarks/silence.py [--data ../shared/data] [--repeats 200] [--seed 1]

Simulated: hourly counts with a season by hour of week, a trend, a drifting level and daily
overdispersion. Each history has one release a fortnight (no effect), and a last one whose window is as
usual, halved, doubled, or without its feed (it dies after six hours). Compared with mean +- 2 sd of the
same-length windows before, and with the Farrington method as Noufaily et al. 2013 improved it
(quasi-Poisson trend, outbursts down-weighted, negative binomial quantiles). `stale` is the share of
windows that make no claim because a feed may be dead.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import nbinom, poisson

from feedback_triage.domain import SilenceWindow, WindowStatus
from feedback_triage.link import derive_releases
from feedback_triage.silence import volume_windows

WINDOW = 72
START = pd.Timestamp("2026-01-05", tz="UTC")


@dataclass(frozen=True)
class Shape:
    """A kind of stream: items a day, weeks of history, dispersion of a day, trend over it, season."""

    a_day: float
    weeks: int
    dispersion: float
    trend: float
    season: bool


SHAPES = [
    Shape(a_day, weeks, dispersion, trend, season)
    for a_day in (2.0, 12.0, 80.0)
    for weeks in (3, 10, 30)
    for dispersion, trend, season in (
        (0.0, 1.0, False),
        (0.05, 1.0, True),
        (0.3, 1.0, True),
        (0.1, 2.0, True),
    )
]


def simulate(shape: Shape, rng: np.random.Generator, effect: str) -> tuple[np.ndarray, int]:
    """Give hourly counts and the hour of the last release; `effect` acts on the 72 hours after it."""
    release = shape.weeks * 168 + int(rng.integers(0, 168))
    n_hours = release + WINDOW + 24
    hours = np.arange(n_hours)
    rate = np.full(n_hours, shape.a_day / 24)
    if shape.season:
        day, hour = (hours // 24) % 7, hours % 24
        rate = rate * np.where(day >= 5, 0.5, 1.2) * (1 + 0.8 * np.sin((hour - 8) / 24 * 2 * np.pi))
    rate = rate * shape.trend ** (hours / n_hours)
    n_days = n_hours // 24 + 1
    if shape.dispersion:
        rate = rate * rng.gamma(1 / shape.dispersion, shape.dispersion, n_days)[hours // 24]
    rate = rate * np.exp(np.cumsum(rng.normal(0, 0.02, n_days)))[hours // 24]
    factor = {"usual": 1.0, "halved": 0.5, "doubled": 2.0, "dead": 1.0}[effect]
    rate[release : release + WINDOW] *= factor
    if effect == "dead":
        rate[release + 6 :] = 0.0
    return rng.poisson(rate), release


def frames(counts: np.ndarray, release: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give items and releases (one each fortnight before the last)."""
    hours = np.repeat(np.arange(len(counts)), counts) + rng.random(int(counts.sum()))
    items = pd.DataFrame({"written_at": START + pd.to_timedelta(np.sort(hours), unit="h"), "source": "app"})
    at = [release - k * 336 for k in range(release // 336, -1, -1)]
    releases = pd.DataFrame({"version": [f"1.{i}" for i in range(len(at))], "kind": "fix"})
    releases["release_id"] = releases["version"]
    releases["released_at"] = START + pd.to_timedelta(at, unit="h")
    return items, releases


def past_windows(counts: np.ndarray, release: int, most: int) -> np.ndarray:
    """Give the counts of the same-length windows before the release, oldest first."""
    n = min(most, release // WINDOW)
    return counts[release - n * WINDOW : release].reshape(n, WINDOW).sum(axis=1)


def two_sd(past: np.ndarray) -> tuple[float, float]:
    """Mean plus or minus two standard deviations."""
    sd = past.std(ddof=1) if len(past) > 1 else past.mean()
    return past.mean() - 2 * sd, past.mean() + 2 * sd


def farrington(past: np.ndarray) -> tuple[float, float]:
    """Quasi-Poisson log-linear trend, outbursts down-weighted, negative binomial quantiles."""
    n = len(past)
    if n < 4:
        return two_sd(past)
    design = np.column_stack([np.ones(n), (np.arange(n) - n) / n])
    weights = np.ones(n)
    beta = np.array([np.log(past.mean() + 0.5), 0.0])
    for use_trend in (True, False):
        columns = design if use_trend else design[:, :1]
        for _ in range(2):
            beta = np.zeros(columns.shape[1])
            beta[0] = np.log(past.mean() + 0.5)
            for _ in range(25):
                mu = np.exp(np.clip(columns @ beta, -10, 15))
                gram = columns.T @ (columns * (weights * mu)[:, None]) + 1e-9 * np.eye(columns.shape[1])
                beta = beta + np.linalg.solve(gram, columns.T @ (weights * (past - mu)))
            mu = np.exp(np.clip(columns @ beta, -10, 15))
            phi = max(1.0, float((weights * (past - mu) ** 2 / mu).sum() / max(n - len(beta), 1)))
            residual = 1.5 * (past ** (2 / 3) - mu ** (2 / 3)) / (mu ** (1 / 6) * np.sqrt(phi))
            weights = np.maximum(residual / 2.58, 1.0) ** -2.0
            weights *= n / weights.sum()
        if use_trend:
            se = np.sqrt(phi * np.linalg.inv(gram)[1, 1])
            if abs(beta[1] / se) > 1.96:
                break
    expected = float(np.exp(np.clip(np.r_[1.0, 0.0][: len(beta)] @ beta, -10, 15)))
    variance_of_mean = expected**2 * phi * np.linalg.inv(gram)[0, 0]
    variance = phi * expected + variance_of_mean
    if variance <= expected * 1.0001:
        return poisson.ppf(0.025, expected), poisson.ppf(0.975, expected)
    size = expected**2 / (variance - expected)
    return nbinom.ppf(0.025, size, size / (size + expected)), nbinom.ppf(0.975, size, size / (size + expected))


def simulated(repeats: int, seed: int) -> pd.DataFrame:
    """Run all shapes; one row a simulation and method."""
    rows = []
    for number, shape in enumerate(SHAPES):
        for effect in ("usual", "halved", "doubled", "dead"):
            n = repeats if effect == "usual" else max(1, repeats // 3)
            for repeat in range(n):
                rng = np.random.default_rng([seed, number, repeat, len(effect)])
                counts, release = simulate(shape, rng, effect)
                items, releases = frames(counts, release, rng)
                as_of = (START + pd.Timedelta(hours=len(counts))).to_pydatetime()
                window = volume_windows(items, releases, window_hours=WINDOW, as_of=as_of)[-1]
                rows.append(_row(shape, effect, "ours", window.lower, window.upper, window.observed_count, window))
                for name, method, most in (("2 sd", two_sd, 12), ("farrington", farrington, 60)):
                    past = past_windows(counts, release, most)
                    lower, upper = method(past)
                    rows.append(_row(shape, effect, name, lower, upper, window.observed_count, None))
    return pd.DataFrame(rows)


def _row(
    shape: Shape,
    effect: str,
    method: str,
    lower: float,
    upper: float,
    seen: int,
    window: SilenceWindow | None,
) -> dict[str, object]:
    quiet = seen < lower if window is None else window.status is WindowStatus.QUIET
    return {
        "a_day": shape.a_day,
        "weeks": shape.weeks,
        "dispersion": shape.dispersion,
        "trend": shape.trend,
        "effect": effect,
        "method": method,
        "inside": lower <= seen <= upper,
        "width": (upper - max(lower, 0)) / max(shape.a_day * 3, 1),
        "quiet": quiet,
        "spike": seen > upper,
        "stale": window is not None and window.status is WindowStatus.FEED_STALE,
    }


def real(data: Path) -> pd.DataFrame:
    """Give the share of the windows of real streams inside the predicted interval."""
    rows = []
    for name in ("youtube_ios", "noaa_ios", "swiftkey_android"):
        frame = pd.read_csv(data / name / "reviews.csv")
        items = pd.DataFrame(
            {
                "written_at": pd.to_datetime(frame["date"], format="mixed", utc=True),
                "app_version": frame["version"].astype(str),
                "source": "store",
            }
        )
        derived = derive_releases(items, min_items=50)
        releases = pd.DataFrame(
            [(r.release_id, r.version, r.released_at) for r in derived],
            columns=["release_id", "version", "released_at"],
        )
        for hours in (72.0, 168.0):
            windows = [
                w
                for w in volume_windows(items, releases, window_hours=hours)
                if w.expected_count > 0 and w.status is not WindowStatus.OPEN
            ]
            inside = np.mean([w.lower <= w.observed_count <= w.upper for w in windows])
            statuses = pd.Series([w.status.value for w in windows]).value_counts().to_dict()
            rows.append(
                {
                    "stream": name,
                    "hours": hours,
                    "windows": len(windows),
                    "inside": round(inside, 3),
                    **statuses,
                }
            )
    return pd.DataFrame(rows).fillna(0)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rows = simulated(args.repeats, args.seed)
    columns = ["inside", "width", "quiet", "spike", "stale"]
    print(rows.groupby(["effect", "method"])[columns].mean().round(3).to_string(), "\n")
    for by in ("a_day", "weeks", "dispersion"):
        print(rows[rows.effect == "usual"].groupby([by, "method"])[columns].mean().round(3).to_string(), "\n")
        halved = rows[rows.effect.isin(["halved", "doubled"])]
        print(
            halved.pivot_table(index=[by, "method"], columns="effect", values=["quiet", "spike"]).round(3).to_string()
        )
    if args.data.is_dir():
        print(real(args.data).to_string(index=False))


if __name__ == "__main__":
    main()
