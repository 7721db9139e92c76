"""Signed calls over real HTTP, on both databases; a deploy script as it stands in the examples."""

import asyncio
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import uvicorn

from feedback_triage.pipeline import JOBS
from feedback_triage.pipeline.release_desk import remove_release
from feedback_triage.pipeline.releasing import settle_kind
from feedback_triage.store import open_store
from feedback_triage.store import releases as release_store
from feedback_triage.web import SIGNATURE_HEADER, TIMESTAMP_HEADER, app, create_app, signature
from tests.conftest import ROOT
from tests.integration.conftest import Told

SECRET = "a secret of the tests"
NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
ROW = {"version": "5.21.1", "platform": "web", "released_at": "2026-10-05T11:59:00Z", "notes": "Fixes the sound"}


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    value: dict[str, Any]
    headers: dict[str, str]

    @property
    def message(self) -> str:
        message = self.value["message"]
        assert isinstance(message, str)
        assert "\n" not in message
        return message


@dataclass(frozen=True)
class Server:
    """A server on a free port of this machine."""

    port: int

    def send(self, method: str, path: str, body: bytes | Iterator[bytes] = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()), dict(response.getheaders()))
        finally:
            connection.close()

    def tell(self, value: object, *, at: datetime = NOW, secret: str = SECRET, **headers: str) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        timestamp = str(int(at.timestamp()))
        signed = {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature(secret, timestamp, body)}
        return self.send("POST", "/releases", body, **(signed | headers))


