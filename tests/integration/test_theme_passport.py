"""Themes over real databases: next week's are this week's, new items join at once, and nothing is laid anew unasked."""

from pathlib import Path

import pandas as pd
import pytest

from feedback_triage.pipeline import JOBS, clustering, editing
from feedback_triage.store import open_store, read
from tests.conftest import EXAMPLE
from tests.integration.test_theme_edits import items_of, largest, standing

LINES = (EXAMPLE / "feedback" / "chat.jsonl").read_text("utf-8").splitlines()


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'feedback.db'}"


def bring(database: str, tmp_path: Path, first: int, last: int) -> dict:
    """Store some items of a channel of the example, and group all there are."""
    file = tmp_path / f"chat-{first}-{last}.jsonl"
    file.write_text("\n".join(LINES[first:last]) + "\n", "utf-8")
    JOBS["ingest"]([str(file)], database=database)
    JOBS["embed"](database=database)
    return JOBS["cluster"](database=database)


def events(database: str) -> pd.DataFrame:
    with open_store(database) as store, store.reading() as connection:
        return read.theme_events(connection)


def themes_of(database: str) -> dict[str, str | None]:
    return dict(standing(database).present.theme_of_item)


def test_a_tenth_more_items_leave_the_old_ones_in_their_themes(database: str, tmp_path: Path) -> None:
    bring(database, tmp_path, 0, 330)
    before, ids = themes_of(database), set(standing(database).present.names)
    done = bring(database, tmp_path, 330, 363)
    after = themes_of(database)
    placed = [item for item, theme in before.items() if theme]
    assert done["is_new"]
    assert len(after) > len(before)
    assert sum(after[item] == before[item] for item in placed) >= 0.95 * len(placed)
    assert len(ids & set(standing(database).present.names)) >= 0.95 * len(ids)


def test_running_again_with_nothing_new_adds_no_event(database: str, tmp_path: Path) -> None:
    bring(database, tmp_path, 0, 200)
    known = len(events(database))
    assert not JOBS["cluster"](database=database)["is_new"]
    assert len(events(database)) == known


def test_twice_as_many_items_do_not_throw_the_themes_over(database: str, tmp_path: Path) -> None:
    bring(database, tmp_path, 0, 150)
    ids = set(standing(database).present.names)
    bring(database, tmp_path, 150, 330)
    assert len(ids & set(standing(database).present.names)) >= 0.9 * len(ids)


def test_new_items_join_at_once_in_a_large_set(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They find their place without a new clustering, until a twentieth has come."""
    bring(database, tmp_path, 0, 300)
    monkeypatch.setattr(clustering, "JOIN_ABOVE", 100)
    before, known = themes_of(database), len(events(database))
    done = bring(database, tmp_path, 300, 310)
    after = themes_of(database)
    assert done["n_joined"] == len(after) - len(before) > 5
    assert {item: after[item] for item in before} == before
    assert any(after[item] for item in set(after) - set(before))
    assert len(events(database)) == known
    found = standing(database)
    sizes = found.clusters.set_index("theme_id")["size"].to_dict()
    assert all(len(items_of(found, theme)) == size for theme, size in sizes.items())
    assert bring(database, tmp_path, 310, 340)["n_joined"] == 0


def test_themes_are_laid_anew_when_asked_and_edited_ones_go_on(database: str, tmp_path: Path) -> None:
    for first, last in ((0, 120), (120, 240), (240, 330)):
        bring(database, tmp_path, first, last)
    mine = largest(standing(database))[0]
    editing.rename_theme(mine, "Mine", by="product", database=database)
    held = items_of(standing(database), mine)
    done = JOBS["cluster"](database=database, is_laid_anew=True)
    found = standing(database)
    assert done["is_new"]
    assert found.present.names[mine] == "Mine"
    assert set(held) <= set(items_of(found, mine))
    assert not JOBS["cluster"](database=database)["is_new"]


def test_a_theme_that_others_were_merged_into_keeps_its_name(database: str, tmp_path: Path) -> None:
    bring(database, tmp_path, 0, 120)
    first, second = largest(standing(database))[:2]
    name = standing(database).present.names[first]
    editing.merge_themes([second], first, by="product", database=database)
    bring(database, tmp_path, 120, 330)
    assert standing(database).present.names[first] == name
