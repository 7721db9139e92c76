"""An incident while it stands: what it claims, when it is over, and what else is the same cause."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from feedback_triage.incidents.scan import Judge
from feedback_triage.incidents.series import DAY, Ints

REOPEN_HOURS = 24.0
SAME_START_HOURS = 3.0
IN_COMMON = 0.5
AFTERMATH = 0.2
HANDED_OVER = 0.8
BACK_TO_USUAL = 0.05
NEW_USUAL_HOURS = 168.0
"""How long what an incident brings is kept out of what is usual: after a week of it, it is the new usual."""

_SHORTEST_CALM, _LONGEST_CALM = 1.0, 24.0


@dataclass(slots=True)
class Standing:
    """An incident, from the item that raised it on.

    Attributes:
        number: position among all incidents, in the order they were raised.
        series: which one raised it.
        window: length of the window that raised it, hours.
        start: of its first item, hours since 1970; never changes.
        raised: of the item that made it certain; never changes.
        n_until_raised: items of the series from `start` to `raised`.
        judges: what was usual when it was raised, in short windows and in long ones.
        shares: shape (n_series,), which part of each series was delivered then.
        claims: series to the instant from which on its items belong to the incident.
        rows: positions of the items it claimed, in the order it did.
        ended: when it was over, None while it goes on.
        waves: when it was over each time, and how many rows it had claimed by then; the last one again after it opened
            again.
        checked: the instant up to which its end was looked for.
    """

    number: int
    series: int
    window: float
    start: float
    raised: float
    n_until_raised: int
    judges: tuple[Judge, Judge]
    shares: npt.NDArray[np.float64]
    claims: dict[int, float] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    ended: float | None = None
    waves: list[tuple[float, int]] = field(default_factory=list)
    checked: float = -np.inf

    @property
    def calm_hours(self) -> float:
        """How long it must be as usual to be over: as long as it took to be seen, an hour to a day."""
        return float(np.clip(self.window, _SHORTEST_CALM, _LONGEST_CALM))

    def end(self, at: float) -> None:
        """It is over at this instant, for now."""
        self.ended = at
        self.waves.append((at, len(self.rows)))

    def rate(self, series: set[int]) -> float:
        """Give what the rarest of these series usually brings in a flat hour."""
        usual = self.judges[0].usual.first
        return min(float(usual[each]) for each in series)

    def give_up(self, rows: set[int]) -> None:
        """Leave items of the present wave to another incident."""
        past = self.waves[-1][1] if self.waves else 0
        self.rows[past:] = [row for row in self.rows[past:] if row not in rows]

    def hand_over(self, other: "Standing", rows: list[int], of_item: Ints) -> None:
        """Leave to another incident the series that rose by the items (rows) it took, and hardly by those that stay."""
        for series in [each for each in self.claims if each != self.series]:
            stay, gone = ((of_item[each] == series).any(axis=1).sum() for each in (self.rows, rows))
            if gone >= HANDED_OVER * (gone + stay):
                other.claims.setdefault(series, other.start)
                del self.claims[series]

    def told(self) -> tuple[float | None, list[int]]:
        """Give when it was over (None: it goes on) and its rows, without the aftermath.

        A later wave that opened it again is told only where it has a fifth of the items of the largest one.
        """
        waves = [*self.waves]
        if self.ended is None:
            waves.append((np.inf, len(self.rows)))
        sizes = np.diff([0, *(n for _, n in waves)])
        last = int(np.flatnonzero(sizes >= AFTERMATH * sizes.max())[-1])
        ended, n_rows = waves[last]
        return (None if ended == np.inf else ended), self.rows[:n_rows]

    def is_near(self, at: float) -> bool:
        """Tell whether a burst at `at` may still be of this cause: it goes on, or was over less than a day ago."""
        return self.ended is None or at - self.ended <= REOPEN_HOURS

    def is_same_cause(self, start: float, burst: Ints, of_item: Ints, series: int, is_dated: bool) -> bool:
        """Tell whether a burst in another series has the same cause.

        It has when it began within hours of this incident; when most of its items are this incident's already; and,
        once this one is over, when most of its items are of what rose in it, or most of this incident's of the series.

        Args:
            start: of the burst, hours since 1970.
            burst: positions of the burst's items in the table, claimed ones included.
            of_item: series of all items, (n_items, n_columns).
            series: of the burst.
            is_dated: the burst is of days and not of hours.
        """
        if abs(start - self.start) <= (DAY if is_dated else SAME_START_HOURS):
            return True
        if len(set(burst.tolist()) & set(self.rows)) >= IN_COMMON * len(burst):
            return True
        if self.ended is None:
            return False
        of_claims = np.isin(of_item[burst], list(self.claims)).any(axis=1).mean()
        of_series = (of_item[self.rows] == series).any(axis=1).mean() if self.rows else 0.0
        return bool(max(of_claims, of_series) >= IN_COMMON)
