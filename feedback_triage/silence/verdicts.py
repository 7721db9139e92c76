"""What a window says, and whether that is good news: status, verdict and the sentence for a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from feedback_triage.domain import ReleaseKind, Verdict, WindowStatus
from feedback_triage.silence.case import Case, Finding, came_where, counted, feed_silent, still_open
from feedback_triage.silence.forecast import Forecast

QUIET = 0.025
"""A count is too small when so few or fewer have at most this probability: the lower tail of a 95 % interval."""

_MANY = 20
"""An interval from 0 to more than this is wide because little is known, and not because few are expected."""

_QUIET_UNKNOWN = (
    Verdict.CANNOT_TELL,
    "quiet, but what the release set out to do does not say if that is good",
)
_QUIET_MEANS: dict[ReleaseKind | None, tuple[Verdict, str]] = {
    ReleaseKind.FIX: (Verdict.GOOD, "quiet after a fix is good news"),
    ReleaseKind.MAINTENANCE: (Verdict.GOOD, "quiet after maintenance is good news"),
    ReleaseKind.FEATURE: (Verdict.BAD, "quiet after a feature is bad news, few seem to have noticed it"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a window beside its prediction and its count.

    Attributes:
        now: hours since 1970.
        stale: the source that was silent too long to be alive, None where all were alive.
        is_unproven: one dead spell of a feed would explain that so little came.
        unproven: the source of which that is true; None stands for all of them together.
        others: of a channel: whether the other channels spoke as usual.
        n_side_by_side: of a channel: how many windows of channels are judged after the release.
        of_users: what to say of the users, "" where nobody told of them.
        rival: version of a release of which the same quiet would mean the opposite, "" for none; see `rival_of`.
    """

    now: float
    stale: str | None = None
    is_unproven: bool = False
    unproven: str | None = None
    others: bool = True
    n_side_by_side: int = 1
    of_users: str = ""
    rival: str = ""


def no_history(case: Case, observed: int, now: float) -> Finding:
    """Judge a window of which nothing can be expected."""
    status = WindowStatus.OPEN if now < case.end else WindowStatus.HEARD
    reason = f"too little feedback before the release to expect anything; {counted(observed, 'item')} came"
    return Finding(0.0, 0, observed, status, Verdict.CANNOT_TELL, reason)


def judge_all(case: Case, prediction: Forecast, observed: int, evidence: Evidence) -> Finding:
    """Judge a window over all items."""
    lower, upper = prediction.interval()
    came = came_where(observed, lower, upper) + evidence.of_users
    verdict = Verdict.CANNOT_TELL
    if (told := _without_verdict(case, observed, (lower, upper), came, evidence)) is not None:
        status, reason = told
    elif evidence.is_unproven:
        status = WindowStatus.QUIET
        reason = f"{came}: quiet, but {not_proven(evidence.unproven)}"
    elif evidence.rival:
        status = WindowStatus.QUIET
        reason = f"{came}: quiet, but {evidence.rival} came in the same days, for which it would mean the opposite"
    else:
        status = WindowStatus.QUIET
        verdict, meaning = _QUIET_MEANS.get(case.kind, _QUIET_UNKNOWN)
        reason = f"{came}: {meaning}"
    return Finding(prediction.usual, lower, upper, status, verdict, reason)


def rival_of(case: Case, cases: Iterable[Case], now: float) -> str:
    """Find a release of which the quiet of a window would mean the opposite of what it means of its own.

    One of the same customers that was out by `now` and whose window shares half of this one or more: a week without
    much feedback cannot be bad news of a feature and good news of the maintenance of the day after.

    Returns:
        The version of the nearest one, "" for none.
    """
    own, _ = _QUIET_MEANS.get(case.kind, _QUIET_UNKNOWN)
    opposite = {Verdict.GOOD: Verdict.BAD, Verdict.BAD: Verdict.GOOD}.get(own)
    found = [
        (abs(other.start - case.start), other.release_id, other.version)
        for other in cases
        if other.start <= now
        and 2 * abs(other.start - case.start) <= case.end - case.start
        and _QUIET_MEANS.get(other.kind, _QUIET_UNKNOWN)[0] is opposite
        and all(not a or not b or a == b for a, b in ((case.product, other.product), (case.platform, other.platform)))
    ]
    return min(found)[2] if found else ""


def judge_channel(source: str, case: Case, prediction: Forecast, observed: int, evidence: Evidence) -> Finding:
    """Judge a window over the items of one channel: silent while the others speak is bad news.

    Of several channels and lengths one is quiet by chance more often than one alone would be, so the verdict asks for
    a probability that many times smaller (Bonferroni).
    """
    lower, upper = prediction.interval()
    came = came_where(observed, lower, upper) + evidence.of_users
    verdict = Verdict.CANNOT_TELL
    if (told := _without_verdict(case, observed, (lower, upper), came, evidence)) is not None:
        status, reason = told
    elif evidence.is_unproven:
        status = WindowStatus.FEED_STALE
        reason = f"{came}: {not_proven(source)}"
    elif not evidence.others:
        status, reason = WindowStatus.QUIET, f"{came}: quiet like the other channels"
    elif prediction.probability_at_most(observed) > QUIET / evidence.n_side_by_side:
        status = WindowStatus.QUIET
        reason = f"{came}: quiet, but one of {evidence.n_side_by_side} windows of channels is so now and then by chance"
    else:
        status, verdict = WindowStatus.QUIET, Verdict.BAD
        reason = f"{came}: it fell silent while the others spoke, the release may have broken this channel"
    return Finding(prediction.usual, lower, upper, status, verdict, reason)


def _without_verdict(
    case: Case, observed: int, interval: tuple[int, int], came: str, evidence: Evidence
) -> tuple[WindowStatus, str] | None:
    """Tell what a window is that is open, says nothing or was heard; None for a quiet one."""
    if evidence.now < case.end:
        return WindowStatus.OPEN, still_open(case.end, came)
    if evidence.stale is not None:
        return WindowStatus.FEED_STALE, feed_silent(evidence.stale, came)
    if observed >= interval[0]:
        return WindowStatus.HEARD, f"{came}: {_heard(observed, *interval)}"
    return None


def not_proven(source: str | None) -> str:
    """Say that one dead spell of this source, None for all together, would explain the silence."""
    name = f'the feed of "{source}"' if source else "the feed"
    return f"{name} is not proven alive, since one dead spell of it would explain that"


def too_little_known(upper: int) -> str:
    """Say why no quiet can be told where the interval begins at 0."""
    what = "too few are expected" if upper < _MANY else "what to expect is too uncertain"
    return f"{what} to tell quiet from chance"


def _heard(observed: int, lower: int, upper: int) -> str:
    if observed > upper:
        return "a spike"
    if lower == 0:
        return too_little_known(upper)
    return "as usual"
