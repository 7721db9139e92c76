"""What tags, changelogs and GitHub's releases become, and what is left out."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from feedback_triage.errors import InputError
from feedback_triage.link.recent import most_recent
from feedback_triage.sources import read_releases
from feedback_triage.sources.changelog_headings import Heading, read_heading
from feedback_triage.sources.tags import TagName, read_tag
from tests.support.git import Repository


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        pytest.param("1.2.3", TagName("1.2.3"), id="numbers"),
        pytest.param("v1.2.3", TagName("1.2.3"), id="a leading v is no part of the version"),
        pytest.param("release-1.2.3", TagName("1.2.3"), id="nor is the word release"),
        pytest.param("v1.2.3-rc.1+build5", TagName("1.2.3-rc.1+build5"), id="what follows the numbers is"),
        pytest.param("2026-10-19", TagName("2026-10-19"), id="a day"),
        pytest.param("2026.10.19.4", TagName("2026.10.19.4"), id="the fourth push of a day"),
        pytest.param("REL_16_1", TagName("16.1"), id="underscores between numbers are dots"),
        pytest.param("v12", TagName("12"), id="one number behind a v"),
        pytest.param("build-4411", TagName("4411"), id="one number behind the word build"),
        pytest.param("ios-1.2.3", TagName("1.2.3", "ios"), id="a platform with a hyphen"),
        pytest.param("web/v2.0", TagName("2.0", "web"), id="a platform with a slash"),
        pytest.param("Android/release/3.1", TagName("3.1", "android"), id="a platform and the word release"),
        pytest.param("1.2.3-ios", TagName("1.2.3", "ios"), id="a platform behind the version"),
        pytest.param("android-42", TagName("42", "android"), id="one number behind a platform"),
        pytest.param("@acme/editor@1.4.0", TagName("1.4.0", "", "acme-editor"), id="another word is a product"),
        pytest.param("editor-ios-1.4.0", TagName("1.4.0", "ios", "editor"), id="a product and a platform"),
        pytest.param("vidlane-1.4.0", TagName("1.4.0"), id="the repository's own name says nothing"),
        pytest.param("latest", None, id="no number, no version"),
        pytest.param("pr-1234", None, id="the number of something else"),
        pytest.param("before-merge-2.0", None, id="a mark that a team set for itself"),
        pytest.param("nightly-2026-10-19", None, id="a nightly build"),
        pytest.param("a1b2c3d", None, id="the id of a commit"),
        pytest.param("1a2b3c4", None, id="also one that begins with a number"),
        pytest.param("--upload-pack=x-1.0", None, id="what looks like an option"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_names_of_tags(tag: str, name: TagName | None) -> None:
    assert read_tag(tag, repository="Vidlane") == name


OCTOBER = "2026-10-19"


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        pytest.param("[1.2.3] - 2026-10-19", Heading("1.2.3", OCTOBER), id="as Keep a Changelog has it"),
        pytest.param("1.2.3 - 2026-10-19", Heading("1.2.3", OCTOBER), id="no brackets"),
        pytest.param("v1.2.3 (2026-10-19)", Heading("1.2.3", OCTOBER), id="a v, and the date in brackets"),
        pytest.param("2026-10-19 - 1.2.3", Heading("1.2.3", OCTOBER), id="the date first"),
        pytest.param("2026-10-19: Version 1.2.3", Heading("1.2.3", OCTOBER), id="the date first and a word"),
        pytest.param("[1.2.3](https://example.com/1.2.2...1.2.3) (2026-10-19)", Heading("1.2.3", OCTOBER), id="a link"),
        pytest.param("[1.2.3][tag] - 2026-10-19", Heading("1.2.3", OCTOBER), id="a link whose target is elsewhere"),
        pytest.param("**1.2.3** \u2014 2026-10-19", Heading("1.2.3", OCTOBER), id="bold, and a long dash"),
        pytest.param("1.2.3 / 19 October 2026", Heading("1.2.3", "19 October 2026"), id="the month in words"),
        pytest.param("1.2.3 - October 19th, 2026", Heading("1.2.3", "October 19th, 2026"), id="American order"),
        pytest.param("1.2.3 - 19.10.2026", Heading("1.2.3", "19.10.2026"), id="dots"),
        pytest.param("2026.10.19 - 2026.10.20", Heading("2026.10.19", "2026.10.20"), id="of two dates the last"),
        pytest.param(
            "1.2.3 - 2026-10-19 14:30 UTC", Heading("1.2.3", "2026-10-19 14:30 UTC"), id="a date with its time"
        ),
        pytest.param("[1.2.3] - 2026-10-19 - Aurora", Heading("1.2.3", OCTOBER), id="a name behind it"),
        pytest.param("[1.2.3] - 2026-10-19 [YANKED]", Heading("1.2.3", OCTOBER, is_yanked=True), id="yanked"),
        pytest.param("iOS 1.2.3 - 2026-10-19", Heading("1.2.3", OCTOBER, "ios"), id="a platform before it"),
        pytest.param("Vidlane 1.2.3 (2026-10-19)", Heading("1.2.3", OCTOBER), id="the product's name before it"),
        pytest.param("2026-10-19", Heading(OCTOBER, OCTOBER), id="a day alone is version and date"),
        pytest.param("2026-10-19.2", Heading("2026-10-19.2", OCTOBER), id="so is the second push of a day"),
        pytest.param("2026.10.1", Heading("2026.10.1"), id="with dots it may be no day, and has no date"),
        pytest.param("[1.2.3]", Heading("1.2.3"), id="no date"),
        pytest.param("1.2.3 - October 2026", Heading("1.2.3"), id="a month is no date"),
        pytest.param("[Unreleased]", Heading("", is_unreleased=True), id="unreleased"),
        pytest.param("[1.3.0] - Unreleased", Heading("1.3.0", is_unreleased=True), id="a version to come"),
        pytest.param("1.3.0 (TBD)", Heading("1.3.0", is_unreleased=True), id="a date to come"),
        pytest.param(
            "[1.3.0] - 2026-10-19 (unreleased)",
            Heading("1.3.0", OCTOBER, is_unreleased=True),
            id="a version that was not out on its date",
        ),
        pytest.param("Changelog", None, id="a title"),
        pytest.param("Moving on from 1.2", None, id="words about a version"),
        pytest.param("3 new themes", None, id="a count"),
        pytest.param("Summer update 3 - 2026-10-19", None, id="a number that may be anything"),
        pytest.param("Added", None, id="the heading of a part"),
    ],
)
def test_headings_of_a_changelog(text: str, heading: Heading | None) -> None:
    assert read_heading(text) == heading


def read(folder: Path, text: str, name: str = "CHANGELOG.md") -> dict[str, str]:
    """Version to notes."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return {release.release_id: release.notes for release in read_releases(path).releases}


