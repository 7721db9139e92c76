"""A backtest in plain words, for a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from feedback_triage.backtest.tables import by_subject
from feedback_triage.backtest.values import FoundIncident, HindsightVerdict, IncidentScore, KnownScore
from feedback_triage.backtest.whole import Backtest
from feedback_triage.domain import Suspect
from feedback_triage.report import printable

MOST_LISTED = 12
"""Incidents that are listed; the tables have all."""

_HINDSIGHT = {
    HindsightVerdict.CONFIRMED: "confirmed by hindsight ({n} items, 99 % point {upper})",
    HindsightVerdict.DOUBTFUL: "doubted by hindsight ({n} items, 99 % point {upper})",
    HindsightVerdict.UNCLEAR: "hindsight knows too little of the time around it",
}
_SUBJECTS = {"all": "all items", "notes": "what the notes say (a fix that holds is below)", "source": "one channel"}


def summary(backtest: Backtest) -> str:
    """Tell what the replay found; each line ends in a line feed, and none holds what a customer wrote."""
    lines = [
        *_head(backtest),
        "",
        *_incidents(backtest),
        "",
        *_known(backtest),
        "",
        *_coverage(backtest),
        "",
        *_changes(backtest),
        "",
        *(f"Note: {note}" for note in backtest.notes),
    ]
    return "".join(f"{printable(line)}\n" for line in lines)


def _head(backtest: Backtest) -> Iterator[str]:
    last = backtest.looks[-1] if backtest.looks else None
    yield (
        f"Backtest from {_at(backtest.start_at, backtest)} to {_at(backtest.end_at, backtest)} "
        f"({backtest.timezone}), {_count(len(backtest.looks), 'look')}, one every {backtest.every_hours:g} hours"
    )
    if last:
        n_new = sum(look.n_new for look in backtest.looks)
        n_clustered = sum(look.is_clustered for look in backtest.looks)
        yield (
            f"{_count(n_new, 'item')} came in this time, {last.n_items} were known at the end; "
            f"{_count(last.n_releases, 'release')}; themes were clustered {_count(n_clustered, 'time')}, "
            f"{last.n_themes} at the end"
        )


def _incidents(backtest: Backtest) -> Iterator[str]:
    kind = "not among the known ones" if backtest.has_known else "not confirmed by hindsight"
    yield (
        f"Incidents found: {len(backtest.incidents)}; false alarms ({kind}): {backtest.n_false}, "
        f"{backtest.false_per_month:.2f} a month"
    )
    if backtest.has_known and backtest.n_false:
        confirmed = [
            one
            for one, score in zip(backtest.incidents, backtest.scores, strict=True)
            if score.is_false and one.hindsight and one.hindsight.verdict is HindsightVerdict.CONFIRMED
        ]
        yield f"  of these false alarms hindsight confirms {len(confirmed)}: bursts that the list does not name"
    for one, score in list(zip(backtest.incidents, backtest.scores, strict=True))[:MOST_LISTED]:
        yield f"  {_at(one.started_at, backtest)}  {one.incident_id} ({one.scope}): {_standing(one, score)}"
        yield (
            f"    known {_hours((one.known_at - one.started_at).total_seconds() / 3600)} after its first item, "
            f"with {_count(one.n_items_until_known, 'item')}; {one.reason}"
        )
        if one.suspects:
            yield f"    suspects then: {_suspects(one.suspects)}"
    if len(backtest.incidents) > MOST_LISTED:
        yield f"  and {len(backtest.incidents) - MOST_LISTED} more, see incidents.csv of --out"


def _standing(one: FoundIncident, score: IncidentScore) -> str:
    if score.known_name:
        told = f"tells “{score.known_name}”" + ("" if score.is_first else " again")
    elif one.hindsight is None:
        told = "tells no known incident"
    else:
        told = _HINDSIGHT[one.hindsight.verdict].format(n=one.hindsight.observed_count, upper=one.hindsight.upper)
    return told + (", no longer seen with the themes found later" if one.is_withdrawn else "")


def _suspects(suspects: Sequence[Suspect]) -> str:
    shown = [f"{one.release_id or 'none of them'} {one.probability:.0%}" for one in suspects[:3]]
    return ", ".join(shown)


def _known(backtest: Backtest) -> Iterator[str]:
    if not backtest.has_known:
        yield "No list of known incidents was given: alarms were judged by hindsight (see the notes)."
        return
    in_span = [one for one in backtest.known if one.is_in_span]
    n_incidents = sum(bool(one.incident_ids) for one in in_span)
    n_themes = sum(bool(one.theme_id) for one in in_span)
    yield (
        f"Known incidents that started in this time: {len(in_span)}; found as an incident: {n_incidents}, "
        f"as a new or growing theme: {n_themes}"
    )
    for one in backtest.known:
        yield f"  {one.name} ({one.kind}): {_told(one) if one.is_in_span else 'started outside the span, not scored'}"


def _told(one: KnownScore) -> str:
    parts = []
    if one.hours_to_incident is not None:
        reports = "" if one.n_reports_to_incident is None else f" and {_count(one.n_reports_to_incident, 'report')}"
        more = len(one.incident_ids) - 1
        parts.append(
            f"an incident {_hours(one.hours_to_incident)} after the first report{reports}"
            + (f" (and {_count(more, 'incident')} more of the same)" if more else "")
        )
        parts += _release(one)
    else:
        parts.append("not found as an incident")
    if one.hours_to_theme is not None:
        parts.append(f"a new or growing theme {_hours(one.hours_to_theme)} after it")
    return "; ".join(parts)


def _release(one: KnownScore) -> list[str]:
    if not one.release or one.probability_of_release is None:
        return []
    if one.place_of_release is None:
        return [f"{one.release} was not among the suspects"]
    return [f"{one.release} was suspect number {one.place_of_release} with {one.probability_of_release:.0%}"]


def _coverage(backtest: Backtest) -> Iterator[str]:
    told, volume = backtest.told_windows, backtest.volume_windows
    n_ended = sum(window.closed_at is not None for window in backtest.windows)
    yield (
        f"Windows of the silence ledger that ended: {n_ended}; with an interval to hold: {len(told)}; of those of all "
        f"items and of channels inside it: {_share(sum(window.is_inside for window in volume), len(volume))}"
    )
    for (subject, hours), group in by_subject(told).items():
        n_below = sum((window.observed_count or 0) < window.lower for window in group)
        n_inside = sum(window.is_inside for window in group)
        yield (
            f"  {_SUBJECTS.get(subject, subject)}, {hours:g} hours: {_share(n_inside, len(group))}; "
            f"below {n_below}, above {len(group) - n_inside - n_below}"
        )


def _changes(backtest: Backtest) -> Iterator[str]:
    yield f"Verdicts told otherwise by a later look: {len(backtest.verdict_changes)}"
    for one in backtest.verdict_changes[:MOST_LISTED]:
        subject = _SUBJECTS.get(one.subject) or one.subject.replace(":", " ")
        yield (
            f"  {_at(one.at, backtest)}  {one.release_id}, {subject}, {one.hours:g} hours: {one.before} -> {one.after}"
        )
    if len(backtest.verdict_changes) > MOST_LISTED:
        yield f"  and {len(backtest.verdict_changes) - MOST_LISTED} more, see verdict_changes.csv of --out"


def _share(n: int, of: int) -> str:
    return f"{n} of {of} ({n / of:.1%})" if of else "none to tell"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _hours(hours: float) -> str:
    if hours < 2:
        return _count(round(hours * 60), "minute")
    return _count(round(hours), "hour") if hours < 48 else f"{hours / 24:.1f} days"


def _at(at: datetime, backtest: Backtest) -> str:
    return f"{at.astimezone(ZoneInfo(backtest.timezone)):%Y-%m-%d %H:%M}"
