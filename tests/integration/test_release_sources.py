"""Releases from where teams keep them, through the job that stores them."""

from pathlib import Path

import pytest

from feedback_triage.errors import FeedbackTriageError
from feedback_triage.pipeline import JOBS
from feedback_triage.store import open_store, read
from feedback_triage.store import releases as release_store
from tests.conftest import EXAMPLE
from tests.support.git import Repository

FEEDBACK = [str(EXAMPLE / "feedback" / "chat.jsonl")]


def stored(database: str) -> dict[str, str]:
    with open_store(database) as store, store.reading() as connection:
        releases = release_store.releases(connection)
    return dict(zip(releases["release_id"], releases["notes"], strict=True))


def test_version_tags_become_releases_once(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'feedback.db'}"
    repository = Repository(tmp_path / "player")
    repository.commit("Fix the subtitles", on="2026-10-01")
    repository.tag("v1.0.0", "First one\n\n- fixes the subtitles", on="2026-10-02")
    repository.commit("Add chapters", on="2026-10-05")
    repository.tag("ios-1.1.0")
    first = JOBS["ingest"](FEEDBACK, str(repository.path), database=database)
    assert first["n_releases_changed"] == 2
    assert set(stored(database)) == {"1.0.0", "ios/1.1.0"}
    assert "fixes the subtitles" in stored(database)["1.0.0"]
    assert JOBS["ingest"](FEEDBACK, str(repository.path), database=database)["n_releases_changed"] == 0
    repository.commit("Add a dark theme", on="2026-10-09")
    repository.tag("v1.2.0")
    assert JOBS["ingest"](FEEDBACK, str(repository.path), database=database)["n_releases_changed"] == 1


def test_a_changelog_gives_its_dated_versions_and_keeps_the_others_as_rejected(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'feedback.db'}"
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(
        "# Changelog\n\n## [1.2.0] - 2026-09-01\n### Fixed\n- The player\n\n## 1.1.0\n- No date\n", "utf-8"
    )
    JOBS["ingest"](FEEDBACK, str(changelog), database=database)
    assert list(stored(database)) == ["1.2.0"]
    with open_store(database) as store, store.reading() as connection:
        rejected = read.rejected_rows(connection)
    assert list(rejected[rejected["file_name"] == "CHANGELOG.md"]["row_number"]) == [2]


def test_a_repository_without_version_tags_is_refused_in_one_line(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "player")
    repository.commit("Start", on="2026-10-01")
    with pytest.raises(FeedbackTriageError) as raised:
        JOBS["ingest"](FEEDBACK, str(repository.path), database=f"sqlite:///{tmp_path / 'feedback.db'}")
    assert "\n" not in str(raised.value)
