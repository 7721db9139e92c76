"""Found incidents against known ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from feedback_triage.backtest.values import (
    FlaggedTheme,
    FoundIncident,
    HindsightVerdict,
    IncidentScore,
    KnownIncident,
    KnownScore,
)

SHARED = 0.5
"""Share of the items of the smaller side that a found and a known incident have in common when one tells the other."""

MOSTLY = 0.5
"""Share of a theme's items of the week that are reports of a known incident when the theme tells it."""

LEAST_REPORTS = 3
"""Reports that such a theme needs."""


def score_incidents(
    found: Sequence[FoundIncident], known: Sequence[KnownIncident], *, has_known: bool
) -> tuple[IncidentScore, ...]:
    """Say of each incident found whether it was one.

    It tells the known incident with which it shares most items: half of those of the smaller of the two at least. A
    known incident without a list of its reports is told by what overlaps with it in time. Of several the one that
    started first counts.

    Args:
        found: as they became known.
        known: in any order.
        has_known: a list was given, so what is not on it is a false alarm; else hindsight decides.

    Returns:
        One score an incident, in the order of `found`.
    """
    scores: list[IncidentScore] = []
    told: set[str] = set()
    for one in found:
        name = _told_by(one, known)
        if has_known:
            is_false = not name
        else:
            is_false = one.hindsight is None or one.hindsight.verdict is not HindsightVerdict.CONFIRMED
        scores.append(IncidentScore(one.incident_id, name, bool(name) and name not in told, is_false))
        told.add(name)
    return tuple(scores)


def _told_by(one: FoundIncident, known: Sequence[KnownIncident]) -> str:
    best, most = "", 0.0
    for other in sorted(known, key=lambda each: (each.started_at, each.name)):
        if other.item_ids:
            share = len(one.item_ids & other.item_ids) / max(1, min(len(one.item_ids), len(other.item_ids)))
            agreement = share if share >= SHARED else 0.0
        else:
            # By the clock alone: less sure than any list of reports.
            agreement = SHARED / 2 if one.started_at <= other.ended_at and other.started_at <= one.last_at else 0.0
        if agreement > most:
            best, most = other.name, agreement
    return best


def score_known(
    known: Sequence[KnownIncident],
    found: Sequence[FoundIncident],
    scores: Sequence[IncidentScore],
    flagged: Sequence[FlaggedTheme],
    *,
    start_at: datetime,
    end_at: datetime,
    written_at: Mapping[str, datetime],
) -> tuple[KnownScore, ...]:
    """Say of each known incident how soon it was told, as an incident and as a theme.

    Args:
        known: in any order.
        found: as they became known.
        scores: of `found`, in the same order.
        flagged: themes that looks showed as new, returning or growing, oldest look first.
        start_at: first look of the backtest.
        end_at: its last look.
        written_at: when each item was written.

    Returns:
        One score a known incident, in the order they started.
    """
    result = []
    for one in sorted(known, key=lambda each: (each.started_at, each.name)):
        telling = [each for each, score in zip(found, scores, strict=True) if score.known_name == one.name]
        first = telling[0] if telling else None
        theme = _telling_theme(one, flagged)
        reports = [written_at[item_id] for item_id in one.item_ids if item_id in written_at]
        first_report_at = min(reports, default=one.started_at)
        place, probability = _of_release(one, first)
        result.append(
            KnownScore(
                name=one.name,
                kind=one.kind,
                is_in_span=start_at <= one.started_at < end_at,
                incident_ids=tuple(each.incident_id for each in telling),
                hours_to_incident=_hours(first_report_at, first.known_at) if first else None,
                n_reports_to_incident=sum(at <= first.known_at for at in reports) if first and reports else None,
                theme_id=theme.theme_id if theme else "",
                theme_at=theme.at if theme else None,
                hours_to_theme=_hours(first_report_at, theme.at) if theme else None,
                release=one.release,
                place_of_release=place,
                probability_of_release=probability,
            )
        )
    return tuple(result)


def _hours(start: datetime, end: datetime) -> float:
    return round((end - start) / timedelta(hours=1), 3)


def _telling_theme(one: KnownIncident, flagged: Sequence[FlaggedTheme]) -> FlaggedTheme | None:
    for theme in flagged:
        n_shared = len(theme.item_ids & one.item_ids)
        if n_shared >= LEAST_REPORTS and n_shared >= MOSTLY * len(theme.item_ids):
            return theme
    return None


def _of_release(one: KnownIncident, first: FoundIncident | None) -> tuple[int | None, float | None]:
    if first is None or not one.release or not first.suspects:
        return None, None
    for place, suspect in enumerate(first.suspects, 1):
        if suspect.release_id == one.release:
            return place, suspect.probability
    return None, 0.0
