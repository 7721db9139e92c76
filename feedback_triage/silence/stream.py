"""The instants of a stream of items, and what its past says about a window."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.link.frames import NEVER, fits, folded, instants
from feedback_triage.silence.forecast import Floats, Forecast, History, forecast_many
from feedback_triage.silence.season import Hours, Season, Users, learn_season

MICROS_PER_HOUR = 3_600_000_000
MIN_HISTORY_HOURS = 24.0
MIN_HISTORY_ITEMS = 5
MAX_BLOCKS = 120
_FEW_BLOCKS = 6


def hours_of(column: "pd.Series[Any]") -> Hours:
    """Give a column of instants as hours since 1970 (a missing one is infinite)."""
    micros = instants(column)
    hours = micros / MICROS_PER_HOUR
    hours[micros == NEVER] = np.inf
    return np.asarray(hours, dtype=np.float64)


def to_hours(at: datetime) -> float:
    """Give an aware instant as hours since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(hours=1)


def to_datetime(hours: float) -> datetime:
    """Give hours since 1970 as an aware instant."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(hours * MICROS_PER_HOUR))


def hours_by_release(hours: Hours, release_ids: npt.NDArray[np.object_]) -> dict[str, Hours]:
    """Give the sorted hours of the items of each release."""
    groups = pd.Series(hours).groupby(release_ids, sort=True)
    return {str(release_id): np.sort(group.to_numpy()) for release_id, group in groups}


@dataclass(frozen=True, slots=True)
class Feedback:
    """The items as arrays in the order of their instants.

    Attributes:
        hours: shape (n,), sorted, hours since 1970.
        products, platforms: folded.
        sources: as given.
    """

    hours: Hours
    products: npt.NDArray[np.object_]
    platforms: npt.NDArray[np.object_]
    sources: npt.NDArray[np.object_]

    @classmethod
    def from_frame(cls, items: pd.DataFrame) -> "Feedback":
        """Sort a frame of items; an item without an instant is left out."""
        hours = hours_of(items["written_at"])
        order = np.argsort(hours, kind="stable")
        order = order[np.isfinite(hours[order])]
        sources = items["source"].fillna("").astype(str).to_numpy(dtype=object) if "source" in items else None
        return cls(
            hours[order],
            folded(items, "product")[order],
            folded(items, "platform")[order],
            sources[order] if sources is not None else np.full(len(order), "", dtype=object),
        )

    @classmethod
    def known_at(cls, items: pd.DataFrame, as_of: datetime | None) -> tuple["Feedback", float]:
        """Give the items written at `as_of` or before, and `as_of` in hours since 1970.

        None is the last instant of all items (with no items: before everything).
        """
        feedback = cls.from_frame(items)
        last = float(feedback.hours[-1]) if len(feedback.hours) else -np.inf
        now = last if as_of is None else to_hours(as_of)
        return feedback.until(now), now

    def of(self, product: str, platform: str) -> npt.NDArray[np.bool_]:
        """Tell which items belong to a release's product and platform (folded): the same, or not said."""
        return fits(self.products, product) & fits(self.platforms, platform)

    def select(self, rows: npt.NDArray[np.bool_]) -> "Feedback":
        """Keep the items where `rows` is true."""
        return Feedback(self.hours[rows], self.products[rows], self.platforms[rows], self.sources[rows])

    def until(self, now: float) -> "Feedback":
        """Keep the items written at `now` or before."""
        return self.select(self.hours <= now)


def count_between(times: Hours, start: float, end: float) -> int:
    """Count the sorted `times` in `[start, end)`."""
    return int(np.searchsorted(times, end, side="left") - np.searchsorted(times, start, side="left"))


def has_history(times: Hours, until: float, window_hours: float, since: float = -np.inf) -> bool:
    """Tell whether enough was written before `until` to expect anything of a window.

    Enough is five items, over a day at least and over a third of the window. What was written before `since` does
    not count.
    """
    first = int(np.searchsorted(times, since, side="left"))
    n_before = int(np.searchsorted(times, until, side="left")) - first
    if n_before < MIN_HISTORY_ITEMS:
        return False
    return until - max(float(times[first]), since) >= max(MIN_HISTORY_HOURS, window_hours / 3)


def expect(times: Hours, start: float, end: float, until: float) -> Forecast:
    """Predict the number of items in `[start, end)` from those written strictly before `until`.

    Args:
        times: sorted hours since 1970 of the stream; at least one is before `until`.
        start: beginning of the window.
        end: its end, later than `start`.
        until: not later than `start`; what is known ends here.

    Returns:
        The predictive distribution of the count.
    """
    return forecast_many([history_of(times, start, end, until, learn_season(times, until))])[0]


def history_of(
    times: Hours, start: float, end: float, until: float, season: Season, users: Users | None = None
) -> History:
    """Cut the time before `until` into blocks as long as the window, or shorter where there is little of it.

    Args:
        times: see `expect`, as are the next three.
        start: beginning of the window.
        end: its end.
        until: what is known ends here.
        season: what `learn_season` makes of the same times, `until` and users.
        users: where given, the exposure of a block is its users, and only the time for which they are known
            without a gap counts.
    """
    before = times[: np.searchsorted(times, until, side="left")]
    # The first item only starts the clock: counted, it would make every short history look busier than it
    # was.
    since, counted = float(before[0]), before[1:]
    if users is not None and (known := users.known_from(until)) > since:
        since, counted = known, before
    reach = until - since
    block = min(end - start, reach / _FEW_BLOCKS)
    n_blocks = max(1, min(MAX_BLOCKS, int(reach / block + 1e-9)))
    edges = until - block * np.arange(n_blocks, -1, -1, dtype=np.float64)
    places = np.searchsorted(counted, edges, side="left")
    totals = exposure_at(np.append(edges, [start, end]), season, users)
    exposures = np.maximum(np.diff(totals[: n_blocks + 1]), 1e-6)
    window = max(float(totals[-1] - totals[-2]), 1e-6)
    return History(np.diff(places).astype(np.float64), exposures, window, (end - until) / block)


def exposure_at(at: Hours, season: Season, users: Users | None = None) -> Floats:
    """Give the running total of flat hours, times users where these are given, at these instants."""
    if users is None:
        return season.exposure(at)
    first = int(np.floor(at.min()))
    hours = np.arange(first, int(np.ceil(at.max())) + 2)
    weights = np.diff(users.total(hours.astype(np.float64))) * season.of_hours(hours[:-1])
    return np.asarray(np.interp(at, hours, np.concatenate([[0.0], np.cumsum(weights)])))
