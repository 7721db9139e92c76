"""What a release file may look like, and what becomes of rows that disagree."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedback_triage.domain import ReleaseKind
from feedback_triage.errors import InputError, MissingColumnError, NoUsableRowError
from feedback_triage.sources import read_releases


def write(folder: Path, text: str, name: str = "releases.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "kept", "reasons", "n_repeated"),
    [
        pytest.param("version,date\n1.0,2017-04-01\n", {"1.0": "2017-04-01"}, [], 0, id="one release"),
        pytest.param(
            "version,date\n1.0,2017-04-01\n1.0,2017-04-01\n",
            {"1.0": "2017-04-01"},
            [],
            1,
            id="a row that says the same again is counted, not rejected",
        ),
        pytest.param(
            "version,date\n1.0,2017-04-05\n1.0,2017-04-01\n",
            {"1.0": "2017-04-01"},
            [(1, "version_repeated")],
            0,
            id="of two dates the earlier counts, and the later row is rejected",
        ),
        pytest.param(
            "version,date,notes\n1.0,2017-04-01,\n1.0,2017-04-01,Fixed it\n",
            {"1.0": "2017-04-01"},
            [(1, "version_repeated")],
            0,
            id="of two rows with one date the one with notes counts",
        ),
        pytest.param(
            "version,date,platform\n1.0,2017-04-01,ios\n1.0,2017-04-03,android\n",
            {"ios/1.0": "2017-04-01", "android/1.0": "2017-04-03"},
            [],
            0,
            id="one version on two platforms is two releases",
        ),
        pytest.param(
            "version,date,product\n1.0,2017-04-01,Maps\n1.0,2017-04-03,Mail\n",
            {"Maps/1.0": "2017-04-01", "Mail/1.0": "2017-04-03"},
            [],
            0,
            id="one version of two products is two releases",
        ),
        pytest.param(
            "version,date\n,2017-04-01\nn/a,2017-04-01\n1.0,2017-04-01\n",
            {"1.0": "2017-04-01"},
            [(1, "version_missing"), (2, "version_missing")],
            0,
            id="a row without a version is rejected",
        ),
        pytest.param(
            "version,date\n1.0,\n1.1,soon\n1.2,2017-04-01\n",
            {"1.2": "2017-04-01"},
            [(1, "released_at_missing"), (2, "released_at_unreadable")],
            0,
            id="a row without a date that can be read is rejected",
        ),
        pytest.param(
            "version,date\n1.0,2017-04-01\n1.1,2017-04-02,oops\n",
            {"1.0": "2017-04-01"},
            [(2, "ragged_row")],
            0,
            id="a row wider than the header is rejected",
        ),
        pytest.param(
            "version,date,product,platform\n1.0,2017-04-02,Web,\n1.0,2017-04-01,,Web\n",
            {"Web/1.0": "2017-04-01"},
            [(1, "version_repeated")],
            0,
            id="of a product and a platform that make one release id the later is rejected",
        ),
        pytest.param(
            "version,date,product,platform\n1.0,2017-04-01,a/b,c\n1.0,2017-04-01,a,b/c\nb/c/1.0,2017-04-01,a,\n",
            {"a/b/c/1.0": "2017-04-01"},
            [(1, "version_repeated"), (2, "version_repeated")],
            0,
            id="so too where a / in a name makes them one",
        ),
        pytest.param(
            f"version,date,platform\n{'9' * 201},2017-04-01,\n1\x1b[2J,2017-04-01,\n"
            "1.0,2017-04-01,w\u202eb\n1.1,2017-04-01,\n",
            {"1.1": "2017-04-01"},
            [(1, "name_unusable"), (2, "name_unusable"), (3, "name_unusable")],
            0,
            id="a row with a name over 200 characters, or with some that cannot be seen, is rejected",
        ),
        pytest.param(
            f"version,date,product,platform\n{'1' * 200},2017-04-01,{'p' * 200},x\n1.1,2017-04-01,,\n",
            {"1.1": "2017-04-01"},
            [(1, "name_unusable")],
            0,
            id="a row whose release id has over 400 characters is rejected",
        ),
        pytest.param(
            "version,date\n2.0,2018-01-01\n1.0,2017-04-01\n",
            {"1.0": "2017-04-01", "2.0": "2018-01-01"},
            [],
            0,
            id="releases come out by date",
        ),
        pytest.param(
            "version,date\nv1.0-beta (12),2017-04-01\n",
            {"v1.0-beta (12)": "2017-04-01"},
            [],
            0,
            id="a version stays as the team writes it",
        ),
    ],
)
def test_rows_become_releases(
    tmp_path: Path, text: str, kept: dict[str, str], reasons: list[tuple[int, str]], n_repeated: int
) -> None:
    file = read_releases(write(tmp_path, text))
    assert {release.release_id: f"{release.released_at:%Y-%m-%d}" for release in file.releases} == kept
    assert [release.release_id for release in file.releases] == list(kept)
    assert [(row.row_number, row.reason) for row in file.rejected] == reasons
    assert file.n_repeated == n_repeated
    assert file.n_read == len(file.releases) + len(file.rejected) + file.n_repeated


@pytest.mark.parametrize(
    ("notes", "plain"),
    [
        pytest.param(
            "## What's new\n\n* **Fixed** the `sync`\n* Faster",
            "What's new\n\n- Fixed the sync\n- Faster",
            id="Markdown",
        ),
        pytest.param("<p>New:</p><ul><li>Sync</li><li>Links</li></ul>", "New:\n\n- Sync\n\n- Links", id="HTML"),
        pytest.param("See [the guide](https://example.com/a_b) &amp; more", "See the guide & more", id="a link"),
        pytest.param("Renamed snake_case_name, 2*3*4", "Renamed snake_case_name, 2*3*4", id="no markup at all"),
        pytest.param("- one\r\n- two", "- one\n- two", id="line ends of Windows"),
        pytest.param("n/a", "", id="a word for nothing"),
    ],
)
def test_notes_become_plain_text(tmp_path: Path, notes: str, plain: str) -> None:
    quoted = notes.replace('"', '""')
    file = read_releases(write(tmp_path, f'version,date,notes\n1.0,2017-04-01,"{quoted}"\n'))
    assert file.releases[0].notes == plain


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        pytest.param("feature", ReleaseKind.FEATURE, id="feature"),
        pytest.param("Hotfix", ReleaseKind.FIX, id="a hotfix is a fix"),
        pytest.param("maintenance", ReleaseKind.MAINTENANCE, id="maintenance"),
        pytest.param("mixed", ReleaseKind.MIXED, id="mixed"),
        pytest.param("", None, id="a blank says nothing"),
        pytest.param("surprise", None, id="an unknown word says nothing"),
    ],
)
def test_kinds_are_read(tmp_path: Path, word: str, kind: ReleaseKind | None) -> None:
    file = read_releases(write(tmp_path, f"version,date,kind\n1.0,2017-04-01,{word}\n"))
    assert file.releases[0].kind is kind
    assert any("kind of 1 row" in note for note in file.notes) == (word == "surprise")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        pytest.param(
            "date,notes\n2017-04-01,x\n",
            MissingColumnError,
            "recognised as version; it has date, notes",
            id="no version",
        ),
        pytest.param(
            "version,notes\n1.0,x\n",
            MissingColumnError,
            "rename the one that holds it to released_at",
            id="no date",
        ),
        pytest.param(
            "version,date\n,2017-04-01\n",
            NoUsableRowError,
            "not one of 1 row gives both a version",
            id="blank",
        ),
        pytest.param("version,date\n1.0,soon\n", NoUsableRowError, "a date that can be read", id="no date can be read"),
        pytest.param("version,date\n", InputError, "a header but no rows", id="a header alone"),
        pytest.param("", InputError, "it is empty", id="nothing"),
    ],
)
def test_an_unusable_file_is_told_in_one_line(tmp_path: Path, text: str, error: type[InputError], words: str) -> None:
    with pytest.raises(error) as raised:
        read_releases(write(tmp_path, text))
    message = str(raised.value)
    assert message.startswith("releases.csv: ")
    assert words in message
    assert "\n" not in message


def test_a_mapped_column_and_a_local_time_zone(tmp_path: Path) -> None:
    path = write(tmp_path, "build,shipped\n7,2017-04-01 12:00\n")
    file = read_releases(path, columns={"version": "build", "released_at": "shipped"}, timezone="Europe/Amsterdam")
    assert file.releases[0].released_at == datetime(2017, 4, 1, 10, tzinfo=UTC)


def test_json_lines_with_a_version_as_a_number_are_read_with_a_warning(tmp_path: Path) -> None:
    """3.10 as a JSON number has lost its zero before this program sees it."""
    path = write(tmp_path, '{"version": 3.10, "date": "2017-04-01"}\n', "releases.jsonl")
    file = read_releases(path)
    assert file.releases[0].version == "3.1"
    assert any("in quotes" in note for note in file.notes)


def test_the_order_of_the_rows_changes_no_release(tmp_path: Path) -> None:
    rows = [f"1.{n % 4},2017-04-{1 + n % 7:02},{'fix' if n % 2 else ''},note {n % 3}" for n in range(40)]
    outcomes = []
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        file = read_releases(write(tmp_path, "version,date,kind,notes\n" + "\n".join(rows) + "\n"))
        outcomes.append((file.releases, file.n_repeated, sorted(row.raw for row in file.rejected)))
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_a_release_id_of_two_releases_is_told_in_a_note_and_in_the_rejected_row(tmp_path: Path) -> None:
    file = read_releases(write(tmp_path, "version,date,product,platform\n1.0,2017-04-01,Web,\n1.0,2017-04-02,,Web\n"))
    assert "joined by / they give the same release id" in file.rejected[0].detail
    assert [note for note in file.notes if note.startswith("1 row gives the release id of another product")]


@pytest.mark.parametrize(
    ("cells", "by_notes"),
    [
        pytest.param(",,Hotfix: login", {"kind", "is_hotfix"}, id="where no cell says anything the notes decide"),
        pytest.param("fix,,Hotfix: login", {"is_hotfix"}, id="a kind is said, a hotfix is not"),
        pytest.param("hotfix,,Login", set(), id="the kind hotfix says both"),
        pytest.param(",no,Fixed login", {"kind"}, id="no is a word on being a hotfix"),
    ],
)
def test_what_only_the_notes_decide_is_told(tmp_path: Path, cells: str, by_notes: set[str]) -> None:
    file = read_releases(write(tmp_path, f"version,date,kind,hotfix,notes\n1.0,2017-04-01,{cells}\n"))
    assert file.by_notes == {"1.0": by_notes}