@contextmanager
def serving(database: str, **options: Any) -> Iterator[Server]:
    """Serve in a thread until the block ends."""
    made = create_app(database, secret=SECRET, **({"clock": lambda: NOW} | options))
    opened = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(made, log_level="critical", access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[opened])))
    thread.start()
    try:
        yield Server(opened.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(30)
        opened.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server on a database of this test's own."""
    with serving(f"sqlite:///{tmp_path / 'feedback.db'}", timezone="Europe/Berlin") as running:
        yield running


def stored(database: str) -> pd.DataFrame:
    with open_store(database) as store, store.reading() as connection:
        return release_store.releases(connection).set_index("release_id", drop=False)


def test_a_call_tells_releases_and_again_does_no_harm(database: str) -> None:
    staged = ROW | {"version": "5.22", "rollout": [{"at": "2026-10-05T12:00Z", "share": 0.05}], "hotfix": True}
    with serving(database) as server:
        first = server.tell([ROW, staged])
        before = stored(database)
        again = server.tell([ROW, staged])
    assert (first.status, first.message) == (200, "releases: 2 new")
    assert [each["release_id"] for each in first.value["releases"]] == ["web/5.21.1", "web/5.22"]
    assert (again.status, again.message) == (200, "releases: 2 unchanged")
    pd.testing.assert_frame_equal(stored(database), before)
    assert list(before["kind"]) == ["fix", "fix"]
    assert before.loc["web/5.22", "rollout"] == ((NOW, 0.05),)
    assert list(before["is_hotfix"]) == [False, True]


def test_a_later_call_brings_news_but_nothing_that_a_person_settled(database: str) -> None:
    with serving(database) as server:
        server.tell(ROW)
        settle_kind("5.21.1", "maintenance", database=database)
        answer = server.tell(ROW | {"kind": "feature", "rolled_back_at": "2026-10-05T12:00Z"})
        (told,) = answer.value["releases"]
        assert told["change"] == "changed"
        assert "so it stays as it was: kind" in told["notes"][0]
        short = server.tell({"version": "5.21.1", "platform": "web", "released_at": "2026-10-05T11:59:00Z"})
    assert short.message == "releases: 1 unchanged"
    row = stored(database).loc["web/5.21.1"]
    assert (row["kind"], row["notes"], row["rolled_back_at"]) == ("maintenance", "Fixes the sound", pd.Timestamp(NOW))


def test_a_deployment_that_runs_again_does_not_move_the_date_of_its_release(database: str) -> None:
    with serving(database) as server:
        server.tell(ROW)
        answer = server.tell(ROW | {"released_at": "2026-10-05T12:01Z", "notes": "Fixes sound and picture"})
        (told,) = answer.value["releases"]
        assert (told["change"], "known with an earlier date" in told["notes"][0]) == ("changed", True)
        earlier = server.tell(ROW | {"released_at": "2026-10-05T11:00Z"})
    assert earlier.value["releases"][0]["notes"] == []
    row = stored(database).loc["web/5.21.1"]
    assert row["released_at"] == pd.Timestamp("2026-10-05T11:00Z")


def test_a_field_that_is_given_twice_is_not_guessed(server: Server) -> None:
    body = b'{"version": "5.22", "released_at": "2026-10-05T11:00Z", "version": "9.9"}'
    answer = server.tell(body)
    assert (answer.status, "a field is given twice" in answer.message) == (422, True)


def test_a_call_about_a_release_that_a_person_removed_is_told_so(database: str) -> None:
    with serving(database) as server:
        server.tell(ROW)
        remove_release("web/5.21.1", database=database)
        answer = server.tell(ROW)
    assert (answer.status, answer.message) == (200, "releases: 1 unchanged")
    assert "a person removed this release" in answer.value["releases"][0]["notes"][0]
    assert stored(database).empty


def test_while_a_run_works_on_the_database_a_call_waits_or_is_told_to_come_again(database: str) -> None:
    with serving(database, wait_seconds=0.5) as server, open_store(database) as store:
        with store.exclusive():
            refused = server.tell(ROW)
        taken = server.tell(ROW)
    assert (refused.status, refused.headers["retry-after"]) == (503, "20")
    assert "another run is working on this database" in refused.message
    assert (taken.status, taken.message) == (200, "releases: 1 new")
    with serving(database, wait_seconds=30) as server, open_store(database) as store:
        is_held = threading.Event()

        def hold() -> None:
            with store.exclusive():
                is_held.set()
                time.sleep(1.0)

        holder = threading.Thread(target=hold)
        holder.start()
        assert is_held.wait(30)
        assert server.tell(ROW).status == 200
        holder.join(30)


def test_many_calls_at_once_all_succeed_while_stages_run(database: str) -> None:
    answers: list[Answer] = []
    with serving(database, wait_seconds=60) as server:
        threads = [
            threading.Thread(target=lambda n=n: answers.append(server.tell(ROW | {"version": f"1.{n % 4}"})))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        JOBS["ingest"]([], str(ROOT / "examples" / "video_platform" / "releases.csv"), database=database)
        JOBS["link"](database=database)
        for thread in threads:
            thread.join(90)
    assert [answer.status for answer in answers] == [200] * 8
    assert sorted(answer.message for answer in answers) == ["releases: 1 new"] * 4 + ["releases: 1 unchanged"] * 4
    assert {f"web/1.{n}" for n in range(4)} <= set(stored(database).index)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        pytest.param({SIGNATURE_HEADER: ""}, "is missing or not like sha256=HEX", id="no signature"),
        pytest.param({SIGNATURE_HEADER: "sha256=" + "0" * 64}, "does not fit", id="a wrong signature"),
        pytest.param({SIGNATURE_HEADER: "sha256=\u00e9"}, "not like sha256=HEX", id="a signature that is none"),
        pytest.param({TIMESTAMP_HEADER: ""}, "send what date +%s prints", id="no timestamp"),
        pytest.param({TIMESTAMP_HEADER: "1" * 400}, "send what date +%s prints", id="a timestamp that is none"),
        pytest.param({TIMESTAMP_HEADER: "1791201601"}, "does not fit", id="a timestamp that was not signed"),
    ],
)
def test_a_call_that_is_not_signed_is_refused(server: Server, headers: dict[str, str], words: str) -> None:
    answer = server.tell(ROW, **headers)
    assert answer.status == 401
    assert words in answer.message


