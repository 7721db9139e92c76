"""What a backtest counts as found, as false, and as told too late to count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback_triage.backtest import (
    FlaggedTheme,
    FoundIncident,
    Hindsight,
    HindsightVerdict,
    KnownIncident,
    KnownKind,
    KnownScore,
    look_instants,
    score_incidents,
    score_known,
)
from feedback_triage.domain import Suspect

START = datetime(2026, 10, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)


def at(day: float) -> datetime:
    """So many days after the start."""
    return START + timedelta(days=day)


def ids(first: int, last: int) -> frozenset[str]:
    """Items `first` to `last`, both included."""
    return frozenset(f"chat:{number}" for number in range(first, last + 1))


def found(
    items: frozenset[str],
    day: float,
    *,
    known_after_hours: float = 1.0,
    suspects: tuple[Suspect, ...] = (),
    hindsight: HindsightVerdict = HindsightVerdict.CONFIRMED,
) -> FoundIncident:
    """An incident of these items that began on this day and lasted three hours."""
    known_at = at(day) + timedelta(hours=known_after_hours)
    return FoundIncident(
        incident_id=f"{at(day):%Y-%m-%dT%H:%M}",
        known_at=known_at,
        n_items_until_known=5,
        suspects=suspects,
        scope="all",
        product="",
        platform="",
        started_at=at(day),
        raised_at=known_at,
        last_at=at(day) + timedelta(hours=3),
        ended_at=None,
        observed_count=len(items),
        expected_count=1.0,
        reason="many items",
        item_ids=items,
        is_withdrawn=False,
        hindsight=Hindsight(len(items), 1.0, 4, hindsight),
    )


def known(
    items: frozenset[str], day: float, *, lasts_days: float = 0.5, name: str = "outage", release: str = "web/1.1"
) -> KnownIncident:
    """A known incident of these items that began on this day."""
    return KnownIncident(name, KnownKind.OUTAGE, at(day), at(day + lasts_days), release, items)


@dataclass(frozen=True)
class Case:
    """One found incident, and the known ones; which it tells, and whether it is a false alarm."""

    one: FoundIncident
    known: tuple[KnownIncident, ...]
    tells: str
    is_false: bool


_CASES = {
    "an incident of the same items tells the known one": Case(
        found(ids(1, 20), 3), (known(ids(1, 20), 3),), "outage", is_false=False
    ),
    "half of the items of the smaller of the two are enough": Case(
        found(ids(1, 10), 3), (known(ids(6, 200), 3),), "outage", is_false=False
    ),
    "fewer than half are not enough, though it was at the same time": Case(
        found(ids(1, 10), 3), (known(ids(7, 200), 3),), "", is_false=True
    ),
    "of two known ones it tells the one with which it shares most": Case(
        found(ids(1, 10), 3),
        (known(ids(1, 6), 3, name="first"), known(ids(5, 100), 3, name="second")),
        "first",
        is_false=False,
    ),
    "without a list of its reports a known one is told by what overlaps with it in time": Case(
        found(ids(1, 10), 3), (known(frozenset(), 3.1),), "outage", is_false=False
    ),
    "without a list of its reports, and after it ended, nothing tells it": Case(
        found(ids(1, 10), 5), (known(frozenset(), 3),), "", is_false=True
    ),
    "a list of reports weighs more than the clock": Case(
        found(ids(1, 10), 3),
        (known(frozenset(), 2.9, name="by the clock"), known(ids(1, 10), 3, name="by its reports")),
        "by its reports",
        is_false=False,
    ),
    "an incident that tells no known one is a false alarm, whatever hindsight says": Case(
        found(ids(1, 10), 9), (known(ids(50, 60), 3),), "", is_false=True
    ),
}


@pytest.mark.parametrize("case", list(_CASES.values()), ids=list(_CASES))
def test_a_found_incident_against_the_known_ones(case: Case) -> None:
    """What an incident tells, and what a false alarm is."""
    (score,) = score_incidents([case.one], case.known, has_known=True)
    assert (score.known_name, score.is_false) == (case.tells, case.is_false)


_WITHOUT_LIST = {
    "an incident that hindsight confirms is none": (HindsightVerdict.CONFIRMED, False),
    "an incident that hindsight doubts is one": (HindsightVerdict.DOUBTFUL, True),
    "an incident of which hindsight cannot tell is one too": (HindsightVerdict.UNCLEAR, True),
}


@pytest.mark.parametrize(("verdict", "is_false"), list(_WITHOUT_LIST.values()), ids=list(_WITHOUT_LIST))
def test_false_alarms_without_a_list(verdict: HindsightVerdict, is_false: bool) -> None:
    """False alarms where nobody listed the known incidents."""
    (score,) = score_incidents([found(ids(1, 9), 3, hindsight=verdict)], [], has_known=False)
    assert (score.known_name, score.is_false) == ("", is_false)


_SUSPECTS = (Suspect("web/1.2", 0.6), Suspect("web/1.1", 0.3), Suspect(None, 0.1))
_RELEASES = {
    "the release that did it is told by its place among the suspects": ("web/1.1", _SUSPECTS, 2, 0.3),
    "a release that is not among the suspects has no place, and no probability": ("web/1.0", _SUSPECTS, None, 0.0),
    "where nobody knows which release did it, its place is not told": ("", _SUSPECTS, None, None),
    "where no suspects were named, its place is not told": ("web/1.1", (), None, None),
}


@pytest.mark.parametrize(("release", "suspects", "place", "probability"), list(_RELEASES.values()), ids=list(_RELEASES))
def test_the_release_that_did_it(
    release: str, suspects: tuple[Suspect, ...], place: int | None, probability: float | None
) -> None:
    """Suspects named when an incident became known."""
    one = found(ids(1, 9), 3, suspects=suspects)
    (score,) = _score_known([known(ids(1, 9), 3, release=release)], [one])
    assert (score.place_of_release, score.probability_of_release) == (place, probability)


_SPANS = {
    "a known incident that started before the replay is not scored": (-1.0, False),
    "a known incident that started with the replay is scored": (0.0, True),
    "a known incident that started after the replay is not scored": (31.0, False),
}


@pytest.mark.parametrize(("day", "is_in_span"), list(_SPANS.values()), ids=list(_SPANS))
def test_known_incidents_in_the_span(day: float, is_in_span: bool) -> None:
    """Which known incidents count."""
    (score,) = _score_known([known(ids(1, 9), day)], [])
    assert score.is_in_span is is_in_span


_THEMES = {
    "three reports that are half of what a growing theme got in the week tell it": (ids(1, 6), ids(4, 50), True),
    "two reports are too few, even where the theme has nothing else": (ids(1, 2), ids(1, 50), False),
    "a theme that mostly got other items does not tell it": (ids(1, 9), ids(6, 50), False),
}


@pytest.mark.parametrize(("of_theme", "reports", "is_told"), list(_THEMES.values()), ids=list(_THEMES))
def test_a_fault_told_by_a_theme(of_theme: frozenset[str], reports: frozenset[str], is_told: bool) -> None:
    """When a new or growing theme tells a known incident."""
    flagged = [FlaggedTheme(at(2), "t1", "growing", of_theme), FlaggedTheme(at(3), "t2", "new", reports)]
    (score,) = _score_known([known(reports, 1)], [], flagged)
    assert score.theme_id == ("t1" if is_told else "t2")
    assert score.hours_to_theme == (24.0 if is_told else 48.0)


_LOOKS = {
    "steps of a day are days of the local calendar when the clocks go back": (
        ("2026-10-24T00:00+02:00", "2026-10-27T00:00+01:00", 24.0),
        ("2026-10-23T22:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z", "2026-10-26T23:00Z"),
    ),
    "steps of hours are hours that passed": (
        ("2026-10-25T00:00+02:00", "2026-10-25T05:00+01:00", 3.0),
        ("2026-10-24T22:00Z", "2026-10-25T01:00Z", "2026-10-25T04:00Z"),
    ),
    "the rest of the last step is not looked at": (
        ("2026-10-01T00:00+02:00", "2026-10-02T23:00+02:00", 24.0),
        ("2026-09-30T22:00Z", "2026-10-01T22:00Z"),
    ),
}


@pytest.mark.parametrize(("asked", "instants"), list(_LOOKS.values()), ids=list(_LOOKS))
def test_the_instants_of_looks(asked: tuple[str, str, float], instants: tuple[str, ...]) -> None:
    """When a replay looks."""
    start, end = (datetime.fromisoformat(text).astimezone(ZoneInfo("Europe/Berlin")) for text in asked[:2])
    assert look_instants(start, end, asked[2]) == [datetime.fromisoformat(text) for text in instants]


def _score_known(
    listed: Sequence[KnownIncident], incidents: Sequence[FoundIncident], flagged: Sequence[FlaggedTheme] = ()
) -> tuple[KnownScore, ...]:
    scores = score_incidents(incidents, listed, has_known=True)
    return score_known(listed, incidents, scores, flagged, start_at=START, end_at=END, written_at={})
