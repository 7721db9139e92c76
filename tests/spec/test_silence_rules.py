"""What a window after a release says."""

import numpy as np
import pandas as pd
import pytest

from feedback_triage.domain import SilenceWindow
from feedback_triage.silence import ledger_windows, subject_windows, volume_windows

RELEASED = pd.Timestamp("2026-04-27", tz="UTC")
HISTORY_DAYS = 56


def at(days: np.ndarray, source: str = "store") -> pd.DataFrame:
    """Give items written this many days after the release."""
    return pd.DataFrame({"written_at": RELEASED + pd.to_timedelta(days, unit="D"), "source": source})


def even(first: float, last: float, a_day: float, source: str = "store") -> pd.DataFrame:
    """Give items spread over `[first, last)` with a fixed jitter."""
    n = round((last - first) * a_day)
    jitter = np.random.default_rng(round(10 * a_day)).uniform(0, 1, n)
    return at(first + (np.arange(n) + jitter) / n * (last - first), source)


def release(kind: str | None, notes: str = "") -> pd.DataFrame:
    row = {"release_id": "2.0", "version": "2.0", "released_at": RELEASED, "kind": kind, "notes": notes}
    return pd.DataFrame([row])


BEFORE = even(-HISTORY_DAYS, 0, 10)
USUAL = even(0, 3, 10)
THIN = even(0, 3, 3)
AFTER = even(3, 10, 10)
NONE = at(np.array([]))


def volume(kind: str | None, *parts: pd.DataFrame, as_of_day: float = 10) -> SilenceWindow:
    now = (RELEASED + pd.Timedelta(days=as_of_day)).to_pydatetime()
    return volume_windows(pd.concat(parts), release(kind), as_of=now)[0]


def beside(kind: str, other: str, hours: float, platforms: tuple[str, str] = ("", "")) -> SilenceWindow:
    """Judge a quiet window of three days, with another release so many hours after its own."""
    both = pd.concat([release(kind), release(other).assign(release_id="2.1", version="2.1")], ignore_index=True)
    both["released_at"] += pd.to_timedelta([0, hours], unit="h")
    both["platform"] = platforms
    now = (RELEASED + pd.Timedelta(days=10)).to_pydatetime()
    return volume_windows(pd.concat([BEFORE, THIN, AFTER]), both, as_of=now)[0]


