"""Active users as the measure of time, where they were counted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from feedback_triage.link.frames import fits, folded
from feedback_triage.receipts.outlook import Floats
from feedback_triage.silence.stream import hours_of

_GAP = 1.5
_LATELY_HOURS = 14 * 24.0


@dataclass(frozen=True, slots=True)
class Activity:
    """Active users of one product and platform, each count from its instant to the next.

    Attributes:
        starts: hours since 1970, sorted, shape (n,).
        counts: active users, shape (n,).
        spacing: usual hours between two counts.
    """

    starts: Floats
    counts: Floats
    spacing: float

    @classmethod
    def of(cls, exposure: pd.DataFrame | None, product: str, platform: str, now: float) -> "Activity | None":
        """Take the counts of a product and platform (folded) that were known; None with fewer than two."""
        if exposure is None or exposure.empty:
            return None
        hours = hours_of(exposure["start_at"])
        own = fits(folded(exposure, "product"), product) & fits(folded(exposure, "platform"), platform)
        own &= hours <= now
        sums = pd.Series(exposure["active_count"].to_numpy(dtype=np.float64)[own]).groupby(hours[own]).sum()
        if len(sums) < 2:
            return None
        starts = sums.index.to_numpy(dtype=np.float64)
        return cls(starts, sums.to_numpy(dtype=np.float64), float(np.median(np.diff(starts))))

    def covers(self, start: float, end: float) -> bool:
        """Tell whether counts without a gap, and above 0, cover this time."""
        inside = (self.starts > start - self.spacing * _GAP) & (self.starts < end)
        starts = self.starts[inside]
        if not len(starts) or starts[0] > start or starts[-1] + self.spacing * _GAP < end:
            return False
        return bool((np.diff(starts) <= self.spacing * _GAP).all() and (self.counts[inside] > 0).all())

    def total(self, at: Floats) -> Floats:
        """Give the running total of active users times hours; what lies between two instants is the difference."""
        ends = np.append(self.starts[1:], self.starts[-1] + self.spacing)
        # Before the first count and after the last one goes on as it was.
        running = np.concatenate([[0.0], np.cumsum(self.counts * (ends - self.starts))])
        inside = np.interp(at, np.append(self.starts, ends[-1]), running)
        before = np.minimum(at - self.starts[0], 0.0) * self.counts[0]
        return np.asarray(inside + before + np.maximum(at - ends[-1], 0.0) * self.counts[-1])

    def users_in(self, hours: float) -> int:
        """Give how many active users so many more hours will bring, by the counts of the last two weeks."""
        lately = self.counts[self.starts > self.starts[-1] - _LATELY_HOURS]
        return round(float(lately.mean()) * hours / self.spacing)
