"""The map of the themes as a drawing: discs with names, and a dot for each item."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from feedback_triage.report.assets import asset
from feedback_triage.report.filters import NONE
from feedback_triage.report.map_areas import area_shapes
from feedback_triage.report.map_names import LINE_HEIGHT_RATIO, PlacedName, Spot, place_names
from feedback_triage.report.svg import label_class, tag
from feedback_triage.report.theme_map import MapRegion, ThemeMap
from feedback_triage.report.triage_report import TriageReport
from feedback_triage.report.words import number, plural

WIDTH, HEIGHT = 1080.0, 640.0
"""The box in which the places of `ReportInput.map` lie."""

_EDGE = 6.0  # room around everything
_NARROWEST = 300.0  # a map of one small theme still has room for its name
_DOT_RATIO = 0.31  # radius of a dot to the distance between dots
_MANY, _SMALLER = 30, 0.88  # with more themes the names are smaller
_BACKGROUND = "svg { background: var(--paper); font-family: var(--sans); }"
_SMALLEST_DOT, _LARGEST_DOT = 1.1, 3.1


@dataclass(frozen=True)
class _Frame:
    """From the map's units to those of the drawing."""

    regions: tuple[MapRegion, ...]
    scale: float
    headroom: float
    is_upright: bool

    def _raw(self, x: float, y: float) -> tuple[float, float]:
        # Mirrored at the diagonal, a wide map is a tall one with the same distances.
        return (y * self.scale, x * self.scale) if self.is_upright else (x * self.scale, y * self.scale)

    @property
    def _reach(self) -> tuple[float, float, float, float]:
        places = [(*self._raw(region.x, region.y), region.radius * self.scale) for region in self.regions]
        left = min(x - r for x, _, r in places) - _EDGE
        right = max(x + r for x, _, r in places) + _EDGE
        top = min(y - r for _, y, r in places) - self.headroom
        bottom = max(y + r for _, y, r in places) + self.headroom / 2
        missing = max(0.0, _NARROWEST - (right - left)) / 2
        return left - missing, right + missing, top, bottom

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the drawing."""
        left, right, top, bottom = self._reach
        return right - left, bottom - top

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the map is."""
        left, _, top, _ = self._reach
        across, down = self._raw(x, y)
        return across - left, down - top


def theme_map(report: TriageReport, *, width: float, letters: float, name: str, is_upright: bool = False) -> Markup:
    """Draw the map; nothing where there is none.

    Args:
        report: what to draw.
        width: that a full map has, in CSS pixels; one with few items is smaller.
        letters: size of the names.
        name: prefix of the ids, different for each drawing of a page.
        is_upright: for a narrow screen; the same map, mirrored so that it is taller than wide.
    """
    drawn = report.map
    if drawn is None:
        return Markup()
    return _drawing(report, drawn, (width, letters), name, is_upright=is_upright)


def standalone_map(report: TriageReport) -> str:
    """Give the map as an SVG document of its own, with its colours in it; "" where there is none."""
    if report.map is None:
        return ""
    style = tag("style", Markup(asset("colours.css") + asset("map.css") + _BACKGROUND))  # noqa: S704 - our own files
    return str(_drawing(report, report.map, (WIDTH, 13), "map", style, xmlns="http://www.w3.org/2000/svg"))


def _drawing(
    report: TriageReport,
    drawn: ThemeMap,
    size: tuple[float, float],
    name: str,
    *first: Markup,
    is_upright: bool = False,
    **attributes: str,
) -> Markup:
    width, letters = size
    letters = letters if len(drawn.regions) <= _MANY else letters * _SMALLER
    frame = _Frame(drawn.regions, width / (HEIGHT if is_upright else WIDTH), letters * 2.6, is_upright)
    across, down = frame.size
    spots = spots_of(drawn.regions, [frame.at(region.x, region.y) for region in drawn.regions], frame.scale)
    areas = _areas(drawn, spots)
    names, titles = place_names(spots, frame.size, letters, list(areas.items()))
    dot = _dot_radius(drawn, frame.scale)
    return tag(
        "svg",
        *first,
        tag("title", "Map of the themes", id=f"{name}-title"),
        tag("desc", _told(drawn), id=f"{name}-desc"),
        *area_shapes({area: [(spot.x, spot.y, spot.radius) for spot in group] for area, group in areas.items()}),
        *(_disc(frame, region) for region in drawn.regions),
        tag("g", *_dots(report, drawn, frame, dot), class_="dots"),
        tag("g", *_names(drawn, spots, names, letters), font_size=letters, aria_hidden="true"),
        tag("g", *(_title(title) for title in titles), font_size=letters, aria_hidden="true"),
        viewBox=f"0 0 {across:.1f} {down:.1f}",
        width=round(across),
        height=round(down),
        role="group",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="map",
        **attributes,
    )


