"""Active users as the measure of time, where they were counted."""

from dataclasses import dataclass

import numpy as np

from feedback_triage.receipts.outlook import Floats
from feedback_triage.silence.usage import Usage, Usages

_LATE = 1.5
_LATELY_HOURS = 14 * 24.0


@dataclass(frozen=True, slots=True)
class Activity:
    """Active users of one product and platform.

    Attributes:
        usage: the counts whose time was over.
        spacing: usual hours between two counts.
    """

    usage: Usage
    spacing: float

    @classmethod
    def of(cls, usages: Usages, product: str, platform: str) -> "Activity | None":
        """Take the counts of a product and platform (folded); None with fewer than two."""
        usage = usages.of(product, platform)
        if usage is None or len(usage.users) < 2:
            return None
        return cls(usage, float(np.median(np.diff(usage.edges))))

    def covers(self, start: float, end: float) -> bool:
        """Tell whether counts without a gap, and above 0, cover this time; the last one may be a little old."""
        edges = self.usage.edges
        last = float(edges[-1])
        if end > last + self.spacing * _LATE or self.usage.gap_in(start, min(end, last)) is not None:
            return False
        return bool((self.usage.users[(edges[1:] > start) & (edges[:-1] < end)] > 0).all())

    def total(self, at: Floats) -> Floats:
        """Give the running total of active users times hours; what lies between two instants is the difference."""
        edges, users = self.usage.edges, self.usage.users
        # Before the first count and after the last one it goes on as it was.
        before = np.minimum(at - edges[0], 0.0) * users[0]
        return np.asarray(self.usage.total(at) + before + np.maximum(at - edges[-1], 0.0) * users[-1])

    def users_in(self, hours: float) -> int:
        """Give how many active users so many more hours will bring, by the counts of the last two weeks."""
        edges = self.usage.edges
        lately = self.usage.users[edges[:-1] >= edges[-1] - _LATELY_HOURS]
        return round(float(np.nanmean(lately)) * hours / self.spacing)