@pytest.mark.parametrize(
    ("text", "releases"),
    [
        pytest.param(
            "# Changelog\nIntro\n## [Unreleased]\n- Soon\n## [1.1] - 2026-10-19\n### Added\n- Chapters\n"
            "## [1.0] - 2026-10-12\n- First\n\n[1.0]: https://example.com/1.0\n",
            {"1.0": "- First", "1.1": "Added\n- Chapters"},
            id="what is unreleased is left out, and parts keep their headings as words",
        ),
        pytest.param(
            "1.1 (2026-10-19)\n-----\n- Chapters\n\n1.0 (2026-10-12)\n=====\n- First\n",
            {"1.0": "- First", "1.1": "- Chapters"},
            id="headings by underlines",
        ),
        pytest.param(
            "# 1.1 (2026-10-19)\n- Chapters\n### 1.0 (2026-10-12)\n- First\n",
            {"1.0": "- First", "1.1": "- Chapters"},
            id="a patch whose heading is lower",
        ),
        pytest.param(
            "## 1.1 - 2026-10-19\n- Chapters\n### 1.0 and older\n- Nothing\n## Thanks\n- Everyone\n",
            {"1.1": "- Chapters\n1.0 and older\n- Nothing"},
            id="a lower heading without a date belongs to the section, another one ends it",
        ),
        pytest.param(
            "## 1.1 - 2026-10-19\n```\n## 0.1 - 2026-10-12\n```\n<!--\n## 0.2 - 2026-10-12\n-->\n"
            "    ## 0.3 - 2026-10-12\n",
            {"1.1": "0.1 - 2026-10-12\n\n## 0.3 - 2026-10-12"},
            id="what stands in code or in a comment is no heading",
        ),
        pytest.param(
            "## 1.0 - 2026-10-19\n- A\n## 1.0 - 2026-10-12\n- B\n",
            {"1.0": "- B"},
            id="of two sections for one version the earlier counts",
        ),
        pytest.param(
            "## iOS 1.0 - 2026-10-19\n- A\n## Android 1.0 - 2026-10-19\n- B\n",
            {"android/1.0": "- B", "ios/1.0": "- A"},
            id="one version on two platforms is two releases",
        ),
        pytest.param(
            "## 1.1\n\n_Released on October 19, 2026_\n\n- Chapters\n## 1.0 - 2026-10-12\n2026-10-11\n",
            {"1.0": "2026-10-11", "1.1": "- Chapters"},
            id="a date alone in the first line below a heading without one is its date",
        ),
        pytest.param("## 1.1 - 2026-10-19 [YANKED]\n- A\n", {"1.1": "- A"}, id="a version that was taken back is kept"),
    ],
)
def test_sections_of_a_changelog(tmp_path: Path, text: str, releases: dict[str, str]) -> None:
    assert read(tmp_path, text) == releases


