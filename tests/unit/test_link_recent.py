from datetime import UTC, datetime, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.link import most_recent
from feedback_triage.versions import version_key

START = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = st.sampled_from(["", "ios", "iOS", "android"])
RELEASES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["1.9", "1.10", "2.0", "v2.1"]), NAMES, NAMES), max_size=8
)
ITEMS = st.lists(st.tuples(st.integers(-1, 7), NAMES, NAMES), max_size=12)


def item_frame(rows: list[tuple[int, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["day", "product", "platform"])
    frame["item_id"] = [f"i{i}" for i in range(len(frame))]
    frame["written_at"] = pd.to_datetime([START + timedelta(days=int(day)) for day in frame["day"]], utc=True)
    return frame


def release_frame(rows: list[tuple[int, str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["day", "version", "product", "platform"])
    frame["release_id"] = [f"r{i}" for i in range(len(frame))]
    frame["released_at"] = pd.to_datetime([START + timedelta(days=int(day)) for day in frame["day"]], utc=True)
    return frame


def obvious(item: pd.Series, releases: pd.DataFrame) -> str | None:
    """Read every release for every item, as one would by hand."""
    best = None
    for release in releases.itertuples():
        same_product = {item["product"].lower(), release.product.lower()} - {""}
        same_platform = {item["platform"].lower(), release.platform.lower()} - {""}
        if len(same_product) > 1 or len(same_platform) > 1 or release.released_at > item["written_at"]:
            continue
        rank = (release.released_at, version_key(release.version), release.release_id)
        if best is None or rank > best:
            best = rank
    return best[2] if best else None


@given(ITEMS, RELEASES)
def test_it_agrees_with_reading_every_release_for_every_item(
    items: list[tuple[int, str, str]], releases: list[tuple[int, str, str, str]]
) -> None:
    item_table, release_table = item_frame(items), release_frame(releases)
    expected = [obvious(item, release_table) for _, item in item_table.iterrows()]
    assert most_recent(item_table, release_table).tolist() == expected


@given(ITEMS, RELEASES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    items: list[tuple[int, str, str]], releases: list[tuple[int, str, str, str]], random: object
) -> None:
    item_table, release_table = item_frame(items), release_frame(releases)
    straight = most_recent(item_table, release_table)
    shuffled_items = item_table.sample(frac=1, random_state=random.randrange(1000))
    shuffled_releases = release_table.sample(frac=1, random_state=random.randrange(1000))
    assert most_recent(shuffled_items, shuffled_releases).to_dict() == straight.to_dict()


def test_columns_of_different_time_units_go_together() -> None:
    items = pd.DataFrame({"item_id": ["a"], "written_at": pd.to_datetime(["2026-03-02"], utc=True).as_unit("s")})
    releases = pd.DataFrame(
        {
            "release_id": ["1.0"],
            "version": ["1.0"],
            "released_at": pd.to_datetime(["2026-03-02"], utc=True).as_unit("ns"),
        }
    )
    assert most_recent(items, releases)["a"] == "1.0"


def test_an_item_without_an_instant_has_no_release() -> None:
    items = pd.DataFrame({"item_id": ["a"], "written_at": pd.to_datetime([None], utc=True)})
    releases = release_frame([(0, "1.0", "", "")])
    assert most_recent(items, releases)["a"] is None


def test_there_may_be_no_releases_and_no_items() -> None:
    assert most_recent(item_frame([(0, "", "")]), release_frame([])).tolist() == [None]
    assert most_recent(item_frame([]), release_frame([(0, "1.0", "", "")])).empty


def test_a_version_of_thousands_of_digits_has_its_place_among_the_others() -> None:
    items = item_frame([(3, "", "")])
    releases = release_frame([(2, "9" * 6_000, "", ""), (2, "1.0", "", "")])
    assert most_recent(items, releases).tolist() == ["r0"]
