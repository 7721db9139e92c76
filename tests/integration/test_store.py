"""The database: schema, transactions, and what happens when something is wrong with it."""

import contextlib
import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from feedback_triage.domain import (
    Decision,
    FeedbackItem,
    Prediction,
    RejectedRow,
    Release,
    ReleaseKind,
    Review,
    Suspect,
)
from feedback_triage.errors import NewerSchemaError, StoreError
from feedback_triage.ingest import content_sha256, text_sha256
from feedback_triage.store import ledger, ledger_tables, open_store, proposals, read, reviews, write
from feedback_triage.store import releases as release_store
from feedback_triage.store.tables import metadata

NOON = datetime(2026, 10, 16, 12, tzinfo=UTC)


def item(external_id: str, text: str = "The link is dead") -> FeedbackItem:
    return FeedbackItem("chat", external_id, NOON, text, text, text_sha256(text))


def store_items(connection: object, *items: FeedbackItem) -> None:
    write.items(connection, items, [content_sha256(each) for each in items], ingested_at=NOON)


def test_migrations_lead_to_the_tables_that_the_code_knows(database: str) -> None:
    with open_store(database) as store, store.reading() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    assert found == []


def test_opening_again_changes_nothing(database: str) -> None:
    for _ in range(2):
        with open_store(database) as store, store.writing() as connection:
            store_items(connection, item("1"))
    with open_store(database) as store, store.reading() as connection:
        assert read.n_items(connection) == 1


