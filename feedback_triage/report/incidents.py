"""Bursts of feedback: when, how many, in whose words, and which release is suspected."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from feedback_triage.report.bursts import build_burst
from feedback_triage.report.cards import FeedRow, Quote
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import NONE, Count, ItemFilter
from feedback_triage.report.fix_receipts import ReceiptRow
from feedback_triage.report.incident_parts import AlsoIn, IncidentRow
from feedback_triage.report.meeting import build_meeting
from feedback_triage.report.suspects import Suspects
from feedback_triage.report.themes import quote
from feedback_triage.taxonomy import PRAISE

MOST_CARDS = 5
"""Incidents shown as cards; the others are rows."""

MOST_QUOTES = 2
MOST_PHRASES = 6
MOST_THEMES = 4
MOST_ALSO = 3
_SORTS = {"all": "", "label": "label", "theme": "theme", "source": ""}
_MICROSECOND = timedelta(microseconds=1)


def build_incidents(
    facts: Facts, suspects: Suspects, receipts: tuple[ReceiptRow, ...], feeds: tuple[FeedRow, ...]
) -> tuple[IncidentRow, ...]:
    """Build all incidents: those that go on first, then the newest; the first few with news are cards."""
    rows = [_row(facts, row, suspects) for row in records(facts.source.incidents)]
    rows.sort(key=lambda row: row.incident_id)
    rows.sort(key=lambda row: row.started_at, reverse=True)
    rows.sort(key=lambda row: not row.is_open)
    found: list[IncidentRow] = []
    n_full = 0
    for place, row in enumerate(rows, start=1):
        is_full = row.is_news and n_full < MOST_CARDS
        n_full += is_full
        named = replace(row, anchor=f"incident-{place}", is_full=is_full)
        if is_full:
            own = facts.found(ItemFilter(incident=row.incident_id))
            named = replace(
                named,
                quotes=_quotes(facts, own, row.keyphrases),
                burst=build_burst(facts, named),
                meeting=None if row.is_praise else build_meeting(facts, named, receipts, feeds),
            )
        found.append(named)
    return tuple(found)


def _row(facts: Facts, row: Any, suspects: Suspects) -> IncidentRow:
    incident_id, scope = str(row.incident_id), str(row.scope)
    where = ItemFilter(incident=incident_id)
    own = facts.found(where)
    started, last = _instant(row.started_at), _instant(row.last_at)
    raised = _instant(row.raised_at)
    ended = None if pd.isna(row.ended_at) else _instant(row.ended_at)
    labels = own["label_key"].value_counts()
    mix = tuple((key, Count(int(labels.get(key, 0)), where.narrowed(label=key))) for key in facts.keys)
    place = " ".join(part for part in (str(row.product or ""), str(row.platform or "")) if part)
    words = scope_words(facts, scope) + (f" on {place}" if place else "")
    period = facts.period
    in_scope = _scope_filter(row, scope).narrowed(start_at=started, end_at=last + _MICROSECOND)
    n = int(row.observed_count)
    items = Count(len(own), where)
    return IncidentRow(
        anchor="",
        incident_id=incident_id,
        title=f"{facts.clock.moment(started)}, {words}",
        scope=scope,
        scope_words=words,
        also_in=_also_in(facts, [str(other) for other in row.also_in]),
        platform=str(row.platform or ""),
        started_at=started,
        raised_at=raised,
        last_at=last,
        ended_at=ended,
        observed=items if items.n == n else facts.checked(n, in_scope),
        items=items,
        expected=float(row.expected_count),
        upper=int(row.upper),
        n_until_raised=int(row.n_items_until_raised),
        minutes_until_raised=(raised - started) / timedelta(minutes=1),
        mix=mix,
        themes=_most(facts, own, where),
        sources=tuple(
            (str(source), Count(int(n), where.narrowed(source=str(source))))
            for source, n in sorted(own["source"].value_counts().items(), key=lambda pair: (-pair[1], str(pair[0])))
        ),
        keyphrases=tuple(str(phrase) for phrase in row.keyphrases)[:MOST_PHRASES],
        quotes=(),
        suspects=suspects.get(("incident", incident_id), ()),
        burst=None,
        is_praise=dict(mix)[PRAISE].n > 0.5 * items.n,
        is_news=ended is None or (started < period.end and ended > period.start),
        is_full=False,
        meeting=None,
    )


def scope_words(facts: Facts, scope: str) -> str:
    """Say what an incident is told by: all items, a label, or a theme."""
    sort, _, name = scope.partition(":")
    if sort == "label":
        return facts.titles.get(name, name.replace("_", " "))
    if sort == "theme":
        return f"“{facts.themes[name].text}”" if name in facts.themes else "a theme that is no longer shown"
    if sort == "source":
        return f"channel {name}"
    return "all items" if scope == "all" else scope


def _also_in(facts: Facts, scopes: list[str]) -> tuple[AlsoIn, ...]:
    """Group scopes by their sort: all items and labels, then themes, then channels."""
    found: dict[str, list[str]] = {}
    for scope in scopes:
        found.setdefault(scope.partition(":")[0], []).append(scope_words(facts, scope))
    sorts = [*(sort for sort in _SORTS if sort in found), *sorted(set(found) - set(_SORTS))]
    return tuple(
        AlsoIn(_SORTS.get(sort, ""), tuple(found[sort][:MOST_ALSO]), len(found[sort][MOST_ALSO:])) for sort in sorts
    )


def _scope_filter(row: Any, scope: str) -> ItemFilter:
    sort, _, name = scope.partition(":")
    where = ItemFilter(platform=str(row.platform or "").lower() or None, product=str(row.product or "").lower() or None)
    return where.narrowed(**{sort: name}) if sort in {"label", "theme", "source"} else where


def _most(facts: Facts, own: pd.DataFrame, where: ItemFilter) -> tuple[tuple[str, str, Count], ...]:
    """Give the themes its items belong to, most first: name, place on the page and count."""
    found = own.loc[own["theme_key"] != NONE, "theme_key"].value_counts()
    ranked = sorted(((str(key), int(n)) for key, n in found.items()), key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        (facts.themes[key].text, facts.themes[key].anchor, Count(n, where.narrowed(theme=key)))
        for key, n in ranked
        if key in facts.themes
    )[:MOST_THEMES]


def _quotes(facts: Facts, own: pd.DataFrame, phrases: tuple[str, ...]) -> tuple[Quote, ...]:
    """Give two items that say most of what the incident says, in different words, and not too long to read."""
    texts = [" ".join(str(text).split()).lower() for text in own["verbatim"]]
    said = [sum(phrase.lower() in text for phrase in phrases) for text in texts]
    fits = [30 <= len(text) <= 220 for text in texts]
    order = sorted(range(len(own)), key=lambda place: (not fits[place], -said[place], place))
    chosen: list[Quote] = []
    seen: set[str] = {""}
    for place in order:
        if texts[place] not in seen and len(chosen) < MOST_QUOTES:
            seen.add(texts[place])
            chosen.append(quote(facts, next(records(own.iloc[[place]]))))
    return tuple(chosen)


def _instant(value: Any) -> datetime:
    return pd.Timestamp(value).to_pydatetime()
