"""The most recent release when an item was written."""

from typing import Any

import numpy as np
import pandas as pd

from feedback_triage.link.calendar import newest_standing
from feedback_triage.link.frames import NEVER, ReleaseTable, instants, streams, strings


def most_recent(items: pd.DataFrame, releases: pd.DataFrame) -> "pd.Series[Any]":
    """Link each item to the newest release of its product and platform that was out when it was written.

    An item written at the very instant of a release has it. Of two releases at one instant the higher version
    counts. A release (or an item) whose product or platform is "" goes with all; case does not matter.

    A release that was rolled back is no item's most recent from that instant on: the newest that still stands
    is. A staged roll-out does not matter here: the release is out from its instant on.

    Args:
        items: columns `item_id`, `written_at`, and optionally `product`, `platform`; any row order.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`,
            `rolled_back_at` (NaT where it was not).

    Returns:
        A series of `release_id`, or None before any release, in the order of `items`, indexed by `item_id`.
    """
    table = ReleaseTable.from_frame(releases)
    written = instants(items["written_at"])
    answer = np.full(len(items), None, dtype=object)
    for product, platform, rows in streams(items):
        newest = newest_standing(table, table.applicable(product, platform), written[rows])
        found = (newest >= 0) & (written[rows] != NEVER)
        answer[rows[found]] = table.ids[newest[found]]
    index = pd.Index(strings(items, "item_id"), name="item_id", dtype=object)
    return pd.Series(answer, index=index, name="release_id", dtype=object)
