"""A backtest as a whole."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback_triage.backtest.values import (
    FoundIncident,
    IncidentScore,
    KnownScore,
    Look,
    VerdictChange,
    WindowOutcome,
)


@dataclass(frozen=True, slots=True)
class Backtest:
    """Everything that a replay found.

    Attributes:
        start_at, end_at: first and last look.
        every_hours: between two looks.
        timezone: whose midnights the looks are at, if they are.
        classifier_version: whose labels were used, "" where nothing is labelled.
        has_known: a list of known incidents was given.
        notes: what a reader must know to judge the figures, a sentence each.
        looks: oldest first, without the first instant, at which nothing is told yet.
        incidents: as they became known.
        scores: one an incident, in the same order.
        known: one a known incident, in the order they started.
        windows: of releases within the span, as they began.
        verdict_changes: as they came.
    """

    start_at: datetime
    end_at: datetime
    every_hours: float
    timezone: str
    classifier_version: str
    has_known: bool
    notes: tuple[str, ...]
    looks: tuple[Look, ...]
    incidents: tuple[FoundIncident, ...]
    scores: tuple[IncidentScore, ...]
    known: tuple[KnownScore, ...]
    windows: tuple[WindowOutcome, ...]
    verdict_changes: tuple[VerdictChange, ...]

    @property
    def months(self) -> float:
        """Length of the span in months of 365.25 / 12 days."""
        return (self.end_at - self.start_at) / timedelta(days=365.25 / 12)

    @property
    def n_false(self) -> int:
        """Incidents that tell no known one; without a list: those that hindsight does not confirm."""
        return sum(score.is_false for score in self.scores)

    @property
    def false_per_month(self) -> float:
        """False alarms a month."""
        return self.n_false / self.months

    @property
    def told_windows(self) -> tuple[WindowOutcome, ...]:
        """Windows that ended and had an interval to hold."""
        return tuple(window for window in self.windows if window.closed_at is not None and window.is_told)

    @property
    def volume_windows(self) -> tuple[WindowOutcome, ...]:
        """Those of `told_windows` that are about all items or one channel.

        What is said about a release's notes is predicted as if the release changed nothing, and it is there to change
        it: coverage says nothing of it.
        """
        return tuple(window for window in self.told_windows if window.subject != "notes")
