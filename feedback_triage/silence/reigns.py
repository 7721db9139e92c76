"""What each release got while it was the most recent, against what those hours would have given anyway."""

from datetime import datetime

import numpy as np
import pandas as pd

from feedback_triage.link.frames import strings
from feedback_triage.silence.case import Case, cases_of
from feedback_triage.silence.feeds import Streams
from feedback_triage.silence.stream import (
    Feedback,
    count_between,
    expect,
    has_history,
    hours_by_release,
    hours_of,
    to_datetime,
)

_COLUMNS = ["release_id", "start_at", "end_at", "hours", "observed_count", "expected_count", "lower", "upper"]


def release_reigns(items: pd.DataFrame, releases: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    """Count the items of each release's reign, and what its hours would have given by the time before it.

    A release reigns until the next one of its product on any platform, the last until `as_of`. A release
    that breaks something shows here as a count above `upper`. The outburst itself hardly raises what is
    expected of later reigns: blocks far outside their prediction are pulled to its edge (see
    `silence.forecast`).

    Args:
        items: columns `written_at`, `most_recent` (the `release_id` the item is linked to, or None), and
            optionally `product`, `platform`; any row order.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`.
        as_of: now; items and releases that come later are not used.

    Returns:
        One row a release, by `released_at`: `release_id`, `start_at`, `end_at`, `hours` (0 when another
        release came at the same instant), `observed_count`, `expected_count`, `lower`, `upper` (95 %
        prediction interval; NaN, like `expected_count`, where too little feedback came before the release).
    """
    feedback, now = Feedback.known_at(items, as_of)
    streams = Streams(feedback)
    linked = hours_by_release(hours_of(items["written_at"]), strings(items, "most_recent"))
    cases = [case for case in cases_of(releases, 1.0) if case.start <= now]
    rows = []
    for i, case in enumerate(cases):
        end = min((other.start for other in cases[i + 1 :] if _succeeds(other, case)), default=now)
        # The last reign ends now, and an item written at this very instant is known already.
        last = np.nextafter(end, np.inf) if end == now else end
        observed = count_between(linked.get(case.release_id, np.array([])), case.start, last)
        times, _ = streams.of(case.product, case.platform)
        expected, lower, upper = np.nan, np.nan, np.nan
        if end > case.start and has_history(times, case.start, 0.0):
            prediction = expect(times, case.start, end, case.start)
            expected = round(prediction.usual, 3)
            lower, upper = map(float, prediction.interval())
        rows.append(
            (
                case.release_id,
                to_datetime(case.start),
                to_datetime(end),
                end - case.start,
                observed,
                expected,
                lower,
                upper,
            )
        )
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    for name in ("start_at", "end_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
    return frame


def _succeeds(other: Case, case: Case) -> bool:
    # Any platform's release ends the reign: an item that names no platform is linked to the newest of all, so only
    # while a release is that do the items counted and the items expected come from the same customers.
    return not case.product or not other.product or case.product == other.product
