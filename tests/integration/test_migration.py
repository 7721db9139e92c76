"""A database that an earlier version wrote comes up with nothing lost."""

import multiprocessing
from collections.abc import Mapping, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

import feedback_triage.store
from feedback_triage.pipeline import JOBS, Decided, next_to_label, store_reviews
from feedback_triage.pipeline.editing import rename_theme
from feedback_triage.store import open_store, proposals, read, releases, reviews
from feedback_triage.store.tables import metadata
from tests.integration.conftest import run_stages

AT = "2026-09-02 10:00:00"
FIRST_VERSION: dict[str, list[dict[str, Any]]] = {
    "source": [{"source_pk": 1, "name": "chat"}],
    "feedback_item": [
        {
            "item_pk": number,
            "source_pk": 1,
            "external_id": f"e{number}",
            "written_at": AT,
            "ingested_at": AT,
            "verbatim": words,
            "text": words,
            "text_sha256": f"{number:064d}",
            "content_sha256": f"{number:064d}",
            "rating": rating,
        }
        for number, words, rating in (
            (1, "The link in the footer is dead — 404", 1.0),
            (2, "Danke für alles! 🎉", None),
            (3, "", 5.0),
        )
    ],
    "prediction": [
        {
            "item_pk": number,
            "classifier_version": version,
            "label": label,
            "probability": 0.75,
            "probability_none": 0.125,
            "probabilities": '{"praise": 0.125, "broken_link": 0.75}',
            "abstained": label is None,
        }
        for number, version, label in (
            (1, "2026-01-01-old", "broken_link"),
            (2, "2026-01-01-old", None),
            (1, "2026-02-02-newer", "broken_link"),
        )
    ],
    "release": [
        {"release_pk": 1, "release_id": "1.0", "version": "1.0", "released_at": AT, "kind": "fix", "is_derived": False}
    ],
    "release_link": [{"item_pk": 1, "basis": "most_recent", "release_pk": 1, "probability": 1.0}],
    "embedding": [{"text_sha256": f"{1:064d}", "encoder_id": "e", "dim": 2, "vector": b"\x00\x3c\x00\x00"}],
    "pipeline_run": [
        {"stage": "label", "started_at": AT, "finished_at": AT, "counts": '{"n_labelled": 1, "n_abstained": 1}'}
    ],
}


THEMES: dict[str, list[dict[str, Any]]] = {
    "clustering": [
        {
            "clustering_pk": number,
            "input_sha256": f"{number:064d}",
            "encoder_id": "e",
            "n_items": 2,
            "n_clusters": 1,
            "noise_ratio": 0.0,
            "settings": "{}",
        }
        for number in (1, 2)
    ],
    "theme": [
        {"theme_id": "t1", "name": "Footer", "is_ended": False},
        {"theme_id": "t0", "name": "Gone", "is_ended": True},
    ],
    "cluster": [
        {
            "clustering_pk": number,
            "cluster": 0,
            "theme_id": theme_id,
            "name": "Footer",
            "keyphrases": f'["footer {number}"]',
            "exemplar_item_ids": '["chat:e1"]',
            "size": 2,
            "centroid": b"\x00\x00\x80\x3f\x00\x00\x00\x00",
        }
        for number, theme_id in ((1, "t0"), (2, "t1"))
    ],
    "cluster_member": [
        {"clustering_pk": 2, "item_pk": number, "cluster": 0, "membership_strength": 1.0} for number in (1, 2)
    ],
}


def write_first_version(url: str, more: Mapping[str, list[dict[str, Any]]] = MappingProxyType({})) -> None:
    """Make a database as the first version left it, by its own migration."""
    config = Config()
    config.set_main_option("script_location", str(Path(feedback_triage.store.__file__).parent / "migrations"))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table, rows in (*FIRST_VERSION.items(), *more.items()):
            for row in rows:
                names = ", ".join(row)
                values = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)
    engine.dispose()


def rows_of(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row as the database gives it, without going through the program."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: sorted((dict(row._mapping) for row in connection.execute(text(f"SELECT * FROM {name}"))), key=str)
            for name in FIRST_VERSION
        }
    engine.dispose()
    return found


def test_the_first_version_really_lacks_what_the_migration_adds(database: str) -> None:
    write_first_version(database)
    engine = create_engine(database)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    # A change of a column comes as a list of what changes in it; only what is added is looked for here.
    added = {
        found[1 if found[0] == "add_table" else -1].name for found in differences if str(found[0]).startswith("add_")
    }
    assert {"review", "link_proof", "theme_edit", "found_name", "least_cosine", "incident", "could_hide_ratio"} <= added


