"""Links against a slow, obvious second implementation (tests/support/link_oracle.py and adoption_oracle.py)."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feedback_triage.link import declared, in_use, most_recent
from tests.support import adoption_oracle, link_oracle
from tests.support.link_oracle import PlainItem, PlainRelease

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = 3600.0
NAMES = st.sampled_from(["", "", "ios", "iOS ", "android"])
HOURS = st.one_of(st.integers(0, 12).map(lambda day: 24.0 * day), st.floats(0, 288).map(lambda hour: round(hour, 3)))
VERSIONS = st.sampled_from(
    ["1.9", "1.10", "v2.0", "2.0.1", "2.0+7", "2.0 (build 8)", "3.1 (build 7)", "2.00", "3.1+8", "12.9", "4"]
)


@st.composite
def plain_releases(draw: st.DrawFn, is_staged: bool = True) -> list[PlainRelease]:
    found = []
    for i in range(draw(st.integers(0, 6))):
        released = draw(HOURS)
        steps: list[tuple[float, float]] = []
        share = 0.0
        for _ in range(draw(st.integers(0, 3)) if is_staged else 0):
            share = draw(st.sampled_from([s for s in (0.05, 0.2, 0.5, 1.0) if s >= share]))
            steps.append(((released + draw(st.sampled_from([0, 6, 24, 48, 49.5]))) * HOUR, share))
        steps = [(at, max(s for other, s in steps if other <= at)) for at, _ in sorted(steps)]
        back = draw(st.sampled_from([math.inf, math.inf, math.inf, 0.0, 5.0, 60.0]))
        found.append(
            PlainRelease(
                f"r{i}",
                draw(VERSIONS),
                released * HOUR,
                draw(NAMES),
                draw(NAMES),
                tuple(steps),
                (released + back) * HOUR,
            )
        )
    return found


def instant(seconds: float) -> datetime | None:
    return START + timedelta(seconds=seconds) if seconds < math.inf else None


def release_frame(releases: Sequence[PlainRelease]) -> pd.DataFrame:
    rows = [
        {
            "release_id": each.release_id,
            "version": each.version,
            "released_at": instant(each.released),
            "product": each.product,
            "platform": each.platform,
            "rollout": tuple((instant(at), share) for at, share in each.steps),
            "rolled_back_at": instant(each.withdrawn),
        }
        for each in releases
    ]
    columns = ["release_id", "version", "released_at", "product", "platform", "rollout", "rolled_back_at"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in ("released_at", "rolled_back_at")})


def item_frame(items: Sequence[PlainItem]) -> pd.DataFrame:
    columns = ["item_id", "written_at", "product", "platform", "app_version", "text"]
    rows = [(i.item_id, instant(i.written), i.product, i.platform, i.app_version, i.text) for i in items]
    return pd.DataFrame(rows, columns=columns)


ITEMS = st.lists(st.tuples(HOURS, NAMES, NAMES), max_size=12).map(
    lambda rows: [PlainItem(f"i{i:02d}", (hour - 24) * HOUR, a, b) for i, (hour, a, b) in enumerate(rows)]
)


@settings(deadline=None)
@given(ITEMS, plain_releases())
def test_the_most_recent_release_is_what_reading_every_release_gives(
    items: list[PlainItem], releases: list[PlainRelease]
) -> None:
    expected = [link_oracle.most_recent(item, releases) for item in items]
    assert most_recent(item_frame(items), release_frame(releases)).tolist() == expected


NUMBERS = st.sampled_from(["1.9", "1.10", "2.0", "2.0.1", "3.1", "12.9", "4", "7.7"])
BUILDS = st.sampled_from(["7", "8", "9"])


@st.composite
def spelled(draw: st.DrawFn) -> str:
    """A version or a build, in one of the ways customers write it in the field."""
    number = draw(NUMBERS)
    build = draw(BUILDS)
    forms = [
        *(number, f"v{number}", f"V{number}", number.replace(".", ".0"), f"{number}.0"),
        *(f"{number}+{build}", f"{number} (build {build})", f"build {build}"),
    ]
    return draw(st.sampled_from(forms))


@st.composite
def sentence(draw: st.DrawFn) -> tuple[str, str]:
    """A piece of text, and the version or build it names ("" for none)."""
    number, build = draw(NUMBERS), draw(BUILDS)
    pieces = [
        (f"it hangs since {number if '.' in number else 'v' + number}", number),
        (f"v{number} is slow", number),
        (f"Version {number}!", number),
        (f"updated to {number} (build {build})", f"{number}+{build}"),
        (f"after version {number}+{build}", f"{number}+{build}"),
        (f"build {build} hangs", f"build {build}"),
        ("crashes on iOS 12.9.0", ""),
        ("not worth $12.9", ""),
        ("after 1.9 hours", ""),
        ("love it", ""),
        ("12.9 GB of photos", ""),
        ("on 2.4.2026", ""),
        (f"{number.split('.')[0]} times", ""),
    ]
    return draw(st.sampled_from(pieces))


SPEAKING = st.lists(
    st.tuples(HOURS, NAMES, NAMES, st.one_of(st.just(""), spelled()), st.lists(sentence(), max_size=3)), max_size=8
)


@settings(deadline=None, max_examples=200)
@given(SPEAKING, plain_releases(is_staged=False))
def test_the_declared_release_is_what_reading_every_spelling_gives(
    rows: list[tuple[float, str, str, str, list[tuple[str, str]]]], releases: list[PlainRelease]
) -> None:
    items = [
        PlainItem(f"i{i}", hour * HOUR, product, platform, field, ". ".join(piece for piece, _ in pieces))
        for i, (hour, product, platform, field, pieces) in enumerate(rows)
    ]
    spellings = [[spelling for _, spelling in pieces if spelling] for *_, pieces in rows]
    expected = [link_oracle.declared(item, names, releases) for item, names in zip(items, spellings, strict=True)]
    assert declared(item_frame(items), release_frame(releases)).tolist() == expected


USES = st.lists(st.tuples(HOURS, NAMES, st.integers(0, 7)), min_size=1, max_size=9)


RICH = [
    PlainRelease("r0", "1", 0.0),
    PlainRelease("r1", "2", 48 * HOUR, steps=((48 * HOUR, 0.2), (60 * HOUR, 0.5), (96 * HOUR, 1.0))),
    PlainRelease("r2", "3", 50 * HOUR, platform="ios", steps=((70 * HOUR, 0.05),), withdrawn=120 * HOUR),
    PlainRelease("r3", "4", 130 * HOUR, steps=((130 * HOUR, 0.2), (140 * HOUR, 0.5)), withdrawn=150 * HOUR),
]
"""Overlapping roll-outs, one that waits for its first step, two roll-backs."""
OVER_TIME = [(hour, platform, 0) for hour in (49.0, 61.0, 71.0, 97.0, 121.0, 141.0, 151.0) for platform in ("", "ios")]


@settings(deadline=None, max_examples=60)
@example(OVER_TIME, RICH)
@example([*OVER_TIME, (40.0, "", 2), (62.0, "ios", 3), (65.0, "", 1), (149.0, "", 4), (150.5, "ios", 4)], RICH)
@given(USES, plain_releases())
def test_the_releases_in_use_are_what_telling_every_story_by_hand_gives(
    rows: list[tuple[float, str, int]], releases: list[PlainRelease]
) -> None:
    releases = [
        PlainRelease(r.release_id, f"{i + 1}.5", r.released, "", r.platform, r.steps, r.withdrawn)
        for i, r in enumerate(releases)
    ]
    items = [
        PlainItem(f"i{i}", hour * HOUR, "", platform, f"{version}.5" if version else "")
        for i, (hour, platform, version) in enumerate(rows)
    ]
    says = {item.item_id: link_oracle.declared(item, [], releases) for item in items}
    others = [(item, says[item.item_id]) for item in items if says[item.item_id]]
    used = in_use(item_frame(items), release_frame(releases))
    for item in items:
        found = used[used["item_id"] == item.item_id].set_index("release_id")["probability"].to_dict()
        expected = adoption_oracle.in_use(item, says[item.item_id], others, releases)
        assert found == pytest.approx(expected, abs=3e-6)
