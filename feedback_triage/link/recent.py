"""The most recent release when an item was written."""

from typing import Any

import numpy as np
import pandas as pd

from feedback_triage.link.frames import NEVER, ReleaseTable, instants, streams, strings


def most_recent(items: pd.DataFrame, releases: pd.DataFrame) -> "pd.Series[Any]":
    """Link each item to the newest release of its product and platform that was out when it was written.

    An item written at the very instant of a release has it. Of two releases at one instant the higher version
    counts. A release (or an item) whose product or platform is "" goes with all; case does not matter.

    Args:
        items: columns `item_id`, `written_at`, and optionally `product`, `platform`; any row order.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`.

    Returns:
        A series of `release_id`, or None before any release, in the order of `items`, indexed by `item_id`.
    """
    table = ReleaseTable.from_frame(releases)
    written = instants(items["written_at"])
    answer = np.full(len(items), None, dtype=object)
    for product, platform, rows in streams(items):
        candidates = table.applicable(product, platform)
        newest = np.searchsorted(table.released[candidates], written[rows], side="right") - 1
        found = (newest >= 0) & (written[rows] != NEVER)
        answer[rows[found]] = table.ids[candidates[newest[found]]]
    index = pd.Index(strings(items, "item_id"), name="item_id", dtype=object)
    return pd.Series(answer, index=index, name="release_id", dtype=object)
