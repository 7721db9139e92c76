"""Web addresses in texts, and what becomes of a request for one."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.proof import LinkProof, Outcome, ProofPolicy, Prover, UnknownHostError, is_public, urls_in
from feedback_triage.proof.connecting import Deadline, resolve_within, system_connect, system_resolve

PUBLIC = "93.184.215.14"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
NOON = datetime(2026, 10, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        pytest.param("", [], id="nothing in nothing"),
        pytest.param("it is dead: https://a.example/x.", ["https://a.example/x"], id="a full stop ends a sentence"),
        pytest.param("https://a.example/x?!", ["https://a.example/x"], id="so do other marks"),
        pytest.param("https://a.example/v1.2/x,y", ["https://a.example/v1.2/x,y"], id="marks inside stay"),
        pytest.param("(see https://a.example/x)", ["https://a.example/x"], id="a bracket without a partner is cut"),
        pytest.param("https://a.example/x_(y)", ["https://a.example/x_(y)"], id="a pair of brackets stays"),
        pytest.param("(https://a.example/x_(y)).", ["https://a.example/x_(y)"], id="a pair in brackets stays"),
        pytest.param("https://a.example/x(it is", ["https://a.example/x"], id="an open bracket is cut"),
        pytest.param("https://a.example/x{(y})", ["https://a.example/x"], id="crossed brackets are cut"),
        pytest.param("[https://a.example/](https://b.example/)", ["https://a.example/", "https://b.example/"], id="md"),
        pytest.param("<https://a.example/x>", ["https://a.example/x"], id="angle brackets enclose"),
        pytest.param(
            '<a href="https://a.example/?p=1&amp;q=2">it</a>', ["https://a.example/?p=1&q=2"], id="an address in HTML"
        ),
        pytest.param("“https://a.example/x”", ["https://a.example/x"], id="quotation marks enclose"),
        pytest.param("https://a.example's page", ["https://a.example/"], id="a genitive is no part"),
        pytest.param("看https://a.example/x。谢谢", ["https://a.example/x"], id="Chinese needs no space"),
        pytest.param("https://a.example/x\u200b\u00ad", ["https://a.example/x"], id="invisible characters go"),
        pytest.param("www.a.example", ["https://www.a.example/"], id="a bare www gets https"),
        pytest.param("WWW.A.Example/X", ["https://www.a.example/X"], id="in any case"),
        pytest.param("the www.thing", [], id="but needs a name and an ending"),
        pytest.param("HTTP://A.Example:80/X#top", ["http://a.example/X"], id="case, usual port and fragment go"),
        pytest.param("https://a.example:8443/x", ["https://a.example:8443/x"], id="an unusual port stays"),
        pytest.param("https://a.example https://A.example/#x", ["https://a.example/"], id="one address comes once"),
        pytest.param(
            "https://b.example/,https://a.example/;www.c.example",
            ["https://b.example/", "https://a.example/", "https://www.c.example/"],
            id="order stays, commas part addresses",
        ),
        pytest.param(
            "https://a.example/?u=https://b.example/", ["https://a.example/?u=https://b.example/"], id="one in another"
        ),
        pytest.param("http://bücher.example/ä b", ["http://xn--bcher-kva.example/%C3%A4"], id="IDN to punycode"),
        pytest.param("http://straße.example", ["http://xn--strae-oqa.example/"], id="ß as browsers do it"),
        pytest.param("http://a.example./%7Ex%20y", ["http://a.example/%7Ex%20y"], id="what is encoded stays so"),
        pytest.param("http://2130706433/ http://0x7f.1/", ["http://127.0.0.1/"], id="a number is an address"),
        pytest.param("http://[0:0::1]/x", ["http://[::1]/x"], id="IPv6"),
        pytest.param("http://[fe80::1%25eth0]/ http://[::g]/ http://[::1/", [], id="broken IPv6"),
        pytest.param("https://me:secret@a.example/ https://me@a.example/", [], id="credentials are left alone"),
        pytest.param("https://a.example/?m=[email]", [], id="a masked address is not the address"),
        pytest.param("https://a.example/long… https://a.example/lo... https://a.example/l[…]", [], id="cut off"),
        pytest.param("ftp://a.example mailto:x javascript:alert(1) shttp://a.example", [], id="other schemes"),
        pytest.param("me@www.a.example ftp://www.a.example", [], id="a www inside something else"),
        pytest.param("http:// http://. https://a..b/ https://-a.example/ http://1.2.3.4.5/", [], id="no host"),
        pytest.param("https://a.example:99999/ https://a.example:x/", [], id="no port"),
        pytest.param("https://a.example/" + "x" * 2_100 + " www.b.example", ["https://www.b.example/"], id="too long"),
    ],
)
def test_addresses_are_found_in_a_text(text: str, urls: list[str]) -> None:
    assert list(urls_in(text)) == urls


@settings(deadline=None)  # no wall-clock test
@given(st.lists(st.text() | st.sampled_from(["https://", "www.", "a.example", "/", "[", "]", "ß", "。", ":"])))
def test_an_address_that_is_found_is_found_again_as_it_is(parts: list[str]) -> None:
    for url in urls_in("".join(parts).replace("&", "")):
        assert urls_in(url) == (url,)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9", "169.254.169.254"),
        *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.7"),
        *("203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "100::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:10.0.0.1"),
        *("64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001::1"),
        *("2001:db8::1", "3fff::1", "5f00::1", f"{PUBLIC_6}%eth0", "", "localhost", "1.2.3", "0177.0.0.1"),
    ],
)
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        PUBLIC,
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.32.0.1",
        PUBLIC_6,
        f"::ffff:{PUBLIC}",
        "64:ff9b::808:808",
    ],
)
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)


@settings(deadline=None)  # no wall-clock test
@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_is_as_public_as_it_is_alone(address: Any) -> None:
    for form in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert is_public(form) == is_public(str(address))


@settings(deadline=None)  # no wall-clock test
@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_is_not_public(address: Any) -> None:
    """A second opinion; both know special-purpose addresses that the other does not."""
    if address.is_private or address.is_multicast or address.is_loopback or address.is_link_local:
        assert not is_public(str(address)) or (address.version == 6 and address.ipv4_mapped is not None)


class Clock:
    """Stands still but for sleeping."""

    def __init__(self) -> None:
        self.instant = NOON
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.instant

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.instant += timedelta(seconds=seconds)


Reply = tuple[int, dict[str, str]]


class Site:
    """A real server on this machine that every public address leads to, and the name service that says so."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply | dict[str, Reply]] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.addresses: dict[str, list[str]] = {"a.root-servers.net": ["198.41.0.4"]}
        self.connected: list[str] = []
        self.resolved: list[str] = []
        self.hung_up = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                site.asked.append((self.command, self.headers["Host"] + self.path))
                site.headers.append(dict(self.headers))
                reply = site.replies[site.asked[-1][1]]
                status, headers = reply[self.command] if isinstance(reply, dict) else reply
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command == "GET":
                    self._endless_body()

            do_GET = do_HEAD  # noqa: N815 - the library's name

            def _endless_body(self) -> None:
                try:
                    for _ in range(10_000):
                        self.wfile.write(b"x" * 65_536)
                except OSError:
                    site.hung_up.set()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        self.resolved.append(host)
        if host not in self.addresses:
            raise UnknownHostError
        return self.addresses[host]

    def connect(self, address: str, _port: int, seconds: float) -> socket.socket:
        self.connected.append(address)
        return system_connect("127.0.0.1", self.server.server_address[1], seconds)


