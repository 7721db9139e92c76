"""What a backtest finds, piece by piece."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from feedback_triage.domain import Suspect, Verdict, WindowStatus


class KnownKind(StrEnum):
    """What a known incident is."""

    OUTAGE = "outage"
    """Many reports at once: to be found as an incident."""
    FAULT = "fault"
    """It comes to light report by report: a theme that is new or grows tells it as well as an incident does."""


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """What really happened, as somebody wrote it down afterwards.

    Attributes:
        name: for a person; unique.
        kind: see the enum.
        started_at: the first report.
        ended_at: the last one.
        release: id of the release that did it; "" where that is not known, or none did.
        item_ids: its reports; empty where nobody listed them.
    """

    name: str
    kind: KnownKind
    started_at: datetime
    ended_at: datetime
    release: str = ""
    item_ids: frozenset[str] = frozenset()


class HindsightVerdict(StrEnum):
    """What an incident looks like with everything known afterwards."""

    CONFIRMED = "confirmed"
    """Its count stands out from the four weeks on both sides."""
    DOUBTFUL = "doubtful"
    """It does not."""
    UNCLEAR = "unclear"
    """Too little is known around it to say, or its theme is no more."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """An incident, judged with everything known afterwards.

    Attributes:
        observed_count: items of its scope from its start to its last item.
        expected_count: mean of what the four weeks on both sides make one expect there.
        upper: the 99 % point of that.
        verdict: confirmed where more than `upper` came.
    """

    observed_count: int
    expected_count: float
    upper: int
    verdict: HindsightVerdict


@dataclass(frozen=True, slots=True)
class FoundIncident:
    """An incident as the replay found it, once however often it was seen.

    Attributes:
        incident_id: the id it had when it was first seen.
        known_at: when a run that looks at every item as it comes, with the themes of the last look, would have told
            it: when it was raised, or the look whose themes first showed it.
        n_items_until_known: its items written up to `known_at`.
        suspects: named at `known_at`, likeliest first.
        scope, product, platform, started_at, raised_at, last_at, ended_at, observed_count, expected_count, reason: as
            last seen; see `domain.Incident`.
        item_ids: all items that were ever counted to it.
        is_withdrawn: later looks, with other themes, did not see it any more.
        hindsight: see there.
    """

    incident_id: str
    known_at: datetime
    n_items_until_known: int
    suspects: tuple[Suspect, ...]
    scope: str
    product: str
    platform: str
    started_at: datetime
    raised_at: datetime
    last_at: datetime
    ended_at: datetime | None
    observed_count: int
    expected_count: float
    reason: str
    item_ids: frozenset[str]
    is_withdrawn: bool
    hindsight: Hindsight | None = None


@dataclass(frozen=True, slots=True)
class IncidentScore:
    """Whether an incident was one.

    Attributes:
        incident_id: of the incident found.
        known_name: the known incident that it tells, "" where it tells none.
        is_first: it is the first one that tells it.
        is_false: it tells no known incident; without a list: hindsight does not confirm it.
    """

    incident_id: str
    known_name: str
    is_first: bool
    is_false: bool


@dataclass(frozen=True, slots=True)
class KnownScore:
    """How soon a known incident was told.

    Attributes:
        name, kind: of the known incident.
        is_in_span: it started within the backtest; the others are not scored.
        incident_ids: the incidents that tell it, the first one first.
        hours_to_incident: from the first report to `known_at` of the first one, None where there is none.
        n_reports_to_incident: its reports written until then; None where they are not listed, or there is none.
        theme_id: the first new or growing theme most of whose items of the week are its reports; "" where there is
            none, or the reports are not listed.
        theme_at, hours_to_theme: when a look first showed it so, and how long after the first report.
        release: the release that did it, "" where that is not known.
        place_of_release: its place among the suspects named for the first incident, from 1; None where it is not
            among them, or there was nothing to name it for.
        probability_of_release: what they gave it; 0 where it is not among them, None where nothing was named.
    """

    name: str
    kind: KnownKind
    is_in_span: bool
    incident_ids: tuple[str, ...]
    hours_to_incident: float | None
    n_reports_to_incident: int | None
    theme_id: str
    theme_at: datetime | None
    hours_to_theme: float | None
    release: str
    place_of_release: int | None
    probability_of_release: float | None


@dataclass(frozen=True, slots=True)
class FlaggedTheme:
    """A theme that a look showed as new, returning or growing.

    Attributes:
        at: the look.
        theme_id: of the replay; the database may know it by another id.
        kind: "new", "returning" or "growing".
        item_ids: its items of the seven days before the look.
    """

    at: datetime
    theme_id: str
    kind: str
    item_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class WindowOutcome:
    """A window of the silence ledger, as predicted at the release and as it ended.

    Attributes:
        release_id, subject: see `domain.SilenceWindow`.
        hours: its length.
        start_at, end_at: the half-open window.
        closed_at: the first look at or after its end; None while it is open.
        expected_count, lower, upper: predicted at the release.
        observed_count: items that came; None while it is open.
        status, verdict: at `closed_at`; open and cannot_tell before.
        is_told: something could be expected, and no feed was dead in it.
        last_status, last_verdict: at the last look.
    """

    release_id: str
    subject: str
    hours: float
    start_at: datetime
    end_at: datetime
    closed_at: datetime | None
    expected_count: float
    lower: int
    upper: int
    observed_count: int | None
    status: WindowStatus
    verdict: Verdict
    is_told: bool
    last_status: WindowStatus
    last_verdict: Verdict

    @property
    def is_inside(self) -> bool:
        """What came lies inside the interval, both ends included."""
        return self.observed_count is not None and self.lower <= self.observed_count <= self.upper


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A verdict or status that a later look no longer gave.

    Attributes:
        at: that look.
        release_id, subject, hours: of the window.
        before, after: "status, verdict".
    """

    at: datetime
    release_id: str
    subject: str
    hours: float
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the replay. A backtest that ends later has the same lines up to here.

    Attributes:
        at: what was written and released before it is known.
        n_items, n_new: items known, and those since the last look.
        n_releases: releases known.
        n_themes: themes with items, after what came is clustered or has joined.
        is_clustered: the themes were clustered again.
        n_born, n_ended: themes that were born, and that ended or went into another one, in that clustering.
        n_flagged: themes shown as new, returning or growing.
        incident_ids: of incidents that became known since the last look.
        n_windows_ended: windows of the silence ledger that ended since the last look.
        n_told, n_inside: of these, those with an interval to hold, and those inside it.
        n_verdict_changes: verdicts given earlier that this look gives otherwise.
    """

    at: datetime
    n_items: int
    n_new: int
    n_releases: int
    n_themes: int
    is_clustered: bool
    n_born: int
    n_ended: int
    n_flagged: int
    incident_ids: tuple[str, ...]
    n_windows_ended: int
    n_told: int
    n_inside: int
    n_verdict_changes: int
