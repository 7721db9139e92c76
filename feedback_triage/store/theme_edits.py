"""What people settled about themes: the log of their edits, and the rows that show its replay."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from feedback_triage.domain import ThemeEdit, ThemeEditKind
from feedback_triage.store import tables as t

Row = dict[str, Any]
_LISTS = ("item_ids", "origins")


def add(connection: Connection, new_edits: Iterable[ThemeEdit]) -> None:
    """Add edits to the log, each under its own number; the log is never changed otherwise.

    Raises:
        StoreError: a number is taken, so somebody else has edited at the same moment.
    """
    rows = [
        {
            "edit_id": edit.edit_id,
            "kind": edit.kind.value,
            "theme_id": edit.theme_id,
            "edited_by": edit.edited_by,
            "edited_at": edit.edited_at,
            "name": edit.name,
            "into_theme_id": edit.into,
            "new_theme_id": edit.new_theme_id,
            "undoes": edit.undoes,
            **{name: json.dumps(getattr(edit, name), ensure_ascii=False) for name in _LISTS},
        }
        for edit in new_edits
    ]
    if rows:
        connection.execute(insert(t.theme_edit), rows)


def log(connection: Connection) -> tuple[ThemeEdit, ...]:
    """Every edit that was ever made, in the order in which they were made."""
    return tuple(
        ThemeEdit(
            edit_id=row.edit_id,
            kind=ThemeEditKind(row.kind),
            theme_id=row.theme_id,
            edited_by=row.edited_by,
            edited_at=row.edited_at,
            name=row.name,
            into=row.into_theme_id,
            new_theme_id=row.new_theme_id,
            item_ids=tuple(json.loads(row.item_ids)),
            origins=tuple(json.loads(row.origins)),
            undoes=row.undoes,
        )
        for row in connection.execute(select(t.theme_edit).order_by(t.theme_edit.c.edit_id))
    )


def show(connection: Connection, rows: Sequence[Row]) -> None:
    """Make the rows of `theme` say this: rows with theme_id and any other columns, each row the same ones.

    A theme that is new needs name and is_ended.
    """
    known = set(connection.execute(select(t.theme.c.theme_id)).scalars())
    new = [row for row in rows if row["theme_id"] not in known]
    old = [row for row in rows if row["theme_id"] in known]
    if new:
        connection.execute(insert(t.theme), new)
    if old:
        columns = [name for name in old[0] if name != "theme_id"]
        statement = update(t.theme).where(t.theme.c.theme_id == bindparam("key"))
        values: Row = {name: bindparam(f"new_{name}") for name in columns}
        connection.execute(
            statement.values(values),
            [{"key": row["theme_id"], **{f"new_{name}": row[name] for name in columns}} for row in old],
        )


@dataclass(frozen=True, slots=True)
class Regrouping:
    """What a split, or its undo, changes in the groups of a clustering.

    Attributes:
        put: rows of `cluster` that are new or replaced, without the clustering's key.
        dropped: numbers of clusters that have no member any more.
        moved: `item_pk` and the number of its new `cluster`.
    """

    put: Sequence[Row]
    dropped: Sequence[int]
    moved: Sequence[Row]


def regroup(connection: Connection, clustering_pk: int, change: Regrouping) -> None:
    """Change the groups of a clustering, so that new items can join what people split off."""
    row, member = t.cluster.c, t.cluster_member.c
    gone = [*change.dropped, *(put["cluster"] for put in change.put)]
    connection.execute(delete(t.cluster).where(row.clustering_pk == clustering_pk, row.cluster.in_(gone)))
    if change.put:
        connection.execute(insert(t.cluster), [{"clustering_pk": clustering_pk, **put} for put in change.put])
    if change.moved:
        statement = update(t.cluster_member).where(
            member.clustering_pk == clustering_pk, member.item_pk == bindparam("key")
        )
        connection.execute(
            statement.values(cluster=bindparam("new_cluster")),
            [{"key": moved["item_pk"], "new_cluster": moved["cluster"]} for moved in change.moved],
        )


def name_groups(connection: Connection, clustering_pk: int) -> None:
    """Call the groups that people split off as the machine calls their themes, known by their ids alone until then."""
    row = t.cluster.c
    name = select(t.theme.c.found_name).where(t.theme.c.theme_id == row.theme_id).scalar_subquery()
    statement = update(t.cluster).where(row.clustering_pk == clustering_pk, row.name == row.theme_id)
    connection.execute(statement.values(name=name))


def described(connection: Connection, clustering_pk: int) -> str:
    """Digest of what the themes' keyphrases and exemplars were made from; "" before they were."""
    column = t.clustering.c
    found = connection.execute(select(column.themes_sha256).where(column.clustering_pk == clustering_pk))
    return str(found.scalar_one())


def mark_described(connection: Connection, clustering_pk: int, digest: str) -> None:
    """Remember what the themes' keyphrases and exemplars were made from."""
    statement = update(t.clustering).where(t.clustering.c.clustering_pk == clustering_pk)
    connection.execute(statement.values(themes_sha256=digest))