@pytest.fixture(scope="module")
def running_site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def site(running_site: Site) -> Site:
    """The server with nothing on it yet but the name a.example."""
    for record in (running_site.replies, running_site.asked, running_site.headers, running_site.connected):
        record.clear()
    running_site.resolved.clear()
    running_site.hung_up.clear()
    running_site.addresses = {"a.root-servers.net": ["198.41.0.4"], "a.example": [PUBLIC], "b.example": [PUBLIC_6]}
    return running_site


def prover(site: Site, **options: Any) -> Prover:
    clock = options.pop("clock", Clock())
    seams = {"resolve": site.resolve, "connect": site.connect} | options
    policy = seams.pop("policy", ProofPolicy())
    return Prover(policy, now=clock.now, sleep=clock.sleep, **seams)


def proof(site: Site, url: str, **options: Any) -> tuple[Outcome, int | None]:
    found = prover(site, **options).prove(url)
    assert found.url == url
    return found.outcome, found.status


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, Outcome.ALIVE) for status in (200, 204, 206, 401, 403, 405, 429)),
        *((status, Outcome.DEAD) for status in (404, 410)),
        *((status, Outcome.FAILING) for status in (300, 304, 400, 402, 418, 451, 500, 502, 503, 504, 999)),
    ],
)
def test_a_status_has_one_meaning(site: Site, status: int, outcome: Outcome) -> None:
    site.replies["a.example/x?y=1"] = (status, {})
    assert proof(site, "http://a.example/x?y=1") == (outcome, status)
    assert site.connected[0] == PUBLIC


