"""The reports of one theme, and the blocks of time before a fix in which they came."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaln

from feedback_triage.link.frames import fits, folded, strings
from feedback_triage.receipts.outlook import Floats
from feedback_triage.silence.season import Hours
from feedback_triage.silence.stream import hours_of

LOOKBACK_HOURS = 8 * 168.0
MIN_REPORTS = 3
"""With fewer before the fix nothing can be expected after it."""

SAME_REPORT_HOURS = 24.0
"""What a customer says of a theme again within this time is the same report."""

_DAY = 24.0
_MOST_BLOCKS_OF_A_SHORT_HISTORY = 14
_SHORTEST_BLOCK = 0.25
_STEP_EVIDENCE = 2.0
_STEP_RATIO = 2.0


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports by their instants.

    Attributes:
        hours: sorted, hours since 1970.
        sources: of each, shape (n,).
        said: position of the release that each declares, -1 for none, shape (n,).
    """

    hours: Hours
    sources: npt.NDArray[np.object_]
    said: npt.NDArray[np.int64]

    @classmethod
    def of(cls, items: pd.DataFrame, said: npt.NDArray[np.int64], product: str, platform: str) -> "Reports":
        """Take the reports of a product and platform (folded), each customer's follow-ups left out.

        Args:
            items: of one theme: `item_id`, `written_at`, and optionally `product`, `platform`, `source`, `author_key`.
            said: position of the release that each declares, -1 for none.
            product: of the fix; an item that does not say goes with every one.
            platform: the same.
        """
        hours = hours_of(items["written_at"])
        kept = fits(folded(items, "product"), product) & fits(folded(items, "platform"), platform) & np.isfinite(hours)
        order = np.lexsort((pd.factorize(strings(items, "item_id"), sort=True)[0], hours))
        order = order[kept[order]]
        hours, authors = hours[order], strings(items, "author_key")[order]
        first = _first_of_author(hours, authors)
        return cls(hours[first], strings(items, "source")[order][first], said[order][first])

    def select(self, rows: npt.NDArray[np.bool_]) -> "Reports":
        """Keep the reports where `rows` is true."""
        return Reports(self.hours[rows], self.sources[rows], self.said[rows])

    def between(self, start: float, end: float) -> "Reports":
        """Keep the reports in `[start, end)`."""
        return self.select((self.hours >= start) & (self.hours < end))


def _first_of_author(hours: Hours, authors: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    last: dict[str, float] = {}
    kept = np.ones(len(hours), dtype=np.bool_)
    for i, (at, author) in enumerate(zip(hours.tolist(), authors, strict=True)):
        if author:
            kept[i] = at - last.get(author, -np.inf) >= SAME_REPORT_HOURS
            if kept[i]:
                last[author] = at
    return kept


@dataclass(frozen=True, slots=True)
class History:
    """The time before a fix in blocks, oldest first.

    Attributes:
        edges: hours since 1970, shape (n_blocks + 1,); the last is the fix.
        counts: reports in each block, shape (n_blocks,).
    """

    edges: Floats
    counts: Floats

    @property
    def length(self) -> float:
        """How many hours it covers."""
        return float(self.edges[-1] - self.edges[0])

    @property
    def block(self) -> float:
        """Hours of one block."""
        return self.length / len(self.counts)

    @property
    def before(self) -> Floats:
        """Middles of the blocks, in lengths of the history before the fix."""
        middles = (self.edges[1:] + self.edges[:-1]) / 2
        return np.asarray((self.edges[-1] - middles) / self.length)


def history_before(times: Hours, fixed_at: float, not_before: float) -> History | None:
    """Lay the time before a fix in blocks, from where the reports came as they did of late.

    A fault may be younger than the time looked back on, and a theme may hold other talk from before it: the history
    begins with the first report, or where reports clearly stepped up.

    Args:
        times: sorted hours of reports.
        fixed_at: the fix; reports from then on are not used.
        not_before: when what is known begins, or an earlier fix came.

    Returns:
        Blocks of a day, or fourteen where it is shorter than fourteen days; None with fewer than three reports.
    """
    earliest = max(not_before, fixed_at - LOOKBACK_HOURS)
    own = times[(times >= earliest) & (times < fixed_at)]
    if len(own) < MIN_REPORTS:
        return None
    # The first report of all only starts the clock: counted, it would make a short history look busier than it was.
    start = float(own[0]) if own[0] == times[0] else earliest
    counted = own[own > start]
    for _ in range(2):  # a step that is found in days is found once more in hours
        edges = _edges(start, fixed_at)
        counts = np.histogram(counted, edges)[0].astype(np.float64)
        step = _step_up(counts)
        if step is None:
            break
        inside = counted[counted >= edges[step]]
        if len(inside) < MIN_REPORTS + 2:
            break
        start = float(inside[0])
        counted = inside[1:]
    edges = _edges(start, fixed_at)
    return History(edges, np.histogram(counted, edges)[0].astype(np.float64))


def _edges(start: float, end: float) -> Floats:
    length = end - start
    block = min(_DAY, max(_SHORTEST_BLOCK, length / _MOST_BLOCKS_OF_A_SHORT_HISTORY))
    n_blocks = max(1, int(length / block + 1e-9))
    return np.asarray(end - (length / n_blocks) * np.arange(n_blocks, -1, -1, dtype=np.float64))


def _step_up(counts: Floats) -> int | None:
    """Find the block from which more came, None where one level tells the blocks as well as two.

    Two levels against one by their marginal likelihoods, each level with the same gamma prior.
    """
    n = len(counts)
    if n < 2:
        return None
    firsts = np.arange(1, n, dtype=np.float64)
    sums, total = np.cumsum(counts)[:-1], float(counts.sum())
    prior = 0.5 * n / max(total, 0.5)

    def marginal(count: Floats, size: Floats) -> Floats:
        return np.asarray(gammaln(count + 0.5) - (count + 0.5) * np.log(size + prior) + 0.5 * np.log(prior))

    one_level = marginal(np.array([total]), np.array([float(n)]))
    evidence = marginal(sums, firsts) + marginal(total - sums, n - firsts) - one_level
    evidence -= float(gammaln(0.5)) + np.log(n - 1)
    rises = (total - sums) / (n - firsts) > _STEP_RATIO * np.maximum(sums / firsts, 0.5 / n)
    evidence[~rises] = -np.inf
    best = int(np.argmax(evidence))
    return best + 1 if evidence[best] > _STEP_EVIDENCE else None
