"""Commands around themes: look at them, and edit them so that no later run undoes it."""

# ruff: noqa: PLC0415 - a command imports what it needs: `--help` starts fast

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_triage.errors import InputError

if TYPE_CHECKING:
    from feedback_triage.pipeline import ThemeLine


def show_list(options: argparse.Namespace) -> None:
    """List the themes."""
    from feedback_triage.pipeline import theme_list

    lines = theme_list(options.database)
    if not lines:
        _say("there are no themes yet; run feedback-triage triage first")
        return
    width = max(len(line.theme_id) for line in lines)
    _say(f"{'id':<{width}}  last 7 days  in all  name")
    for line in lines:
        name = f"{_shown(line.name)}{_marks(line)}{_area(line)}"
        _say(f"{line.theme_id:<{width}}  {line.n_period:>11}  {line.n_items:>6}  {name}")


def anew(options: argparse.Namespace) -> None:
    """Find the themes as if for the first time."""
    from feedback_triage.pipeline import JOBS

    done = JOBS["cluster"](database=options.database, is_laid_anew=True)
    _say(f"found {done['n_clusters']} groups; {done['n_events']} themes were born, went on, split, merged or ended")


def show_one(options: argparse.Namespace) -> None:
    """Tell what is known of a theme."""
    from feedback_triage.pipeline import theme_story

    story = theme_story(options.theme, options.database)
    line = story.line
    _say(f"{_shown(line.name)}{_marks(line)}")
    _say(f"id: {line.theme_id}")
    if line.area:
        _say(f"area: {_shown(line.area)}")
    _say(f"items: {line.n_items} in all, {line.n_period} in the last 7 days")
    if story.keyphrases:
        _say(f"keyphrases: {_shown(', '.join(story.keyphrases))}")
    for at, text in story.events:
        _say(f"{at:%Y-%m-%d}: {_shown(text)}")
    for item_id, words in story.exemplars:
        _say(f"  {_shown(item_id)}  {_short(words)}")


def show_edits(options: argparse.Namespace) -> None:
    """List the edits."""
    from feedback_triage.pipeline import edit_log

    lines = edit_log(options.database)
    if not lines:
        _say("nobody has edited a theme yet")
    for line in lines:
        undone = "" if line.is_in_force else " (undone)"
        at, by = line.edit.edited_at, line.edit.edited_by
        _say(f"{line.edit.edit_id:>4}  {at:%Y-%m-%d %H:%M} UTC  {_shown(by)}: {_shown(line.text)}{undone}")


def rename(options: argparse.Namespace) -> None:
    """Give a theme a name."""
    from feedback_triage.pipeline import rename_theme

    done = rename_theme(options.theme, options.name, options.by, database=options.database)
    _say_done(done, f"{done['theme_id']} is called {_name(done)} from now on")


def merge(options: argparse.Namespace) -> None:
    """Merge themes."""
    from feedback_triage.pipeline import merge_themes

    done = merge_themes(options.themes, options.into, options.by, database=options.database)
    n = len(done["edit_ids"])
    _say_done(done, f"{n} {'theme' if n == 1 else 'themes'} merged into {_name(done)}")


def split(options: argparse.Namespace) -> None:
    """Split a selection off."""
    from feedback_triage.pipeline import split_theme

    items = _item_ids(options.items)
    done = split_theme(options.theme, items, options.by, name=options.name, database=options.database)
    new = done["new_theme_id"]
    _say_done(done, f"{new} {_name(done, new)} split off {_name(done)}")


def pin(options: argparse.Namespace) -> None:
    """Pin items to a theme."""
    from feedback_triage.pipeline import pin_items

    done = pin_items(options.theme, _item_ids(options.items), options.by, database=options.database)
    _say_done(done, f"these items belong to {_name(done)} from now on")


def hide(options: argparse.Namespace) -> None:
    """Hide a theme."""
    from feedback_triage.pipeline import hide_theme

    done = hide_theme(options.theme, options.by, database=options.database)
    _say_done(done, f"{_name(done)} is left out of reports from now on; its items stay in every count")


def undo(options: argparse.Namespace) -> None:
    """Take edits back."""
    from feedback_triage.pipeline import undo_edits

    done = undo_edits(options.edits, options.by, database=options.database)
    _say_done(done, f"undone: {_numbers(done['undone'])}")


def _item_ids(arguments: list[str]) -> list[str]:
    """Ids as they were given, or those in a file: a sheet with a column `id`, or text with an id a line."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        return arguments
    from feedback_triage import sources

    path = Path(arguments[0])
    if path.suffix.lower() == ".txt":
        return [line.strip() for line in path.read_text("utf-8-sig", "replace").splitlines() if line.strip()]
    table = sources.open_table(path)
    column = next((name for name in ("id", "item_id") if name in table.columns), None)
    if column is None:
        raise InputError(f"{path} lacks the column 'id'; give a sheet with one, or a .txt file with an id a line")
    rows = [row for row in table.rows() if not isinstance(row, sources.BrokenRow)]
    return [str(row[column]).strip() for row in rows if row.get(column)]


def _say_done(done: Mapping[str, Any], what: str) -> None:
    _say(f"{what} (edit {_numbers(done['edit_ids'])})")
    _say(f"to take it back: feedback-triage theme undo {_last(done)} --by NAME")


def _last(done: Mapping[str, Any]) -> str:
    return " ".join(str(edit_id) for edit_id in reversed(done["edit_ids"]))


def _numbers(edit_ids: list[int]) -> str:
    return ", ".join(str(edit_id) for edit_id in edit_ids)


def _name(done: Mapping[str, Any], theme_id: str = "") -> str:
    found = theme_id or done["theme_id"]
    return f"“{_shown(done['names'].get(found, found))}”"


def _marks(line: "ThemeLine") -> str:
    marks = [word for word, is_set in (("hidden", line.is_hidden), ("edited", line.is_edited)) if is_set]
    return f"  [{', '.join(marks)}]" if marks else ""


def _area(line: "ThemeLine") -> str:
    return f"  (area: {_shown(line.area)})" if line.area else ""


def _short(text: str) -> str:
    line = _shown(" ".join(text.split()))
    return line if len(line) <= 100 else line[:99] + "…"


def _shown(text: str) -> str:
    from feedback_triage.report import printable

    return printable(text)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
