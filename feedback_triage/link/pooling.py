"""What many stories together foretell: one of them is right, or customers differ and a blend is.

Several readings compete. In some, one story is right: each is weighted by the probability it had given what
came, with forgetting (dynamic model averaging: Raftery, Karny & Ettler 2010); they differ in how many customers
no story is about. In the others, customers are of several kinds at once, some quick, some slow, and weights move
towards the best blend (Soft-Bayes: Orseau, Lattimore & Legg 2017, "Soft-Bayes: Prod for mixtures of experts
with log-loss"); they differ in their pace. The readings are weighted as the stories are in the first ones.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_MEMORY = 0.995
"""What a reading of "one story is right" keeps of its evidence when an item comes."""
_PACES = (0.3, 0.03)
"""How far an item moves the weights of a blend, 1 being as far as Bayes' rule does."""
_POOL_MEMORY = 0.99
_BACKGROUND_SHARES = (0.005, 0.02, 0.08)
"""Of customers whom no story is about, in the readings in which one story is right."""
_RESTORED_SHARE = 0.002
_LEAST = 1e-9
_LEAST_STORY = 1e-6


class Pools:
    """The weights of the stories in every reading, and of the readings.

    What the stories foretell comes as an array of shape (n_stories + 1, n_outcomes); the last row is the background:
    what a customer has whom none of the stories is about.
    """

    def __init__(self, n_stories: int) -> None:
        """Start with all stories and readings alike."""
        self._log_weights = np.zeros((len(_BACKGROUND_SHARES), n_stories))
        self._blends = np.full((len(_PACES), n_stories + 1), 1 / (n_stories + 1))
        self._log_readings = np.zeros(len(_BACKGROUND_SHARES) + len(_PACES))
        self._weights = self._by_reading()

    def weights(self) -> Floats:
        """Give the weight of every story and, last, of the background; they sum to 1."""
        return np.asarray((_normalised(self._log_readings)[:, None] * self._weights).sum(axis=0))

    def learn(self, told: Floats, counts: Floats) -> None:
        """Take in how often outcomes came.

        Args:
            told: the probability each story and the background had given them, shape (n_stories + 1, n_outcomes);
                outcomes that did not come may be left out.
            counts: how often each came, shape (n_outcomes,).
        """
        n = float(counts.sum())
        if n == 0:
            return
        # A plain sum: a matrix product may differ in its last bit with the number of threads.
        readings = (self._weights[:, :, None] * told[None]).sum(axis=1)
        readings = np.maximum(readings, _LEAST)
        self._log_readings = _POOL_MEMORY**n * self._log_readings + (np.log(readings) * counts).sum(axis=1)
        for k, share in enumerate(_BACKGROUND_SHARES):
            foretold = np.maximum((1 - share) * told[:-1] + share * told[-1], _LEAST_STORY)
            self._log_weights[k] = _MEMORY**n * self._log_weights[k] + (np.log(foretold) * counts).sum(axis=1)
        blended = readings[len(_BACKGROUND_SHARES) :]
        for k, pace in enumerate(_PACES):
            # Items of one instant have no order, so they move the weights together, by their mean.
            step = 1 - (1 - pace) ** n
            moved = self._blends[k] * (1 - step + step * (told / blended[k] * counts).sum(axis=1) / n)
            # No weight dies out: what was wrong for a year may be right after a change.
            restored = _RESTORED_SHARE * step
            self._blends[k] = (1 - restored) * moved / moved.sum() + restored / len(moved)
        self._weights = self._by_reading()

    def _by_reading(self) -> Floats:
        """Give the weights in every reading, shape (n_readings, n_stories + 1)."""
        right = [
            np.append((1 - share) * _normalised(log_weights), share)
            for share, log_weights in zip(_BACKGROUND_SHARES, self._log_weights, strict=True)
        ]
        return np.vstack([*right, self._blends])


def _normalised(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())