VOLUME = {
    "quiet after a fix is good": (volume, ("fix", BEFORE, THIN, AFTER), "quiet", "good"),
    "quiet after maintenance is good": (volume, ("maintenance", BEFORE, THIN, AFTER), "quiet", "good"),
    "quiet after a feature is bad": (volume, ("feature", BEFORE, THIN, AFTER), "quiet", "bad"),
    "quiet that a feature shares with maintenance a day later cannot be told": (
        beside,
        ("feature", "maintenance", 24),
        "quiet",
        "cannot_tell",
    ),
    "nor can that of a fix that a feature follows": (beside, ("fix", "feature", 24), "quiet", "cannot_tell"),
    "what shares less than half of the window takes no verdict": (
        beside,
        ("feature", "maintenance", 37),
        "quiet",
        "bad",
    ),
    "nor does what means the same": (beside, ("maintenance", "fix", 24), "quiet", "good"),
    "nor what other customers got": (beside, ("feature", "fix", 24, ("web", "ios")), "quiet", "bad"),
    "quiet after a mixed release cannot be told": (
        volume,
        ("mixed", BEFORE, THIN, AFTER),
        "quiet",
        "cannot_tell",
    ),
    "quiet after a release of no kind cannot be told": (
        volume,
        (None, BEFORE, THIN, AFTER),
        "quiet",
        "cannot_tell",
    ),
    "as many as usual is heard": (volume, ("fix", BEFORE, USUAL, AFTER), "heard", "cannot_tell"),
    "a spike is heard": (volume, ("fix", BEFORE, USUAL, even(0, 3, 40), AFTER), "heard", "cannot_tell"),
    "a feed that ended with the release is stale": (volume, ("fix", BEFORE), "feed_stale", "cannot_tell"),
    "a feed that ended in the window is stale": (
        volume,
        ("fix", BEFORE, even(0, 1, 10)),
        "feed_stale",
        "cannot_tell",
    ),
    "a feed that was dead for two days is stale": (
        volume,
        ("fix", BEFORE, even(0, 0.8, 10), even(2.8, 10, 10)),
        "feed_stale",
        "cannot_tell",
    ),
    "one dead source of two makes the window stale": (
        volume,
        ("fix", BEFORE, USUAL, AFTER, even(-HISTORY_DAYS, 0, 6, source="mail")),
        "feed_stale",
        "cannot_tell",
    ),
    "a dead source that gave little does not": (
        volume,
        ("fix", BEFORE, USUAL, AFTER, even(-HISTORY_DAYS, 0, 1, source="mail")),
        "heard",
        "cannot_tell",
    ),
    "a dead source that gave little makes a quiet window stale": (
        volume,
        ("fix", BEFORE, THIN, AFTER, even(-HISTORY_DAYS, 0, 1, source="mail")),
        "feed_stale",
        "cannot_tell",
    ),
    "quiet that one dead spell of the feed would explain has no verdict": (
        volume,
        ("fix", even(-HISTORY_DAYS, 0, 4), at(np.array([0.9, 1.9, 2.4])), even(3, 10, 4)),
        "quiet",
        "cannot_tell",
    ),
    "quiet that no dead spell would explain has one, be it half of the volume": (
        volume,
        ("fix", even(-HISTORY_DAYS, 0, 40), even(0, 3, 18), even(3, 10, 40)),
        "quiet",
        "good",
    ),
    "too few are expected to tell quiet from chance": (
        volume,
        ("fix", even(-HISTORY_DAYS, 0, 0.3), even(3, 10, 0.3)),
        "heard",
        "cannot_tell",
    ),
    "without history nothing can be told": (volume, ("fix", USUAL, AFTER), "heard", "cannot_tell"),
    "with no items at all nothing can be told": (volume, ("fix", NONE), "heard", "cannot_tell"),
}


@pytest.mark.parametrize(("ask", "given", "status", "verdict"), VOLUME.values(), ids=VOLUME.keys())
def test_all_items_in_the_window(ask, given, status, verdict) -> None:
    window = ask(*given)
    assert (window.status, window.verdict) == (status, verdict), window.reason


MAIL = even(-HISTORY_DAYS, 10, 10, "mail")
CHAT = even(-HISTORY_DAYS, 0, 30, "chat")
CHAT_AFTER = even(3, 10, 30, "chat")
CHAT_THIN = even(0, 3, 7, "chat")
ON_WEB = even(0, 3, 9, "chat").assign(platform="web")

CHANNELS = {
    "a channel as usual is heard": ((MAIL, CHAT, even(0, 10, 30, "chat")), "heard", "cannot_tell"),
    "a channel that speaks much less while the others speak as usual is bad news": (
        (MAIL, CHAT, CHAT_THIN, CHAT_AFTER),
        "quiet",
        "bad",
    ),
    "a channel that falls silent and proves its feed alive nowhere is stale": (
        (MAIL, CHAT, CHAT_AFTER),
        "feed_stale",
        "cannot_tell",
    ),
    "a channel that falls silent on one platform and speaks on another is bad news": (
        (MAIL.assign(platform="ios"), CHAT.assign(platform="ios"), ON_WEB, CHAT_AFTER.assign(platform="ios")),
        "quiet",
        "bad",
    ),
    "a channel that fell silent for good is stale": ((MAIL, CHAT), "feed_stale", "cannot_tell"),
    "a channel that is quiet like all others cannot be told": (
        (
            even(-HISTORY_DAYS, 0, 10, "mail"),
            even(0, 3, 2, "mail"),
            even(3, 10, 10, "mail"),
            CHAT,
            CHAT_THIN,
            CHAT_AFTER,
        ),
        "quiet",
        "cannot_tell",
    ),
    "a window of a channel that has not ended is open": ((MAIL, CHAT), "open", "cannot_tell"),
}


