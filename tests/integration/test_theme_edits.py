"""Edits of themes over real databases: they hold, they are told, they can be taken back, none is half done."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

import feedback_triage
from feedback_triage.pipeline import JOBS
from feedback_triage.pipeline.standing import Standing, standing_themes
from feedback_triage.store import open_store, read, theme_edits
from tests.conftest import EXAMPLE, ROOT
from tests.integration.conftest import Told
from tests.integration.test_pipeline import contents

Cli = Callable[..., Told]


def bring(database: str, tmp_path: Path, last: int) -> None:
    """Store the first items of a channel of the example, and group them."""
    lines = (EXAMPLE / "feedback" / "chat.jsonl").read_text("utf-8").splitlines()[:last]
    file = tmp_path / f"chat-{last}.jsonl"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    JOBS["ingest"]([str(file)], database=database)
    for stage in ("embed", "cluster"):
        JOBS[stage](database=database)


def standing(database: str) -> Standing:
    with open_store(database) as store, store.reading() as connection:
        return standing_themes(connection)


def largest(found: Standing) -> list[str]:
    """Themes, the one with the most items first."""
    themes = [theme for theme in found.present.theme_of_item.values() if theme]
    return list(pd.Series(themes).value_counts().sort_index().sort_values(ascending=False, kind="stable").index)


def items_of(found: Standing, theme: str) -> list[str]:
    return sorted(item for item, own in found.present.theme_of_item.items() if own == theme)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A SQLite database with themes, as bytes."""
    folder = tmp_path_factory.mktemp("prepared")
    bring(f"sqlite:///{folder / 'feedback.db'}", folder, 150)
    with closing(sqlite3.connect(folder / "feedback.db")) as source, closing(sqlite3.connect(folder / "copy")) as copy:
        source.backup(copy)
    return (folder / "copy").read_bytes()


@pytest.fixture
def themed(prepared: bytes, tmp_path: Path) -> str:
    """URL of a database of this test's own that has themes."""
    (tmp_path / "themed.db").write_bytes(prepared)
    return f"sqlite:///{tmp_path / 'themed.db'}"


def test_edits_hold_when_items_come_and_everything_is_grouped_again(database: str, cli: Cli, tmp_path: Path) -> None:
    bring(database, tmp_path, 150)
    found = standing(database)
    renamed, into, merged, torn, hidden, target = largest(found)[:6]
    kept = items_of(found, merged)
    apart = items_of(found, torn)[:2]
    pinned = items_of(found, torn)[2]

    def edit(*arguments: str) -> None:
        told = cli("theme", *arguments, "--by", "support", "--database", database)
        assert told.status == 0, told.err
        assert "to take it back: feedback-triage theme undo" in told.out

    edit("rename", renamed[:6], "What we call it")
    edit("merge", found.present.names[merged].upper(), "--into", into)
    (tmp_path / "selection.csv").write_text("id,why\n" + "".join(f"{item},x\n" for item in apart), "utf-8")
    edit("split", torn, "--items", str(tmp_path / "selection.csv"), "--name", "Apart")
    edit("hide", hidden)
    edit("pin", target, pinned)
    before = standing(database)
    bring(database, tmp_path, 190)
    after = standing(database)
    assert after.clustering_pk != before.clustering_pk
    new = next(theme for theme, name in before.present.names.items() if name == "Apart")
    for state in (before, after):
        of_item = state.present.theme_of_item
        assert state.present.names[renamed] == "What we call it"
        assert {of_item[item] for item in kept} == {into}
        assert merged not in state.present.names
        assert {of_item[item] for item in apart} == {new}
        assert of_item[pinned] == target
        assert state.present.hidden == {hidden}
    rows = after.themes
    assert rows.loc[renamed, "name"] == "What we call it"
    assert rows.loc[merged, "is_ended"]
    assert rows.loc[hidden, "is_hidden"]
    assert rows.loc[new, "name"] == "Apart"
    assert rows.loc[into, "size"] == len(items_of(after, into))
    assert set(rows.loc[new, "exemplar_item_ids"]) <= set(items_of(after, new))
    the_report_tells_the_edits(database, tmp_path, after, hidden, renamed, into)


def the_report_tells_the_edits(
    database: str, tmp_path: Path, after: Standing, hidden: str, renamed: str, into: str
) -> None:
    JOBS["report"](database=database, report_dir=str(tmp_path / "report"))
    themes = pd.read_csv(tmp_path / "report" / "themes.csv", keep_default_na=False)
    items = pd.read_csv(tmp_path / "report" / "items.csv", keep_default_na=False)
    assert "What we call it" in set(themes["name"])
    assert not {hidden} & {*themes["theme_id"], *items["theme_id"]}
    assert set(items["item_id"]) == set(after.text_of_item)
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert f"{len(items_of(after, hidden))} of them are in themes that somebody hid" in page
    events = feedback_triage.load_tables(database)["theme_events"].groupby("theme_id")["text"].agg(list)
    assert "named “What we call it” by support" in events[renamed]
    assert any(text.endswith("merged into it by support") for text in events[into])
    assert "What we call it" in set(feedback_triage.load_themes(database)["name"])


