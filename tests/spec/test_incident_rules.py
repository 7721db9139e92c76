"""What is an incident, what is not, and what is one incident."""

from zlib import crc32

import numpy as np
import pandas as pd
import pytest

from feedback_triage.domain import Incident
from feedback_triage.incidents import find_incidents

START = pd.Timestamp("2026-03-02", tz="UTC")
HISTORY_DAYS = 42
MONDAY_NOON = HISTORY_DAYS * 24 + 12.0


def items(hours: np.ndarray, name: str, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"written_at": START + pd.to_timedelta(np.sort(hours), unit="h")})
    frame["item_id"] = [f"{name}:{i:05d}" for i in range(len(frame))]
    return frame.assign(
        **({"source": "mail", "product": "", "platform": "", "label": None, "theme_id": None} | columns)
    )


def usual(
    a_day: float = 24, first: float = 0, last: float = 56, name: str = "usual", **columns: object
) -> pd.DataFrame:
    """Items at random instants between two days."""
    rng = np.random.default_rng(crc32(name.encode()))
    return items(rng.uniform(first * 24, last * 24, round((last - first) * a_day)), name, **columns)


def more(n: int, hours: float, start: float = MONDAY_NOON, name: str = "more", **columns: object) -> pd.DataFrame:
    """Items evenly from an instant on."""
    return items(start + (np.arange(n) + 0.5) / n * hours, name, **columns)


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(written_at=frame["written_at"].dt.floor("D"))


OF_T1 = {"theme_id": "T1", "label": "sync_bug"}
RARE = usual(1, name="rare", **OF_T1)
WORKING_DAYS = pd.concat(
    [usual(48, week * 7 + day + 9 / 24, week * 7 + day + 17 / 24, f"d{week}{day}")
     for week in range(9) for day in range(5)]
)  # fmt: skip

