"""Who has which release: a mixture of simple stories about adoption, weighted by how well they foretold.

Each story keeps the share of customers on each release. In it a new release takes a part of them at once and
draws the rest over at a steady rate (from never to within the hour), and what customers declare counts as
evidence that fades with a half-life. "The most recent release", "the most frequent version of the last
days" and a slow staged roll-out are all among the stories. Every declared version re-weights them by the
probability they had given it (see `link.pooling`), so the curve is learned from the team's own past releases.
What was declared over the last months is the background: some customers are on any older release.

A schedule of a roll-out holds in every story: beyond the share that can have a release nobody is presumed to
have it, though customers who declare it are believed. Who had a release that was rolled back goes to those
that still stand, at the story's own pace.
"""

import numpy as np

from feedback_triage.link.pooling import Floats, Pools

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
_BACKGROUND_HALF_LIFE_DAYS = 120.0
_BACKGROUND_PRIOR = 2.0
_BACKGROUND_FADING = 0.8


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
        self._n_evidence = np.zeros(n_stories)
        self._prior = np.zeros((n_stories, n_releases + 1))
        self._prior[:, 0] = _PRIOR_WEIGHT
        self._background = np.zeros(n_releases + 1)
        self._pools = Pools(n_stories)
        self._now = now
        # What share of customers can have each release now, and could have at most so far.
        self._reach = np.zeros(n_releases + 1)
        self._reach[0] = 1.0
        self._most = self._reach.copy()
        self._n_out, self._is_plain = 1, True

    def advance(self, now: float) -> None:
        """Let time pass up to `now` (days since 1970): evidence fades, customers move on."""
        elapsed = now - self._now
        if elapsed <= 0:
            return
        self._now = now
        self._background *= 0.5 ** (elapsed / _BACKGROUND_HALF_LIFE_DAYS)
        fading = 0.5 ** (elapsed / self._half_life)
        self._evidence *= fading[:, None]
        self._n_evidence *= fading
        self._draw(self._evidence, 1 - np.exp(-self._rate * elapsed))
        self._draw(self._prior, 1 - np.exp(-np.maximum(self._rate, _SLOWEST_PRIOR_RATE) * elapsed))

    def reach(self, now: float, column: int, share: float) -> None:
        """From `now` on let a share of customers (0..1) be able to have a release; 0: it was rolled back."""
        self.advance(now)
        before = self._reach[column]
        self._reach[column] = share
        self._most[column] = max(self._most[column], share)
        # Releases come out in the order of their columns, unless one waits for its first step.
        self._n_out = int(np.flatnonzero(self._most)[-1]) + 1
        self._is_plain = bool(self._most[: self._n_out].all())
        for mass in (self._evidence, self._prior):
            if share > before:
                self._draw(mass, self._jump, column, before)
            elif share == 0:
                self._send_back(mass, column)

    def shares(self) -> Floats:
        """Give each column's probability for a customer who declares none."""
        weights = self._pools.weights()
        of_stories = (weights[:-1] / (self._n_evidence + _PRIOR_WEIGHT))[:, None] * (self._evidence + self._prior)
        return np.asarray(of_stories.sum(axis=0) + weights[-1] * self._usual())

    def learn(self, counts: Floats) -> None:
        """Take in how many customers declared each column since the last time, shape (n_releases + 1,)."""
        seen = np.flatnonzero(counts)
        of_stories = (self._evidence[:, seen] + self._prior[:, seen]) / (self._n_evidence + _PRIOR_WEIGHT)[:, None]
        self._pools.learn(np.vstack([of_stories, self._usual()[seen]]), counts[seen])
        self._evidence[:, seen] += counts[seen]
        self._n_evidence += counts.sum()
        self._background += counts

    def _usual(self) -> Floats:
        """Give the background: what customers had over the last months, and what is out, the newer the more."""
        out = np.flatnonzero(self._most)
        fading = self._most[out] * _BACKGROUND_FADING ** np.arange(len(out))[::-1]
        usual = self._background.copy()
        usual[out] += _BACKGROUND_PRIOR * fading / fading.sum()
        return np.asarray(usual / usual.sum())

    def _draw(self, mass: Floats, part: Floats, only: int | None = None, before: float = 0.0) -> None:
        """Move a part of the customers of every story to the newest release that they can have.

        Args:
            mass: shape (stories, columns), changed in place.
            part: shape (stories,), 0..1.
            only: the one release to move them to; None for all.
            before: the share of customers that could have it until now.
        """
        newest_first = np.flatnonzero(self._reach)[::-1]
        if only is None and self._reach[newest_first[0]] >= 1 and self._is_plain:
            # The usual case, many times faster: all others may come to the newest release.
            column, others = newest_first[0], mass[:, : self._n_out]
            own = others[:, column].copy()
            moved = part * (others.sum(axis=1) - own)
            others *= (1 - part)[:, None]
            others[:, column] = own + moved
            return
        # A release that is yet to come keeps the testers who have it already; one that was rolled back keeps nobody.
        pool = self._most > 0
        for column in newest_first:
            pool[column] = False
            own, rest = mass[:, column], mass[:, pool].sum(axis=1)
            if only is None or only == column:
                had = np.maximum(own, before * (own + rest))
                moved = part * np.clip(self._reach[column] * (own + rest) - had, 0.0, rest)
                left = np.divide(rest - moved, rest, out=np.ones_like(rest), where=rest > 0)
                mass[:, pool] *= left[:, None]
                mass[:, column] = own + moved
            if self._reach[column] >= 1 or only == column:
                return

    def _send_back(self, mass: Floats, column: int) -> None:
        """Move the customers of a release that was rolled back to those that stand, each story's part at once."""
        moved = mass[:, column] * self._jump
        mass[:, column] -= moved
        for standing in np.flatnonzero(self._reach)[::-1]:
            mass[:, standing] += moved * self._reach[standing]
            moved = moved * (1 - self._reach[standing])