def _told(drawn: ThemeMap) -> str:
    n = len(drawn.regions)
    return (
        f"{number(n)} {plural(n, 'theme')} as discs, the largest with the most items; themes that are alike lie near "
        "one another. The themes are listed below the map."
    )


def spots_of(regions: Sequence[MapRegion], places: Sequence[tuple[float, float]], scale: float) -> list[Spot]:
    """What each disc is to be called, where it is drawn; themes with news keep their names first, then large ones."""
    return [
        Spot(
            region.name or "no name",
            region.trend if region.has_news else "",
            *place,
            region.radius * scale,
            (0.0 if region.has_news else 1.0, -region.radius),
        )
        for region, place in zip(regions, places, strict=True)
    ]


def _disc(frame: _Frame, region: MapRegion) -> Markup:
    """A disc that leads to the card of its theme; its title says what the picture cannot."""
    x, y = frame.at(region.x, region.y)
    kind = f"disc {region.trend}" if region.has_news else "disc"
    words = [f"{region.name}: {number(region.n_total)} {plural(region.n_total, 'item')} in all"]
    words.append(f"{number(region.n_in_period)} of them now" + (f", {region.trend}" if region.has_news else ""))
    if region.area:
        words.append(f"area: {region.area}")
    if region.nearest:
        words.append(f"most like it: {region.nearest}")
    circle = tag("circle", cx=x, cy=y, r=region.radius * frame.scale, class_=kind)
    return tag("a", tag("title", "\n".join(words)), circle, href=f"#{region.anchor}", tabindex="-1")


def _areas(drawn: ThemeMap, spots: list[Spot]) -> dict[str, list[Spot]]:
    """The discs of each area that has two or more."""
    found: dict[str, list[Spot]] = {}
    for region, spot in zip(drawn.regions, spots, strict=True):
        if region.area:
            found.setdefault(region.area, []).append(spot)
    return {area: group for area, group in sorted(found.items()) if len(group) > 1}


def _dot_radius(drawn: ThemeMap, scale: float) -> float:
    """As large as the fullest disc allows, so that no dot hides another."""
    n_in = drawn.dots["theme_key"].value_counts()
    room = [region.radius / sqrt(max(1, int(n_in.get(region.theme_id, 0)))) for region in drawn.regions]
    return min(max(_DOT_RATIO * 1.77 * min(room) * scale, _SMALLEST_DOT), _LARGEST_DOT)


def _dots(report: TriageReport, drawn: ThemeMap, frame: _Frame, radius: float) -> Iterator[Markup]:
    """One path a label, with a line of no length and round ends for each dot: a sixth of the bytes of circles."""
    for is_now in (False, True):
        for key in (NONE, *report.labels):
            rows = drawn.dots[(drawn.dots["is_in_period"] == is_now) & (drawn.dots["label_key"] == key)]
            places = (frame.at(x, y) for x, y in zip(rows["x"], rows["y"], strict=True))
            marks = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places)
            if marks:
                kind = f"{label_class(key, report.labels)} {'now' if is_now else 'then'}"
                yield tag("path", d=marks, stroke_width=radius * (2.3 if is_now else 2.0), class_=kind)


def _names(drawn: ThemeMap, spots: list[Spot], names: list[PlacedName | None], letters: float) -> Iterator[Markup]:
    for region, spot, place in zip(drawn.regions, spots, names, strict=True):
        if place is None:
            continue
        lines: list[Markup] = []
        for position, line in enumerate(place.lines):
            parts: list[str] = [line]
            if spot.suffix and position == len(place.lines) - 1:
                parts += [" ", tag("tspan", spot.suffix, class_="trend")]
            lines.append(tag("tspan", *parts, x=place.x, y=place.y + position * letters * LINE_HEIGHT_RATIO))
        text = tag("text", *lines, class_="across" if place.is_across else None)
        yield tag("a", text, href=f"#{region.anchor}", tabindex="-1")


def _title(place: PlacedName) -> Markup:
    return tag("text", place.lines[0], x=place.x, y=place.y, class_="area")
