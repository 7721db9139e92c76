"""The log of edits: what is in force, what the machine must keep, and how edits are told."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from feedback_triage.domain import ThemeEdit, ThemeEditKind
from feedback_triage.errors import InputError
from feedback_triage.themes import (
    active,
    apply_splits,
    check_log,
    edit_events,
    edited_theme_ids,
    free_name,
    placed_items,
    replay,
    split_origins,
    tell_edit,
)

AT = datetime(2026, 10, 1, tzinfo=UTC)
TEXTS = {"a": "1", "b": "1", "c": "2", "d": "3", "e": "4"}
GROUPS = {"a": "T", "b": "T", "c": "T", "d": "U", "e": None}


def edits(*made: tuple[str, str, dict[str, Any]]) -> list[ThemeEdit]:
    """A log of (kind, theme_id, more)."""
    return [
        ThemeEdit(number, ThemeEditKind(kind), theme, "support", AT, **more)
        for number, (kind, theme, more) in enumerate(made, 1)
    ]


def themes(log: Sequence[ThemeEdit]) -> dict[str, str | None]:
    return dict(replay(GROUPS, TEXTS, {}, log).theme_of_item)


def test_an_undo_of_an_undo_brings_the_edit_back() -> None:
    log = edits(("hide", "T", {}), ("undo", "T", {"undoes": 1}), ("undo", "T", {"undoes": 2}))
    assert [edit.edit_id for edit in active(log[:1])] == [1]
    assert [edit.edit_id for edit in active(log[:2])] == [2]
    assert [edit.edit_id for edit in active(reversed(log))] == [1, 3]


def test_the_machine_must_keep_every_group_that_an_edit_in_force_names() -> None:
    log = edits(
        ("merge", "T", {"into": "U"}),
        ("split", "U", {"new_theme_id": "S", "item_ids": ("a",), "origins": ("T",)}),
        ("rename", "V", {"name": "x"}),
        ("undo", "V", {"undoes": 3}),
    )
    assert edited_theme_ids(log) == {"T", "U", "S"}
    assert edited_theme_ids([]) == frozenset()


def test_a_split_that_is_undone_puts_words_back_where_they_came_from() -> None:
    log = edits(
        ("merge", "U", {"into": "T"}),
        ("split", "T", {"new_theme_id": "S", "item_ids": ("c", "d"), "origins": ("T", "U")}),
    )
    split = apply_splits(GROUPS, TEXTS, log)
    assert split == {"a": "T", "b": "T", "c": "S", "d": "S", "e": None}
    joined = split | {"new": "S"}
    back = apply_splits(joined, TEXTS | {"new": "9"}, [*log, undo(3, 2)])
    assert back == GROUPS | {"new": "T"}


def undo(edit_id: int, undoes: int) -> ThemeEdit:
    return ThemeEdit(edit_id, ThemeEditKind.UNDO, "T", "support", AT, undoes=undoes)


def test_merges_that_were_never_checked_do_not_loop() -> None:
    log = edits(("merge", "T", {"into": "U"}), ("merge", "U", {"into": "T"}), ("merge", "T", {"into": "T"}))
    assert themes(log) == {"a": "U", "b": "U", "c": "U", "d": "U", "e": None}
    with pytest.raises(InputError, match="circle"):
        check_log(log, replay(GROUPS, TEXTS, {}, log))


def test_an_edit_of_a_theme_that_is_gone_waits_for_it() -> None:
    log = edits(("rename", "V", {"name": "Captions"}), ("hide", "V", {}), ("merge", "W", {"into": "U"}))
    assert dict(replay(GROUPS, TEXTS, {"T": "t", "U": "u"}, log).names) == {"T": "t", "U": "u"}
    there = replay(GROUPS | {"e": "V"}, TEXTS, {"V": "v"}, log)
    assert (there.names["V"], there.hidden) == ("Captions", {"V"})


def test_the_latest_word_places_an_item() -> None:
    log = edits(
        ("pin", "U", {"item_ids": ("a",)}),
        ("split", "T", {"new_theme_id": "S", "item_ids": ("c",)}),
        ("pin", "T", {"item_ids": ("a", "unknown")}),
    )
    assert placed_items(log) == {"a": "T", "c": "S", "unknown": "T"}
    assert themes(log) == {"a": "T", "b": "T", "c": "S", "d": "U", "e": None}


def test_words_of_a_pinned_item_do_not_go_with_it_when_it_is_split_off() -> None:
    pinned = edits(("pin", "U", {"item_ids": ("a",)}))
    origins = split_origins(replay(GROUPS, TEXTS, {}, pinned), GROUPS, "U", ("a", "d", "e"))
    assert origins == ("", "U", "")
    log = [
        *pinned,
        ThemeEdit(
            2, ThemeEditKind.SPLIT, "U", "support", AT, new_theme_id="S", item_ids=("a", "d"), origins=origins[:2]
        ),
    ]
    assert themes(log) == {"a": "S", "b": "T", "c": "T", "d": "S", "e": None}


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken = {"sound"}
    assert [free_name("Sound", taken), free_name("Sound", taken), free_name("Login", taken)] == [
        "Sound (2)",
        "Sound (3)",
        "Login",
    ]


def test_edits_are_told_to_both_themes_they_are_about() -> None:
    log = edits(
        ("rename", "T", {"name": "Sound"}),
        ("merge", "U", {"into": "T"}),
        ("split", "T", {"new_theme_id": "S", "item_ids": ("a", "b")}),
        ("pin", "T", {"item_ids": ("a",)}),
        ("hide", "S", {}),
        ("rename", "T", {"name": "Noise"}),
        ("undo", "T", {"undoes": 6}),
    )
    names = {"T": "Sound", "U": "Audio"}
    assert [(event.theme_id, event.text) for event in edit_events(log, names)] == [
        ("T", "named “Sound” by support"),
        ("U", "merged into “Sound” by support"),
        ("T", "“Audio” merged into it by support"),
        ("T", "“S” split off by support"),
        ("S", "split off “Sound” by support"),
        ("T", "1 item pinned to it by support"),
        ("S", "hidden by support"),
    ]
    assert [tell_edit(edit, names) for edit in log] == [
        "theme T named “Sound”",
        "“Audio” merged into “Sound”",
        "2 items split off “Sound” as “S”",
        "1 item pinned to “Sound”",
        "“S” hidden",
        "theme T named “Noise”",
        "edit 6 undone",
    ]
