"""All links of an item, one row each."""

import numpy as np
import pandas as pd

from feedback_triage.domain import LinkBasis
from feedback_triage.link.naming import declared
from feedback_triage.link.recent import most_recent
from feedback_triage.link.usage import in_use


def link_items(items: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
    """Link items to releases on every basis: the most recent release, the declared one, and those in use.

    Args:
        items: columns `item_id`, `written_at`, and optionally `app_version`, `text`, `product`, `platform`;
            any row order; `item_id` is unique.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`,
            `rollout`, `rolled_back_at` (see `in_use`).

    Returns:
        Columns `item_id`, `basis` (a value of `LinkBasis`), `release_id` (None: before any release;
        `declared` has no row for an item that declares no known version), `probability` (1 but for
        `in_use`). Sorted by `item_id`, basis (most_recent, declared, in_use), falling probability.

    Raises:
        ValueError: two items have one `item_id`.
    """
    if not items["item_id"].is_unique:
        raise ValueError("item_id must be unique")
    parts = []
    for basis, links in (
        (LinkBasis.MOST_RECENT, most_recent(items, releases)),
        (LinkBasis.DECLARED, declared(items, releases).dropna()),
    ):
        ids = links.index.to_numpy(dtype=object)
        parts.append(_rows(ids, basis, links.to_numpy(dtype=object), np.ones(len(links))))
    used = in_use(items, releases)
    parts.append(
        _rows(
            used["item_id"].to_numpy(dtype=object),
            LinkBasis.IN_USE,
            used["release_id"].to_numpy(dtype=object),
            used["probability"].to_numpy(dtype=np.float64),
        )
    )
    # The sort is stable: the rows of `in_use` stay in the order of falling probability.
    together = pd.concat(parts, ignore_index=True)
    return together.sort_values("item_id", kind="stable", ignore_index=True)


def _rows(ids: np.ndarray, basis: LinkBasis, releases: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    columns = {
        "item_id": ids,
        "basis": np.full(len(ids), basis.value, dtype=object),
        "release_id": pd.Series(releases, dtype=object),
        "probability": probabilities,
    }
    return pd.DataFrame(columns)
