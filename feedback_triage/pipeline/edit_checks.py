"""What makes an edit of the themes impossible, told in one line that says what to do."""

import unicodedata
from collections.abc import Sequence

from feedback_triage.domain import ThemeEdit, ThemeEditKind
from feedback_triage.errors import InputError
from feedback_triage.pipeline.standing import Standing
from feedback_triage.themes import PresentThemes, active

LONGEST_NAME = 200
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn the text around them


def one_line(text: str, what: str) -> str:
    """Give a name without white space around it.

    Raises:
        InputError: it is empty, longer than 200 characters, or would not show as it is written.
    """
    line = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(line) <= LONGEST_NAME:
        raise InputError(f"{what} must have 1 to {LONGEST_NAME} characters")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _TURNING for character in line):
        raise InputError(f"{what} must be one line without control characters")
    if not any(unicodedata.category(character)[0] in "LNPS" for character in line):
        raise InputError(f"{what} must have a character that can be seen")
    return line


def known_items(standing: Standing, item_ids: Sequence[str]) -> list[str]:
    """Give the ids of items as they are stored, each once.

    Raises:
        InputError: there is none, or one is not in the database.
    """
    chosen = []
    for number, item_id in enumerate(item_ids, 1):
        # A sheet writes an apostrophe in front of what a spreadsheet would run as a formula.
        found = next((key for key in (item_id, item_id.removeprefix("'")) if key in standing.text_of_item), None)
        if found is None:
            where = f"item {number} of {len(item_ids)}"
            raise InputError(f"{where} is not in the database; ids look like source:external_id")
        chosen.append(found)
    if not chosen:
        raise InputError("name one or more items; ids look like source:external_id")
    return list(dict.fromkeys(chosen))


def refuse_taken(name: str, theme_id: str, present: PresentThemes) -> None:
    """Refuse a name that another theme has.

    Raises:
        InputError: it is taken, capitals aside.
    """
    for other, known in present.names.items():
        if other.casefold() == name.casefold():
            raise InputError("that is the id of a theme; choose a name")
        if other != theme_id and known.casefold() == name.casefold():
            raise InputError(f"theme {other} has that name already; choose another, or merge the two")


def latest_edit(log: Sequence[ThemeEdit]) -> int:
    """Give the number of the latest edit in force that is no undo.

    Raises:
        InputError: there is none.
    """
    found = [edit.edit_id for edit in active(log) if edit.kind is not ThemeEditKind.UNDO]
    if not found:
        raise InputError("there is no edit in force that could be undone")
    return found[-1]


def edit_in_force(log: Sequence[ThemeEdit], edit_id: int) -> ThemeEdit:
    """Give the edit with this number.

    Raises:
        InputError: there is none, or it is undone.
    """
    edit = next((edit for edit in log if edit.edit_id == edit_id), None)
    if edit is None:
        raise InputError(f"there is no edit {edit_id}; feedback-triage theme edits lists them")
    in_force = active(log)
    if edit not in in_force:
        by = next(found.edit_id for found in in_force if found.undoes == edit_id)
        raise InputError(f"edit {edit_id} is undone already; to bring it back, undo {by}")
    return edit
