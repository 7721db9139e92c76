"""What a release set out to do, as its notes tell it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.domain import ReleaseKind
from feedback_triage.sources import read_releases
from feedback_triage.sources.kinds import kind_of_notes

FEATURE, FIX, MAINTENANCE, MIXED = ReleaseKind.FEATURE, ReleaseKind.FIX, ReleaseKind.MAINTENANCE, ReleaseKind.MIXED


@pytest.mark.parametrize(
    ("notes", "kind"),
    [
        pytest.param("Fixes sign-in with a passkey.", FIX, id="a sentence that begins with fix is a fix"),
        pytest.param("Invoices are no longer sent twice.", FIX, id="so is one with no longer"),
        pytest.param("The player works in Safari again.", FIX, id="and something that works again"),
        pytest.param("Add missing labels to the upload form", FIX, id="what was missing is a fix, not new"),
        pytest.param("Revert the new player", FIX, id="taking back is a fix"),
        pytest.param("Added chapters to the player", FEATURE, id="a sentence that begins with added is a feature"),
        pytest.param("New layout of the library", FEATURE, id="so is one that begins with new"),
        pytest.param("You can now pause an upload.", FEATURE, id="and what you can now do"),
        pytest.param("Dark mode support", FEATURE, id="and support for something"),
        pytest.param("Bug fixes and performance improvements.", MAINTENANCE, id="general words alone are maintenance"),
        pytest.param("Bug fixes", MAINTENANCE, id="also when they are a heading with nothing below"),
        pytest.param("Update third-party packages.", MAINTENANCE, id="new packages are maintenance"),
        pytest.param("Move thumbnails to a new storage region.", MAINTENANCE, id="so is another place for data"),
        pytest.param("Internal clean-up of the player code.", MAINTENANCE, id="and what is internal"),
        pytest.param("Added chapters. Fixes the sound of trimmed clips.", MIXED, id="a feature and a fix are mixed"),
        pytest.param("Add chapters and fixed the sound", MIXED, id="also in one sentence"),
        pytest.param("Added chapters\nUpdate packages", FEATURE, id="maintenance beside a feature does not count"),
        pytest.param("Fixed the sound\nBug fixes", FIX, id="nor beside a fix"),
        pytest.param("Search the spoken words of videos.", None, id="what no rule fits tells nothing"),
        pytest.param("- Fixed the order of results\nby date", FIX, id="a line that goes on with a small letter is one"),
        pytest.param("", None, id="no notes tell nothing"),
        pytest.param("- \n\n...", None, id="nor do signs alone"),
        pytest.param(
            "Search the spoken words of videos. Fixes the order of results.",
            None,
            id="a sentence that no rule fits may be a feature, so a fix beside it does not decide",
        ),
        pytest.param(
            "- Fixed one\n- Fixed two\n- Fixed three\n- Fixed four\n- Fixed five\n- Fixed six\n- Fixed seven\n"
            "- Fixed eight\n- Fixed nine\n- Rework the sidebar",
            FIX,
            id="one in ten such sentences is allowed beside fixes",
        ),
        pytest.param("Added chapters\nRework the sidebar", FEATURE, id="and one in two beside features"),
        pytest.param(
            "Fixed the sound\nMinimum: Android 8\nhttps://example.com/all", FIX, id="requirements do not count"
        ),
    ],
)
def test_sentences_tell_the_kind(notes: str, kind: ReleaseKind | None) -> None:
    assert kind_of_notes(notes) is kind


@pytest.mark.parametrize(
    ("notes", "kind"),
    [
        pytest.param("Added\n- Chapters", FEATURE, id="Added"),
        pytest.param("Changed\n- The sidebar is wider", FEATURE, id="Changed"),
        pytest.param("Fixed\n- The sidebar", FIX, id="Fixed"),
        pytest.param("Security\n- Session cookies", FIX, id="Security"),
        pytest.param("Deprecated\n- The old player", MAINTENANCE, id="Deprecated"),
        pytest.param("Removed\n- The old player", MAINTENANCE, id="Removed"),
        pytest.param("Bug Fixes:\n- Added a check", FIX, id="a heading goes before the words below it"),
        pytest.param("What's Changed\n- Fixed the sound", FIX, id="a heading that says nothing leaves it to the words"),
        pytest.param("Added\n- Chapters\n\nFixed\n- The sidebar", MIXED, id="Added and Fixed"),
        pytest.param(
            "Fixed\n- The menu\n\nKnown problems\n- Chapters", None, id="an unknown heading ends the last one"
        ),
        pytest.param("[Fix] The sidebar", FIX, id="a word in brackets"),
        pytest.param("🐛 Fixed\n- The sidebar", FIX, id="a picture before the word"),
    ],
)
def test_headings_decide_for_the_lines_below_them(notes: str, kind: ReleaseKind | None) -> None:
    assert kind_of_notes(notes) is kind


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        pytest.param("feat: chapters", FEATURE, id="feat"),
        pytest.param("feat(player): chapters", FEATURE, id="feat with a scope"),
        pytest.param("fix: the sidebar", FIX, id="fix"),
        pytest.param("perf: load less", MAINTENANCE, id="perf"),
        pytest.param("refactor: fix naming", MAINTENANCE, id="the type goes before the words"),
        pytest.param("chore(deps): bump the driver", MAINTENANCE, id="chore"),
        pytest.param("chore!: drop the old player", FEATURE, id="an exclamation mark: customers will notice"),
    ],
)
def test_types_of_commits_tell_the_kind(subject: str, kind: ReleaseKind) -> None:
    assert kind_of_notes(f"- {subject}") is kind


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        pytest.param("maintenance", MAINTENANCE, id="the word in the column corrects the notes"),
        pytest.param("", FIX, id="a blank leaves it to the notes"),
        pytest.param("surprise", FIX, id="so does a word that is no kind"),
    ],
)
def test_the_column_goes_before_the_notes(tmp_path: Path, column: str, kind: ReleaseKind) -> None:
    path = tmp_path / "releases.csv"
    path.write_text(f"version,date,kind,notes\n1.0,2026-10-19,{column},Fixes sign-in.\n")
    file = read_releases(path)
    assert file.releases[0].kind is kind
    assert any("taken from the notes: 1 fix" in note for note in file.notes) == (column != "maintenance")


@given(st.lists(st.sampled_from(["Added chapters", "Fixed the sound", "Update packages", "Rework"]), max_size=8))
def test_the_order_of_the_lines_changes_nothing(lines: list[str]) -> None:
    assert kind_of_notes("\n".join(lines)) is kind_of_notes("\n".join(reversed(lines)))


@given(st.text(max_size=300))
def test_any_text_has_a_kind_or_none(notes: str) -> None:
    assert kind_of_notes(notes) in {None, *ReleaseKind}
