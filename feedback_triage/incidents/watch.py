"""Watching a stream item by item: each step uses only what was written before, so looking back gives the same."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

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
            if row in found and self.claimed[row] < 0:
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
            flat = history.window_exposures(bank, self.table.hours[first : rows.stop], counts.lengths)
            exposure = flat[:, None, :] * history.delivered[series][:, :, None]
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
        """Raise, or join to a standing incident, the most improbable of the windows that end with an item."""
        at = float(self.table.hours[row])
        best: tuple[float, int, int, int] | None = None
        for bank, column, window in windows:
            series, length = int(self.table.of_item[row, column]), float(self.counts[bank].lengths[window])
            burst = self._unclaimed(bank, series, at - length, row)
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
        incident = next(same, None)
        if incident is None:
            judges, shares = history.judges, history.delivered
            incident = Standing(len(self.incidents), series, window, start, at, n_items, judges, shares)
            self.incidents.append(incident)
        incident.ended = None
        incident.claims.setdefault(series, start)
        incident.checked = max(incident.checked, at + incident.calm_hours)
        if incident not in self._open:
            self._open.append(incident)
        self._claim(incident, [item for item in burst.tolist() if self.claimed[item] < 0 and item <= row])

    def _start(self, history: History, row: int, bank: int, series: int, reach: float) -> tuple[float, int]:
        """Find where a burst began: the item from which on the likelihood ratio is greatest (Kulldorff 1997)."""
        at = float(self.table.hours[row])
        rows = self._unclaimed(bank, series, at - reach, row)
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

    def _unclaimed(self, bank: int, series: int, after: float, row: int) -> Ints:
        rows = self.counts[bank].rows(series, after, float(self.table.hours[row]))
        return rows[(self.claimed[rows] < 0) & (rows <= row)]

    def _claim(self, incident: Standing, rows: list[int]) -> None:
        self.claimed[rows] = incident.number
        self.excluded[rows] = self.table.hours[rows] < incident.raised + NEW_USUAL_HOURS
        incident.rows.extend(rows)

    def _claim_arriving(self, row: int) -> None:
        own = set(self.table.of_item[row].tolist())
        for incident in self._open:
            if own & incident.claims.keys():
                self._claim(incident, [row])
                return

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