RULES = {
    "an even stream has none": ([usual()], []),
    "forty items in an hour where one is usual": ([usual(), more(40, 1)], ["all"]),
    "eight items in a quarter of an hour where one an hour is usual": ([usual(), more(8, 0.25)], ["all"]),
    "four items are never one, however quickly they come": ([usual(2, last=HISTORY_DAYS), more(4, 0.02)], []),
    "a third more for a week is none": ([usual(), more(56, 168)], []),
    "twice the usual for a day is one in a stream of a hundred a day": ([usual(100), more(130, 24)], ["all"]),
    "six of one theme in three hours where one a day is usual": ([usual(), RARE, more(6, 3, **OF_T1)], ["theme:T1"]),
    "a burst of one theme is told by the theme and not by its label or all": (
        [usual(), RARE, more(40, 2, **OF_T1)],
        ["theme:T1"],
    ),
    "a burst in every theme is told by all": (
        [usual(12, theme_id="T2"), usual(12, name="usual2", theme_id="T3"), more(20, 1, theme_id="T2"),
         more(20, 1, name="more2", theme_id="T3")],
        ["all"],
    ),
    "two themes of one label that rise in the same hour are one": (
        [usual(), RARE, usual(1, name="rare2", theme_id="T2", label="sync_bug"), more(15, 2, **OF_T1),
         more(15, 2, MONDAY_NOON + 0.4, "more2", theme_id="T2", label="sync_bug")],
        ["label:sync_bug"],
    ),
    "two themes that rise two days apart are two": (
        [usual(), RARE, usual(1, name="rare2", theme_id="T2", label="broken_link"), more(15, 2, **OF_T1),
         more(15, 2, MONDAY_NOON + 48, "more2", theme_id="T2", label="broken_link")],
        ["theme:T1", "theme:T2"],
    ),
    "a theme that rises two hours after another was known is another cause": (
        [usual(), RARE, usual(1, name="rare2", theme_id="T2", label="broken_link"), more(60, 4, **OF_T1),
         more(60, 4, MONDAY_NOON + 2, "more2", theme_id="T2", label="broken_link")],
        ["theme:T1", "theme:T2"],
    ),
    "a theme that rises two hours into an outage without having been in it is another cause": (
        [usual(12, theme_id="T2"), usual(12, name="usual2", theme_id="T3"), RARE, more(30, 4, theme_id="T2"),
         more(30, 4, name="more2", theme_id="T3"), more(60, 4, MONDAY_NOON + 2, "more3", **OF_T1)],
        ["all", "theme:T1"],
    ),
    "two themes that rise together are one, however many come": (
        [usual(), RARE, usual(1, name="rare2", theme_id="T2", label="broken_link"), more(100, 4, **OF_T1),
         more(50, 4, name="more2", theme_id="T2", label="broken_link")],
        ["all"],
    ),
    "a second wave within a day opens the incident again": (
        [usual(), more(40, 1), more(40, 1, MONDAY_NOON + 12, "more2")],
        ["all"],
    ),
    "a second wave after three days is another incident": (
        [usual(), more(40, 1), more(40, 1, MONDAY_NOON + 72, "more2")],
        ["all", "all"],
    ),
    "its aftermath over two days is not another": (
        [usual(), more(120, 4), more(16, 48, MONDAY_NOON + 5, "after")],
        ["all"],
    ),
    "one text five hundred times within a minute is one": ([usual(), more(500, 1 / 60)], ["all"]),
    "a Monday morning after a quiet weekend is none": ([WORKING_DAYS], []),
    "a new source that brings as much as all others is none": (
        [usual(), usual(24, HISTORY_DAYS, 56, "newcomer", source="chat")],
        [],
    ),
    "a feed that comes back after ten days is none": (
        [usual(), usual(24, 0, 30, "chat", source="chat"), usual(24, 40, 56, "back", source="chat")],
        [],
    ),
    "a new source that writes at weekends alone is none": (
        [usual(), *(usual(60, 14 + 7 * week + 5, 14 + 7 * week + 7, f"w{week}", source="chat") for week in range(6))],
        [],
    ),
    "a new source that writes once a day, all at six, is none": (
        [usual(), *(more(15, 0.5, day * 24 + 6, f"d{day}", source="chat") for day in range(20, 56))],
        [],
    ),
    "an import of three hundred items is none, and nothing after it is either": (
        [usual(), RARE, more(300, 2, 20 * 24.0, "import", source="old", theme_id="T1", label="sync_bug")],
        [],
    ),
    "what a feed brought before it died is no burst of the others": (
        [usual(12), usual(120, 0, MONDAY_NOON / 24, "chat", source="chat")],
        [],
    ),
    "a burst in the others while a new source is not known yet is one": (
        [usual(), usual(24, HISTORY_DAYS - 2, 56, "newcomer", source="chat"), more(15, 1)],
        ["all"],
    ),
    "a burst while another feed is dead is one": (
        [usual(), usual(24, 0, 30, "chat", source="chat"), more(15, 1)],
        ["all"],
    ),
    "two days of history are too few": ([usual(last=2), more(60, 1, 46.0)], []),
    "thirty items of history are too few": ([usual(0.5), more(6, 0.2)], []),
    "dates without a time of day are no bursts at midnight": ([dated(usual())], []),
    "a day with five times the usual is one where only dates are known": (
        [dated(usual()), dated(more(100, 11))],
        ["all"],
    ),
    "a theme that is born as large as others is none": (
        [
            usual(8, theme_id="T2", label="sync_bug"),
            usual(8, name="usual3", theme_id="T3", label="sync_bug"),
            usual(6, HISTORY_DAYS, 56, "born", **OF_T1),
        ],
        [],
    ),
    "a new theme that brings fifteen in two hours is one": (
        [usual(12, theme_id="T2"), usual(12, name="usual3", theme_id="T3"), more(15, 2, **OF_T1)],
        ["theme:T1"],
    ),
    "praise twice the usual for a day is none": (
        [usual(), usual(20, name="praise", label="praise"), more(24, 24, label="praise")],
        [],
    ),
    "praise ten times the usual is one": (
        [usual(), usual(6, name="praise", label="praise"), more(60, 12, label="praise")],
        ["label:praise"],
    ),
}  # fmt: skip


def found_in(parts: list[pd.DataFrame]) -> list[Incident]:
    return find_incidents(pd.concat(parts, ignore_index=True))


@pytest.mark.parametrize(("parts", "scopes"), RULES.values(), ids=RULES.keys())
def test_which_bursts_are_incidents(parts, scopes) -> None:
    assert [each.scope for each in found_in(parts)] == scopes


ENDS = {
    "an hour's burst is over within three hours": ([usual(), more(40, 1)], 1.0, 4.0),
    "a burst of ten hours goes on for them": ([usual(), more(80, 10)], 9.0, 14.0),
}


@pytest.mark.parametrize(("parts", "earliest", "latest"), ENDS.values(), ids=ENDS.keys())
def test_when_an_incident_is_over(parts, earliest, latest) -> None:
    (found,) = found_in(parts)
    assert found.ended_at is not None
    after = (found.ended_at - (START + pd.Timedelta(hours=MONDAY_NOON))).total_seconds() / 3600
    assert earliest <= after <= latest


def test_a_doubled_stream_becomes_the_new_usual_within_three_weeks() -> None:
    found = found_in([usual(60), usual(120, 28, 56, "doubled")])
    assert all(each.started_at < START + pd.Timedelta(days=49) for each in found)
    assert found[-1].ended_at is not None
