"""Usage counts in the database, from a file to the denominator of the silence ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feedback_triage.pipeline.ingestion import ingest_exposure
from feedback_triage.sources.exposure import ExposureRow, read_exposure
from feedback_triage.store import exposures, open_store

NOON = datetime(2026, 10, 16, 12, tzinfo=UTC)
ROWS = [ExposureRow("", platform, NOON + timedelta(days=day), 10.0 * day) for platform in ("", "ios") for day in (1, 2)]


def test_counts_are_stored_once_and_a_new_count_takes_the_place_of_the_old(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            assert exposures.put_usage_counts(connection, ROWS) == 4
            assert exposures.put_usage_counts(connection, ROWS) == 0
            assert exposures.put_usage_counts(connection, [replace(ROWS[0], active_count=7.5), ROWS[1]]) == 1
        with store.reading() as connection:
            found = exposures.usage_counts(connection)
    assert found["active_count"].tolist() == [7.5, 20.0, 10.0, 20.0]
    assert found["platform"].tolist() == ["", "", "ios", "ios"]
    assert found["start_at"].iloc[0].to_pydatetime() == NOON + timedelta(days=1)


def test_what_a_file_gives_comes_back_as_it_was(database: str, tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text("date,os,sessions\n2026-10-01,iOS,120\n2026-10-02,iOS,130\n", "utf-8")
    rows = read_exposure(path).rows
    with open_store(database) as store:
        with store.writing() as connection:
            exposures.put_usage_counts(connection, rows)
        with store.reading() as connection:
            found = exposures.usage_counts(connection)
    assert [ExposureRow(*row) for row in found.itertuples(index=False)] == rows


def test_a_new_database_has_no_counts(database: str) -> None:
    with open_store(database) as store, store.reading() as connection:
        assert exposures.usage_counts(connection).empty


def test_every_row_of_a_file_is_accounted_for(database: str, tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(
        "date,os,users\n1.10.2026,iOS,5\n1.10.2026,ios,6\n1.10.2026,IOS,7\n2.10.2026,ios,8\nsoon,,9\n", "utf-8"
    )
    with open_store(database) as store:
        first, again = (ingest_exposure(store, path, timezone="UTC", ingested_at=NOON) for _ in range(2))
    assert (first.n_read, first.n_stored, first.n_already_known, first.n_rejected) == (5, 1, 0, 4)
    assert (again.n_read, again.n_stored, again.n_already_known, again.n_rejected) == (5, 0, 1, 4)


def test_a_platform_spelt_with_other_capitals_takes_the_place_of_the_old_count(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            exposures.put_usage_counts(connection, [ExposureRow("", "iOS", NOON, 5.0)])
            assert exposures.put_usage_counts(connection, [ExposureRow("", "ios", NOON, 5.0)]) == 0
            assert exposures.put_usage_counts(connection, [ExposureRow("", "ios", NOON, 6.0)]) == 1
        with store.reading() as connection:
            found = exposures.usage_counts(connection)
    assert found[["platform", "active_count"]].to_numpy().tolist() == [["iOS", 6.0]]
