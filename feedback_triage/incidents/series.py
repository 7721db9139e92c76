"""The items as series of instants: all of them, each label, each theme, and each of these by product and platform.

Feedback that begins to arrive from a new channel is no burst: see `channels` for when it counts. A source that gives
dates without a time of day counts only in windows of whole days.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.incidents.channels import established_at
from feedback_triage.link.frames import folded, strings
from feedback_triage.silence.season import Hours
from feedback_triage.silence.stream import hours_of, to_hours

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ALL = "all"
DAY = 24.0
_SECONDS_A_DAY = 86_400
_NONE = -1


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """What a series is of: `all`, `label:NAME` or `theme:ID`, of one product and platform ("": of any)."""

    scope: str
    product: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class SeriesTable:
    """The items in the order of their instants, and the series that each belongs to.

    Attributes:
        item_ids: shape (n,), str.
        hours: shape (n,), hours since 1970; ties in the order of the ids.
        sources: shape (n,), position of each item's source in `source_names`.
        source_names: sorted.
        keys: of the series, sorted.
        of_item: shape (n, 9), positions in `keys`, -1 where an item has no such series. Column 0 is `all` of any
            product and platform.
        established_at: one a source, hours since 1970: from then on its items count; see `channels`.
        is_counted: shape (n,), whether the item's source counts yet.
        is_dated: shape (n,), whether the source gives dates without a time of day, by its items of earlier days.
    """

    item_ids: npt.NDArray[np.object_]
    hours: Hours
    sources: Ints
    source_names: tuple[str, ...]
    keys: tuple[SeriesKey, ...]
    of_item: Ints
    established_at: Hours
    is_counted: Bools
    is_dated: Bools

    @classmethod
    def from_frame(cls, items: pd.DataFrame, as_of: datetime | None) -> "SeriesTable":
        """Sort a frame of items; one without an instant, or written after `as_of`, is left out."""
        hours = hours_of(items["written_at"])
        limit = np.inf if as_of is None else to_hours(as_of)
        kept = items[np.isfinite(hours) & (hours <= limit)].reset_index(drop=True)
        order = pd.DataFrame({"at": hours_of(kept["written_at"]), "id": strings(kept, "item_id")})
        kept = kept.iloc[order.sort_values(["at", "id"]).index].reset_index(drop=True)
        hours = hours_of(kept["written_at"])
        codes, names = pd.factorize(strings(kept, "source"), sort=True)
        sources = np.asarray(codes, dtype=np.int64)
        keys, of_item = _series(kept)
        established = established_at(hours, sources, len(names))
        return cls(
            item_ids=strings(kept, "item_id"),
            hours=hours,
            sources=sources,
            source_names=tuple(str(name) for name in names),
            keys=keys,
            of_item=of_item,
            established_at=established,
            is_counted=hours >= established[sources],
            is_dated=_dated(hours, sources),
        )

    def __len__(self) -> int:
        """Give the number of items."""
        return len(self.hours)


def _series(items: pd.DataFrame) -> tuple[tuple[SeriesKey, ...], Ints]:
    """Name the series and give those of each item, (n, 9): all, label and theme of any, a product, a platform."""
    product, platform = folded(items, "product"), folded(items, "platform")
    nothing = np.full(len(items), "", dtype=object)
    scopes = [
        np.full(len(items), ALL, dtype=object),
        *(np.array([f"{kind}:{name}" if name else "" for name in strings(items, f"{kind}{suffix}")], dtype=object)
          for kind, suffix in (("label", ""), ("theme", "_id"))),
    ]  # fmt: skip
    strata = [(nothing, nothing, None), (product, nothing, product), (product, platform, platform)]
    columns: list[list[SeriesKey | None]] = []
    for products, platforms, needed in strata:
        for scope in scopes:
            has = (scope != "") & (np.ones(len(items), dtype=np.bool_) if needed is None else needed != "")
            columns.append(
                [
                    SeriesKey(str(a), str(b), str(c)) if ok else None
                    for a, b, c, ok in zip(scope, products, platforms, has, strict=True)
                ]
            )
    keys = tuple(sorted({key for column in columns for key in column if key is not None}))
    place: dict[SeriesKey | None, int] = {None: _NONE, **{key: i for i, key in enumerate(keys)}}
    of_item = np.array([[place[key] for key in column] for column in columns], dtype=np.int64)
    return keys, of_item.reshape(len(columns), len(items)).T.copy()


def _dated(hours: Hours, sources: Ints) -> Bools:
    """Tell which items come from a source whose earlier days each have one time of day, and always the same."""
    found = np.zeros(len(hours), dtype=np.bool_)
    for source in range(int(sources.max()) + 1 if len(sources) else 0):
        rows = np.flatnonzero(sources == source)
        seconds = np.rint(hours[rows] * 3600).astype(np.int64)
        days, first = np.unique(seconds // _SECONDS_A_DAY, return_index=True)
        last = np.append(first[1:], len(rows)) - 1
        time = seconds % _SECONDS_A_DAY
        same = (time[first] == time[last]) & (np.append(-1, time[first][:-1]) == time[first])
        n_earlier = np.arange(len(days)) - 1.0  # the first day has none to be compared with
        share = (np.cumsum(same) - same) / np.maximum(n_earlier, 1)
        is_dated = (n_earlier >= 1) & (share > 0.5)
        found[rows] = np.repeat(is_dated, last - first + 1)
    return found
