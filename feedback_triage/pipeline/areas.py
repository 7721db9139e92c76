"""Areas of the themes as they stand, with names in the customers' words."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.describe import describe_clusters
from feedback_triage.pipeline.standing import Standing, vectors_of
from feedback_triage.store import Connection, read
from feedback_triage.themes import carry_names, find_areas

MOST_TEXTS = 2_000
"""Items of an area whose words name it: those that belong to their themes most surely."""

Row = dict[str, Any]


def known_areas(standing: Standing) -> dict[str, str]:
    """Area of every theme that readers have seen, "" for none."""
    seen = standing.themes[standing.themes["size"] > 0]
    return dict(zip(seen["theme_id"], seen["area"], strict=True))


def area_rows(connection: Connection, standing: Standing, before: Mapping[str, str], product_name: str) -> list[Row]:
    """Rows of `theme` whose area changes: theme_id, area.

    Hidden themes, and those that are no more, keep the area that they had and count for nothing.

    Args:
        connection: to read what the items of new areas say.
        standing: the themes, with their names.
        before: see `known_areas`, as of before the last change.
        product_name: its words say nothing about an area.
    """
    areas = find_areas(_centroids(standing), before)
    taken = {name.casefold() for name in standing.present.names.values()}
    names = {area: name for area, name in carry_names(areas, before).items() if name.casefold() not in taken}
    if set(areas.values()) - {-1} - set(names):
        names = _found_names(connection, standing, areas, names, product_name) | names
    named = {theme_id: names.get(area, "") for theme_id, area in areas.items()}
    stored = standing.themes["area"]
    return [{"theme_id": theme_id, "area": name} for theme_id, name in named.items() if stored[theme_id] != name]


def _centroids(standing: Standing) -> dict[str, NDArray[np.float64]]:
    """Sum of the vectors of each present theme that readers see, from the groups of the last clustering."""
    present = standing.present
    sums: dict[str, NDArray[np.float64]] = {}
    for row in standing.clusters.sort_values("theme_id").to_dict("records"):
        theme_id = present.merged.get(row["theme_id"], row["theme_id"])
        if theme_id in present.names and theme_id not in present.hidden:
            weighted = np.asarray(row["centroid"], dtype=np.float64) * row["size"]
            sums[theme_id] = sums[theme_id] + weighted if theme_id in sums else weighted
    return sums


def _found_names(
    connection: Connection,
    standing: Standing,
    areas: Mapping[str, int],
    kept: Mapping[int, str],
    product_name: str,
) -> dict[int, str]:
    """Name every area by contrast with the others; none is called like a theme, or like an area that keeps its name."""
    items = read.items(connection)
    theme_of = items["item_id"].map(standing.present.theme_of_item)
    items["area"] = theme_of.map(areas).fillna(-1).astype(np.int32)
    found = dict(zip(standing.members["item_id"], standing.members["membership_strength"], strict=True))
    items["strength"] = items["item_id"].map(found).fillna(0.0).astype(np.float32)
    items = items[(items["area"] >= 0) & (items["text"] != "")]
    items = items.sort_values(["strength", "item_id"], ascending=[False, True])
    chosen: pd.DataFrame = items.groupby("area", sort=True).head(MOST_TEXTS)
    described = describe_clusters(
        list(chosen["text"]),
        chosen["area"].to_numpy(),
        vectors_of(connection, standing, list(chosen["text_sha256"])),
        chosen["strength"].to_numpy(),
        product_words=frozenset(product_name.casefold().split()),
        taken_names=frozenset([*standing.present.names.values(), *kept.values()]),
    )
    return {area.cluster: area.name for area in described}