@pytest.mark.parametrize(
    ("minutes", "status"),
    [
        pytest.param(-5, 200, id="five minutes ago"),
        pytest.param(-6, 401, id="six minutes ago"),
        pytest.param(5, 200, id="in five minutes by the caller's clock"),
        pytest.param(6, 401, id="in six minutes"),
    ],
)
def test_an_old_call_is_refused(server: Server, minutes: int, status: int) -> None:
    assert server.tell(ROW, at=NOW + timedelta(minutes=minutes)).status == status
    assert server.tell(ROW, secret="another secret here").status == 401


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"version=1.0", "the body is not JSON", id="a form"),
        pytest.param(b"\xff\xfe", "the body is not JSON", id="bytes"),
        pytest.param(b"[" * 100_000, "the body is not JSON", id="too deep"),
        pytest.param(b"[]", "send 1 to 1,000 releases", id="an empty list"),
        pytest.param(b"7", "no JSON object", id="a number"),
        pytest.param({"version": "1.0"}, "not said when it was released", id="no date"),
        pytest.param([ROW, {"version": "1.0"}], "release 2 of 2: it is not said", id="one of two without a date"),
        pytest.param(ROW | {"released_at": "2026-10-25 02:30"}, "show twice", id="an hour that clocks show twice"),
        pytest.param([ROW, ROW | {"kind": "feature"}], "twice with different facts", id="one release with two kinds"),
    ],
)
def test_a_body_that_cannot_be_used_stores_nothing(server: Server, tmp_path: Path, body: object, words: str) -> None:
    answer = server.tell(body)
    assert answer.status == 422
    assert words in answer.message
    assert "Fixes the sound" not in answer.message
    assert len(stored(f"sqlite:///{tmp_path / 'feedback.db'}")) == 0


def test_a_body_may_be_a_megabyte_long(server: Server) -> None:
    assert server.tell(ROW | {"notes": "x" * 900_000}).status == 200
    assert server.tell(ROW | {"notes": "x" * 1_000_000}).status == 413
    chunks = iter([b"x" * 300_000] * 4)
    unannounced = server.send("POST", "/releases", chunks)
    assert unannounced.status == 413


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("127.0.0.1:8391", 200, id="the address"),
        pytest.param("LocalHost", 200, id="the name of this machine"),
        pytest.param("[::1]:8391", 200, id="the address of version 6"),
        pytest.param("localhost.evil.example", 421, id="a name of somebody else"),
        pytest.param("evil.example:8391", 421, id="with a port"),
        pytest.param("", 421, id="none"),
    ],
)
def test_only_calls_to_its_own_names_are_answered(server: Server, host: str, status: int) -> None:
    """A page whose name was made to point here sends that name (DNS rebinding)."""
    assert server.send("GET", "/health", Host=host).status == status


def test_other_names_can_be_allowed(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'x.db'}", hosts=["triage.example"]) as server:
        assert server.send("GET", "/health", Host="triage.example").status == 200
        assert server.send("GET", "/health", Host="localhost").status == 421


def test_everything_else_is_answered_in_json_too(server: Server) -> None:
    for method, path in (("GET", "/"), ("GET", "/releases"), ("GET", "/docs"), ("DELETE", "/releases")):
        answer = server.send(method, path)
        assert answer.status == 404
        assert "use POST /releases or GET /health" in answer.message
    assert server.send("GET", "/health").message == "ready for POST /releases"


def test_characters_that_a_database_refuses_are_no_trouble(database: str) -> None:
    with serving(database) as server:
        assert server.tell(ROW | {"notes": "a\x00b \ud800 c"}).status == 200
        assert server.tell(ROW | {"version": "5\x00.\ud8001"}).status == 422
        assert server.tell(ROW | {"\ud800": 1}).status == 422
    assert list(stored(database).index) == ["web/5.21.1"]


