"""The reports of one fault and the releases that may have done it, as arrays."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.domain import ReleaseKind
from feedback_triage.link.frames import fits, folded, strings
from feedback_triage.silence.stream import hours_of, to_hours
from feedback_triage.versions import version_key

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

LOOKBACK_HOURS = 28 * 24.0
FEWEST_CANDIDATES = 3
LONGEST_LOOKBACK = timedelta(days=180)
MOST_REPORTS = 1_000


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports of one fault in the order of their instants.

    Attributes:
        ids: object array of str.
        hours: shape (n,), sorted, hours since 1970.
        products, platforms: folded; "" where it is not said.
        declared: release_id that the customer named, "" where none is known.
    """

    ids: Objects
    hours: Floats
    products: Objects
    platforms: Objects
    declared: Objects

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, until: float, most: int = MOST_REPORTS) -> "Reports":
        """Sort a frame of reports; those without an instant or later than `until` are left out.

        Of more than 1,000 reports every second (third, ...) one is taken: their rate is as well known from these.
        """
        hours, ids = hours_of(frame["written_at"]), strings(frame, "item_id")
        order = np.array(sorted(range(len(ids)), key=lambda row: (hours[row], ids[row])), dtype=np.intp)
        order = order[np.isfinite(hours[order]) & (hours[order] <= until)]
        order = order[:: max(1, -(-len(order) // most))]
        return cls(
            ids[order],
            hours[order],
            folded(frame, "product")[order],
            folded(frame, "platform")[order],
            strings(frame, "declared_release_id")[order],
        )

    def __len__(self) -> int:
        """Give the number of reports."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Releases:
    """Releases in the order of their instants, ties by version.

    Attributes:
        ids, versions: object arrays of str.
        products, platforms: folded.
        hours: hours since 1970 at which customers could first have them.
        is_fix: its kind is `fix`, or it is a hotfix.
        rolled_back: hours since 1970 at which it was taken back, infinite where it was not.
        steps: of each release, (hours, share of customers who can have it) in the order of time, first step first;
            none is after the roll-back.
    """

    ids: Objects
    versions: Objects
    products: Objects
    platforms: Objects
    hours: Floats
    is_fix: Flags
    rolled_back: Floats
    steps: tuple[tuple[tuple[float, float], ...], ...]

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, until: float) -> "Releases":
        """Sort a frame of releases; those without an instant or later than `until` are left out.

        Of one version of one product and platform (folded) the earliest is kept.
        """
        hours, ids, versions = hours_of(frame["released_at"]), strings(frame, "release_id"), strings(frame, "version")
        known = np.flatnonzero(np.isfinite(hours) & (hours <= until)).tolist()
        order = sorted(known, key=lambda row: (hours[row], version_key(str(versions[row])), ids[row]))
        products, platforms = folded(frame, "product"), folded(frame, "platform")
        # A platform spelled in two ways gives one release two rows; two would share its probability.
        kept: dict[tuple[str, str, str], int] = {}
        for row in order:
            kept.setdefault((products[row], platforms[row], str(versions[row]).strip().casefold()), row)
        order = list(kept.values())
        rows = np.array(order, dtype=np.intp)
        rollouts = frame["rollout"].tolist() if "rollout" in frame else [()] * len(frame)
        backs = hours_of(frame["rolled_back_at"]) if "rolled_back_at" in frame else np.full(len(frame), np.inf)
        backs = np.where(backs <= until, np.maximum(backs, hours), np.inf)
        return cls(
            ids[rows],
            versions[rows],
            products[rows],
            platforms[rows],
            hours[rows],
            ((folded(frame, "kind") == ReleaseKind.FIX.value) | _flags(frame, "is_hotfix"))[rows],
            backs[rows],
            tuple(_steps(float(hours[row]), rollouts[row], float(backs[row]), until) for row in order),
        )

    def __len__(self) -> int:
        """Give the number of releases."""
        return len(self.ids)

    def select(self, rows: Flags) -> "Releases":
        """Keep the releases where `rows` is true."""
        steps = tuple(step for step, kept in zip(self.steps, rows, strict=True) if kept)
        return Releases(
            self.ids[rows],
            self.versions[rows],
            self.products[rows],
            self.platforms[rows],
            self.hours[rows],
            self.is_fix[rows],
            self.rolled_back[rows],
            steps,
        )

    def candidates(self, reports: Reports) -> "Releases":
        """Keep those that may have done it: out before the last report, of four weeks before the first one.

        Where fewer than three are that young, the three newest of the half year before it. A release of another
        product than the reports' has nothing to do with them.
        """
        first, last = float(reports.hours[0]), float(reports.hours[-1])
        fitting = np.zeros(len(self), dtype=np.bool_)
        for product in set(reports.products):
            fitting |= fits(self.products, product)
        fitting &= (self.hours <= last) & (self.hours >= first - LONGEST_LOOKBACK / timedelta(hours=1))
        before = np.flatnonzero(fitting & (self.hours <= first))
        young = fitting & (self.hours >= first - LOOKBACK_HOURS)
        young[before[-FEWEST_CANDIDATES:]] = True
        return self.select(young)


def _flags(frame: pd.DataFrame, name: str) -> Flags:
    """Give a column of yes and no; what is missing is no."""
    if name not in frame:
        return np.zeros(len(frame), dtype=np.bool_)
    return np.array([isinstance(value, bool | np.bool_) and bool(value) for value in frame[name]], dtype=np.bool_)


def _steps(released: float, rollout: Any, rolled_back: float, until: float) -> tuple[tuple[float, float], ...]:
    """Give the shares of customers who can have a release by the time they begin."""
    told = [(_hours(at), float(share)) for at, share in _pairs(rollout)]
    steps = [(at, share) for at, share in sorted(told) if at <= until]
    if not steps:
        steps = [(released, 1.0)]
    elif steps[0][0] > released:
        # Somebody had it when it came out, else it would not have come out then.
        steps.insert(0, (released, steps[0][1] / 2))
    # A step after the roll-back never came.
    return tuple(step for step in steps if step[0] < rolled_back) or ((released, steps[0][1]),)


def _pairs(rollout: Any) -> list[tuple[Any, Any]]:
    if not isinstance(rollout, tuple | list):
        return []
    return [(step.at, step.share) if hasattr(step, "at") else (step[0], step[1]) for step in rollout]


def _hours(at: Any) -> float:
    stamp = pd.Timestamp(at)
    found: datetime = (stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp.tz_convert("UTC")).to_pydatetime()
    return to_hours(found)
