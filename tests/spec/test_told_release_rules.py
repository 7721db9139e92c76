"""A release as a person or a deploy script tells it: what is refused, and what a later reading changes."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.domain import Release, ReleaseKind, RolloutStep
from feedback_triage.errors import InputError
from feedback_triage.sources import read_release
from feedback_triage.store import Store, open_store
from feedback_triage.store.releases import FACTS, as_release, put_releases, releases, settle

OUT = datetime(2026, 10, 1, 10, tzinfo=UTC)
LATER = OUT + timedelta(days=2)
ROW = {"version": "5.21.1", "released_at": "2026-10-01T10:00Z"}
STAGED = (RolloutStep(OUT, 0.05), RolloutStep(LATER, 1.0))
EVERYTHING = frozenset({"kind", "rollout", "rolled_back_at", "is_hotfix"})


def test_a_release_that_is_told_is_read_like_a_row_of_a_file() -> None:
    told = read_release(
        ROW
        | {
            "platform": "web",
            "kind": "hotfix",
            "rollout": [{"at": "2026-10-01T10:00Z", "share": 0.05}],
            "notes": "# Hi",
        }
    )
    assert told.release == Release("5.21.1", OUT, "", "web", ReleaseKind.FIX, "Hi", rollout=STAGED[:1], is_hotfix=True)
    assert told.given == {"version", "released_at", "platform", "kind", "rollout", "notes"}
    assert told.said == {"kind", "rollout"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param({"version": "5.21.1"}, "not said when it was released", id="no date"),
        pytest.param({"released_at": "2026-10-01"}, "no version is given", id="no version"),
        pytest.param(ROW | {"version": " "}, "no version is given", id="a blank version"),
        pytest.param(ROW | {"version": 3.10}, "write it in quotes", id="a version as a number"),
        pytest.param(ROW | {"version": ["1"]}, "write it in quotes", id="a version as a list"),
        pytest.param(ROW | {"version": "5\u202e1"}, "that can be seen", id="a version that turns the text around"),
        pytest.param(ROW | {"platform": "w" * 131}, "at most 130 characters", id="a long platform"),
        pytest.param(ROW | {"platfrom": "web"}, "there is no field platfrom", id="a field that nobody knows"),
        pytest.param(ROW | {"released_at": "soon"}, "cannot be read for certain", id="no date at all"),
        pytest.param(
            ROW | {"released_at": "04/01/2026"}, "cannot be read for certain", id="the day or the month first"
        ),
        pytest.param(ROW | {"released_at": "2026-10-25 02:30"}, "show twice", id="an hour that clocks show twice"),
        pytest.param(ROW | {"released_at": "2026-03-29 02:30"}, "show never", id="an hour that they skip"),
        pytest.param(ROW | {"rolled_back_at": "2026-10-25 02:30"}, "show twice", id="also of a roll-back"),
        pytest.param(ROW | {"kind": "surprise"}, "the kind cannot be used", id="an unknown kind"),
        pytest.param(ROW | {"hotfix": "maybe"}, "neither yes nor no", id="neither yes nor no"),
        pytest.param(ROW | {"rollout": "soon"}, "the rollout cannot be used", id="a roll-out in words"),
        pytest.param(ROW | {"rolled_back_at": "2026-09-01"}, "before the release", id="taken back before it came"),
    ],
)
def test_what_a_file_would_leave_out_or_guess_is_refused_in_one_line(row: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as raised:
        read_release(row, timezone="Europe/Berlin")
    message = str(raised.value)
    assert words in message
    assert "\n" not in message
    assert "\u202e" not in message


@pytest.mark.parametrize("at", ["2026-10-25T02:30+01:00", "2026-10-25 03:30", "25.10.2026 03:30", 1761355800])
def test_dates_with_one_reading_are_read(at: object) -> None:
    assert read_release(ROW | {"released_at": at}, timezone="Europe/Berlin").release.released_at.tzinfo is UTC


@given(st.dictionaries(st.sampled_from(["version", "released_at", "rollout", "notes", "kind", "x"]), st.text()))
def test_no_row_breaks_the_reading(row: dict[str, str]) -> None:
    with suppress(InputError):
        assert read_release(row).release.version


_NUMBERS = count()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A database for all cases; each takes a version of its own."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('told') / 'feedback.db'}") as opened:
        yield opened


KNOWN = Release("", OUT, kind=ReleaseKind.FIX, notes="Fixes the sound", rollout=STAGED)


@pytest.mark.parametrize(
    ("standing", "settled", "news", "said", "after"),
    [
        pytest.param(
            {},
            (),
            {"notes": "Fixes chapters"},
            EVERYTHING,
            {"notes": "Fixes chapters"},
            id="news of a source are taken",
        ),
        pytest.param(
            {}, ("notes",), {"notes": "Fixes chapters"}, EVERYTHING, {}, id="but not of what a person settled"
        ),
        pytest.param(
            {},
            ("notes",),
            {"notes": "New", "kind": ReleaseKind.FEATURE},
            EVERYTHING,
            {"kind": ReleaseKind.FEATURE},
            id="what beside it was not settled is taken",
        ),
        pytest.param({}, (), {"rollout": ()}, EVERYTHING, {"rollout": ()}, id="a blank cell takes a roll-out away"),
        pytest.param({}, (), {"rollout": ()}, (), {}, id="a source without such a column does not"),
        pytest.param({}, (), {"notes": ""}, EVERYTHING, {}, id="blank notes never take notes away"),
        pytest.param({}, (), {"kind": None}, EVERYTHING, {"kind": None}, id="a blank cell takes a kind away"),
        pytest.param({}, (), {"kind": None}, (), {}, id="a source without a word on the kind does not"),
        pytest.param(
            {},
            (),
            {"notes": "Something else", "kind": None},
            (),
            {"notes": "Something else", "kind": None},
            id="other notes that tell no kind take away the kind of those before",
        ),
        pytest.param(
            {"notes": ""},
            (),
            {"notes": "Something else", "kind": None},
            (),
            {"notes": "Something else"},
            id="but not one that was told without notes",
        ),
        pytest.param({}, (), {"is_hotfix": True}, (), {"is_hotfix": True}, id="what a source does say is taken"),
        pytest.param(
            {"rollout": ()}, (), {"released_at": LATER}, EVERYTHING, {"released_at": LATER}, id="another date is taken"
        ),
        pytest.param({}, (), {"released_at": LATER}, (), {}, id="not where the roll-out would begin before it"),
        pytest.param(
            {"rollout": (), "rolled_back_at": OUT},
            (),
            {"released_at": LATER},
            (),
            {},
            id="nor where the release would be taken back before it came",
        ),
        pytest.param(
            {"released_at": LATER, "rollout": ()},
            ("released_at",),
            {"released_at": OUT, "rollout": STAGED},
            EVERYTHING,
            {},
            id="a roll-out that does not agree with a settled date is not taken",
        ),
    ],
)
def test_reading_a_source_again(
    store: Store,
    standing: dict[str, object],
    settled: tuple[str, ...],
    news: dict[str, object],
    said: tuple[str, ...],
    after: dict[str, object],
) -> None:
    known = replace(KNOWN, version=f"1.{next(_NUMBERS)}", **standing)  # type: ignore[arg-type] # a row of the table
    told = replace(known, **news)  # type: ignore[arg-type] # a row of the table
    with store.writing() as connection:
        if settled:
            assert settle(connection, known, settled)
        else:
            put_releases(connection, [known])
        (first,) = put_releases(connection, [told], said=said)
        (again,) = put_releases(connection, [told], said=said)
        frame = releases(connection).set_index("release_id", drop=False)
    stands = as_release(frame.loc[known.release_id])
    assert stands == replace(known, **after)  # type: ignore[arg-type] # a row of the table
    assert set(first.changed) == {name for name in after if getattr(known, name) != after[name]}
    assert again.changed == ()
    assert frame.loc[known.release_id, "settled"] == settled


_TIMES = st.integers(0, 5).map(lambda days: OUT + timedelta(days=days))


@st.composite
def _releases(draw: st.DrawFn) -> Release:
    released_at = draw(_TIMES)
    steps = sorted({(released_at + timedelta(days=days)): 0.5 for days in draw(st.lists(st.integers(0, 3)))}.items())
    back = draw(st.none() | st.integers(0, 3).map(lambda days: released_at + timedelta(days=days)))
    return Release(
        "0",
        released_at,
        kind=draw(st.none() | st.sampled_from(ReleaseKind)),
        notes=draw(st.sampled_from(["", "one", "two"])),
        rollout=tuple(RolloutStep(at, share) for at, share in steps),
        rolled_back_at=back,
        is_hotfix=draw(st.booleans()),
    )


@given(
    _releases(),
    st.sets(st.sampled_from(FACTS)),
    st.lists(st.tuples(_releases(), st.sets(st.sampled_from(sorted(EVERYTHING)))), max_size=4),
)
def test_no_source_undoes_what_a_person_settled_and_times_always_agree(
    store: Store, known: Release, settled: set[str], told: list[tuple[Release, set[str]]]
) -> None:
    """Whatever sources say, in whatever order."""
    version = f"2.{next(_NUMBERS)}"
    with store.writing() as connection:
        settle(connection, replace(known, version=version), settled)
        for release, said in told:
            put_releases(connection, [replace(release, version=version)], said=said)
        stands = as_release(releases(connection).set_index("release_id", drop=False).loc[version])
    assert all(getattr(stands, name) == getattr(known, name) for name in settled)
    assert all(step.at >= stands.released_at for step in stands.rollout)
    assert stands.rolled_back_at is None or stands.rolled_back_at >= stands.released_at


@pytest.mark.parametrize(
    ("settled", "by_notes", "after"),
    [
        pytest.param(("notes",), ("kind", "is_hotfix"), {}, id="what follows from notes that a person settled stays"),
        pytest.param(
            ("notes",), ("is_hotfix",), {"kind": ReleaseKind.FEATURE}, id="a kind that a cell says is news of its own"
        ),
        pytest.param(
            (), ("kind", "is_hotfix"), {"kind": ReleaseKind.FEATURE, "is_hotfix": True}, id="else it is taken"
        ),
    ],
)
def test_reading_a_source_whose_notes_tell_another_kind(
    store: Store, settled: tuple[str, ...], by_notes: tuple[str, ...], after: dict[str, object]
) -> None:
    known = replace(KNOWN, version=f"3.{next(_NUMBERS)}")
    told = replace(known, notes=known.notes if settled else "New", kind=ReleaseKind.FEATURE, is_hotfix=True)
    with store.writing() as connection:
        settle(connection, known, settled)
        put_releases(connection, [told], said=EVERYTHING, by_notes={known.release_id: by_notes})
        stands = as_release(releases(connection).set_index("release_id", drop=False).loc[known.release_id])
    assert replace(stands, notes=known.notes) == replace(known, **after)  # type: ignore[arg-type] # a row of the table


def test_another_product_or_platform_with_the_id_of_a_known_release_is_refused(store: Store) -> None:
    version = f"4.{next(_NUMBERS)}"
    one, other = (Release(version, OUT, product, platform) for product, platform in (("Web", ""), ("", "Web")))
    with store.writing() as connection:
        assert [done.is_refused for done in put_releases(connection, [one, other])] == [False, True]
        assert put_releases(connection, [other])[0].is_refused
        stands = as_release(releases(connection).set_index("release_id", drop=False).loc[one.release_id])
    assert stands == one


@pytest.mark.parametrize("field", ["released_at", "rolled_back_at", "version"])
def test_a_whole_number_that_no_float_holds_is_refused_in_one_line(field: str) -> None:
    with pytest.raises(InputError):
        read_release(ROW | {field: 10**400})
