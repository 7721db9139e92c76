"""The status of a fix, and the sentence that says why."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from feedback_triage.domain import FixReceipt, FixStatus
from feedback_triage.receipts.case import Case, Watch
from feedback_triage.receipts.outlook import FAR_FEWER, Outlook
from feedback_triage.receipts.reports import MIN_REPORTS, Reports
from feedback_triage.silence.case import counted
from feedback_triage.silence.stream import to_datetime

SURE = 0.95
NONE_WOULD_SURPRISE = 0.05
"""A fix can fail only where so many were expected that none at all had at most this probability."""

_LONGEST_NEED_HOURS = 180 * 24.0
_HALF = 0.75
_FEW_HAVE_IT = 0.2


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came before and after a fix.

    Attributes:
        theme_id, release_id, settled_by: as in `FixReceipt`.
        n_before: reports in its history.
        n_after: reports since they count, from customers who may have the fix.
        n_soaked: reports after the fix before they count.
        stale: sources that may be dead.
        is_mostly_stale: half of what could have come is lost by that.
    """

    theme_id: str
    release_id: str
    settled_by: str
    n_before: int
    n_after: int
    n_soaked: int
    stale: tuple[str, ...]
    is_mostly_stale: bool


def judge(case: Case, evidence: Evidence, moved_to: Callable[[], tuple[str, int, float]]) -> FixReceipt:
    """Say what became of a fix.

    Args:
        case: the fix, with what it is held against.
        evidence: what came.
        moved_to: finds the theme that rose instead, how many of it came and how many were expected ("" for none).
    """
    watch, n = case.watch, evidence.n_after
    until = max(watch.until, watch.starts)
    outlook = case.outlook(until)
    mean = outlook.unchanged.mean
    lower, upper = outlook.unchanged.interval() if until > watch.starts else (0, 0)
    came = f"{_reports(n)} in {_span(until - watch.starts)} where {lower} to {upper} would have come without it"
    days: float | None = None
    moved = ""
    if until <= watch.starts or evidence.is_mostly_stale:
        status = FixStatus.NOT_ENOUGH_TRAFFIC
        days = None if evidence.is_mostly_stale else _needed(case, n, until)
        reason = _feeds(evidence) if evidence.is_mostly_stale else _not_begun(watch, evidence)
    else:
        below = outlook.probability_below(n)
        if below > SURE:
            status = FixStatus.HELD
            reason = f"{came}{_soaked(evidence, watch)}"
            moved, n_there, expected_there = moved_to()
            if moved:
                status = FixStatus.MOVED
                there = f"{_reports(n_there)} came in other words where {expected_there:.0f} were expected"
                reason = f"{came}, but in the first week {there}"
        elif below < 1 - SURE and outlook.unchanged.probability_at_most(0) <= NONE_WOULD_SURPRISE:
            status = FixStatus.FAILED
            reason = f"{_go_on(outlook, n)}: {came}"
        else:
            status = FixStatus.NOT_ENOUGH_TRAFFIC
            days = _needed(case, n, until) if until < watch.ends else None
            reason = f"{came}: {_why_open(watch, until, days, float(case.share[-1]))}"
        if evidence.stale:
            reason += f"; {_names(evidence.stale)} counts only until it fell silent"
    users = case.activity.users_in(days * 24) if days is not None and case.activity is not None else None
    if days is not None:
        reason += _needs(days, users)
    return FixReceipt(
        theme_id=evidence.theme_id,
        release_id=evidence.release_id,
        settled_by=evidence.settled_by,
        status=status,
        n_before=evidence.n_before,
        hours_before=round(case.history.length, 3),
        n_after=n,
        hours_after=round(max(0.0, until - watch.starts), 3),
        expected_count=round(mean, 3) if until > watch.starts else 0.0,
        lower=lower,
        upper=upper,
        needs_days=days,
        needs_users=users,
        moved_to_theme_id=moved,
        reason=reason,
    )


