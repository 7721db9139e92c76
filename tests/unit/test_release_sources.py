"""Where releases come from: real repositories and files, hostile ones too."""

import json
import os
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback_triage.errors import InputError, MissingFileError, UnreadableFileError
from feedback_triage.sources import RELEASE_SOURCES, ReleaseFile, git_program, read_releases
from feedback_triage.sources.markdown_lines import marked_lines
from feedback_triage.sources.tags import read_tag, says_only_a_version
from tests.support.git import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two releases: v1.0 on 5 October 2026 and v1.1, which fixed something, on the 6th."""
    made = Repository(tmp_path / "vidlane")
    made.commit("Begin", "2026-10-05")
    made.tag("v1.0")
    made.commit("Fix the sidebar", "2026-10-06")
    made.tag("v1.1")
    return made


def versions(file: ReleaseFile) -> list[str]:
    return [release.version for release in file.releases]


def message_of(path: Path) -> str:
    """The one line that a person is told."""
    with pytest.raises(InputError) as raised:
        read_releases(path)
    message = str(raised.value)
    assert "\n" not in message
    assert str(path.parent) not in message
    return message


# --- git: which repository ---


def test_a_work_tree_a_bare_clone_and_their_git_folder_are_one_and_the_same(
    repository: Repository, tmp_path: Path
) -> None:
    repository.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare" / "vidlane.git"))
    work = read_releases(repository.path)
    assert versions(work) == ["1.0", "1.1"]
    assert read_releases(tmp_path / "bare" / "vidlane.git") == work
    assert read_releases(repository.path / ".git") == work
    assert work.file_name == "vidlane"


def test_a_further_work_tree_has_a_file_instead_of_a_folder(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "other"))
    assert versions(read_releases(tmp_path / "other")) == ["1.0", "1.1"]


def test_a_link_to_a_repository_is_followed(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository.path)
    assert versions(read_releases(tmp_path / "link")) == ["1.0", "1.1"]


def test_the_current_folder_can_be_named(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.path)
    assert versions(read_releases(Path())) == ["1.0", "1.1"]
    assert versions(read_releases(Path("git:."))) == ["1.0", "1.1"]


def test_a_folder_inside_a_repository_is_not_that_repository(repository: Repository) -> None:
    folder = repository.path / "docs"
    folder.mkdir()
    assert "no git repository" in message_of(folder)


def test_a_source_can_be_named_in_front_of_the_path(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "whats_new.txt").write_text("## 1.0 - 2026-10-05\n- News\n")
    assert versions(read_releases(Path(f"git:{repository.path}"))) == ["1.0", "1.1"]
    assert versions(read_releases(Path(f"changelog:{tmp_path / 'whats_new.txt'}"))) == ["1.0"]


def test_a_file_that_is_there_goes_before_a_source_in_front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("git:releases.csv").write_text("version,date\n7.0,2026-10-05\n")
    assert versions(read_releases(Path("git:releases.csv"))) == ["7.0"]


# --- git: what cannot be read ---


def test_no_tags(tmp_path: Path) -> None:
    made = Repository(tmp_path / "vidlane")
    assert "the repository has no tags" in message_of(made.path)
    made.commit("Begin", "2026-10-05")
    made.tag("latest")
    assert "none of its tags looks like a version" in message_of(made.path)


def test_a_shallow_clone(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.path}", str(tmp_path / "shallow"))
    assert "git fetch --unshallow --tags" in message_of(tmp_path / "shallow")


def test_no_git_program(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "the program git was not found" in message_of(repository.path)


def test_a_git_that_never_ends(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(git_program, "TIMEOUT_SECONDS", 0.2)
    assert "git took longer than 0.2 seconds" in message_of(repository.path)


def test_a_damaged_repository(repository: Repository) -> None:
    for each in sorted((repository.path / ".git" / "objects").rglob("*")):
        if each.is_file():
            each.unlink()
    assert "run git fsck" in message_of(repository.path)


@pytest.mark.parametrize("path", ["nowhere", "git:nowhere", "git:https://example.com/a.git", "nowhere.md", "github:no"])
def test_a_path_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingFileError, match="there is no such"):
        read_releases(Path(path))


# --- git: hostile repositories ---


def test_hostile_tag_names_are_left_out(repository: Repository) -> None:
    for name in ("--upload-pack=x", "-1.2", "--all", "$(touch x)-1.0;", "1.0\u202e-x"):
        if not subprocess.run(["git", "check-ref-format", f"refs/tags/{name}"], check=False).returncode:
            repository.tag(name)
    file = read_releases(repository.path)
    assert versions(file) == ["1.0", "1.1"]
    assert any("left out" in note for note in file.notes)


def test_nothing_that_a_repository_configures_is_started(repository: Repository, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\n")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "gpg.program", "core.sshCommand", "uploadpack.packObjectsHook"):
        repository.git("config", name, str(trap))
    repository.git("config", "log.showSignature", "true")
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (repository.path / ".git" / "hooks" / hook).symlink_to(trap)
    assert versions(read_releases(repository.path)) == ["1.0", "1.1"]
    assert not (tmp_path / "sprung").exists()


def test_missing_objects_are_not_fetched(repository: Repository, tmp_path: Path) -> None:
    """A partial clone asks its remote for what it lacks, and a configuration may say by what program."""
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\nexit 1\n")
    trap.chmod(0o755)
    (repository.path / ".git" / "objects" / "info").mkdir(exist_ok=True)
    for name, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(tmp_path / "elsewhere")),
        ("remote.origin.uploadpack", str(trap)),
        ("protocol.file.allow", "always"),
        ("protocol.allow", "always"),
    ):
        repository.git("config", name, value)
    commit = repository.git("rev-parse", "v1.0")
    (repository.path / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    assert subprocess.run(["git", "show", commit], cwd=repository.path, capture_output=True, check=False).returncode
    assert (tmp_path / "sprung").exists(), "git by itself falls into the trap"
    (tmp_path / "sprung").unlink()
    assert "run git fsck" in message_of(repository.path)
    assert not (tmp_path / "sprung").exists()


def test_variables_of_git_in_the_environment_change_nothing(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_releases(repository.path)
    other = Repository(tmp_path / "other")
    for name, value in (
        ("GIT_DIR", str(other.path / ".git")),
        ("GIT_OBJECT_DIRECTORY", str(tmp_path)),
        ("GIT_NAMESPACE", "x"),
        ("GIT_TRACE", "1"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.bare"),
        ("GIT_CONFIG_VALUE_0", "maybe"),
    ):
        monkeypatch.setenv(name, value)
    assert read_releases(repository.path) == expected


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_read(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git refuses it, since its configuration could start programs; here nothing of that is started."""
    for each in (repository.path, *repository.path.rglob("*")):
        os.chown(each, 65534, 65534)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    refused = subprocess.run(["git", "log"], cwd=repository.path, capture_output=True, text=True, check=False)
    assert "dubious ownership" in refused.stderr
    assert versions(read_releases(repository.path)) == ["1.0", "1.1"]


