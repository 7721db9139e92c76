"""The command line as a user meets it: real processes, real exit codes."""

import json
import os
import resource
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import EXAMPLE, ROOT

Command = Callable[..., "subprocess.CompletedProcess[bytes]"]
RELEASES = str(EXAMPLE / "releases.csv")
ITEMS = [
    {"id": 1, "text": "The link in the footer leads to a 404 page"},
    {"id": "two", "text": "We love the new analytics field!", "rating": 5},
    {"id": 3, "text": ""},
    {"id": 4, "text": "My phone still shows the old playlist, the change I made on the web never arrived"},
    {"id": 5, "text": None},
    {"id": 6, "text": "n/a"},
]


def lines(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def read(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.decode().splitlines()]


def one_line(done: "subprocess.CompletedProcess[bytes]") -> str:
    message = done.stderr.decode()
    assert done.returncode == 1, message
    assert message.startswith("feedback-triage: ")
    assert message.count("\n") == 1
    return message


def test_label_answers_each_item_in_order_with_the_same_bytes(command: Command) -> None:
    first, second = command("label", stdin=lines(*ITEMS)), command("label", stdin=lines(*ITEMS))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    found = read(first.stdout)
    assert [record["id"] for record in found] == [record["id"] for record in ITEMS]
    for record in found:
        assert list(record) == ["id", "label", "probability", "probabilities", "abstained"]
        assert set(record["probabilities"]) == {"praise", "broken_link", "sync_bug", "silence"}
        assert record["abstained"] == (record["label"] is None)
    assert [found[index]["label"] for index in (0, 2, 4, 5)] == ["broken_link", "silence", "silence", "silence"]


def test_label_does_not_care_what_stands_beside_an_item(command: Command) -> None:
    together = read(command("label", stdin=lines(*ITEMS)).stdout)
    alone = read(command("label", stdin=lines(ITEMS[3])).stdout)
    assert alone == [together[3]]


HOSTILE = {
    "nothing": b'""',
    "null": b"null",
    "only spaces": b'"  \\t\\n\\u00a0\\u200b"',
    "bytes that are no UTF-8": b'"\xff\xfe broken \xc3\x28 link"',
    "null bytes": json.dumps("\0\0 the link \0 is dead \0").encode(),
    "bidirectional marks": json.dumps("\u202e.daed si knil eht\u202c\u2066").encode(),
    "right to left": json.dumps("הקישור בתחתית הדף שבור כבר מאתמול").encode(),
    "half a surrogate": json.dumps("\ud800 half a pair \udfff").encode(),
    "half a surrogate alone": json.dumps("\udc80").encode(),
    "only emoji": json.dumps("👍" * 500).encode(),
    "joined emoji": json.dumps("👩‍👩‍👧‍👦" * 200).encode(),
    "only markup": json.dumps("<p><br></p>" * 50).encode(),
    "markup that never ends": json.dumps("<" * 50_000).encode(),
    "a script": json.dumps("<script>alert(1)</script><!-- ]]> -->").encode(),
    "a megabyte of words": json.dumps("word " * 200_000).encode(),
    "a megabyte without a space": json.dumps("x" * 1_000_000).encode(),
    "combining marks": json.dumps("e" + "\u0301" * 10_000).encode(),
    "control characters": json.dumps("\u001b[31mred\u0007\u0085").encode(),
    "what a model reads as its own": json.dumps("[CLS] [SEP] [PAD] [MASK] [UNK]").encode(),
    "a number": b"404",
    "a list": b'["the link", {"is": "dead"}]',
}
"""Texts as JSON that a program might choke on, by what they are."""


def test_hostile_text_gets_a_label_or_an_abstention(command: Command) -> None:
    stdin = b"".join(b'{"id": "%s", "text": %s}\n' % (name.encode(), text) for name, text in HOSTILE.items())
    done = command("label", stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    found = {record["id"]: record for record in read(done.stdout)}
    assert list(found) == list(HOSTILE)
    for name, record in found.items():
        assert record["abstained"] == (record["label"] is None), name
        assert all(0 <= value <= 1 for value in record["probabilities"].values()), name
        assert sum(record["probabilities"].values()) <= 1 + 1e-5, name
    silent = {"nothing", "null", "only spaces", "only markup"}
    assert {name for name in silent if found[name]["label"] != "silence"} == set()
    assert found["right to left"]["label"] is None


def test_hostile_ids_come_back_as_they_went_in(command: Command) -> None:
    ids = [
        "",
        None,
        0,
        -1.5,
        True,
        ["a", {"b": 1}],
        {"x": None},
        "\ud800",
        "\0",
        "\u202e",
        "a\nb",
        "x" * 100_000,
        2**80,
    ]
    done = command("label", stdin=lines(*({"id": one, "text": ""} for one in ids)))
    assert done.returncode == 0
    assert [record["id"] for record in read(done.stdout)] == ids


def test_embed_gives_unit_vectors_and_an_array(command: Command, tmp_path: Path) -> None:
    found = read(command("embed", stdin=lines(*ITEMS)).stdout)
    path = tmp_path / "v.npy"
    done = command("embed", "--npy", str(path), stdin=lines(*ITEMS))
    array = np.load(path)
    assert done.returncode == 0
    assert (done.stdout, array.dtype, array.shape) == (b"", np.float32, (6, 384))
    np.testing.assert_allclose(array, [record["vector"] for record in found], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(array[[0, 1, 3]], axis=1), 1, atol=1e-5)


def test_cluster_groups_items_and_names_the_groups(command: Command, tmp_path: Path) -> None:
    said = [json.loads(line) for line in (EXAMPLE / "feedback" / "chat.jsonl").read_text("utf-8").splitlines()[:120]]
    records = [{"id": found["id"], "text": found["message"]} for found in said]
    done = command("cluster", "--themes", str(tmp_path / "t.json"), stdin=lines(*records))
    found = read(done.stdout)
    themes = json.loads((tmp_path / "t.json").read_text("utf-8"))
    assert [record["id"] for record in found] == [record["id"] for record in records]
    assert {record["cluster"] for record in found} - {-1} == {theme["cluster"] for theme in themes}
    for theme in themes:
        members = {record["id"] for record in found if record["cluster"] == theme["cluster"]}
        assert len(members) == theme["size"]
        assert set(theme["exemplar_ids"]) <= members
    assert len({theme["name"] for theme in themes}) == len(themes)
    shuffled = command("cluster", stdin=lines(*records[::-1]))
    assert sorted(shuffled.stdout.splitlines()) == sorted(done.stdout.splitlines())


def test_link_tells_the_releases_of_an_item(command: Command) -> None:
    items = [
        {"id": 1, "written_at": "2026-07-01T00:00:00Z"},
        {"id": 2, "written_at": "2026-10-16T15:45:00Z", "platform": "web"},
        {"id": 3, "written_at": "2026-10-16T15:45:00Z", "platform": "ios", "app_version": "3.35.1"},
        {"id": 2, "written_at": "2026-10-16T20:00:00+02:00", "platform": "web", "text": "broken since 5.20.0"},
    ]
    found = read(command("link", "--releases", RELEASES, stdin=lines(*items)).stdout)
    assert [record["id"] for record in found] == [1, 2, 3, 2]
    assert [record["most_recent"] for record in found] == [None, "5.21.1", "3.36.1", "5.21.1"]
    assert [record["declared"] for record in found] == [None, None, "3.35.1", "5.20.0"]
    assert found[0]["in_use"] == [{"version": None, "release_id": None, "probability": 1.0}]
    for record in found:
        assert sum(use["probability"] for use in record["in_use"]) == pytest.approx(1, abs=1e-5)


def test_link_uses_nothing_written_later(command: Command) -> None:
    rows = (EXAMPLE / "feedback" / "app_reviews.csv").read_text("utf-8")
    import csv
    import io

    items = [
        {
            "id": row["id"],
            "written_at": row["date"],
            "platform": row["platform"],
            "app_version": row["app_version"] * (n % 2),
        }
        for n, row in enumerate(csv.DictReader(io.StringIO(rows)))
        if "Sep" in row["date"] or "Oct" in row["date"]
    ]
    early = [item for item in items if "Sep" in item["written_at"]]
    whole = {
        record["id"]: record for record in read(command("link", "--releases", RELEASES, stdin=lines(*items)).stdout)
    }
    part = read(command("link", "--releases", RELEASES, stdin=lines(*early)).stdout)
    assert len(part) > 50
    assert all(whole[record["id"]] == record for record in part)


def test_silence_weighs_each_release(command: Command) -> None:
    items = [
        {"id": found["id"], "written_at": found["timestamp"], "source": "chat"}
        for found in map(json.loads, (EXAMPLE / "feedback" / "chat.jsonl").read_text("utf-8").splitlines())
    ]
    found = read(command("silence", "--releases", RELEASES, "--window-hours", "48", stdin=lines(*items)).stdout)
    assert len(found) == 61
    keys = ["version", "expected", "lower", "upper", "observed", "status", "verdict", "reason"]
    assert all(list(record) == keys for record in found)
    assert {record["status"] for record in found} <= {"heard", "quiet", "feed_stale", "open"}
    assert all(0 <= record["lower"] <= record["upper"] for record in found)


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        pytest.param(["label"], b"no json\n", "line 1: it is not JSON", id="a line that is no JSON"),
        pytest.param(["label"], b'{"id": 1}\n', "it has no 'text'", id="no text"),
        pytest.param(["label"], b'{"id": 1, "text": "a"}\n[1]\n', "line 2: it is not a JSON object", id="a list"),
        pytest.param(
            ["link", "--releases", RELEASES],
            b'{"id": 1, "written_at": "soon"}\n',
            "item 1: written_at cannot be read",
            id="no date",
        ),
        pytest.param(["link", "--releases", "none.csv"], b"", "none.csv", id="no release file"),
        pytest.param(
            ["embed", "--npy", "/none/v.npy"], b"", "cannot write /none/v.npy", id="a folder that is not there"
        ),
    ],
)
def test_bad_input_of_a_filter_is_told_in_one_line(
    command: Command, arguments: list[str], stdin: bytes, message: str
) -> None:
    assert message in one_line(command(*arguments, stdin=stdin))