def test_undoing_everything_gives_back_what_the_machine_found(themed: str, cli: Cli) -> None:
    first = contents(themed)
    found = standing(themed)
    one, two, three, four = largest(found)[:4]
    items = items_of(found, one)
    for arguments in (
        ("merge", two, "--into", one),
        ("split", one, "--items", items[0], items_of(found, two)[0]),
        ("rename", one, "Something else"),
        ("hide", three),
        ("pin", four, *items[1:3]),
    ):
        assert cli("theme", *arguments, "--by", "support", "--database", themed).status == 0
    edited = standing(themed)
    assert edited.present.theme_of_item != found.present.theme_of_item
    new = edited.edits[1].new_theme_id
    assert edited.groups[items[0]] == new
    assert edited.themes.loc[new, "name"] not in {"", new}
    for _ in range(5):
        assert cli("theme", "undo", "--by", "support", "--database", themed).status == 0
    assert "no edit in force" in cli("theme", "undo", "--by", "support", "--database", themed).error
    back = standing(themed)
    assert back.present == found.present
    assert back.groups == found.groups
    last = contents(themed)
    changed = {name for name in first if first[name] != last[name]}
    assert changed <= {"theme_edit", "theme", "cluster", "cluster_member", "clustering"}
    assert sorted(row[:2] for row in last["cluster_member"]) == sorted(row[:2] for row in first["cluster_member"])
    pd.testing.assert_frame_equal(
        back.themes.drop(index=new)[["name", "is_ended", "is_hidden", "size"]],
        found.themes[["name", "is_ended", "is_hidden", "size"]],
    )


def test_showing_the_themes_again_writes_nothing(themed: str, cli: Cli) -> None:
    found = standing(themed)
    one, two = largest(found)[:2]
    cli("theme", "split", one, "--items", *items_of(found, one)[:2], "--by", "support", "--database", themed)
    cli("theme", "merge", two, "--into", one, "--by", "support", "--database", themed)
    before = contents(themed)
    JOBS["cluster"](database=themed)
    assert contents(themed) == before


