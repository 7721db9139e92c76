"""Which theme a person means."""

from collections.abc import Iterable

from feedback_triage.domain import ThemeEditKind
from feedback_triage.errors import InputError
from feedback_triage.pipeline.standing import Standing
from feedback_triage.themes import active

_MOST_TOLD = 5


def theme_named(standing: Standing, word: str) -> str:
    """Find a present theme by its id, its name (capitals aside), or the start of its id.

    Raises:
        InputError: there is none, or more than one, or it has ended.
    """
    wanted = word.strip()
    names = standing.present.names
    found = _matching(wanted, names.items())
    if len(found) == 1:
        return found[0]
    if found:
        some = ", ".join(found[:_MOST_TOLD]) + (", ..." if len(found) > _MOST_TOLD else "")
        raise InputError(f"{wanted!r} may be any of {some}; write more of the id")
    if not names:
        raise InputError("there are no themes yet; run feedback-triage triage first")
    ended = _matching(wanted, zip(standing.themes.index, standing.themes["name"], strict=True))
    if len(ended) != 1:
        raise InputError(f"there is no theme {wanted!r}; feedback-triage theme list shows them")
    raise InputError(_ended(standing, ended[0]))


def _matching(wanted: str, themes: Iterable[tuple[str, str]]) -> list[str]:
    by_name, by_start = [], []
    for theme_id, name in themes:
        if theme_id == wanted:
            return [theme_id]
        if name.casefold() == wanted.casefold():
            by_name.append(theme_id)
        elif len(wanted) > 1 and theme_id.startswith(wanted):
            by_start.append(theme_id)
    return by_name or by_start


def _ended(standing: Standing, theme_id: str) -> str:
    edits = active(standing.edits)
    merge = next((e for e in reversed(edits) if e.kind is ThemeEditKind.MERGE and e.theme_id == theme_id), None)
    if merge is None or theme_id not in standing.present.merged:
        return f"theme {theme_id} has ended; feedback-triage theme list shows those that stand"
    into = standing.present.merged[theme_id]
    return f"theme {theme_id} was merged into {into}; name that one, or undo edit {merge.edit_id} first"