BAD_FILES = {
    "empty.csv": b"",
    "header.csv": b"id,date,text\n",
    "binary.csv": bytes(range(256)) * 50,
    "columns.csv": b"a,b\n1,2\n",
    "dates.csv": b"id,date,text\n1,someday,hello\n",
    "noversion.csv": b"colour,released_at\nblue,2026-01-01\n",
    "fake.parquet": b"PAR1 not really",
}


@pytest.mark.parametrize(
    ("feedback", "releases"),
    [
        *(pytest.param(name, "", id=name) for name in BAD_FILES if name != "noversion.csv"),
        pytest.param("missing.csv", "", id="missing file"),
        pytest.param("good.csv", "noversion.csv", id="release file without versions"),
        pytest.param("good.csv", "missing.csv", id="missing release file"),
    ],
)
def test_a_bad_file_stops_a_run_at_once_and_stores_nothing(
    command: Command, tmp_path: Path, feedback: str, releases: str
) -> None:
    for name, content in {**BAD_FILES, "good.csv": b"id,date,text\n1,2026-01-02,hello\n"}.items():
        (tmp_path / name).write_bytes(content)
    arguments = ["--feedback", str(tmp_path / feedback)] + (
        ["--releases", str(tmp_path / releases)] if releases else []
    )
    database = tmp_path / "x.db"
    message = one_line(
        command("run", *arguments, "--database", f"sqlite:///{database}", "--report", str(tmp_path / "r"))
    )
    assert (releases or feedback) in message
    assert not database.exists()


