"""What came, against what was expected: silence, and fixes that hold."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WindowStatus(StrEnum):
    """What came back in the window after a release."""

    HEARD = "heard"
    QUIET = "quiet"
    FEED_STALE = "feed_stale"
    OPEN = "open"


class Verdict(StrEnum):
    """Whether a silence is good news."""

    GOOD = "good"
    BAD = "bad"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class SilenceWindow:
    """Feedback that was expected in a window after a release, against what came.

    Attributes:
        release_id: of the release the window belongs to.
        subject: `all` (every item), `notes` (items about what the release says it did) or `source:NAME` (one channel).
        start_at, end_at: the half-open window.
        expected_count: mean of the prediction.
        lower, upper: 95 % prediction interval of the count, both inclusive.
        observed_count: items that came.
        status, verdict: see the enums.
        reason: one sentence for a person.
        could_hide_ratio: a fault that hits up to this share of the active users (0..1) could still be there unreported;
            None where nothing is known of how many there were.
    """

    release_id: str
    subject: str
    start_at: datetime
    end_at: datetime
    expected_count: float
    lower: int
    upper: int
    observed_count: int
    status: WindowStatus
    verdict: Verdict
    reason: str
    could_hide_ratio: float | None = None

    @property
    def is_spike(self) -> bool:
        """More came than the interval allows: the other tail of the same prediction."""
        return self.observed_count > self.upper


class FixStatus(StrEnum):
    """Whether a fix did what it was for."""

    HELD = "held"
    """Reports of the theme stopped, or became far fewer."""
    FAILED = "failed"
    """They go on as before."""
    MOVED = "moved"
    """They stopped in these words, and go on in others."""
    NOT_ENOUGH_TRAFFIC = "not_enough_traffic"
    """Too little came since to tell."""


@dataclass(frozen=True, slots=True)
class FixReceipt:
    """What became of a theme that a release set out to fix.

    Attributes:
        theme_id: of the theme.
        release_id: of the release that fixes it.
        settled_by: who said that it does, as the team calls them; "" where its notes say so.
        status: see the enum.
        n_before, hours_before: reports in the time before the fix, and how long that is.
        n_after, hours_after: the same since it reached customers.
        expected_count, lower, upper: what would have come after it had it changed nothing, with the model's 95 %
            prediction interval, both inclusive; after faults that began a few days before, it holds fewer (see
            benchmarks/results/receipts.md).
        needs_days: how much longer it must stay as it is until it can be told, None where it is told.
        needs_users: the same in active users, None where nothing is known of how many there are.
        moved_to_theme_id: the theme in whose words the reports go on, "" where they do not.
        reason: one sentence for a person.
    """

    theme_id: str
    release_id: str
    settled_by: str
    status: FixStatus
    n_before: int
    hours_before: float
    n_after: int
    hours_after: float
    expected_count: float
    lower: int
    upper: int
    needs_days: float | None
    needs_users: int | None
    moved_to_theme_id: str
    reason: str
