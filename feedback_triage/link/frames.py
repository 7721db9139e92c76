"""What every link shares: tidy frames, and which releases an item could have had.

Instants are compared as whole microseconds since 1970 in UTC, so frames whose columns have different time
units or zones, or arrive in any row order, give the same links.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.versions import version_key

Instants = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]

NEVER = np.iinfo(np.int64).max
"""Stands for an instant that is missing: after every other."""

Schedule = tuple[tuple[int, float], ...]
"""Steps of a staged roll-out: microseconds since 1970, and the share of customers (0..1) that can have it then."""


def instants(column: "pd.Series[Any]") -> Instants:
    """Give instants (or ISO 8601 text) as microseconds since 1970; without a zone is UTC, none is `NEVER`."""
    stamps = pd.to_datetime(column, utc=True, format="ISO8601")
    micros = stamps.dt.as_unit("us").astype("int64").to_numpy(dtype=np.int64).copy()
    micros[stamps.isna().to_numpy()] = NEVER
    return np.asarray(micros, dtype=np.int64)


def strings(frame: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """Give a text column as Python strings; a missing column or value is ""."""
    if name not in frame:
        return np.full(len(frame), "", dtype=object)
    column = frame[name].astype(object)
    return column.where(column.notna(), "").map(str).to_numpy(dtype=object)


def folded(frame: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """Give a text column without outer blanks and case, for comparing products and platforms."""
    values = strings(frame, name)
    spellings = {value: value.strip().casefold() for value in set(values)}
    return np.array([spellings[value] for value in values], dtype=object)


@dataclass(frozen=True, slots=True)
class ReleaseTable:
    """Releases in the order of their instants, ties by version: the last of a tie counts as the most recent.

    Attributes:
        ids, versions, products, platforms: object arrays of str; products and platforms are folded.
        released: microseconds since 1970.
        withdrawn: when each was rolled back, `NEVER` where it was not.
        schedules: the steps of each one's roll-out, none where all customers could have it at once.
    """

    ids: npt.NDArray[np.object_]
    versions: npt.NDArray[np.object_]
    products: npt.NDArray[np.object_]
    platforms: npt.NDArray[np.object_]
    released: Instants
    withdrawn: Instants
    schedules: tuple[Schedule, ...]

    @classmethod
    def from_frame(cls, releases: pd.DataFrame) -> "ReleaseTable":
        """Sort a frame of releases; one without an instant is left out.

        The columns `rollout` (a sequence of (instant, share) each) and `rolled_back_at` may be missing.
        """
        released = instants(releases["released_at"])
        versions = strings(releases, "version")
        ids = strings(releases, "release_id")
        order = sorted(
            np.flatnonzero(released != NEVER).tolist(),
            key=lambda i: (released[i], version_key(str(versions[i])), ids[i]),
        )
        rows = np.array(order, dtype=np.intp)
        given = releases["rollout"].tolist() if "rollout" in releases else [()] * len(releases)
        back = releases["rolled_back_at"] if "rolled_back_at" in releases else pd.Series([pd.NaT] * len(releases))
        return cls(
            ids[rows],
            versions[rows],
            folded(releases, "product")[rows],
            folded(releases, "platform")[rows],
            released[rows],
            instants(back)[rows],
            tuple(_schedule(given[row]) for row in order),
        )

    def __len__(self) -> int:
        """Give the number of releases."""
        return len(self.ids)

    def applicable(self, product: str, platform: str) -> Positions:
        """Give the positions of the releases of this product and platform (folded)."""
        return np.flatnonzero(fits(self.products, product) & fits(self.platforms, platform))


def _schedule(steps: Any) -> Schedule:
    """Put the steps of a roll-out in order; a later step never takes back what an earlier one gave."""
    if not isinstance(steps, list | tuple) or not steps:
        return ()
    times = instants(pd.Series([at for at, _ in steps], dtype=object))
    found: list[tuple[int, float]] = []
    for at, share in sorted(zip(times.tolist(), (float(share) for _, share in steps), strict=True)):
        found.append((at, min(1.0, max([share, 0.0, *(earlier for _, earlier in found)]))))
    return tuple(found)


def fits(column: npt.NDArray[np.object_], value: str) -> npt.NDArray[np.bool_]:
    """Tell where `column` is compatible with `value`: the same, or either of them does not say."""
    if not value:
        return np.ones(len(column), dtype=np.bool_)
    return np.asarray((column == value) | (column == ""), dtype=np.bool_)


def streams(items: pd.DataFrame) -> Iterator[tuple[str, str, Positions]]:
    """Give each (product, platform) of the items, folded and sorted, with the positions of its items."""
    products, platforms = folded(items, "product"), folded(items, "platform")
    for product in sorted(set(products)):
        of_product = products == product
        for platform in sorted(set(platforms[of_product])):
            yield str(product), str(platform), np.flatnonzero(of_product & (platforms == platform))
