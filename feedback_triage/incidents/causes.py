"""Whether a burst inside the time of an incident is of another cause.

One cause that shows in two themes, labels or platforms shows in them at the same time: of the items that it brings in
either, the same part comes before any instant. So a burst is of another cause when it began after the incident was
known, and when so few of its items before that instant were as good as impossible had they come like the incident's
(Fisher's exact test of before and after).
"""

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from feedback_triage.silence.season import Hours

ANOTHER_CAUSE = 1e-6
"""How improbable it must be: some hundreds of series and beginnings have their chance in one incident."""


def probability_of_so_few_before(start: float, own: Hours, others: Hours) -> float:
    """Give the probability that so few of a burst's items came before an instant, had they come like the others.

    Args:
        start: hours since 1970; the burst's items at this instant or later are after it.
        own: instants of the burst's items.
        others: instants of the other items of the incident.

    Returns:
        The hypergeometric probability, 0 to 1; 1 where either has no items.
    """
    n_own, n_others = len(own), len(others)
    own_before, others_before = int((own < start).sum()), int((others < start).sum())
    before = own_before + others_before
    fewest = max(0, before - n_others)
    k = np.arange(fewest, own_before + 1, dtype=np.float64)
    logs = _choose(n_own, k) + _choose(n_others, before - k) - _choose(n_own + n_others, np.array(float(before)))
    return float(min(1.0, np.exp(logs).sum()))


def _choose(n: int, k: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
