"""Receipts: a count together with the filter that finds the items behind it.

The page applies the same filter to the items it carries, and a reader can apply it to items.csv.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NONE = "-"
"""In a filter: no label, no theme, or before any release. Never a name, which cannot be a lone hyphen."""

QUEUE_REVIEW = "review"
QUEUE_NONE = "none"
QUEUE_LANGUAGE = "language"
"""Values of the column `queue`: waits for a person, confidently none of the labels, or left alone because the
classifier does not read its language; "" for all others.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC: exact, and small enough to be exact in a browser too."""
    return (instant - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Conditions that all must hold; None means any.

    Attributes:
        label: name of a label, or `NONE`.
        release: `release_id` of the most recent release, or `NONE` for before any.
        declared: `release_id` of the version the customer gave.
        mentions: `release_id` of a release whose notes the item is about.
        incident: `incident_id` of an incident it belongs to.
        theme: `theme_id`, or `NONE`.
        source: name of the source.
        platform, product: the item's own in lower case, or an item that gives none.
        language: code, or "" for unknown.
        queue: `QUEUE_REVIEW`, `QUEUE_NONE`, `QUEUE_LANGUAGE`, or "" for items with a label and those not judged yet.
        start_at, end_at: half-open range of `written_at`.
    """

    label: str | None = None
    release: str | None = None
    declared: str | None = None
    mentions: str | None = None
    incident: str | None = None
    theme: str | None = None
    source: str | None = None
    platform: str | None = None
    product: str | None = None
    language: str | None = None
    queue: str | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None

    def narrowed(self, **conditions: Any) -> "ItemFilter":
        """Give the same filter with some conditions set."""
        return replace(self, **conditions)

    def attributes(self) -> dict[str, str]:
        """Give it as data attributes of an element, without the prefix `data-`."""
        found = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, datetime):
                found[field.name.replace("_", "-")] = str(microseconds(value))
            elif value is not None:
                found[field.name] = value
        return found

    def mask(self, items: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell which rows of the prepared items (see `facts.prepare_items`) the filter finds."""
        mask = np.ones(len(items), dtype=bool)
        for name, column in _EXACT.items():
            value = getattr(self, name)
            if value is not None:
                mask &= (items[column] == value).to_numpy(dtype=bool)
        for name in ("platform", "product"):
            value = getattr(self, name)
            if value is not None:
                mask &= items[f"{name}_key"].isin(["", value]).to_numpy(dtype=bool)
        for column, wanted in (("mentions", self.mentions), ("incidents", self.incident)):
            if wanted is not None:
                mask &= np.fromiter((wanted in found for found in items[column]), bool, len(items))
        if self.start_at is not None:
            mask &= items["written_us"].to_numpy() >= microseconds(self.start_at)
        if self.end_at is not None:
            mask &= items["written_us"].to_numpy() < microseconds(self.end_at)
        return mask


_EXACT = {
    "label": "label_key",
    "release": "release_key",
    "declared": "declared_key",
    "theme": "theme_key",
    "source": "source",
    "language": "language",
    "queue": "queue",
}


@dataclass(frozen=True, slots=True)
class Count:
    """A number of items, and where they are.

    Attributes:
        n: how many.
        where: finds exactly these items; None when they cannot be found in the report's items, and then the
            number is shown without a link rather than with one that opens something else.
    """

    n: int
    where: ItemFilter | None


def counts_in(value: object) -> Iterator[Count]:
    """Find every count anywhere inside a value made of dataclasses, tuples and dictionaries."""
    if isinstance(value, Count):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from counts_in(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from counts_in(part)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from counts_in(getattr(value, field.name))
