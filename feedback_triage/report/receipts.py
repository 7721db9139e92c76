"""The items behind the numbers, as JSON inside the page."""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.report.triage_report import TriageReport
from feedback_triage.report.words import printable

MOST_NEWEST = 6_000
"""The newest items that are always on the page."""

MOST_OF_PERIOD = 20_000
"""Items of the period on the page, whatever else there is."""

TEXT_LENGTH = 400

_COLUMNS = {
    "label": "label_key",
    "release": "release_key",
    "declared": "declared_key",
    "theme": "theme_key",
    "source": "source",
    "platform": "platform_key",
    "product": "product_key",
    "language": "language",
    "queue": "queue",
}


def embedded_positions(report: TriageReport) -> NDArray[np.int64]:
    """Positions of the items that go on the page, newest first: the newest, those of the period, those
    quoted.
    """
    items = report.items
    newest = np.arange(max(0, len(items) - MOST_NEWEST), len(items))
    current = np.flatnonzero(items["is_in_period"].to_numpy(dtype=bool))[-MOST_OF_PERIOD:]
    quoted = {quote.item_id for card in report.themes for quote in card.quotes}
    quoted |= {row.quote.item_id for row in report.review.rows}
    quoted |= {quote.item_id for row in report.incidents for quote in row.quotes}
    named = np.flatnonzero(items["item_id"].isin(quoted).to_numpy(dtype=bool))
    return np.unique(np.concatenate([newest, current, named]))[::-1].astype(np.int64)


def payload(report: TriageReport) -> str:
    """Give the items as JSON that is safe inside a script element: no "<", ">", "&" nor line separator
    remains in it.
    """
    items = report.items.iloc[embedded_positions(report)]
    releases = {row.release_id: row.name for row in report.releases}
    themes = {card.theme_id: printable(card.name) for card in report.themes}
    incidents = {row.incident_id: printable(row.title) for row in report.incidents}
    value = {
        "zone": report.source.timezone,
        "total": len(report.items),
        "columns": {name: _coded(items[column]) for name, column in _COLUMNS.items()},
        "mentions": {str(i): list(found) for i, found in enumerate(items["mentions"]) if found},
        "incidents": {str(i): list(found) for i, found in enumerate(items["incidents"]) if found},
        "written": items["written_us"].tolist(),
        "id": items["external_id"].map(printable).tolist(),
        "title": _shortened(items["title"]),
        "text": _shortened(items["verbatim"]),
        "rating": [None if pd.isna(rating) else float(rating) for rating in items["rating"]],
        "version": items["app_version"].map(printable).tolist(),
        "names": {"release": releases, "theme": themes, "label": report.titles, "incident": incidents},
    }
    return _escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def _coded(column: pd.Series) -> dict[str, Any]:
    codes, values = pd.factorize(column, sort=True)
    return {"values": [printable(str(value)) for value in values], "codes": codes.tolist()}


def _shortened(texts: Iterable[str]) -> list[str]:
    return [
        text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"
        for text in (printable(str(text)) for text in texts)
    ]


def _escaped(text: str) -> str:
    for sign in ("&", "<", ">", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
