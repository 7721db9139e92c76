"""How a stream usually answers a release: many teams get a wave of feedback after each one.

What earlier releases of the stream got, relative to what their past made one expect, is a factor with a
spread. Whether there is such a wave at all is left to the earlier releases: two predictions, with and
without the factor, are weighted by how well each foretold them.
"""

from dataclasses import dataclass, field

import numpy as np

from feedback_triage.silence.forecast import Forecast, mixed

_MIN_RELEASES = 2
_PRIOR_RELEASES = 1.0
_PRIOR_SPREAD = 0.1
_MOST_EVIDENCE = 2.0
_WINSOR_SDS = 2.0


@dataclass(slots=True)
class ReleaseResponse:
    """What the earlier releases of one product and platform got. Windows are added in the order they end.

    Attributes:
        log_ratios: log of observed over expected, one an earlier window.
        chances: squared relative spread that the prediction of that window had anyway.
        evidence: log odds that there is a wave.
    """

    log_ratios: list[float] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)
    evidence: float = 0.0

    def adjust(self, base: Forecast) -> Forecast:
        """Give the prediction for a window after a release, from the one that knows nothing of releases."""
        wave = self._wave(base)
        if wave is None:
            return base
        return mixed(base, wave, 1 / (1 + float(np.exp(-self.evidence))))

    def add(self, base: Forecast, observed: int) -> None:
        """Learn from a window that has ended and in which every feed was alive."""
        wave = self._wave(base)
        if wave is not None:
            gain = wave.log_probability(observed) - base.log_probability(observed)
            self.evidence += float(np.clip(gain, -_MOST_EVIDENCE, _MOST_EVIDENCE))
        self.log_ratios.append(float(np.log((observed + 0.5) / (base.mean + 0.5))))
        self.chances.append(float(np.log1p(base.variance / base.mean**2)))

    def _wave(self, base: Forecast) -> Forecast | None:
        """Scale `base` by the usual factor; None with fewer than two earlier releases."""
        n = len(self.log_ratios)
        if n < _MIN_RELEASES:
            return None
        ratios = np.array(self.log_ratios)
        # The median: one release that went quiet or caused a storm is not how customers answer releases.
        centre = float(np.median(ratios)) * n / (n + _PRIOR_RELEASES)
        squares = (ratios - centre) ** 2
        capped = np.minimum(squares, _WINSOR_SDS**2 * max(float(np.median(squares)) * 2.2, _PRIOR_SPREAD))
        # What chance and a drifting level explain is in `base` already.
        own = max(0.0, float((capped - np.array(self.chances)).sum()))
        spread = (own + 2 * _PRIOR_SPREAD) / (n + 2)
        return base.scaled(float(np.exp(centre)), spread * (1 + 1 / (n + _PRIOR_RELEASES)))
