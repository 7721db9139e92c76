"""The map of the themes as a value: which disc stands where, which dots lie in it, and how far it can be trusted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from feedback_triage.report.cards import ThemeCard
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.words import undirected

MOST_NEAR = 3
"""A theme is shown truly where the one most like it is among so many nearest on the map."""


@dataclass(frozen=True, slots=True)
class MapRegion:
    """The disc of a theme.

    Attributes:
        anchor: of its card or row on the page.
        theme_id: permanent id.
        name: without characters that turn the direction of writing.
        trend: as on its card.
        area: the area it belongs to, "" for none.
        x, y, radius: in units of the map, y downwards.
        n_total, n_in_period: its items.
        nearest: name of the theme most like it, "" where it is the only one.
    """

    anchor: str
    theme_id: str
    name: str
    trend: str
    area: str
    x: float
    y: float
    radius: float
    n_total: int
    n_in_period: int
    nearest: str

    @property
    def has_news(self) -> bool:
        """It is new, came back or grew in the period."""
        return self.trend in {"new", "returning", "growing"}


@dataclass(frozen=True, eq=False)
class ThemeMap:
    """A picture of all themes.

    Attributes:
        regions: the largest first.
        dots: one row a drawn item: item_id, x, y, label_key, theme_key, is_in_period; those of the period last.
        n_items: items of the themes on the map, drawn or not.
        n_true: themes for which the one most like it is among the `MOST_NEAR` nearest on the map.
        n_left_out: themes without a disc.
    """

    regions: tuple[MapRegion, ...]
    dots: pd.DataFrame
    n_items: int
    n_true: int
    n_left_out: int

    @property
    def items_per_dot(self) -> float:
        """1.0 where every item has a dot."""
        return self.n_items / max(1, len(self.dots))

    @property
    def has_areas(self) -> bool:
        """Two themes or more belong to one area."""
        areas = [region.area for region in self.regions if region.area]
        return len(set(areas)) < len(areas)

    @property
    def labels(self) -> frozenset[str]:
        """Label keys of the dots."""
        return frozenset(self.dots["label_key"])


def build_map(facts: Facts, cards: tuple[ThemeCard, ...]) -> ThemeMap | None:
    """Build the map; None where no theme has a place."""
    places = facts.source.map_themes
    by_id = {card.theme_id: card for card in cards}
    places = places[places["theme_id"].astype(str).isin(list(by_id))]
    if places.empty:
        return None
    areas: dict[str, str] = {}
    if "area" in facts.source.themes.columns:
        named = facts.source.themes["area"].fillna("").astype(str)
        areas = dict(zip(facts.source.themes["theme_id"].astype(str), named, strict=True))
    names = {theme_id: undirected(card.name) for theme_id, card in by_id.items()}
    regions = [_region(place, by_id[str(place.theme_id)], areas, names) for place in records(places)]
    regions.sort(key=lambda region: (-region.radius, region.theme_id))
    nearest = dict(zip(places["theme_id"].astype(str), places["nearest_theme_id"].astype(str), strict=True))
    return ThemeMap(
        regions=tuple(regions),
        dots=_dots(facts, {region.theme_id for region in regions}),
        n_items=sum(region.n_total for region in regions),
        n_true=_n_true(regions, nearest),
        n_left_out=len(cards) - len(regions),
    )


def _region(place: object, card: ThemeCard, areas: dict[str, str], names: dict[str, str]) -> MapRegion:
    x, y, radius = (float(getattr(place, name)) for name in ("x", "y", "radius"))
    return MapRegion(
        anchor=card.anchor,
        theme_id=card.theme_id,
        name=names[card.theme_id],
        trend=card.trend,
        area=undirected(areas.get(card.theme_id, "")),
        x=x,
        y=y,
        radius=radius,
        n_total=card.total.n,
        n_in_period=card.in_period.n,
        nearest=names.get(str(getattr(place, "nearest_theme_id", "")), ""),
    )


def _dots(facts: Facts, drawn: set[str]) -> pd.DataFrame:
    columns = ["item_id", "label_key", "theme_key", "is_in_period"]
    dots = facts.source.map.merge(facts.items[columns], on="item_id", how="inner")
    dots = dots[dots["theme_key"].isin(list(drawn))]
    return dots.sort_values(["is_in_period", "item_id"], ignore_index=True)


def _n_true(regions: list[MapRegion], nearest: dict[str, str]) -> int:
    x, y, radius = (np.array([getattr(region, name) for region in regions]) for name in ("x", "y", "radius"))
    room = np.hypot(x[:, None] - x, y[:, None] - y) - radius[:, None] - radius
    np.fill_diagonal(room, np.inf)
    ids = [region.theme_id for region in regions]
    order = np.round(room, 3).argsort(axis=1, kind="stable")[:, :MOST_NEAR]
    return sum(nearest[ids[i]] in {ids[j] for j in order[i] if j != i} for i in range(len(ids)))
