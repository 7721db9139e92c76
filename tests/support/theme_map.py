"""A map for a report input: made-up vectors, one bundle a theme, laid out as the pipeline does it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from feedback_triage.report import ReportInput
from feedback_triage.themes import layout

DIM = 24


def bundles(sizes: list[int], seed: int = 7, spread: float = 0.12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit vectors around one direction a theme, the theme of each, and its strength."""
    generator = np.random.default_rng(seed)
    middles = generator.normal(size=(len(sizes), DIM))
    themes = np.repeat(np.arange(len(sizes)), sizes)
    vectors = middles[themes] / np.sqrt(DIM) + spread * generator.normal(size=(len(themes), DIM))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), themes, generator.uniform(0.2, 1.0, size=len(themes)).round(6)


def with_map(source: ReportInput) -> ReportInput:
    """The same input with a place for every item that has a theme."""
    items = source.items[source.items["theme_id"].notna()].sort_values("item_id")
    ids = sorted(items["theme_id"].unique())
    sizes = [int((items["theme_id"] == theme_id).sum()) for theme_id in ids]
    order = items["theme_id"].map(ids.index).to_numpy().argsort(kind="stable")
    vectors, themes, strengths = bundles(sizes)
    keys = list(items["item_id"].iloc[order])
    placed = layout.lay_out(vectors, themes, strengths, keys, sizes=sizes)
    discs = pd.DataFrame({"theme_id": ids, "x": placed.centres[:, 0], "y": placed.centres[:, 1]})
    discs["radius"] = placed.radii
    discs["nearest_theme_id"] = [ids[nearest] for nearest in placed.nearest]
    dots = pd.DataFrame({"item_id": keys, "x": placed.points[:, 0], "y": placed.points[:, 1]})
    return replace(source, map=dots, map_themes=discs)
