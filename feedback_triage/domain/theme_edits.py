"""What people do to the themes that the machine found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ThemeEditKind(StrEnum):
    """What a person can do to the themes that the machine found."""

    RENAME = "rename"
    """The theme is called by this name from now on."""
    MERGE = "merge"
    """The theme's items belong to another theme."""
    SPLIT = "split"
    """Some of the theme's items, and others with the same words, are a theme of their own."""
    PIN = "pin"
    """These very items belong to the theme, whatever the machine says."""
    HIDE = "hide"
    """The theme is left out of reports; its items stay in every count."""
    UNDO = "undo"
    """An earlier edit is as if it had never been made."""


@dataclass(frozen=True, slots=True)
class ThemeEdit:
    """A person's edit of the themes. The log of edits is only ever added to, and replayed after every clustering.

    Attributes:
        edit_id: 1 for the first edit of a database; later edits have higher numbers.
        kind: see `ThemeEditKind`.
        theme_id: the theme that is edited; for undo, the one that the undone edit is about.
        edited_by: who did it, as the team calls them.
        edited_at: when, UTC.
        name: the new name, for rename; the new theme's name for split, "" where the machine may name it.
        into: the theme that takes the items, for merge.
        new_theme_id: the theme that split makes.
        item_ids: the items that split and pin name ("source:external_id").
        origins: for split, the group each of `item_ids` was in when it was taken out, so that an undo can put it
            back; "" where the item was not there by its group (it was pinned): then its words stay where they are.
            Empty for "all of them were in `theme_id`".
        undoes: the edit that undo takes back; this may itself be an undo.
    """

    edit_id: int
    kind: ThemeEditKind
    theme_id: str
    edited_by: str
    edited_at: datetime
    name: str = ""
    into: str = ""
    new_theme_id: str = ""
    item_ids: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    undoes: int | None = None
