"""The parts of a backtest that need no history: logs, hindsight, words and tables."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from feedback_triage.backtest import (
    Backtest,
    FoundIncident,
    HindsightVerdict,
    IncidentLog,
    IncidentScore,
    KnownKind,
    KnownScore,
    Look,
    WindowLog,
    backtest_tables,
    judge_by_hindsight,
    look_instants,
    summary,
    to_json,
)
from feedback_triage.domain import Incident, SilenceWindow, Suspect, Verdict, WindowStatus

START = datetime(2026, 10, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=hours)


def window(start: float, end: float, **changes: Any) -> SilenceWindow:
    """A window in which 4 to 9 items were expected and 6 came."""
    values: dict[str, Any] = {
        "release_id": "web/1.0",
        "subject": "all",
        "start_at": at(start),
        "end_at": at(end),
        "expected_count": 6.5,
        "lower": 4,
        "upper": 9,
        "observed_count": 6,
        "status": WindowStatus.HEARD,
        "verdict": Verdict.CANNOT_TELL,
        "reason": "6 items came where 4 to 9 were expected: as usual",
    }
    return SilenceWindow(**values | changes)


def incident(item_ids: tuple[str, ...], raised: float, **changes: Any) -> Incident:
    """An incident of these items, the first of which came an hour before it was raised."""
    values: dict[str, Any] = {
        "incident_id": f"i{raised:g}",
        "scope": "all",
        "also_in": (),
        "product": "",
        "platform": "",
        "started_at": at(raised - 1),
        "raised_at": at(raised),
        "last_at": at(raised + 1),
        "ended_at": None,
        "observed_count": len(item_ids),
        "expected_count": 0.5,
        "upper": 2,
        "n_items_until_raised": len(item_ids),
        "item_ids": item_ids,
        "reason": "many items",
    }
    return Incident(**values | changes)


def test_a_look_never_lies_after_the_end() -> None:
    """The last step is left out where it would."""
    assert look_instants(at(0), at(50), 24) == [at(0), at(24), at(48)]
    assert look_instants(at(0), at(-1), 24) == []


def test_steps_must_go_forward() -> None:
    """No step, no end."""
    with pytest.raises(ValueError, match="above 0"):
        look_instants(at(0), at(50), 0)


def test_a_window_is_held_to_what_was_predicted_at_its_release() -> None:
    """What the ledger says of the interval later does not matter."""
    log = WindowLog(START)
    log.see([window(1, 25, status=WindowStatus.OPEN, observed_count=2)], at(24))
    seen = log.see([window(1, 25, lower=7, observed_count=6)], at(48))
    assert [(one.lower, one.observed_count, one.closed_at) for one in seen.ended] == [(4, 6, at(48))]
    assert seen.ended[0].is_inside


def test_a_window_ends_once() -> None:
    """Later looks do not count it again."""
    log = WindowLog(START)
    log.see([window(1, 25)], at(48))
    assert log.see([window(1, 25)], at(72)).ended == ()


def test_a_window_of_before_the_replay_is_left_out() -> None:
    """Nobody saw how it was predicted."""
    log = WindowLog(START)
    assert log.see([window(-1, 23)], at(24)).ended == ()
    assert log.outcomes == ()


@pytest.mark.parametrize(
    "changes",
    [{"status": WindowStatus.FEED_STALE}, {"expected_count": 0.0, "lower": 0, "upper": 6}],
    ids=["with a dead feed", "without history"],
)
def test_a_window_that_tells_nothing_has_no_interval_to_hold(changes: dict[str, Any]) -> None:
    """Neither a dead feed nor a stream without history can be inside or outside."""
    log = WindowLog(START)
    assert not log.see([window(1, 25, **changes)], at(48)).ended[0].is_told


def test_a_verdict_told_otherwise_later_is_a_change_once() -> None:
    """It is held against the last one, not the first."""
    log = WindowLog(START)
    log.see([window(1, 25)], at(48))
    stale = window(1, 25, status=WindowStatus.FEED_STALE)
    (change,) = log.see([stale], at(72)).changes
    assert (change.before, change.after, change.at) == ("heard, cannot_tell", "feed_stale, cannot_tell", at(72))
    assert log.see([stale], at(96)).changes == ()
    assert log.changes == (change,)


def see(log: IncidentLog, incidents: list[Incident], themes_at: float) -> tuple[FoundIncident, ...]:
    """Take in incidents; item "a3" was written three hours after the start."""
    written_at = {item_id: at(float(item_id[1:])) for one in incidents for item_id in one.item_ids}
    log.see(incidents, at(themes_at), written_at)
    return log.found


def new_log() -> IncidentLog:
    """A log whose suspects say when they were asked for."""
    return IncidentLog(START, lambda one, when: (Suspect(None, 1.0, f"{one.incident_id} {when:%d %H:%M}"),))


def test_an_incident_is_known_when_it_is_raised() -> None:
    """With themes that stood before it."""
    (one,) = see(new_log(), [incident(("a4", "a5", "a6"), 5)], 0)
    assert (one.known_at, one.n_items_until_known) == (at(5), 2)
    assert one.suspects[0].reason == "i5 01 05:00"


def test_what_only_new_themes_show_is_known_with_them() -> None:
    """Not at the instant at which it would have been raised had they stood."""
    (one,) = see(new_log(), [incident(("a4", "a5", "a30"), 5)], 24)
    assert (one.known_at, one.n_items_until_known) == (at(24), 2)


def test_an_incident_seen_again_is_the_same_and_keeps_when_it_was_known() -> None:
    """However its scope changes."""
    log = new_log()
    see(log, [incident(("a4", "a5"), 5)], 0)
    (one,) = see(log, [incident(("a4", "a5", "a6", "a7"), 5, scope="label:sync_bug", observed_count=4)], 24)
    assert (one.known_at, one.scope, one.observed_count, one.is_withdrawn) == (at(5), "label:sync_bug", 4, False)


def test_an_incident_with_another_id_and_the_same_items_is_the_same() -> None:
    """Other themes can move its beginning."""
    log = new_log()
    see(log, [incident(("a4", "a5"), 5)], 0)
    (one,) = see(log, [incident(("a4", "a5", "a6"), 6)], 24)
    assert (one.incident_id, one.known_at) == ("i5", at(5))


def test_an_incident_that_later_themes_do_not_show_stays_counted() -> None:
    """It was told then; that it is gone is said."""
    log = new_log()
    see(log, [incident(("a4", "a5"), 5)], 0)
    (one,) = see(log, [], 24)
    assert one.is_withdrawn


def test_what_was_raised_before_the_replay_is_left_out_whatever_it_is_called() -> None:
    """Also when later themes give it another id."""
    log = new_log()
    written_before = incident(("a-3", "a-2"), -1)
    assert see(log, [written_before], 0) == ()
    assert see(log, [incident(("a-3", "a-2", "a5"), 6)], 24) == ()


def test_what_came_after_an_incident_was_known_does_not_decide_what_it_is() -> None:
    """Else a longer replay would tell another story of the same day."""
    log = new_log()
    see(log, [incident(("a4", "a5"), 5)], 0)
    found = see(log, [incident(("a4", "a5"), 5), incident(("a26", "a27", "a4", "a5"), 27, started_at=at(26))], 24)
    assert len(found) == 1
    found = see(new_log(), [incident(("a4", "a5"), 5), incident(("a26", "a27", "a50", "a51"), 27)], 24)
    assert len(found) == 2


def steady(per_day: int, days: int, seed: int) -> np.ndarray[Any, Any]:
    """Items at any time of the day, hours since 1970."""
    draw = np.random.default_rng(seed)
    return np.sort(draw.uniform(0, days * 24.0, per_day * days)) + 500_000


def test_hindsight_confirms_what_stands_out_among_the_weeks_around() -> None:
    """Twenty items in an hour where ten a day are usual."""
    usual = steady(10, 70, 1)
    times = np.sort(np.concatenate([usual, 500_840 + np.linspace(0, 1, 20)]))
    seen = judge_by_hindsight(times, 500_840, 500_841, [], float(times[-1]))
    assert seen.verdict is HindsightVerdict.CONFIRMED
    assert seen.upper < 10 <= seen.observed_count


def test_hindsight_doubts_what_turned_out_to_be_the_new_level() -> None:
    """The expectation rested on a lower level that never came back."""
    times = np.concatenate([steady(2, 35, 2), steady(40, 35, 3) + 35 * 24])
    seen = judge_by_hindsight(times, 500_842, 500_866, [], float(times[-1]))
    assert seen.verdict is HindsightVerdict.DOUBTFUL


def test_hindsight_does_not_hold_an_incident_against_another() -> None:
    """A second outage in the weeks around it does not make the first one usual."""
    usual = steady(5, 70, 4)
    others = [(500_500.0 + 24 * day, 500_520.0 + 24 * day) for day in range(0, 20, 2)]
    bursts = np.concatenate([np.linspace(a, b, 300) for a, b in others])
    times = np.sort(np.concatenate([usual, bursts, 501_100 + np.linspace(0, 20, 60)]))
    alone = judge_by_hindsight(times, 501_100, 501_120, others, float(times[-1]))
    assert alone.verdict is HindsightVerdict.CONFIRMED
    assert alone.expected_count < 20


def test_hindsight_with_next_to_no_data_confirms_nothing() -> None:
    """Fewer than eight blocks on both sides."""
    times = 500_000 + np.linspace(0, 1, 30)
    assert judge_by_hindsight(times, 500_000, 500_001, [], 500_001).verdict is HindsightVerdict.UNCLEAR


def whole() -> Backtest:
    """A small backtest with something of everything."""
    log = WindowLog(START)
    log.see([window(1, 25), window(1, 73, status=WindowStatus.OPEN), window(1, 25, subject="notes")], at(48))
    log.see([window(1, 25, status=WindowStatus.FEED_STALE)], at(72))
    (one,) = see(new_log(), [incident(("a4", "a5", "a6"), 5)], 0)
    look = Look(
        at(48), 30, 12, 2, 4, is_clustered=True, n_born=1, n_ended=0, n_flagged=2, incident_ids=("i5",),
        n_windows_ended=2, n_told=2, n_inside=2, n_verdict_changes=0,
    )  # fmt: skip
    return Backtest(
        start_at=START,
        end_at=at(720),
        every_hours=24.0,
        timezone="UTC",
        classifier_version="2026-10-01-1a2b3c4d",
        has_known=True,
        notes=("one note",),
        looks=(look,),
        incidents=(one,),
        scores=(IncidentScore("i5", "outage", is_first=True, is_false=False),),
        known=(
            KnownScore("outage", KnownKind.OUTAGE, True, ("i5",), 0.25, 7, "t1", at(24), 20.0, "web/1.0", 1, 0.93),
            KnownScore("dead link", KnownKind.FAULT, True, (), None, None, "t2", at(48), 47.0, "web/1.0", None, None),
            KnownScore("old one", KnownKind.FAULT, False, (), None, None, "", None, None, "", None, None),
        ),
        windows=log.outcomes,
        verdict_changes=log.changes,
    )


def test_the_summary_tells_what_was_found_and_how_soon() -> None:
    """Each figure in a sentence."""
    told = summary(whole())
    for part in (
        "Incidents found: 1; false alarms (not among the known ones): 0, 0.00 a month",
        "tells “outage”",
        "Known incidents that started in this time: 2; found as an incident: 1, as a new or growing theme: 2",
        "an incident 15 minutes after the first report and 7 reports; web/1.0 was suspect number 1 with 93%",
        "dead link (fault): not found as an incident; a new or growing theme 47 hours after it",
        "old one (fault): started outside the span, not scored",
        "Windows of the silence ledger that ended: 2; with an interval to hold: 2",
        "of those of all items and of channels inside it: 1 of 1 (100.0%)",
        "web/1.0, all items, 24 hours: heard, cannot_tell -> feed_stale, cannot_tell",
        "Note: one note",
    ):
        assert part in told


def test_the_tables_and_the_json_hold_the_same() -> None:
    """One row a thing."""
    value, tables = json.loads(to_json(whole())), backtest_tables(whole())
    assert {name: len(frame) for name, frame in tables.items()} == {name: len(value[name]) for name in tables}
    assert list(tables["known"]["hours_to_incident"].dropna()) == [0.25]
    assert value["summary"]["coverage_ratio"] == 1.0
    assert value["looks"][0]["at"] == "2026-10-03T00:00:00Z"


def test_months_are_counted_by_the_calendar_year() -> None:
    """Thirty days are .986 of a month."""
    assert whole().months == pytest.approx(30 / (365.25 / 12))
