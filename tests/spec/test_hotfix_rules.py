"""Hotfixes, and the sentences of notes that say what was fixed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.domain import ReleaseKind
from feedback_triage.sources import fix_sentences, read_releases
from feedback_triage.sources.kinds import kind_of_notes

FEATURE, FIX, MAINTENANCE = ReleaseKind.FEATURE, ReleaseKind.FIX, ReleaseKind.MAINTENANCE


@pytest.mark.parametrize(
    ("row", "is_hotfix", "kind"),
    [
        pytest.param({"hotfix": "yes"}, True, FIX, id="a hotfix is a fix where nothing else is said"),
        pytest.param({"hotfix": "yes", "notes": "Fix"}, True, FIX, id="and where its notes tell no more than that"),
        pytest.param({"hotfix": True}, True, FIX, id="yes may be a JSON true"),
        pytest.param({"hotfix": 1}, True, FIX, id="or a one"),
        pytest.param({"hotfix": "no"}, False, None, id="no is no"),
        pytest.param({"hotfix": ""}, False, None, id="a blank says nothing"),
        pytest.param({"hotfix": "maybe"}, False, None, id="another word says nothing and is told"),
        pytest.param({"kind": "hotfix"}, True, FIX, id="the kind may say it"),
        pytest.param({"kind": "Hot-fix"}, True, FIX, id="however it is spelled"),
        pytest.param({"kind": "patch"}, False, FIX, id="a patch is a fix, no hotfix"),
        pytest.param({"kind": "feature", "hotfix": "yes"}, True, FEATURE, id="a kind that is given stays"),
        pytest.param({"notes": "Hotfix for the player"}, True, FIX, id="notes that begin with hotfix say it"),
        pytest.param({"notes": "- hot fix: uploads"}, True, FIX, id="a bullet in front does not matter"),
        pytest.param({"notes": "## Hotfixes\n- Uploads"}, True, FIX, id="nor does a heading's mark"),
        pytest.param(
            {"notes": "- hotfix: uploads\n- Added chapters"},
            False,
            ReleaseKind.MIXED,
            id="one bullet of several is no hotfix",
        ),
        pytest.param({"notes": "Fixes the hotfix of 5.2"}, False, FIX, id="the word further on is none either"),
        pytest.param({"notes": "Hotfix for uploads", "hotfix": "no"}, False, FIX, id="the column goes before notes"),
        pytest.param({"notes": "Hotfixing made easy"}, False, FIX, id="a longer word is another word"),
    ],
)
def test_a_hotfix_is_told_by_its_column_its_kind_or_its_notes(
    tmp_path: Path, row: dict[str, object], is_hotfix: bool, kind: ReleaseKind | None
) -> None:
    path = tmp_path / "releases.jsonl"
    path.write_text(json.dumps({"version": "1.0", "released_at": "2026-10-01", **row}) + "\n", "utf-8")
    file = read_releases(path)
    assert (file.releases[0].is_hotfix, file.releases[0].kind) == (is_hotfix, kind)
    assert any("neither yes nor no" in note for note in file.notes) == (row.get("hotfix") == "maybe")


@pytest.mark.parametrize(
    ("notes", "fixed"),
    [
        pytest.param(
            "Added chapters. Fixes the sound of trimmed clips.",
            ["Fixes the sound of trimmed clips."],
            id="a sentence that says it fixes",
        ),
        pytest.param(
            "### Added\n- Chapters\n### Fixed\n- Sound of trimmed clips\n- Search by date",
            ["Sound of trimmed clips", "Search by date"],
            id="what stands below the heading Fixed",
        ),
        pytest.param(
            "### Fixed\n- Sound of clips\n### Added\n- Chapters", ["Sound of clips"], id="until the next heading"
        ),
        pytest.param("- fix(player): resume after seeking", ["fix(player): resume after seeking"], id="a commit"),
        pytest.param("Invoices are no longer sent twice.", ["Invoices are no longer sent twice."], id="no longer"),
        pytest.param("Bug fixes and performance improvements.", [], id="general words name nothing"),
        pytest.param("### Fixed\n- Various bugs\n- Login", ["Login"], id="also below the heading"),
        pytest.param("Added chapters\nUpdate packages", [], id="features and maintenance fix nothing"),
        pytest.param("", [], id="no notes"),
    ],
)
def test_sentences_that_say_what_was_fixed(notes: str, fixed: list[str]) -> None:
    assert fix_sentences(notes) == fixed


@given(st.text(max_size=300))
def test_notes_that_fix_something_by_name_are_of_a_kind_that_fixes(notes: str) -> None:
    if fix_sentences(notes):
        assert kind_of_notes(notes) in {FIX, ReleaseKind.MIXED, None}
