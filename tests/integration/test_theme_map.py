"""The map of the themes, from the database to the page and to notebooks."""

import re

import numpy as np
import pandas as pd

from feedback_triage import load_themes, pipeline, theme_map
from feedback_triage.pipeline import mapping
from feedback_triage.pipeline.standing import standing_themes
from feedback_triage.store import open_store, read
from feedback_triage.themes import layout


def test_every_theme_of_the_report_has_a_disc_and_every_item_of_it_a_dot(example_run):
    source = pipeline.load(example_run.database)
    assert set(source.map_themes["theme_id"]) == set(source.themes["theme_id"])
    in_themes = source.items[source.items["theme_id"].isin(source.themes["theme_id"])]
    assert set(source.map["item_id"]) == set(in_themes["item_id"])
    assert source.map["item_id"].is_unique
    assert set(source.map_themes["nearest_theme_id"]) <= set(source.themes["theme_id"])


def test_the_page_shows_the_map_in_both_shapes(example_run):
    page = next(example_run.report_dir.glob("*.html")).read_text("utf-8")
    assert len(re.findall(r'<svg [^>]*class="map"', page)) == 2
    assert 'id="map"' in page


def test_a_notebook_gets_the_same_picture_twice(example_run):
    first, second = theme_map(example_run.database), theme_map(example_run.database)
    assert first.spec == second.spec
    assert first.svg == second.svg
    assert len(first.spec["layer"][0]["data"]["values"]) == len(load_themes(example_run.database))


def test_the_order_of_items_and_themes_does_not_move_a_dot(example_run):
    with open_store(example_run.database) as store:
        with store.reading() as connection:
            standing, items = standing_themes(connection), read.items(connection)
        items["theme_id"] = items["item_id"].map(standing.present.theme_of_item)
        themes = pd.DataFrame({"theme_id": sorted(standing.present.names)})
        straight = mapping.theme_map(store, items, themes, standing)
        mixed = mapping.theme_map(
            store, items.sample(frac=1, random_state=1), themes.sample(frac=1, random_state=2), standing
        )
    for first, second, key in zip(straight, mixed, ("item_id", "theme_id"), strict=True):
        frames = [found.sort_values(key, ignore_index=True) for found in (first, second)]
        pd.testing.assert_frame_equal(frames[0], frames[1], check_exact=True)


def test_an_item_without_words_has_no_dot_and_a_theme_of_such_items_no_disc(example_run):
    """A person may put an item without words into a theme; it has no vector that would tell where it belongs."""
    with open_store(example_run.database) as store:
        with store.reading() as connection:
            standing, items = standing_themes(connection), read.items(connection)
        items["theme_id"] = items["item_id"].map(standing.present.theme_of_item).astype(object)
        empty = items.index[items["text"] == ""][:3]
        theme_id = min(standing.present.names)
        items.loc[empty[:2], "theme_id"] = theme_id
        items.loc[empty[2:], "theme_id"] = "t-of-nothing"
        themes = pd.DataFrame({"theme_id": [theme_id, "t-of-nothing"]})
        dots, discs = mapping.theme_map(store, items, themes, standing)
    assert len(empty) == 3
    assert not set(dots["item_id"]) & set(items.loc[empty, "item_id"])
    assert list(discs["theme_id"]) == [theme_id]


def test_many_items_are_drawn_in_part(example_run, monkeypatch):
    monkeypatch.setattr(layout, "MOST_DOTS", 1_000)
    source = pipeline.load(example_run.database)
    drawn = source.items.set_index("item_id").loc[source.map["item_id"], "theme_id"].value_counts()
    everything = source.items["theme_id"].value_counts()
    assert 950 <= len(source.map) <= 1_050
    share = (drawn / everything)[drawn > layout.LEAST_DOTS]
    assert len(share) > 5
    assert np.ptp(share) < 0.05
    assert theme_map(example_run.database).text.startswith(f"Map of {len(everything)} themes, {len(source.map):,} of ")
