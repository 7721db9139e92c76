"""What is said about the notes of a release: whether a fix held, whether anybody noticed a feature."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from feedback_triage.domain import ReleaseKind, SilenceWindow, Verdict, WindowStatus
from feedback_triage.link.frames import strings
from feedback_triage.silence.alive import unproven
from feedback_triage.silence.case import Case, Finding, came_where, cases_of, counted, feed_silent, still_open
from feedback_triage.silence.feeds import Feeds, Streams
from feedback_triage.silence.forecast import Forecast, forecast
from feedback_triage.silence.hiding import could_hide_ratio
from feedback_triage.silence.season import Hours, learn_season
from feedback_triage.silence.stream import Feedback, count_between, expect, has_history, hours_by_release, hours_of
from feedback_triage.silence.usage import Usage, Usages
from feedback_triage.silence.verdicts import Evidence, not_proven, too_little_known
from feedback_triage.subject import note_sentences

SUBJECT_NOTES = "notes"
MIN_FEATURES = 3
LONGEST_BEFORE = 4.0
SOAK_HOURS = 24.0
"""How long after a fix reports may still come from what customers had open before it; they are not counted."""

_BLOCKS_A_WINDOW = 4
_STEADY = np.array([1.0])  # the question is what would come if the release had changed nothing
_QUIET = 0.05


def subject_windows(
    mentions: pd.DataFrame,
    items: pd.DataFrame,
    releases: pd.DataFrame,
    *,
    window_hours: float = 168.0,
    exposure: pd.DataFrame | None = None,
    as_of: datetime | None = None,
) -> list[SilenceWindow]:
    """Compare the items about a release's notes, in the window after it, with what was to be expected.

    For a fix (and maintenance, mixed or unknown kinds) the expectation is that reports go on as in the time
    before: as long as the window, or up to four times as long where there is feedback from then. Fewer
    is quiet, and good news for a fix or maintenance. The window of a fix opens
    `SOAK_HOURS` after it, since reports from old tabs and apps say nothing about it. For a feature the expectation is
    what the earlier features of this stream got in their windows (three at least); fewer is quiet and bad
    news. Fewer means: so few had a probability of 1 in 20 at most. Maintenance that nobody spoke of before or after,
    while as many items as usual came, went unnoticed: quiet, and good news. A quiet that one dead spell of a feed
    would explain has no verdict.

    Args:
        mentions: columns `release_id`, `item_id`, `written_at`: items about the notes of a release, at any
            time.
        items: columns `written_at`, and optionally `product`, `platform`, `source`: all items, for when
            feedback began and whether each source was alive.
        releases: columns `release_id`, `version`, `released_at`, `kind`, `notes`, and optionally `product`,
            `platform`.
        window_hours: length of the window, above 0.
        exposure: usage counts; see `ledger_windows`. Reports before a fix are then counted a user.
        as_of: now; None is the last `written_at` of all items. Later items are not used.

    Returns:
        One window with the subject `notes` for each release whose notes say something of their own, by
        `released_at`. Where nothing can be expected `expected_count` and `lower` are 0 and `upper` equals
        `observed_count`.

    Raises:
        ValueError: `window_hours` is not above 0.
    """
    feedback, now = Feedback.known_at(items, as_of)
    streams = Streams(feedback)
    usages = Usages(exposure, now)
    said = _times_by_release(mentions, now)
    windows = []
    earlier: list[tuple[Case, int]] = []
    for case in cases_of(releases, window_hours):
        if not note_sentences(case.notes):
            continue
        times = said.get(case.release_id, np.array([]))
        released = case.start
        if case.kind is ReleaseKind.FIX:
            case = replace(case, start=case.start + SOAK_HOURS, end=case.end + SOAK_HOURS)  # noqa: PLW2901 - the same case, later
        observed = count_between(times, case.start, case.end)
        stream, among = streams.of(case.product, case.platform)
        stale = streams.feeds.stale_in(case.start, case.end, among, now) if now >= case.end else None
        usage = usages.of(case.product, case.platform)
        if case.kind is ReleaseKind.FEATURE:
            usage, prediction = None, _like_earlier_features(case, earlier)
        else:
            usage, prediction = _as_before(times, stream, case, min(released, now), usage)
        if prediction is not None:
            evidence = Evidence(now, stale)
            if _is_quiet(prediction, observed) and now >= case.end and stale is None:
                evidence = _proof(case, prediction, observed, stream, streams.feeds, among, now)
            finding = _judge(case, prediction, observed, evidence)
        elif case.kind is ReleaseKind.MAINTENANCE and observed == 0 and stale is None and now >= case.end:
            finding = _unnoticed(case, stream, streams.feeds, among, now)
        else:
            finding = _nothing_to_expect(case, observed, now)
        window = case.window(SUBJECT_NOTES, observed, finding)
        if prediction is not None and usage is not None and window.status is not WindowStatus.FEED_STALE:
            unheard = window.status is WindowStatus.QUIET or observed == 0
            ratio = could_hide_ratio(prediction, observed) if unheard else None
            window = replace(window, could_hide_ratio=None if ratio is None else round(ratio, 4))
        windows.append(window)
        if case.kind is ReleaseKind.FEATURE and now >= case.end and stale is None:
            earlier.append((case, observed))
    return windows


def _times_by_release(mentions: pd.DataFrame, now: float) -> dict[str, Hours]:
    hours = hours_of(mentions["written_at"])
    known = hours <= now
    return hours_by_release(hours[known], strings(mentions, "release_id")[known])


def _as_before(
    times: Hours, stream: Hours, case: Case, known_until: float, usage: Usage | None
) -> tuple[Usage | None, Forecast | None]:
    """Predict that reports go on as they came before the release; None without a window's time before it.

    Returns:
        The usage counts, where they cover all of that and were counted in, and the prediction.
    """
    length = case.end - case.start
    began = float(stream[0]) if len(stream) else np.inf
    block = length / _BLOCKS_A_WINDOW
    n_blocks = int(min(LONGEST_BEFORE * length, known_until - began) / block + 1e-9)
    if n_blocks < _BLOCKS_A_WINDOW:
        return None, None
    edges = known_until - block * np.arange(n_blocks, -1, -1, dtype=np.float64)
    counts = np.diff(np.searchsorted(times, edges, side="left")).astype(np.float64)
    if not counts.any():
        return None, None
    # The fault may be younger than the time looked back on: what it gave is counted from its first report on.
    counts = counts[min(int(np.argmax(counts > 0)), n_blocks - _BLOCKS_A_WINDOW) :]
    edges = edges[-len(counts) - 1 :]
    if usage is not None and usage.gap_in(float(edges[0]), case.end) is None:
        present = np.maximum(np.diff(usage.total(edges)), 1e-6)
        return usage, forecast(counts, present, usage.mean(case.start, case.end) * length, discounts=_STEADY)
    return None, forecast(counts, np.full(len(counts), block), length, discounts=_STEADY)


def _proof(
    case: Case, prediction: Forecast, observed: int, stream: Hours, feeds: Feeds, among: Feeds, now: float
) -> Evidence:
    """Look for a feed, however small, that may have been dead while it was quiet."""
    stale = feeds.stale_in(case.start, case.end, among, now, least=0.0)
    season = learn_season(stream, case.start)
    is_unproven, source = unproven(prediction, observed, season, (case.start, case.end), feeds, among, quiet=_QUIET)
    return Evidence(now, stale, is_unproven, source)


def _unnoticed(case: Case, stream: Hours, feeds: Feeds, among: Feeds, now: float) -> Finding:
    """Judge maintenance that nobody spoke of, before or after: good news where customers spoke as usual."""
    if not has_history(stream, case.start, case.end - case.start):
        return _nothing_to_expect(case, 0, now)
    usual = expect(stream, case.start, case.end, case.start)
    lower, upper = usual.interval()
    came = count_between(stream, case.start, case.end)
    is_stale = feeds.stale_in(case.start, case.end, among, now, least=0.0) is not None
    if is_stale or not max(lower, 1) <= came <= upper:
        return _nothing_to_expect(case, 0, now)
    reason = (
        f"nobody noticed it, as it should be: none of {counted(came, 'item')} speaks of it, and as many as usual came"
    )
    return Finding(0.0, 0, 0, WindowStatus.QUIET, Verdict.GOOD, reason)


def _like_earlier_features(case: Case, earlier: list[tuple[Case, int]]) -> Forecast | None:
    """Predict from what the features whose windows had ended got; None with fewer than three of them."""
    counts = [
        observed
        for other, observed in earlier
        if other.end <= case.start
        and (not case.product or not other.product or case.product == other.product)
        and (not case.platform or not other.platform or case.platform == other.platform)
    ]
    if len(counts) < MIN_FEATURES:
        return None
    return forecast(np.array(counts, dtype=np.float64), np.ones(len(counts)), 1.0)


def _nothing_to_expect(case: Case, observed: int, now: float) -> Finding:
    if case.kind is ReleaseKind.FEATURE:
        why = f"fewer than {MIN_FEATURES} earlier features to compare with"
    else:
        why = "nothing was said about it before the release"
    status = WindowStatus.OPEN if now < case.end else WindowStatus.HEARD
    reason = f"{why}, so nothing can be expected; {counted(observed, 'item')} about it came"
    return Finding(0.0, 0, observed, status, Verdict.CANNOT_TELL, reason)


def _is_quiet(prediction: Forecast, observed: int) -> bool:
    # One-sided: the question is whether less came than would have, not whether the count is odd.
    return prediction.probability_at_most(observed) <= _QUIET


def _judge(case: Case, prediction: Forecast, observed: int, evidence: Evidence) -> Finding:
    lower, upper = prediction.interval()
    is_feature = case.kind is ReleaseKind.FEATURE
    days = f"{(case.end - case.start) / 24:g} days"
    came = came_where(observed, lower, upper, "mention" if is_feature else "report")
    is_quiet = _is_quiet(prediction, observed)
    verdict = Verdict.CANNOT_TELL
    if evidence.now < case.end:
        status, reason = WindowStatus.OPEN, still_open(case.end, came)
    elif evidence.stale is not None:
        status, reason = WindowStatus.FEED_STALE, feed_silent(evidence.stale, came)
    elif is_quiet and evidence.is_unproven:
        status = WindowStatus.QUIET
        reason = f"{came}: quiet, but {not_proven(evidence.unproven)}"
    elif is_quiet and is_feature:
        status, verdict = WindowStatus.QUIET, Verdict.BAD
        who = "nobody mentioned it" if observed == 0 else f"{counted(observed, 'mention')} came"
        reason = f"{who} in {days}; earlier features make one expect {lower} to {upper}"
    elif is_quiet:
        status = WindowStatus.QUIET
        came = f"{counted(observed, 'report')} in {days} where {lower} to {upper} were expected"
        if case.kind is ReleaseKind.FIX:
            verdict, reason = Verdict.GOOD, f"the fix holds so far: {came}"
        elif case.kind is ReleaseKind.MAINTENANCE:
            verdict, reason = Verdict.GOOD, f"it became quiet about it: {came}"
        else:
            reason = f"it became quiet about it, and the kind of the release does not say if that is good: {came}"
    else:
        status, reason = WindowStatus.HEARD, f"{_heard(case.kind, observed, lower, upper)}: {came}"
    return Finding(prediction.usual, lower, upper, status, verdict, reason)


def _heard(kind: ReleaseKind | None, observed: int, lower: int, upper: int) -> str:
    if observed > upper:
        return "reports grew" if kind is ReleaseKind.FIX else "a spike"
    if observed == 0:
        return too_little_known(upper)
    if kind is ReleaseKind.FIX:
        return "reports go on" if lower > 0 else f"reports go on, and {too_little_known(upper)}"
    return "customers speak of it"
