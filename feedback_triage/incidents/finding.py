"""Finding incidents: bursts of feedback, each told once."""

from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd

from feedback_triage.domain import Incident
from feedback_triage.incidents.series import SeriesTable
from feedback_triage.incidents.telling import tell
from feedback_triage.incidents.watch import Watch
from feedback_triage.silence.stream import hours_of, to_hours

ANEW_HOURS = 90 * 24.0
"""After so long without any item the history begins anew: one wrong date in 1970 is no history."""


def find_incidents(items: pd.DataFrame, *, as_of: datetime | None = None) -> list[Incident]:
    """Find the bursts of a stream, as they could be known item by item.

    At each item one looks back over windows of a quarter of an hour to three days, in all items, in the item's label
    and theme, and in each of these on its product and platform. A window with more than what was written before makes
    one expect (the model of the silence ledger: level, drift, week, dispersion) is an incident when it is so improbable
    that a month brings at most one such by chance, over all series and windows together; it must have five items and
    half as many again as usual (`label:praise`: three times). Alarms that share most of their items or began within
    three hours of each other are one incident, unless one began after the other was known and so few of its items came
    before that they cannot have come with the other's. It is over when its series are back to usual, and opens again
    when more of the same comes within a day. A new theme as large as others is born, and no burst. A channel that
    begins later than the stream counts after three days, or, with hours of its own, after two weeks. Nothing is raised
    before three days and thirty items are known, however much comes.

    Incidents once raised keep `incident_id`, `started_at`, `raised_at` and `n_items_until_raised` whatever comes later;
    the rest is told by all items up to `as_of`.

    Args:
        items: columns `item_id`, `written_at`, and optionally `source`, `product`, `platform`, `label` (None where
            abstained), `theme_id` (None: in no theme); any row order.
        as_of: now; None is the last `written_at` of all items. Later items are not used.

    Returns:
        The incidents by `started_at`.
    """
    hours = hours_of(items["written_at"])
    limit = np.inf if as_of is None else to_hours(as_of)
    known = np.sort(hours[np.isfinite(hours) & (hours <= limit)])
    if len(known) == 0:
        return []
    now = float(known[-1]) if as_of is None else limit
    found: list[Incident] = []
    starts = [float(known[0]), *known[1:][np.diff(known) > ANEW_HOURS].tolist(), np.inf]
    for start, end in pairwise(starts):
        table = SeriesTable.from_frame(items[(hours >= start) & (hours < end)], as_of)
        watch = Watch(table)
        watch.run(min(now, float(table.hours[-1]) + ANEW_HOURS))
        found += tell(watch)
    return found