def test_tags_of_trees_and_of_tags_are_left_out(repository: Repository) -> None:
    repository.git("tag", "v2.0", repository.git("rev-parse", "HEAD^{tree}"))
    repository.tag("v3.0", "News", on="2026-10-07")
    repository.git("tag", "-a", "-m", "Again", "v3.1", "v3.0")
    assert versions(read_releases(repository.path)) == ["1.0", "1.1", "3.0"]


def test_subjects_that_are_no_utf_8_and_hold_control_characters(repository: Repository) -> None:
    tree = repository.git("rev-parse", "HEAD^{tree}")
    raw = b"tree " + tree.encode() + b"\nauthor N <n> 1791360000 +0000\ncommitter N <n> 1791360000 +0000\n\n"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=repository.path,
        input=raw + b"Fix caf\xe9\x1b]0;x\x07\ncommit 0000\n\nbody\n",
        capture_output=True,
        check=True,
    )
    repository.git("update-ref", "refs/tags/v1.2", made.stdout.decode().strip())
    file = read_releases(repository.path)
    assert versions(file) == ["1.0", "1.1", "1.2"]
    assert file.releases[-1].notes == "- Fix caf\ufffd]0;x commit 0000"


def test_many_commits_in_a_release_are_cut_and_the_cut_is_told(repository: Repository) -> None:
    head = repository.git("rev-parse", "HEAD")
    stream = "".join(
        f"commit refs/heads/main\nmark :{n}\ncommitter N <n> {1791360000 + n} +0000\ndata 9\nFix {n:05d}\n"
        f"from {head if n == 1 else f':{n - 1}'}\n"
        for n in range(1, 131)
    )
    repository.git("fast-import", "--quiet", given=stream)
    repository.tag("v1.2", where="refs/heads/main")
    file = read_releases(repository.path)
    subjects = file.releases[-1].notes.splitlines()
    assert subjects[0] == "- Fix 00130"
    assert len(subjects) == 100
    assert any("only the newest 100 of their commits" in note for note in file.notes)