def test_a_body_that_comes_too_slowly_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MAX_BODY_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as caller:
        caller.sendall(b"POST /releases HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        assert b" 408 " in caller.recv(1_000)


def test_a_fault_of_the_program_is_told_without_a_traceback(tmp_path: Path) -> None:
    def broken() -> datetime:
        raise ZeroDivisionError

    with serving(f"sqlite:///{tmp_path / 'x.db'}", clock=broken) as server:
        answer = server.tell(ROW)
    assert (answer.status, answer.message) == (500, "this is a fault of the program; its log tells more")


def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database " * 100)
    with serving(f"sqlite:///{tmp_path / 'x.db'}") as server:
        answer = server.tell(ROW)
    assert answer.status == 503
    assert "not a SQLite database" in answer.message


def test_without_a_good_secret_nothing_is_served(
    cli: Callable[..., Told], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in ("", "too short"):
        monkeypatch.setenv("FEEDBACK_TRIAGE_RELEASE_SECRET", secret)
        assert "FEEDBACK_TRIAGE_RELEASE_SECRET must hold at least 16 characters" in cli("serve").error
    monkeypatch.setenv("FEEDBACK_TRIAGE_RELEASE_SECRET", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "nothing can listen at" in cli("serve", "--port", str(taken.getsockname()[1])).error


def test_the_deploy_script_of_the_examples_tells_a_release(tmp_path: Path) -> None:
    """The whole way: the command, a process of its own, bash, openssl and curl; no text of a call in what it logs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "FEEDBACK_TRIAGE_HOME": str(tmp_path / "data"),
        "FEEDBACK_TRIAGE_RELEASE_SECRET": SECRET,
        "FEEDBACK_TRIAGE_URL": f"http://127.0.0.1:{port}",
    }
    program = Path(sys.executable).with_name("feedback-triage")
    served = subprocess.Popen(
        [str(program), "serve", "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert served.stdout is not None
        assert "listening to signed calls" in served.stdout.readline()
        script = ["bash", str(ROOT / "examples" / "announce_release.sh"), "5.99.7", "web"]
        answers = [
            subprocess.run(script, env=environment, capture_output=True, text=True, check=False, timeout=60)
            for _ in range(2)
        ]
        wrong = environment | {"FEEDBACK_TRIAGE_RELEASE_SECRET": "another secret here"}
        refused = subprocess.run(script, env=wrong, capture_output=True, text=True, check=False, timeout=60)
    finally:
        served.terminate()
        _, logged = served.communicate(timeout=30)
    assert [answer.returncode for answer in answers] == [0, 0], answers
    assert json.loads(answers[0].stdout)["message"] == "releases: 1 new"
    assert refused.returncode != 0
    assert "does not fit" in json.loads(refused.stdout)["message"]
    assert len(re.findall(r"POST /releases 200 \(1 releases\)", logged)) == 2
    assert "5.99.7" not in logged
    assert SECRET not in logged
    assert list(stored(f"sqlite:///{tmp_path / 'data' / 'feedback.db'}").index) == ["web/5.99.7"]


def test_the_web_loads_no_model() -> None:
    code = (
        "import sys, feedback_triage.web; "
        "print([m for m in sys.modules if m.split('.')[0] in {'sklearn', 'torch', 'sentence_transformers', 'scipy'} "
        "or m.startswith(('feedback_triage.pipeline', 'feedback_triage.artifacts'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("field", ["released_at", "rolled_back_at"])
def test_a_number_that_no_float_holds_is_answered_in_one_line(server: Server, field: str) -> None:
    answer = server.tell(ROW | {field: 10**400})
    assert answer.status == 422
    assert "date" in answer.message or "rolled_back_at" in answer.message


def test_an_id_that_another_release_has_is_answered_in_one_line(server: Server) -> None:
    one, other = ROW | {"product": "Web", "platform": ""}, ROW | {"platform": "Web"}
    both = server.tell([one, other])
    assert (both.status, "that of another one in the list" in both.message) == (422, True)
    assert server.tell(one).status == 200
    known = server.tell([other, ROW | {"version": "6.0"}])
    assert (known.status, "known with another product" in known.message) == (422, True)
    assert server.tell(ROW | {"version": "6.0"}).message == "releases: 1 new", "nothing of the refused call was stored"