def test_a_folder_that_cannot_be_written_is_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("id,date,text\n1,2026-01-02,hello\n")
    (tmp_path / "file").write_text("in the way")
    arguments = ["run", "--feedback", str(tmp_path / "good.csv"), "--database", f"sqlite:///{tmp_path / 'x.db'}"]
    assert "choose another" in one_line(command(*arguments, "--report", str(tmp_path / "file" / "r")))
    assert "choose another" in one_line(command(*arguments[:3], "--database", f"sqlite:///{tmp_path}/file/x.db"))


def test_a_full_disk_stores_nothing_of_a_file_and_running_again_stores_all(command: Command, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    (tmp_path / "small.csv").write_text("id,date,text\n1,2026-01-02,hello there\n")
    (tmp_path / "big.csv").write_text(
        "id,date,text\n" + "".join(f"m{n},2026-01-04,{'long ' * 300}{n}\n" for n in range(900))
    )
    assert command("ingest", "--feedback", str(tmp_path / "small.csv"), "--database", url).returncode == 0
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))}
    ingest = ("ingest", "--feedback", str(tmp_path / "big.csv"), "--database", url)
    assert "nothing was lost" in one_line(command(*ingest, **limit))
    with sqlite3.connect(tmp_path / "x.db") as connection:
        assert connection.execute("SELECT count(*) FROM feedback_item").fetchone() == (1,)
    connection.close()
    assert "stored 900" in command(*ingest).stdout.decode()