@pytest.mark.parametrize("head", [400, 404, 405, 500, 501])
def test_get_has_the_last_word_where_head_is_an_error(site: Site, head: int) -> None:
    site.replies["a.example/"] = {"HEAD": (head, {}), "GET": (200, {})}
    assert proof(site, "http://a.example/") == (Outcome.ALIVE, 200)
    assert [method for method, _ in site.asked] == ["HEAD", "GET"]


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n"], ids=["hangs up", "talks nonsense"])
def test_get_has_the_last_word_where_head_confuses_the_server(site: Site, answer: bytes) -> None:
    def speak(peer: socket.socket) -> None:
        method = peer.recv(1_000).split()[0]
        peer.sendall(answer if method == b"HEAD" else b"HTTP/1.1 200 OK\r\n\r\n")

    assert proof(site, "http://a.example/", connect=talking(speak)) == (Outcome.ALIVE, 200)


@pytest.mark.parametrize("status", [200, 429, 503])
def test_who_is_well_or_too_busy_is_asked_once(site: Site, status: int) -> None:
    site.replies["a.example/"] = (status, {})
    proof(site, "http://a.example/")
    assert [method for method, _ in site.asked] == ["HEAD"]


def test_an_endless_body_is_not_read(site: Site) -> None:
    site.replies["a.example/"] = {"HEAD": (405, {}), "GET": (200, {})}
    assert proof(site, "http://a.example/") == (Outcome.ALIVE, 200)
    assert site.hung_up.wait(timeout=20)


def test_a_request_tells_who_asks_and_nothing_else(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    site.replies["a.example/"] = (302, {"Location": "/b", "Set-Cookie": "a=b"})
    site.replies["a.example/b"] = (200, {})
    assert proof(site, "http://a.example/", policy=ProofPolicy(user_agent="me/1")) == (Outcome.ALIVE, 200)
    wanted = {"Host": "a.example", "User-Agent": "me/1", "Accept": "*/*", "Accept-Encoding": "identity"}
    assert site.headers == [wanted | {"Connection": "close"}] * 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location", ["/b", "b", "//a.example/b", "http://a.example/b#x", "?c", "http://b.example/é", " HTTP://B.Example/"]
)
def test_redirects_are_followed(site: Site, status: int, location: str) -> None:
    site.replies["a.example/"] = (status, {"Location": location.encode().decode("latin-1")})
    for place in ("a.example/b", "a.example/?c", "b.example/%C3%A9", "b.example/"):
        site.replies[place] = (410, {})
    assert proof(site, "http://a.example/") == (Outcome.DEAD, 410)


def test_a_chain_of_redirects_may_have_the_length_that_is_allowed_and_no_more(site: Site) -> None:
    for place in range(9):
        site.replies[f"a.example/{place}"] = (302, {"Location": f"/{place + 1}"})
    site.replies["a.example/9"] = (200, {})
    assert proof(site, "http://a.example/4") == (Outcome.ALIVE, 200)
    assert proof(site, "http://a.example/3") == (Outcome.FAILING, 302)
    assert site.asked[-1] == ("HEAD", "a.example/8")


def test_a_loop_ends_at_once(site: Site) -> None:
    site.replies["a.example/"] = (302, {"Location": "/b"})
    site.replies["a.example/b"] = (302, {"Location": "/"})
    assert proof(site, "http://a.example/") == (Outcome.FAILING, 302)
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    "location",
    [
        *("http://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/", "http://[::ffff:7f00:1]/", "http://2130706433/"),
        *("http://inside.example/", "http://mixed.example/", "http://localhost/", "http://intranet/"),
        *("http://printer.local/", "http://a.example:8080/", "ftp://a.example/", "file:///etc/passwd"),
        *("http://me:secret@a.example/", "myapp://open", "http://[", "http://a.example:0/"),
    ],
)
def test_a_redirect_to_where_we_do_not_go_is_refused(site: Site, location: str) -> None:
    site.addresses |= {"inside.example": ["192.168.0.1"], "mixed.example": [PUBLIC, "10.0.0.1"]}
    site.replies["a.example/"] = (302, {"Location": location})
    assert proof(site, "http://a.example/") == (Outcome.REFUSED, 302)
    assert proof(site, location) == (Outcome.REFUSED, None)
    assert site.connected == [PUBLIC]


