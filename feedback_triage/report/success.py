"""What success after an incident looks like: lines that next week's data can check."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from feedback_triage.report.cards import FeedRow
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import Count, ItemFilter
from feedback_triage.report.fix_receipts import ReceiptRow
from feedback_triage.report.incident_parts import Check, IncidentRow
from feedback_triage.report.parts import Ref
from feedback_triage.report.usual import usual_range
from feedback_triage.report.words import between, duration, listed, number, plural

QUIET_FOR = timedelta(days=7)
"""How long nothing may come back."""

COMPARED = timedelta(weeks=8)
"""Before an incident: a phrase that was said in this time is no sign that it is back."""

WIDE = 2.0
"""An upper end above so many times what is expected allows for another burst."""

_STATES = {"held": "met", "failed": "missed", "moved": "missed"}
_SAID = {"moved": "its reports moved to other words", "not_enough_traffic": "not enough traffic yet"}


def checks_of(
    facts: Facts,
    row: IncidentRow,
    ender: str | None,
    receipts: tuple[ReceiptRow, ...],
    feeds: tuple[FeedRow, ...],
) -> tuple[Check, ...]:
    """Build the lines.

    Args:
        facts: the report's.
        row: the incident.
        ender: the release after which it ended, None where none is known.
        receipts: of all fixes; those of `ender` are told.
        feeds: a silent one could hide reports.
    """
    found = [_over(facts, row)] if row.is_open else [*_words_stay_away(facts, row), *_back_to_usual(facts, row)]
    found += [_receipt(receipt) for receipt in receipts if receipt.release_id == ender]
    found += _window(facts, ender, feeds)
    found += [
        Check(
            (Ref(feed.source, "feeds"), " is heard again, so that its silence hides no reports"),
            "open",
            f"silent since {facts.clock.moment(feed.last_at)}",
        )
        for feed in feeds
        if feed.status == "stale" and feed.last_at is not None
    ]
    return tuple(found)


def _over(facts: Facts, row: IncidentRow) -> Check:
    since = duration((facts.source.as_of - row.last_at) / timedelta(hours=1))
    return Check(("It is over: reports are back to what is usual",), "open", f"last report {since} ago")


def _words_stay_away(facts: Facts, row: IncidentRow) -> list[Check]:
    """Tell of up to two phrases that the weeks before it did not know and its items share."""
    before = facts.items.iloc[facts.between(row.started_at - COMPARED, row.started_at)]
    phrases = [phrase for phrase in row.keyphrases if not _saying(before, phrase).any()][:2]
    if not phrases or row.ended_at is None:
        return []
    end = row.ended_at + QUIET_FOR
    after = facts.items.iloc[facts.between(row.ended_at, min(end, facts.source.as_of))]
    again = _saying(after, phrases[0])
    for phrase in phrases[1:]:
        again = again | _saying(after, phrase)
    quoted = " or ".join(f"“{phrase}”" for phrase in phrases)
    words = f"No item says {quoted} in the 7 days after it, until {facts.clock.moment(end)}"
    return [_counted(facts, (words,), int(again.sum()), row.ended_at, end)]


def _saying(items: pd.DataFrame, phrase: str) -> "pd.Series[bool]":
    words = " ".join(phrase.lower().split())
    return items["verbatim"].str.lower().str.split().str.join(" ").str.contains(words, regex=False)


def _counted(facts: Facts, phrase: tuple[str | Count | Ref, ...], n: int, start: datetime, end: datetime) -> Check:
    is_past = end <= facts.source.as_of
    state = "missed" if n else "met" if is_past else "open"
    so_far = "none" if not n else f"{number(n)} came"
    if not is_past:
        so_far += f" in the first {duration(max(0.0, (facts.source.as_of - start) / timedelta(hours=1)))}"
    return Check(phrase, state, so_far)


def _back_to_usual(facts: Facts, row: IncidentRow) -> list[Check]:
    """Tell the usual number a week of the theme or label by which the incident is told."""
    sort, _, name = row.scope.partition(":")
    if sort not in {"label", "theme"} or row.ended_at is None:
        return []
    where = ItemFilter().narrowed(**{sort: name})
    weeks = facts.by_period(facts.found(where)["written_us"].to_numpy())
    usual = usual_range(list(reversed(weeks[:-1])))
    if usual is None or row.started_at < facts.period.start:
        return []
    end = row.ended_at + facts.period.length
    came = facts.count(where.narrowed(start_at=row.ended_at, end_at=end))
    ref = facts.themes.get(name) if sort == "theme" else None
    subject: Ref | str = Ref(f"“{ref.text}”", ref.anchor) if ref else facts.titles.get(name, name)
    days = decimal_days(facts.period.length)
    is_past = end <= facts.source.as_of
    state = "missed" if came.n > usual.upper else "met" if is_past else "open"
    phrase = (
        subject,
        f" brings at most {number(usual.upper)} {plural(usual.upper, 'item')} in the {days} after it, as is usual",
    )
    rest = "" if is_past else f" in the first {duration((facts.source.as_of - row.ended_at) / timedelta(hours=1))}"
    return [Check(phrase, state, f"{number(came.n)} came{rest}")]


def decimal_days(length: timedelta) -> str:
    """Write, for example, "7 days"."""
    return f"{length / timedelta(days=1):g} days"


def _receipt(receipt: ReceiptRow) -> Check:
    name = f"“{receipt.theme_name}”"
    theme = Ref(name, receipt.theme.anchor) if isinstance(receipt.theme, Ref) else name
    phrase = ("The fix of ", theme, " in ", receipt.release, " holds")
    state = _STATES.get(receipt.status, "open")
    n = receipt.after.observed.n
    since = f"{number(n)} {plural(n, 'report')} in {duration(receipt.hours_after)} since"
    return Check(phrase, state, "; ".join(part for part in (_SAID.get(receipt.status, since), receipt.needs) if part))


def _window(facts: Facts, ender: str | None, feeds: tuple[FeedRow, ...]) -> list[Check]:
    """Tell the longest window of the release that ended it, while that is open."""
    windows = facts.source.windows
    own = windows[(windows["release_id"] == ender) & (windows["subject"] == "all") & (windows["status"] == "open")]
    if ender is None or own.empty:
        return []
    last: Any = next(records(own.sort_values("end_at").tail(1)))
    start, end = (pd.Timestamp(value).to_pydatetime() for value in (last.start_at, last.end_at))
    ref = facts.release(ender)
    # Where too little came before, nothing was expected, and nothing can be checked.
    if ref is None or last.expected_count == 0:
        return []
    amount = f"{between(int(last.lower), int(last.upper))} items"
    if last.upper > WIDE * last.expected_count:
        # Right after a burst another one is likely enough to be foretold, and is no success.
        amount = f"about {number(round(last.expected_count))} items and at least {number(int(last.lower))}"
    where = _counted_there(facts, ender, [feed.source for feed in feeds if feed.status == "stale"])
    phrase = (f"The {decimal_days(end - start)} after ", ref, f" bring {amount}{where}, as usual")
    n = int(last.observed_count)
    state = "missed" if n > int(last.upper) else "open"
    since = duration((facts.source.as_of - start) / timedelta(hours=1))
    return [Check(phrase, state, f"{number(n)} came in the first {since}")]


def _counted_there(facts: Facts, release_id: str, silent: list[str]) -> str:
    """Say which items a window counts, where that is not all: those of its platform, and no channel that is silent."""
    platform = str(facts.releases.set_index("release_id")["platform"][release_id])
    others = set(facts.items["platform_key"]) - {"", platform.lower()}
    there = f" on {platform} or without a platform" if platform and others else ""
    return f"{there} (none of them from {listed(silent)}, now silent)" if silent else there
