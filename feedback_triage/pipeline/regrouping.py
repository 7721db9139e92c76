"""Groups for what people split off, so that new items can join it; and back again when they undo it."""

import pandas as pd

from feedback_triage.pipeline.standing import Standing, vectors_of
from feedback_triage.store import Connection, theme_edits
from feedback_triage.store.theme_edits import Regrouping, Row
from feedback_triage.themes import apply_splits


def regroup(connection: Connection, standing: Standing) -> bool:
    """Make the groups of the last clustering what the splits in force say.

    Args:
        connection: a writing transaction; every theme that a split makes has its row.
        standing: the themes as they are stored.

    Returns:
        Whether anything was changed.
    """
    if standing.clustering_pk is None:
        return False
    before = standing.groups
    after = apply_splits(before, standing.text_of_item, standing.edits)
    moved = [item_id for item_id, theme_id in after.items() if theme_id != before[item_id]]
    if not moved:
        return False
    named = {theme_id for item_id in moved for theme_id in (before[item_id], after[item_id])}
    changed = sorted(theme_id for theme_id in named if theme_id is not None)
    numbers = _numbers(standing.clusters, changed)
    members = standing.members.assign(after=standing.members["item_id"].map(after))
    groups = dict(iter(members[members["after"].isin(changed)].groupby("after")))
    is_moved = members["item_id"].isin(moved)
    pairs = zip(members.loc[is_moved, "item_pk"], members.loc[is_moved, "after"], strict=True)
    change = Regrouping(
        put=[_row(connection, standing, key, numbers[key], groups[key]) for key in changed if key in groups],
        dropped=[numbers[theme_id] for theme_id in changed if theme_id not in groups],
        moved=[{"item_pk": int(item_pk), "cluster": numbers[theme_id]} for item_pk, theme_id in pairs],
    )
    theme_edits.regroup(connection, standing.clustering_pk, change)
    return True


def _numbers(clusters: pd.DataFrame, changed: list[str]) -> dict[str, int]:
    """Number of the group of each theme; new groups are numbered on."""
    numbers = {str(theme_id): int(n) for theme_id, n in zip(clusters["theme_id"], clusters["cluster"], strict=True)}
    new = [theme_id for theme_id in changed if theme_id not in numbers]
    first = max(numbers.values(), default=-1) + 1
    return numbers | {theme_id: number for number, theme_id in enumerate(new, first)}


def _row(connection: Connection, standing: Standing, theme_id: str, number: int, members: pd.DataFrame) -> Row:
    """A row of `cluster`. It has no keyphrases and exemplars: those of the theme are made anew."""
    vectors = vectors_of(connection, standing, list(members["text_sha256"]))
    made_from = {edit.new_theme_id: edit.theme_id for edit in standing.edits}
    least = dict(zip(standing.clusters["theme_id"], standing.clusters["least_cosine"], strict=True))
    source = theme_id
    while source not in least and source in made_from:
        source = made_from[source]
    return {
        "cluster": number,
        "theme_id": theme_id,
        "name": standing.themes["found_name"][theme_id] or theme_id,
        "keyphrases": "[]",
        "exemplar_item_ids": "[]",
        "size": len(members),
        "centroid": vectors.mean(axis=0, dtype="float64").astype("float32").tobytes(),
        "least_cosine": float(least.get(source, 1.0)),
    }