def test_two_customers_with_one_sentence_stay_two_items(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            store_items(connection, item("1"), item("2"))
        with store.reading() as connection:
            assert list(read.items(connection)["item_id"]) == ["chat:1", "chat:2"]
            assert len(read.texts_without_embedding(connection, "e")) == 1


def test_instants_come_back_as_they_went_in(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            store_items(connection, item("1"))
        with store.reading() as connection:
            assert read.items(connection)["written_at"].iloc[0] == pd.Timestamp(NOON)
            assert read.last_written_at(connection) == NOON


def test_an_item_dated_years_ahead_does_not_set_the_clock_unless_all_are(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            store_items(connection, replace(item("1"), written_at=NOON + timedelta(days=2000)))
        with store.reading() as connection:
            assert read.last_written_at(connection) == NOON + timedelta(days=2000)
        with store.writing() as connection:
            store_items(connection, replace(item("2"), written_at=NOON + timedelta(hours=14)))
        with store.reading() as connection:
            assert read.last_written_at(connection) == NOON + timedelta(hours=14)


def test_vectors_come_back_bit_for_bit_and_an_unknown_text_is_zero(database: str) -> None:
    vectors = np.random.default_rng(1).normal(size=(3, 8)).astype(np.float16)
    with open_store(database) as store:
        with store.writing() as connection:
            write.embeddings(connection, "e", ["a", "b", "c"], vectors)
            write.embeddings(connection, "e", ["a"], -vectors[:1])
        with store.reading() as connection:
            found = read.vectors(connection, "e", ["c", "a", "unknown", "a"], 8)
    np.testing.assert_array_equal(found, np.stack([vectors[2], vectors[0], np.zeros(8), vectors[0]]))


def test_a_failed_transaction_leaves_nothing(database: str) -> None:
    with open_store(database) as store:
        with contextlib.suppress(ZeroDivisionError), store.writing() as connection:
            store_items(connection, item("1"))
            raise ZeroDivisionError
        with store.reading() as connection:
            assert read.n_items(connection) == 0


def test_links_are_written_only_where_they_differ(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            store_items(connection, item("1"), item("2", "Thanks"))
            release_store.put_releases(connection, [Release("1.0", NOON)])
            items, releases = read.items(connection), release_store.releases(connection)
        links = pd.DataFrame(
            {
                "item_pk": items["item_pk"],
                "basis": "most_recent",
                "release_pk": pd.array([int(releases["release_pk"].iloc[0]), None], dtype="Int64"),
                "probability": 1.0,
            }
        )
        changed = []
        for frame in (links, links.iloc[::-1], links.assign(probability=[1.0, 0.5])):
            with store.writing() as connection:
                changed.append(write.release_links(connection, frame))
        with store.reading() as connection:
            stored = read.release_links(connection)
    assert changed == [2, 0, 1]
    assert sorted(stored["probability"]) == [0.5, 1.0]


def test_a_release_that_is_known_takes_the_new_notes(database: str) -> None:
    with open_store(database) as store:
        for notes, n_changed in (("old", 1), ("old", 0), ("new", 1)):
            with store.writing() as connection:
                release = Release("1.0", NOON, kind=ReleaseKind.FIX, notes=notes)
                stored = release_store.put_releases(connection, [release])
                assert release_store.n_changed(stored) == n_changed
        with store.reading() as connection:
            assert list(release_store.releases(connection)["notes"]) == ["new"]


def test_derived_releases_give_way_to_real_ones(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            release_store.put_releases(connection, [Release("1.0", NOON, is_derived=True)])
        with store.writing() as connection:
            release_store.drop_derived_releases(connection)
            release_store.put_releases(connection, [Release("2.0", NOON)])
        with store.reading() as connection:
            assert list(release_store.releases(connection)["version"]) == ["2.0"]


def test_a_derived_release_that_the_list_names_or_a_person_spoke_of_stays(database: str) -> None:
    derived = [Release(version, NOON, is_derived=True) for version in ("1.0", "2.0", "3.0")]
    with open_store(database) as store, store.writing() as connection:
        release_store.put_releases(connection, derived)
        pks = release_store.releases(connection).set_index("version")["release_pk"]
        watched = {"release_pk": int(pks["2.0"]), "theme_id": "t1", "settled_by": "support", "settled_at": NOON}
        connection.execute(ledger_tables.theme_fix.insert(), watched)
        ledger.put_suspects(connection, {("theme", "t1"): [Suspect("3.0", 0.75), Suspect(None, 0.25)]})
        release_store.drop_derived_releases(connection, keep={"1.0"})
        release_store.put_releases(connection, [Release("1.0", NOON), Release("4.0", NOON)])
        kept = release_store.releases(connection).set_index("version")["is_derived"].to_dict()
        suspects = ledger.suspects(connection)
    assert kept == {"1.0": False, "2.0": True, "4.0": False}
    assert list(suspects["release_id"]) == [None], "who is suspected went with the release; none is not invented"
    assert list(suspects["probability"]) == [0.25]


def test_what_was_derived_never_overwrites_what_was_told(database: str) -> None:
    with open_store(database) as store, store.writing() as connection:
        release_store.put_releases(connection, [Release("1.0", NOON, notes="told")])
        (put,) = release_store.put_releases(connection, [Release("1.0", NOON + timedelta(days=1), is_derived=True)])
        frame = release_store.releases(connection)
    assert not put.changed
    assert list(frame["notes"]) == ["told"]
    assert list(frame["is_derived"]) == [False]


def test_predictions_of_two_classifiers_stand_side_by_side(database: str) -> None:
    proposal = Prediction("praise", 0.75, {"praise": 0.75, "silence": 0.125}, "en")
    with open_store(database) as store:
        with store.writing() as connection:
            store_items(connection, item("1"))
            for version in ("a", "b", "b"):
                waiting = proposals.missing(connection, version)
                write.predictions(connection, version, list(waiting["item_pk"]), [proposal] * len(waiting))
        with store.reading() as connection:
            found = proposals.of(connection, "b")
    columns = ["label", "probability", "probability_none", "language"]
    assert found[columns].values.tolist() == [["praise", 0.75, 0.125, "en"]]
    assert list(found["probabilities"]) == [{"praise": 0.75, "silence": 0.125}]


def said(
    item_id: str, decision: Decision, label: str | None = None, reviewer: str = "support", hours: int = 0
) -> Review:
    return Review(item_id, decision, label, reviewer, NOON + timedelta(hours=hours))


def test_a_decision_that_repeats_the_latest_word_is_not_stored_again(database: str) -> None:
    relabel = said("chat:1", Decision.RELABEL, "praise")
    rounds = [
        ([relabel, said("chat:2", Decision.REJECT)], 2),
        ([said("chat:1", Decision.RELABEL, "praise", hours=5), said("chat:2", Decision.REJECT)], 0),
        ([said("chat:1", Decision.RELABEL, "praise", reviewer="product")], 1),
        ([said("chat:1", Decision.RELABEL, "sync_bug"), said("chat:1", Decision.RELABEL, "sync_bug")], 1),
        ([relabel], 1),
    ]
    with open_store(database) as store:
        with store.writing() as connection:
            store_items(connection, item("1"), item("2"))
            pks = dict(read.items(connection)[["item_id", "item_pk"]].itertuples(index=False))
        for new_reviews, n_stored in rounds:
            with store.writing() as connection:
                assert reviews.add(connection, new_reviews, [pks[found.item_id] for found in new_reviews]) == n_stored
        with store.reading() as connection:
            latest = reviews.latest(connection)
    assert latest[["item_id", "decision", "label", "reviewer"]].values.tolist() == [
        ["chat:1", "relabel", "praise", "support"],
        ["chat:2", "reject", None, "support"],
    ]


def test_the_later_word_on_an_item_wins_even_within_one_sheet_and_with_an_earlier_clock(database: str) -> None:
    words = [
        said("chat:1", Decision.ACCEPT, "broken_link", hours=3),
        said("chat:1", Decision.IGNORE, hours=1),
        said("chat:1", Decision.RELABEL, "praise", hours=2),
    ]
    with open_store(database) as store:
        with store.writing() as connection:
            store_items(connection, item("1", "Thanks"))
            pk = int(read.items(connection)["item_pk"].iloc[0])
            assert reviews.add(connection, words, [pk] * 3) == 3
        with store.reading() as connection:
            latest = reviews.latest(connection)
    assert latest[["item_pk", "text", "decision", "label"]].values.tolist() == [[pk, "Thanks", "relabel", "praise"]]
    assert latest["reviewed_at"].iloc[0] == pd.Timestamp(NOON + timedelta(hours=2))


def test_without_decisions_there_is_nothing_latest(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            assert reviews.add(connection, [], []) == 0
        with store.reading() as connection:
            assert reviews.latest(connection).empty


def test_the_last_label_run_tells_what_it_used(database: str) -> None:
    with open_store(database) as store:
        with store.reading() as connection:
            assert proposals.label_run(connection) == proposals.LabelRun()
        for counts in ({"classifier_version": "a", "languages": []}, {"classifier_version": "b", "languages": ["en"]}):
            with store.writing() as connection:
                write.pipeline_run(connection, "label", NOON, NOON, counts)
                write.pipeline_run(connection, "report", NOON, NOON, {"classifier_version": "c"})
        with store.reading() as connection:
            assert proposals.label_run(connection) == proposals.LabelRun("b", ("en",))


def test_a_rejected_row_is_kept_once(database: str) -> None:
    accounting = {
        "file_sha256": "f" * 64,
        "file_name": "a.csv",
        "n_read": 2,
        "n_stored": 1,
        "n_already_known": 0,
        "n_rejected": 1,
    }
    row = RejectedRow("a.csv", 2, "written_at_missing", "no date", "{}")
    with open_store(database) as store:
        for _ in range(2):
            with store.writing() as connection:
                write.ingested_file(connection, accounting, [row], ingested_at=NOON)
        with store.reading() as connection:
            assert len(read.rejected_rows(connection)) == len(read.ingested_files(connection)) == 1


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with open_store(url):
        pass
    with sqlite3.connect(tmp_path / "new.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(NewerSchemaError, match="newer version"), open_store(url):
        pass


@pytest.mark.parametrize(
    ("url", "message"),
    [
        pytest.param("mysql://localhost/x", "not supported", id="another kind of database"),
        pytest.param("not a url", "cannot be read", id="no URL at all"),
        pytest.param("postgresql+psycopg://127.0.0.1:9/x", "cannot be reached", id="a server that is not there"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as caught, open_store(url):
        pass
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is not a database, it only looks like a file" * 100)
    with (
        pytest.raises(StoreError, match="not a SQLite database"),
        open_store(f"sqlite:///{tmp_path / 'x.db'}"),
    ):
        pass


def _write_items(url: str, prefix: str, count: int) -> None:
    with open_store(url) as store:
        for number in range(count):
            with store.exclusive(), store.writing() as connection:
                store_items(connection, item(f"{prefix}{number}"), item(f"both{number}"))


def test_two_processes_that_write_at_once_lose_nothing(database: str) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_items, args=(database, prefix, 20)) for prefix in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    with open_store(database) as store, store.reading() as connection:
        assert read.n_items(connection) == 60