def test_wrong_usage_ends_with_2(command: Command) -> None:
    assert command("run").returncode == 2
    assert command("silence", "--releases", "x", "--window-hours", "-1").returncode == 2
    assert command("nonsense").returncode == 2


def test_a_run_goes_through_the_flow_and_leaves_everything_in_its_folder(command: Command, tmp_path: Path) -> None:
    lines_ = (EXAMPLE / "feedback" / "social.csv").read_text("utf-8").splitlines()[:40]
    (tmp_path / "social.csv").write_text("\n".join(lines_) + "\n", "utf-8")
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT")},
        "FEEDBACK_TRIAGE_HOME": str(tmp_path / "data"),
    }
    arguments = ["run", "--feedback", str(tmp_path / "social.csv"), "--releases", RELEASES]
    for n_stored, more in ((39, []), (0, ["--max-wrong-per-100", "40"])):
        done = command(*arguments, *more, env=environ, cwd=tmp_path)
        assert done.returncode == 0, done.stderr.decode()
        assert f"read 39 = stored {n_stored} + already known {39 - n_stored} + rejected 0" in done.stdout.decode()
    assert f"report: {tmp_path}/data/report/report.html" in done.stdout.decode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "social.csv"]
    assert {"feedback.db", "prefect", "report"} <= {path.name for path in (tmp_path / "data").iterdir()}
    with sqlite3.connect(tmp_path / "data" / "feedback.db") as connection:
        query = "SELECT counts FROM pipeline_run WHERE stage = 'label' ORDER BY pipeline_run_pk"
        used = [json.loads(counts)["classifier_version"] for (counts,) in connection.execute(query)]
    connection.close()
    assert used[1] == f"{used[0]}-max40"


def test_the_program_answers_from_any_folder(command: Command, tmp_path: Path) -> None:
    assert command("--help", cwd=tmp_path).returncode == 0
    assert tmp_path != ROOT


def test_a_run_in_an_empty_folder_may_keep_its_database_elsewhere(command: Command, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    feedback = tmp_path / "chat.csv"
    feedback.write_text("id,text,written_at\n1,The link in the footer is dead,2026-10-01T10:00Z\n", "utf-8")
    names = ("FEEDBACK_TRIAGE_HOME", "PREFECT_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    elsewhere = ("--database", f"sqlite:///{tmp_path / 'elsewhere.db'}", "--report", str(empty / "report"))
    run = ("run", "--feedback", str(feedback), *elsewhere)
    done = command(*run, cwd=empty, env=environment)
    assert done.returncode == 0, done.stderr.decode()
    assert (empty / "report" / "report.html").exists()
    (empty / "taken").write_text("", "utf-8")
    environment["FEEDBACK_TRIAGE_HOME"] = "taken"
    assert "choose another folder with FEEDBACK_TRIAGE_HOME" in one_line(command(*run, cwd=empty, env=environment))
