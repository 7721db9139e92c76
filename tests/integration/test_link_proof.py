"""Links that customers call broken: which are asked, what is stored, and since when they are dead."""

import json
import logging
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pandas as pd
import pytest

from feedback_triage.domain import Decision, FeedbackItem, Prediction, Review
from feedback_triage.ingest import content_sha256, text_sha256
from feedback_triage.pipeline.proving import prove_due, prove_links
from feedback_triage.proof import LinkProof, Outcome, ProofPolicy, Prover
from feedback_triage.store import Store, open_store, proofs, read, reviews, write

NOON = datetime(2026, 10, 16, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALIVE, DEAD, FAILING, REFUSED = Outcome


def fill(store: Store, said: list[tuple[str, str | None]], version: str = "v1") -> list[int]:
    """Store items, oldest first, with the label that the classifier gave each; gives their keys."""
    items = [
        FeedbackItem("chat", str(place), NOON + place * HOUR, text, text, text_sha256(text))
        for place, (text, _) in enumerate(said)
    ]
    with store.writing() as connection:
        write.items(connection, items, [content_sha256(item) for item in items], ingested_at=NOON)
        keys = [int(key) for key in read.items(connection)["item_pk"]]
        given = [Prediction(label, 0.9, {label or "praise": 0.9}) for _, label in said]
        write.predictions(connection, version, keys, given)
        write.pipeline_run(connection, "label", NOON, NOON, {"classifier_version": version})
    return keys


class Asked:
    """A prover that answers from a table; a URL that is not there is alive."""

    def __init__(self, answers: dict[str, Outcome] | None = None, at: datetime = NOON, max_urls: int = 200) -> None:
        self.policy = ProofPolicy(max_urls=max_urls)
        self.urls: list[str] = []
        self._answers = answers or {}
        self._at = at

    def prove(self, url: str) -> LinkProof:
        self.urls.append(url)
        return LinkProof(url, self._answers.get(url, ALIVE), 200, self._at)


def stored(store: Store) -> pd.DataFrame:
    with store.reading() as connection:
        return proofs.proofs(connection)


def texts(store: Store, version: str = "v1") -> list[str]:
    with store.reading() as connection:
        return [text.strip() for text in proofs.wanted(connection, version)["text"]]


def test_only_items_that_are_settled_as_broken_link_are_wanted(database: str) -> None:
    """What a person settled last counts more than what the classifier said."""
    with open_store(database) as store:
        keys = fill(
            store,
            [
                ("HTTP://a.example is dead", "broken_link"),
                ("I love www.b.example", "praise"),
                ("http://c.example who knows", None),
                ("http://d.example no link bug", "broken_link"),
                ("the menu does nothing", "broken_link"),
                ("http://e.example changed my mind", "broken_link"),
                ("http://f.example ignored", "broken_link"),
            ],
        )
        decided = [
            (keys[1], Decision.RELABEL, "broken_link"),
            (keys[2], Decision.ACCEPT, "broken_link"),
            (keys[3], Decision.RELABEL, "broken_link"),
            (keys[3], Decision.REJECT, None),
            (keys[5], Decision.RELABEL, "praise"),
            (keys[5], Decision.RELABEL, "broken_link"),
            (keys[6], Decision.IGNORE, None),
        ]
        with store.writing() as connection:
            for place, (key, decision, label) in enumerate(decided):
                reviews.add(connection, [Review("", decision, label, "pm", NOON + place * HOUR)], [key])
        assert [text.split()[0] for text in texts(store)] == [
            "http://e.example",
            "http://c.example",
            "I",
            "HTTP://a.example",
        ]
        assert len(texts(store, "another classifier")) == 3


@pytest.mark.parametrize(
    ("answers", "dead_since"),
    [
        pytest.param([ALIVE, ALIVE], [None, None], id="never dead"),
        pytest.param([DEAD, DEAD, DEAD], [0, 0, 0], id="dead since the first time"),
        pytest.param([ALIVE, DEAD, DEAD], [None, 1, 1], id="dead since the second time"),
        pytest.param([DEAD, FAILING, DEAD], [0, 0, 0], id="failing is not alive again"),
        pytest.param([FAILING, DEAD, FAILING], [None, 1, 1], id="failing is not dead yet"),
        pytest.param([DEAD, ALIVE, DEAD], [0, None, 2], id="dead anew"),
        pytest.param([DEAD, REFUSED, DEAD], [0, 0, 0], id="refused changes nothing"),
        pytest.param([REFUSED, DEAD, REFUSED, ALIVE], [None, 1, 1, None], id="until it is alive"),
    ],
)
def test_a_link_is_dead_since_it_was_first_seen_dead(
    database: str, answers: list[Outcome], dead_since: list[int | None]
) -> None:
    with open_store(database) as store:
        for place, (outcome, since) in enumerate(zip(answers, dead_since, strict=True)):
            answer = LinkProof("https://a.example/", outcome, None if outcome is REFUSED else 404, NOON + place * HOUR)
            for _ in range(2):  # doing it again changes nothing
                with store.writing() as connection:
                    proofs.upsert(connection, [answer])
                row = stored(store).iloc[0]
                assert row["outcome"] == outcome
                assert row["checked_at"] == NOON + place * HOUR
                assert pd.isna(row["status"]) == (outcome is REFUSED)
                if since is None:
                    assert pd.isna(row["first_seen_dead_at"])
                else:
                    assert row["first_seen_dead_at"] == NOON + since * HOUR
        assert len(stored(store)) == 1


def test_an_older_answer_does_not_replace_a_newer_one(database: str) -> None:
    with open_store(database) as store:
        with store.writing() as connection:
            proofs.upsert(connection, [LinkProof("https://a.example/", ALIVE, 200, NOON)])
            proofs.upsert(connection, [LinkProof("https://a.example/", DEAD, 404, NOON - HOUR)])
            proofs.upsert(connection, [])
        assert stored(store)["outcome"].tolist() == ["alive"]


def test_proofs_have_one_order_and_typed_columns_even_when_there_are_none(database: str) -> None:
    with open_store(database) as store:
        empty = stored(store)
        with store.writing() as connection:
            urls = ["https://b.example/", "https://a.example/B", "https://a.example/a"]
            proofs.upsert(connection, [LinkProof(url, ALIVE, 200, NOON) for url in urls])
        assert stored(store)["url"].tolist() == sorted(urls)
        assert empty.empty
        for name in ("status", "checked_at", "first_seen_dead_at"):
            assert empty[name].dtype == stored(store)[name].dtype


def test_every_link_is_asked_once_and_again_when_it_is_due(database: str) -> None:
    with open_store(database) as store:
        fill(
            store,
            [
                ("https://old.example/ and https://both.example/", "broken_link"),
                ("https://both.example/. https://new.example/", "broken_link"),
            ],
        )
        first = Asked({"https://old.example/": DEAD, "https://new.example/": REFUSED})
        counts = prove_due(store, first, NOON - HOUR)  # type: ignore[arg-type] # stands in for the network
        assert first.urls == ["https://both.example/", "https://new.example/", "https://old.example/"]
        assert counts == {"n_urls": 3, "n_alive": 1, "n_dead": 1, "n_failing": 0, "n_refused": 1, "n_left": 0}
        early, late = Asked(), Asked(at=NOON + HOUR)
        assert prove_due(store, early, NOON - HOUR)["n_urls"] == 0  # type: ignore[arg-type]
        assert prove_due(store, late, NOON)["n_urls"] == 3  # type: ignore[arg-type]
        assert early.urls == []
        assert sorted(late.urls) == sorted(first.urls)


def test_what_is_left_over_comes_first_the_next_time(database: str) -> None:
    with open_store(database) as store:
        fill(store, [(f"https://{name}.example/", "broken_link") for name in "dcba"])
        runs = [Asked(at=NOON + hours * HOUR, max_urls=3) for hours in range(3)]
        counts = [prove_due(store, run, NOON + 9 * HOUR) for run in runs]  # type: ignore[arg-type]
    assert [run.urls for run in runs] == [
        [f"https://{name}.example/" for name in names] for names in ("abc", "dab", "cab")
    ]
    assert [count["n_left"] for count in counts] == [1, 1, 1]
    assert [count["n_urls"] for count in counts] == [4, 4, 4]


class KilledError(BaseException):
    """The run ends at once."""


def test_a_run_that_is_killed_keeps_what_it_has_and_no_transaction_spans_a_request(database: str) -> None:
    with open_store(database) as store:
        fill(store, [(" ".join(f"https://a.example/{place:02}" for place in range(50)), "broken_link")])

        class Killed(Asked):
            def prove(self, url: str) -> LinkProof:
                with store.writing() as connection:  # would wait for ever if one were open
                    write.pipeline_run(connection, "other", NOON, NOON, {})
                if len(self.urls) == 45:
                    raise KilledError
                return super().prove(url)

        with pytest.raises(KilledError):
            prove_due(store, Killed(), NOON)  # type: ignore[arg-type]
        assert len(stored(store)) == 40
        assert prove_due(store, Asked(), NOON - HOUR)["n_urls"] == 10  # type: ignore[arg-type]


def test_a_page_that_goes_and_comes_back_over_real_requests(database: str) -> None:
    status = {"now": 200}

    class Page(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(status["now"])
            self.end_headers()

        do_GET = do_HEAD  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    port = server.server_address[1]
    policy = ProofPolicy(allow_private=True, ports=frozenset({port}))
    found = []
    with open_store(database) as store:
        fill(store, [(f"Look: http://127.0.0.1:{port}/page, it is gone", "broken_link")])
        for hours, answer in enumerate((200, 404, 503, 410, 403)):
            status["now"] = answer
            at = NOON + hours * HOUR
            prover = Prover(policy, now=lambda at=at: at, sleep=lambda _: None)  # type: ignore[misc]
            assert prove_due(store, prover, at)["n_urls"] == 1
            row = stored(store).iloc[0]
            since = row["first_seen_dead_at"]
            found.append((row["outcome"], row["status"], None if pd.isna(since) else (since - NOON) // HOUR))
    server.shutdown()
    server.server_close()
    assert found == [
        ("alive", 200, None),
        ("dead", 404, 1),
        ("failing", 503, 1),
        ("dead", 410, 1),
        ("alive", 403, None),
    ]


def test_the_job_refuses_addresses_of_this_machine_and_tells_nothing_but_counts(
    database: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], home: Any
) -> None:
    """The real prover, with the policy as it ships."""
    caplog.set_level(logging.DEBUG)
    with open_store(database) as store:
        said = "http://127.0.0.1/marker http://[::1]/marker http://printer.local/marker http://192.168.1.1:8080/marker"
        fill(store, [(said, "broken_link")])
    counts = prove_links(database=database)
    assert counts == {"n_urls": 4, "n_alive": 0, "n_dead": 0, "n_failing": 0, "n_refused": 4, "n_left": 0}
    assert prove_links(database=database)["n_urls"] == 0
    assert prove_links(database=database, recheck_hours=0)["n_urls"] == 4
    shown = capsys.readouterr()
    assert "marker" not in json.dumps(counts) + caplog.text + shown.out + shown.err


def test_without_items_there_is_nothing_to_ask(database: str, home: Any) -> None:
    assert prove_links(database=database)["n_urls"] == 0