@pytest.mark.parametrize(("parts", "status", "verdict"), CHANNELS.values(), ids=CHANNELS.keys())
def test_one_channel_in_the_window(parts: tuple[pd.DataFrame, ...], status: str, verdict: str) -> None:
    now = (RELEASED + pd.Timedelta(days=2 if status == "open" else 10)).to_pydatetime()
    frame = pd.concat(parts)
    table = release("feature").assign(platform="ios" if "platform" in frame else "")
    windows = ledger_windows(frame, table, hours=(72,), as_of=now)
    (window,) = (window for window in windows if window.subject == "source:chat")
    assert (window.status, window.verdict) == (status, verdict), window.reason


def users(counts: list[float], first_day: int = -HISTORY_DAYS) -> pd.DataFrame:
    """Give usage counts, one a day."""
    starts = RELEASED + pd.to_timedelta(np.arange(len(counts)) + first_day, unit="D")
    return pd.DataFrame({"product": "", "platform": "", "start_at": starts, "active_count": counts})


MANY = even(-HISTORY_DAYS, 0, 40)
DAYS_AFTER = 10
USAGE = {
    "without usage counts half of the items are quiet": (None, even(0, 3, 16), "quiet", False),
    "with as many users half of the items are quiet, and it is told what could hide": (
        [1000.0] * (HISTORY_DAYS + DAYS_AFTER),
        even(0, 3, 16),
        "quiet",
        True,
    ),
    "with half of the users half of the items are as usual": (
        [1000.0] * HISTORY_DAYS + [400.0] * DAYS_AFTER,
        even(0, 3, 16),
        "heard",
        False,
    ),
    "with twice the users the usual number of items is quiet": (
        [1000.0] * HISTORY_DAYS + [2200.0] * DAYS_AFTER,
        even(0, 3, 40),
        "quiet",
        True,
    ),
    "usage counts that end before the window does are not used": (
        [1000.0] * HISTORY_DAYS + [400.0],
        even(0, 3, 16),
        "quiet",
        False,
    ),
}


@pytest.mark.parametrize(("counts", "after", "status", "is_told"), USAGE.values(), ids=USAGE.keys())
def test_usage_counts_are_the_denominator(
    counts: list[float] | None, after: pd.DataFrame, status: str, is_told: bool
) -> None:
    given = None if counts is None else users(counts)
    now = (RELEASED + pd.Timedelta(days=DAYS_AFTER)).to_pydatetime()
    frame = pd.concat([MANY, after, even(3, 10, 40)])
    (window,) = ledger_windows(frame, release("fix"), hours=(72,), exposure=given, as_of=now)
    assert window.status == status, window.reason
    assert (window.could_hide_ratio is not None) == is_told


def test_a_window_that_has_not_ended_is_open() -> None:
    window = volume("fix", BEFORE, THIN, as_of_day=2.5)
    assert (window.status, window.verdict) == ("open", "cannot_tell")


def test_a_spike_says_so() -> None:
    window = volume("fix", BEFORE, USUAL, even(0, 3, 40), AFTER)
    assert window.is_spike
    assert window.reason.endswith("a spike")


def test_the_reason_has_the_numbers() -> None:
    window = volume("fix", BEFORE, THIN, AFTER)
    numbers = f"{window.observed_count} items came where {window.lower} to {window.upper} were expected"
    assert window.reason.startswith(numbers)


NOTES = "Fixed share links that opened an empty page."
STREAM = pd.concat([BEFORE, USUAL, AFTER])


def about(kind: str, before_a_day: float, after: list[float], notes: str = NOTES) -> list[SilenceWindow]:
    """Give the windows of a release that items were about before it, and on these days after."""
    said = pd.concat([even(-28, 0, before_a_day), at(np.array(after))], ignore_index=True)
    mentions = said.assign(release_id="2.0", item_id=[f"m{i}" for i in range(len(said))])
    now = (RELEASED + pd.Timedelta(days=10)).to_pydatetime()
    return subject_windows(mentions, STREAM, release(kind, notes), as_of=now)