def test_looking_at_themes(themed: str, cli: Cli) -> None:
    found = standing(themed)
    theme = largest(found)[0]
    assert "nobody has edited" in cli("theme", "edits", "--database", themed).out
    cli("theme", "rename", theme, "First choice", "--by", "Ann", "--database", themed)
    cli("theme", "undo", "--by", "Bea", "--database", themed)
    log = cli("theme", "edits", "--database", themed).out.splitlines()
    assert [line.split("UTC")[1] for line in log] == [
        f"  Ann: theme {theme} named “First choice” (undone)",
        "  Bea: edit 1 undone",
    ]
    cli("theme", "rename", theme, "Second choice", "--by", "Ann", "--database", themed)
    with open_store(themed) as store, store.reading() as connection:
        remembered = connection.exec_driver_sql("SELECT counts FROM pipeline_run WHERE stage = 'theme'").scalars().all()
    assert remembered == ['{"edit_ids": [1]}', '{"edit_ids": [2]}', '{"edit_ids": [3]}']
    listed = cli("theme", "list", "--database", themed).out
    assert len(listed.splitlines()) == 1 + len(found.present.names)
    assert "Second choice  [edited]" in listed
    shown = cli("theme", "show", "second choice", "--database", themed).out
    assert f"id: {theme}" in shown
    assert "named “Second choice” by Ann" in shown
    assert items_of(found, theme)[0].split(":")[0] + ":" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("rename", "nothing", "X"), "there is no theme 'nothing'", id="an unknown theme"),
        pytest.param(("rename", "t", "X"), "there is no theme 't'", id="too little of an id"),
        pytest.param(("rename", "ONE", "  "), "1 to 200 characters", id="an empty name"),
        pytest.param(("rename", "ONE", "x" * 201), "1 to 200 characters", id="an overlong name"),
        pytest.param(("rename", "ONE", "two\nlines"), "without control characters", id="a name with a line break"),
        pytest.param(("rename", "ONE", "a\u202eb"), "without control characters", id="a name that turns the text"),
        pytest.param(("rename", "ONE", "TWO_NAME"), "has that name already", id="the name of another theme"),
        pytest.param(("merge", "ONE", "--into", "ONE"), "cannot be merged into itself", id="a theme into itself"),
        pytest.param(("split", "ONE", "--items", "chat:none"), "is not in the database", id="an unknown item"),
        pytest.param(("split", "ONE", "--items", "TWO_ITEM"), "is not in theme", id="an item of another theme"),
        pytest.param(("split", "ONE", "--items", "ALL_ITEMS"), "are the whole theme", id="the whole theme split off"),
        pytest.param(("split", "ONE", "--items", "EMPTY_FILE"), "name one or more items", id="an empty selection"),
        pytest.param(("split", "ONE", "--items", "NO_COLUMN"), "lacks the column 'id'", id="a sheet without ids"),
        pytest.param(("undo", "9"), "there is no edit 9", id="an unknown edit"),
        pytest.param(("undo", "1"), "edit 1 is undone already", id="an edit that is undone"),
        pytest.param(("hide", "HIDDEN"), "is hidden already", id="a theme hidden twice"),
        pytest.param(("rename", "MERGED", "X"), "or undo edit 4 first", id="a theme that was merged away"),
        pytest.param(("merge", "INTO", "--into", "MERGED"), "or undo edit 4 first", id="merges in a circle"),
    ],
)
def test_a_refused_edit_says_why_and_stores_nothing(
    themed: str, cli: Cli, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    found = standing(themed)
    one, two, hidden, merged, into = largest(found)[:5]
    (tmp_path / "empty.txt").write_text("\n\n", "utf-8")
    (tmp_path / "other.csv").write_text("name\nx\n", "utf-8")
    stands_for: dict[str, list[str]] = {
        "ONE": [one],
        "HIDDEN": [hidden],
        "MERGED": [merged],
        "INTO": [into],
        "TWO_NAME": [found.present.names[two].upper()],
        "TWO_ITEM": items_of(found, two)[:1],
        "ALL_ITEMS": items_of(found, one),
        "EMPTY_FILE": [str(tmp_path / "empty.txt")],
        "NO_COLUMN": [str(tmp_path / "other.csv")],
    }
    who = ("--by", "support", "--database", themed)
    cli("theme", "rename", one, "One", *who)
    cli("theme", "undo", "1", *who)
    cli("theme", "hide", hidden, *who)
    cli("theme", "merge", merged, "--into", into, *who)
    before = contents(themed)
    assert len(before["theme_edit"]) == 4
    written = [word for argument in arguments for word in stands_for.get(argument, [argument])]
    told = cli("theme", *written, *who)
    assert words in told.error
    assert contents(themed) == before


def test_an_editor_needs_a_name_and_a_database_needs_themes(database: str, cli: Cli) -> None:
    assert "run feedback-triage triage first" in cli("theme", "hide", "t1", "--by", "x", "--database", database).error
    assert "--by" in cli("theme", "hide", "t1", "--by", " ", "--database", database).error
    assert cli("theme", "hide", "t1", "--database", database).status == 2
    assert "no themes yet" in cli("theme", "list", "--database", database).out


def run_code(code: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ.copy(), stderr=subprocess.PIPE)


def test_a_run_killed_before_the_themes_were_shown_is_mended_by_the_next(themed: str, cli: Cli, tmp_path: Path) -> None:
    found = standing(themed)
    one, two = largest(found)[:2]
    cli("theme", "merge", two, "--into", one, "--by", "support", "--database", themed)
    (tmp_path / "more.csv").write_text("id,date,text\n1,2026-10-02,The captions are out of step again\n", "utf-8")
    JOBS["ingest"]([str(tmp_path / "more.csv")], database=themed)
    JOBS["embed"](database=themed)
    killed = run_code(
        "import os, signal\n"
        "from feedback_triage.pipeline import JOBS, theming\n"
        "theming.refresh_themes = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"JOBS['cluster'](database={themed!r})\n"
    )
    assert killed.wait(120) == -signal.SIGKILL
    torn = standing(themed)
    assert torn.clustering_pk != found.clustering_pk, "it was killed too early"
    assert two not in torn.present.names
    JOBS["cluster"](database=themed)
    mended = standing(themed)
    assert mended.themes.loc[two, "is_ended"]
    assert mended.themes.loc[one, "size"] == len(items_of(mended, one))


def test_an_edit_killed_half_way_leaves_nothing(themed: str) -> None:
    before = contents(themed)
    killed = run_code(
        "import os, signal\n"
        "from feedback_triage.pipeline import editing\n"
        "editing.refresh = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"editing.rename_theme({largest(standing(themed))[0]!r}, 'Half', 'support', database={themed!r})\n"
    )
    assert killed.wait(120) == -signal.SIGKILL
    assert contents(themed) == before


def test_edits_at_the_same_moment_wait_for_each_other(database: str, tmp_path: Path) -> None:
    bring(database, tmp_path, 150)
    themes = largest(standing(database))[:3]
    code = (
        "from feedback_triage.pipeline.editing import rename_theme\nrename_theme({!r}, {!r}, 'support', database={!r})"
    )
    editors = [run_code(code.format(theme, f"Name {n}", database)) for n, theme in enumerate(themes)]
    assert [editor.wait(120) for editor in editors] == [0, 0, 0]
    with open_store(database) as store, store.reading() as connection:
        log = theme_edits.log(connection)
        names = read.themes(connection).set_index("theme_id")["name"]
    assert [edit.edit_id for edit in log] == [1, 2, 3]
    assert [names[theme] for theme in themes] == ["Name 0", "Name 1", "Name 2"]
