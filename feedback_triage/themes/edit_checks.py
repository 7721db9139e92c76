"""Which logs of edits cannot be: an edit is refused when it, or another one in force, could not have its effect."""

from collections.abc import Sequence

from feedback_triage.domain import ThemeEdit, ThemeEditKind
from feedback_triage.errors import InputError
from feedback_triage.themes.edits import PresentThemes, active, edited_names


def check_log(log: Sequence[ThemeEdit], present: PresentThemes) -> None:
    """Refuse a log in which an edit in force could not have its effect.

    Args:
        log: every edit, the new ones last.
        present: its replay.

    Raises:
        InputError: an edit builds on a split that is not in force, merges go round in a circle, or two themes would
            have one name.
    """
    in_force = active(log)
    made = {edit.new_theme_id: edit for edit in log if edit.new_theme_id}
    for edit in in_force:
        grounds = {edit.theme_id, edit.into, *edit.origins} & set(made)
        missing = sorted(made[theme_id].edit_id for theme_id in grounds if made[theme_id] not in in_force)
        if missing and edit.kind is not ThemeEditKind.UNDO:
            later, earlier = edit.edit_id, missing[-1]
            raise InputError(f"edit {later} builds on edit {earlier}: {later} must be undone before {earlier}")
    latest = {edit.theme_id: edit for edit in in_force if edit.kind is ThemeEditKind.MERGE}
    for edit in latest.values():
        if present.merged.get(edit.theme_id) != present.merged.get(edit.into, edit.into):
            raise InputError(f"edit {edit.edit_id} would merge themes in a circle; undo the later merge first")
    for theme_id, name in edited_names(log).items():
        if present.names.get(theme_id, name) != name:
            raise InputError(f"theme {theme_id} would get a name that another theme has by now; rename that one first")
