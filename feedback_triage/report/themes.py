"""Themes in the order they matter, with what changed and the customers' own words."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from feedback_triage.report.cards import Quote, ThemeCard
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import Count, ItemFilter
from feedback_triage.report.parts import Marker
from feedback_triage.report.usual import Change, UsualRange, usual_range
from feedback_triage.report.words import decimal, shorten

MOST_CARDS = 10
"""Themes shown as cards; the others are rows."""

MOST_QUOTES = 3
MOST_EVENTS = 3
MOST_MARKS = 3
QUOTE_LENGTH = 280

LEAST_MENTIONS = 3
"""Items of a theme that must speak of a release's notes before the release is marked on the theme."""


def build_themes(facts: Facts) -> tuple[ThemeCard, ...]:
    """Build the themes, highest score first (ties by id); those with items in the period come as cards."""
    ordered = facts.source.themes.sort_values(["score", "theme_id"], ascending=[False, True])
    groups = {str(key): part for key, part in facts.items.groupby("theme_key", sort=False)}
    cards: list[ThemeCard] = []
    n_full = 0
    for rank, theme in enumerate(records(ordered), start=1):
        items = groups.get(str(theme.theme_id), facts.items.iloc[:0])
        is_full = n_full < MOST_CARDS and bool(items["is_in_period"].any())
        n_full += is_full
        cards.append(_card(facts, theme, items, rank, is_full=is_full))
    return tuple(cards)


def _card(facts: Facts, theme: Any, items: pd.DataFrame, rank: int, *, is_full: bool) -> ThemeCard:
    theme_id = str(theme.theme_id)
    where = ItemFilter(theme=theme_id)
    current = items[items["is_in_period"]]
    weeks = facts.by_period(items["written_us"].to_numpy())
    usual = usual_range(list(reversed(weeks[:-1])))
    spoken = _spoken_of(facts, items)
    periods = [*reversed(facts.periods_before()), facts.period]
    return ThemeCard(
        anchor=facts.themes[theme_id].anchor,
        rank=rank,
        theme_id=theme_id,
        name=str(theme.name),
        area=_area(theme),
        trend=_trend(theme, len(current), usual),
        total=Count(len(items), where),
        in_period=Count(len(current), facts.in_period(where)),
        before=facts.before(where),
        usual=usual,
        n_customers=_customers(current),
        mix=_mix(facts, items, where),
        period_mix=_mix(facts, current, facts.in_period(where)),
        weeks=weeks,
        starts=(*(period.start for period in periods), facts.period.end),
        marks=_marks(facts, spoken or _began_after(facts, theme, items)),
        speaks_of_marks=bool(spoken),
        quotes=quotes(facts, theme.exemplar_item_ids, items) if is_full else (),
        keyphrases=tuple(str(phrase) for phrase in theme.keyphrases),
        events=_events(facts, theme_id),
        is_full=is_full,
    )


def _area(theme: Any) -> str:
    """Give the area; the column is optional."""
    area = getattr(theme, "area", "")
    return "" if pd.isna(area) else str(area)


def _trend(theme: Any, n: int, usual: UsualRange | None) -> str:
    """Give new and returning as the themes stage says; growing and shrinking only outside the usual range."""
    if bool(theme.is_new) and n:
        return "new"
    if bool(theme.is_returning) and n:
        return "returning"
    change = Change.UNKNOWN if usual is None else usual.change(n)
    return {Change.MORE: "growing", Change.FEWER: "shrinking"}.get(change, "steady")


def _customers(items: pd.DataFrame) -> int | None:
    """Give distinct customers, or None unless every item names its customer."""
    known = items["author_key"] != ""
    return int(items["author_key"].nunique()) if len(items) and bool(known.all()) else None


def _mix(facts: Facts, items: pd.DataFrame, where: ItemFilter) -> tuple[tuple[str, Count], ...]:
    found = items["label_key"].value_counts()
    return tuple((key, Count(int(found.get(key, 0)), where.narrowed(label=key))) for key in facts.keys)


def _spoken_of(facts: Facts, items: pd.DataFrame) -> list[str]:
    """Give the releases whose notes the theme speaks of, most often first."""
    spoken: dict[str, int] = {}
    for found in items["mentions"]:
        for release_id in found:
            spoken[release_id] = spoken.get(release_id, 0) + 1
    often = [key for key, n in spoken.items() if n >= LEAST_MENTIONS and key in facts.names]
    return sorted(often, key=lambda key: (-spoken[key], key))[:MOST_MARKS]


def _began_after(facts: Facts, theme: Any, items: pd.DataFrame) -> list[str]:
    """Give the newest release at the first item of a new theme."""
    if not bool(theme.is_new) or items.empty or items["release_key"].iloc[0] not in facts.names:
        return []
    return [str(items["release_key"].iloc[0])]


def _marks(facts: Facts, release_ids: list[str]) -> tuple[Marker, ...]:
    rows = facts.releases[facts.releases["release_id"].isin(release_ids)]
    return tuple(
        Marker(
            pd.Timestamp(row.released_at).to_pydatetime(),
            facts.names[str(row.release_id)],
            str(row.platform),
            str(row.kind),
            facts.anchors[str(row.release_id)],
        )
        for row in records(rows)
    )


def _events(facts: Facts, theme_id: str) -> tuple[tuple[Any, str], ...]:
    own = facts.source.theme_events
    own = own[own["theme_id"] == theme_id].sort_values(["happened_at", "text"], ascending=[False, True])
    return tuple(
        (pd.Timestamp(row.happened_at).to_pydatetime(), str(row.text)) for row in records(own.head(MOST_EVENTS))
    )


def quotes(facts: Facts, item_ids: Iterable[str], items: pd.DataFrame) -> tuple[Quote, ...]:
    """Give up to three exemplars in different words, those of the period first, in the exemplars' order.

    An exemplar that is not among the theme's items is left out: a quote is never taken from elsewhere.
    """
    order = {str(item_id): position for position, item_id in enumerate(item_ids)}
    found = items[items["item_id"].isin(list(order))]
    rows = sorted(records(found), key=lambda row: (not row.is_in_period, order[str(row.item_id)]))
    chosen: list[Quote] = []
    seen: set[str] = set()
    for row in rows:
        words = " ".join(str(row.verbatim).split()).lower()
        if words and words not in seen and len(chosen) < MOST_QUOTES:
            seen.add(words)
            chosen.append(quote(facts, row))
    return tuple(chosen)


def quote(facts: Facts, row: Any) -> Quote:
    """Tell what one customer wrote, with where and when."""
    rating = "" if pd.isna(row.rating) else decimal(float(row.rating))
    return Quote(
        item_id=str(row.item_id),
        title=shorten(str(row.title), 120),
        text=shorten(str(row.verbatim), QUOTE_LENGTH),
        source=str(row.source),
        written_at=row.written_at.to_pydatetime(),
        release=facts.names.get(str(row.release_key), ""),
        rating=rating,
    )
