"""Watching a stream item by item: each step uses only what was written before, so looking back gives the same."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from feedback_triage.incidents.causes import ANOTHER_CAUSE, probability_of_so_few_before
from feedback_triage.incidents.history import BLOCK_HOURS, History
from feedback_triage.incidents.scan import (
    LONG_WINDOWS,
    MIN_ITEMS,
    MIN_RATIO,
    MIN_RATIO_PRAISE,
    SHORT_WINDOWS,
)
from feedback_triage.incidents.series import DAY, Ints, SeriesTable
from feedback_triage.incidents.standing import BACK_TO_USUAL, NEW_USUAL_HOURS, Standing
from feedback_triage.incidents.windows import WindowCounts
from feedback_triage.taxonomy import PRAISE

Floats = npt.NDArray[np.float64]

TICK_HOURS = 0.25
MIN_HISTORY_ITEMS = 30
_SCREEN_SDS = 3.0
_SHORTEST_SPAN = 1 / 60


class Watch:
    """The stream, what is usual in it, and the incidents found so far."""

    def __init__(self, table: SeriesTable) -> None:
        """Count all windows; nothing is judged yet."""
        self.table = table
        self.claimed = np.full(len(table), -1, dtype=np.int64)
        self.excluded = np.zeros(len(table), dtype=np.bool_)
        self.counts = (
            WindowCounts.of(table, SHORT_WINDOWS, table.is_counted & ~table.is_dated),
            WindowCounts.of(table, LONG_WINDOWS, table.is_counted),
        )
        self.incidents: list[Standing] = []
        self._open: list[Standing] = []
        praise = f"label:{PRAISE}"
        self._min_ratio = np.array([MIN_RATIO_PRAISE if key.scope == praise else MIN_RATIO for key in table.keys])

    def run(self, now: float) -> list[Standing]:
        """Go through all items and on to `now` (hours since 1970)."""
        history = History(self.table)
        for block_start in history.blocks(now):
            history.move_to(block_start, self.excluded)
            for rows, returned in history.segments(block_start):
                self._look_for_ends(history, float(self.table.hours[rows.start]))
                history.hear_from(returned)
                self._segment(history, rows)
            self._look_for_ends(history, min(block_start + BLOCK_HOURS, now))
        return self.incidents

    def _segment(self, history: History, rows: range) -> None:
        """Judge items between which nothing that is usual changes."""
        found = self._candidates(history, rows)
        for row in rows:
            if self._open:
                self._look_for_ends(history, float(self.table.hours[row]))
                self._claim_arriving(row)
            if row in found:
                self._raise_best(history, row, found[row])

    def _candidates(self, history: History, rows: range) -> dict[int, list[tuple[int, int, int]]]:
        """Give the windows worth a closer look: item to (bank, column, window). A cheap upper bound on the bursts."""
        found: dict[int, list[tuple[int, int, int]]] = {}
        first = max(rows.start, MIN_HISTORY_ITEMS)
        if first >= rows.stop:
            return found
        series = self.table.of_item[first : rows.stop]
        for bank, (judge, counts) in enumerate(zip(history.judges, self.counts, strict=True)):
            seen = counts.counts[first : rows.stop]
            if not (seen >= MIN_ITEMS).any():
                continue
            ends = self.table.hours[first : rows.stop]
            exposure = history.window_exposures(bank, ends, counts.lengths, series)
            of = np.maximum(series, 0)[:, :, None]
            mean = exposure * judge.usual.first[of]
            variance = judge.usual.variance(of, exposure, judge.clumps)
            many = (seen >= MIN_ITEMS) & (seen >= self._min_ratio[of] * mean) & (series >= 0)[:, :, None]
            for item, column, window in np.argwhere(
                many & (seen - 1 > mean + _SCREEN_SDS * np.sqrt(variance))
            ).tolist():
                found.setdefault(first + item, []).append((bank, column, window))
        return found

    def _raise_best(self, history: History, row: int, windows: list[tuple[int, int, int]]) -> None:
        """Raise, or join to a standing incident, the most improbable of the windows that end with an item.

        An item that a standing incident claims can only begin another: see `causes`.
        """
        at = float(self.table.hours[row])
        owner = int(self.claimed[row])
        best: tuple[float, int, int, int] | None = None
        tried: dict[tuple[int, int], bool] = {}
        for bank, column, window in windows:
            series, length = int(self.table.of_item[row, column]), float(self.counts[bank].lengths[window])
            if owner >= 0:
                if (bank, series) not in tried:
                    start, _ = self._start(history, row, bank, series, max(length, DAY))
                    tried[bank, series] = self._is_another_cause(self.incidents[owner], row, bank, series, start)
                if not tried[bank, series]:
                    continue
            burst = self._free(bank, series, at - length, row)
            judge = history.judges[bank]
            exposure = history.exposure(bank, series, at - length, at)
            if len(burst) < max(MIN_ITEMS, self._min_ratio[series] * exposure * judge.usual.first[series]):
                continue
            chance = float(judge.probability(series, len(burst) - 1, exposure, float(judge.clumps[window])))
            if chance < history.threshold and (best is None or chance < best[0]):
                best = chance, bank, series, window
        if best is not None:
            _, bank, series, window = best
            self._take_up(history, row, bank, series, float(self.counts[bank].lengths[window]))

    def _take_up(self, history: History, row: int, bank: int, series: int, window: float) -> None:
        at = float(self.table.hours[row])
        start, n_items = self._start(history, row, bank, series, max(window, DAY))
        before = np.nextafter(start, -np.inf)
        burst = self.counts[bank].rows(series, before, at)
        near = [each for each in self.incidents if each.is_near(at)]
        is_dated = history.is_dated
        same = (each for each in near if each.is_same_cause(start, burst, self.table.of_item, series, is_dated))
        incident = next((each for each in same if not self._is_another_cause(each, row, bank, series, start)), None)
        if incident is None:
            judges, shares = history.judges, history.delivered
            incident = Standing(len(self.incidents), series, window, start, at, n_items, judges, shares)
            self.incidents.append(incident)
        incident.ended = None
        incident.claims.setdefault(series, start)
        incident.checked = max(incident.checked, at + incident.calm_hours)
        if incident not in self._open:
            self._open.append(incident)
        owner, rows = int(self.claimed[row]), self._free(bank, series, before, row).tolist()
        self._claim(incident, rows)
        if owner not in (-1, incident.number):
            self.incidents[owner].hand_over(incident, rows, self.table.of_item)

    def _start(self, history: History, row: int, bank: int, series: int, reach: float) -> tuple[float, int]:
        """Find where a burst began: the item from which on the likelihood ratio is greatest (Kulldorff 1997)."""
        at = float(self.table.hours[row])
        rows = self._free(bank, series, at - reach, row)
        times = self.table.hours[rows]
        # The first item only starts the clock, so the others are compared with the time since then.
        others = np.arange(len(rows) - 1, -1, -1, dtype=np.float64)
        shortest = DAY if history.is_dated else _SHORTEST_SPAN
        usual = history.judges[bank].usual.first[series]
        flat = history.exposure(bank, series, np.minimum(times, at - shortest), at)
        expected = np.maximum(usual * flat, 1e-9)
        ratio = np.where(others > expected, others * np.log(np.maximum(others, 1) / expected) - others + expected, 0.0)
        ratio[others + 1 < MIN_ITEMS] = -1.0
        first = int(np.argmax(ratio))
        return float(times[first]), len(rows) - first

    def _free(self, bank: int, series: int, after: float, row: int) -> Ints:
        """Give what no other incident claims than the one that claims this item, if any does."""
        rows = self.counts[bank].rows(series, after, float(self.table.hours[row]))
        return rows[np.isin(self.claimed[rows], [-1, self.claimed[row]]) & (rows <= row)]

    def _is_another_cause(self, incident: Standing, row: int, bank: int, series: int, start: float) -> bool:
        """Tell whether a burst that ends with an item came otherwise than what an incident claims."""
        if incident.ended is not None or start <= incident.raised:
            return False
        hours, rows = self.table.hours, np.array(incident.rows)
        others = rows[(self.table.of_item[rows] != series).all(axis=1)]
        own = self.counts[bank].rows(series, np.nextafter(incident.start, -np.inf), float(hours[row]))
        own = own[np.isin(self.claimed[own], [-1, incident.number])]
        return probability_of_so_few_before(start, hours[own], hours[others]) < ANOTHER_CAUSE

    def _claim(self, incident: Standing, rows: list[int]) -> None:
        rows = [row for row in rows if self.claimed[row] != incident.number]
        moved = {row for row in rows if self.claimed[row] >= 0}
        for owner in {int(self.claimed[row]) for row in moved}:
            self.incidents[owner].give_up(moved)
        self.claimed[rows] = incident.number
        self.excluded[rows] = self.table.hours[rows] < incident.raised + NEW_USUAL_HOURS
        incident.rows.extend(rows)

    def _claim_arriving(self, row: int) -> None:
        """Give an item to the incident with the rarest series that holds it."""
        own = set(self.table.of_item[row].tolist())
        found = [(each.rate(own & each.claims.keys()), each.number) for each in self._open if own & each.claims.keys()]
        if found:
            self._claim(self.incidents[min(found)[1]], [row])

    def _look_for_ends(self, history: History, until: float) -> None:
        """Close the incidents that are back to usual, at the first quarter of an hour before `until` that shows it."""
        for incident in list(self._open):
            for tick in _ticks(incident.checked, until):
                incident.checked = tick
                if self._is_calm(history, incident, tick):
                    incident.end(tick)
                    self._open.remove(incident)
                    break

    def _is_calm(self, history: History, incident: Standing, at: float) -> bool:
        """Tell whether all that rose in an incident is as usual again."""
        bank = int(history.is_dated or incident.window > SHORT_WINDOWS[-1])
        judge = history.judges[bank]
        hours = DAY if history.is_dated else incident.calm_hours
        clump = float(judge.clumps[np.searchsorted(self.counts[bank].lengths, hours)])
        for series in incident.claims:
            rows = self.counts[bank].rows(series, at - hours, at)
            count = int(np.isin(self.claimed[rows], [-1, incident.number]).sum())
            exposure = history.exposure(bank, series, at - hours, at)
            if float(judge.probability(series, count, exposure, clump)) <= BACK_TO_USUAL:
                return False
        return True


def _ticks(after: float, until: float) -> Iterator[float]:
    """Give the quarters of an hour in `(after, until]`."""
    first = int(np.floor(after / TICK_HOURS)) + 1
    for tick in range(first, int(np.floor(until / TICK_HOURS)) + 1):
        yield tick * TICK_HOURS
