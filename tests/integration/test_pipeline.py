"""The stages over real databases: nothing lost, nothing twice, the same bytes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from feedback_triage.errors import InputError
from feedback_triage.pipeline import JOBS
from feedback_triage.store import open_store, read
from feedback_triage.store import releases as release_store
from feedback_triage.store.tables import metadata
from tests.conftest import EXAMPLE, ROOT
from tests.integration.conftest import run_stages

RELEASES = "version,released_at,kind,notes\n1.0,2026-09-01,feature,Playlists on the home page\n1.1,2026-09-15,fix,\n"


def write_feedback(path: Path, first: int = 0, last: int = 60) -> Path:
    lines = (EXAMPLE / "feedback" / "chat.jsonl").read_text("utf-8").splitlines()[first:last]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def contents(database: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables but the log of runs and the instants at which something was stored."""
    with open_store(database) as store, store.reading() as connection:
        return {
            table.name: sorted(
                (
                    tuple(str(value) for key, value in row._mapping.items() if key not in {"ingested_at", "created_at"})
                    for row in connection.execute(table.select())
                ),
                key=str,
            )
            for table in metadata.sorted_tables
            if table.name != "pipeline_run"
        }


@pytest.fixture
def files(tmp_path: Path) -> tuple[list[str], str]:
    (tmp_path / "releases.csv").write_text(RELEASES, "utf-8")
    return [str(write_feedback(tmp_path / "chat.jsonl"))], str(tmp_path / "releases.csv")


def test_running_again_changes_nothing(files: tuple[list[str], str], database: str, tmp_path: Path) -> None:
    first = run_stages(*files, database, tmp_path / "report")
    before = contents(database)
    page = (tmp_path / "report" / "report.html").read_bytes()
    again = run_stages(*files, database, tmp_path / "again")
    assert first["embed"]["n_embedded"] > 50
    assert again["embed"]["n_embedded"] == again["label"]["n_labelled"] == again["link"]["n_relinked"] == 0
    assert again["cluster"] == {
        "is_new": False,
        "n_clusters": first["cluster"]["n_clusters"],
        "n_events": 0,
        "n_joined": 0,
    }
    assert contents(database) == before
    assert (tmp_path / "again" / "report.html").read_bytes() == page


def test_both_databases_give_the_same_report(
    files: tuple[list[str], str], postgresql: "object", tmp_path: Path
) -> None:
    pages = []
    for name, url in (("a", f"sqlite:///{tmp_path / 'a.db'}"), ("b", postgresql("same_report"))):  # type: ignore[operator] # a fixture that is a function
        run_stages(*files, url, tmp_path / name)
        pages.append((tmp_path / name / "report.html").read_bytes())
    assert pages[0] == pages[1]


def test_a_file_in_two_halves_gives_the_same_items_as_the_whole(tmp_path: Path) -> None:
    whole, halves = f"sqlite:///{tmp_path / 'whole.db'}", f"sqlite:///{tmp_path / 'halves.db'}"
    JOBS["ingest"]([str(write_feedback(tmp_path / "all.jsonl", 0, 60))], database=whole)
    for name, first, last in (("late", 25, 60), ("early", 0, 40)):
        JOBS["ingest"]([str(write_feedback(tmp_path / f"{name}.jsonl", first, last))], database=halves)
    frames = []
    for url in (whole, halves):
        with open_store(url) as store, store.reading() as connection:
            frames.append(read.items(connection).drop(columns="item_pk"))
    pd.testing.assert_frame_equal(frames[0], frames[1])


def test_a_reused_id_keeps_what_the_customer_wrote_first(database: str, tmp_path: Path) -> None:
    for name, text in (("one", "It works"), ("two", "It broke")):
        (tmp_path / f"{name}.csv").write_text(f"id,date,text\n7,2026-09-02,{text}\n", "utf-8")
        counts = JOBS["ingest"]([str(tmp_path / f"{name}.csv")], database=database)
    assert (counts["n_read"], counts["n_stored"], counts["n_rejected"]) == (1, 0, 1)
    with open_store(database) as store, store.reading() as connection:
        assert list(read.items(connection)["verbatim"]) == ["It works"]
        rejected = read.rejected_rows(connection)
    assert rejected[["row_number", "reason"]].values.tolist() == [[1, "id_reused"]]
    assert "It broke" in rejected["raw"].iloc[0]


def test_a_bad_file_leaves_nothing_of_itself(database: str, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("id,date,text\n1,someday,hello\n2,later,there\n", "utf-8")
    with pytest.raises(InputError):
        JOBS["ingest"]([str(tmp_path / "bad.csv")], database=database)
    with open_store(database) as store, store.reading() as connection:
        assert read.n_items(connection) == len(read.ingested_files(connection)) == 0


def test_without_a_release_file_versions_become_releases_until_one_comes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    rows = [f"{day},2026-09-{day:02d},fine,{'1.0' if day < 15 else '2.0'}" for day in range(1, 29)]
    (tmp_path / "r.csv").write_text("id,date,text,version\n" + "\n".join(rows) + "\n", "utf-8")
    JOBS["ingest"]([str(tmp_path / "r.csv")], database=url)
    assert JOBS["link"](database=url) == {"n_releases_derived": 2, "n_relinked": 28}
    (tmp_path / "releases.csv").write_text(RELEASES, "utf-8")
    JOBS["ingest"]([], str(tmp_path / "releases.csv"), database=url)
    JOBS["link"](database=url)
    with open_store(url) as store, store.reading() as connection:
        assert list(release_store.releases(connection)["version"]) == ["1.0", "1.1"]


def test_a_run_killed_while_encoding_goes_on_where_it_stopped(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'killed.db'}"
    JOBS["ingest"]([str(EXAMPLE / "feedback" / "survey.csv"), str(EXAMPLE / "feedback" / "social.csv")], database=url)
    code = f"from feedback_triage.pipeline import JOBS; JOBS['embed'](database={url!r})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=os.environ.copy())
    with open_store(url) as store:
        for _ in range(1_200):
            with store.reading() as connection:
                n_before = len(read.texts_without_embedding(connection, encoder_id()))
            if n_before < 700 or process.poll() is not None:
                break
            time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with open_store(url) as store, store.reading() as connection:
        n_left = len(read.texts_without_embedding(connection, encoder_id()))
    assert 0 < n_left < 800, "the run was not killed in the middle"
    assert JOBS["embed"](database=url) == {"n_embedded": n_left}


def encoder_id() -> str:
    from feedback_triage.embed import load_encoder
    from feedback_triage.settings import shipped_models_dir

    return load_encoder(shipped_models_dir()).encoder_id


def test_what_the_jobs_return_and_log_holds_no_customer_text(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    marker = "zebracornmarker"
    row = {"id": marker, "date": "2026-09-02", "text": f"{marker} is broken", "title": marker, "user": marker}
    bad = {"date": "no date", "text": marker}
    (tmp_path / "m.jsonl").write_text("\n".join(json.dumps(each) for each in (row, bad)) + "\n", "utf-8")
    done = run_stages([str(tmp_path / "m.jsonl")], "", f"sqlite:///{tmp_path / 'm.db'}", tmp_path / "report")
    assert marker in (tmp_path / "report" / "report.html").read_text("utf-8")
    output = capfd.readouterr()
    assert marker not in json.dumps(done) + output.out + output.err + caplog.text
