import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.domain import LinkBasis
from feedback_triage.link import in_use, link_items, most_recent

START = pd.Timestamp("2026-03-02", tz="UTC")


def stream(rows: list[tuple[float, str]], platform: str = "") -> pd.DataFrame:
    """Give items of (day, declared version)."""
    return pd.DataFrame(
        {
            "item_id": [f"{platform}{i:04d}" for i in range(len(rows))],
            "written_at": [START + pd.Timedelta(days=day) for day, _ in rows],
            "app_version": [version for _, version in rows],
            "text": "",
            "platform": platform,
            "product": "",
        }
    )


def released(days: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "release_id": list(days),
            "version": list(days),
            "released_at": [START + pd.Timedelta(days=day) for day in days.values()],
            "product": "",
            "platform": "",
        }
    )


def staged(n_days: int = 120, slow: bool = True, seed: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give a stream with a release each fortnight, had at once or only after about ten days."""
    rng = np.random.default_rng(seed)
    releases = released({f"1.{k}": 14.0 * k for k in range(n_days // 14 + 1)})
    rows = []
    for day in np.sort(rng.uniform(0, n_days, n_days * 6)):
        lag = rng.exponential(1.0) + 9 if slow else 0.0
        rows.append((float(day), f"1.{max(0, int((day - lag) // 14))}"))
    return stream(rows), releases


def top_1(items: pd.DataFrame, releases: pd.DataFrame) -> float:
    """Hide the version of every second item and score the likeliest release."""
    hidden = items.copy()
    mask = np.arange(len(items)) % 2 == 1
    hidden.loc[mask, "app_version"] = ""
    likeliest = in_use(hidden, releases).drop_duplicates("item_id").set_index("item_id")["release_id"]
    return float((likeliest[items["item_id"][mask]].to_numpy() == items["app_version"][mask].to_numpy()).mean())


def test_a_customer_who_declares_a_version_has_it() -> None:
    items = stream([(1.0, "1.0"), (20.0, "1.0")])
    used = in_use(items, released({"1.0": 0.0, "2.0": 10.0}))
    assert used["release_id"].tolist() == ["1.0", "1.0"]
    assert used["probability"].tolist() == [1.0, 1.0]


def test_before_any_release_the_version_is_none() -> None:
    used = in_use(stream([(-1.0, "")]), released({"1.0": 0.0}))
    assert used["release_id"].tolist() == [None]
    assert used["probability"].tolist() == [1.0]


def test_without_releases_every_item_is_before_any() -> None:
    assert in_use(stream([(0.0, ""), (1.0, "1.0")]), released({}))["release_id"].tolist() == [None, None]


def test_with_nothing_declared_the_newest_release_is_the_likeliest() -> None:
    used = in_use(stream([(30.0, "")]), released({"1.0": 0.0, "2.0": 10.0}))
    assert used["release_id"].iloc[0] == "2.0"
    assert used["probability"].iloc[0] > 0.5


def test_slow_customers_are_found_out() -> None:
    """Where a release arrives after ten days the most recent one is mostly wrong; the model is not."""
    items, releases = staged(slow=True)
    by_date = (most_recent(items, releases).to_numpy() == items["app_version"].to_numpy()).mean()
    assert by_date < 0.45
    assert top_1(items, releases) > 0.85


def test_quick_customers_are_found_out() -> None:
    """Where everybody updates at once the model answers as the most recent release does."""
    items, releases = staged(slow=False)
    assert top_1(items, releases) > 0.97


def test_probabilities_are_honest() -> None:
    """What is given 90 % or more is right in nine of ten, and the 90 % set holds the truth as often."""
    items, releases = staged(slow=True)
    hidden = items.copy()
    mask = np.arange(len(items)) % 2 == 1
    hidden.loc[mask, "app_version"] = ""
    used = in_use(hidden, releases).merge(items[["item_id", "app_version"]].assign(hidden=mask), on="item_id")
    used = used[used["hidden"]]
    used["is_true"] = used["release_id"] == used["app_version"]
    before = used.groupby("item_id")["probability"].cumsum() - used["probability"]
    assert used[before < 0.9].groupby("item_id")["is_true"].any().mean() >= 0.88
    assert used[used["probability"] >= 0.9]["is_true"].mean() >= 0.9


DAYS = st.lists(
    st.tuples(st.integers(0, 240).map(lambda tenth: tenth / 10), st.sampled_from(["", "", "1.0", "2.0", "3.0"])),
    min_size=1,
    max_size=25,
)
RELEASES = released({"1.0": 0.0, "2.0": 8.0, "3.0": 8.5, "4.0": 16.0})


@settings(deadline=None, max_examples=50)
@given(DAYS, st.integers(0, 24))
def test_nothing_written_later_changes_an_answer(rows: list[tuple[float, str]], day: int) -> None:
    items = stream(rows)
    early = items[items["written_at"] <= START + pd.Timedelta(days=day)]
    if len(early):
        whole = in_use(items, RELEASES)
        part = whole[whole["item_id"].isin(early["item_id"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(in_use(early, RELEASES), part)


@settings(deadline=None, max_examples=50)
@given(DAYS, st.integers(0, 100))
def test_the_order_of_the_rows_does_not_change_an_answer(rows: list[tuple[float, str]], seed: int) -> None:
    items = stream(rows)
    shuffled = items.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(in_use(shuffled, RELEASES.sample(frac=1, random_state=seed)), in_use(items, RELEASES))


@settings(deadline=None, max_examples=50)
@given(DAYS)
def test_the_probabilities_of_an_item_sum_to_one_and_hold_no_later_release(
    rows: list[tuple[float, str]],
) -> None:
    items = stream(rows)
    used = in_use(items, RELEASES)
    assert used.groupby("item_id")["probability"].sum().to_numpy() == pytest.approx(1.0, abs=1e-9)
    out = dict(zip(RELEASES["release_id"], RELEASES["released_at"], strict=True))
    wrote = dict(zip(items["item_id"], items["written_at"], strict=True))
    declared = set(items["app_version"])
    for row in used.itertuples():
        assert row.release_id is None or out[row.release_id] <= wrote[row.item_id] or row.release_id in declared


STAGED = RELEASES.assign(
    rollout=[
        (),
        ((START + pd.Timedelta(days=8), 0.1), (START + pd.Timedelta(days=12), 0.6)),
        ((START + pd.Timedelta(days=9), 0.3),),
        (),
    ],
    rolled_back_at=pd.to_datetime(
        pd.Series([None, START + pd.Timedelta(days=20), None, START + pd.Timedelta(days=17)]), utc=True
    ),
)


@settings(deadline=None, max_examples=50)
@given(DAYS, st.integers(0, 24))
def test_nothing_that_happens_to_releases_later_changes_an_answer(rows: list[tuple[float, str]], day: int) -> None:
    now = START + pd.Timedelta(days=day)
    items = stream(rows).assign(app_version=[version if version != "3.0" else "" for _, version in rows])
    early = items[items["written_at"] <= now]
    # What was known at that time: no later release, step or roll-back (of releases that nobody declares early).
    known = STAGED.assign(
        rollout=[tuple(step for step in steps if step[0] <= now) for steps in STAGED["rollout"]],
        rolled_back_at=STAGED["rolled_back_at"].where(STAGED["rolled_back_at"] <= now),
    )[(STAGED["released_at"] <= now) | STAGED["version"].isin(["1.0", "2.0"])]
    staged = known["version"].isin(["2.0", "3.0"])
    never = (pd.Timestamp("2100-01-01", tz="UTC"), 0.0)
    pairs = zip(known["rollout"], staged, strict=True)
    known["rollout"] = [steps or ((never,) if is_one else ()) for steps, is_one in pairs]
    if len(early):
        pd.testing.assert_frame_equal(in_use(early, known), in_use(early, STAGED))
        whole = in_use(items, STAGED)
        part = whole[whole["item_id"].isin(early["item_id"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(in_use(early, known), part)


@settings(deadline=None, max_examples=50)
@given(DAYS, st.integers(0, 100))
def test_the_order_of_the_rows_does_not_matter_for_staged_releases(rows: list[tuple[float, str]], seed: int) -> None:
    items = stream(rows)
    shuffled = items.sample(frac=1, random_state=seed)
    backwards = STAGED.assign(rollout=[steps[::-1] for steps in STAGED["rollout"]]).sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(in_use(shuffled, backwards), in_use(items, STAGED))


def test_a_frame_with_empty_schedules_answers_as_one_without() -> None:
    items, releases = staged()
    items.loc[np.arange(len(items)) % 2 == 1, "app_version"] = ""
    plain = releases.assign(rollout=[()] * len(releases), rolled_back_at=pd.NaT)
    pd.testing.assert_frame_equal(in_use(items, plain), in_use(items, releases))


def test_a_schedule_helps_where_few_declare() -> None:
    """Of a roll-out in steps, what is told beforehand need not be learned."""
    rng = np.random.default_rng(11)
    releases = released({f"1.{k}": 20.0 * k for k in range(6)})
    steps = ((0.0, 0.02), (6.0, 0.1), (12.0, 1.0))
    rows = []
    for day in np.sort(rng.uniform(0, 120, 120)):
        k = int(day // 20)
        can = max(share for at, share in steps if at <= day - 20 * k)
        rows.append((float(day), f"1.{k if k == 0 or rng.uniform() < can else k - 1}"))
    items = stream(rows)
    told = releases.assign(
        rollout=[tuple((at + pd.Timedelta(days=day), share) for day, share in steps) for at in releases["released_at"]]
    )
    assert top_1(items, told) > top_1(items, releases) + 0.05


def test_platforms_do_not_teach_each_other() -> None:
    """What android customers declare says nothing of ios customers, and something of one who names none."""
    releases = released({"1.0": 0.0, "2.0": 10.0})
    android = stream([(11.0 + i / 10, "1.0") for i in range(30)], platform="android")
    asked = [stream([(15.0, "")], platform=name) for name in ("ios", "android", "")]
    used = in_use(pd.concat([android, *asked], ignore_index=True), releases)
    likeliest = used[used["item_id"].isin(["ios0000", "0000"])].drop_duplicates("item_id").set_index("item_id")
    assert likeliest["release_id"].to_dict() == {"ios0000": "2.0", "0000": "1.0"}


def test_all_bases_stand_in_one_table() -> None:
    items = stream([(1.0, "1.0"), (12.0, "")])
    links = link_items(items, released({"1.0": 0.0, "2.0": 10.0}))
    assert set(links["basis"]) == {basis.value for basis in LinkBasis}
    first = links[links["item_id"] == "0000"]
    assert first["basis"].tolist() == ["most_recent", "declared", "in_use"]
    second = links[links["item_id"] == "0001"]
    assert "declared" not in set(second["basis"])
    assert second[second["basis"] == "most_recent"]["release_id"].tolist() == ["2.0"]


def test_two_items_of_one_id_are_refused() -> None:
    items = pd.concat([stream([(1.0, "")])] * 2)
    with pytest.raises(ValueError, match="unique"):
        link_items(items, released({"1.0": 0.0}))
