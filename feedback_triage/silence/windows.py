"""The windows after each release: how many items were expected, how many came, and if silence is good news."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from feedback_triage.domain import SilenceWindow, WindowStatus
from feedback_triage.silence.alive import unproven
from feedback_triage.silence.case import Case, Finding, cases_of
from feedback_triage.silence.feeds import Feeds, Streams
from feedback_triage.silence.forecast import Forecast
from feedback_triage.silence.hiding import could_hide_ratio
from feedback_triage.silence.response import ReleaseResponse
from feedback_triage.silence.season import Hours
from feedback_triage.silence.series import Mix, Question, Series, predict
from feedback_triage.silence.stream import Feedback, count_between
from feedback_triage.silence.usage import Usage, Usages, gap_in_words
from feedback_triage.silence.verdicts import QUIET, Evidence, judge_all, judge_channel, no_history, rival_of

SUBJECT_ALL = "all"
SUBJECT_SOURCE = "source:"
LEDGER_HOURS = (24.0, 72.0, 168.0)


def volume_windows(
    items: pd.DataFrame,
    releases: pd.DataFrame,
    *,
    window_hours: float = 72.0,
    as_of: datetime | None = None,
) -> list[SilenceWindow]:
    """Give the windows of `ledger_windows` over all items and of one length, without usage counts.

    Raises:
        ValueError: `window_hours` is not above 0.
    """
    ledger = _Ledger.of(items, None, as_of)
    return [window for _, window in ledger.over_all(cases_of(releases, window_hours))]


def ledger_windows(
    items: pd.DataFrame,
    releases: pd.DataFrame,
    *,
    hours: Sequence[float] = LEDGER_HOURS,
    exposure: pd.DataFrame | None = None,
    as_of: datetime | None = None,
) -> list[SilenceWindow]:
    """Compare the items in the windows after each release with what the time before it makes one expect.

    All items of the release's product and platform count (one that does not say counts for all). The
    expectation uses only items written strictly before the release: their recent level and trend, the week's
    profile, which channels there are, and how this stream answered its earlier releases. Where usage counts cover
    the window and enough of the time before it, it is a rate per active user times active users.

    `quiet` is fewer items than the interval allows. Where the interval begins at 0 quiet cannot be claimed,
    and the window is `heard` with a reason that says so. A window in which a main source (a fifth of the
    items or more) was silent too long to be alive is `feed_stale`, and so is a quiet one in which any source was;
    one that has not ended is `open`. A quiet that one dead spell of a feed would explain has no verdict.

    Args:
        items: columns `written_at`, and optionally `product`, `platform`, `source`; any row order.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`,
            `kind`.
        hours: lengths of the windows, above 0.
        exposure: usage counts: columns `product`, `platform`, `start_at`, `active_count` (active users from then
            until the next row).
        as_of: now; None is the last `written_at` of all items. Later items, and counts of a time that is not over
            by then, are not used.

    Returns:
        By `released_at`, subject and length: for each release and length one window with the subject `all`, and one
        with the subject `source:NAME` for each of two or more main channels of which a silence could be told. With
        too little history nothing can be expected: `expected_count` and `lower` are 0, `upper` equals
        `observed_count` and the reason says so.

    Raises:
        ValueError: a length is not above 0.
    """
    ledger = _Ledger.of(items, exposure, as_of)
    found: list[tuple[int, SilenceWindow]] = []
    for window_hours in sorted(set(hours)):
        cases = cases_of(releases, window_hours)
        found += ledger.over_all(cases)
        found += ledger.over_channels(cases, len(set(hours)))
    found.sort(key=lambda pair: (pair[0], pair[1].subject, pair[1].end_at))
    return [window for _, window in found]


Found = list[tuple[int, SilenceWindow]]
"""The place of the release in the order of releases, and a window of it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A window on its way from the question to the finding."""

    place: int
    case: Case
    source: str
    mix: Mix
    among: Feeds
    parts: Sequence[Series]
    observed: int
    of_users: str
    usage: Usage | None
    n_side_by_side: int = 1
    rivals: Sequence[Case] = ()


class _Ledger:
    """What is known at one instant, asked about windows."""

    def __init__(self, feedback: Feedback, usages: Usages, now: float) -> None:
        self._now = now
        self._streams = Streams(feedback)
        self._usages = usages
        self._mixes: dict[tuple[str, str, bool], Mix] = {}

    @classmethod
    def of(cls, items: pd.DataFrame, exposure: pd.DataFrame | None, as_of: datetime | None) -> "_Ledger":
        feedback, now = Feedback.known_at(items, as_of)
        return cls(feedback, Usages(exposure, now), now)

    def over_all(self, cases: Sequence[Case]) -> Found:
        """Give the windows over all items."""
        asked, found = [], []
        for place, case in enumerate(cases):
            times, among = self._streams.of(case.product, case.platform)
            observed = count_between(times, case.start, case.end)
            until, length = min(case.start, self._now), case.end - case.start
            mix, usage, of_users = self._mix(case)
            if not mix.whole.is_known(until, length):
                window = case.window(SUBJECT_ALL, observed, no_history(case, observed, self._now))
                found.append((place, window))
                continue
            parts = mix.parts(until, length)
            one = _Asked(place, case, "", mix, among, parts, observed, of_users, usage, rivals=cases)
            asked.append(one)
        return found + self._answer(asked)

    def over_channels(self, cases: Sequence[Case], n_lengths: int) -> Found:
        """Give the windows of main channels of which a silence could be told, one of so many lengths."""
        asked = []
        for place, case in enumerate(cases):
            _, among = self._streams.of(case.product, case.platform)
            until, length = min(case.start, self._now), case.end - case.start
            if len(among.shares(until, 0.0)) < 2:
                continue
            channels = sorted(among.shares(until))
            mix, usage, of_users = self._mix(case)
            for source in channels:
                series = mix.channel(source)
                if series.is_known(until, length):
                    n = count_between(series.times, case.start, case.end)
                    parts = [series]
                    one = _Asked(place, case, source, mix, among, parts, n, of_users, usage, len(channels) * n_lengths)
                    asked.append(one)
        return self._answer(asked)

    def _mix(self, case: Case) -> tuple[Mix, Usage | None, str]:
        """Give the channels of a case, with usage counts where these can be used, and what to say of that."""
        times, among = self._streams.of(case.product, case.platform)
        usage, said = self._usage(case, times)
        key = (case.product, case.platform, usage is not None)
        if key not in self._mixes:
            self._mixes[key] = Mix(times, among, usage)
        return self._mixes[key], usage, said

    def _usage(self, case: Case, times: Hours) -> tuple[Usage | None, str]:
        usage = self._usages.of(case.product, case.platform)
        if usage is None or self._now < case.end:
            return None, ""
        gap = usage.gap_in(case.start, case.end)
        if gap is not None:
            return None, f" (active users not counted in: not known for {gap_in_words(gap)})"
        if not Series(times, usage).is_known(case.start, case.end - case.start):
            return None, " (active users not counted in: known for too short a time before the release)"
        users = usage.mean(case.start, case.end)
        return usage, f" of {users:,.0f} active users"

    def _answer(self, asked: Sequence[_Asked]) -> Found:
        """Predict all, then judge them in the order of their releases, since each may teach the later ones."""
        now = self._now
        questions = [Question(a.parts, a.case.start, a.case.end, min(a.case.start, now)) for a in asked]
        responses = _Responses()
        found: Found = []
        for one, base in zip(asked, predict(questions), strict=True):
            case = one.case
            stream = (case.product, case.platform, one.source)
            prediction = responses.known_at(stream, min(case.start, now)).adjust(base)
            if one.source and prediction.quantile(QUIET) == 0:
                continue
            finding = self._judge(one, prediction)
            subject = f"{SUBJECT_SOURCE}{one.source}" if one.source else SUBJECT_ALL
            window = case.window(subject, one.observed, finding)
            is_quiet = window.status is WindowStatus.QUIET
            unheard = is_quiet or (window.status is WindowStatus.HEARD and one.observed == 0)
            if one.usage is not None and unheard:
                ratio = could_hide_ratio(prediction, one.observed)
                window = replace(window, could_hide_ratio=round(ratio, 4))
            found.append((one.place, window))
            if now >= case.end and window.status is not WindowStatus.FEED_STALE:
                responses.note(stream, case.end, base, one.observed)
        return found

    def _judge(self, one: _Asked, prediction: Forecast) -> Finding:
        case, now = one.case, self._now
        judge = judge_all if not one.source else lambda *given: judge_channel(one.source, *given)
        if now < case.end:
            return judge(case, prediction, one.observed, Evidence(now))
        among = one.among if not one.source else Feeds({one.source: one.among.times[one.source]})
        feeds = self._streams.feeds
        evidence = Evidence(now, feeds.stale_in(case.start, case.end, among, now), of_users=one.of_users)
        if evidence.stale is None and one.observed < prediction.quantile(QUIET):
            span = (case.start, case.end)
            stale = feeds.stale_in(*span, one.among, now, least=0.0) if not one.source else None
            season = one.parts[0].season(case.start)
            own = feeds if not one.source else Feeds({one.source: feeds.times[one.source]})
            is_unproven, source = unproven(prediction, one.observed, season, span, own, among, quiet=QUIET)
            evidence = replace(
                evidence,
                stale=stale,
                is_unproven=is_unproven,
                unproven=source,
                n_side_by_side=one.n_side_by_side,
                rival=rival_of(case, one.rivals, now),
                others=not one.source or self._others_spoke(one),
            )
        return judge(case, prediction, one.observed, evidence)

    def _others_spoke(self, one: _Asked) -> bool:
        """Tell whether all other channels together got as many items as one expects, at least."""
        case, series = one.case, one.mix.others(one.source)
        if not series.is_known(case.start, case.end - case.start):
            return False
        (prediction,) = predict([Question([series], case.start, case.end, case.start)])
        observed = count_between(series.times, case.start, case.end)
        return observed > 0 and observed >= prediction.quantile(QUIET)


class _Responses:
    """The windows that have ended, by stream, learned from only once a later release can know them."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, ...], list[tuple[float, Forecast, int]]] = defaultdict(list)
        self._learned: dict[tuple[str, ...], ReleaseResponse] = defaultdict(ReleaseResponse)

    def note(self, stream: tuple[str, ...], end: float, base: Forecast, observed: int) -> None:
        """Keep a window for the releases after its end. Windows come in the order of their ends."""
        self._waiting[stream].append((end, base, observed))

    def known_at(self, stream: tuple[str, ...], now: float) -> ReleaseResponse:
        """Give what the windows of the stream that had ended by `now` teach."""
        waiting, learned = self._waiting[stream], self._learned[stream]
        while waiting and waiting[0][0] <= now:
            _, base, observed = waiting.pop(0)
            learned.add(base, observed)
        return learned
