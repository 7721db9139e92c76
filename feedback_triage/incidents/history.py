"""What is usual in a stream at each instant, learned from what was written well before it."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from feedback_triage.incidents.levels import Levels
from feedback_triage.incidents.rhythms import Rhythms
from feedback_triage.incidents.scan import LONG_WINDOWS, MONTH_HOURS, NEW_LEVEL, SHORT_WINDOWS, Clumps, Judge, threshold
from feedback_triage.incidents.series import DAY, Ints, SeriesTable
from feedback_triage.incidents.supply import Supply
from feedback_triage.silence.season import FLAT, LOOKBACK_WEEKS, WEEK

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BLOCK_HOURS = 6.0
MIN_HISTORY_HOURS = 72.0
_LAGS = (48.0, 72.0)
"""How old a block is when it is learned from, for short windows and for long ones: older than the longest window, and
old enough for what was a burst, or a dead feed, to be known as one."""

_BLOCKS = (BLOCK_HOURS, DAY)
_N_WINDOWS = len(SHORT_WINDOWS) + len(LONG_WINDOWS)
_LEAST_DELIVERED = 0.02


class History:
    """What is usual, moved on block by block. Nothing at or after the block's start is used."""

    def __init__(self, table: SeriesTable) -> None:
        """Know the items; nothing is learned yet."""
        self._table = table
        self._supply = Supply(table)
        self._rhythms = Rhythms(table)
        self._season = FLAT
        self._levels: tuple[Levels, Levels] | None = None
        self._learned_until = [0.0, 0.0]
        self._day = -np.inf
        self._noted_until = -np.inf
        self._clumps = Clumps()
        self._shares = np.zeros((len(table.keys), len(table.source_names)))
        self._newcomer = np.zeros(len(table.keys))
        self._n_known = np.zeros(len(table.keys))
        self._silent = np.zeros(len(table.source_names), dtype=np.bool_)
        self._columns, self._first_rows = _places(table)
        self.is_dated = False
        self.threshold = 0.0
        self.delivered = np.ones(len(table.keys))
        self.judges: tuple[Judge, Judge]

    def blocks(self, now: float) -> Iterator[float]:
        """Give the starts of the blocks up to `now`, from when three days are known."""
        if len(self._table) == 0:
            return
        start = np.ceil((float(self._table.hours[0]) + MIN_HISTORY_HOURS) / DAY) * DAY
        for number in range(max(0, int(np.floor((now - start) / BLOCK_HOURS)) + 1)):
            yield float(start + number * BLOCK_HOURS)

    def move_to(self, start: float, excluded: Bools) -> None:
        """Learn all that may be known when the block at `start` begins, without the `excluded` items."""
        if start >= self._day + DAY:
            self._new_day(start, excluded)
        if self._levels is None:
            self._begin()
        assert self._levels is not None  # noqa: S101 -- just made
        for bank in (0, 1):
            while self._learned_until[bank] + _BLOCKS[bank] <= start - _LAGS[bank]:
                self._learn(bank, self._learned_until[bank], excluded)
        self._silent = self._supply.dead_at(start)
        self._deliver()
        clumps = (self._clumps.spread(), np.zeros(len(LONG_WINDOWS)))
        newness = np.maximum(NEW_LEVEL, 1 / (1 + self._n_known))
        short, long = (
            Judge(levels.usual(_LAGS[bank] / _BLOCKS[bank]), self._season, clumps[bank], self._newcomer, newness)
            for bank, levels in enumerate(self._levels)
        )
        self.judges = short, long

    def segments(self, start: float) -> Iterator[tuple[range, int | None]]:
        """Split the items of the block at `start` where a source that was dead is heard from again.

        Yields:
            Rows, never none of them, and the source that returned with the first of them (None: none did).
        """
        first, last = np.searchsorted(self._table.hours, [start, start + BLOCK_HOURS], side="left").tolist()
        if first == last:
            return
        cuts: dict[int, int] = {}
        for source in np.flatnonzero(self._silent).tolist():
            rows = np.flatnonzero(self._table.sources[first:last] == source)
            if len(rows):
                cuts[first + int(rows[0])] = source
        for begin, end in pairwise([*sorted({first, *cuts}), last]):
            yield range(begin, end), cuts.get(begin)

    def hear_from(self, source: int | None) -> None:
        """Count a source as alive again."""
        if source is not None:
            self._silent[source] = False
            self._deliver()

    def exposure(self, bank: int, series: int, start: Floats | float, end: float) -> Floats:
        """Give the flat hours of `(start, end]` for a series, by the sources that deliver."""
        starts = np.asarray(start, dtype=np.float64)
        flat, by_dead = self._flat(bank, starts, np.full(starts.shape, end))
        return np.asarray(flat * self.delivered[series] + by_dead @ self._shares[series, self._silent])

    def window_exposures(self, bank: int, ends: Floats, lengths: Floats, series: Ints) -> Floats:
        """Give the same for windows of these lengths with these ends, in series of each end (n_ends, n_columns).

        Returns:
            Shape (n_ends, n_columns, n_lengths).
        """
        flat, by_dead = self._flat(bank, ends[:, None] - lengths, ends[:, None] + 0 * lengths)
        shares = self._shares[:, self._silent][series]
        return np.asarray(
            flat[:, None] * self.delivered[series][:, :, None] + np.einsum("els,ecs->ecl", by_dead, shares)
        )

    def _flat(self, bank: int, starts: Floats, ends: Floats) -> tuple[Floats, Floats]:
        """Give the flat hours of windows, and of what of them each dead source still delivered, (..., n_dead)."""
        shift = self._shift(bank)
        before, after = self._season.exposure(starts + shift), self._season.exposure(ends + shift)
        died = self._season.exposure(self._supply.last_heard[self._silent] + shift)
        return after - before, np.clip(died - before[..., None], 0.0, (after - before)[..., None])

    def _shift(self, bank: int) -> float:
        # An item with a date alone stands for the day that begins at its instant.
        return DAY if bank == 1 and self.is_dated else 0.0

    def _deliver(self) -> None:
        self._season = self._rhythms.mixed(self._shares[0] * ~self._silent)
        self.delivered = np.maximum(_LEAST_DELIVERED, 1 - (self._shares * self._silent).sum(axis=1))

    def _new_day(self, start: float, excluded: Bools) -> None:
        """Learn the week's profile, the shares of the sources, and how much a month brings."""
        table = self._table
        n_before = int(np.searchsorted(table.hours, start, side="left"))
        kept = ~excluded[:n_before]
        since = int(np.searchsorted(table.hours, start - (LOOKBACK_WEEKS + 1) * WEEK))
        usual = kept[since:] & table.is_counted[since:n_before]
        # All items: a burst that comes back every week is the week; single ones are capped there.
        self._rhythms.learn(start)
        if np.isfinite(self._noted_until):
            days = np.arange(self._noted_until, start, DAY)
        else:
            days = np.arange(np.floor(table.hours[0] / DAY) * DAY, start, DAY)
        for day in days:
            self._supply.note_day(self._counts_by_source(day, day + DAY, kept), day + DAY)
        grown = self._supply.growth(self._day, start) if self._levels is not None else None
        if grown is not None and self._levels is not None:
            for levels in self._levels:
                levels.scale(grown)
        self._noted_until = start
        self._day = start
        self._shares = self._supply.shares(start)
        reach = min(MONTH_HOURS, start - float(table.hours[0]))
        recent = usual & (table.hours[since:n_before] >= start - reach)
        in_series = (table.of_item[since:n_before][recent] >= 0).sum()
        n_recent = max(1, int(recent.sum()))
        self.threshold = threshold(n_recent / reach * MONTH_HOURS, in_series / n_recent, _N_WINDOWS)
        self._newcomer = self._newcomers(n_before, n_recent / reach)
        self.is_dated = bool(n_before and table.is_dated[:n_before].mean() > 0.5)

    def _newcomers(self, n_before: int, an_hour: float) -> Floats:
        """Give the items an hour that a series has when it is new: as many as others of its kind, on average."""
        table = self._table
        n_columns = table.of_item.shape[1]
        n_seen = np.bincount(self._columns[self._first_rows < n_before], minlength=n_columns)
        share = (table.of_item[:n_before] >= 0).mean(axis=0) if n_before else np.zeros(n_columns)
        share[n_seen == 0] = 1.0  # the first label, theme or platform of all may take everything
        share[0] = 0.0  # all items are never new
        return np.asarray((an_hour * share / np.maximum(n_seen, 1))[self._columns])

    def _begin(self) -> None:
        first = float(self._table.hours[0])
        until = first + MIN_HISTORY_HOURS
        counts, _ = self._counts(1, first, until, np.zeros(len(self._table), dtype=np.bool_))
        exposure = float(self._season.exposure(until) - self._season.exposure(first))
        short, long = (Levels(counts, exposure, hours) for hours in _BLOCKS)
        self._levels = short, long
        # The first item only starts the clock: the first whole block after it is the first to learn from.
        self._learned_until = [float(np.ceil(first / hours) * hours) for hours in _BLOCKS]

    def _learn(self, bank: int, start: float, excluded: Bools) -> None:
        assert self._levels is not None  # noqa: S101 -- begun before
        end = start + _BLOCKS[bank]
        levels = self._levels[bank]
        delivered = 1 - (self._shares * self._supply.was_dead(start, end)).sum(axis=1)
        delivered[delivered < _LEAST_DELIVERED] = 0.0
        exposures = float(self._season.exposure(end) - self._season.exposure(start)) * delivered
        own, others = self._counts(bank, start, end, excluded)
        # What an incident brought counts as far as it fills up to what was expected anyway.
        filled = own + np.clip(levels.expected(exposures) - own, 0.0, others)
        levels.learn(filled, exposures)
        if bank == 1:
            self._n_known += own
        else:
            table = self._table
            first, last = np.searchsorted(table.hours, [start, end], side="left")
            usual = table.is_counted[first:last] & ~table.is_dated[first:last] & ~excluded[first:last]
            self._clumps.learn(table.hours[first:last][usual], self._season, start, end)
        self._learned_until[bank] = end

    def _counts(self, bank: int, start: float, end: float, excluded: Bools) -> tuple[Floats, Floats]:
        """Count the items of each series in `[start, end)`: those that are usual, and those of incidents."""
        table = self._table
        first, last = np.searchsorted(table.hours, [start, end], side="left")
        # What a new source gave before it was established is learned when it counts: it must not pull levels down.
        is_established = table.established_at[table.sources[first:last]] <= self._day
        counted = (table.is_counted[first:last] | is_established) & ~(table.is_dated[first:last] & (bank == 0))
        out = excluded[first:last]
        return self._by_series(first, counted & ~out, last), self._by_series(first, counted & out, last)

    def _by_series(self, first: int, rows: Bools, last: int) -> Floats:
        series = self._table.of_item[first:last][rows].ravel()
        return np.bincount(series[series >= 0], minlength=len(self._table.keys)).astype(np.float64)

    def _counts_by_source(self, start: float, end: float, kept: Bools) -> Floats:
        table = self._table
        first, last = np.searchsorted(table.hours[: len(kept)], [start, end], side="left")
        own = np.flatnonzero(kept[first:last]) + first
        series, sources = table.of_item[own], np.broadcast_to(table.sources[own][:, None], table.of_item[own].shape)
        counts = np.zeros((len(table.keys), len(table.source_names)))
        np.add.at(counts, (series[series >= 0], sources[series >= 0]), 1.0)
        return counts


def _places(table: SeriesTable) -> tuple[Ints, Ints]:
    """Give the column that each series is of, and the row of its first item."""
    columns, first = np.zeros(len(table.keys), dtype=np.int64), np.zeros(len(table.keys), dtype=np.int64)
    for column in range(table.of_item.shape[1]):
        series, rows = np.unique(table.of_item[:, column], return_index=True)
        columns[series[series >= 0]], first[series[series >= 0]] = column, rows[series >= 0]
    return columns, first
