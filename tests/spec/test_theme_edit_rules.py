"""What edits of themes do, and which are refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from feedback_triage.domain import ThemeEdit, ThemeEditKind
from feedback_triage.errors import InputError
from feedback_triage.themes import check_log, replay

AT = datetime(2026, 10, 1, tzinfo=UTC)

# Items sound:1 and sound:2 say the same; noise:1 is in no theme.
TEXT = {
    "sound:1": "no sound",
    "sound:2": "no sound",
    "sound:3": "it crackles",
    "login:1": "locked out",
    "video:1": "black picture",
    "noise:1": "hm",
}
GROUP = {
    "sound:1": "S",
    "sound:2": "S",
    "sound:3": "S",
    "login:1": "L",
    "video:1": "V",
    "noise:1": None,
}
FOUND = {"S": "sound", "L": "login", "V": "video"}


def log_of(*edits: dict[str, Any]) -> list[ThemeEdit]:
    """A log from its edits; a split makes the theme N unless it says otherwise."""
    made = []
    for number, edit in enumerate(edits, 1):
        more = dict(edit)
        kind, theme = ThemeEditKind(more.pop("kind")), more.pop("theme", "S")
        if kind is ThemeEditKind.SPLIT:
            more.setdefault("new_theme_id", "N")
        made.append(ThemeEdit(number, kind, theme, "support", AT, **more))
    return made


def rename(theme: str, name: str) -> dict[str, Any]:
    return {"kind": "rename", "theme": theme, "name": name}


def merge(theme: str, into: str) -> dict[str, Any]:
    return {"kind": "merge", "theme": theme, "into": into}


def split(*items: str, **more: Any) -> dict[str, Any]:
    return {"kind": "split", "item_ids": items, **more}


def pin(theme: str, *items: str) -> dict[str, Any]:
    return {"kind": "pin", "theme": theme, "item_ids": items}


def hide(theme: str) -> dict[str, Any]:
    return {"kind": "hide", "theme": theme}


def undo(edit: int) -> dict[str, Any]:
    return {"kind": "undo", "undoes": edit}


@pytest.mark.parametrize(
    ("edits", "changed"),
    [
        pytest.param([], {}, id="without edits, people see what the machine found"),
        pytest.param([merge("L", "S")], {"login:1": "S"}, id="a merged theme's items are in the other theme"),
        pytest.param(
            [merge("L", "S"), merge("S", "V")],
            dict.fromkeys(("sound:1", "sound:2", "sound:3", "login:1"), "V"),
            id="a merge into a theme that is merged later follows on",
        ),
        pytest.param([merge("L", "S"), undo(1)], {}, id="an undone merge leaves no trace"),
        pytest.param(
            [merge("L", "S"), undo(1), undo(2)], {"login:1": "S"}, id="undoing the undo brings the merge back"
        ),
        pytest.param(
            [split("sound:1")],
            {"sound:1": "N", "sound:2": "N"},
            id="a split takes items that say the same along",
        ),
        pytest.param(
            [split("sound:1"), merge("N", "L")],
            {"sound:1": "L", "sound:2": "L"},
            id="what was split off can be merged elsewhere",
        ),
        pytest.param(
            [split("sound:1"), split("sound:2", theme="N", new_theme_id="M")],
            {"sound:1": "N", "sound:2": "M"},
            id="of two splits that name items with the same words, each keeps the items it names",
        ),
        pytest.param([pin("L", "sound:1")], {"sound:1": "L"}, id="a pin takes exactly the item it names"),
        pytest.param([pin("L", "noise:1")], {"noise:1": "L"}, id="an item in no theme can be pinned to one"),
        pytest.param(
            [pin("L", "sound:1"), pin("V", "sound:1")], {"sound:1": "V"}, id="of two pins of an item, the later counts"
        ),
        pytest.param(
            [pin("L", "sound:1"), merge("L", "V")],
            {"sound:1": "V", "login:1": "V"},
            id="pinned items go where their theme goes",
        ),
        pytest.param(
            [pin("L", "sound:3"), split("sound:1", "sound:3")],
            {"sound:1": "N", "sound:2": "N", "sound:3": "N"},
            id="a split wins over an earlier pin of an item it names",
        ),
        pytest.param(
            [split("sound:1"), pin("S", "sound:1")],
            {"sound:2": "N"},
            id="a pin wins over an earlier split, and the others stay split off",
        ),
        pytest.param([hide("S")], {}, id="a hidden theme keeps its items"),
    ],
)
def test_where_items_are(edits: list[dict[str, Any]], changed: dict[str, str]) -> None:
    """Where items are."""
    assert replay(GROUP, TEXT, FOUND, log_of(*edits)).theme_of_item == GROUP | changed


@pytest.mark.parametrize(
    ("edits", "names"),
    [
        pytest.param([rename("S", "Audio")], {"S": "Audio", "L": "login", "V": "video"}, id="a person's name counts"),
        pytest.param(
            [rename("S", "Audio"), rename("S", "Noise")],
            {"S": "Noise", "L": "login", "V": "video"},
            id="of two names, the later counts",
        ),
        pytest.param(
            [rename("S", "Audio"), rename("S", "Noise"), undo(2)],
            {"S": "Audio", "L": "login", "V": "video"},
            id="undoing a name brings the person's earlier name back",
        ),
        pytest.param(
            [rename("S", "Audio"), undo(1)],
            {"S": "sound", "L": "login", "V": "video"},
            id="undoing the only name brings the machine's back",
        ),
        pytest.param(
            [merge("L", "S")], {"S": "sound", "V": "video"}, id="a merged theme's name goes, the other one's stays"
        ),
        pytest.param(
            [rename("L", "Audio"), merge("L", "S"), undo(2)],
            {"S": "sound", "L": "Audio", "V": "video"},
            id="a theme that comes back has its name again",
        ),
        pytest.param(
            [rename("L", "Signing in"), merge("L", "S"), rename("S", "LOGIN")],
            {"S": "LOGIN", "V": "video"},
            id="the name of a theme that was merged away is free",
        ),
        pytest.param(
            [split("sound:1", name="Silent")],
            {"S": "sound", "N": "Silent", "L": "login", "V": "video"},
            id="a split can name the new theme",
        ),
        pytest.param(
            [split("sound:1", name="Silent"), rename("N", "Mute")],
            {"S": "sound", "N": "Mute", "L": "login", "V": "video"},
            id="the new theme can be renamed",
        ),
        pytest.param(
            [rename("S", "LOGIN")],
            {"S": "LOGIN", "L": "login (2)", "V": "video"},
            id="where a person's name meets the machine's, the machine's gets a number",
        ),
    ],
)
def test_what_themes_are_called(edits: list[dict[str, Any]], names: dict[str, str]) -> None:
    """What themes are called."""
    assert replay(GROUP, TEXT, FOUND, log_of(*edits)).names == names


@pytest.mark.parametrize(
    ("edits", "hidden"),
    [
        pytest.param([hide("S")], {"S"}, id="a hidden theme is hidden until that is undone"),
        pytest.param([hide("S"), undo(1)], set(), id="an undone hide shows the theme"),
        pytest.param([hide("S"), merge("L", "S")], {"S"}, id="what is merged into a hidden theme is hidden too"),
        pytest.param([hide("L"), merge("L", "S")], set(), id="a hidden theme that is merged shows in the other theme"),
    ],
)
def test_what_is_hidden(edits: list[dict[str, Any]], hidden: set[str]) -> None:
    """What is left out of reports."""
    assert replay(GROUP, TEXT, FOUND, log_of(*edits)).hidden == hidden


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        pytest.param(
            [split("sound:1"), rename("N", "Mute"), undo(1)],
            "edit 2 builds on edit 1",
            id="undoing a split on which a later edit builds",
        ),
        pytest.param(
            [split("sound:1"), rename("N", "Mute"), undo(2), undo(1), undo(3)],
            "edit 2 builds on edit 1",
            id="bringing back an edit of a theme whose split is undone",
        ),
        pytest.param(
            [merge("S", "L"), undo(1), merge("L", "S"), undo(2)],
            "circle",
            id="bringing back a merge that would close a circle",
        ),
        pytest.param(
            [rename("S", "Audio"), undo(1), rename("L", "audio"), undo(2)],
            "name that another theme has",
            id="bringing back a name that another theme was given since",
        ),
        pytest.param(
            [rename("S", "Audio"), merge("S", "V"), rename("L", "Audio"), undo(2)],
            "name that another theme has",
            id="undoing a merge whose theme comes back with a name that another was given since",
        ),
    ],
)
def test_what_is_refused(edits: list[dict[str, Any]], words: str) -> None:
    """What is refused, though each edit alone would do."""
    log = log_of(*edits)
    check_log(log[:-1], replay(GROUP, TEXT, FOUND, log[:-1]))
    with pytest.raises(InputError, match=words):
        check_log(log, replay(GROUP, TEXT, FOUND, log))