def test_a_version_without_a_date_is_rejected_and_none_is_made_up(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text("## 1.2\n- C\n## 1.1 - someday\n- B\n## 1.0 - 2026-10-12\n- A\n")
    file = read_releases(path)
    assert [release.version for release in file.releases] == ["1.0"]
    assert [(row.row_number, row.reason) for row in file.rejected] == [
        (1, "released_at_missing"),
        (2, "released_at_missing"),
    ]


@pytest.mark.parametrize(
    ("tags", "dates"),
    [
        pytest.param([("v1.0", "", "")], {"1.0": "2026-10-05"}, id="a lightweight tag has the date of its commit"),
        pytest.param([("v1.0", "News", "2026-10-06")], {"1.0": "2026-10-06"}, id="an annotated one that of its tagger"),
        pytest.param(
            [("v1.0", "", ""), ("1.0", "", "")], {"1.0": "2026-10-05"}, id="two spellings on one commit are one release"
        ),
        pytest.param(
            [("v1.0", "News", "2026-10-06"), ("1.0", "News", "2026-10-07")],
            {"1.0": "2026-10-06"},
            id="two tags for one version: the earlier counts",
        ),
        pytest.param(
            [("v1.9", "", ""), ("v2.0", "", "")],
            {"1.9": "2026-10-05", "2.0": "2026-10-05"},
            id="two versions on one commit are two releases",
        ),
        pytest.param(
            [("v1", "", ""), ("v1.4", "", ""), ("v1.4.2", "", "")],
            {"1.4.2": "2026-10-05"},
            id="short forms of a version on its commit are moved along with it, so they are left out",
        ),
        pytest.param(
            [("ios-1.0", "", ""), ("android-1.0", "", "")],
            {"android/1.0": "2026-10-05", "ios/1.0": "2026-10-05"},
            id="two platforms on one commit are two releases",
        ),
        pytest.param(
            [("v1.0", "News", "2039-01-01"), ("v0.9", "", "")],
            {"0.9": "2026-10-05", "1.0": "2039-01-01"},
            id="a tag from the future is kept",
        ),
        pytest.param(
            [("v1.0", "News", "1971-01-01"), ("v0.9", "", "")], {"0.9": "2026-10-05"}, id="one from before 1990 is not"
        ),
    ],
)
def test_tags_of_a_repository(tmp_path: Path, tags: list[tuple[str, str, str]], dates: dict[str, str]) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit("News", "2026-10-05")
    for name, message, on in tags:
        repository.tag(name, message, on=on)
    file = read_releases(repository.path)
    assert {release.release_id: f"{release.released_at:%Y-%m-%d}" for release in file.releases} == dates
    assert file.n_read == len(file.releases) + len(file.rejected) + file.n_repeated


@pytest.mark.parametrize(
    ("message", "notes"),
    [
        pytest.param(
            "Chapters\n\nAnd a wider sidebar.", "Chapters\n\nAnd a wider sidebar.", id="a message is the notes"
        ),
        pytest.param("Release 1.1", "- Fix B\n- Fix A", id="one that only says the version is none"),
        pytest.param("", "- Fix B\n- Fix A", id="no message: the subjects of the commits since the tag before"),
        pytest.param("Chapters\n\nSigned-off-by: Somebody <s@example.com>", "Chapters", id="persons are left out"),
        pytest.param(
            "Chapters\n\n-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----",
            "Chapters",
            id="a signature is left out",
        ),
        pytest.param("Chapters\x07\x1b[31m now", "Chapters[31m now", id="control characters are left out"),
    ],
)
def test_notes_of_a_tag(tmp_path: Path, message: str, notes: str) -> None:
    repository = Repository(tmp_path / "work")
    repository.commit("Begin", "2026-10-05")
    repository.tag("v1.0")
    repository.commit("Fix A", "2026-10-06")
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("Fix B", "2026-10-07")
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "-m", "Merge side", "side", at="2026-10-08T10:00:00Z")
    repository.commit("Bump version to 1.1", "2026-10-09")
    repository.tag("v1.1", message, on="2026-10-10")
    told = {release.version: release.notes for release in read_releases(repository.path).releases}
    assert told == {"1.0": "", "1.1": notes}


