"""The whole span in bars, with the releases and the spikes on it."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from feedback_triage.report.facts import Facts
from feedback_triage.report.filters import Count, ItemFilter, microseconds
from feedback_triage.report.incident_parts import IncidentRow
from feedback_triage.report.parts import Bin, Marker, Note, ReleaseRow, Timeline
from feedback_triage.report.told import told_by_incidents
from feedback_triage.report.words import between, decimal, number, plural, shorten

MOST_DAYS = 120
"""A longer span is drawn in weeks."""

MOST_WEEKS = 160
"""A longer span is drawn in months."""

MOST_BINS = 400
MOST_MARKERS = 80
MOST_NOTES = 4
MOST_LETTERS = 40


def build_timeline(facts: Facts, releases: tuple[ReleaseRow, ...], incidents: tuple[IncidentRow, ...]) -> Timeline:
    """Build bars over the span of the items and the period, markers of the releases inside it, and notes at
    spikes.
    """
    unit, edges = _edges(facts)
    written = facts.items["written_us"].to_numpy()
    cuts = np.searchsorted(written, [microseconds(edge) for edge in edges])
    keys = pd.Categorical(facts.items["label_key"], categories=list(facts.keys)).codes
    bins = []
    for start, end, first, last in zip(edges[:-1], edges[1:], cuts[:-1], cuts[1:], strict=True):
        where = ItemFilter(start_at=start, end_at=end)
        found = np.bincount(keys[first:last], minlength=len(facts.keys))
        counts = tuple(
            (key, Count(int(n), where.narrowed(label=key))) for key, n in zip(facts.keys, found, strict=True)
        )
        bins.append(Bin(start, end, Count(int(last - first), where), counts))
    inside = [row for row in releases if edges[0] <= row.released_at < edges[-1]]
    drawn = _thinned(inside)
    markers = tuple(_marker(row) for row in sorted(drawn, key=lambda row: (row.released_at, row.release_id)))
    return Timeline(
        unit, tuple(bins), markers, _notes(facts, inside, incidents, edges), int(cuts[0]), len(inside) - len(drawn)
    )


def _edges(facts: Facts) -> tuple[str, list[datetime]]:
    """Give the unit, and the starts of the bars with the end of the last one, at local midnights."""
    first, last = facts.period.start, facts.period.end
    if len(facts.items):
        first = min(first, facts.items["written_at"].iloc[0].to_pydatetime())
        last = max(last, facts.items["written_at"].iloc[-1].to_pydatetime() + timedelta(microseconds=1))
    day = facts.clock.local(first).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    days = (last - first) / timedelta(days=1)
    unit = "day" if days <= MOST_DAYS else "week" if days <= MOST_WEEKS * 7 else "month"
    if unit == "week":
        day -= timedelta(days=day.weekday())
    if unit == "month":
        day = day.replace(day=1)
    edges = [day]
    while edges[-1] < last:
        edges.append(_next(edges[-1], unit))
    return unit, edges[-(MOST_BINS + 1) :]


def _next(day: datetime, unit: str) -> datetime:
    """Give the local midnight one unit later; wall-clock arithmetic, so a day with 23 hours is still a
    day.
    """
    if unit == "month":
        return (day + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=1 if unit == "day" else 7)


def _marker(row: ReleaseRow) -> Marker:
    return Marker(row.released_at, row.name, row.platform, row.kind, row.anchor)


def _thinned(rows: list[ReleaseRow]) -> list[ReleaseRow]:
    """Give all of them, or the 80 that say most: those with news, then features and fixes, then the
    newest.
    """
    rank = {"feature": 0, "fix": 1, "mixed": 2}
    ordered = sorted(rows, key=lambda row: (row.released_at, row.release_id), reverse=True)
    ordered.sort(key=lambda row: (not row.has_news, rank.get(row.kind, 3)))
    return ordered[:MOST_MARKERS]


def _notes(
    facts: Facts, rows: list[ReleaseRow], incidents: tuple[IncidentRow, ...], edges: list[datetime]
) -> tuple[Note, ...]:
    """Give incidents and the spikes they do not tell, those with the largest excess, oldest first."""
    told = told_by_incidents(facts, rows, incidents)
    found = [
        (
            row.observed.n - row.expected,
            Note(
                row.started_at,
                f"{_called(row)}: {number(row.observed.n)} {plural(row.observed.n, 'item')}, "
                f"about {decimal(row.expected)} expected",
                row.anchor,
            ),
        )
        for row in incidents
        if edges[0] <= row.started_at < edges[-1]
    ]
    found += [
        (
            row.reign.observed.n - row.reign.expected,
            Note(
                row.released_at,
                f"{row.name}: {number(row.reign.observed.n)} {plural(row.reign.observed.n, 'item')}, "
                f"{between(row.reign.lower, row.reign.upper)} expected",
                row.anchor,
            ),
        )
        for row in rows
        if row.is_loud and row.reign is not None and row.release_id not in told
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1].at, pair[1].text))
    return tuple(sorted((note for _, note in found[:MOST_NOTES]), key=lambda note: (note.at, note.text)))


def _called(row: IncidentRow) -> str:
    return "incident" if row.scope_words == "all items" else shorten(row.scope_words, MOST_LETTERS)
