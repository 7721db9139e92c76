"""Releases told by hand, on both databases: kept when sources are read again, and never half seen."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from feedback_triage.domain import Release
from feedback_triage.errors import StoreError
from feedback_triage.pipeline import JOBS
from feedback_triage.pipeline.releasing import add_release
from feedback_triage.store import ledger, open_store, read
from feedback_triage.store import releases as release_store
from tests.conftest import EXAMPLE, EXAMPLE_RELEASES
from tests.integration.conftest import Told
from tests.support.git import Repository

Cli = Callable[..., Told]
CSV = "version,released_at,platform,kind,notes\n5.21.1,2026-10-01T10:00Z,web,feature,Added chapters\n"


def stored(database: str) -> pd.DataFrame:
    with open_store(database) as store, store.reading() as connection:
        return release_store.releases(connection).set_index("release_id", drop=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """One release of the web, a feature."""
    path = tmp_path / "releases.csv"
    path.write_text(CSV, "utf-8")
    return path


def test_what_a_person_told_stays_when_the_file_is_read_again(cli: Cli, database: str, file: Path) -> None:
    on = ("--database", database)
    JOBS["ingest"](releases=str(file), database=database)
    for told in (
        cli("release", "kind", "5.21.1", "hotfix", *on),
        cli("release", "notes", "web/5.21.1", "Fixes the **sound**", *on),
        cli("release", "at", "5.21.1", "2026-10-01T09:00Z", *on),
        cli("release", "rollout", "5.21.1", "2026-10-01T09:00Z=5%", "2026-10-02=100%", *on),
        cli("release", "rollback", "5.21.1", "--at", "2026-10-03T00:00Z", *on),
    ):
        assert told.status == 0, told.err
    before = stored(database)
    again = JOBS["ingest"](releases=str(file), database=database)
    assert again["n_releases_changed"] == 0
    assert any("what a person settled" in note for note in again["files"][0]["notes"])
    pd.testing.assert_frame_equal(stored(database), before)
    row = before.loc["web/5.21.1"]
    assert (row["kind"], row["is_hotfix"], row["notes"]) == ("fix", True, "Fixes the sound")
    assert row["released_at"] == pd.Timestamp("2026-10-01T09:00Z")
    assert row["rolled_back_at"] == pd.Timestamp("2026-10-03T00:00Z")
    assert row["rollout"] == (
        (datetime(2026, 10, 1, 9, tzinfo=UTC), 0.05),
        (datetime(2026, 10, 2, tzinfo=UTC), 1.0),
    )
    assert set(row["settled"]) == set(release_store.FACTS)


def test_a_release_that_is_told_is_known_with_its_facts(cli: Cli, database: str) -> None:
    on = ("--database", database)
    add = ("release", "add", "6.0", "--at", "2026-10-05T10:00Z", "--platform", "ios", "--notes", "Hotfix: login", *on)
    first, again = cli(*add), cli(*add)
    assert first.out == "added ios/6.0: released 2026-10-05 10:00 UTC, fix, hotfix\n"
    assert again.out == "ios/6.0 is known with these facts already; nothing changed\n"
    other = cli(*add[:4], "2026-10-05T11:00Z", *add[5:])
    assert "ios/6.0 is known with another date" in other.error
    assert "feedback-triage release at ios/6.0" in other.error
    listed = cli("release", "list", *on).out.splitlines()
    assert " ".join(listed[1].split()) == "ios/6.0 2026-10-05 10:00 UTC fix hotfix; settled: hotfix, notes, date"
    assert list(stored(database)["notes"]) == ["Hotfix: login"]


def test_later_news_of_a_file_complete_what_was_told_by_hand(cli: Cli, database: str, file: Path) -> None:
    cli("release", "add", "5.21.1", "--at", "2026-10-01T10:05Z", "--platform", "web", "--database", database)
    JOBS["ingest"](releases=str(file), database=database)
    row = stored(database).loc["web/5.21.1"]
    assert (row["kind"], row["notes"]) == ("feature", "Added chapters")
    assert row["released_at"] == pd.Timestamp("2026-10-01T10:05Z")


def test_a_removed_release_is_gone_until_a_person_brings_it_back(cli: Cli, database: str, file: Path) -> None:
    on = ("--database", database)
    JOBS["ingest"](releases=str(file), database=database)
    before = stored(database)
    gone = cli("release", "remove", "5.21.1", *on)
    assert gone.out.startswith("removed web/5.21.1: ")
    assert stored(database).empty
    assert "no release is known" in cli("release", "list", *on).out
    assert "web/5.21.1" in cli("release", "list", "--removed", *on).out
    again = JOBS["ingest"](releases=str(file), database=database)
    assert any("that a person removed" in note for note in again["files"][0]["notes"])
    assert stored(database).empty
    added = cli("release", "add", "5.21.1", "--at", "2026-10-01T10:00Z", "--platform", "web", *on)
    assert (added.status, "feedback-triage release restore web/5.21.1" in added.error) == (1, True)
    file.write_text(CSV.replace("Added chapters", "Added chapters and shelves"), "utf-8")
    JOBS["ingest"](releases=str(file), database=database)
    assert cli("release", "restore", "5.21.1", *on).out.startswith("restored web/5.21.1: released 2026-10-01 10:00 UTC")
    assert list(stored(database)["notes"]) == ["Added chapters and shelves"]
    pd.testing.assert_frame_equal(stored(database).drop(columns="notes"), before.drop(columns="notes"))
    nothing = cli("release", "restore", "5.21.1", *on)
    assert (nothing.status, "release list --removed" in nothing.error) == (1, True)


def test_a_report_shows_at_once_what_a_person_told(cli: Cli, database: str, tmp_path: Path) -> None:
    JOBS["ingest"]([str(EXAMPLE / "feedback" / "support_email.jsonl")], EXAMPLE_RELEASES, database=database)
    on = ("--database", database)
    for command in ("remove", "restore"):
        cli("release", command, "web/5.21.1", *on)
        told = cli("report", *on, "--report", str(tmp_path / command))
        assert told.status == 0, told.err
        with open_store(database) as store, store.reading() as connection:
            linked = set(read.release_links(connection)["release_id"])
        assert ("web/5.21.1" in linked) == (command == "restore")


def test_what_was_found_of_a_release_goes_with_it(cli: Cli, database: str) -> None:
    JOBS["ingest"]([str(EXAMPLE / "feedback" / "support_email.jsonl")], EXAMPLE_RELEASES, database=database)
    for stage in ("embed", "cluster", "link", "silence"):
        JOBS[stage](database=database)

    def named_by() -> dict[str, set[str | None]]:
        with open_store(database) as store, store.reading() as connection:
            read_by = {
                "links": read.release_links(connection),
                "windows": ledger.silence_windows(connection),
                "suspects": ledger.suspects(connection),
            }
        return {name: set(frame["release_id"]) for name, frame in read_by.items()}

    gone = "web/5.21.1"
    assert all(gone in found for found in named_by().values())
    assert cli("release", "remove", gone, "--database", database).status == 0
    assert not any(gone in found for found in named_by().values())
    JOBS["link"](database=database)
    JOBS["silence"](database=database)
    assert not any(gone in found for found in named_by().values())
    with open_store(database) as store, store.reading() as connection:
        links = read.release_links(connection)
        n_items = len(read.items(connection))
    assert len(links[links["basis"] == "most_recent"]) == n_items


def test_a_version_of_two_releases_must_be_named_in_full(cli: Cli, home: Path) -> None:
    for platform in ("web", "ios"):
        cli("release", "add", "7.0", "--at", "2026-10-05", "--platform", platform)
    assert "name one of ios/7.0, web/7.0" in cli("release", "kind", "7.0", "fix").error
    assert "no release has that name" in cli("release", "kind", "8.0", "fix").error
    assert cli("release", "kind", "WEB/7.0", "fix").status == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("add", "1.0", "--at", "soon"), "cannot be read for certain", id="no date"),
        pytest.param(("add", "1.0", "--at", "2026-10-25 02:30"), "show twice", id="an hour that clocks show twice"),
        pytest.param(("add", "1.0", "--at", "2026-03-29 02:30"), "show never", id="an hour that clocks skip"),
        pytest.param(("add", "web/1.0", "--at", "now"), "--product and --platform", id="a release id as the version"),
        pytest.param(("rollback", "known", "--at", "n/a"), "say none where", id="a word for nothing as a roll-back"),
        pytest.param(("rollout", "known", "null"), "say none where", id="a word for nothing as a roll-out"),
        pytest.param(("notes", "known", "unknown"), "say none where", id="a word for nothing as notes"),
        pytest.param(("add", "1.0", "--at", "now", "--rollout", "nan"), "say none where", id="also of a new one"),
        pytest.param(("add", " ", "--at", "now"), "no version is given", id="a blank version"),
        pytest.param(("at", "known", "2026-10-03"), "its roll-out would begin before", id="a date after the roll-out"),
        pytest.param(("rollback", "known", "--at", "2026-09-01"), "before the release", id="taken back before it came"),
        pytest.param(("rollout", "known", "2026-10-01=50%", "2026-10-02=5%"), "a share falls", id="a falling share"),
    ],
)
def test_what_cannot_be_told_changes_nothing(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.setenv("FEEDBACK_TRIAGE_TIMEZONE", "Europe/Berlin")
    database = f"sqlite:///{home / 'feedback.db'}"
    cli("release", "add", "known", "--at", "2026-10-01", "--rollout", "2026-10-01=5%")
    before = stored(database)
    assert words in cli("release", *arguments).error
    pd.testing.assert_frame_equal(stored(database), before)


def test_a_release_in_the_future_is_taken_and_told(cli: Cli, home: Path) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    assert "lies in the future" in cli("release", "add", "9.0", "--at", ahead).out
    assert "lies in the future" not in cli("release", "add", "9.1", "--at", "now").out


def test_a_file_with_a_release_in_the_future_and_one_twice_tells_both(tmp_path: Path) -> None:
    path = tmp_path / "releases.csv"
    ahead = f"{datetime.now(UTC) + timedelta(days=400):%Y-%m-%d}"
    path.write_text(f"version,date\n1.0,2026-10-01\n1.0,2026-10-02\n2.0,{ahead}\n", "utf-8")
    (done,) = JOBS["ingest"](releases=str(path), database=f"sqlite:///{tmp_path / 'x.db'}")["files"]
    assert [note for note in done["notes"] if "1 release lies in the future" in note]
    assert [note for note in done["notes"] if "1 row names a version again" in note]
    assert (done["n_read"], done["n_stored"], done["n_rejected"]) == (3, 2, 1)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("CHANGELOG.md", "# Changes\n## 1.0\n- New\n", "has a date", id="a changelog without dates"),
        pytest.param("CHANGELOG.md", "# Changes\nNothing yet\n", "no heading in it names a version", id="nor versions"),
        pytest.param("releases.csv", "version,date\n1.0,soon\n", "not one of 1 row", id="a table without dates"),
        pytest.param("repository", None, "the repository has no tags", id="a repository without tags"),
    ],
)
def test_a_source_that_dates_no_release_is_told_in_one_line_and_nothing_is_made_up(
    cli: Cli, tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    path = tmp_path / name
    if text is None:
        Repository(path).commit("Begin", "2026-10-05")
    else:
        path.write_text(text, "utf-8")
    on = ("--database", f"sqlite:///{tmp_path / 'x.db'}")
    feedback = str(EXAMPLE / "feedback" / "chat.jsonl")
    assert words in cli("ingest", "--feedback", feedback, "--releases", str(path), *on).error
    assert "no release is known yet" in cli("release", "list", *on).out


def test_releases_seen_on_feedback_stay_beside_one_that_is_told_and_what_was_settled_stays(
    cli: Cli, tmp_path: Path, file: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'x.db'}"
    on = ("--database", database)
    rows = [f"{day},2026-09-{day:02d},fine,{'1.0' if day < 15 else '2.0'}" for day in range(1, 29)]
    (tmp_path / "r.csv").write_text("id,date,text,version\n" + "\n".join(rows) + "\n", "utf-8")
    JOBS["ingest"]([str(tmp_path / "r.csv")], database=database)
    JOBS["link"](database=database)
    assert cli("release", "kind", "1.0", "fix", *on).status == 0
    assert JOBS["link"](database=database)["n_releases_derived"] == 0
    told = cli("release", "add", "2.0", "--at", "2026-09-14T08:00Z", *on)
    assert "no longer taken as releases" in told.out
    assert list(stored(database)["is_derived"]) == [True, False]
    JOBS["ingest"](releases=str(file), database=database)
    assert set(stored(database).index) == {"1.0", "2.0", "web/5.21.1"}, "1.0 has a kind that a person settled"
    JOBS["link"](database=database)
    with open_store(database) as store, store.reading() as connection:
        links = read.release_links(connection)
    assert set(links[links["basis"] == "most_recent"]["release_id"].dropna()) == {"1.0", "2.0"}


def test_a_release_waits_for_the_stage_that_works_on_the_database(database: str) -> None:
    done = threading.Event()

    def add() -> None:
        add_release("1.0", "now", database=database)
        done.set()

    with open_store(database) as store:
        with store.exclusive():
            thread = threading.Thread(target=add)
            thread.start()
            time.sleep(1.0)
            assert not done.is_set()
            with store.reading() as connection:
                assert len(release_store.releases(connection)) == 0
        thread.join(60)
    assert list(stored(database).index) == ["1.0"]


def test_a_long_run_holds_no_transaction_open(postgresql: Callable[[str], str]) -> None:
    url = postgresql("held")
    query = text("SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    with open_store(url) as store, store.exclusive(), store.reading() as connection:
        assert set(connection.scalars(query)) == {"idle"}


def test_who_does_not_want_to_wait_is_told(database: str) -> None:
    with open_store(database) as store, open_store(database) as other:
        with store.exclusive(), pytest.raises(StoreError, match="another run is working"), other.exclusive(0.3):
            pass
        with other.exclusive(0.3), other.writing() as connection:
            release_store.put_releases(connection, [Release("1.0", datetime(2026, 10, 1, tzinfo=UTC))])
    assert list(stored(database).index) == ["1.0"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "1.0", "--at", ""),
        ("add", "1.0", "--at", "now", "--rollout", " "),
        ("rollout", "known", ""),
        ("rollback", "known", "--at", ""),
        ("notes", "known", ""),
        ("at", "known", ""),
    ],
)
def test_an_empty_word_is_wrong_usage_and_erases_nothing(cli: Cli, home: Path, arguments: tuple[str, ...]) -> None:
    """As a script gives it whose variable is unset."""
    database = f"sqlite:///{home / 'feedback.db'}"
    cli("release", "add", "known", "--at", "2026-10-01", "--rollout", "2026-10-01=5%", "--notes", "Fixes it")
    cli("release", "rollback", "known", "--at", "2026-10-02")
    before = stored(database)
    told = cli("release", *arguments)
    assert told.status == 2
    assert "it is empty" in told.err
    pd.testing.assert_frame_equal(stored(database), before)


def test_a_release_told_now_again_within_a_quarter_of_an_hour_is_the_same_push(cli: Cli, database: str) -> None:
    """A deploy script that tries again does no harm; later, or with another fact, it is asked."""
    on = ("--database", database)
    add = ("release", "add", "1.0", "--at", "now", "--kind", "fix", "--rollout", "now=5%", *on)
    first = cli(*add)
    assert first.out.startswith("added 1.0")
    ago = f"{datetime.now(UTC) - timedelta(minutes=14):%Y-%m-%dT%H:%M:%SZ}"
    for command in (("rollout", "1.0", "none"), ("at", "1.0", ago), ("rollout", "1.0", f"{ago}=5%")):
        assert cli("release", *command, *on).status == 0
    before = stored(database)
    assert cli(*add).out == "1.0 is known with these facts already; nothing changed\n"
    pd.testing.assert_frame_equal(stored(database), before)
    assert "another kind" in cli("release", "add", "1.0", "--at", "now", "--kind", "feature", *on).error
    earlier = f"{datetime.now(UTC) - timedelta(minutes=17):%Y-%m-%dT%H:%M:%SZ}"
    assert cli("release", "at", "1.0", earlier, *on).status == 0
    assert "another date" in cli("release", "add", "1.0", "--at", "now", "--kind", "fix", *on).error


def test_another_kind_takes_a_hotfix_back(cli: Cli, database: str, tmp_path: Path) -> None:
    """For good: a file that tells a hotfix does not bring it again."""
    on = ("--database", database)
    path = tmp_path / "releases.csv"
    path.write_text("version,date,hotfix\n1.0,2026-10-01,yes\n", "utf-8")
    cli("release", "add", "1.0", "--at", "2026-10-01", *on)
    assert ", fix, hotfix" in cli("release", "kind", "1.0", "hotfix", *on).out
    assert cli("release", "kind", "1.0", "fix", *on).out == "1.0: released 2026-10-01 00:00 UTC, fix\n"
    JOBS["ingest"](releases=str(path), database=database)
    assert list(stored(database)["is_hotfix"]) == [False]


def test_a_file_read_again_keeps_the_kind_of_the_notes_that_a_person_settled(
    cli: Cli, database: str, file: Path
) -> None:
    """The kind follows from the notes that stand, not from those that were not taken."""
    file.write_text("version,released_at,platform,notes\n5.21.1,2026-10-01T10:00Z,web,Added chapters\n", "utf-8")
    JOBS["ingest"](releases=str(file), database=database)
    told = cli("release", "notes", "5.21.1", "Hotfix: the sound is back", "--database", database)
    assert ", fix, hotfix" in told.out
    before = stored(database)
    for cell in ("Added chapters", "Added playlists"):
        file.write_text(f"version,date,platform,kind,hotfix,notes\n5.21.1,2026-10-01T10:00Z,web,,,{cell}\n", "utf-8")
        JOBS["ingest"](releases=str(file), database=database)
        pd.testing.assert_frame_equal(stored(database), before)


def test_an_id_that_another_release_has_is_refused_by_hand_and_by_file(cli: Cli, database: str, tmp_path: Path) -> None:
    on = ("--database", database)
    assert cli("release", "add", "1.0", "--at", "2026-10-01", "--product", "Web", *on).status == 0
    before = stored(database)
    told = cli("release", "add", "1.0", "--at", "2026-10-01", "--platform", "Web", *on)
    assert "Web/1.0 is the id of a release that is known with another product" in told.error
    path = tmp_path / "releases.csv"
    path.write_text("version,date,platform\n1.0,2026-10-02,Web\n1.1,2026-10-03,Web\n", "utf-8")
    (done,) = JOBS["ingest"](releases=str(path), database=database)["files"]
    assert (done["n_read"], done["n_stored"], done["n_already_known"], done["n_rejected"]) == (2, 1, 0, 1)
    assert [note for note in done["notes"] if "the id of a release that is known with another" in note]
    pd.testing.assert_frame_equal(stored(database).loc[["Web/1.0"]], before)


ESCAPE = "1\x1b[2J\x9b1A\u202e.0"


def test_no_name_of_a_release_moves_the_cursor(cli: Cli, database: str) -> None:
    """Names that an earlier version took from a file: in lists, in answers and in errors."""
    on = ("--database", database)
    with open_store(database) as store, store.writing() as connection:
        out = datetime(2026, 10, 1, tzinfo=UTC)
        release_store.put_releases(connection, [Release(ESCAPE, out, platform=name) for name in ("ios", "web")])
        release_store.put_releases(connection, [Release("2.0", out, platform=f"{name}\x1b") for name in "ab"])
    told = [
        cli("release", "list", *on),
        cli("release", "kind", f"ios/{ESCAPE}", "fix", *on),
        cli("release", "kind", ESCAPE, "fix", *on),
        cli("release", "add", "2.0", "--at", "2026-10-01", *on),
        cli("release", "rollback", f"ios/{ESCAPE}", "--at", "2026-09-01", *on),
    ]
    for each in told:
        shown = each.out + each.err
        assert "\ufffd" in shown or each.status == 1
        assert all(character.isprintable() for line in shown.split("\n") for character in line), repr(shown)
