"""The map of the themes for notebooks: a Vega-Lite specification, and an SVG where Vega is not there."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from feedback_triage.report.filters import NONE
from feedback_triage.report.map import HEIGHT, WIDTH, spots_of, standalone_map
from feedback_triage.report.map_names import LINE_HEIGHT_RATIO, place_names
from feedback_triage.report.theme_map import ThemeMap
from feedback_triage.report.triage_report import TriageReport
from feedback_triage.report.words import number, plural, printable, shorten

VEGA_LITE = "application/vnd.vegalite.v5+json"
"""Media type under which notebooks draw a specification."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
"""Names the version of the language; nothing is fetched from there."""

LABEL_COLOURS = ("#009e73", "#d55e00", "#0072b2", "#6f685d", "#cc79a7", "#e69f00", "#56b4e9")
"""Of the labels in reading order, repeated after seven: those of the page in the light."""

NONE_COLOUR = "#c0b8a7"
"""Of items without a label."""

_SCALE = 900 / WIDTH  # a notebook's cell is about 900 pixels wide
_LETTERS = 12
_TEXT_LENGTH = 160
_PAPER, _SHEET, _RULE, _INK, _ALARM = "#fbfaf6", "#ffffff", "#dcd7cb", "#1d1c1a", "#b03a00"


@dataclass(frozen=True, slots=True)
class MapPicture:
    """The map as notebooks show it.

    Attributes:
        spec: Vega-Lite v5 with its data inside; empty where there are no themes.
        svg: the same as an SVG document; "" where there are no themes.
        text: one sentence, for a terminal.
    """

    spec: dict[str, Any]
    svg: str
    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002 - the protocol of notebooks
        shown: dict[str, Any] = {"text/plain": self.text}
        if self.spec:
            shown |= {VEGA_LITE: self.spec, "image/svg+xml": self.svg}
        return shown

    def __repr__(self) -> str:
        return self.text


def map_picture(report: TriageReport) -> MapPicture:
    """Make the picture of a report's map."""
    if report.map is None:
        return MapPicture({}, "", "There are no themes to map.")
    n, n_dots = len(report.map.regions), len(report.map.dots)
    text = (
        f"Map of {number(n)} {plural(n, 'theme')}, {number(n_dots)} of {number(report.map.n_items)} "
        f"{plural(report.map.n_items, 'item')} drawn"
    )
    return MapPicture(_spec(report, report.map), standalone_map(report), text)


def _spec(report: TriageReport, drawn: ThemeMap) -> dict[str, Any]:
    keys = [key for key in report.titles if key in drawn.labels]
    colours = [NONE_COLOUR if key == NONE else LABEL_COLOURS[report.labels.index(key) % 7] for key in keys]
    domain = [report.titles[key] for key in keys]
    n_true = f"for {drawn.n_true} of {len(drawn.regions)} themes the one most like it is among the three nearest here"
    return {
        "$schema": SCHEMA,
        "background": _PAPER,
        "padding": 8,
        "width": round(WIDTH * _SCALE),
        "height": round(HEIGHT * _SCALE),
        "title": {
            "text": "Themes that are alike lie near one another",
            "subtitle": f"A flat picture can only tell this roughly: {n_true}",
            "anchor": "start",
        },
        "config": {"view": {"stroke": None}, "axis": {"disable": True}},
        "layer": [
            _discs(drawn),
            _dots(report, drawn, {"domain": domain, "range": colours}),
            _names(drawn),
        ],
    }


def _place(sort: str, size: float) -> dict[str, Any]:
    domain = [0, size] if sort == "x" else [size, 0]
    return {
        "field": sort,
        "type": "quantitative",
        "scale": {"domain": domain, "nice": False, "zero": False},
        "axis": None,
    }


def _tooltip(**fields: str) -> list[dict[str, str]]:
    return [{"field": field, "title": title.replace("_", " "), "type": "nominal"} for title, field in fields.items()]


