"""Which release an item is linked to. An item is never linked by what was written, released or rolled back later."""

import pandas as pd
import pytest

from feedback_triage.link import declared, in_use, most_recent

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
    "the order of versions does not matter where instants differ": ("2026-03-16T09:59:59Z", {}, "1.1"),
    "a release in the future does not count yet": ("2026-03-19T00:00:00Z", {}, "1.10"),
    "the newest release goes on to count for ever": ("2036-01-01T00:00:00Z", {"platform": "web"}, "2.0.1"),
    "a platform that nobody released for has the releases for all": (
        "2026-03-23T12:00:00Z",
        {"platform": "toaster"},
        "2.0.1",
    ),
    "blanks around a platform do not matter": ("2026-03-23T12:00:00Z", {"platform": " iOS "}, "ios/3.0"),
    "the version a customer declares does not matter for the most recent": (
        "2026-03-10T00:00:00Z",
        {"app_version": "1.0", "text": "since 1.0"},
        "1.1",
    ),
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


AROUND_THE_CLOCK_CHANGE = pd.DataFrame(
    [
        # In Europe/Berlin clocks go from 03:00+02:00 back to 02:00+01:00 on 25 October 2026 (01:00 UTC),
        # and from 02:00+01:00 on to 03:00+02:00 on 29 March (01:00 UTC).
        ("spring", "1.0", "2026-03-29T03:00:00+02:00"),
        ("first 02:30", "2.0", "2026-10-25T02:30:00+02:00"),
        ("second 02:30", "3.0", "2026-10-25T02:30:00+01:00"),
    ],
    columns=["release_id", "version", "released_at"],
)

CLOCK_CHANGES = {
    "the hour that spring skips is no hour: 01:59 is right before 03:00": ("2026-03-29T01:59:59+01:00", None),
    "a release at 03:00 after the skipped hour is out at that instant": ("2026-03-29T03:00:00+02:00", "spring"),
    "the same instant told in UTC is the same": ("2026-03-29T01:00:00Z", "spring"),
    "02:45 of the first pass comes before 02:30 of the second": ("2026-10-25T02:45:00+02:00", "first 02:30"),
    "02:15 of the second pass comes after 02:45 of the first": ("2026-10-25T02:15:00+01:00", "first 02:30"),
    "02:30 of the second pass has the release of the second pass": ("2026-10-25T02:30:00+01:00", "second 02:30"),
    "half-hour zones are compared in UTC": ("2026-10-25T06:00:00+05:30", "first 02:30"),
}


