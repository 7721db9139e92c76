"""How a stream usually answers a release: many teams get a wave of feedback after each one, some after a few.

Whether there are waves, how often one follows a release, how large they are and how much they differ is left to the
earlier releases: answers of many kinds are weighted by how well each would have foretold what came after those, as the
filters of a forecast are. A wave that follows now and then lies in the upper tail alone; the lower tail stays where it
was.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from feedback_triage.silence.forecast import Forecast, blended

Floats = npt.NDArray[np.float64]

_MIN_RELEASES = 2
_FACTORS = np.array([0.4, 0.65, 1.5, 2.2, 3.3, 5.0])
_SPREADS = np.array([0.03, 0.15, 0.5])
_SHARES = np.array([0.1, 0.3, 0.6, 1.0])
_FEWER = 2
"""The first so many factors: fewer write after a release. Only where that is so after every one."""
_ANSWERS = 0.05
"""How likely it is, before any release, that customers answer them at all."""
_EVIDENCE = 0.75
_NO_WEIGHT = 1e-3


def _log_prior() -> Floats:
    weights = np.ones((len(_FACTORS), len(_SPREADS), len(_SHARES)))
    weights[:_FEWER, :, :-1] = 0.0
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(_ANSWERS * weights / weights.sum()))


@dataclass(slots=True)
class ReleaseResponse:
    """What the earlier releases of one product and platform got. Windows are added in the order they end.

    Attributes:
        n_releases: how many were added.
        log_none: log weight of "customers do not answer releases".
        log_answers: log weights of the kinds of answers, by factor, spread and share of releases that get one.
    """

    n_releases: int = 0
    log_none: float = float(np.log(1 - _ANSWERS))
    log_answers: Floats = field(default_factory=_log_prior)

    def adjust(self, base: Forecast) -> Forecast:
        """Give the prediction for a window after a release, from the one that knows nothing of releases.

        With fewer than two earlier releases it is that one.
        """
        if self.n_releases < _MIN_RELEASES:
            return base
        weights = np.exp(self.log_answers - np.logaddexp(self.log_none, logsumexp(self.log_answers)))
        waves = (weights * _SHARES).sum(axis=2)
        kept = [
            (base.scaled(float(_FACTORS[i]), float(_SPREADS[j])), float(waves[i, j]))
            for i, j in zip(*np.nonzero(waves > _NO_WEIGHT), strict=True)
        ]
        return blended([(base, 1 - sum(weight for _, weight in kept)), *kept])

    def add(self, base: Forecast, observed: int) -> None:
        """Learn from a window that has ended and in which every feed was alive."""
        plain = base.log_probability(observed)
        wave = np.array(
            [[base.scaled(float(f), float(s)).log_probability(observed) for s in _SPREADS] for f in _FACTORS]
        )
        with np.errstate(divide="ignore"):
            each = np.logaddexp(wave[..., np.newaxis] + np.log(_SHARES), plain + np.log1p(-_SHARES))
        self.n_releases += 1
        self.log_none += _EVIDENCE * plain
        self.log_answers += _EVIDENCE * each
