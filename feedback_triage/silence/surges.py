"""Surges: blocks that bring several times what was expected of them, now and then, in some streams.

Customers write far more for a while after an outage, a redesign or a report in the news. A stream that had such
blocks may have them again, so they belong in the upper tail of what is expected of it, and not in its level or in its
lower tail. How often they come, how long they stay and how large they are is learned from the blocks; each block
counts as a surge by as much as a surge explains it better than the ordinary prediction does (two states that follow one
another as in Hamilton 1989, filtered and learned in one pass).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feedback_triage.silence.counts import log_density

Floats = npt.NDArray[np.float64]

SURGE_SPREAD = 0.3
"""Squared relative spread of how large a surge is."""

# Before any block: one in two hundred begins a surge, every second surge goes on, and it is three times as many.
_BEGUN, _NOT_BEGUN = 0.05, 10.0
_STAYED, _NOT_STAYED = 0.5, 0.5
_FACTOR, _FACTOR_BLOCKS = 3.0, 2.0
_MOST_LOG_ODDS = 50.0


@dataclass(slots=True)
class Surges:
    """What is known of the surges of several streams at once; every field has shape (n_streams,).

    Attributes:
        begun, not_begun: blocks after an ordinary one that were a surge, and that were not.
        stayed, not_stayed: the same of blocks after a surge.
        sum_log, n_log: sum of the log factors of surges, and of how many.
        now: the probability that the last block was a surge.
    """

    begun: Floats
    not_begun: Floats
    stayed: Floats
    not_stayed: Floats
    sum_log: Floats
    n_log: Floats
    now: Floats

    @classmethod
    def none_seen(cls, n_streams: int) -> "Surges":
        """Begin with no block seen."""
        values = (_BEGUN, _NOT_BEGUN, _STAYED, _NOT_STAYED, np.log(_FACTOR) * _FACTOR_BLOCKS, _FACTOR_BLOCKS, 0.0)
        return cls(*(np.full(n_streams, value, dtype=np.float64) for value in values))

    @property
    def probability(self) -> Floats:
        """That the next block is a surge, shape (n_streams,)."""
        begins = self.begun / (self.begun + self.not_begun)
        stays = self.stayed / (self.stayed + self.not_stayed)
        return (1 - self.now) * begins + self.now * stays

    @property
    def factor(self) -> Floats:
        """How many times as many it brings, shape (n_streams,)."""
        return np.asarray(np.exp(self.sum_log / self.n_log))

    def learn(self, counts: Floats, means: Floats, log_ordinary: Floats) -> None:
        """Learn from one block of each of the first streams.

        Args:
            counts: what came, shape (n,), n at most n_streams.
            means: what the ordinary prediction expected, shape (n,).
            log_ordinary: log probability of what came by the ordinary prediction, shape (n,).
        """
        rows = slice(len(counts))
        expected = np.maximum(means * self.factor[rows], 1e-9)
        log_surge = log_density(counts, expected, np.full_like(expected, 1 / SURGE_SPREAD))
        ahead = self.probability[rows]
        log_odds = np.log(ahead) - np.log1p(-ahead) + log_surge - log_ordinary
        likely = 1 / (1 + np.exp(-np.clip(log_odds, -_MOST_LOG_ODDS, _MOST_LOG_ODDS)))
        surge, was = np.where(counts > means, likely, 0.0), self.now[rows]
        self.begun[rows] += (1 - was) * surge
        self.not_begun[rows] += (1 - was) * (1 - surge)
        self.stayed[rows] += was * surge
        self.not_stayed[rows] += was * (1 - surge)
        self.sum_log[rows] += surge * np.log((counts + 0.5) / (means + 0.5))
        self.n_log[rows] += surge
        self.now[rows] = surge
