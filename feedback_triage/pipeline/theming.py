"""The themes that readers see, kept in the rows of `theme`: people's edits over the groups of the last clustering."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from feedback_triage.describe import describe_clusters
from feedback_triage.domain import ThemeEditKind
from feedback_triage.pipeline.areas import area_rows, known_areas
from feedback_triage.pipeline.regrouping import regroup
from feedback_triage.pipeline.standing import Standing, standing_themes, vectors_of
from feedback_triage.store import Connection, Store, read, theme_edits
from feedback_triage.themes import free_name

_ALGORITHM = 1  # raise it when the same themes would now get other keyphrases or exemplars

Row = dict[str, Any]


def refresh_themes(store: Store, product_name: str) -> None:
    """Bring the rows of `theme` up to the last clustering and the log, in one transaction; see `refresh`."""
    with store.writing() as connection:
        refresh(connection, product_name)


def refresh(connection: Connection, product_name: str) -> None:
    """Bring the rows of `theme`, and the groups that people split off, up to the last clustering and the log.

    Doing it again writes nothing. A theme keeps the name that a person gave it, else the one the machine found.

    Args:
        connection: a writing transaction.
        product_name: its words say nothing about a theme.
    """
    standing = standing_themes(connection)
    clustering_pk = standing.clustering_pk
    if clustering_pk is None:
        return
    if new := _new_rows(standing):
        theme_edits.show(connection, new)
        standing = standing_themes(connection)
    if regroup(connection, standing):
        standing = standing_themes(connection)
    areas_before = known_areas(standing)
    told = _told(connection, standing, product_name)
    if changed := _changed_rows(standing, told):
        theme_edits.show(connection, changed)
        theme_edits.name_groups(connection, clustering_pk)
        standing = standing_themes(connection)
    if rows := area_rows(connection, standing, areas_before, product_name):
        theme_edits.show(connection, rows)


def _new_rows(standing: Standing) -> list[Row]:
    """Rows of the themes that people made and that have none yet; the name follows when their words are known."""
    made = {edit.new_theme_id: edit.theme_id for edit in standing.edits if edit.kind is ThemeEditKind.SPLIT}
    return [
        {
            "theme_id": theme_id,
            "name": name,
            "is_ended": False,
            "area": standing.themes["area"].get(made.get(theme_id, ""), ""),
        }
        for theme_id, name in standing.present.names.items()
        if theme_id not in standing.themes.index
    ]


def _changed_rows(standing: Standing, told: Mapping[str, Row]) -> list[Row]:
    """Rows of `theme` that say something else than what is stored."""
    present = standing.present
    sizes: dict[str | None, int] = {}
    for theme_id in present.theme_of_item.values():
        sizes[theme_id] = sizes.get(theme_id, 0) + 1
    taken = {name.casefold() for name in [*present.names.values(), *standing.themes["found_name"]]}
    rows = []
    for stored in standing.themes.to_dict("records"):
        theme_id = stored["theme_id"]
        is_here = theme_id in present.names
        row = {str(name): value for name, value in stored.items()}
        row |= {"is_ended": not is_here, "is_hidden": theme_id in present.hidden}
        if is_here:
            words = told.get(theme_id, {})
            name = present.names[theme_id]
            if not row["found_name"]:
                row["found_name"] = free_name(words.get("name") or name, taken)
                # The replay calls a theme by its id as long as nobody named it.
                name = row["found_name"] if name == theme_id else name
            row |= {key: words[key] for key in ("keyphrases", "exemplar_item_ids") if key in words}
            row |= {"name": name, "size": sizes[theme_id]}
        if row != stored:
            rows.append(row | {key: _listed(row[key]) for key in ("keyphrases", "exemplar_item_ids")})
    return rows


def _listed(values: tuple[str, ...]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def _told(connection: Connection, standing: Standing, product_name: str) -> dict[str, Row]:
    """Keyphrases and exemplars of the present themes, and names for new ones; empty where they were told before."""
    if standing.clustering_pk is None:
        return {}
    digest = _digest(standing, product_name)
    if theme_edits.described(connection, standing.clustering_pk) == digest:
        return {}
    theme_edits.mark_described(connection, standing.clustering_pk, digest)
    told: dict[str, Row] = {}
    before, now = _members_of(standing.groups), _members_of(standing.present.theme_of_item)
    for row in standing.clusters.to_dict("records"):
        theme_id = row["theme_id"]
        # A group that was changed by a split carries no exemplars.
        if row["exemplar_item_ids"] and before.get(theme_id) == now.get(theme_id):
            told[theme_id] = {key: row[key] for key in ("keyphrases", "exemplar_item_ids")}
    return told if set(now) <= set(told) else _described(connection, standing, product_name) | told


def _members_of(theme_of_item: Mapping[str, str | None]) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {}
    for item_id, theme_id in theme_of_item.items():
        if theme_id is not None:
            members.setdefault(theme_id, set()).add(item_id)
    return members


def _digest(standing: Standing, product_name: str) -> str:
    digest = hashlib.sha256(f"{_ALGORITHM}\n{product_name}\n".encode())
    for row in standing.clusters.to_dict("records"):
        digest.update(json.dumps([row["theme_id"], row["keyphrases"], row["exemplar_item_ids"]]).encode())
    for item_id, theme_id in sorted(standing.present.theme_of_item.items()):
        digest.update(f"{item_id}\t{theme_id}\n".encode())
    return digest.hexdigest()


def _described(connection: Connection, standing: Standing, product_name: str) -> dict[str, Row]:
    """Tell every present theme by contrast with the others."""
    theme_ids = sorted(standing.present.names)
    number = {theme_id: i for i, theme_id in enumerate(theme_ids)}
    theme_of = standing.present.theme_of_item
    items = read.items(connection)
    items = items[items["item_id"].isin(set(theme_of)) & (items["text"] != "")].reset_index(drop=True)
    labels = np.array([number.get(theme_of[item_id] or "", -1) for item_id in items["item_id"]], dtype=np.int32)
    strength = dict(zip(standing.members["item_id"], standing.members["membership_strength"], strict=True))
    # An item that only a person put into a theme speaks for it less than one that belongs by its words.
    strengths = np.array([strength.get(item_id, 0.0) for item_id in items["item_id"]], dtype=np.float32)
    described = describe_clusters(
        list(items["text"]),
        labels,
        vectors_of(connection, standing, list(items["text_sha256"])),
        strengths,
        product_words=frozenset(product_name.casefold().split()),
    )
    return {
        theme_ids[d.cluster]: {
            "name": d.name,
            "keyphrases": d.keyphrases,
            "exemplar_item_ids": tuple(items["item_id"].iloc[position] for position in d.exemplar_positions),
        }
        for d in described
    }