def test_which_commits_are_new_in_a_release(tmp_path: Path) -> None:
    """New is what no earlier release of its platform had; a final version also tells what its candidates brought"""
    repository = Repository(tmp_path / "work")
    for day, (subject, tags) in enumerate(
        [
            ("Begin", ["v1.0", "ios-1.0"]),
            ("A", ["v1.1-rc1"]),
            ("B", ["v1.1"]),
            ("C", ["v1.2", "ios-1.2"]),
        ],
        1,
    ):
        repository.commit(subject, f"2026-10-0{day}")
        for tag in tags:
            repository.tag(tag)
    told = {release.release_id: release.notes for release in read_releases(repository.path).releases}
    assert told == {
        "1.0": "",
        "ios/1.0": "",
        "1.1-rc1": "- A",
        "1.1": "- B\n- A",
        "1.2": "- C",
        "ios/1.2": "- C\n- B\n- A",
    }


def github(**fields: object) -> dict[str, object]:
    return {
        "html_url": "https://github.com/acme/vidlane/releases/tag/x",
        "tag_name": "v1.0",
        "name": "1.0",
        "draft": False,
        "prerelease": False,
        "created_at": "2026-10-12T10:00:00Z",
        "published_at": "2026-10-19T10:00:00Z",
        "body": "- News",
    } | fields


@pytest.mark.parametrize(
    ("releases", "expected", "note"),
    [
        pytest.param([github()], {"1.0": "- News"}, "", id="a release"),
        pytest.param(
            [github(), github(tag_name="v1.1", draft=True, published_at=None)],
            {"1.0": "- News"},
            "1 draft left out",
            id="a draft is left out and counted",
        ),
        pytest.param(
            [github(tag_name="v2.0-beta1", prerelease=True)],
            {"2.0-beta1": "- News"},
            "1 pre-release kept like a release",
            id="a pre-release is kept, with its notes as they are, and counted",
        ),
        pytest.param([github(tag_name="vidlane-1.0")], {"1.0": "- News"}, "", id="the repository's name is no product"),
        pytest.param([github(tag_name="ios-1.0")], {"ios/1.0": "- News"}, "", id="a platform in the tag"),
        pytest.param([github(tag_name="latest", name="Vidlane 1.3")], {"1.3": "- News"}, "", id="else in the title"),
        pytest.param([github(body="", name="Dark mode")], {"1.0": "Dark mode"}, "", id="a title stands for no notes"),
        pytest.param([github(body=None, name="v1.0")], {"1.0": ""}, "", id="unless it only says the version"),
        pytest.param(
            [github(body="- Chapters by @somebody in https://github.com/acme/vidlane/pull/7\n\n## New Contributors\n"
                         "* @somebody made their first contribution\n\n**Full Changelog**: https://example.com/a...b")],
            {"1.0": "- Chapters"},
            "",
            id="credits and the comparison are left out",
        ),
        pytest.param(
            [{"tagName": "v1.0", "publishedAt": "2026-10-19T10:00:00Z", "isDraft": False, "body": "- News"}],
            {"1.0": "- News"},
            "",
            id="the names that the command line of GitHub gives",
        ),
        pytest.param(
            [github(published_at=None)], {"1.0": "- News"}, "1 release dated by its commit", id="no day of publishing"
        ),
    ],
)  # fmt: skip
def test_releases_of_github(
    tmp_path: Path, releases: list[dict[str, object]], expected: dict[str, str], note: str
) -> None:
    path = tmp_path / "releases.json"
    path.write_text(json.dumps(releases))
    file = read_releases(path)
    assert {release.release_id: release.notes for release in file.releases} == expected
    assert not note or any(note in each for each in file.notes)


