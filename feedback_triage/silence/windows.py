"""The window after each release: how many items were expected, how many came, and if silence is good news."""

from collections import defaultdict
from datetime import datetime

import pandas as pd

from feedback_triage.domain import ReleaseKind, SilenceWindow, Verdict, WindowStatus
from feedback_triage.silence.case import Case, Finding, came_where, cases_of, counted, feed_silent, still_open
from feedback_triage.silence.feeds import Streams
from feedback_triage.silence.forecast import Forecast
from feedback_triage.silence.response import ReleaseResponse
from feedback_triage.silence.stream import Feedback, count_between, expect, has_history

SUBJECT_ALL = "all"


def volume_windows(
    items: pd.DataFrame,
    releases: pd.DataFrame,
    *,
    window_hours: float = 72.0,
    as_of: datetime | None = None,
) -> list[SilenceWindow]:
    """Compare the items in the window after each release with what the time before it makes one expect.

    All items of the release's product and platform count (one that does not say counts for all). The
    expectation uses only items written strictly before the release: their recent level, the week's profile,
    and how this stream answered its earlier releases.

    `quiet` is fewer items than the interval allows. Where the interval begins at 0 quiet cannot be claimed,
    and the window is `heard` with a reason that says so. A window in which a main source (a fifth of the
    items or more) was silent too long to be alive is `feed_stale`; one that has not ended is `open`.

    Args:
        items: columns `written_at`, and optionally `product`, `platform`, `source`; any row order.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`,
            `kind`.
        window_hours: length of the window, above 0.
        as_of: now; None is the last `written_at` of all items. Later items are not used.

    Returns:
        One window a release with the subject `all`, by `released_at`. With too little history nothing can be
        expected: `expected_count` and `lower` are 0, `upper` equals `observed_count` and the reason says so.

    Raises:
        ValueError: `window_hours` is not above 0.
    """
    feedback, now = Feedback.known_at(items, as_of)
    streams = Streams(feedback)
    responses = _Responses()
    windows = []
    for case in cases_of(releases, window_hours):
        stream = (case.product, case.platform)
        times, among = streams.of(*stream)
        observed = count_between(times, case.start, case.end)
        known_until = min(case.start, now)
        if not has_history(times, known_until, window_hours):
            windows.append(case.window(SUBJECT_ALL, observed, _no_history(case, observed, now)))
            continue
        base = expect(times, case.start, case.end, known_until)
        prediction = responses.known_at(stream, known_until).adjust(base)
        stale = streams.feeds.stale_in(case.start, case.end, among) if now >= case.end else None
        windows.append(case.window(SUBJECT_ALL, observed, _judge(case, prediction, observed, now, stale)))
        if now >= case.end and stale is None:
            responses.note(stream, case.end, base, observed)
    return windows


class _Responses:
    """The windows that have ended, by stream, learned from only once a later release can know them."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], list[tuple[float, Forecast, int]]] = defaultdict(list)
        self._learned: dict[tuple[str, str], ReleaseResponse] = defaultdict(ReleaseResponse)

    def note(self, stream: tuple[str, str], end: float, base: Forecast, observed: int) -> None:
        """Keep a window for the releases after its end. Windows come in the order of their ends."""
        self._waiting[stream].append((end, base, observed))

    def known_at(self, stream: tuple[str, str], now: float) -> ReleaseResponse:
        """Give what the windows of the stream that had ended by `now` teach."""
        waiting, learned = self._waiting[stream], self._learned[stream]
        while waiting and waiting[0][0] <= now:
            _, base, observed = waiting.pop(0)
            learned.add(base, observed)
        return learned


def _no_history(case: Case, observed: int, now: float) -> Finding:
    status = WindowStatus.OPEN if now < case.end else WindowStatus.HEARD
    reason = f"too little feedback before the release to expect anything; {counted(observed, 'item')} came"
    return Finding(0.0, 0, observed, status, Verdict.CANNOT_TELL, reason)


def _judge(case: Case, prediction: Forecast, observed: int, now: float, stale: str | None) -> Finding:
    lower, upper = prediction.interval()
    came = came_where(observed, lower, upper)
    verdict = Verdict.CANNOT_TELL
    if now < case.end:
        status, reason = WindowStatus.OPEN, still_open(case.end, came)
    elif stale is not None:
        status, reason = WindowStatus.FEED_STALE, feed_silent(stale, came)
    elif observed < lower:
        status = WindowStatus.QUIET
        verdict, meaning = _QUIET_MEANS.get(case.kind, _QUIET_UNKNOWN)
        reason = f"{came}: {meaning}"
    else:
        status, reason = WindowStatus.HEARD, f"{came}: {_heard(observed, lower, upper)}"
    return Finding(prediction.mean, lower, upper, status, verdict, reason)


_QUIET_UNKNOWN = (
    Verdict.CANNOT_TELL,
    "quiet, but what the release set out to do does not say if that is good",
)
_QUIET_MEANS: dict[ReleaseKind | None, tuple[Verdict, str]] = {
    ReleaseKind.FIX: (Verdict.GOOD, "quiet after a fix is good news"),
    ReleaseKind.MAINTENANCE: (Verdict.GOOD, "quiet after maintenance is good news"),
    ReleaseKind.FEATURE: (Verdict.BAD, "quiet after a feature is bad news, few seem to have noticed it"),
}


def _heard(observed: int, lower: int, upper: int) -> str:
    if observed > upper:
        return "a spike"
    if lower == 0:
        return "too few are expected to tell quiet from chance"
    return "as usual"
