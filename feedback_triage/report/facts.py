"""The input made ready for counting: sorted, without missing values, with the keys that filters look at."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.report.filters import (
    NONE,
    QUEUE_LANGUAGE,
    QUEUE_NONE,
    QUEUE_REVIEW,
    Count,
    ItemFilter,
    microseconds,
)
from feedback_triage.report.parts import Ref
from feedback_triage.report.usual import N_MEAN_PERIODS, N_SPREAD_PERIODS
from feedback_triage.report.values import ReportInput, ReportPeriod
from feedback_triage.report.words import Clock, printable
from feedback_triage.taxonomy import DEFINITIONS, LABELS

CONFIDENT_NONE_PROBABILITY = 0.7
"""From here on an abstention says "none of the labels"; below it a person's look can still change the
label.
"""

_TEXTS = ("source", "external_id", "verbatim", "title", "platform", "app_version", "author_key", "language")


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Give the rows as named tuples; their values have whatever type the column has."""
    yield from frame.itertuples(index=False)


def _keys(column: pd.Series, absent: str) -> pd.Series:
    """Give the texts without missing values, nor characters that the string type or a page cannot hold."""
    texts = column.astype("object").where(column.notna(), absent)
    return texts.map(lambda text: printable(str(text))).astype(str)


def prepare_items(source: ReportInput) -> pd.DataFrame:
    """Give the items oldest first (ties by id), texts without missing values, and the columns filters look
    at.

    Added columns: `label_key`, `release_key`, `declared_key`, `theme_key` ("-" for none), `platform_key`,
    `product_key` (lower case), `written_us` (microseconds since 1970), `is_in_period`, `queue`, `mentions`
    (tuple of release ids) and `incidents` (tuple of incident ids).
    """
    items = source.items.copy()
    for column in _TEXTS:
        items[column] = _keys(items[column], "")
    if "product" not in items.columns:
        items["product"] = ""
    if "likeliest_label" not in items.columns:
        items["likeliest_label"] = None
    items["product"] = _keys(items["product"], "")
    for key, column in _NAMED.items():
        items[key] = _keys(items[column], NONE)
    for key in ("platform", "product"):
        items[f"{key}_key"] = items[key].str.lower()
    written = pd.to_datetime(items["written_at"], utc=True).astype("datetime64[us, UTC]")
    items["written_at"] = written
    items["written_us"] = written.astype("int64")
    start, end = (microseconds(instant) for instant in (source.period.start, source.period.end))
    items["is_in_period"] = (items["written_us"] >= start) & (items["written_us"] < end)
    none = items["probability_none"].astype("float64") >= CONFIDENT_NONE_PROBABILITY
    waiting = np.where(none, QUEUE_NONE, QUEUE_REVIEW)
    if source.languages:
        is_settled = items["is_reviewed"] if "is_reviewed" in items.columns else False
        is_read = items["language"].isin(["", *source.languages]) | is_settled
        waiting = np.where(is_read, waiting, QUEUE_LANGUAGE)
    items["queue"] = pd.Series(np.where(items["abstained"].astype(bool), waiting, ""), index=items.index, dtype="str")
    spoken = _gathered(zip(source.mentions["item_id"], source.mentions["release_id"], strict=True))
    items["mentions"] = [spoken.get(item_id, ()) for item_id in items["item_id"]]
    ids = zip(source.incidents["incident_id"], source.incidents["item_ids"], strict=True)
    burst = _gathered((item_id, str(incident_id)) for incident_id, item_ids in ids for item_id in item_ids)
    items["incidents"] = [burst.get(item_id, ()) for item_id in items["item_id"]]
    return items.sort_values(["written_us", "item_id"], ignore_index=True)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Give the second parts of the pairs by their first: sorted, each once."""
    found: dict[str, list[str]] = {}
    for first, second in sorted(set(pairs)):
        found.setdefault(first, []).append(second)
    return {first: tuple(seconds) for first, seconds in found.items()}


_NAMED = {
    "label_key": "label",
    "release_key": "release_id",
    "declared_key": "declared_release_id",
    "theme_key": "theme_id",
}


@dataclass(frozen=True, eq=False)
class Facts:
    """The prepared input, and the questions every part of the report asks of it.

    Attributes:
        items: see `prepare_items`.
        releases: oldest first, ties by id.
        labels: the taxonomy's, then others found in the items by name.
        titles: the words for each label key, with "-" for no label.
        names: what to call a release, by id.
        anchors: where a release is on the page, by id.
        themes: the theme's name with its place on the page, by id, the highest score first.
    """

    source: ReportInput
    items: pd.DataFrame
    releases: pd.DataFrame
    labels: tuple[str, ...]
    titles: dict[str, str]
    names: dict[str, str]
    anchors: dict[str, str]
    themes: dict[str, Ref]
    clock: Clock

    @property
    def period(self) -> ReportPeriod:
        """The reported period."""
        return self.source.period

    @property
    def keys(self) -> tuple[str, ...]:
        """Label keys in reading order, "-" (no label) last."""
        return (*self.labels, NONE)

    def release(self, release_id: str) -> Ref | None:
        """Give the release's name with its place on the page, None for one that is not known."""
        return Ref(self.names[release_id], self.anchors[release_id]) if release_id in self.names else None

    def between(self, start: datetime | None, end: datetime | None) -> slice:
        """Positions of the items written in `[start, end)`; an end that is None is open."""
        written = self.items["written_us"].to_numpy()
        first = 0 if start is None else int(np.searchsorted(written, microseconds(start)))
        last = len(written) if end is None else int(np.searchsorted(written, microseconds(end)))
        return slice(first, max(first, last))

    def found(self, where: ItemFilter) -> pd.DataFrame:
        """Give the items the filter finds, oldest first."""
        part = self.items.iloc[self.between(where.start_at, where.end_at)]
        return part[where.mask(part)]

    def count(self, where: ItemFilter) -> Count:
        """Tell how many items the filter finds, with the filter."""
        part = self.items.iloc[self.between(where.start_at, where.end_at)]
        return Count(int(where.mask(part).sum()), where)

    def checked(self, n: int, where: ItemFilter) -> Count:
        """Give a number counted elsewhere, with the filter only if it finds exactly that many items."""
        return Count(n, where if self.count(where).n == n else None)

    def in_period(self, where: ItemFilter | None = None) -> ItemFilter:
        """Give the filter (by default any item) narrowed to the period."""
        return (where or ItemFilter()).narrowed(start_at=self.period.start, end_at=self.period.end)

    def periods_before(self) -> list[ReportPeriod]:
        """Whole periods of equal length before the reported one, the nearest first, as far as items go, at
        most 12.
        """
        if self.items.empty:
            return []
        first = self.items["written_at"].iloc[0].to_pydatetime()
        found: list[ReportPeriod] = []
        start = self.period.start - self.period.length
        # A period that began a little before the first item still counts as whole: a day in seven.
        while len(found) < N_SPREAD_PERIODS and start >= first - self.period.length / 7:
            found.append(ReportPeriod(start, start + self.period.length))
            start -= self.period.length
        return found

    def before(self, where: ItemFilter) -> Count:
        """Give items of the (up to four) periods that make the mean."""
        used = self.periods_before()[:N_MEAN_PERIODS]
        start = used[-1].start if used else self.period.start
        return self.count(where.narrowed(start_at=start, end_at=self.period.start))

    def by_period(self, written_us: NDArray[np.int64]) -> tuple[int, ...]:
        """Give counts in the periods before and the reported one, oldest first, of sorted instants."""
        periods = [*reversed(self.periods_before()), self.period]
        edges = [microseconds(periods[0].start), *(microseconds(period.end) for period in periods)]
        return tuple(int(n) for n in np.diff(np.searchsorted(written_us, edges)))


