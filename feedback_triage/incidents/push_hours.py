"""Does the hour or the weekday of a push go with incidents? Shrunk, so that a few pushes say nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc, betaln

from feedback_triage.link.frames import strings

Floats = npt.NDArray[np.float64]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS_OF_DAY = {"night": (0, 7), "morning": (7, 12), "afternoon": (12, 17), "evening": (17, 24)}
CERTAIN = 0.975
NO_DIFFERENCE = 0.5
"""How probable it is, before anything is known, that the hour does not matter at all."""

COLUMNS = [
    "kind",
    "bucket",
    "n_releases",
    "n_with_incident",
    "incident_ratio",
    "lower",
    "upper",
    "ratio_to_all",
    "verdict",
    "reason",
]
_MEANS = 1 / (1 + np.exp(-np.linspace(-7.0, 4.0, 89)))
_STRENGTHS = np.append(np.geomspace(2.0, 200.0, 12), 1e6)
"""Of the prior in pushes; the last stands for "no difference"."""


def push_hours(releases: pd.DataFrame, incidents_by_release: Mapping[str, float], timezone: str) -> pd.DataFrame:
    """Compare the share of pushes that brought an incident between weekdays, and between parts of the day.

    Beta-binomial: the shares of the weekdays (and, apart from them, of the parts of the day) are draws around a common
    one; how far they differ, if at all, is integrated out over a grid (Gelman et al., Bayesian Data Analysis, 2013,
    ch. 5.3), so with few pushes or few incidents every bucket is near the common share.

    Args:
        releases: columns `release_id`, `released_at`; one without an instant is left out.
        incidents_by_release: release_id to the probability, or the number, of incidents that it brought; more than one
            counts as one, a release that is not named has none.
        timezone: IANA name, for the local hour.

    Returns:
        `kind` (`all`, `weekday`, `part_of_day`), `bucket` ("" for all; `Monday` to `Sunday`; `night` 0 to 7, `morning`
        7 to 12, `afternoon` 12 to 17, `evening` 17 to 24 o'clock), `n_releases`, `n_with_incident` (expected number),
        `incident_ratio` (shrunk share, 0..1) with its 95 % interval `lower`, `upper`, `ratio_to_all`, `verdict`
        (`more`, `fewer`, or `no_evidence` where neither has a probability of .975; `some` in the first row where any
        row claims one), `reason` (a sentence; that of the first row is about the whole). 12 rows, the first is all.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    at = pd.to_datetime(releases["released_at"], utc=True, format="ISO8601")
    known = at.notna().to_numpy()
    local = at[known].dt.tz_convert(ZoneInfo(timezone))
    ids = strings(releases, "release_id")[known]
    hits = np.array([min(1.0, max(0.0, incidents_by_release.get(name, 0.0))) for name in ids], dtype=np.float64)
    weekday, hour = local.dt.day_of_week.to_numpy(), local.dt.hour.to_numpy()
    days = [weekday == day for day in range(7)]
    parts = [(hour >= first) & (hour < last) for first, last in PARTS_OF_DAY.values()]
    rows = [
        *_compare("weekday", WEEKDAYS, days, hits),
        *_compare("part_of_day", tuple(PARTS_OF_DAY), parts, hits),
    ]
    return pd.DataFrame([_whole(hits, rows), *rows], columns=COLUMNS)


@dataclass(frozen=True, slots=True)
class _Posterior:
    """Shares of some buckets after what was seen: for each a mixture of betas.

    Attributes:
        weights: shape (n_grid,).
        means: shape (n_grid,), the common share.
        a, b: shape (n_buckets, n_grid).
    """

    weights: Floats
    means: Floats
    a: Floats
    b: Floats

    @classmethod
    def of(cls, n: Floats, hits: Floats) -> "_Posterior":
        mean, strength = (part.ravel() for part in np.meshgrid(_MEANS, _STRENGTHS, indexing="ij"))
        a, b = mean * strength, (1 - mean) * strength
        after_a, after_b = a + hits[:, None], b + (n - hits)[:, None]
        is_last = strength == _STRENGTHS[-1]
        prior = np.where(is_last, NO_DIFFERENCE, (1 - NO_DIFFERENCE) / (len(_STRENGTHS) - 1))
        # Jeffreys' prior of the common share, on the grid's logit scale.
        logs = np.log(prior) + 0.5 * np.log(mean * (1 - mean))
        # Where nothing differs the binomial itself: differences of betaln lose all digits at 1e6.
        binomial = hits[:, None] * np.log(mean) + (n - hits)[:, None] * np.log1p(-mean)
        logs = logs + np.where(is_last, binomial, betaln(after_a, after_b) - betaln(a, b)).sum(axis=0)
        weights = np.exp(logs - logs.max())
        return cls(weights / weights.sum(), mean, after_a, after_b)

    def mean(self, bucket: int) -> float:
        return float(self.weights @ (self.a[bucket] / (self.a[bucket] + self.b[bucket])))

    def above_all(self, bucket: int) -> float:
        """Give the probability that the bucket's share is above the common one."""
        return float(self.weights @ (1 - betainc(self.a[bucket], self.b[bucket], self.means)))

    def quantile(self, bucket: int, probability: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            below = float(self.weights @ betainc(self.a[bucket], self.b[bucket], middle)) < probability
            low, high = (middle, high) if below else (low, middle)
        return (low + high) / 2


def _compare(
    kind: str, names: tuple[str, ...], buckets: list[npt.NDArray[np.bool_]], hits: Floats
) -> list[dict[str, object]]:
    n = np.array([float(bucket.sum()) for bucket in buckets])
    with_incident = np.array([float(hits[bucket].sum()) for bucket in buckets])
    posterior = _Posterior.of(n, with_incident)
    common = float(posterior.weights @ posterior.means)
    rows: list[dict[str, object]] = []
    for i, name in enumerate(names):
        share, above = posterior.mean(i), posterior.above_all(i)
        verdict = "more" if above >= CERTAIN else "fewer" if above <= 1 - CERTAIN else "no_evidence"
        told = f"{_pushes(n[i])}, {_incidents(with_incident[i])}"
        meaning = {"more": "more than at other times", "fewer": "fewer than at other times"}
        rows.append(
            {
                "kind": kind,
                "bucket": name,
                "n_releases": int(n[i]),
                "n_with_incident": round(with_incident[i], 3),
                "incident_ratio": round(share, 4),
                "lower": round(posterior.quantile(i, 0.025), 4),
                "upper": round(posterior.quantile(i, 0.975), 4),
                "ratio_to_all": round(share / common, 3),
                "verdict": verdict,
                "reason": f"{told}: {meaning.get(verdict, 'no evidence that it differs')}",
            }
        )
    return rows


def _whole(hits: Floats, rows: list[dict[str, object]]) -> dict[str, object]:
    n, with_incident = float(len(hits)), float(hits.sum())
    told = f"{_pushes(n)}, {_incidents(with_incident)}"
    claims = [f"{row['verdict']} incidents with pushes {_when(row)}" for row in rows if row["verdict"] != "no_evidence"]
    posterior = _Posterior.of(np.array([n]), np.array([with_incident]))
    nothing = f"no evidence that the hour of a push matters: {told}"
    return {
        "kind": "all",
        "bucket": "",
        "n_releases": int(n),
        "n_with_incident": round(with_incident, 3),
        "incident_ratio": round(posterior.mean(0), 4),
        "lower": round(posterior.quantile(0, 0.025), 4),
        "upper": round(posterior.quantile(0, 0.975), 4),
        "ratio_to_all": 1.0,
        "verdict": "some" if claims else "no_evidence",
        "reason": f"{'; '.join(claims)} ({told})" if claims else nothing,
    }


def _when(row: dict[str, object]) -> str:
    bucket = str(row["bucket"])
    return f"on {bucket}s" if row["kind"] == "weekday" else "at night" if bucket == "night" else f"in the {bucket}"


def _pushes(count: float) -> str:
    return "1 release" if count == 1 else f"{count:.0f} releases"


def _incidents(count: float) -> str:
    """Say "no incident", "1 incident", "2.4 incidents"."""
    rounded = round(count, 1)
    return "no incident" if rounded == 0 else "1 incident" if rounded == 1 else f"{rounded:g} incidents"
