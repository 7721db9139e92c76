"""Releases that not all customers had all the time: staged roll-outs and roll-backs.

Customers go on writing for hours after a fault has ended, and what the team tells may be wrong: a fault on a server
reaches those, too, who do not have the app's new version yet, and not every roll-back reaches everybody. So the reports
are compared with what is told and, with less weight, with a release that everybody had, and that still stands.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from feedback_triage.suspects.frames import Floats
from feedback_triage.suspects.onset import CLIENT_SHAPES, Clock, Shapes

SHARES_MATTER = 0.8
"""Chance that a fault reaches the customers whom the roll-out reached, and no others."""

ROLL_BACK_HELPS = 0.95
"""Chance that a fault ends with the roll-back, if the release brought it."""

SERVER_HALF_LIVES, CLIENT_HALF_LIVES = (0.5, 2.0, 8.0, 24.0), (2.0, 8.0, 24.0, 96.0)
"""Hours in which reports fade by half after a roll-back; what is installed stays for a while."""

_SPEAKS_AGAINST = -1.0


@dataclass(frozen=True, slots=True)
class Against:
    """Whether a release's roll-out, and its roll-back, make it less likely than it would be without them."""

    rollout: bool
    roll_back: bool


NOTHING_AGAINST = Against(rollout=False, roll_back=False)


def staged(
    clock: Clock, steps: list[tuple[float, float]], rolled_back: float, shapes: Shapes
) -> tuple[Floats, Floats, Against]:
    """Give the log evidence of one release in each way its story may be told, and the log weights of these.

    Args:
        clock: the reports.
        steps: (hours of exposure, share of customers), sorted.
        rolled_back: hours of exposure; infinite where it still stands.
        shapes: courses.

    Returns:
        Evidence and log weights, shape (1,), (2,) or (4,); the weights sum to 1.
    """
    half_lives = CLIENT_HALF_LIVES if shapes is CLIENT_SHAPES else SERVER_HALF_LIVES
    plain = [(steps[0][0], 1.0)]
    is_rolled_out = len({share for _, share in steps}) > 1
    is_back = rolled_back < clock.reports[-1]
    rollouts = [(steps, SHARES_MATTER), (plain, 1 - SHARES_MATTER)] if is_rolled_out else [(plain, 1.0)]
    backs = [(rolled_back, ROLL_BACK_HELPS), (np.inf, 1 - ROLL_BACK_HELPS)] if is_back else [(np.inf, 1.0)]
    told = np.array(
        [[clock.log_evidence_of_steps(way, shapes, back, half_lives) for back, _ in backs] for way, _ in rollouts]
    )
    weights = np.array([one * other for (_, one), (_, other) in product(rollouts, backs)])
    return (
        told.ravel(),
        np.log(weights),
        Against(
            rollout=bool(told[0, 0] - told[-1, 0] < _SPEAKS_AGAINST),
            roll_back=bool(told[0, 0] - told[0, -1] < _SPEAKS_AGAINST),
        ),
    )
