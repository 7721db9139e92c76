"""Who has which release: a mixture of simple stories about adoption, weighted by how well they foretold.

Each story keeps the share of customers on each release. In it a new release takes a part of them at once and
draws the rest over at a steady rate (from never to within the hour), and what customers declare counts as
evidence that fades with a half-life. "The most recent release", "the most frequent version of the last
days" and a slow staged roll-out are all among the stories. Every declared version re-weights them by the
probability they had given it (mixing past posteriors with forgetting: Raftery, Karny & Ettler 2010, dynamic
model averaging), so the curve is learned from the team's own past releases.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HALF_LIVES_DAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
ADOPTION = (
    (0.0, 0.0),
    (0.0, 0.03),
    (0.0, 0.1),
    (0.0, 0.3),
    (0.0, 1.0),
    (0.3, 0.3),
    (0.5, 1.0),
    (0.8, 3.0),
    (1.0, 30.0),
)
"""(share that has a release at once, rate a day at which the others follow)."""

_SLOWEST_PRIOR_RATE = 0.1
_PRIOR_WEIGHT = 1.0
_STRAY_SHARE = 0.005
_LEAST_PROBABILITY = 0.01
_MEMORY = 0.995


class Adoption:
    """The state of the stories for one stream of items, moved forward in time.

    Column 0 stands for "before any release", column i + 1 for the i-th release in the order they came out.
    """

    def __init__(self, n_releases: int, now: float) -> None:
        """Start with everybody before any release.

        Args:
            n_releases: how many releases there will be.
            now: days since 1970; time only goes forward from here.
        """
        grid = [(life, jump, rate) for life in HALF_LIVES_DAYS for jump, rate in ADOPTION]
        self._half_life, self._jump, self._rate = np.array(grid).T
        n_stories = len(grid)
        self._evidence = np.zeros((n_stories, n_releases + 1))
        self._prior = np.zeros((n_stories, n_releases + 1))
        self._prior[:, 0] = _PRIOR_WEIGHT
        self._log_weights = np.zeros(n_stories)
        self._now = now
        self._newest = 0

    def advance(self, now: float) -> None:
        """Let time pass up to `now` (days since 1970): evidence fades, customers move on."""
        elapsed = now - self._now
        if elapsed <= 0:
            return
        self._now = now
        self._evidence *= (0.5 ** (elapsed / self._half_life))[:, None]
        if self._newest:
            self._move(self._evidence, 1 - np.exp(-self._rate * elapsed))
            self._move(self._prior, 1 - np.exp(-np.maximum(self._rate, _SLOWEST_PRIOR_RATE) * elapsed))

    def release(self, now: float) -> None:
        """Bring out the next release at `now`."""
        self.advance(now)
        self._newest += 1
        self._move(self._evidence, self._jump)
        self._move(self._prior, self._jump)

    def shares(self) -> Floats:
        """Give each column's probability for a customer who declares none."""
        weights = np.exp(self._log_weights - self._log_weights.max())
        weights /= weights.sum()
        # A plain sum: a matrix product may differ in its last bit with the number of threads.
        return np.asarray((weights[:, None] * self._stories()).sum(axis=0))

    def learn(self, counts: Floats) -> None:
        """Take in how many customers declared each column since the last time, shape (n_releases + 1,)."""
        foretold = np.log(np.maximum(self._stories(), _LEAST_PROBABILITY))
        score = (foretold * counts).sum(axis=1)
        self._log_weights = _MEMORY ** counts.sum() * self._log_weights + score
        self._evidence += counts

    def _stories(self) -> Floats:
        total = self._evidence + self._prior
        total /= total.sum(axis=1, keepdims=True)
        total *= 1 - _STRAY_SHARE
        total[:, : self._newest + 1] += _STRAY_SHARE / (self._newest + 1)
        return np.asarray(total)

    def _move(self, mass: Floats, part: Floats) -> None:
        """Move a part of the mass of every story to its newest release."""
        kept = mass[:, self._newest].copy()
        moved = (mass.sum(axis=1) - kept) * part
        mass *= (1 - part)[:, None]
        mass[:, self._newest] = kept + moved