def test_the_digest_of_a_repository_follows_its_releases(repository: Repository) -> None:
    first = read_releases(repository.path).sha256
    repository.commit("Later", "2026-10-07")
    assert read_releases(repository.path).sha256 == first
    repository.tag("v1.2")
    assert read_releases(repository.path).sha256 != first


# --- changelogs and answers of GitHub ---


LINES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20).map("thing {}".format)
DAYS = st.dates(date(1991, 1, 1), date(2099, 12, 31))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.tuples(*[st.integers(0, 40)] * 3).map(lambda numbers: ".".join(map(str, numbers))),
        st.tuples(DAYS, st.lists(LINES, max_size=4)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["## [{v}] - {d}", "## {v} ({d})", "# v{v} - {d}", "### {d} - {v}", "{v} ({d})\n-----"]),
    st.booleans(),
)
def test_a_changelog_written_from_releases_reads_back(
    tmp_path: Path, releases: dict[str, tuple[date, list[str]]], form: str, is_windows: bool
) -> None:
    parts = ["# Changelog", "", "## [Unreleased]"] if form.startswith("## ") else ["All changes", ""]
    for version, (day, lines) in releases.items():
        parts += [form.format(v=version, d=day), "", *(f"- {line}" for line in lines), ""]
    text = "\n".join(parts)
    path = tmp_path / "CHANGELOG.md"
    path.write_bytes((text.replace("\n", "\r\n") if is_windows else text).encode())
    file = read_releases(path)
    read = {
        release.version: (release.released_at.date(), release.notes.replace("- ", "").splitlines())
        for release in file.releases
    }
    assert read == releases
    assert not file.rejected


@given(st.lists(st.text(st.sampled_from("#<!->`~= 1.\n[]:x"), max_size=20), max_size=12))
def test_every_line_of_markdown_comes_out_at_most_once_and_no_heading_is_made_up(lines: list[str]) -> None:
    marked = list(marked_lines(lines))
    assert len(marked) <= len(lines)
    assert all(0 <= level <= 6 for level, _ in marked)
    if not any(line.lstrip().startswith(("#", "=", "-")) or "-->" in line for line in lines):
        assert not any(level for level, _ in marked)


