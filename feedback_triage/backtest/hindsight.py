"""Alarms asked again with everything known afterwards."""

import numpy as np

from feedback_triage.backtest.values import Hindsight, HindsightVerdict
from feedback_triage.silence.forecast import Floats, forecast
from feedback_triage.silence.season import Hours, learn_season
from feedback_triage.silence.stream import count_between

SIDE_HOURS = 28 * 24.0
"""How far hindsight looks back and ahead."""

POINT = 0.99
"""Probability of the point beyond which an incident is confirmed."""

LEAST_HOURS = 1.0
LEAST_BLOCKS = 8
_BLOCK_HOURS = 24.0
_STEADY = np.array([1.0])  # the question is what these weeks bring anyway, not where they drift


def judge_by_hindsight(
    times: Hours, start: float, end: float, others: list[tuple[float, float]], known_until: float
) -> Hindsight:
    """Compare an incident with the four weeks before and after it.

    The rule: the time from its first to its last item (an hour at least) is compared with the days of the four weeks
    on both sides, as long as data reaches, without those in which another incident was on. The model is the one of
    the silence ledger (`silence.forecast`) with a level that does not drift. More than its 99 % point is confirmed.
    With fewer than eight such days it is unclear.

    The incident was found because it stood out, and here it is asked again with the same items: chance that was
    great enough to raise it will mostly be confirmed. What this finds are alarms that rested on too low an expectation.

    Args:
        times: sorted hours since 1970 of all items of the scope, later ones too.
        start: first item of the incident, hours since 1970.
        end: its last item.
        others: the other incidents, as `start` and `end`.
        known_until: the last item of all; no block reaches beyond.

    Returns:
        The judgement.
    """
    stop = max(end, start + LEAST_HOURS) + 1e-6  # the last item counts
    observed = count_between(times, start, stop)
    blocks = _blocks(times, start, stop, others, known_until)
    if len(blocks) < LEAST_BLOCKS:
        return Hindsight(observed, 0.0, observed, HindsightVerdict.UNCLEAR)
    season = learn_season(times, min(known_until, stop + SIDE_HOURS))
    counts = np.array([count_between(times, a, b) for a, b in blocks], dtype=np.float64)
    edges = np.array(blocks)
    exposures = season.exposure(edges[:, 1]) - season.exposure(edges[:, 0])
    window = float(season.exposure(stop) - season.exposure(start))
    expected = forecast(counts, exposures, window, discounts=_STEADY)
    upper = expected.quantile(POINT)
    verdict = HindsightVerdict.CONFIRMED if observed > upper else HindsightVerdict.DOUBTFUL
    return Hindsight(observed, round(expected.mean, 3), upper, verdict)


def _blocks(
    times: Hours, start: float, stop: float, others: list[tuple[float, float]], known_until: float
) -> list[tuple[float, float]]:
    first = max(float(times[0]), start - SIDE_HOURS) if len(times) else start
    last = min(known_until, stop + SIDE_HOURS)
    before: Floats = np.arange(start - _BLOCK_HOURS, first - 1e-9, -_BLOCK_HOURS)[::-1]
    after: Floats = np.arange(stop, last - _BLOCK_HOURS + 1e-9, _BLOCK_HOURS)
    found = [(float(at), float(at) + _BLOCK_HOURS) for at in [*before, *after]]
    return [(a, b) for a, b in found if not any(a <= to and since < b for since, to in others)]