def test_a_database_of_the_first_version_loses_nothing(database: str) -> None:
    write_first_version(database)
    before = rows_of(database)
    with open_store(database) as store, store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        old = proposals.of(connection, "2026-01-01-old")
        newer = proposals.of(connection, "2026-02-02-newer")
        items = read.items(connection)
        assert reviews.latest(connection).empty
    after = rows_of(database)
    for table, rows in before.items():
        kept = [{name: row[name] for name in rows[0]} for row in after[table]]
        assert kept == rows, table
    assert list(items["verbatim"]) == [row["verbatim"] for row in FIRST_VERSION["feedback_item"]]
    assert old[["item_pk", "abstained", "language"]].values.tolist() == [[1, False, ""], [2, True, ""]]
    assert list(old["label"].dropna()) == ["broken_link"]
    assert len(newer) == 1


def test_themes_of_the_first_version_stand_and_can_be_edited(database: str) -> None:
    write_first_version(database, THEMES)
    with open_store(database) as store, store.reading() as connection:
        before = read.themes(connection).set_index("theme_id")
        assert list(read.clusters(connection, 2)["least_cosine"]) == [1.0]
    assert before.loc["t1", ["found_name", "keyphrases", "exemplar_item_ids", "size", "is_hidden"]].tolist() == [
        "Footer",
        ("footer 2",),
        ("chat:e1",),
        2,
        False,
    ]
    assert before.loc["t0", ["found_name", "keyphrases", "area"]].tolist() == ["Gone", (), ""]
    rename_theme("footer", "Links below", "support", database=database)
    with open_store(database) as store, store.reading() as connection:
        after = read.themes(connection).set_index("theme_id")
    assert after.loc["t1", ["name", "found_name", "keyphrases"]].tolist() == ["Links below", "Footer", ("footer 2",)]
    assert after.loc["t0"].equals(before.loc["t0"])


@pytest.mark.parametrize(
    ("notes", "is_hotfix"),
    [("Hotfix: login", True), ("hot-fix for chapters", True), ("New: hotfix channel", False), ("", False)],
)
def test_a_stored_release_whose_notes_begin_with_hotfix_is_one(database: str, notes: str, is_hotfix: bool) -> None:
    write_first_version(database)
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE release SET notes = :notes"), {"notes": notes})
    engine.dispose()
    with open_store(database) as store, store.reading() as connection:
        assert releases.releases(connection)["is_hotfix"].tolist() == [is_hotfix]


def _open(url: str) -> None:
    with open_store(url):
        pass


def test_two_programs_may_bring_a_database_up_at_once(database: str) -> None:
    write_first_version(database)
    context = multiprocessing.get_context("spawn")
    programs = [context.Process(target=_open, args=(database,)) for _ in range(2)]
    for program in programs:
        program.start()
    for program in programs:
        program.join(120)
    assert [program.exitcode for program in programs] == [0, 0]
    assert len(rows_of(database)["prediction"]) == 3


def _open_each(urls: Sequence[str], together: Barrier) -> None:
    for url in urls:
        together.wait(120)
        _open(url)


def test_new_files_may_be_opened_by_several_programs_at_the_same_moment(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(4)
    urls = [f"sqlite:///{tmp_path / f'{turn}.db'}" for turn in range(15)]
    programs = [context.Process(target=_open_each, args=(urls, together)) for _ in range(4)]
    for program in programs:
        program.start()
    for program in programs:
        program.join(240)
    assert [program.exitcode for program in programs] == [0, 0, 0, 0]


def test_an_old_database_takes_part_in_everything_new(database: str, models: Path, tmp_path: Path) -> None:
    write_first_version(database)
    done = run_stages([], "", database, tmp_path / "report")
    assert done["label"]["n_labelled"] + done["label"]["n_abstained"] == 3
    assert done["label"]["n_other_language"] == 1
    stored = store_reviews([Decided("here", "chat:e2", "relabel", "praise")], "support", database=database)
    assert stored["n_stored"] == 1
    assert "chat:e2" not in {row["id"] for row in next_to_label(database=database)}
    assert JOBS["report"](database=database, report_dir=str(tmp_path / "report"))["html"]
