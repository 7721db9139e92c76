"""Releases worked out from the feedback itself, for a team that has no release file."""

import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from feedback_triage.domain import Release
from feedback_triage.link.frames import NEVER, Instants, folded, instants, strings
from feedback_triage.versions import canonical, version_key

MIN_ITEMS = 50
_SMALL_SHARE = 0.02
_LEAST_ITEMS = 2
_STRAY_SHARE = 0.02
_STRAY_ITEMS = 10
_STRAY_GAP_DAYS = 14
_DAY = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def derive_releases(items: pd.DataFrame, *, min_items: int | None = None) -> list[Release]:
    """Make a release of each version that enough items declare, out since the day it was first seen.

    A version needs more than 50 items; in a small file more than 2 in 100 of the items of its product and
    platform that declare a version, and more than 2. Only a version with a digit counts ("Unknown" is
    none). "12.09" and "v12.9" are one version, called by its most frequent spelling.

    A stray early sighting (a tester, a wrong clock) is not the first day: of a version with ten items or
    more, the first of them (up to 2 in 100, one at least) are passed over where a pause follows that is two
    weeks long or more and ten times the version's median pause.

    Args:
        items: columns `written_at`, `app_version`, and optionally `product`, `platform`; any row order.
        min_items: take versions with more items than this, instead of the rule above.

    Returns:
        Derived releases, at midnight UTC of their first day, sorted by product, platform, day and version.
    """
    frame = pd.DataFrame(
        {
            "product": folded(items, "product"),
            "platform": folded(items, "platform"),
            "product_name": strings(items, "product"),
            "platform_name": strings(items, "platform"),
            "spelling": [version.strip() for version in strings(items, "app_version")],
            "written": instants(items["written_at"]),
        }
    )
    spellings = {spelling: canonical(spelling) for spelling in set(frame["spelling"])}
    frame["version"] = [spellings[spelling] for spelling in frame["spelling"]]
    frame = frame[(frame["version"] != "") & (frame["written"] != NEVER)]
    found = []
    for _, stream in frame.groupby(["product", "platform"], sort=True):
        least = min_items if min_items is not None else _least(len(stream))
        for _, seen in stream.groupby("version", sort=True):
            if len(seen) > least:
                found.append(_release(seen))
    return sorted(found, key=lambda r: (r.product, r.platform, r.released_at, version_key(r.version)))


def _least(n_items: int) -> int:
    return min(MIN_ITEMS, max(_LEAST_ITEMS, math.ceil(_SMALL_SHARE * n_items)))


def _release(seen: pd.DataFrame) -> Release:
    return Release(
        version=_usual(seen["spelling"]),
        released_at=_first_day(np.sort(seen["written"].to_numpy(dtype=np.int64))),
        product=_usual(seen["product_name"]),
        platform=_usual(seen["platform_name"]),
        is_derived=True,
    )


def _usual(spellings: "pd.Series[str]") -> str:
    """Give the most frequent spelling, of several the first by the alphabet."""
    counts = Counter(spellings)
    return min(counts, key=lambda spelling: (-counts[spelling], spelling)).strip()


def _first_day(written: Instants) -> datetime:
    """Give the midnight before the first sighting that is no stray."""
    first = 0
    if len(written) >= _STRAY_ITEMS:
        pauses = np.diff(written)
        long = max(_STRAY_GAP_DAYS * _DAY, 10 * float(np.median(pauses)))
        n_strays = max(1, int(_STRAY_SHARE * len(written)))
        first = int(np.max(np.flatnonzero(pauses[:n_strays] >= long), initial=-1)) + 1
    return _EPOCH + timedelta(days=int(written[first] // _DAY))
