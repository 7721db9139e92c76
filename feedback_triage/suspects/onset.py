"""How well the instants of the reports go with a fault that began at a given instant.

Reports are a Poisson process whose rate changes once: before the onset a few strays come at a steady rate, after it
the rate is at least three times as high and follows one of several shapes (customers meet a fault at once or slowly,
and write about it for an hour or for ever). Time is counted by what the stream brings anyway: a quiet night is short.
The two rates are integrated out over gamma priors (a change point with conjugate rates: Raftery & Akman 1986), and the
shapes are averaged, so nothing is fitted to the reports at hand.

Observation ends with the last report. To stop at the n-th event leaves the likelihood of a Poisson process as it is.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, gammaln, logsumexp

from feedback_triage.suspects.frames import Floats

RISES_HOURS = (0.001, 0.2, 1.0, 6.0, 24.0, 96.0)
"""Time until a fault is met by most who will meet it."""

DECAYS_HOURS = (1.0, 6.0, 24.0, 96.0, 384.0, 1e6)
"""Time until reports about it fade.

Without one of weeks, a fault that lasts until it is mended looks like one that rises slowly, from an earlier release.
"""

_FLOOR = 0.02
_SLOW_SHARE = 0.6
_LEAST_RATIO = 3.0
_STRAY_SHAPE, _STRAY_HOURS = 0.5, 500.0
_FAULT_SHAPE, _FAULT_HOURS = 1.0, np.array([0.02, 0.2, 2.0, 20.0, 200.0])
_LEAST_LOG = -700.0
_LEAST_SHARE = 0.05
_STILL_COMING = 0.01
"""Reports long after a roll-back, as a share of what came while the release stood."""

_LATE_WRITERS = 4.0
"""For each customer who writes while the release stands, so many more write later at most."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """Courses of the rate after an onset, (1 - exp(-x / rise))^order (floor + (1 - floor) exp(-x / decay)).

    Attributes:
        rise, decay: hours, shape (k,).
        order: 1 for a fault that is reported from its first minute on, 2 for one that starts slowly; shape (k,).
        log_weights: prior of each, shape (k,).
    """

    rise: Floats
    decay: Floats
    order: Floats
    log_weights: Floats

    @classmethod
    def weighted(cls, rise_weights: tuple[float, ...]) -> "Shapes":
        """Give all courses that fade no faster than they rise, with a prior for the rises."""
        grid = [
            (rise, decay, order, weight * share / sum(rise <= each for each in DECAYS_HOURS))
            for rise, weight in zip(RISES_HOURS, rise_weights, strict=True)
            for decay in DECAYS_HOURS
            for order, share in ((1.0, 1 - _SLOW_SHARE), (2.0, _SLOW_SHARE))
            if decay >= rise
        ]
        rise, decay, order, weight = np.array(grid).T
        return cls(rise, decay, order, np.log(weight / weight.sum()))

    def __len__(self) -> int:
        """Give the number of courses."""
        return len(self.rise)

    def log_rate(self, elapsed: Floats) -> Floats:
        """Give the log of the relative rate `elapsed` hours (> 0, any shape) after an onset, shape (..., k)."""
        x = elapsed[..., None]
        risen = np.maximum(-np.expm1(-x / self.rise), 1e-100)
        return np.asarray(self.order * np.log(risen) + np.log(_FLOOR + (1 - _FLOOR) * np.exp(-x / self.decay)))

    def total(self, elapsed: Floats) -> Floats:
        """Give the integral of the relative rate from the onset to `elapsed` hours later, shape (..., k)."""
        x = np.maximum(elapsed, 0.0)[..., None]
        per_hour, fading = 1 / self.rise, 1 / self.decay
        # (1 - e)^1 = 1 - e and (1 - e)^2 = 1 - 2 e + e^2: a sum of exponentials, each easily integrated.
        terms = ((1.0, 0.0), (-self.order, 1.0), (self.order - 1, 2.0))
        steady = sum(sign * _integral(x, times * per_hour) for sign, times in terms)
        faded = sum(sign * _integral(x, times * per_hour + fading) for sign, times in terms)
        return np.asarray(np.maximum(_FLOOR * steady + (1 - _FLOOR) * faded, 0.0))

    def total_after(self, stood: float, elapsed: Floats, half_life: float) -> Floats:
        """Give the integral of the relative rate from a roll-back to `elapsed` hours later, shape (..., k).

        See `log_rate_after`; `stood` hours passed from the onset to the roll-back.
        """
        x, fading, forgetting = np.maximum(elapsed, 0.0)[..., None], 1 / self.decay, np.log(2) / half_life
        left = (1 - _FLOOR) * np.exp(-stood / self.decay)
        coming = _FLOOR * _integral(x, np.zeros(len(self))) + left * _integral(x, fading)
        going = _FLOOR * _integral(x, np.full(len(self), forgetting)) + left * _integral(x, fading + forgetting)
        return np.asarray(self._at_end(stood, half_life) * (_STILL_COMING * coming + (1 - _STILL_COMING) * going))

    def log_rate_after(self, stood: float, elapsed: Floats, half_life: float) -> Floats:
        """Give the log of the relative rate `elapsed` hours after a roll-back, shape (..., k).

        Nobody meets the fault any more, and half of those who met it write within half-life after half-life. A
        release that stood for minutes was met by few: what comes later is bounded by what came while it stood.
        """
        x = elapsed[..., None]
        course = _FLOOR + (1 - _FLOOR) * np.exp(-(stood + x) / self.decay)
        going = _STILL_COMING + (1 - _STILL_COMING) * np.exp2(-x / half_life)
        return np.asarray(np.log(np.maximum(self._at_end(stood, half_life), 1e-100)) + np.log(course * going))

    def _at_end(self, stood: float, half_life: float) -> Floats:
        risen: Floats = (-np.expm1(-stood / self.rise)) ** self.order
        return np.asarray(risen * np.minimum(-_LATE_WRITERS * np.expm1(-stood * np.log(2) / half_life), 1.0))


def _integral(x: Floats, rate: Floats) -> Floats:
    """Integrate exp(-rate t) from 0 to x; a rate of 0 gives x."""
    return np.asarray(np.where(rate > 0, -np.expm1(-x * rate) / np.where(rate > 0, rate, 1.0), x))


SERVER_SHAPES = Shapes.weighted((0.15, 0.2, 0.2, 0.2, 0.15, 0.1))
"""What runs on servers reaches everybody at once."""

CLIENT_SHAPES = Shapes.weighted((0.08, 0.12, 0.15, 0.25, 0.25, 0.15))
"""An app reaches customers as they update."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The reports on the stream's own clock.

    Attributes:
        reports: sorted instants of the reports in hours of exposure, shape (n,).
        start: where observation begins; no report is earlier.
    """

    reports: Floats
    start: float

    def log_evidence(self, onsets: Floats, shapes: Shapes) -> Floats:
        """Give the log marginal likelihood of the reports for each onset, shape (n_onsets,)."""
        end = float(self.reports[-1])
        total = shapes.total(end - onsets) - shapes.total(self.start - onsets)
        elapsed = self.reports[None, :] - onsets[:, None]
        after = elapsed > 0
        n_after = after.sum(axis=1)
        told = np.empty((len(onsets), len(shapes)))
        for row in range(len(onsets)):
            told[row] = shapes.log_rate(elapsed[row, after[row]]).sum(axis=0)
        return self._integrated(onsets, n_after, told, total, shapes)

    def log_evidence_of_steps(
        self,
        steps: list[tuple[float, float]],
        shapes: Shapes,
        rolled_back: float = np.inf,
        half_lives: tuple[float, ...] = (1.0,),
    ) -> float:
        """Give the same for one release that not all customers had all the time.

        Args:
            steps: (hours of exposure, share of customers), sorted, all before the roll-back.
            shapes: courses.
            rolled_back: hours of exposure of the roll-back, infinite where there was none; not before the first step.
            half_lives: hours in which the reports after a roll-back fade by half; they are averaged.
        """
        at = np.array([at for at, _ in steps])
        onset, end = float(at[0]), float(self.reports[-1])
        shares = np.array([max(share, _LEAST_SHARE * max(s for _, s in steps)) for _, share in steps])
        after_onset = self.reports[self.reports > onset]
        while_out = after_onset[after_onset <= rolled_back]
        bounds = np.clip(np.append(at, rolled_back), self.start, end)
        total = (np.diff(shapes.total(bounds - onset), axis=0) * shares[:, None]).sum(axis=0)
        place = np.searchsorted(at, while_out, side="right") - 1
        told = (shapes.log_rate(while_out - onset) + np.log(shares[place])[:, None]).sum(axis=0)
        totals, tolds = total[None, :], told[None, :]
        if rolled_back < end:
            stood, later = rolled_back - onset, after_onset[after_onset > rolled_back] - rolled_back
            limits = np.array([max(self.start - rolled_back, 0.0), end - rolled_back])
            after = [np.diff(shapes.total_after(stood, limits, each), axis=0)[0] for each in half_lives]
            rates = [shapes.log_rate_after(stood, later, each).sum(axis=0) for each in half_lives]
            totals = total + shares[-1] * np.array(after)
            tolds = told + np.array(rates) + len(later) * np.log(shares[-1])
        rows = len(totals)
        found = self._integrated(np.full(rows, onset), np.full(rows, len(after_onset)), tolds, totals, shapes)
        return float(logsumexp(found) - np.log(rows))

    def log_evidence_of_no_change(self) -> float:
        """Give the same for reports that came at one rate all along."""
        exposure = float(self.reports[-1]) - self.start
        per_prior = _log_gamma(len(self.reports), exposure, _FAULT_SHAPE, _FAULT_HOURS)
        return float(logsumexp(per_prior) - np.log(len(_FAULT_HOURS)))

    def _integrated(
        self, onsets: Floats, n_after: npt.NDArray[np.int64], told: Floats, total: Floats, shapes: Shapes
    ) -> Floats:
        n_before = len(self.reports) - n_after
        quiet = np.maximum(np.minimum(onsets, self.reports[-1]) - self.start, 0.0)
        strays = _log_gamma(n_before, quiet, _STRAY_SHAPE, _STRAY_HOURS)
        total = np.maximum(total, 1e-6)[..., None]
        fault = _log_gamma(n_after[:, None, None], total, _FAULT_SHAPE, _FAULT_HOURS)
        # Both rates are gamma distributed given the reports; the fault's must be the higher one by far.
        stray_rate = (_STRAY_HOURS + quiet)[:, None, None]
        fault_rate = _FAULT_HOURS + total
        shape_before, shape_after = _STRAY_SHAPE + n_before[:, None, None], _FAULT_SHAPE + n_after[:, None, None]
        risen = _log_chance_of_ratio(shape_before, stray_rate, shape_after, fault_rate)
        prior = _log_chance_of_ratio(_STRAY_SHAPE, _STRAY_HOURS, _FAULT_SHAPE, _FAULT_HOURS)
        per_shape = logsumexp(fault + risen - prior, axis=-1) - np.log(len(_FAULT_HOURS))
        together = logsumexp(per_shape + told + shapes.log_weights, axis=-1)
        return np.asarray(np.maximum(strays + together, -1e12), dtype=np.float64)


def _log_gamma(count: npt.ArrayLike, exposure: npt.ArrayLike, shape: float, hours: npt.ArrayLike) -> Floats:
    """Log of the integral of rate^count exp(-rate exposure) over a gamma prior (shape, hours)."""
    count, hours = np.asarray(count, dtype=np.float64), np.asarray(hours, dtype=np.float64)
    return np.asarray(
        gammaln(shape + count) - gammaln(shape) + shape * np.log(hours) - (shape + count) * np.log(hours + exposure)
    )


def _log_chance_of_ratio(
    low_shape: npt.ArrayLike, low_hours: npt.ArrayLike, high_shape: npt.ArrayLike, high_hours: npt.ArrayLike
) -> Floats:
    """Log probability that the second of two gamma variables is `_LEAST_RATIO` times the first, or more."""
    low_hours, high_hours = np.asarray(low_hours), np.asarray(high_hours)
    edge = low_hours / (low_hours + _LEAST_RATIO * high_hours)
    chance = betainc(low_shape, high_shape, edge)
    return np.asarray(np.maximum(np.log(np.maximum(chance, 1e-300)), _LEAST_LOG), dtype=np.float64)
