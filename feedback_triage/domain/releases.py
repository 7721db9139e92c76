"""Releases, how items point to them, and which of them may have done it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReleaseKind(StrEnum):
    """What a release set out to do."""

    FEATURE = "feature"
    FIX = "fix"
    MAINTENANCE = "maintenance"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class RolloutStep:
    """From an instant on, this share of customers can have a release.

    Attributes:
        at: not before the release's `released_at`.
        share: 0..1; steps of one release never fall.
    """

    at: datetime
    share: float


@dataclass(frozen=True, slots=True)
class Release:
    """A version that reached customers. (`product`, `platform`, `version`) is its identity.

    Attributes:
        version: as the team writes it.
        released_at: when customers could first have it.
        product: "" if the company has one product.
        platform: "" if the release is for every platform.
        kind: None where nobody said and the notes do not tell.
        notes: what the team says it did; may be empty.
        is_derived: True when no release file was given and the version was first seen on feedback.
        rollout: steps of a staged roll-out by their instants; empty where all customers could have it at once.
        rolled_back_at: when it was taken back, None where it was not: from then on it is no customer's most recent.
        is_hotfix: it was pushed in haste to mend the release before it.
    """

    version: str
    released_at: datetime
    product: str = ""
    platform: str = ""
    kind: ReleaseKind | None = None
    notes: str = ""
    is_derived: bool = False
    rollout: tuple[RolloutStep, ...] = ()
    rolled_back_at: datetime | None = None
    is_hotfix: bool = False

    @property
    def release_id(self) -> str:
        """Product, platform and version joined by "/", empty parts left out: unique, and readable in a table."""
        return "/".join(part for part in (self.product, self.platform, self.version) if part)


class LinkBasis(StrEnum):
    """Why an item points to a release."""

    MOST_RECENT = "most_recent"
    DECLARED = "declared"
    IN_USE = "in_use"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A release that may have done it: brought what a theme or an incident reports.

    Attributes:
        release_id: None stands for "none of them".
        probability: 0..1; over all suspects of one question, "none" included, it sums to 1.
        reason: one sentence for a person: what speaks for it.
    """

    release_id: str | None
    probability: float
    reason: str = ""
