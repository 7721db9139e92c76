"""Whether one dead spell of a feed would explain why so little came.

A verdict on a silence needs proof that the feeds were alive. The sharpest doubt is one dead spell: the longest
silence of a source in the window. If too little came even for the time without it, the doubt does not matter;
otherwise nobody can tell, however likely a live feed is to be silent for so long.
"""

import numpy as np

from feedback_triage.silence.feeds import Feeds
from feedback_triage.silence.forecast import Forecast
from feedback_triage.silence.season import Hours, Season

EVERY_FEED = None
"""Stands for all sources together: they may come through one pipe."""


def unproven(
    prediction: Forecast,
    observed: int,
    season: Season,
    span: tuple[float, float],
    feeds: Feeds,
    among: Feeds,
    *,
    quiet: float,
) -> tuple[bool, str | None]:
    """Tell whether one dead spell of one source, or of all together, would explain the silence of a window.

    Args:
        prediction: of the window, with all feeds alive.
        observed: what came, fewer than usual.
        season: the week of the items in question.
        span: beginning and end of the window, hours since 1970.
        feeds: all items of each source.
        among: the items in question of each source.
        quiet: the probability at or below which a count is too small.

    Returns:
        Whether it would, and the source (`EVERY_FEED` for all together).
    """
    shares: dict[str | None, float] = {}
    shares.update(among.shares(span[0], 0.0).items())
    if len(shares) > 1:
        shares[EVERY_FEED] = 1.0
    for source, share in shares.items():
        times = feeds.times[source] if source is not None else np.sort(np.concatenate(list(feeds.times.values())))
        rest = 1 - share * _longest_silence(times, season, *span)
        if rest <= 0 or prediction.scaled(rest).probability_at_most(observed) > quiet:
            return True, source
    return False, EVERY_FEED


def _longest_silence(times: Hours, season: Season, start: float, end: float) -> float:
    """Give the longest silence in a window as a share of it, 0..1; the week's ups and downs are counted in."""
    inside = times[np.searchsorted(times, start, side="left") : np.searchsorted(times, end, side="left")]
    marks = season.exposure(np.concatenate([[start], inside, [end]]))
    return float(np.diff(marks).max() / max(float(marks[-1] - marks[0]), 1e-9))