@pytest.mark.parametrize(("written_at", "expected"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES.keys())
def test_the_most_recent_release_when_clocks_jump(written_at: str, expected: str | None) -> None:
    assert most_recent(one(written_at=written_at), AROUND_THE_CLOCK_CHANGE)["a"] == expected


ROLLED_BACK = pd.DataFrame(
    [
        ("1.0", "1.0", "2026-03-02T10:00:00Z", None),
        ("1.1", "1.1", "2026-03-09T10:00:00Z", "2026-03-09T14:00:00Z"),
        ("1.2", "1.2", "2026-03-10T10:00:00Z", "2026-03-12T10:00:00Z"),
        ("1.3", "1.3", "2026-03-11T10:00:00Z", "2026-03-11T12:00:00Z"),
        ("1.4", "1.4", "2026-03-13T10:00:00Z", "2026-03-13T10:00:00Z"),
        ("1.5", "1.5", "2026-03-16T10:00:00Z", "2026-03-18T10:00:00Z"),
        ("1.6", "1.6", "2026-03-17T10:00:00Z", None),
    ],
    columns=["release_id", "version", "released_at", "rolled_back_at"],
)

ROLL_BACKS = {
    "until it is rolled back a release is the most recent": ("2026-03-09T13:59:59Z", "1.1"),
    "from the instant of its roll-back on the one before it is": ("2026-03-09T14:00:00Z", "1.0"),
    "of several the newest that still stands is": ("2026-03-11T12:00:00Z", "1.2"),
    "when that is rolled back too, the next older is": ("2026-03-12T10:00:00Z", "1.0"),
    "a release that was taken back at once never was the most recent": ("2026-03-13T10:00:00Z", "1.0"),
    "rolling back an older release changes nothing": ("2026-03-18T10:00:00Z", "1.6"),
    "a roll-back of later does not change what was": ("2026-03-11T11:00:00Z", "1.3"),
}


@pytest.mark.parametrize(("written_at", "expected"), ROLL_BACKS.values(), ids=ROLL_BACKS.keys())
def test_the_most_recent_release_after_a_roll_back(written_at: str, expected: str) -> None:
    assert most_recent(one(written_at=written_at), ROLLED_BACK)["a"] == expected


def test_when_every_release_was_rolled_back_an_item_has_none() -> None:
    only = ROLLED_BACK[ROLLED_BACK["version"] == "1.1"]
    assert most_recent(one(written_at="2026-03-10T00:00:00Z"), only)["a"] is None


KNOWN = pd.DataFrame(
    [
        ("1.0", "1.0", "2026-03-01", "", ""),
        ("2026.3.1", "2026.3.1", "2026-03-01", "", ""),
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
    "what looks like a date is a version where a word says so": ({"text": "version 2026.3.1 hangs"}, "2026.3.1"),
    "a text without a version declares nothing": ({"text": "love it"}, None),
    "an unknown version in the text is not invented": ({"text": "broken since 3.2.7"}, None),
    "a test version is not the version": ({"app_version": "3.2.1-rc1"}, None),
    "nor is it in the text": ({"text": "since 3.2.1-beta2 it hangs"}, None),
    "an empty field and an empty text declare nothing": ({}, None),
    "a field of blanks is nothing": ({"app_version": "   "}, None),
    "the field counts before the first release too": ({"app_version": "3.2.0", "written_at": "2026-01-01"}, "3.2.0"),
    "a text before the first release declares none": ({"text": "since 3.2.0", "written_at": "2026-01-01"}, None),
    "a number of thousands of digits is none": ({"app_version": "9" * 5000, "text": "v" + "9" * 5000}, None),
}


@pytest.mark.parametrize(("item", "expected"), DECLARED.values(), ids=DECLARED.keys())
def test_the_declared_release(item: dict[str, str], expected: str | None) -> None:
    assert declared(one(**{"written_at": "2026-04-01T00:00:00Z"} | item), KNOWN)["a"] == expected


# Each of these would name a known release if it were read as a version: 1.0, 2026.3.1, 3.2.1, 3.99, 4.5, 5.8, 11.2
# or 13.
NOT_MEANT = {
    "a date, though a release is called like one": "it broke on 2026.03.01",
    "a date in the order of ISO": "since 2026-11-13 it hangs",
    "a day and a month with a slash": "since 5/8 it hangs",
    "a year alone": "using it since 2013",
    "a price before its currency": "they want 3.99 € for it",
    "a price in words": "I paid 3.99.0 for it",
    "a price a month": "now with 3.99/month",
    "a number with a comma": "on 3,2.1 of them",
    "a large number in groups": "we are 1.000.000 with this",
    "a number of millions": "after 4.5 million downloads",
    "a rating": "from 4.5 stars to one",
    "a rating out of five": "with 4.5/5 it was fine",
    "a size": "it grew to 11.2 GB",
    "a length of time": "after 4.5 hours it froze",
    "a time of day": "since 5.8 pm it hangs",
    "the system with three numbers": "crashes on iOS 11.2.0",
    "the system in brackets": "my phone (iOS 11.2.0) hangs",
    "the system with the word version": "Android version 13 here",
    "the version of the system": "I have version 13 of Android",
    "the last of several systems": "tried Android 11, 12 and v13",
    "the system by its name": "macOS Ventura 13.0.0 here",
    "the browser": "only in Chrome 11.2.0",
    "the server": "our server 3.2.1 is fine",
    "an address on the network": "cannot reach 192.168.5.8",
    "an address with a port": "cannot reach 3.2.1.0:8080",
    "a range of addresses": "blocked by 3.2.1.0/24",
    "a name in the net": "see v3.2.1.example.org",
    "a path": "see /docs/3.2.1/help",
    "a mail address": "write to help@3.2.1",
    "part of a word": "my rev3.2.1x board",
    "a build of the system": "Windows build 13",
    "a step": "stuck at step 13",
}


@pytest.mark.parametrize("text", NOT_MEANT.values(), ids=NOT_MEANT.keys())
def test_what_is_not_read_as_a_version_in_a_text(text: str) -> None:
    assert declared(one(written_at="2026-12-01T00:00:00Z", text=text), KNOWN)["a"] is None


BUILDS = pd.DataFrame(
    [
        ("first", "3.12.1 (build 4411)", "2026-03-02"),
        ("second", "3.12.1+4412", "2026-03-09"),
        ("third", "3.13 (build 7)", "2026-03-10"),
        ("fourth", "3.14 (build 7)", "2026-03-11"),
        ("fifth", "4.0", "2026-03-12"),
        ("sixth", "11", "2026-03-12"),
        ("early", "v4.01", "2026-04-10"),
        ("later", "4.2 (build 5000)", "2026-05-01"),
        ("exact", "4.1", "2026-05-01"),
    ],
    columns=["release_id", "version", "released_at"],
)

BY_BUILD = {
    "a build alone names its release": ({"text": "build 4411 hangs"}, "first"),
    "a build behind a plus does too": ({"text": "build 4412 hangs"}, "second"),
    "the word number may stand between": ({"text": "I have build number 4412."}, "second"),
    "the field may hold the build alone": ({"app_version": "4412"}, "second"),
    "the field may call it a build": ({"app_version": "Build 4411"}, "first"),
    "a number without the word build is none in a text": ({"text": "4411 problems"}, None),
    "a build tells releases of one version apart": ({"app_version": "3.12.1 (4411)"}, "first"),
    "however it is written": ({"app_version": "v3.12.1-build4411"}, "first"),
    "in a text too": ({"text": "3.12.1 (build 4411) hangs"}, "first"),
    "without a build the newest of one version that was out is meant": ({"app_version": "3.12.1"}, "second"),
    "the newest at that time": ({"app_version": "3.12.1", "written_at": "2026-03-05"}, "first"),
    "a build that no release names says nothing beside a version": ({"app_version": "3.12.1 (build 9)"}, "second"),
    "nor where the release names none": ({"app_version": "4.0 (build 4411)"}, "fifth"),
    "a build that no release names is not invented": ({"text": "build 4413 hangs"}, None),
    "a build of two versions names none of them": ({"text": "build 7 hangs"}, None),
    "until the second is out it names the first": ({"text": "build 7 hangs", "written_at": "2026-03-10"}, "third"),
    "a version with that build is told from the other": (
        {"text": "3.13 build 7 hangs", "app_version": "3.13"},
        "third",
    ),
    "a build that is not out yet is not meant in a text": ({"text": "when comes build 5000?"}, None),
    "a tester may have it early": ({"app_version": "build 5000"}, "later"),
    "the word build may stand before a version": ({"text": "build 4.0 hangs"}, "fifth"),
    "a release of later does not take a spelling from one that is out": (
        {"app_version": "4.1", "written_at": "2026-04-15"},
        "early",
    ),
    "from its instant on it has its own spelling": ({"app_version": "4.1", "written_at": "2026-05-02"}, "exact"),
    "a build of the system is not meant": ({"text": "on Windows build 4411"}, None),
}


@pytest.mark.parametrize(("item", "expected"), BY_BUILD.values(), ids=BY_BUILD.keys())
def test_the_release_of_a_declared_build(item: dict[str, str], expected: str | None) -> None:
    assert declared(one(**{"written_at": "2026-04-01T00:00:00Z"} | item), BUILDS)["a"] == expected


def test_a_release_that_was_rolled_back_may_still_be_declared() -> None:
    item = one(written_at="2026-03-10T00:00:00Z", app_version="1.1")
    assert declared(item, ROLLED_BACK)["a"] == "1.1"


STAGED = pd.DataFrame(
    [
        ("1.0", "1.0", "2026-03-02T00:00:00Z", (), None),
        (
            "2.0",
            "2.0",
            "2026-04-01T00:00:00Z",
            (("2026-04-01T00:00:00Z", 0.05), ("2026-04-05T00:00:00Z", 0.5), ("2026-04-09T00:00:00Z", 1.0)),
            "2026-06-01T00:00:00Z",
        ),
        ("3.0", "3.0", "2026-05-01T00:00:00Z", (("2026-05-03T00:00:00Z", 0.2),), "2026-05-10T00:00:00Z"),
    ],
    columns=["release_id", "version", "released_at", "rollout", "rolled_back_at"],
)

IN_USE = {
    "before its first instant nobody has a release": ("2026-03-31T23:59:59Z", "2.0", 0.0, 0.0),
    "at five in a hundred no more than that have it": ("2026-04-04T12:00:00Z", "2.0", 0.01, 0.05),
    "the others are on the one before": ("2026-04-04T12:00:00Z", "1.0", 0.9, 0.99),
    "at half no more than half have it": ("2026-04-08T23:00:00Z", "2.0", 0.3, 0.5),
    "when all can have it most do after some weeks": ("2026-04-30T00:00:00Z", "2.0", 0.7, 1.0),
    "a release that waits for its first step is had by nobody": ("2026-05-02T00:00:00Z", "3.0", 0.0, 0.0),
    "a schedule that ends at a fifth stays there": ("2026-05-09T23:00:00Z", "3.0", 0.05, 0.2),
    "from a roll-back on its share flows back": ("2026-05-20T00:00:00Z", "3.0", 0.0, 0.05),
    "to the newest that still stands": ("2026-05-20T00:00:00Z", "2.0", 0.8, 1.0),
    "when that is rolled back as well, to the next": ("2026-07-20T00:00:00Z", "1.0", 0.8, 1.0),
}


@pytest.mark.parametrize(("written_at", "version", "least", "most"), IN_USE.values(), ids=IN_USE.keys())
def test_the_share_of_customers_who_may_have_a_release_where_nobody_declares_one(
    written_at: str, version: str, least: float, most: float
) -> None:
    used = in_use(one(written_at=written_at), STAGED)
    share = used[used["release_id"] == version]["probability"].sum()
    assert least <= share <= most


BAD_SCHEDULES = {
    "a later step takes back nothing that an earlier one gave": (0.5, 0.2, 0.5),
    "a share above one is all customers": (0.5, 7.0, 1.0),
    "a share below none is nobody": (-0.5, 0.5, 0.5),
}


@pytest.mark.parametrize(("first", "second", "meant"), BAD_SCHEDULES.values(), ids=BAD_SCHEDULES.keys())
def test_a_schedule_that_cannot_be_is_read_as_the_nearest_one_that_can(
    first: float, second: float, meant: float
) -> None:
    def answer(*shares: float) -> list[float]:
        staged = STAGED.iloc[:2].assign(rolled_back_at=None)
        steps = tuple(zip(("2026-04-01T00:00:00Z", "2026-04-05T00:00:00Z"), shares, strict=True))
        return in_use(one(written_at="2026-04-20T00:00:00Z"), staged.assign(rollout=[(), steps]))[
            "probability"
        ].tolist()

    assert answer(first, second) == answer(min(max(first, 0.0), 1.0), meant)


def _shown(n: int, version: str, day: str) -> pd.DataFrame:
    """Give items of a day whose customers declare a version, and one at its end that declares none."""
    told = [one(written_at=f"{day}T{i % 20:02d}:00:00Z", app_version=version).assign(item_id=f"b{i}") for i in range(n)]
    return pd.concat([one(written_at=f"{day}T23:30:00Z"), *told], ignore_index=True)


def test_customers_who_declare_a_release_are_believed_against_its_schedule() -> None:
    used = in_use(_shown(20, "2.0", "2026-04-03"), STAGED)
    likeliest = used[used["item_id"] == "a"].iloc[0]
    assert likeliest["release_id"] == "2.0"


def test_customers_who_declare_a_release_are_believed_after_its_roll_back() -> None:
    used = in_use(_shown(20, "3.0", "2026-05-12"), STAGED)
    assert used[used["item_id"] == "b7"]["release_id"].tolist() == ["3.0"]
    assert used[(used["item_id"] == "a") & (used["release_id"] == "3.0")]["probability"].sum() > 0.2