def too_few_before(
    theme_id: str,
    release_id: str,
    settled_by: str,
    watch: Watch,
    reports: Reports,
    since: float,
    stale: list[str],
) -> FixReceipt:
    """Say that next to nothing came before the fix, so that nothing can be expected after it.

    Args:
        theme_id: of the theme.
        release_id: of the release that is to fix it.
        settled_by: who says so, "" for the notes.
        watch: when it is watched.
        reports: of the theme.
        since: hour from which on reports before the fix count.
        stale: sources that gave most of them and fell silent.
    """
    since = min(since, watch.fixed_at)
    n_before = len(reports.between(since, watch.fixed_at).hours)
    until = max(watch.until, watch.starts)
    after = reports.between(watch.starts, until)
    if stale:
        reason = f"most reports came from {_names(stale)}, silent for longer than a live source would be"
    else:
        looked_at = f" in the {_span(watch.fixed_at - since)} that count" if n_before else ""
        few = f"fewer than {MIN_REPORTS} make nothing to be expected"
        reason = f"{_reports(n_before)} came before the fix{looked_at}; {few}"
    return FixReceipt(
        theme_id=theme_id,
        release_id=release_id,
        settled_by=settled_by,
        status=FixStatus.NOT_ENOUGH_TRAFFIC,
        n_before=n_before,
        hours_before=round(watch.fixed_at - since, 3),
        n_after=len(after.hours),
        hours_after=round(until - watch.starts, 3),
        expected_count=0.0,
        lower=0,
        upper=0,
        needs_days=None,
        needs_users=None,
        moved_to_theme_id="",
        reason=reason,
    )


def _needed(case: Case, n: int, until: float) -> float | None:
    """Give the days after which the fix could be said to hold if no more report came, None where never."""
    latest = min(case.watch.ends, until + _LONGEST_NEED_HOURS)
    if latest <= until:
        return None

    def is_told(hours: float) -> bool:
        return case.outlook(until + hours).probability_below(n) > SURE

    low, high = 0.0, latest - until
    if not is_told(high):
        steps = np.geomspace(1.0, max(high, 1.0), 16)
        high = next((float(step) for step in steps if is_told(float(step))), inf)
    if high == inf:
        return None
    while high - low > max(0.25, 0.02 * high):
        middle = (low + high) / 2
        low, high = (low, middle) if is_told(middle) else (middle, high)
    return ceil(high / 24 * 10) / 10


def _go_on(outlook: Outlook, n: int) -> str:
    if n > outlook.unchanged.interval()[1]:
        return "reports grew"
    ratio = outlook.likeliest_ratio(n)
    return "reports go on" if ratio > _HALF else f"fewer reports, about {ratio:.0%} of before, but they go on"


def _why_open(watch: Watch, until: float, days: float | None, share: float = 1.0) -> str:
    if until >= watch.ends:
        ends = {"rolled back": "the fix was rolled back", "next fix": "the next fix came"}
        return f"{ends.get(watch.ended_by, 'it is watched no longer')} before it could be told"
    if share < _FEW_HAVE_IT:
        return f"hardly anybody has the release yet, {share:.0%} of customers"
    if days is None:
        return "reports before it were too few or too uneven to tell a fix from chance"
    return f"too few to tell a fall to {FAR_FEWER:.0%} or less from chance"


def _not_begun(watch: Watch, evidence: Evidence) -> str:
    if watch.ends <= watch.starts:
        return f"{_why_open(watch, watch.ends, None)}"
    so_far = f" ({_reports(evidence.n_soaked)} so far)" if evidence.n_soaked else ""
    begins = to_datetime(watch.starts)
    return f"reports count from {begins:%Y-%m-%d %H:%M} UTC on, when what was open before the fix is gone{so_far}"


def _soaked(evidence: Evidence, watch: Watch) -> str:
    if not evidence.n_soaked:
        return ""
    return f"; {counted(evidence.n_soaked, 'more report')} came within {_span(watch.starts - watch.fixed_at)} of it"


def _feeds(evidence: Evidence) -> str:
    return (
        f"{_names(evidence.stale)} was silent for longer than a live source would be, and gave half of the reports or"
        " more: nothing can be told"
    )


def _names(sources: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f'the source "{source}"' if source else "the feed" for source in sources)


def _needs(days: float, users: int | None) -> str:
    told = f"{days * 24:.0f} more hours" if days < 2 else f"{days:.0f} more days"
    more = f" (about {users:,} more active users)" if users is not None else ""
    return f"; needs about {told}{more} without a report"


def _reports(n: int) -> str:
    return counted(n, "report") if n else "no report"


def _span(hours: float) -> str:
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