def test_a_name_that_changes_its_address_leads_nowhere_else(site: Site) -> None:
    """Every hop is resolved once; its two requests go to the address that was checked, and the next hop is checked."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    site.replies["a.example/"] = {"HEAD": (405, {}), "GET": (302, {"Location": "/b"})}
    assert proof(site, "http://a.example/", resolve=lambda *_: next(answers)) == (Outcome.REFUSED, 302)
    assert site.connected == [PUBLIC, PUBLIC]


def test_private_networks_and_other_ports_are_asked_when_they_are_allowed() -> None:
    """With the machine's own name service and sockets."""
    site = Site()
    port = site.server.server_address[1]
    site.replies |= {f"localhost:{port}/": (200, {}), f"127.0.0.1:{port}/": (404, {})}
    policy = ProofPolicy(allow_private=True, ports=frozenset({port}))
    asking = Prover(policy, now=Clock().now, sleep=Clock().sleep)
    assert asking.prove(f"http://localhost:{port}/").outcome is Outcome.ALIVE
    assert asking.prove(f"http://127.0.0.1:{port}/").outcome is Outcome.DEAD
    site.server.shutdown()
    site.server.server_close()
    assert asking.prove(f"http://127.0.0.1:{port}/").outcome is Outcome.FAILING


def test_the_next_address_is_tried_where_one_cannot_be_reached(site: Site) -> None:
    site.addresses["a.example"] = [PUBLIC_6, PUBLIC]
    site.replies["a.example/"] = (200, {})
    given: list[float] = []

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        given.append(seconds)
        if ip_address(address).version == 6:
            raise OSError("unreachable")
        return site.connect(address, port, seconds)

    assert proof(site, "http://a.example/", connect=connect) == (Outcome.ALIVE, 200)
    assert given[0] <= 5.0 < given[1], "the first must not use up the time of the second"


def test_a_host_that_does_not_exist_is_dead(site: Site) -> None:
    assert proof(site, "http://gone.example/") == (Outcome.DEAD, None)


def test_no_host_is_called_dead_by_a_machine_that_is_offline(site: Site) -> None:
    site.addresses = {}
    assert proof(site, "http://gone.example/") == (Outcome.FAILING, None)


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError(), TimeoutError(), ConnectionResetError(), OSError("no route"), ssl.SSLError("no")],
    ids=repr,
)
def test_a_connection_that_fails_is_failing(site: Site, error: OSError) -> None:
    def connect(*_: Any) -> socket.socket:
        raise error

    assert proof(site, "http://a.example/", connect=connect) == (Outcome.FAILING, None)


def test_a_name_service_that_fails_or_knows_no_address_is_failing(site: Site) -> None:
    def resolve(*_: Any) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    assert proof(site, "http://a.example/", resolve=resolve) == (Outcome.FAILING, None)
    assert proof(site, "http://a.example/", resolve=lambda *_: []) == (Outcome.FAILING, None)


def talking(speak: Callable[[socket.socket], None]) -> Callable[[str, int, float], socket.socket]:
    """A way to connect to something that says what it likes."""

    def connect(_address: str, _port: int, _seconds: float) -> socket.socket:
        ours, theirs = socket.socketpair()

        def run() -> None:
            with theirs, contextlib.suppress(OSError):
                speak(theirs)

        threading.Thread(target=run, daemon=True).start()
        return ours

    return connect


