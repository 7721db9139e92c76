"""A report input with an outage as an incident, its suspects, windows of three lengths, fix receipts and push hours."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from feedback_triage.report import ReportInput
from tests.support.report_input import RELEASES, at, make_report_input, release_id

OUTAGE = "all 2026-10-16T15:44"
OUTAGE_START, OUTAGE_END = at(81.656), at(81.95)


def with_ledger(source: ReportInput | None = None, *, is_open: bool = False) -> ReportInput:
    """The example with everything that came after releases; the incident goes on where `is_open`."""
    known = make_report_input() if source is None else source
    return replace(
        known,
        releases=_releases(known.releases),
        windows=windows(),
        incidents=incidents([incident(known.items, is_open=is_open)]),
        suspects=suspects(OUTAGE),
        receipts=receipts(known.items),
        push_hours=push_hours(),
        push_hours_sentence="no evidence that the hour of a push matters: 20 releases, 1 incident",
    )


def incidents(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a frame, its instants typed."""
    frame = pd.DataFrame(rows)
    for column in ("started_at", "raised_at", "last_at", "ended_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame


def incident(
    items: pd.DataFrame, *, incident_id: str = OUTAGE, is_open: bool = False, **changes: Any
) -> dict[str, Any]:
    """The outage as a row of the frame `incidents`."""
    own = items[items["theme_id"] == "t-outage"].sort_values(["written_at", "item_id"])
    row = {
        "incident_id": incident_id,
        "scope": "all",
        "also_in": ("theme:t-outage",),
        "product": "",
        "platform": "",
        "started_at": own["written_at"].iloc[0],
        "raised_at": own["written_at"].iloc[7],
        "last_at": own["written_at"].iloc[-1],
        "ended_at": pd.NaT if is_open else own["written_at"].iloc[-1] + pd.Timedelta(hours=3),
        "observed_count": len(own),
        "expected_count": 1.8,
        "upper": 6,
        "n_items_until_raised": 8,
        "item_ids": tuple(own["item_id"]),
        "reason": "70 items in 7 hours where 0 to 6 are usual",
        "keyphrases": ("blank page", "502", "nothing loads"),
    }
    return row | changes


def suspects(incident_id: str) -> pd.DataFrame:
    """Of the outage, and of two themes."""
    rows: list[tuple[str, str, str | None, float, str]] = [
        ("incident", incident_id, release_id("5.21.1"), 0.93, "the first of 70 reports came 4 minutes after it"),
        ("incident", incident_id, None, 0.04, "the reports began 4 minutes after the newest release, 5.21.1"),
        ("incident", incident_id, release_id("5.21.0"), 0.03, "the first of 70 reports came 2 days after it"),
        ("theme", "t-lineup", release_id("5.12.0"), 0.71, "the first of 66 reports came an hour after it"),
        ("theme", "t-lineup", None, 0.29, "the reports began an hour after the newest release"),
        ("theme", "t-speed", None, 0.9, "reports came at much the same rate before and after each release"),
    ]
    columns = ["subject_kind", "subject_id", "release_id", "probability", "reason"]
    return pd.DataFrame(rows, columns=columns).astype({"release_id": object})


def receipts(items: pd.DataFrame) -> pd.DataFrame:
    """One of each status."""
    nan = float("nan")
    captions = items[(items["theme_id"] == "t-captions") & items["platform"].isin(["", "web"])]
    n_before = int(captions["written_at"].between(at(49.43) - timedelta(days=28), at(49.43), inclusive="left").sum())
    rows = [
        ("t-captions", "5.13.1", "", "held", n_before, 672.0, 0, 840.0, 21.3, 12, 34, nan, nan, ""),
        ("t-aurora", "5.10.1", "support", "moved", 30, 312.0, 1, 1128.0, 40.0, 28, 55, nan, nan, "t-lineup"),
        ("t-lineup", "5.17.1", "", "failed", 40, 540.0, 26, 420.0, 28.4, 18, 41, nan, nan, ""),
        ("t-outage", "5.21.2", "", "not_enough_traffic", 60, 3.2, 10, 59.0, 12.0, 4, 22, 6.2, 40.0, ""),
    ]
    names = (
        *("theme_id", "version", "settled_by", "status", "n_before", "hours_before", "n_after", "hours_after"),
        *("expected_count", "lower", "upper", "needs_days", "needs_users", "moved_to_theme_id"),
    )
    frame = pd.DataFrame(rows, columns=list(names))
    frame["release_id"] = [release_id(version) for version in frame.pop("version")]
    frame["reason"] = [f"reason of {theme}" for theme in frame["theme_id"]]
    return frame


def window(
    version: str, subject: str, hours: float, counts: tuple[float, int, int, int], words: tuple[str, str, str]
) -> dict[str, Any]:
    """A row of the frame `windows`, from the instant of the release on."""
    expected, lower, upper, observed = counts
    status, verdict, reason = words
    start = _released_at(version)
    return {
        "release_id": release_id(version),
        "subject": subject,
        "start_at": pd.Timestamp(start),
        "end_at": pd.Timestamp(start + timedelta(hours=hours)),
        "expected_count": expected,
        "lower": lower,
        "upper": upper,
        "observed_count": observed,
        "status": status,
        "verdict": verdict,
        "reason": reason,
        "is_spike": observed > upper,
        "could_hide_ratio": float("nan"),
    }


def windows() -> pd.DataFrame:
    """Windows of 24 h, 72 h and 7 days, in which every sort of line is found."""
    heard = ("heard", "cannot_tell", "15 items came where 8 to 26 were expected: as usual")
    still_open = ("open", "cannot_tell", "still open until Sun 25 Oct; 9 came so far")
    stale = ("feed_stale", "cannot_tell", "chat was silent in this window")
    unnoticed = ("quiet", "bad", "nobody mentioned it in 7 days; earlier features make one expect 5 to 22")
    held = ("quiet", "good", "the fix holds so far: 0 reports in 7 days where 4 to 15 were expected")
    goes_on = ("heard", "cannot_tell", "reports go on: 12 in 7 days where 6 to 32 were expected")
    no_chat = ("quiet", "bad", "chat said nothing in 72 hours where 4 to 15 were expected, while the others spoke")
    about = (11.0, 5, 22, 0)
    rows = [
        window(version, "all", hours, (16.0, 8, 26, 15), heard)
        for version in ("5.5.0", "5.6.0")
        for hours in (24, 72, 168)
    ]
    rows += [
        window("5.14.0", "notes", 24, (1.0, 0, 4, 0), ("heard", "cannot_tell", "too few are expected to tell")),
        window("5.14.0", "notes", 72, (5.0, 1, 11, 0), ("quiet", "bad", "nobody mentioned it in 3 days")),
        window("5.14.0", "notes", 168, about, unnoticed) | {"could_hide_ratio": 0.034},
        window("5.13.1", "notes", 168, (9.0, 4, 15, 0), held),
        window("5.17.1", "notes", 168, (12.0, 6, 32, 12), goes_on),
        window("5.15.0", "source:chat", 72, (9.0, 4, 15, 0), no_chat),
        window("5.15.0", "source:survey", 72, (9.0, 4, 15, 8), heard),
        window("5.19.0", "all", 24, (18.0, 9, 29, 12), ("heard", "cannot_tell", "12 items came")),
        window("5.19.0", "all", 72, (18.0, 9, 29, 8), stale),
        window("5.19.0", "all", 168, (18.0, 9, 29, 8), stale),
        window("5.21.2", "all", 24, (20.0, 11, 31, 22), heard),
        window("5.21.2", "all", 168, (120.0, 90, 160, 40), still_open),
    ]
    return pd.DataFrame(rows)


def push_hours() -> pd.DataFrame:
    """No evidence for anything."""
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    parts = ("night", "morning", "afternoon", "evening")
    rows = [("weekday", name, n, 0.9 * (name == "Fri"), 0.05, 0.01, 0.14) for n, name in enumerate(names)]
    rows += [("part_of_day", name, 5, 0.9 * (name == "afternoon"), 0.05, 0.01, 0.13) for name in parts]
    columns = ["group", "bucket", "n_releases", "n_with_incident", "ratio", "lower", "upper"]
    return pd.DataFrame(rows, columns=columns).assign(verdict="no_evidence")


def _releases(releases: pd.DataFrame) -> pd.DataFrame:
    """The hotfix is one, the outage's release was taken back, and an app was rolled out in steps."""
    staged = release_id("3.36")
    start = _released_at("3.36")
    steps = ((start, 0.1), (start + timedelta(days=2), 0.5), (start + timedelta(days=4), 1.0))
    return releases.assign(
        rollout=pd.Series([steps if key == staged else () for key in releases["release_id"]], dtype=object),
        rolled_back_at=pd.to_datetime(
            [at(81.78) if key == release_id("5.21.1") else None for key in releases["release_id"]], utc=True
        ),
        is_hotfix=releases["release_id"] == release_id("5.21.2"),
    )


def _released_at(version: str) -> datetime:
    return at(next(row[2] for row in RELEASES if row[0] == version))