def _discs(drawn: ThemeMap) -> dict[str, Any]:
    values = [
        {
            "x": region.x,
            "y": region.y,
            # Vega measures a circle by the square around it.
            "area": round((2 * region.radius * _SCALE) ** 2, 1),
            "theme": region.name,
            "n_items": region.n_total,
            "n_in_period": region.n_in_period,
            "trend": region.trend,
            "has_news": region.has_news,
            "group": region.area,
            "nearest": region.nearest,
        }
        for region in drawn.regions
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "circle", "fill": _SHEET, "opacity": 1, "strokeWidth": 1.2},
        "encoding": {
            "x": _place("x", WIDTH),
            "y": _place("y", HEIGHT),
            "size": {"field": "area", "type": "quantitative", "scale": None},
            "stroke": {"condition": {"test": "datum.has_news", "value": _ALARM}, "value": _RULE},
            "tooltip": _tooltip(
                theme="theme",
                items="n_items",
                in_the_period="n_in_period",
                trend="trend",
                most_like_it="nearest",
                **({"area": "group"} if drawn.has_areas else {}),
            ),
        },
    }


def _dots(report: TriageReport, drawn: ThemeMap, colours: dict[str, list[str]]) -> dict[str, Any]:
    names = {region.theme_id: region.name for region in drawn.regions}
    words = report.items.set_index("item_id").loc[drawn.dots["item_id"]]
    frame = pd.DataFrame(
        {
            "x": drawn.dots["x"],
            "y": drawn.dots["y"],
            "item_id": drawn.dots["item_id"].map(printable),
            "label": drawn.dots["label_key"].map(report.titles),
            "theme": drawn.dots["theme_key"].map(names),
            "text": [shorten(printable(str(text)), _TEXT_LENGTH) for text in words["verbatim"]],
            "is_in_period": drawn.dots["is_in_period"].astype(bool),
        }
    )
    return {
        "data": {"values": frame.to_dict("records")},
        "params": [{"name": "chosen", "select": {"type": "point", "fields": ["label"]}, "bind": "legend"}],
        "mark": {"type": "circle", "size": 22},
        "encoding": {
            "x": _place("x", WIDTH),
            "y": _place("y", HEIGHT),
            "color": {
                "field": "label",
                "type": "nominal",
                "scale": colours,
                "legend": {
                    "orient": "bottom",
                    "title": f"label (strong: {report.period.word}, faint: earlier)",
                    "titleLimit": 0,
                },
            },
            "opacity": {
                "condition": [
                    {"test": {"and": [{"param": "chosen"}, "datum.is_in_period"]}, "value": 1},
                    {"test": {"param": "chosen"}, "value": 0.4},
                ],
                "value": 0.06,
            },
            "tooltip": _tooltip(item="item_id", label="label", theme="theme", text="text"),
        },
    }


def _names(drawn: ThemeMap) -> dict[str, Any]:
    size = _LETTERS / _SCALE
    spots = spots_of(drawn.regions, [(region.x, region.y) for region in drawn.regions], 1.0)
    names, _ = place_names(spots, (WIDTH, HEIGHT), size)
    values = [
        {"x": round(name.x, 1), "y": round(name.y, 1), "lines": list(name.lines), "has_news": region.has_news}
        for name, region in zip(names, drawn.regions, strict=True)
        if name is not None
    ]
    mark = {
        "type": "text",
        "font": "Georgia, Liberation Serif, serif",
        "fontSize": _LETTERS,
        "lineHeight": round(_LETTERS * LINE_HEIGHT_RATIO, 1),
        "align": "center",
        "baseline": "alphabetic",
    }
    colour = {"condition": {"test": "datum.has_news", "value": _ALARM}, "value": _INK}
    return {
        "data": {"values": values},
        "encoding": {
            "x": _place("x", WIDTH),
            "y": _place("y", HEIGHT),
            "text": {"field": "lines", "type": "nominal"},
        },
        # Twice: a name that stands across its disc is written on a light ground.
        "layer": [
            {"mark": mark | {"stroke": _SHEET, "strokeWidth": 4, "strokeJoin": "round"}},
            {"mark": mark, "encoding": {"color": colour}},
        ],
    }
