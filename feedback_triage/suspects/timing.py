"""What the instants of the reports say of each release, and of none of them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from feedback_triage.link.frames import folded
from feedback_triage.silence.season import FLAT, Season, learn_season
from feedback_triage.silence.stream import hours_of
from feedback_triage.suspects.clients import is_server_side, platform_mix
from feedback_triage.suspects.days import DAY_HOURS, day_start, has_date_only, midnight_of, spread
from feedback_triage.suspects.frames import Floats, Releases, Reports
from feedback_triage.suspects.onset import CLIENT_SHAPES, SERVER_SHAPES, Clock, Shapes
from feedback_triage.suspects.stages import NOTHING_AGAINST, Against, staged

NEXT_DAY_SHARE = 0.3
"""Releases known by their day that reach customers on the next: stores take their time, and days have zones."""

_BLUR_HOURS = 12.0
"""Items laid evenly over the day on whose afternoon a fault began look as if it had begun in the night before."""

_NO_CHANGE_SHARE = 0.15
_LEAST_GAP_HOURS = 1e-6
_GAPS_HOURS = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 13, 26, 52, 104, 208, 416, 832, 1664, 3328])
_MOST_GAPS = 60
_MOST_OTHERS = 100_000


@dataclass(frozen=True, slots=True)
class Stream:
    """All feedback.

    Attributes:
        season: how it goes up and down over the week.
        start: hours since 1970 of the first item.
        mix: share of each platform.
        others: the items that are not reports of this fault, with what they declare; as spread as the reports.
        midnight: second of the UTC day at which days begin in a stream with dates only, else None.
    """

    season: Season
    start: float
    mix: dict[str, float]
    others: Reports
    midnight: int | None

    @classmethod
    def from_frame(cls, background: pd.DataFrame | None, now: float, reports: Reports) -> "Stream":
        """Learn from a frame of items up to `now`."""
        midnight = midnight_of(reports.hours)
        nobody = Reports(*(np.array([], dtype=kind) for kind in (object, np.float64, object, object, object)))
        hours = hours_of(background["written_at"]) if background is not None else np.zeros(0)
        rows = hours <= now
        if background is None or not rows.any():
            return cls(FLAT, -np.inf, {}, nobody, midnight)
        hours = np.sort(hours[rows])
        midnight = midnight_of(hours) if midnight is None else midnight
        laid = np.sort(spread(hours, midnight))
        season = learn_season(laid, max(now, float(laid[-1])) if midnight is not None else now)
        others = nobody
        if "declared_release_id" in background and "item_id" in background:
            is_other = rows & ~background["item_id"].astype(str).isin(set(reports.ids)).to_numpy()
            is_other &= background["declared_release_id"].notna().to_numpy()
            others = Reports.from_frame(background[is_other], now, _MOST_OTHERS)
            hours_of_others = spread(others.hours, midnight)
            order = np.argsort(hours_of_others, kind="stable")
            others = Reports(
                others.ids[order],
                hours_of_others[order],
                others.products[order],
                others.platforms[order],
                others.declared[order],
            )
        return cls(season, float(hours[0]), platform_mix(folded(background, "platform")[rows]), others, midnight)


@dataclass(frozen=True, slots=True)
class Onsets:
    """Instants at which a fault may have begun: the log evidence of each, and the log of its weight; shape (k,)."""

    evidence: Floats
    log_weights: Floats

    def at_power(self, power: float) -> float:
        """Give the log of their average when the reports are trusted to a power, 0 to 1.

        The power is on each instant and not on their average: that a release names its hour, when none of them may
        have begun at any, holds however little the reports are trusted.
        """
        return float(logsumexp(power * self.evidence + self.log_weights))


@dataclass(frozen=True, slots=True)
class Timing:
    """The onsets of each candidate, those of none, and whether one steady rate explains the reports best.

    `against` tells of each candidate what its roll-out and its roll-back say against it.
    """

    releases: list[Onsets]
    none: Onsets
    is_steady: bool
    against: list[Against]

    def at_power(self, power: float) -> Floats:
        """Give the log evidence of each candidate, and of none of them last; shape (n + 1,)."""
        return np.array([each.at_power(power) for each in (*self.releases, self.none)])


def find_timing(
    reports: Reports, candidates: Releases, stream: Stream, cut: float = -np.inf, *, installed: bool
) -> Timing:
    """Give the log evidence of the instants for each candidate, and for none of them.

    Args:
        reports: of one fault, spread where they have dates only.
        candidates: the releases in question, one at least.
        stream: all feedback.
        cut: hours since 1970 before which reports were left out.
        installed: whether what names no platform is an app.
    """
    first = float(reports.hours[0])
    days = _days(candidates, stream.midnight)
    earliest = min(float(candidates.hours[0]), *(day for day in days if day is not None), first - 1.0)
    start = min(max(earliest, stream.start, cut), first)
    clock_of = stream.season.exposure
    clock = Clock(clock_of(reports.hours), float(clock_of(start)))
    blur = 0.0 if stream.midnight is None else _BLUR_HOURS
    bounds = [day + hours for day in days if day is not None for hours in (-blur, DAY_HOURS, 2 * DAY_HOURS)]
    onsets, widths = _onsets(clock, float(clock_of(earliest)), np.asarray(clock_of(np.array(bounds, dtype=np.float64))))
    anywhere = clock.log_evidence(onsets, SERVER_SHAPES)
    found, against = [], [NOTHING_AGAINST] * len(candidates)
    for row, day in enumerate(days):
        platform = str(candidates.platforms[row])
        shapes = SERVER_SHAPES if is_server_side(platform) and (platform or not installed) else CLIENT_SHAPES
        if day is None:
            steps = [(float(clock_of(at)), share) for at, share in candidates.steps[row]]
            back = float(candidates.rolled_back[row])
            evidence, log_weights, against[row] = staged(
                clock, steps, float(clock_of(back)) if np.isfinite(back) else np.inf, shapes
            )
            found.append(Onsets(evidence, log_weights))
        else:
            ends = day + DAY_HOURS * np.arange(3.0)
            ends[0] -= blur
            bounds_of_days = np.asarray(clock_of(ends), dtype=np.float64)
            found.append(_of_days(clock, bounds_of_days, shapes, onsets, widths, anywhere))
    change = np.log(widths) - np.log(widths.sum()) + np.log(1 - _NO_CHANGE_SHARE)
    steady = clock.log_evidence_of_no_change()
    none = Onsets(np.append(anywhere, steady), np.append(change, np.log(_NO_CHANGE_SHARE)))
    is_steady = steady + np.log(_NO_CHANGE_SHARE) > float(logsumexp(anywhere + change))
    return Timing(found, none, bool(is_steady), against)


def _days(candidates: Releases, midnight: int | None) -> list[float | None]:
    """Give the beginning of the day of each release of which no more is known, or of the reports after it."""
    dated = has_date_only(candidates.hours, 0) & (np.round(candidates.hours, 6) % DAY_HOURS == 0)
    found: list[float | None] = []
    is_staged = np.isfinite(candidates.rolled_back) | np.array([len(steps) > 1 for steps in candidates.steps])
    for hour, is_dated, by_hour in zip(candidates.hours.tolist(), dated.tolist(), is_staged.tolist(), strict=True):
        if by_hour or not (is_dated or midnight is not None):
            found.append(None)
        else:
            found.append(hour if is_dated or midnight is None else day_start(hour, midnight))
    return found


def _of_days(clock: Clock, bounds: Floats, shapes: Shapes, onsets: Floats, widths: Floats, anywhere: Floats) -> Onsets:
    """Give the onsets at any time of a day, or of the next one; `bounds` of both."""
    told, weights = [], []
    for low, high, share in ((bounds[0], bounds[1], 1 - NEXT_DAY_SHARE), (bounds[1], bounds[2], NEXT_DAY_SHARE)):
        inside = (onsets > low) & (onsets < high)
        if inside.any():
            told.append(anywhere[inside] if shapes is SERVER_SHAPES else clock.log_evidence(onsets[inside], shapes))
            weights.append(np.log(share) + np.log(widths[inside]) - np.log(high - low))
    if not told:
        return Onsets(clock.log_evidence(bounds[:1], shapes), np.zeros(1))
    return Onsets(np.concatenate(told), np.concatenate(weights))


def _onsets(clock: Clock, start: float, bounds: Floats) -> tuple[Floats, Floats]:
    """Give instants at which a fault of no release may have begun, and the exposure each stands for.

    They lie close together before a report, where a few minutes matter, and far apart elsewhere. None stands for time
    on both sides of one of the `bounds`.
    """
    step = -(-len(clock.reports) // _MOST_GAPS)
    bounds = bounds[(bounds > start) & (bounds < clock.reports[-1])]
    knots = np.unique(np.concatenate([[start], clock.reports[::step], clock.reports[-1:], bounds]))
    middles, widths = [], []
    for low, high in pairwise(knots.tolist()):
        if high - low < _LEAST_GAP_HOURS:
            continue
        inside = high - _GAPS_HOURS[high - low - _LEAST_GAP_HOURS > _GAPS_HOURS]
        edges = np.concatenate([[low], inside[::-1], [high]])
        middles.append((edges[1:] + edges[:-1]) / 2)
        widths.append(np.diff(edges))
    if not middles:
        return np.array([start]), np.array([1.0])
    return np.concatenate(middles), np.concatenate(widths)
