"""Laws of the suspects: what must hold whatever the reports and releases are."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.domain import RolloutStep
from feedback_triage.suspects import name_suspects

START = datetime(2026, 9, 7, tzinfo=UTC)
PLATFORMS = ("", "web", "ios", "android")

hours = st.integers(0, 40 * 24 * 4).map(lambda quarters: quarters / 4)
reports_drawn = st.lists(st.tuples(hours, st.sampled_from(PLATFORMS), st.integers(-1, 7)), max_size=12)
releases_drawn = st.lists(
    st.tuples(hours, st.sampled_from(PLATFORMS), st.none() | st.floats(-0.1, 0.9), st.booleans()), max_size=8
)


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def releases_of(drawn: list[tuple[float, str, float | None, bool]]) -> pd.DataFrame:
    rows = [
        {
            "release_id": f"{platform}/{n}.0",
            "version": f"{n}.0",
            "released_at": at(hour),
            "product": "",
            "platform": platform,
            "rollout": (RolloutStep(at(hour), 0.1), RolloutStep(at(hour + 30), 1.0)) if is_staged else (),
            "rolled_back_at": at(hour + 60) if is_staged else pd.NaT,
            "similarity": similarity,
        }
        for n, (hour, platform, similarity, is_staged) in enumerate(drawn)
    ]
    frame = pd.DataFrame(
        rows,
        columns=[
            *("release_id", "version", "released_at", "product", "platform"),
            "rollout",
            "rolled_back_at",
            "similarity",
        ],
    )
    for column in ("released_at", "rolled_back_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame


def reports_of(drawn: list[tuple[float, str, int]], releases: pd.DataFrame) -> pd.DataFrame:
    ids = releases["release_id"].tolist()
    rows = [
        (f"r{n:02d}", at(hour), platform, ids[said] if 0 <= said < len(ids) else "")
        for n, (hour, platform, said) in enumerate(drawn)
    ]
    frame = pd.DataFrame(rows, columns=["item_id", "written_at", "platform", "declared_release_id"])
    frame["written_at"] = pd.to_datetime(frame["written_at"], utc=True)
    return frame


def similarity_of(releases: pd.DataFrame) -> pd.DataFrame:
    return releases[["release_id", "similarity"]].dropna()


BACKGROUND = pd.DataFrame(
    {"written_at": pd.date_range(START - timedelta(days=20), periods=700, freq="119min"), "platform": "ios"}
)


def links_of(reports: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
    """Every report without a declared release may be on any."""
    rows = [
        (item_id, release_id, 1 / len(releases))
        for item_id in reports.loc[reports["declared_release_id"] == "", "item_id"]
        for release_id in releases["release_id"]
    ]
    return pd.DataFrame(rows, columns=["item_id", "release_id", "probability"])


@given(reports_drawn, releases_drawn)
@settings(max_examples=60, deadline=None)
def test_probabilities_sum_to_one_and_fall_and_none_of_them_is_there(
    said: list[tuple[float, str, int]], out: list[tuple[float, str, float | None, bool]]
) -> None:
    releases = releases_of(out)
    reports = reports_of(said, releases)
    found = name_suspects(
        reports, releases, links=links_of(reports, releases), similarity=similarity_of(releases), background=BACKGROUND
    )
    told = [each.probability for each in found]
    assert sum(told) == pytest.approx(1.0, abs=1e-9)
    assert all(0 <= each <= 1 for each in told)
    assert told == sorted(told, reverse=True)
    assert [each.release_id for each in found].count(None) == 1
    assert len({each.release_id for each in found}) == len(found) <= 8
    assert all(each.reason for each in found)


@given(reports_drawn, releases_drawn, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_matter(
    said: list[tuple[float, str, int]], out: list[tuple[float, str, float | None, bool]], random: object
) -> None:
    releases = releases_of(out)
    reports = reports_of(said, releases)
    told = {
        "links": links_of(reports, releases),
        "similarity": similarity_of(releases),
        "background": BACKGROUND.iloc[:200],
    }
    seed = random.randrange(2**31)  # type: ignore[attr-defined]

    def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.sample(frac=1, random_state=seed)

    assert name_suspects(reports, releases, **told) == name_suspects(
        shuffled(reports), shuffled(releases), **{name: shuffled(frame) for name, frame in told.items()}
    )


@given(reports_drawn, releases_drawn, hours)
@settings(max_examples=60, deadline=None)
def test_nothing_later_is_used(
    said: list[tuple[float, str, int]], out: list[tuple[float, str, float | None, bool]], hour: float
) -> None:
    """What is written, released, rolled out or rolled back after an instant changes no answer that speaks at it."""
    as_of = at(hour)
    releases = releases_of(out)
    reports = reports_of(said, releases)
    known = releases[releases["released_at"] <= as_of].copy()
    known["rollout"] = [tuple(step for step in steps if step.at <= as_of) for steps in known["rollout"]]
    known["rolled_back_at"] = known["rolled_back_at"].where(known["rolled_back_at"] <= as_of)
    early = reports[reports["written_at"] <= as_of]
    links = links_of(reports, releases)
    told = name_suspects(
        reports, releases, links=links, similarity=similarity_of(releases), background=BACKGROUND, as_of=as_of
    )
    assert told == name_suspects(
        early,
        known,
        links=links[links["item_id"].isin(early["item_id"])],
        similarity=similarity_of(known),
        background=BACKGROUND[BACKGROUND["written_at"] <= as_of],
        as_of=as_of,
    )
    assert {each.release_id for each in told} <= {None, *known["release_id"]}


@given(reports_drawn, releases_drawn, st.integers(-300, 300))
@settings(max_examples=30, deadline=None)
def test_the_same_story_weeks_earlier_or_later_has_the_same_answer(
    said: list[tuple[float, str, int]], out: list[tuple[float, str, float | None, bool]], weeks: int
) -> None:
    releases = releases_of(out).drop(columns="rollout")
    reports = reports_of(said, releases)
    moved = timedelta(weeks=weeks)
    there = releases.assign(
        released_at=releases["released_at"] + moved, rolled_back_at=releases["rolled_back_at"] + moved
    )
    before = name_suspects(reports, releases)
    after = name_suspects(reports.assign(written_at=reports["written_at"] + moved), there)
    assert {each.release_id: each.probability for each in before} == pytest.approx(
        {each.release_id: each.probability for each in after}, abs=2e-4
    )


dates = st.lists(
    st.tuples(st.integers(0, 40).map(lambda day: 24.0 * day), st.just(""), st.integers(-1, 7)), max_size=12
)
releases_by_day = st.lists(
    st.tuples(st.integers(0, 40).map(lambda day: 24.0 * day), st.just(""), st.none(), st.just(False)), max_size=8
)


@given(dates, releases_by_day, st.integers(0, 40), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_streams_with_dates_only_keep_the_same_laws(
    said: list[tuple[float, str, int]], out: list[tuple[float, str, float | None, bool]], day: int, seed: int
) -> None:
    as_of = at(24.0 * day + 12)
    releases = releases_of(out).drop(columns=["rollout", "rolled_back_at"])
    reports = reports_of(said, releases)
    others = pd.DataFrame({"written_at": [at(24.0 * (n % 40)) for n in range(120)], "platform": ""})
    others["item_id"] = [f"b{n:03d}" for n in range(120)]
    others["declared_release_id"] = [releases["release_id"].iloc[n % len(releases)] if out else "" for n in range(120)]
    told = name_suspects(reports, releases, background=others, as_of=as_of)
    early, known, seen = (
        frame[frame[column] <= as_of].sample(frac=1, random_state=seed)
        for frame, column in ((reports, "written_at"), (releases, "released_at"), (others, "written_at"))
    )
    assert told == name_suspects(early, known, background=seen, as_of=as_of)
    assert sum(each.probability for each in told) == pytest.approx(1.0, abs=1e-9)


def case(n_reports: int, *, step_hours: float = 0.1) -> tuple[pd.DataFrame, pd.DataFrame]:
    releases = releases_of([(hour, "", None, False) for hour in (0.0, 300.0, 400.0, 500.0)])
    reports = reports_of([(500.2 + step_hours * n, "", -1) for n in range(n_reports)], releases)
    return reports, releases.drop(columns=["rollout", "rolled_back_at"])


def test_optional_columns_may_be_missing() -> None:
    reports, releases = case(4)
    bare = releases[["release_id", "version", "released_at"]]
    assert name_suspects(reports[["item_id", "written_at"]], bare)[0].release_id == "/3.0"


def test_two_releases_at_one_instant_are_suspected_alike() -> None:
    releases = releases_of([(100.0, "", None, False), (100.0, "", None, False)])
    found = name_suspects(reports_of([(100.5, "", -1), (101.0, "", -1)], releases), releases)
    told = {each.release_id: each.probability for each in found}
    assert told["/0.0"] == pytest.approx(told["/1.0"], abs=2e-4)


def test_a_release_of_another_product_is_not_suspected() -> None:
    reports, releases = case(5)
    releases["product"] = ["shop", "shop", "shop", "player"]
    found = name_suspects(reports.assign(product="Shop"), releases)
    assert "/3.0" not in {each.release_id for each in found}


def test_many_thousand_reports_are_thinned_and_still_name_the_release() -> None:
    reports, releases = case(5_000, step_hours=0.002)
    assert name_suspects(reports, releases)[0].release_id == "/3.0"


def test_reports_at_one_instant_are_no_obstacle() -> None:
    reports, releases = case(6, step_hours=0.0)
    assert {each.release_id for each in name_suspects(reports, releases)[:2]} == {None, "/3.0"}


def test_a_report_without_an_instant_is_left_out() -> None:
    reports, releases = case(4)
    nowhere = reports.iloc[:1].assign(item_id="x", written_at=pd.NaT)
    assert name_suspects(pd.concat([reports, nowhere]), releases) == name_suspects(reports, releases)


def test_eight_suspects_at_most_are_named() -> None:
    releases = releases_of([(100.0 + n / 60, "", None, False) for n in range(30)])
    found = name_suspects(reports_of([(101.0, "", -1), (101.2, "", -1)], releases), releases)
    assert len(found) == 8
    assert sum(each.probability for each in found) == pytest.approx(1.0)


def test_a_link_that_is_certain_counts_as_declared() -> None:
    releases = releases_of([(0.0, "ios", None, False), (500.0, "ios", None, False)])
    reports = reports_of([(501.0 + n, "ios", -1) for n in range(4)], releases)
    links = pd.DataFrame({"item_id": reports["item_id"], "release_id": "ios/0.0", "probability": 1.0})
    newest = {each.release_id: each.probability for each in name_suspects(reports, releases)}["ios/1.0"]
    linked = name_suspects(reports, releases, links=links)
    assert {each.release_id: each.probability for each in linked}.get("ios/1.0", 0.0) < newest / 10


def test_that_the_caller_cut_off_earlier_reports_does_not_accuse_a_release_at_the_cut() -> None:
    """Reports at one rate over a window that happens to begin with a release tell nothing of that release."""
    releases = releases_of([(0.0, "", None, False), (403.5, "", None, False)])
    reports = reports_of([(404.0 + 9.1 * n, "", -1) for n in range(50)], releases)
    naive = {each.release_id: each.probability for each in name_suspects(reports, releases)}
    found = {each.release_id: each.probability for each in name_suspects(reports, releases, observed_from=at(403.0))}
    assert naive["/1.0"] > 0.8
    assert found.get("/1.0", 0.0) < 0.5


def test_a_burst_after_reports_now_and_then_is_seen_though_earlier_ones_were_cut_off() -> None:
    releases = releases_of([(0.0, "", None, False), (300.0, "", None, False), (640.0, "", None, False)])
    drawn = [(304.0 + 60 * n, "", -1) for n in range(6)] + [(640.5 + 2.3 * n, "", -1) for n in range(20)]
    found = name_suspects(reports_of(drawn, releases), releases, observed_from=at(301.0))
    assert found[0].release_id == "/2.0"


def test_the_few_reports_after_a_mended_fault_do_not_move_the_suspicion_to_the_release_of_the_day_before() -> None:
    """Where no course fades within weeks, one that rises slowly fits them best, and with it an earlier release."""
    releases = releases_of([(hour, "", None, False) for hour in (0.0, 453.0, 480.0, 552.0, 1020.0)])
    strays = [(30.0 + 45.0 * n, "", -1) for n in range(10)]
    steady = [(483.0 + 6.5 * n, "", -1) for n in range(80)]
    late = [(1050.0 + 60.0 * n, "", -1) for n in range(6)]

    def odds(drawn: list[tuple[float, str, int]]) -> float:
        found = {each.release_id: each.probability for each in name_suspects(reports_of(drawn, releases), releases)}
        return found["/2.0"] / found["/1.0"]

    assert odds([*strays, *steady, *late]) > 0.6 * odds([*strays, *steady])
