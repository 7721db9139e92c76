"""What could still hide in a silence: the share of users that a fault may hit without being heard of."""

from feedback_triage.silence.forecast import Forecast

UNHEARD = 0.05
"""A fault that would be told of more often than in 19 of 20 such windows does not hide."""
_STEPS = 40


def could_hide_ratio(prediction: Forecast, observed: int) -> float:
    """Give the greatest share of the active users whom a fault could hit and no more than `observed` reports come.

    The prediction says how many items the active users of the window would give: their number times how often a
    user of this stream writes. A user hit by a fault writes at least as often, so a fault that hits the share f
    brings at least f times as many reports, and the items that came may all be reports of it. The answer is the
    greatest f for which so few reports have a probability of 1 in 20 or more: with no report and a known rate it
    is 3 / expected, the rule of three (Hanley and Lippman-Hand, JAMA 1983); with n of them the upper limit of Garwood
    (Biometrika 1936) over expected. The spread of the prediction, which holds what is not known of the
    rate, makes it larger.

    Args:
        prediction: of the window, learned as a rate a user.
        observed: what came.

    Returns:
        0..1; 1 where a fault that hits everybody could be unheard of.
    """
    if prediction.probability_at_most(observed) >= UNHEARD:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if prediction.scaled(middle).probability_at_most(observed) >= UNHEARD:
            low = middle
        else:
            high = middle
    return low
