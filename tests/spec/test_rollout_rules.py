"""Staged roll-outs and roll-backs: how they are written, and what is left out rather than guessed at."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.domain import RolloutStep
from feedback_triage.sources import read_releases
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.rollouts import RolloutProblem, read_rollout, read_share

FIRST, THIRD, FIFTH = (datetime(2026, 10, day, tzinfo=UTC) for day in (1, 3, 5))
STAGED = ((FIRST, 0.05), (THIRD, 0.5), (FIFTH, 1.0))


def read(value: object, zone: str = "UTC") -> object:
    """Steps of a release of 1 October 2026 as pairs, or what is wrong with them."""
    steps = read_rollout(value, FIRST, DateReader.for_certain(zone))
    return steps if isinstance(steps, RolloutProblem) else tuple((step.at, step.share) for step in steps)


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        pytest.param("2026-10-01=5%; 2026-10-03=50%; 2026-10-05=100%", STAGED, id="steps with a semicolon between"),
        pytest.param("2026-10-01=5%\n2026-10-03=50%\n2026-10-05=100%", STAGED, id="or one a line"),
        pytest.param("2026-10-01=0.05;2026-10-03=.5;2026-10-05=1", STAGED, id="shares from 0 to 1"),
        pytest.param("2026-10-01 = 5 %; 2026-10-03 = 0,5; 2026-10-05 = 100,0 %;", STAGED, id="blanks and commas"),
        pytest.param(
            [
                {"at": "2026-10-01", "share": 0.05},
                {"at": "2026-10-03", "share": "50%"},
                {"at": "2026-10-05", "share": 1},
            ],
            STAGED,
            id="a list of at and share, as JSON lines have it",
        ),
        pytest.param(
            '[{"at": "2026-10-01", "share": 0.05}, {"at": "2026-10-03", "share": 0.5}, '
            '{"at": "2026-10-05", "share": 1}]',
            STAGED,
            id="the text of such a list, as a cell of a table has it",
        ),
        pytest.param("2026-10-05=100%; 2026-10-01=5%; 2026-10-03=50%", STAGED, id="the order does not count"),
        pytest.param("2026-10-01=5%; 2026-10-01=0.05", ((FIRST, 0.05),), id="a step that is there twice counts once"),
        pytest.param("2026-10-01=5%; 2026-10-03=5%", ((FIRST, 0.05), (THIRD, 0.05)), id="a share may stay"),
        pytest.param("2026-10-03=0%", ((THIRD, 0.0),), id="a share of nobody"),
        pytest.param("2026-10-01T02:00+02:00=1", ((FIRST, 1.0),), id="with an offset"),
        pytest.param("", (), id="a blank is no roll-out"),
        pytest.param("none", (), id="nor is a word for nothing"),
        pytest.param([], (), id="nor is an empty list"),
        pytest.param("soon", RolloutProblem.UNREADABLE, id="words are none"),
        pytest.param("5%", RolloutProblem.UNREADABLE, id="a share without a date is none"),
        pytest.param("[1, 2]", RolloutProblem.UNREADABLE, id="a list of something else is none"),
        pytest.param("[{", RolloutProblem.UNREADABLE, id="broken JSON is none"),
        pytest.param([{"at": "2026-10-01"}], RolloutProblem.UNREADABLE, id="a step without a share is none"),
        pytest.param(7, RolloutProblem.UNREADABLE, id="a number is none"),
        pytest.param("2026-10-01=5%; soon=50%", RolloutProblem.DATE, id="one unreadable date spoils the whole"),
        pytest.param("2026-10-01=5%, 2026-10-03=50%", RolloutProblem.DATE, id="so does a comma between steps"),
        pytest.param("2026-10-01=101%", RolloutProblem.SHARE, id="more than all customers"),
        pytest.param("2026-10-01=5", RolloutProblem.SHARE, id="5 without a sign may be 5 % or a mistake"),
        pytest.param("2026-10-01=-5%", RolloutProblem.SHARE, id="fewer than none"),
        pytest.param([{"at": "2026-10-01", "share": True}], RolloutProblem.SHARE, id="yes is no share"),
        pytest.param([{"at": "2026-10-01", "share": 10**400}], RolloutProblem.SHARE, id="nor is a huge number"),
        pytest.param([{"at": "2026-10-01", "share": float("nan")}], RolloutProblem.SHARE, id="nor is not a number"),
        pytest.param("2026-10-01=50%; 2026-10-03=5%", RolloutProblem.FALLING, id="a share that falls"),
        pytest.param("2026-10-01=5%; 2026-10-01=6%", RolloutProblem.TWICE, id="two shares at one instant"),
        pytest.param("2026-09-30T23:59Z=5%", RolloutProblem.EARLY, id="a step before the release"),
    ],
)
def test_a_roll_out_is_read(value: object, steps: object) -> None:
    assert read(value) == steps


def test_steps_without_a_zone_are_in_the_given_one() -> None:
    assert read("2026-10-03 02:00=5%", "Europe/Berlin") == ((THIRD, 0.05),)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 100)), max_size=8))
def test_what_is_read_obeys_the_laws_and_is_read_again_as_itself(pairs: list[tuple[int, int]]) -> None:
    value = [{"at": (FIRST + timedelta(minutes=at)).isoformat(), "share": f"{share}%"} for at, share in pairs]
    dates = DateReader.for_certain()
    steps = read_rollout(value, FIRST, dates)
    if isinstance(steps, RolloutProblem):
        ordered = sorted(set(pairs))
        assert any(a[0] == b[0] or a[1] > b[1] for a, b in pairwise(ordered))
        return
    assert all(a.at < b.at and a.share <= b.share for a, b in pairwise(steps))
    assert all(step.at >= FIRST and 0 <= step.share <= 1 for step in steps)
    assert read_rollout(value[::-1], FIRST, dates) == steps
    assert read_rollout("; ".join(f"{step.at.isoformat()}={step.share}" for step in steps), FIRST, dates) == steps


@given(st.text() | st.lists(st.dictionaries(st.sampled_from(["at", "share"]), st.text() | st.floats() | st.integers())))
def test_no_roll_out_breaks_the_reading(value: object) -> None:
    assert isinstance(read(value), tuple | RolloutProblem)


@given(st.one_of(st.floats(), st.integers(), st.text(), st.booleans(), st.none()))
def test_a_share_is_from_nobody_to_everybody(value: object) -> None:
    share = read_share(value)
    assert share is None or 0 <= share <= 1


@pytest.mark.parametrize(
    ("rollout", "note"),
    [
        pytest.param("2026-10-01=50%; 2026-10-03=5%", "a share falls", id="a roll-out whose share falls"),
        pytest.param("2026-09-01=50%", "a step lies before the release", id="a roll-out before the release"),
        pytest.param("step by step", "it is not written like", id="a roll-out in words"),
    ],
)
def test_a_roll_out_that_cannot_be_used_is_told_and_the_release_stays(tmp_path: Path, rollout: str, note: str) -> None:
    path = tmp_path / "releases.jsonl"
    path.write_text(json.dumps({"version": "1.0", "released_at": "2026-10-01", "rollout": rollout}) + "\n", "utf-8")
    file = read_releases(path)
    assert [(release.version, release.rollout) for release in file.releases] == [("1.0", ())]
    assert [line for line in file.notes if line.startswith("the rollout of 1 row is left out") and note in line]
    assert not file.rejected


def test_a_table_with_a_roll_out_and_a_roll_back(tmp_path: Path) -> None:
    path = tmp_path / "releases.csv"
    path.write_text(
        "version,released at,Rollout,Rolled back at\n"
        "1.0,2026-10-01,2026-10-01=5%; 2026-10-03=50%,2026-10-05\n1.1,2026-10-03,,\n",
        "utf-8",
    )
    first, second = read_releases(path).releases
    assert first.rollout == (RolloutStep(FIRST, 0.05), RolloutStep(THIRD, 0.5))
    assert first.rolled_back_at == FIFTH
    assert (second.rollout, second.rolled_back_at) == ((), None)


@pytest.mark.parametrize(
    ("at", "instant", "note"),
    [
        pytest.param("2026-10-05", FIFTH, "", id="after the release"),
        pytest.param("2026-10-01", FIRST, "", id="at the instant of the release"),
        pytest.param("", None, "", id="a blank is no roll-back"),
        pytest.param("2026-09-30", None, "it lies before the release", id="before the release it is left out and told"),
        pytest.param("yes", None, "the date cannot be read", id="without a date it is left out and told"),
    ],
)
def test_a_roll_back_is_read(tmp_path: Path, at: str, instant: datetime | None, note: str) -> None:
    path = tmp_path / "releases.csv"
    path.write_text(f"version,date,rolled_back_at\n1.0,2026-10-01,{at}\n", "utf-8")
    file = read_releases(path)
    assert file.releases[0].rolled_back_at == instant
    assert [line for line in file.notes if "rolled_back_at" in line] == (
        [f"the rolled_back_at of 1 row is left out: {note}"] if note else []
    )


@pytest.mark.parametrize(
    ("at", "instant", "note"),
    [
        pytest.param("2026-10-25 02:30", "2026-10-25T00:30", "twice", id="an hour that clocks show twice is the first"),
        pytest.param("2026-03-29 02:30", "2026-03-29T01:30", "never", id="an hour that they skip is counted on"),
        pytest.param("2026-10-25T02:30+01:00", "2026-10-25T01:30", "", id="an offset decides"),
        pytest.param("2026-10-25 03:30", "2026-10-25T02:30", "", id="an hour later there is nothing to tell"),
    ],
)
def test_clocks_that_jump_are_told(tmp_path: Path, at: str, instant: str, note: str) -> None:
    path = tmp_path / "releases.csv"
    path.write_text(f"version,date\n1.0,{at}\n", "utf-8")
    file = read_releases(path, timezone="Europe/Berlin")
    assert file.releases[0].released_at == datetime.fromisoformat(f"{instant}:00+00:00")
    assert [note in line for line in file.notes if "clocks" in line] == ([True] if note else [])
