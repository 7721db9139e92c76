"""How many items each window holds that ends with an item, counted once for all items, series and lengths."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feedback_triage.incidents.series import Bools, Ints, SeriesTable
from feedback_triage.silence.season import Hours

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """The windows of some lengths, in each series of each item.

    Attributes:
        lengths: shape (n_windows,), hours.
        members: one a series, the positions of its items in the table, in the order of their instants.
        times: one a series, their instants.
        place: shape (n_items, n_columns), position of each item among the members of its series; -1 where it is none.
        counts: shape (n_items, n_columns, n_windows), items of the series in the half-open window (t - length, t] that
            come at or before this item in the order of the table.
    """

    lengths: Floats
    members: tuple[Ints, ...]
    times: tuple[Hours, ...]
    place: Ints
    counts: npt.NDArray[np.int32]

    @classmethod
    def of(cls, table: SeriesTable, lengths: Floats, is_counted: Bools) -> "WindowCounts":
        """Count the windows over the items where `is_counted` is true."""
        n_columns = table.of_item.shape[1]
        place = np.full(table.of_item.shape, -1, dtype=np.int64)
        counts = np.zeros((len(table), n_columns, len(lengths)), dtype=np.int32)
        members: list[Ints] = [np.array([], dtype=np.int64)] * len(table.keys)
        for column in range(n_columns):
            series = np.where(is_counted, table.of_item[:, column], -1)
            order = np.argsort(series, kind="stable")
            bounds = np.searchsorted(series[order], np.arange(len(table.keys) + 1))
            for key in np.unique(series[series >= 0]).tolist():
                rows = order[bounds[key] : bounds[key + 1]]
                members[key] = rows
                times, position = table.hours[rows], np.arange(len(rows))
                place[rows, column] = position
                for i, length in enumerate(lengths):
                    first = np.searchsorted(times, times - length, side="right")
                    counts[rows, column, i] = position + 1 - first
        return cls(lengths, tuple(members), tuple(table.hours[rows] for rows in members), place, counts)

    def rows(self, series: int, after: float, until: float) -> Ints:
        """Give the positions in the table of the items of a series in `(after, until]`."""
        times = self.times[series]
        first, last = np.searchsorted(times, [after, until], side="right")
        return self.members[series][first:last]
