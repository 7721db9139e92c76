"""People's edits of the themes: each is checked, stored with who and when, and shown at once, or refused whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from feedback_triage.domain import ThemeEdit, ThemeEditKind
from feedback_triage.errors import InputError
from feedback_triage.pipeline.edit_checks import (
    edit_in_force,
    known_items,
    latest_edit,
    one_line,
    refuse_taken,
)
from feedback_triage.pipeline.jobs import Counts, job
from feedback_triage.pipeline.standing import Standing, standing_themes
from feedback_triage.pipeline.theme_names import theme_named
from feedback_triage.pipeline.theming import refresh
from feedback_triage.store import theme_edits
from feedback_triage.themes import apply_splits, check_log, edited_names, new_theme_id, placed_items, split_origins


@dataclass(frozen=True, eq=False)
class _Desk:
    """Where edits are drafted: nothing is stored before all of them are."""

    standing: Standing
    by: str
    at: datetime
    drafts: list[ThemeEdit] = field(default_factory=list)

    @property
    def log(self) -> tuple[ThemeEdit, ...]:
        return (*self.standing.edits, *self.drafts)

    def draft(self, kind: ThemeEditKind, theme_id: str, **more: Any) -> ThemeEdit:
        edit = ThemeEdit(len(self.log) + 1, kind, theme_id, self.by, self.at, **more)
        self.drafts.append(edit)
        return edit

    def themed(self, word: str) -> str:
        return theme_named(self.standing, word)


@contextmanager
def _desk(by: str, database: str) -> Iterator[tuple[_Desk, Counts]]:
    """A desk while no other run works on the database; when it ends well, the drafts are stored and shown.

    Gives what was done too: edit_ids, and `names` of the present themes by id.
    """
    editor = one_line(by, "the name of who edits (--by)")
    done: Counts = {}
    with job("theme", database) as (store, settings, counts):
        with store.writing() as connection:
            desk = _Desk(standing_themes(connection), editor, datetime.now(UTC))
            yield desk, done
            check_log(desk.log, desk.standing.after(desk.log))
            theme_edits.add(connection, desk.drafts)
            refresh(connection, settings.product_name)
            names = standing_themes(connection).present.names
        counts["edit_ids"] = [edit.edit_id for edit in desk.drafts]
        # Names are customers' words: they are no part of what is remembered of a run.
        done |= counts | {"names": dict(names)}


def rename_theme(theme: str, name: str, by: str, *, database: str = "") -> Counts:
    """Call a theme by this name from now on.

    Args:
        theme: its id, the start of it, or its name.
        name: 1 to 200 characters in one line, which no other theme has.
        by: who edits.
        database: URL, "" for the configured one.

    Returns:
        theme_id, edit_ids, and `names` of all present themes by id.

    Raises:
        InputError: the edit cannot be made; nothing is stored. So with every function here.
    """
    wanted = one_line(name, "the new name")
    with _desk(by, database) as (desk, done):
        theme_id = done["theme_id"] = desk.themed(theme)
        if edited_names(desk.log).get(theme_id) == wanted:
            raise InputError(f"theme {theme_id} has that name already")
        refuse_taken(wanted, theme_id, desk.standing.present)
        desk.draft(ThemeEditKind.RENAME, theme_id, name=wanted)
    return done


def merge_themes(themes: Sequence[str], into: str, by: str, *, database: str = "") -> Counts:
    """Give the items of these themes to another one, now and in every run to come.

    Args:
        themes: one or more, each as for `rename_theme`.
        into: the theme that takes the items and keeps its name.
        by: who edits.
        database: URL, "" for the configured one.

    Returns:
        As `rename_theme`; theme_id is the one that took the items.
    """
    with _desk(by, database) as (desk, done):
        target = done["theme_id"] = desk.themed(into)
        sources = list(dict.fromkeys(desk.themed(theme) for theme in themes))
        if target in sources:
            raise InputError(f"theme {target} cannot be merged into itself; name another one with --into")
        if not sources:
            raise InputError("name one or more themes to merge")
        for theme_id in sources:
            desk.draft(ThemeEditKind.MERGE, theme_id, into=target)
    return done


def split_theme(theme: str, item_ids: Sequence[str], by: str, *, name: str = "", database: str = "") -> Counts:
    """Make a theme of its own from some items of a theme; items that say the same go along.

    Args:
        theme: as for `rename_theme`.
        item_ids: some of its items, but not all ("source:external_id").
        by: who edits.
        name: of the new theme; "" to name it after what its items say.
        database: URL, "" for the configured one.

    Returns:
        As `rename_theme`, and new_theme_id.
    """
    wanted = one_line(name, "the new theme's name") if name else ""
    with _desk(by, database) as (desk, done):
        theme_id = done["theme_id"] = desk.themed(theme)
        standing, present = desk.standing, desk.standing.present
        chosen = known_items(standing, item_ids)
        for number, item_id in enumerate(chosen, 1):
            if present.theme_of_item.get(item_id) != theme_id:
                raise InputError(f"item {number} of {len(chosen)} is not in theme {theme_id}; name items of that theme")
        if wanted:
            refuse_taken(wanted, "", present)
        groups = apply_splits(standing.groups, standing.text_of_item, standing.edits)
        texts = frozenset(standing.text_of_item[item_id] for item_id in chosen)
        used = {*standing.themes.index, *(edit.new_theme_id for edit in standing.edits)}
        made = done["new_theme_id"] = new_theme_id(texts, used)
        desk.draft(
            ThemeEditKind.SPLIT,
            theme_id,
            name=wanted,
            new_theme_id=made,
            item_ids=tuple(chosen),
            origins=split_origins(present, groups, theme_id, chosen),
        )
        if theme_id not in standing.after(desk.log).names:
            raise InputError(f"these items are the whole theme {theme_id}; leave some out, or rename it instead")
    return done


def pin_items(theme: str, item_ids: Sequence[str], by: str, *, database: str = "") -> Counts:
    """Keep exactly these items in a theme, whatever the machine says of them.

    Args:
        theme: as for `rename_theme`.
        item_ids: any items ("source:external_id").
        by: who edits.
        database: URL, "" for the configured one.

    Returns:
        As `rename_theme`.
    """
    with _desk(by, database) as (desk, done):
        theme_id = done["theme_id"] = desk.themed(theme)
        chosen = known_items(desk.standing, item_ids)
        places = placed_items(desk.log)
        new = [item_id for item_id in chosen if places.get(item_id) != theme_id]
        if not new:
            raise InputError(f"a person put these items into theme {theme_id} already")
        desk.draft(ThemeEditKind.PIN, theme_id, item_ids=tuple(new))
        if theme_id not in desk.standing.after(desk.log).names:
            raise InputError(f"theme {theme_id} has no items of its own any more")
    return done


def hide_theme(theme: str, by: str, *, database: str = "") -> Counts:
    """Leave a theme out of reports until this edit is undone; its items stay in every count.

    Args:
        theme: as for `rename_theme`.
        by: who edits.
        database: URL, "" for the configured one.

    Returns:
        As `rename_theme`.
    """
    with _desk(by, database) as (desk, done):
        theme_id = done["theme_id"] = desk.themed(theme)
        if theme_id in desk.standing.present.hidden:
            raise InputError(f"theme {theme_id} is hidden already")
        desk.draft(ThemeEditKind.HIDE, theme_id)
    return done


def undo_edits(edit_ids: Sequence[int], by: str, *, database: str = "") -> Counts:
    """Take edits back, in this order; taking back an undo brings its edit back.

    Args:
        edit_ids: numbers of edits in force; empty for the latest one that is no undo.
        by: who edits.
        database: URL, "" for the configured one.

    Returns:
        edit_ids (of the undos), undone (the edits taken back), and `names` as `rename_theme`.
    """
    with _desk(by, database) as (desk, done):
        wanted = list(edit_ids) or [latest_edit(desk.log)]
        done["undone"] = wanted
        for edit_id in wanted:
            edit = edit_in_force(desk.log, edit_id)
            desk.draft(ThemeEditKind.UNDO, edit.theme_id, undoes=edit_id)
    return done
