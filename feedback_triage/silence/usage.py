"""How many users were active: the denominator of feedback, where a team gives it.

A row counts for the time until the next one of its product and platform. Where the next one is late, the row
counts for as long as rows of this platform usually do, and the rest is a gap: nothing is made up for it. A row
with less than one user, and rows that say different counts for one time, are a gap until the next row.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.link.frames import fits, folded
from feedback_triage.silence.season import Floats, Hours
from feedback_triage.silence.stream import hours_of, to_datetime

_LATE = 1.5
"""A next row that comes after more than this many usual steps leaves a gap (days of 25 hours do not)."""
_ONE_ROW_HOURS = 24.0
_LEAST_USERS, _MOST_USERS = 1.0, 1e12
"""A count outside these is a mistake, not a denominator."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Active users over time, as steps.

    Attributes:
        edges: shape (n + 1,), ascending, hours since 1970.
        users: shape (n,): active users in each step, NaN in a gap.
    """

    edges: Hours
    users: Floats

    def known_from(self, until: float) -> float:
        """Give the beginning of the last stretch without a gap that reaches up to `until`; `until` where none does."""
        last = int(np.searchsorted(self.edges, until, side="left")) - 1
        if not 0 <= last < len(self.users):
            return until
        gaps = np.flatnonzero(np.isnan(self.users[: last + 1]))
        begin = float(self.edges[gaps[-1] + 1] if len(gaps) else self.edges[0])
        return min(begin, until)

    def gap_in(self, start: float, end: float) -> tuple[float, float] | None:
        """Give the first stretch of `[start, end)` for which no users are known, None where all are."""
        if start < self.edges[0]:
            return start, min(end, float(self.edges[0]))
        unknown = np.isnan(self.users) & (self.edges[:-1] < end) & (self.edges[1:] > start)
        if unknown.any():
            first = int(np.argmax(unknown))
            last = first + int(np.argmin(np.append(unknown[first:], False)))
            return max(start, float(self.edges[first])), min(end, float(self.edges[last]))
        return (max(start, float(self.edges[-1])), end) if end > self.edges[-1] else None

    def mean(self, start: float, end: float) -> float:
        """Give the mean of the active users in `[start, end)`."""
        before, after = self.total(np.array([start, end]))
        return float(after - before) / (end - start)

    def total(self, at: Hours) -> Floats:
        """Give the running total of users times hours at these instants; a gap adds nothing."""
        steps = np.diff(self.edges) * np.nan_to_num(self.users)
        return np.asarray(np.interp(at, self.edges, np.concatenate([[0.0], np.cumsum(steps)])))


class Usages:
    """The usage counts of each product and platform."""

    def __init__(self, exposure: pd.DataFrame | None, now: float) -> None:
        """Keep the counts whose time was over by `now`.

        Args:
            exposure: columns `product`, `platform`, `start_at`, `active_count` (users in the time from then on);
                None is no counts at all.
            now: hours since 1970.
        """
        self._of: dict[tuple[str, str], Usage | None] = {}
        self._rows = _Rows.empty() if exposure is None else _Rows.from_frame(exposure)
        self._now = now

    def of(self, product: str, platform: str) -> Usage | None:
        """Give the users of a product and platform (folded), "" being all; None where nothing is known.

        Rows of just this platform win over rows that name none. For all platforms, rows that name none win over
        the sum of the others.
        """
        key = (product, platform)
        if key not in self._of:
            self._of[key] = self._add_up(product, platform)
        return self._of[key]

    def _add_up(self, product: str, platform: str) -> Usage | None:
        rows = self._rows
        chosen = _chosen(rows.products, product) & _chosen(rows.platforms, platform)
        streams = sorted(set(zip(rows.products[chosen], rows.platforms[chosen], strict=True)))
        parts = []
        for of_product, of_platform in streams:
            own = chosen & (rows.products == of_product) & (rows.platforms == of_platform)
            part = _as_steps(rows.hours[own], rows.users[own], self._now)
            if part is not None:
                parts.append(part)
        return _trimmed(_sum(parts)) if parts else None


@dataclass(frozen=True, slots=True)
class _Rows:
    products: npt.NDArray[np.object_]
    platforms: npt.NDArray[np.object_]
    hours: Hours
    users: Floats

    @classmethod
    def empty(cls) -> "_Rows":
        none = np.array([], dtype=object)
        return cls(none, none, np.array([]), np.array([]))

    @classmethod
    def from_frame(cls, exposure: pd.DataFrame) -> "_Rows":
        hours = hours_of(exposure["start_at"])
        users = exposure["active_count"].to_numpy(dtype=np.float64)
        order = np.lexsort((users, hours))
        order = order[np.isfinite(hours[order])]
        products, platforms = folded(exposure, "product"), folded(exposure, "platform")
        return cls(products[order], platforms[order], hours[order], users[order])


def _chosen(column: npt.NDArray[np.object_], value: str) -> npt.NDArray[np.bool_]:
    """Tell which rows stand for `value`: those that say it, else those that fit it."""
    same = np.asarray(column == value, dtype=np.bool_)
    return same if same.any() else fits(column, value)


def _as_steps(hours: Hours, users: Floats, now: float) -> Usage | None:
    """Lay the rows end to end, with gaps where the next is late; rows not over by `now` are left out."""
    starts, first = np.unique(hours, return_index=True)
    least, most = users[first], users[np.append(first[1:], len(users)) - 1] if len(first) else users
    is_usable = (least == most) & (least >= _LEAST_USERS) & (most <= _MOST_USERS)
    users = np.where(is_usable, least, np.nan)
    if not len(starts):
        return None
    usual = float(np.median(np.diff(starts))) if len(starts) > 1 else _ONE_ROW_HOURS
    edges: list[float] = []
    values: list[float] = []
    last = now
    for i, start in enumerate(starts):
        following = float(starts[i + 1]) if i + 1 < len(starts) else np.inf
        is_late = following - start > _LATE * usual
        end = float(start) + usual if is_late else following
        if end > now:
            break
        edges.append(float(start))
        values.append(float(users[i]))
        if is_late and following <= now:
            edges.append(end)
            values.append(np.nan)
            end = following
        last = end
    return _trimmed(Usage(np.array([*edges, last]), np.array(values))) if edges else None


def _trimmed(usage: Usage) -> Usage | None:
    """Take gaps off both ends: there nothing is known any more or not yet. None where nothing is known at all."""
    known = np.flatnonzero(np.isfinite(usage.users))
    if not len(known):
        return None
    first, stop = int(known[0]), int(known[-1]) + 1
    return Usage(usage.edges[first : stop + 1], usage.users[first:stop])


def _sum(parts: list[Usage]) -> Usage:
    """Add the users of several streams; where one of them has a gap, the sum has it."""
    edges = np.unique(np.concatenate([part.edges for part in parts]))
    middles = (edges[1:] + edges[:-1]) / 2
    users = np.zeros(len(middles))
    for part in parts:
        place = np.searchsorted(part.edges, middles) - 1
        inside = (place >= 0) & (place < len(part.users))
        users += np.where(inside, part.users[np.clip(place, 0, len(part.users) - 1)], np.nan)
    return Usage(edges, users)


def gap_in_words(gap: tuple[float, float]) -> str:
    """Say from when to when the users are not known."""
    return f"{to_datetime(gap[0]):%Y-%m-%d %H:%M} to {to_datetime(gap[1]):%Y-%m-%d %H:%M} UTC"
