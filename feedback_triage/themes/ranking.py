"""Which theme matters first in a period."""

from datetime import datetime

import numpy as np
import pandas as pd

from feedback_triage.taxonomy import BROKEN_LINK, PRAISE, SILENCE, SYNC_BUG
from feedback_triage.themes.growth import growth

SEVERITY = {BROKEN_LINK: 2.0, SYNC_BUG: 2.0, PRAISE: 0.5, SILENCE: 0.25}
"""Weight of an item by its label; an item without a label, or with a team's own label, weighs
`SEVERITY_OTHER`."""

SEVERITY_OTHER = 1.0

N_PERIODS_BEFORE = 4
"""How many earlier periods of the same length the growth is measured against."""

_LEAST_GROWTH = 0.25  # less adds nothing: the factor for growth ends at 0.5

COLUMNS = (
    "theme_id",
    "score",
    "n_items",
    "n_period",
    "n_before_mean",
    "growth_ratio",
    "expected_count",
    "growth_lower",
    "n_customers",
    "is_new",
    "is_returning",
    "last_at",
)


def rank(items: pd.DataFrame, start: datetime, end: datetime) -> pd.DataFrame:
    """Order the themes by what a product manager should read first.

        score = log2(1 + n_customers) * severity * growth * recency        (0 where nothing came in the
        period)

    - `severity`: mean of `SEVERITY` over the theme's items of the period.
    - `growth`: 1 + log2(growth against expectation) / 2, kept within 0.5 and 2. The expectation (see
      `growth.growth`) follows the theme's own history and the growth of the traffic: a launch week makes no
      theme grow. It is shrunk towards 1 by what is usual among the themes: 3 items after 1 say less than 60
      after 20.
    - `recency`: 1 for an item at the very end of the period, falling to 0.5 for a theme last heard at its
      start.

    The customers count by their logarithm, so that twenty voices on one fault matter more than two, and yet a
    loud old theme does not bury a fault that broke out yesterday. Customers who are not known count one an
    item.

    Args:
        items: one row an item, in any order, with `theme_id` (null for noise, which counts as traffic),
            `written_at` (UTC instants), `label` (null where there is none) and `author_key` ("" or null where
            unknown). Items written at or after `end` are left out.
        start: of the half-open period, an instant with a zone.
        end: of the period.

    Returns:
        One row a theme, `COLUMNS`, sorted by score descending, then by theme id:
        `n_items` up to `end`; `n_period` in the period; `n_before_mean` the mean count of the (up to four)
        periods of the same length before it that the data reaches back to, 0.0 where there is none;
        `growth_ratio` (n_period + 1) / (n_before_mean + 1), as counted; `expected_count` items expected in
        the period, NaN where there is no period before it; `growth_lower` growth against expectation that the
        true one exceeds with a probability of 95 %: above 1 the theme grows for certain; `n_customers` in the
        period; `is_new`: never heard before the period; `is_returning`: heard before, but not in those
        earlier periods; `last_at`: the newest item.

    Raises:
        ValueError: the period is empty.
    """
    if end <= start:
        raise ValueError("the period must end after it starts")
    past = items[items["written_at"] < end]
    known = past[past["theme_id"].notna()]
    if known.empty:
        return pd.DataFrame({name: [] for name in COLUMNS})
    length = end - start
    n_before_periods = min(N_PERIODS_BEFORE, max(0, -((past["written_at"].min() - start) // length)))
    history_start = start - n_before_periods * length
    author = known["author_key"].fillna("").astype(str)
    frame = pd.DataFrame(
        {
            "theme_id": known["theme_id"],
            "written_at": known["written_at"],
            "in_period": known["written_at"] >= start,
            "in_history": (known["written_at"] >= history_start) & (known["written_at"] < start),
            "severity": known["label"].map(SEVERITY).astype(float).fillna(SEVERITY_OTHER),
            "customer": author.where(author != "", [f"unknown {i}" for i in range(len(known))]),
        }
    )
    by_theme = frame.groupby("theme_id", sort=True)
    current = frame[frame["in_period"]].groupby("theme_id", sort=True)
    result = pd.DataFrame(
        {
            "n_items": by_theme.size(),
            "n_period": by_theme["in_period"].sum().astype(int),
            "n_history": by_theme["in_history"].sum().astype(int),
            "first_at": by_theme["written_at"].min(),
            "last_at": by_theme["written_at"].max(),
        }
    )
    result["n_customers"] = current["customer"].nunique().reindex(result.index, fill_value=0).astype(int)
    result["severity"] = current["severity"].mean().reindex(result.index, fill_value=0.0)
    result["n_before_mean"] = result["n_history"] / max(n_before_periods, 1)
    result["growth_ratio"] = (result["n_period"] + 1) / (result["n_before_mean"] + 1)
    result["is_new"] = result["first_at"] >= start
    result["is_returning"] = (result["n_period"] > 0) & ~result["is_new"] & (result["n_history"] == 0)
    noise = past.loc[past["theme_id"].isna(), "written_at"]
    found = growth(
        result["n_period"],
        result["n_history"],
        rest_now=int((noise >= start).sum()),
        rest_before=int(((noise >= history_start) & (noise < start)).sum()),
    )
    result["expected_count"], result["growth_lower"] = found.expected, found.lower
    growing = np.clip(1 + np.log2(np.maximum(found.ratio, _LEAST_GROWTH)) / 2, 0.5, 2.0)
    recency = 0.5 + 0.5 * np.clip((result["last_at"] - start) / length, 0.0, 1.0)
    result["score"] = np.round(np.log2(1 + result["n_customers"]) * result["severity"] * growing * recency, 6)
    result = result.reset_index().sort_values(["score", "theme_id"], ascending=[False, True], ignore_index=True)
    return result[list(COLUMNS)]
