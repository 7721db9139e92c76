"""Staged roll-outs as teams write them down: from which instant on which share of customers can have a release.

tests/spec/test_rollout_rules.py lists what is read, as what, and what is left out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from feedback_triage.domain import RolloutStep
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.values import is_missing

_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d{1,9})?|[.,]\d{1,9})\s*(%?)", re.ASCII)
_BETWEEN_STEPS = re.compile(r"[;\n]")


class RolloutProblem(StrEnum):
    """Why a roll-out cannot be used; each is part of a sentence for a person."""

    UNREADABLE = "it is not written like 2026-10-01T10:00Z=5%; 2026-10-03=50%"
    DATE = "the date of a step cannot be read"
    SHARE = "a share is not between 0 and 100 % (write 5% or 0.05)"
    TWICE = "it has two shares at one instant"
    FALLING = "a share falls (a roll-back is told by rolled_back_at)"
    EARLY = "a step lies before the release"


def read_rollout(value: object, released_at: datetime, dates: DateReader) -> tuple[RolloutStep, ...] | RolloutProblem:
    """Read the steps of a roll-out.

    Args:
        value: text such as "2026-10-01T10:00Z=5%; 2026-10-03=50%", or a list of `{"at": ..., "share": ...}`, also
            as the JSON text of one. A step that is there twice counts once.
        released_at: UTC instant of the release; no step lies before it.
        dates: reads the instants of the steps.

    Returns:
        Steps by their instants; none where the cell is blank. A `RolloutProblem` where any step cannot be used: half
        a roll-out would be another one.
    """
    if is_missing(value):
        return ()
    steps: set[tuple[datetime, float]] = set()
    for pair in _pairs(value):
        if pair is None:
            return RolloutProblem.UNREADABLE
        at, share = dates.read(pair[0]), read_share(pair[1])
        if at is None:
            return RolloutProblem.DATE
        if share is None:
            return RolloutProblem.SHARE
        steps.add((at, share))
    ordered = sorted(steps)
    return _problem(ordered, released_at) or tuple(RolloutStep(at, share) for at, share in ordered)


def _problem(steps: Sequence[tuple[datetime, float]], released_at: datetime) -> RolloutProblem | None:
    """What is wrong with steps in their order, each of which can be read."""
    for (at, share), (next_at, next_share) in pairwise(steps):
        if at == next_at:
            return RolloutProblem.TWICE
        if next_share < share:
            return RolloutProblem.FALLING
    return RolloutProblem.EARLY if steps and steps[0][0] < released_at else None


def read_share(value: object) -> float | None:
    """Read a share of customers: "5%", "5 %", "0,05", .05.

    Returns:
        0..1, or None: 5 without a sign could be meant as 5 % or be a mistake, so it is not read.
    """
    if isinstance(value, bool):
        return None
    share: float
    if isinstance(value, int | float):
        share = value
    elif isinstance(value, str) and (match := _SHARE.fullmatch(value.strip())):
        number = float(match[1].replace(",", "."))
        share = number / 100 if match[2] else number
    else:
        return None
    # Compared before it becomes a float: JSON may hold whole numbers that no float can.
    return float(share) if 0 <= share <= 1 else None


def _pairs(value: object) -> Iterator[tuple[object, object] | None]:
    """Date and share of each step as they are written; None for one that has no such two."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if isinstance(value, str):
        for step in filter(str.strip, _BETWEEN_STEPS.split(value)):
            at, separator, share = step.rpartition("=")
            yield (at.strip(), share) if separator else None
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for step in value:
            is_step = isinstance(step, Mapping) and set(step) == {"at", "share"}
            yield (step["at"], step["share"]) if is_step else None
    else:
        yield None