SUBJECT = {
    "no more reports after a fix: it holds": ("fix", 1.5, [], "quiet", "good"),
    "a last report after a fix: it still holds": ("fix", 1.5, [0.2], "quiet", "good"),
    "as many reports after a fix as before: they go on": (
        "fix",
        1.0,
        [0.5, 1.1, 2.2, 3.0, 4.4, 5.1, 6.2],
        "heard",
        "cannot_tell",
    ),
    "too few reports before a fix to tell": ("fix", 0.2, [], "heard", "cannot_tell"),
    "nothing said before a fix": ("fix", 0.0, [], "heard", "cannot_tell"),
    "a feature without earlier features": ("feature", 0.0, [], "heard", "cannot_tell"),
    "maintenance that stirs something up is heard": (
        "maintenance",
        0.5,
        list(np.arange(20) / 3),
        "heard",
        "cannot_tell",
    ),
    "no more reports after maintenance": ("maintenance", 1.5, [], "quiet", "good"),
    "no more reports after a mixed release": ("mixed", 1.5, [], "quiet", "cannot_tell"),
    "maintenance that nobody spoke of, before or after, while others spoke as usual": (
        "maintenance",
        0.0,
        [],
        "quiet",
        "good",
    ),
    "maintenance that somebody speaks of for the first time": ("maintenance", 0.0, [1.0], "heard", "cannot_tell"),
}


@pytest.mark.parametrize(("kind", "before", "after", "status", "verdict"), SUBJECT.values(), ids=SUBJECT.keys())
def test_items_about_the_notes(kind: str, before: float, after: list[float], status: str, verdict: str) -> None:
    (window,) = about(kind, before, after)
    assert (window.subject, window.status, window.verdict) == ("notes", status, verdict), window.reason


def test_notes_that_say_nothing_of_their_own_have_no_window() -> None:
    assert about("fix", 1.5, [], notes="Bug fixes and stability improvements") == []


FEATURES = {
    "a feature that nobody mentions where others were is bad news": ([9, 14, 11, 12, 10], 0, "quiet", "bad"),
    "a feature mentioned like the others is heard": ([9, 14, 11, 12, 10], 11, "heard", "cannot_tell"),
    "a feature mentioned much less is bad news": ([30, 41, 36, 38, 33], 3, "quiet", "bad"),
    "two earlier features are too few to compare with": ([9, 14], 0, "heard", "cannot_tell"),
    "features that are hardly ever mentioned teach nothing": ([0, 1, 0, 1, 0], 0, "heard", "cannot_tell"),
}


@pytest.mark.parametrize(("earlier", "last", "status", "verdict"), FEATURES.values(), ids=FEATURES.keys())
def test_a_feature_is_compared_with_earlier_features(earlier: list[int], last: int, status: str, verdict: str) -> None:
    counts = [*earlier, last]
    days = [-7.5 * (len(counts) - 1 - i) for i in range(len(counts))]
    releases = pd.DataFrame(
        {
            "release_id": [f"1.{i}" for i in range(len(counts))],
            "version": [f"1.{i}" for i in range(len(counts))],
            "released_at": RELEASED + pd.to_timedelta(days, unit="D"),
            "kind": "feature",
            "notes": "Dark mode for the whole app.",
        }
    )
    mentions = pd.concat(
        [
            at(day + (np.arange(n) + 0.5) / max(n, 1) * 7).assign(release_id=f"1.{i}", item_id=f"m{i}")
            for i, (day, n) in enumerate(zip(days, counts, strict=True))
        ]
    )
    now = (RELEASED + pd.Timedelta(days=10)).to_pydatetime()
    window = subject_windows(mentions, STREAM, releases, as_of=now)[-1]
    assert (window.status, window.verdict) == (status, verdict), window.reason