def test_a_changelog_of_50_mb_ends(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text("## 1.1 - 2026-10-19\n" + "[" * 25_000_000 + "\n## 1.0 - 2026-10-12\n" + "<!--" * 6_000_000)
    file = read_releases(path)
    assert versions(file) == ["1.0", "1.1"]
    assert len(file.releases[1].notes) == 50_000
    assert any("cut after 50,000 characters" in note for note in file.notes)


def test_a_changelog_in_another_encoding_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "CHANGES.txt"
    path.write_bytes(b"## 1.0 - 2026-10-12\n- Caf\xe9 menu\x07\x1b[0m\n")
    file = read_releases(path)
    assert file.releases[0].notes == "- Café menu[0m"
    assert any("Windows-1252" in note for note in file.notes)


def test_a_binary_changelog_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_bytes(bytes(range(256)) * 20)
    assert "binary" in message_of(path)


def test_an_answer_of_github_accounts_for_every_element(tmp_path: Path) -> None:
    path = tmp_path / "releases.json"
    releases: list[object] = [
        {"tag_name": "v1.0", "draft": False, "published_at": "2026-10-12T10:00:00Z", "body": "x" * 60_000},
        {"tag_name": "v1.1", "draft": True},
        {"tag_name": "v1.2", "draft": False, "published_at": "soon"},
        {"tag_name": "latest", "draft": False, "published_at": "2026-10-12T10:00:00Z", "name": 7, "body": ["x"]},
        {"tag_name": None, "draft": False, "published_at": "2026-10-12T10:00:00Z"},
        7,
    ]
    path.write_text(json.dumps(releases))
    file = read_releases(path)
    assert versions(file) == ["1.0"]
    assert file.releases[0].released_at == datetime(2026, 10, 12, 10, tzinfo=UTC)
    assert [(row.row_number, row.reason) for row in file.rejected] == [
        (2, "released_at_unreadable"),
        (3, "version_missing"),
        (4, "version_missing"),
        (5, "not_an_object"),
    ]
    assert file.n_read == len(file.releases) + len(file.rejected) == len(releases) - 1


def test_deep_json_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "releases.json"
    path.write_text('[{"tag_name": "v1", "draft": false, "x": ' + "[" * 200_000)
    with pytest.raises(UnreadableFileError, match="cut off or not JSON"):
        read_releases(path)


def test_json_that_is_not_from_github_is_read_as_a_table(tmp_path: Path) -> None:
    path = tmp_path / "releases.json"
    path.write_text(json.dumps([{"version": "1.0", "date": "2026-10-12", "notes": 'the key "tag_name": is shown'}]))
    assert versions(read_releases(path)) == ["1.0"]


def test_each_source_is_named_once() -> None:
    assert list(RELEASE_SOURCES) == ["git", "changelog", "github", "table"]


# --- names ---


@given(
    st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)).map(lambda n: ".".join(map(str, n))),
    st.sampled_from(["", "v", "release-", "ios-", "web/v", "ios/release-v"]),
)
def test_a_version_survives_any_known_prefix(version: str, prefix: str) -> None:
    name = read_tag(prefix + version)
    assert name is not None
    assert name.version == version
    assert name.product == ""


@given(st.text(max_size=40))
def test_any_name_is_read_or_not_and_never_raises(tag: str) -> None:
    name = read_tag(tag)
    assert name is None or (name.version[0].isdigit() and name.version.isascii())


@pytest.mark.parametrize(
    ("text", "says_only"),
    [
        ("1.2.3", True),
        ("Release v1.2.3", True),
        ("chore(release): bump version to 1.2.3 [skip ci]", True),
        ("Version 2.0.0-rc.1", True),
        ("", True),
        ("Release the brakes", False),
        ("Add 2 columns", False),
        ("Fix 1.2.3", False),
        ("x" * 501, False),
    ],
)
def test_messages_that_only_say_a_version(text: str, says_only: bool) -> None:
    assert says_only_a_version(text) is says_only


def test_a_release_keeps_the_instant_of_its_tag(tmp_path: Path) -> None:
    made = Repository(tmp_path / "vidlane")
    made.commit("Begin", "2026-10-05T23:59:58+02:00")
    made.tag("v1.0")
    assert read_releases(made.path).releases[0].released_at == datetime(2026, 10, 6, tzinfo=UTC) - timedelta(
        hours=2, seconds=2
    )
