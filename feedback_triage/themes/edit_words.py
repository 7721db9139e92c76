"""Edits told in words: for the history of a theme, and for the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from feedback_triage.domain import ThemeEdit, ThemeEditKind
from feedback_triage.themes.edits import active


@dataclass(frozen=True, slots=True)
class EditEvent:
    """What an edit was to one theme.

    Attributes:
        theme_id: the theme.
        kind: of the edit.
        text: without a subject, e.g. "renamed by Support".
        happened_at: when the edit was made.
    """

    theme_id: str
    kind: ThemeEditKind
    text: str
    happened_at: datetime


def edit_events(edits: Iterable[ThemeEdit], names: Mapping[str, str]) -> list[EditEvent]:
    """Tell the edits in force to each theme that they are about, in the order in which they were made.

    Args:
        edits: the log.
        names: of every theme, ended ones too; one that is missing is called by its id.
    """
    found = []
    for edit in active(edits):
        for theme_id, text in _told(edit, names):
            found.append(EditEvent(theme_id, edit.kind, f"{text} by {edit.edited_by}", edit.edited_at))
    return found


def tell_edit(edit: ThemeEdit, names: Mapping[str, str]) -> str:
    """Tell an edit in one line of the log, without who and when."""
    theme = _called(edit.theme_id, names)
    match edit.kind:
        case ThemeEditKind.RENAME:
            return f"theme {edit.theme_id} named “{edit.name}”"
        case ThemeEditKind.MERGE:
            return f"{theme} merged into {_called(edit.into, names)}"
        case ThemeEditKind.SPLIT:
            return f"{_items(edit)} split off {theme} as {_called(edit.new_theme_id, names)}"
        case ThemeEditKind.PIN:
            return f"{_items(edit)} pinned to {theme}"
        case ThemeEditKind.HIDE:
            return f"{theme} hidden"
        case ThemeEditKind.UNDO:
            return f"edit {edit.undoes} undone"


def _told(edit: ThemeEdit, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    theme = _called(edit.theme_id, names)
    match edit.kind:
        case ThemeEditKind.RENAME:
            return ((edit.theme_id, f"named “{edit.name}”"),)
        case ThemeEditKind.MERGE:
            into = _called(edit.into, names)
            return (edit.theme_id, f"merged into {into}"), (edit.into, f"{theme} merged into it")
        case ThemeEditKind.SPLIT:
            new = _called(edit.new_theme_id, names)
            return (edit.theme_id, f"{new} split off"), (edit.new_theme_id, f"split off {theme}")
        case ThemeEditKind.PIN:
            return ((edit.theme_id, f"{_items(edit)} pinned to it"),)
        case ThemeEditKind.HIDE:
            return ((edit.theme_id, "hidden"),)
        case ThemeEditKind.UNDO:
            return ()


def _called(theme_id: str, names: Mapping[str, str]) -> str:
    return f"“{names.get(theme_id, theme_id)}”"


def _items(edit: ThemeEdit) -> str:
    n = len(edit.item_ids)
    return f"{n} item" if n == 1 else f"{n} items"