@pytest.mark.parametrize(
    "dump",
    [
        pytest.param("[{0}, {1}]", id="one list"),
        pytest.param("[{0}][{1}]", id="one list after another"),
        pytest.param("[{0}]\n\n[{1}]\n", id="with lines between them"),
        pytest.param("[[{0}], [{1}]]", id="a list of lists"),
        pytest.param("{0}\n{1}\n", id="one object a line"),
        pytest.param("[{0}, {1}][{1}]", id="pages that overlap"),
    ],
)
def test_pages_of_github_are_one_list(tmp_path: Path, dump: str) -> None:
    path = tmp_path / "releases.json"
    one, two = json.dumps(github(), indent=1), json.dumps(github(tag_name="v1.1"), indent=1)
    path.write_text(dump.replace("{0}", one).replace("{1}", two))
    assert [release.version for release in read_releases(path).releases] == ["1.0", "1.1"]


def test_one_object_of_github_is_one_release(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    path.write_text(json.dumps(github()))
    assert [release.version for release in read_releases(path).releases] == ["1.0"]


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        pytest.param("2026-03-29 01:59", (3, 29, 0, 59), id="the last minute of winter time"),
        pytest.param("2026-03-29 02:30", (3, 29, 1, 30), id="a time that the clock skips is read as winter time"),
        pytest.param("2026-03-29 03:30", (3, 29, 1, 30), id="which is the same instant an hour on"),
        pytest.param("2026-10-25 02:30", (10, 25, 0, 30), id="a time that the clock shows twice is the first one"),
        pytest.param("2026-10-25 02:30 +01:00", (10, 25, 1, 30), id="unless the zone is given"),
        pytest.param("2026-10-25 03:00", (10, 25, 2, 0), id="the first minute after"),
    ],
)
def test_clocks_that_jump(tmp_path: Path, local: str, instant: tuple[int, int, int, int]) -> None:
    path = tmp_path / "releases.csv"
    path.write_text(f"version,released_at\n1.0,{local}\n")
    file = read_releases(path, timezone="Europe/Amsterdam")
    assert file.releases[0].released_at == datetime(2026, *instant, tzinfo=UTC)


def test_a_release_in_the_future_is_kept_and_no_item_before_it_has_it(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text("## 2.0 - 2090-01-01\n- Later\n## 1.0 - 2026-10-12\n- Now\n")
    releases = pd.DataFrame(
        [
            {"release_id": release.release_id, "version": release.version, "released_at": release.released_at}
            for release in read_releases(path).releases
        ]
    )
    items = pd.DataFrame({"item_id": ["a"], "written_at": pd.to_datetime(["2026-10-19"], utc=True)})
    assert list(releases["version"]) == ["1.0", "2.0"]
    assert list(most_recent(items, releases)) == ["1.0"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param(
            "CHANGELOG.md", "## 1.1\n- B\n## 1.0\n", "not one of its 2 versions has a date", id="no dates at all"
        ),
        pytest.param("CHANGELOG.md", "# Changelog\nHello\n", "no heading in it names a version", id="no versions"),
        pytest.param(
            "CHANGELOG.md", "## Unreleased\n- A\n", "only has changes that are not released yet", id="nothing out"
        ),
        pytest.param("CHANGELOG.md", "\n", "it is empty", id="an empty changelog"),
        pytest.param("r.json", json.dumps([github(draft=True)]), "it holds only drafts", id="drafts only"),
        pytest.param(
            "r.json", json.dumps([github()])[:-3], "it is cut off or not JSON", id="an answer that is cut off"
        ),
        pytest.param(
            "r.json",
            '{"message": "Not Found", "documentation_url": "https://example.com", "status": "404"}',
            "it is an error answer of GitHub's API",
            id="an error answer",
        ),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_releases(path)
    assert words in str(raised.value)
    assert str(raised.value).startswith(f"{name}: ")
    assert "\n" not in str(raised.value)
