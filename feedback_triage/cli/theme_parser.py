"""The commands `theme ...` and their options."""

import argparse
from functools import partial

from feedback_triage.cli import theming
from feedback_triage.cli.adding import Commands, add_command
from feedback_triage.cli.fixing import add_fixes
from feedback_triage.cli.options import add_database


def add_themes(commands: Commands) -> None:
    """Add `theme` with its commands."""
    parser = add_command(
        commands,
        "theme",
        "look at themes and edit them; no later run undoes an edit",
        "feedback-triage theme rename t1a2b3c4d 'Links in the footer' --by support",
        None,
    )
    add = partial(
        add_command, parser.add_subparsers(title="commands", metavar="COMMAND", required=True, help="one of these:")
    )
    lists = add(
        "list", "list the themes, what came in most lately first", "feedback-triage theme list", theming.show_list
    )
    add_database(lists)
    show = add("show", "tell what is known of a theme", "feedback-triage theme show t1a2", theming.show_one)
    _add_theme(show)
    add_database(show)
    edits = add("edits", "list who edited what and when", "feedback-triage theme edits", theming.show_edits)
    add_database(edits)
    anew = add(
        "anew",
        "find the themes as if for the first time; those that you edited go on",
        "feedback-triage theme anew",
        theming.anew,
    )
    add_database(anew)
    _add_edits(add)
    add_fixes(add, _THEME)


def _add_edits(add: "partial[argparse.ArgumentParser]") -> None:
    rename = add(
        "rename",
        "call a theme by a name of your own",
        "feedback-triage theme rename t1a2 'Links in the footer' --by support",
        theming.rename,
    )
    _add_theme(rename)
    rename.add_argument("name", metavar="NAME", help="1 to 200 characters that no other theme is called by")
    merge = add(
        "merge",
        "give the items of themes to another theme",
        "feedback-triage theme merge t1a2 t3b4 --into t5c6 --by support",
        theming.merge,
    )
    merge.add_argument("themes", metavar="THEME", nargs="+", help=_THEME)
    merge.add_argument("--into", metavar="THEME", required=True, help="the theme that takes the items")
    split = add(
        "split",
        "make a theme of its own from some items of a theme; items with the same words go along",
        "feedback-triage theme split t1a2 --items selection.csv --name 'Links in mails' --by support",
        theming.split,
    )
    _add_theme(split)
    split.add_argument("--items", metavar="FILE_OR_ID", nargs="+", required=True, help=_ITEMS)
    split.add_argument("--name", metavar="NAME", default="", help="of the new theme (default: what its items say)")
    pin = add(
        "pin",
        "keep exactly these items in a theme, whatever later runs say of them",
        "feedback-triage theme pin t1a2 chat:812 chat:907 --by support",
        theming.pin,
    )
    _add_theme(pin)
    pin.add_argument("items", metavar="FILE_OR_ID", nargs="+", help=_ITEMS)
    hide = add(
        "hide",
        "leave a theme out of reports; its items stay in every count",
        "feedback-triage theme hide t1a2 --by support",
        theming.hide,
    )
    _add_theme(hide)
    undo = add(
        "undo",
        "take edits back; taking back an undo brings its edit back",
        "feedback-triage theme undo 12 --by support",
        theming.undo,
    )
    undo.add_argument(
        "edits", metavar="EDIT", nargs="*", type=_number, help="numbers of edits (default: the latest one in force)"
    )
    for parser in (rename, merge, split, pin, hide, undo):
        parser.add_argument("--by", metavar="NAME", required=True, help="who edits, as the team calls them")
        add_database(parser)


_THEME = "its id, the start of its id, or its name"
_ITEMS = "ids (source:external_id), or one file: a sheet with a column id, or a .txt file with an id a line"


def _add_theme(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("theme", metavar="THEME", help=_THEME)


def _number(argument: str) -> int:
    if not argument.isdecimal() or not argument.isascii() or not 0 < int(argument) < 10**9:
        raise argparse.ArgumentTypeError("give the number of an edit, as theme edits lists it")
    return int(argument)
