"""The windows of the silence ledger from look to look: predicted, ended, and told otherwise later."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedback_triage.backtest.values import VerdictChange, WindowOutcome
from feedback_triage.domain import SilenceWindow, WindowStatus

_Key = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class WindowsSeen:
    """What one look added.

    Attributes:
        ended: windows that ended since the last look, by release, subject and length.
        changes: verdicts and statuses of windows that had ended before, and that are told otherwise now.
    """

    ended: tuple[WindowOutcome, ...]
    changes: tuple[VerdictChange, ...]


class WindowLog:
    """Remembers each window as it was first predicted, as it ended, and as it was seen last."""

    def __init__(self, start_at: datetime) -> None:
        """Start a log.

        Args:
            start_at: windows that began earlier are left out: nobody saw how they were predicted.
        """
        self._start_at = start_at
        self._outcomes: dict[_Key, WindowOutcome] = {}
        self._changes: list[VerdictChange] = []

    @property
    def outcomes(self) -> tuple[WindowOutcome, ...]:
        """Every window that was seen, as they began."""
        found = self._outcomes.values()
        return tuple(sorted(found, key=lambda one: (one.start_at, one.release_id, one.subject, one.hours)))

    @property
    def changes(self) -> tuple[VerdictChange, ...]:
        """Every change, as they came."""
        return tuple(self._changes)

    def see(self, windows: Iterable[SilenceWindow], at: datetime) -> WindowsSeen:
        """Take in the ledger, or a part of it, as it looks at an instant.

        Args:
            windows: of releases up to `at`, in any order.
            at: the look, later than the one before.
        """
        ended, changes = [], []
        for window in sorted(windows, key=_key):
            if window.start_at < self._start_at:
                continue
            before = self._outcomes.get(_key(window))
            outcome = _predicted(window) if before is None else before
            if window.end_at <= at and outcome.closed_at is None:
                outcome = _closed(outcome, window, at)
                ended.append(outcome)
            elif outcome.closed_at is not None:
                changes += _changed(outcome, window, at)
            self._outcomes[_key(window)] = replace(outcome, last_status=window.status, last_verdict=window.verdict)
        self._changes += changes
        return WindowsSeen(tuple(ended), tuple(changes))


def _key(window: SilenceWindow) -> _Key:
    return window.release_id, window.subject, _hours(window)


def _hours(window: SilenceWindow) -> float:
    return (window.end_at - window.start_at) / timedelta(hours=1)


def _predicted(window: SilenceWindow) -> WindowOutcome:
    return WindowOutcome(
        release_id=window.release_id,
        subject=window.subject,
        hours=_hours(window),
        start_at=window.start_at,
        end_at=window.end_at,
        closed_at=None,
        expected_count=window.expected_count,
        lower=window.lower,
        upper=window.upper,
        observed_count=None,
        status=WindowStatus.OPEN,
        verdict=window.verdict,
        is_told=False,
        last_status=window.status,
        last_verdict=window.verdict,
    )


def _closed(outcome: WindowOutcome, window: SilenceWindow, at: datetime) -> WindowOutcome:
    # Without history nothing is expected, and the interval is set to what came.
    is_told = outcome.expected_count > 0 and window.status is not WindowStatus.FEED_STALE
    return replace(
        outcome,
        closed_at=at,
        observed_count=window.observed_count,
        status=window.status,
        verdict=window.verdict,
        is_told=is_told,
    )


def _changed(outcome: WindowOutcome, window: SilenceWindow, at: datetime) -> list[VerdictChange]:
    before, after = f"{outcome.last_status}, {outcome.last_verdict}", f"{window.status}, {window.verdict}"
    if before == after:
        return []
    return [VerdictChange(at, outcome.release_id, outcome.subject, outcome.hours, before, after)]
