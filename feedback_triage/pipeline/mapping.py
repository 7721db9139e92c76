"""The map of the themes: vectors of some of their items, laid out on a plane for the report."""

import numpy as np
import pandas as pd

from feedback_triage import report
from feedback_triage.pipeline.standing import Standing, vectors_of
from feedback_triage.store import Store
from feedback_triage.themes import layout


def theme_map(
    store: Store, items: pd.DataFrame, themes: pd.DataFrame, standing: Standing
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay out the themes of a report and as many of their items as a picture can show.

    Only the vectors of items that are drawn are read, so a million items take hardly longer than a few thousand.

    Args:
        store: has the vectors.
        items: item_id, item_pk, text_sha256 and theme_id (null for none) of what the report knows.
        themes: theme_id of the themes the report shows, and maybe `area` ("" or null for none).
        standing: for the strength with which items belong to their groups, and the space that was clustered.

    Returns:
        The frames `map` and `map_themes` of `report.ReportInput`, without rows where there is nothing to show.
    """
    nothing = report.empty_frame("map"), report.empty_frame("map_themes")
    known = items[items["theme_id"].isin(themes["theme_id"])]
    if known.empty or standing.clustering_pk is None:
        return nothing
    sizes = known["theme_id"].astype(str).value_counts()
    ids = sorted(sizes.index, key=lambda theme_id: (-sizes[theme_id], theme_id))[: layout.MOST_THEMES]
    found = standing.members.set_index("item_pk")["membership_strength"]
    strengths = known["item_pk"].map(found).fillna(0.0).to_numpy(dtype=np.float64)
    index_of = {theme_id: position for position, theme_id in enumerate(ids)}
    index = known["theme_id"].map(index_of).fillna(-1).to_numpy(dtype=np.int64)
    chosen = layout.choose_dots(index, strengths, list(known["item_id"]), layout.MOST_DOTS)
    drawn = known.iloc[chosen]
    with store.reading() as connection:
        vectors = vectors_of(connection, standing, list(drawn["text_sha256"]))
    # An item without a vector (no words, but put into a theme by a person) has no place of its own.
    has_vector = np.flatnonzero(vectors.any(axis=1))
    chosen, drawn, vectors = chosen[has_vector], drawn.iloc[has_vector], vectors[has_vector]
    present, themes_of_dots = np.unique(index[chosen], return_inverse=True)
    if not len(present):
        return nothing
    ids = [ids[position] for position in present]
    areas: dict[str, str] = {}
    if "area" in themes.columns:
        areas = dict(zip(themes["theme_id"], themes["area"].fillna("").astype(str), strict=True))
    placed = layout.lay_out(
        vectors,
        themes_of_dots,
        strengths[chosen],
        list(drawn["item_id"]),
        sizes=[int(sizes[theme_id]) for theme_id in ids],
        areas=[areas.get(theme_id, "") for theme_id in ids],
    )
    dots = pd.DataFrame({"item_id": list(drawn["item_id"]), "x": placed.points[:, 0], "y": placed.points[:, 1]})
    discs = pd.DataFrame(
        {
            "theme_id": ids,
            "x": placed.centres[:, 0],
            "y": placed.centres[:, 1],
            "radius": placed.radii,
            "nearest_theme_id": [ids[position] if position >= 0 else "" for position in placed.nearest],
        }
    )
    return dots, discs