def label_titles(labels: Sequence[str]) -> dict[str, str]:
    """Give the words for each label key; a label without a definition is told by its name."""
    known = {definition.name: definition.title for definition in DEFINITIONS}
    return {name: known.get(name, name.replace("_", " ")) for name in labels} | {NONE: "no label"}


def gather(source: ReportInput) -> Facts:
    """Make the input ready for counting."""
    items = prepare_items(source)
    releases = _told_releases(source)
    has_products = releases["product"].nunique() > 1
    names, anchors = {}, {}
    for position, row in enumerate(records(releases)):
        parts = [row.product if has_products else "", row.platform, row.version]
        names[str(row.release_id)] = " ".join(str(part) for part in parts if part)
        anchors[str(row.release_id)] = f"release-{position + 1}"
    extra = sorted(set(items["label_key"].unique()) - {*LABELS, NONE})
    labels = (*LABELS, *extra)
    ranked = source.themes.sort_values(["score", "theme_id"], ascending=[False, True])
    pairs = zip(ranked["theme_id"], ranked["name"], strict=True)
    themes = {str(theme_id): Ref(str(name), f"theme-{rank}") for rank, (theme_id, name) in enumerate(pairs, start=1)}
    return Facts(source, items, releases, labels, label_titles(labels), names, anchors, themes, Clock(source.zone()))


def _told_releases(source: ReportInput) -> pd.DataFrame:
    """Give the releases oldest first (ties by id), texts without missing values, the optional columns filled in."""
    releases = source.releases.sort_values(["released_at", "release_id"], ignore_index=True)
    for column in ("version", "product", "platform", "kind", "notes"):
        releases[column] = _keys(releases[column], "")
    n = len(releases)
    steps = releases["rollout"] if "rollout" in releases else [()] * n
    releases["rollout"] = pd.Series([found if isinstance(found, tuple) else () for found in steps], dtype=object)
    backs = releases["rolled_back_at"] if "rolled_back_at" in releases else [None] * n
    releases["rolled_back_at"] = pd.to_datetime(pd.Series(backs, dtype=object), utc=True)
    hot = releases["is_hotfix"] if "is_hotfix" in releases else [False] * n
    releases["is_hotfix"] = [bool(pd.notna(value) and value) for value in hot]
    return releases
