"""Which release did it, or none of them."""

from datetime import datetime

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from feedback_triage.domain import Suspect
from feedback_triage.link.frames import strings
from feedback_triage.silence.stream import to_hours
from feedback_triage.suspects.clients import is_installed, platform_evidence, version_evidence
from feedback_triage.suspects.days import spread_reports
from feedback_triage.suspects.frames import Floats, Releases, Reports
from feedback_triage.suspects.reasons import Told, reason_for, reason_for_none
from feedback_triage.suspects.stages import Against
from feedback_triage.suspects.timing import Stream, Timing, find_timing
from feedback_triage.suspects.words import word_evidence

NONE_PRIOR = 0.3
WORTH_INSTANTS, WORTH_DATES, WORTH_CUSTOMERS = 40, 8, 50
"""So many instants, days without a time, and versions are as independent as they look."""

DOUBT, DOUBTING_REPORTS = 0.03, 4.0
MOST_SUSPECTS = 8
_LEAST_PROBABILITY = 0.002
_DECIMALS = 4
_SURE = 1 - 1e-9
_STRAY_SHARE = 0.15


def name_suspects(
    reports: pd.DataFrame,
    releases: pd.DataFrame,
    *,
    links: pd.DataFrame | None = None,
    similarity: pd.DataFrame | None = None,
    background: pd.DataFrame | None = None,
    as_of: datetime | None = None,
    observed_from: datetime | None = None,
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
            the release's notes, -1..1; a release without notes has no row. Optionally `shared`: share of the reports
            that have a telling word of the notes, 0..1, see `subject.NoteWords`.
        background: `written_at` of all items of the stream: nights and weekends; optionally `platform`: which there
            are; and `item_id`, `product`, `declared_release_id`: how many customers have each release, by what those
            declare who do not report this fault.
        as_of: nothing written or released later is used; None is the last report.
        observed_from: where the caller cut off earlier reports of the fault, at which instant; that there are none
            before it then says nothing. None: all there are were given.

    Returns:
        Likeliest first, eight at most, with probabilities rounded to four digits that sum to 1. "None of them" is
        always there. Without reports it is certain.
    """
    now = np.inf if as_of is None else to_hours(as_of)
    told = Reports.from_frame(reports, now)
    if not len(told):
        return [Suspect(None, 1.0, "there are no reports")]
    now = float(told.hours[-1]) if as_of is None else now
    stream = Stream.from_frame(background, now, told)
    told = spread_reports(_with_links(told, links), stream.midnight)
    now = max(now, float(told.hours[-1])) if as_of is None else now
    known = Releases.from_frame(releases, now)
    candidates = known.candidates(told)
    if not len(candidates):
        return [Suspect(None, 1.0, "no release came out in the half year before the reports")]
    installed = is_installed(stream.others if len(stream.others) else told, known)
    # Stores tell dates only, servers the time: what has dates and names no platform reaches customers slowly.
    cut = -np.inf if observed_from is None else to_hours(observed_from)
    timing = find_timing(told, candidates, stream, cut, installed=installed or stream.midnight is not None)
    by_platform, none_by_platform = platform_evidence(told, candidates, stream.mix)
    by_version, older, newer = version_evidence(
        told, candidates, known, _shares(told, known, links), stream.others, installed=installed
    )
    words = word_evidence(_told_of(candidates, similarity, "similarity"), _told_of(candidates, similarity, "shared"))
    first = float(told.hours[0])
    n_before = np.searchsorted(told.hours, candidates.hours, side="left")
    # The notes of a fix say what the reports before it say. Of other releases one earlier report may be a stray.
    n_strays = np.maximum(np.where(candidates.is_fix, 0, 1), _STRAY_SHARE * len(told))
    words = np.where(n_before > n_strays, np.minimum(words, 0.0), words)
    by_customers = np.append(by_platform + by_version, none_by_platform)
    prior = np.append(words + np.log((1 - NONE_PRIOR) / len(candidates)), np.log(NONE_PRIOR))
    probability = _tempered(
        timing, by_customers, prior, len(told), WORTH_INSTANTS if stream.midnight is None else WORTH_DATES
    )
    facts = [
        Told(
            version=str(candidates.versions[row]),
            hours_before_first=first - float(candidates.hours[row]),
            hours_to_next=float(told.hours[min(n_before[row], len(told) - 1)] - candidates.hours[row]),
            n_reports=len(told),
            n_before=int(n_before[row]),
            n_older=int(older[row]),
            n_newer=int(newer[row]),
            word_evidence=float(words[row]),
            **_stages_of(told, candidates, row, timing.against[row]),
        )
        for row in range(len(candidates))
    ]
    return _answer(probability, candidates, facts, timing.is_steady)


def _stages_of(reports: Reports, candidates: Releases, row: int, against: Against) -> dict[str, float]:
    """Give what there is to say of a roll-out and a roll-back that speak against a candidate."""
    found: dict[str, float] = {}
    back, last = float(candidates.rolled_back[row]), float(reports.hours[-1])
    if against.rollout:
        first = float(reports.hours[min(np.searchsorted(reports.hours, candidates.hours[row]), len(reports) - 1)])
        reached = [share for at, share in candidates.steps[row] if at <= first]
        found["first_share"] = reached[-1] if reached else candidates.steps[row][0][1]
    if against.roll_back:
        found |= {"back_to_first": float(reports.hours[0]) - back, "back_to_last": last - back}
    return found


def _tempered(timing: Timing, by_customers: Floats, prior: Floats, n_reports: int, worth: float) -> Floats:
    """Weigh what the reports say against what was known before, so that no model is trusted without limit.

    Reports are not independent: one piece of news brings a hundred. Beyond the first ones, n reports count as their
    square root (a power of the likelihood, as for a dispersion of n: Wedderburn 1974); what versions their customers
    have depends less on one another than when they write. And now and then the model is wrong, however many reports
    there are: then as much is known as four of them would tell.
    """
    instants = timing.at_power(min(1.0, (worth / n_reports) ** 0.5))
    customers = min(1.0, (WORTH_CUSTOMERS / n_reports) ** 0.5) * by_customers
    few = min(1.0, DOUBTING_REPORTS / n_reports)
    doubting = timing.at_power(few) + few * by_customers
    return (1 - DOUBT) * _softmax(prior + instants + customers) + DOUBT * _softmax(prior + doubting)


def _softmax(scores: Floats) -> Floats:
    return np.asarray(np.exp(scores - logsumexp(scores)))


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


def _told_of(candidates: Releases, similarity: pd.DataFrame | None, name: str) -> Floats:
    """Give a column for each candidate, NaN where it is not known."""
    if similarity is None or name not in similarity:
        return np.full(len(candidates), np.nan)
    known = dict(zip(strings(similarity, "release_id"), similarity[name].astype(float), strict=True))
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
