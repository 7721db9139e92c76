"""Which release did it, or none of them."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from feedback_triage.domain import Suspect
from feedback_triage.link.frames import folded, strings
from feedback_triage.silence.season import FLAT, Season, learn_season
from feedback_triage.silence.stream import hours_of, to_hours
from feedback_triage.suspects.clients import is_server_side, platform_evidence, platform_mix, version_evidence
from feedback_triage.suspects.frames import Floats, Releases, Reports
from feedback_triage.suspects.onset import CLIENT_SHAPES, SERVER_SHAPES, Clock
from feedback_triage.suspects.reasons import Told, reason_for, reason_for_none
from feedback_triage.suspects.words import word_evidence

NONE_PRIOR = 0.3
_NO_CHANGE_SHARE = 0.15
MOST_SUSPECTS = 8
_LEAST_PROBABILITY = 0.005
_DECIMALS = 4
_SURE = 1 - 1e-9
_STRAY_SHARE = 0.15

_LEAST_GAP_HOURS = 1e-6
_GAPS_HOURS = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 13, 26, 52, 104, 208, 416, 832, 1664, 3328])
_MOST_GAPS = 60


def name_suspects(
    reports: pd.DataFrame,
    releases: pd.DataFrame,
    *,
    links: pd.DataFrame | None = None,
    similarity: pd.DataFrame | None = None,
    background: pd.DataFrame | None = None,
    as_of: datetime | None = None,
) -> list[Suspect]:
    """Give the probability of each recent release, and of none of them, that it brought what the reports tell of.

    Four things speak: the instants of the reports (see `onset`), their platforms and declared versions (`clients`), and
    their words against the release notes (`words`). Each candidate had the same chance before.

    Args:
        reports: of one fault: columns `item_id`, `written_at`, and optionally `product`, `platform`,
            `declared_release_id`; any row order.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`, `rollout`
            (tuple of `RolloutStep` or of (instant, share)), `rolled_back_at`, `kind`, `is_hotfix`.
        links: rows of `link.in_use` for the reports: `item_id`, `release_id`, `probability`. What is all but certain
            counts as declared; what is not tells how many customers have each release.
        similarity: columns `release_id`, `similarity`: mean over the reports of the greatest cosine with a sentence of
            the release's notes, -1..1; a release without notes has no row.
        background: `written_at` of all items of the stream, and optionally `platform`: nights, weekends, platforms.
        as_of: nothing written or released later is used; None is the last report.

    Returns:
        Likeliest first, eight at most, with probabilities rounded to four digits that sum to 1. "None of them" is
        always there. Without reports it is certain.
    """
    now = np.inf if as_of is None else to_hours(as_of)
    told = Reports.from_frame(reports, now)
    if not len(told):
        return [Suspect(None, 1.0, "there are no reports")]
    now = float(told.hours[-1]) if as_of is None else now
    known = Releases.from_frame(releases, now)
    told = _with_links(told, links)
    candidates = known.candidates(told)
    if not len(candidates):
        return [Suspect(None, 1.0, "no release came out in the half year before the reports")]
    stream = _Stream.from_frame(background, now)
    timing = _timing(told, candidates, stream)
    by_platform, none_by_platform = platform_evidence(told, candidates, stream.mix)
    by_version, older, newer = version_evidence(told, candidates, known, _shares(told, known, links))
    words = word_evidence(_similarities(candidates, similarity))
    first = float(told.hours[0])
    n_before = np.searchsorted(told.hours, candidates.hours, side="left")
    # The notes of a fix say what the reports before it say. Of other releases one earlier report may be a stray.
    n_strays = np.maximum(np.where(candidates.is_fix, 0, 1), _STRAY_SHARE * len(told))
    words = np.where(n_before > n_strays, np.minimum(words, 0.0), words)
    prior = np.log((1 - NONE_PRIOR) / len(candidates))
    scores = np.append(
        timing.releases + by_platform + by_version + words + prior, timing.none + none_by_platform + np.log(NONE_PRIOR)
    )
    probability = np.exp(scores - logsumexp(scores))
    facts = [
        Told(
            version=str(candidates.versions[row]),
            hours_before_first=first - float(candidates.hours[row]),
            n_reports=len(told),
            n_before=int(n_before[row]),
            n_older=int(older[row]),
            n_newer=int(newer[row]),
            word_evidence=float(words[row]),
        )
        for row in range(len(candidates))
    ]
    return _answer(probability, candidates, facts, timing.is_steady)


@dataclass(frozen=True, slots=True)
class _Stream:
    """All feedback: how it goes up and down over the week, when it began, and from which platforms it comes."""

    season: Season
    start: float
    mix: dict[str, float]

    @classmethod
    def from_frame(cls, background: pd.DataFrame | None, now: float) -> "_Stream":
        if background is None:
            return cls(FLAT, -np.inf, {})
        hours = hours_of(background["written_at"])
        rows = hours <= now
        if not rows.any():
            return cls(FLAT, -np.inf, {})
        season = learn_season(np.sort(hours[rows]), now)
        return cls(season, float(hours[rows].min()), platform_mix(folded(background, "platform")[rows]))


@dataclass(frozen=True, slots=True)
class _Timing:
    releases: Floats
    none: float
    is_steady: bool


def _timing(reports: Reports, candidates: Releases, stream: _Stream) -> _Timing:
    """Give the log evidence of the instants for each candidate, and for none of them."""
    first = float(reports.hours[0])
    earliest = min(float(candidates.hours[0]), first - 1.0)
    start = min(max(earliest, stream.start), first)
    clock_of = stream.season.exposure
    clock = Clock(clock_of(reports.hours), float(clock_of(start)))
    found = np.empty(len(candidates))
    for row in range(len(candidates)):
        shapes = SERVER_SHAPES if is_server_side(str(candidates.platforms[row])) else CLIENT_SHAPES
        steps = [(float(clock_of(at)), share) for at, share in candidates.steps[row]]
        found[row] = clock.log_evidence_of_steps(steps, shapes)
    onsets, widths = _onsets(clock, float(clock_of(earliest)))
    anywhere = clock.log_evidence(onsets, SERVER_SHAPES)
    change = float(logsumexp(anywhere + np.log(widths)) - np.log(widths.sum()))
    steady = clock.log_evidence_of_no_change()
    parts = [change + np.log(1 - _NO_CHANGE_SHARE), steady + np.log(_NO_CHANGE_SHARE)]
    return _Timing(found, float(np.logaddexp(*parts)), parts[1] > parts[0])


def _onsets(clock: Clock, start: float) -> tuple[Floats, Floats]:
    """Give instants at which a fault of no release may have begun, and the exposure each stands for.

    They lie close together before a report, where a few minutes matter, and far apart elsewhere.
    """
    step = -(-len(clock.reports) // _MOST_GAPS)
    knots = np.unique(np.concatenate([[start], clock.reports[::step], clock.reports[-1:]]))
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


def _with_links(reports: Reports, links: pd.DataFrame | None) -> Reports:
    """Take a link that is all but certain for a declaration where the report has none."""
    if links is None:
        return reports
    sure = links[(links["probability"] >= _SURE) & links["release_id"].notna()]
    by_item = dict(zip(strings(sure, "item_id"), strings(sure, "release_id"), strict=True))
    declared = [own or by_item.get(item_id, "") for item_id, own in zip(reports.ids, reports.declared, strict=True)]
    return Reports(reports.ids, reports.hours, reports.products, reports.platforms, np.array(declared, dtype=object))


def _shares(reports: Reports, releases: Releases, links: pd.DataFrame | None) -> dict[str, float]:
    """Give the share of its platform's customers who have a release or a later one, from links that are not certain."""
    if links is None:
        return {}
    place = {release_id: row for row, release_id in enumerate(releases.ids)}
    unsure = links[(links["probability"] < _SURE) & links["item_id"].astype(str).isin(set(reports.ids))]
    mass = np.zeros(len(releases))
    for release_id, probability in zip(strings(unsure, "release_id"), unsure["probability"], strict=True):
        if release_id in place:
            mass[place[release_id]] += probability
    found = {}
    for row, release_id in enumerate(releases.ids):
        same = (releases.platforms == releases.platforms[row]) & (releases.products == releases.products[row])
        total = mass[same].sum()
        if total > 1:
            found[str(release_id)] = float(mass[same & (np.arange(len(releases)) >= row)].sum() / total)
    return found


def _similarities(candidates: Releases, similarity: pd.DataFrame | None) -> Floats:
    if similarity is None:
        return np.full(len(candidates), np.nan)
    known = dict(zip(strings(similarity, "release_id"), similarity["similarity"].astype(float), strict=True))
    return np.array([known.get(release_id, np.nan) for release_id in candidates.ids], dtype=np.float64)


def _answer(probability: Floats, candidates: Releases, facts: list[Told], is_steady: bool) -> list[Suspect]:
    """Keep what matters, round, and let the likeliest take what rounding leaves."""
    none = len(candidates)
    order = sorted(
        range(none + 1), key=lambda row: (-probability[row], -(candidates.hours[row] if row < none else 0), row)
    )
    kept = [row for row in order if row != none and probability[row] >= _LEAST_PROBABILITY][: MOST_SUSPECTS - 1]
    kept = [row for row in order if row in {*kept, none}]
    share = np.round(probability[kept] / probability[kept].sum(), _DECIMALS)
    share[0] += 1 - share.sum()
    found = []
    for row, value in zip(kept, np.round(share, _DECIMALS), strict=True):
        release_id = None if row == none else str(candidates.ids[row])
        reason = reason_for_none(facts, is_steady) if row == none else reason_for(facts[row])
        found.append(Suspect(release_id, float(value), reason))
    return sorted(found, key=lambda each: -each.probability)
