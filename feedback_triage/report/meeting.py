"""Monday's meeting about an incident, without blame: what happened, what was done, what success looks like.

Everything here is read off the data: no advice is made up, and no person is named.
"""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from feedback_triage.report.cards import FeedRow
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import ItemFilter
from feedback_triage.report.fix_receipts import ReceiptRow
from feedback_triage.report.incident_parts import IncidentRow, Meeting
from feedback_triage.report.parts import Phrase
from feedback_triage.report.success import checks_of
from feedback_triage.report.words import decimal, duration, number, plural

MOST_RELEASES = 6
"""Releases told in what happened."""

ENDED_WITHIN = timedelta(hours=24)
"""A fix ended an incident only if the last report came at most this long after it, and reports fell."""

FELL_TO = 0.5
"""Reports an hour after the fix, at most this part of those before it."""


def build_meeting(
    facts: Facts, row: IncidentRow, receipts: tuple[ReceiptRow, ...], feeds: tuple[FeedRow, ...]
) -> Meeting:
    """Build what a meeting about the incident needs."""
    written = [at.to_pydatetime() for at in facts.found(ItemFilter(incident=row.incident_id))["written_at"]]
    inside = _releases_inside(facts, row)
    ender = _ender(row, inside, written)
    return Meeting(
        happened=_happened(facts, row, inside),
        done=_done(facts, row, ender, written),
        checks=checks_of(facts, row, None if ender is None else str(ender.release_id), receipts, feeds),
    )


def _releases_inside(facts: Facts, row: IncidentRow) -> list[Any]:
    """Give the releases of its platform between its first item and its end, and its first suspect, oldest first."""
    first = row.first_suspect.release_id if row.first_suspect else None
    end = row.ended_at or facts.source.as_of
    found = []
    for release in records(facts.releases):
        at = _instant(release.released_at)
        is_own = row.platform.lower() in {"", str(release.platform).lower()} or not release.platform
        if str(release.release_id) == first or (is_own and row.started_at < at <= end):
            found.append(release)
    return found


def _happened(facts: Facts, row: IncidentRow, inside: list[Any]) -> tuple[tuple[datetime, Phrase], ...]:
    n = row.n_until_raised
    told: list[tuple[datetime, int, Phrase]] = [
        (row.started_at, 1, ("The first report was written.",)),
        (row.raised_at, 2, (f"It could be known: {number(n)} {plural(n, 'report')} had come.",)),
        (row.last_at, 3, ("The last report so far was written." if row.is_open else "The last report was written.",)),
    ]
    if row.ended_at is not None:
        told.append((row.ended_at, 4, ("Reports were back to what is usual.",)))
    first = row.first_suspect
    for release in inside[:MOST_RELEASES]:
        release_id = str(release.release_id)
        ref = facts.release(release_id) or release_id
        is_suspect = first is not None and first.release_id == release_id
        odds = f", the first suspect ({first.share})" if is_suspect and first else ""
        sort = f" ({_sort(release)})" if _sort(release) else ""
        told.append((_instant(release.released_at), 0, (ref, f" was released{sort}{odds}.")))
        if pd.notna(release.rolled_back_at) and _instant(release.rolled_back_at) <= facts.source.as_of:
            told.append((_instant(release.rolled_back_at), 0, (ref, " was taken back.")))
    if len(inside) > MOST_RELEASES:
        n_more = len(inside) - MOST_RELEASES
        at = _instant(inside[MOST_RELEASES].released_at)
        told.append((at, 0, (f"{n_more} more {plural(n_more, 'release')} followed while it went on.",)))
    return tuple((at, phrase) for at, _, phrase in sorted(told, key=lambda one: (one[0], one[1], str(one[2]))))


def _sort(release: Any) -> str:
    return "hotfix" if release.is_hotfix else str(release.kind)


def _ender(row: IncidentRow, inside: list[Any], written: list[datetime]) -> Any | None:
    """Give the fix or hotfix after which reports fell most and soon ended; None without one."""
    best, least = None, FELL_TO
    for release in inside:
        at = _instant(release.released_at)
        is_fix = release.is_hotfix or str(release.kind) in {"fix", "mixed"}
        if not is_fix or not row.started_at < at < row.last_at or row.last_at - at > ENDED_WITHIN:
            continue
        before, after = _rates(row, written, at)
        if after <= least * before:
            best, least = release, after / before
    return best


def _rates(row: IncidentRow, written: list[datetime], at: datetime) -> tuple[float, float]:
    """Give reports an hour from the first one until an instant, and from there to the last one."""
    n_before = sum(one < at for one in written)
    hours = [max((end - start) / timedelta(hours=1), 0.25) for start, end in ((row.started_at, at), (at, row.last_at))]
    return n_before / hours[0], (len(written) - n_before) / hours[1]


def _done(facts: Facts, row: IncidentRow, ender: Any | None, written: list[datetime]) -> tuple[Phrase, ...]:
    told: list[Phrase] = []
    if ender is not None:
        at = _instant(ender.released_at)
        before, after = _rates(row, written, at)
        ref = facts.release(str(ender.release_id)) or str(ender.release_id)
        what = ", ".join(part for part in (_sort(ender), facts.clock.moment(at)) if part)
        told.append(
            (
                ref,
                f" ({what}) came {_after(at - row.started_at)} after the first report. ",
                f"Reports fell from {decimal(before)} to {decimal(after)} an hour, ",
                f"and the last came {_after(row.last_at - at)} later.",
            )
        )
    for release in _taken_back(facts, row):
        ref = facts.release(str(release.release_id)) or str(release.release_id)
        told.append((ref, f" was taken back on {facts.clock.moment(_instant(release.rolled_back_at))}."))
    if not told and row.is_open:
        told.append(("It goes on, and no fix has been followed by fewer reports so far.",))
    elif not told:
        told.append(("No fix or hotfix was followed by clearly fewer reports: nothing here tells what ended it.",))
    return tuple(told)


def _taken_back(facts: Facts, row: IncidentRow) -> list[Any]:
    end = row.ended_at or facts.source.as_of
    suspected = {suspect.release_id for suspect in row.suspects}
    return [
        release
        for release in records(facts.releases)
        if str(release.release_id) in suspected
        and pd.notna(release.rolled_back_at)
        and row.started_at <= _instant(release.rolled_back_at) <= end
    ]


def _after(length: timedelta) -> str:
    return duration(length / timedelta(hours=1))


def _instant(value: Any) -> datetime:
    return pd.Timestamp(value).to_pydatetime()
