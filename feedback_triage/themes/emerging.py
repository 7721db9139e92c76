"""Which themes emerge in a release: born in it, or heard more than their history lets expect."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.themes.growth import growth

HISTORY_LENGTHS = 4
"""The history of a window is the time before it, this many times as long as the window."""

MIN_ITEMS = 3
"""Items a theme needs in a window to emerge: two may be one coincidence."""

COLUMNS = ("release_id", "theme_id", "n_items", "expected_count", "is_new", "score")


def emerging_themes(items: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Find the themes that emerge in the window of each release.

    A theme with `MIN_ITEMS` items in the window emerges when it was never heard before the window, or when
    its growth against expectation, measured as for `rank`, is above 1 with a probability of 95 %. Before the
    first item there is no history, so nothing emerges in a window that reaches back to it.

    Args:
        items: one row an item, in any order, with `theme_id` (null for noise, which counts as traffic) and
            `written_at` (UTC instants).
        windows: one row a release, in any order, with `release_id`, `start_at` and `end_at` (half-open). They
            may overlap and may leave gaps.

    Returns:
        One row an emerging theme, `COLUMNS`, in the order of the windows' starts, then by `score` descending,
        then by theme id. `n_items` in the window; `expected_count` the items expected there, 0.0 for a new
        theme, NaN where the history has no item at all; `is_new`: never heard before the window; `score`:
        growth that the true one exceeds with a probability of 95 %, 1.0 without history. Nothing written at
        or after the end of a window has a part in its rows; the themes themselves are the caller's.

    Raises:
        ValueError: a window ends before it has begun, or a release id comes twice.
    """
    if not (windows["start_at"] < windows["end_at"]).all():
        raise ValueError("a window must end after it starts")
    if windows["release_id"].duplicated().any():
        raise ValueError("release ids must be unique")
    codes, themes = pd.factorize(items["theme_id"], sort=True)
    times = _instants(items["written_at"])
    order = np.argsort(times, kind="stable")
    times, codes = times[order], codes[order]
    first_at = np.full(len(themes), np.iinfo(np.int64).max)
    np.minimum.at(first_at, codes[codes >= 0], times[codes >= 0])
    frames = []
    ordered = windows.sort_values(["start_at", "release_id"])
    starts, ends = _instants(ordered["start_at"]), _instants(ordered["end_at"])
    for release_id, start, end in zip(ordered["release_id"], starts.tolist(), ends.tolist(), strict=True):
        begin, now, after = np.searchsorted(times, [start - HISTORY_LENGTHS * (end - start), start, end])
        n_now = np.bincount(codes[now:after] + 1, minlength=len(themes) + 1)
        n_before = np.bincount(codes[begin:now] + 1, minlength=len(themes) + 1)
        if now == 0 or not n_now[1:].any():
            continue
        # A theme of the future must not speak for what is usual among themes.
        seen = np.flatnonzero(first_at < end)
        rest_now, rest_before = int(n_now[0]), int(n_before[0])
        found = growth(n_now[1:][seen], n_before[1:][seen], rest_now=rest_now, rest_before=rest_before)
        frame = pd.DataFrame(
            {
                "release_id": release_id,
                "theme_id": themes[seen],
                "n_items": n_now[1:][seen],
                "expected_count": found.expected,
                "is_new": first_at[seen] >= start,
                "score": found.lower,
            }
        )
        emerges = (frame["n_items"] >= MIN_ITEMS) & (frame["is_new"] | (frame["score"] > 1))
        frames.append(frame[emerges].sort_values(["score", "theme_id"], ascending=[False, True]))
    if not frames:
        return pd.DataFrame({name: [] for name in COLUMNS})
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)]


def _instants(times: pd.Series) -> NDArray[np.int64]:
    """Give instants as whole microseconds."""
    found = pd.to_datetime(times, utc=True).dt.as_unit("us").astype("int64")
    return np.asarray(found, dtype=np.int64)
