"""Did the reports go on in other words? A theme near the fixed one that rose when it fell."""

from collections.abc import Iterable

import numpy as np

from feedback_triage.receipts.case import Case
from feedback_triage.receipts.reports import Reports

SURPRISE = 0.025
"""How improbable a rise must be, over all neighbours together."""

AT_ONCE_HOURS = 168.0
"""Reports that move do so when the fix comes: what rises later has another cause."""

MADE_UP = 0.5
"""Share of the fall that the rise must make up for."""


def moved_to(case: Case, neighbours: Iterable[tuple[str, Reports]], own: Reports) -> tuple[str, int, float]:
    """Find the neighbour that rose by as much as the theme fell, in the first week of the fix.

    A neighbour's own time before the fix makes its expectation: it must come beyond what that allows.

    Args:
        case: of the fixed theme.
        neighbours: theme ids and their reports on the same product and platform.
        own: reports of the fixed theme.

    Returns:
        The theme that rose most, how many came and how many were expected; ("", 0, 0.0) where none did.
    """
    near = sorted(neighbours, key=lambda found: found[0])
    best = ("", 0, 0.0)
    watch = case.watch
    until = min(watch.until, watch.starts + AT_ONCE_HOURS)
    fall = case.outlook(until).unchanged.mean - len(own.between(watch.starts, until).hours)
    for theme_id, reports in near:
        counts = np.histogram(reports.hours, case.history.edges)[0].astype(np.float64)
        prediction = case.with_counts(counts).outlook(until).unchanged
        n_after = len(reports.between(watch.starts, until).hours)
        rise = n_after - prediction.mean
        is_surprise = 1 - prediction.probability_at_most(n_after - 1) <= SURPRISE / len(near)
        if is_surprise and rise >= MADE_UP * fall and rise > best[1] - best[2]:
            best = (theme_id, n_after, prediction.mean)
    return best
