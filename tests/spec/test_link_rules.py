"""Which release an item is linked to."""

import pandas as pd
import pytest

from feedback_triage.link import declared, most_recent

RELEASES = pd.DataFrame(
    [
        # release_id, version, released_at, product, platform
        ("1.0", "1.0", "2026-03-02T10:00:00Z", "", ""),
        ("1.1", "1.1", "2026-03-09T10:00:00Z", "", ""),
        ("1.9", "1.9", "2026-03-16T10:00:00Z", "", ""),
        ("1.10", "1.10", "2026-03-16T10:00:00Z", "", ""),
        ("2.0", "2.0", "2026-03-20T10:00:20Z", "", ""),
        ("2.0.1", "2.0.1", "2026-03-20T10:00:50Z", "", ""),
        ("ios/3.0", "3.0", "2026-03-23T10:00:00Z", "", "ios"),
        ("shop/android/4.0", "4.0", "2026-03-24T10:00:00Z", "shop", "android"),
    ],
    columns=["release_id", "version", "released_at", "product", "platform"],
)


def one(**item: str) -> pd.DataFrame:
    """Give a frame of one item."""
    columns = {"item_id": "a", "text": "", "app_version": "", "platform": "", "product": "", **item}
    return pd.DataFrame([columns])


MOST_RECENT = {
    "an item belongs to the newest release before it": ("2026-03-10T00:00:00Z", {}, "1.1"),
    "an item before the first release belongs to none": ("2026-03-02T09:59:59Z", {}, None),
    "an item of the very instant of a release has that release": ("2026-03-02T10:00:00Z", {}, "1.0"),
    "a second before a release an item has the one before": ("2026-03-09T09:59:59Z", {}, "1.0"),
    "of two releases at one instant the higher version counts": ("2026-03-17T00:00:00Z", {}, "1.10"),
    "of two releases in one minute the first counts until the second": ("2026-03-20T10:00:30Z", {}, "2.0"),
    "of two releases in one minute the second counts from then on": ("2026-03-20T10:00:50Z", {}, "2.0.1"),
    "an instant of another time zone is compared in UTC": ("2026-03-09T11:30:00+02:00", {}, "1.0"),
    "a time zone west of UTC is compared in UTC": ("2026-03-09T06:00:00-04:00", {}, "1.1"),
    "an instant without a zone is UTC": ("2026-03-09T10:00:00", {}, "1.1"),
    "a release of the item's platform counts": ("2026-03-23T12:00:00Z", {"platform": "ios"}, "ios/3.0"),
    "case does not matter for a platform": ("2026-03-23T12:00:00Z", {"platform": "iOS"}, "ios/3.0"),
    "a release of another platform does not count": ("2026-03-23T12:00:00Z", {"platform": "web"}, "2.0.1"),
    "a release for all platforms counts for each": ("2026-03-10T00:00:00Z", {"platform": "ios"}, "1.1"),
    "an item that names no platform may have any release": ("2026-03-23T12:00:00Z", {}, "ios/3.0"),
    "a release of another product does not count": (
        "2026-03-25T00:00:00Z",
        {"platform": "android", "product": "player"},
        "2.0.1",
    ),
    "product and platform must both fit": (
        "2026-03-25T00:00:00Z",
        {"platform": "android", "product": "Shop"},
        "shop/android/4.0",
    ),
}


@pytest.mark.parametrize(("written_at", "item", "expected"), MOST_RECENT.values(), ids=MOST_RECENT.keys())
def test_the_most_recent_release(written_at: str, item: dict[str, str], expected: str | None) -> None:
    assert most_recent(one(written_at=written_at, **item), RELEASES)["a"] == expected


KNOWN = pd.DataFrame(
    [
        ("3.2.0", "3.2.0", "2026-03-02", "", ""),
        ("3.2.1", "3.2.1", "2026-03-09", "", ""),
        ("5.8", "5.8", "2026-03-10", "", ""),
        ("12.9", "12.9", "2026-03-11", "", ""),
        ("13", "13", "2026-03-12", "", ""),
        ("11.2", "11.2", "2026-03-12", "", ""),
        ("3.99", "3.99", "2026-03-12", "", ""),
        ("4.5", "4.5", "2026-03-12", "", ""),
        ("ios/6.0", "6.0", "2026-03-12", "", "ios"),
        ("7.0", "7.0", "2026-05-01", "", ""),
    ],
    columns=["release_id", "version", "released_at", "product", "platform"],
)

DECLARED = {
    "the field names the release": ({"app_version": "3.2.1"}, "3.2.1"),
    "a leading v and zeros do not matter": ({"app_version": "v12.09"}, "12.9"),
    "a trailing zero does not matter": ({"app_version": "5.8.0"}, "5.8"),
    "a build does not matter": ({"app_version": "3.2.1 (build 4411)"}, "3.2.1"),
    "a version nobody released is not invented": ({"app_version": "3.2.7"}, None),
    "part of a version is not the version": ({"app_version": "12"}, None),
    "a field without a version is nothing": ({"app_version": "unknown"}, None),
    "a release of another platform is not meant": ({"app_version": "6.0", "platform": "android"}, None),
    "a release of the same platform is": ({"app_version": "6.0", "platform": "iOS"}, "ios/6.0"),
    "a tester may have a version before its date": ({"app_version": "7.0"}, "7.0"),
    "the field goes before the text": ({"app_version": "5.8", "text": "worse since 3.2.1"}, "5.8"),
    "an unknown field lets the text speak": ({"app_version": "store", "text": "worse since 3.2.1"}, "3.2.1"),
    "three numbers in the text are a version": ({"text": "3.2.1 crashes"}, "3.2.1"),
    "since and two numbers are a version": ({"text": "It hangs since 5.8."}, "5.8"),
    "v and two numbers are a version": ({"text": "v12.09 is great"}, "12.9"),
    "the word version makes one number a version": ({"text": "Version 13 is slow"}, "13"),
    "two bare numbers are none": ({"text": "5.8 crashes"}, None),
    "one bare number is none": ({"text": "I bought 13 apps"}, None),
    "the version of the system is not meant": ({"text": "crashes on iOS 11.2"}, None),
    "a price is not meant": ({"text": "not worth $3.99"}, None),
    "stars are not meant": ({"text": "gave it 4.5 stars"}, None),
    "a time is not meant": ({"text": "froze after 4.5 hours"}, None),
    "an address is not meant": ({"text": "see example.org/3.2.1/help"}, None),
    "a version that is not out yet is not meant in a text": ({"text": "will 7.0.0 support tablets?"}, None),
    "of two versions in a text the higher is meant": ({"text": "fine in 3.2.0, broken in 3.2.1"}, "3.2.1"),
    "whatever their order": ({"text": "3.2.1 is broken, I went back to 3.2.0"}, "3.2.1"),
    "of a known and an unknown version the known is meant": ({"text": "from 2.7.7 to 3.2.0"}, "3.2.0"),
    "a text without a version declares nothing": ({"text": "love it"}, None),
}


@pytest.mark.parametrize(("item", "expected"), DECLARED.values(), ids=DECLARED.keys())
def test_the_declared_release(item: dict[str, str], expected: str | None) -> None:
    assert declared(one(written_at="2026-04-01T00:00:00Z", **item), KNOWN)["a"] == expected