def _drip(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X")
        time.sleep(0.02)


def _never_answer(peer: socket.socket) -> None:
    while peer.recv(1_000):
        pass


def _continue_for_ever(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("speak", [_drip, _never_answer, _continue_for_ever])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_never_comes_to_an_end_is_left(site: Site, speak: Callable[[socket.socket], None], scheme: str) -> None:
    """Without the limit on the whole, this test would never end."""
    policy = ProofPolicy(timeout_seconds=0.3)
    assert proof(site, f"{scheme}://a.example/", connect=talking(speak), policy=policy) == (Outcome.FAILING, None)


def test_a_slow_name_service_is_left() -> None:
    release = threading.Event()

    def resolve(*_: Any) -> Sequence[str]:
        release.wait(timeout=60)
        return [PUBLIC]

    with pytest.raises(TimeoutError):
        resolve_within(resolve, "a.example", 80, Deadline(0.1))
    release.set()


def test_a_deadline_does_not_count_a_wait_we_chose() -> None:
    deadline = Deadline(-1)
    with pytest.raises(TimeoutError):
        deadline.left()
    deadline.extend(60)
    assert 0 < deadline.left() <= 59


@settings(deadline=None)  # no wall-clock test
@given(answer=st.binary() | st.binary().map(lambda rest: b"HTTP/1.1 302 Found\r\nLocation: " + rest + b"\r\n\r\n"))
def test_whatever_a_server_says_an_outcome_comes_back(answer: bytes) -> None:
    def connect(*_: Any) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(answer)
        return ours

    asking = Prover(ProofPolicy(), now=Clock().now, sleep=Clock().sleep, resolve=lambda *_: [PUBLIC], connect=connect)
    assert isinstance(asking.prove("http://a.example/").outcome, Outcome)


@settings(deadline=None)  # no wall-clock test
@given(
    st.text()
    | st.lists(
        st.sampled_from(
            ["http", "s", "://", "@", "[", "]", ":", "%", "\\", "ß", "/", "\ud800", "\n", ".", "1", "٣", "。"]
        )
    ).map("http://".join)
    | st.text().map(lambda rest: f"https://{rest}")
)
def test_whatever_a_url_holds_an_outcome_comes_back(url: str) -> None:
    def connect(*_: Any) -> socket.socket:
        raise ConnectionRefusedError

    asking = Prover(ProofPolicy(), now=Clock().now, sleep=Clock().sleep, resolve=lambda *_: [PUBLIC], connect=connect)
    found = asking.prove(url)
    assert found.outcome in {Outcome.REFUSED, Outcome.FAILING}
    assert found.status is None
    assert asking.prove(url) == found


def test_a_host_gets_its_pause_and_another_one_does_not_wait_for_it(site: Site) -> None:
    clock = Clock()
    site.replies |= {"a.example/": {"HEAD": (405, {}), "GET": (200, {})}, "b.example/": (200, {})}
    asking = prover(site, clock=clock, policy=ProofPolicy(seconds_between_requests_to_a_host=2.0))
    asking.prove("http://a.example/")
    assert clock.slept == [2.0]
    asking.prove("http://b.example/")
    assert clock.slept == [2.0]
    clock.instant += timedelta(seconds=0.5)
    asking.prove("http://a.example/")
    assert clock.slept == [2.0, 1.5, 2.0]
    clock.instant += timedelta(seconds=60)
    asking.prove("http://b.example/")
    clock.instant -= timedelta(days=1)
    asking.prove("http://b.example/")
    assert clock.slept == [2.0, 1.5, 2.0, 2.0]


def test_a_pause_does_not_use_up_the_time_of_a_link(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + sum(slept))
    site.replies["a.example/"] = {"HEAD": (405, {}), "GET": (200, {})}
    policy = ProofPolicy(seconds_between_requests_to_a_host=60.0)
    asking = Prover(policy, now=lambda: NOON, sleep=slept.append, resolve=site.resolve, connect=site.connect)
    assert asking.prove("http://a.example/").outcome is Outcome.ALIVE
    assert slept == [60.0]


def test_a_proof_bears_its_instant_and_does_not_show_its_url(site: Site) -> None:
    site.replies["a.example/secret"] = (200, {})
    found = prover(site).prove("http://a.example/secret")
    assert found == LinkProof("http://a.example/secret", Outcome.ALIVE, 200, NOON)
    assert "secret" not in repr(found)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for a.example and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a.example")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "certificate.pem", folder / "key.pem"


def test_the_certificate_must_bear_the_name_that_was_asked_for(site: Site, certificate: tuple[Path, Path]) -> None:
    names: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*certificate)
    server.sni_callback = lambda _connection, name, _context: names.append(name)

    def speak(peer: socket.socket) -> None:
        with server.wrap_socket(peer, server_side=True) as tls:
            tls.recv(1_000)
            tls.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    connect = talking(speak)
    assert proof(site, "https://a.example/", connect=connect, tls=trusting) == (Outcome.ALIVE, 200)
    assert proof(site, "https://b.example/", connect=connect, tls=trusting) == (Outcome.FAILING, None)
    assert proof(site, "https://a.example/", connect=connect) == (Outcome.FAILING, None)
    assert names == ["a.example", "b.example", "a.example"]


def test_the_machines_name_service_gives_the_addresses_of_this_machine() -> None:
    assert set(system_resolve("localhost", 80)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("number", "is_unknown"),
    [
        pytest.param(socket.EAI_NONAME, True, id="there is no such name"),
        pytest.param(socket.EAI_AGAIN, False, id="no answer"),
        pytest.param(socket.EAI_FAIL, False, id="a broken answer"),
    ],
)
def test_no_answer_of_the_name_service_is_not_no_such_name(
    monkeypatch: pytest.MonkeyPatch, number: int, is_unknown: bool
) -> None:
    asked: list[str] = []

    def getaddrinfo(host: str, *_: Any, **__: Any) -> None:
        asked.append(host)
        raise socket.gaierror(number, "no")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(OSError) as failed:  # noqa: PT011 - its class is what is looked at
        system_resolve("a.example", 80)
    assert isinstance(failed.value, UnknownHostError) is is_unknown
    assert asked == ["a.example."], "without the dot, search domains could make the name up"
