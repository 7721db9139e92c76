"""Areas of themes, from the database to the list, the page and the tables."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from feedback_triage import load_themes
from feedback_triage.pipeline import JOBS, settings_for, theme_list
from feedback_triage.pipeline.areas import area_rows, known_areas
from feedback_triage.pipeline.standing import standing_themes
from feedback_triage.pipeline.theming import refresh_themes
from feedback_triage.store import open_store
from tests.integration.test_pipeline import contents

N_BUNDLES = 4


def refresh(database: str) -> None:
    with open_store(database) as store:
        refresh_themes(store, settings_for(database).product_name)


@pytest.fixture
def gathered(example_run, tmp_path: Path) -> str:
    """URL of a copy of the example in which its themes gather in four bundles, seen for the first time."""
    copy, origin = tmp_path / "gathered.db", example_run.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(origin)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        generator = np.random.default_rng(1)
        themes = [row[0] for row in target.execute("SELECT DISTINCT theme_id FROM cluster ORDER BY theme_id")]
        assert len(themes) >= 12
        for n, theme in enumerate(themes):
            centroid = np.eye(384)[n % N_BUNDLES] + 0.02 * generator.normal(size=384)
            row = (centroid.astype(np.float32).tobytes(), theme)
            target.execute("UPDATE cluster SET centroid = ? WHERE theme_id = ?", row)
        target.execute("UPDATE theme SET area = '', size = 0")
        target.commit()
    refresh(f"sqlite:///{copy}")
    return f"sqlite:///{copy}"


def test_areas_are_called_in_the_words_of_their_items_and_like_no_theme(gathered: str) -> None:
    lines = theme_list(gathered)
    counts = Counter(line.area for line in lines)
    assert len(counts) == N_BUNDLES
    assert "" not in counts
    assert max(counts.values()) - min(counts.values()) <= 1
    assert len({area.casefold() for area in counts}) == N_BUNDLES
    assert not {line.name.casefold() for line in lines} & {area.casefold() for area in counts}


def test_the_list_the_page_and_the_tables_tell_the_same_areas(gathered: str, cli, tmp_path: Path) -> None:
    stored = {line.theme_id: line.area for line in theme_list(gathered)}
    shown = load_themes(gathered).set_index("theme_id")["area"].to_dict()
    assert shown == stored
    listed = cli("theme", "list", "--database", gathered).out
    assert Counter(line.rpartition("(area: ")[2].rstrip(")") for line in listed.splitlines()[1:]) == Counter(
        stored.values()
    )
    theme = min(stored)
    assert f"area: {stored[theme]}\n" in cli("theme", "show", theme, "--database", gathered).out
    JOBS["report"](database=gathered, report_dir=str(tmp_path / "report"))
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert page.count('class="area">area: ') == len(stored)
    assert "themes of one area share a ground" in page


def test_a_page_without_areas_says_nothing_of_them(gathered: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(gathered.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE theme SET area = ''")
        connection.commit()
    JOBS["report"](database=gathered, report_dir=str(tmp_path / "report"))
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert "area: " not in page
    assert "of one area" not in page


def test_areas_found_again_are_the_same_and_nothing_is_written(gathered: str) -> None:
    before = contents(gathered)
    refresh(gathered)
    assert contents(gathered) == before


def test_a_merged_theme_counts_once_and_taking_it_back_brings_its_area_back(gathered: str, cli) -> None:
    before = {line.theme_id: line.area for line in theme_list(gathered)}
    into, merged = [theme_id for theme_id, area in before.items() if area == before[min(before)]][:2]
    assert cli("theme", "merge", merged, "--into", into, "--by", "Ann", "--database", gathered).status == 0
    left = {line.theme_id: line.area for line in theme_list(gathered)}
    assert left == {theme_id: area for theme_id, area in before.items() if theme_id != merged}
    assert cli("theme", "undo", "--by", "Ann", "--database", gathered).status == 0
    assert {line.theme_id: line.area for line in theme_list(gathered)} == before


def test_an_area_gives_way_to_a_theme_that_somebody_calls_so(gathered: str, cli) -> None:
    before = {line.theme_id: line.area for line in theme_list(gathered)}
    area = before[min(before)]
    called_so = next(theme_id for theme_id, name in before.items() if name != area)
    assert cli("theme", "rename", called_so, area.upper(), "--by", "Ann", "--database", gathered).status == 0
    after = {line.theme_id: line.area for line in theme_list(gathered)}
    changed = {theme_id for theme_id in before if before[theme_id] != after[theme_id]}
    assert changed == {theme_id for theme_id, name in before.items() if name == area}
    assert len({after[theme_id] for theme_id in changed}) == 1
    assert not {after[theme_id].casefold() for theme_id in changed} & {name.casefold() for name in before.values()}


def test_a_hidden_theme_counts_for_nothing_and_keeps_its_area(gathered: str) -> None:
    with open_store(gathered) as store, store.reading() as connection:
        standing = standing_themes(connection)
        before = known_areas(standing)
        area = before[min(before)]
        gone = frozenset(theme_id for theme_id, name in before.items() if name == area)
        edited = replace(standing, present=replace(standing.present, hidden=gone))
        assert area_rows(connection, edited, before, "") == []
