"""Names to addresses, and one request to one address that was checked before."""

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPConnection
from ipaddress import ip_address

from feedback_triage.proof.targets import Target

Resolve = Callable[[str, int], Sequence[str]]
"""Host name and port to addresses; raises `UnknownHostError`, or another `OSError` where it cannot tell."""
Connect = Callable[[str, int, float], socket.socket]
"""Address, port and seconds to an open connection; raises `OSError`."""

_UNKNOWN = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_BUFFER = 1_024  # bytes; more of an answer than its head and this is never read


class UnknownHostError(OSError):
    """The name service says that there is no such host."""


class Deadline:
    """Network time that is left for a URL."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def extend(self, seconds: float) -> None:
        """Do not count a wait that we chose."""
        self._end += seconds

    def left(self) -> float:
        """Seconds that are left, above 0.

        Raises:
            TimeoutError: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


@dataclass(frozen=True, slots=True)
class Answer:
    """Head of a response: `location` is "" where there is none."""

    status: int
    location: str


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Addresses of a host by the machine's name service.

    Raises:
        UnknownHostError: there is none.
        OSError: the name service does not answer.
    """
    # With the root's dot, the search domains of the local network do not make up hosts.
    name = f"{host}." if "." in host else host
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _UNKNOWN:
            raise UnknownHostError from None
        raise
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def system_connect(address: str, port: int, seconds: float) -> socket.socket:
    """Connect to an address, not to a name.

    Raises:
        OSError: it cannot be reached in time.
    """
    family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect((address, port))
    except BaseException:
        connection.close()
        raise
    return connection


def resolve_within(resolve: Resolve, host: str, port: int, deadline: Deadline) -> Sequence[str]:
    """Resolve a name; the machine's name service knows no time limit, so it is asked in a thread.

    Raises:
        UnknownHostError: there is no such host.
        TimeoutError: the time is up.
        OSError: the name service does not answer.
    """
    found: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            found.set_result(resolve(host, port))
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is awaited
            found.set_exception(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    return found.result(timeout=deadline.left())


def request(
    connection: socket.socket,
    method: str,
    target: Target,
    *,
    user_agent: str,
    tls: ssl.SSLContext | None,
    deadline: Deadline,
) -> Answer:
    """Send one request over an open connection, read the head of the answer, and close.

    Args:
        connection: to an address of the target's host; closed at the end, whatever happens.
        method: `HEAD` or `GET`.
        target: what to ask for; its name is what the certificate must bear.
        user_agent: value of the header.
        tls: for https, None for http.
        deadline: of the whole URL, so that a server that drips bytes cannot hold us.

    Raises:
        OSError: connection or TLS failed, or the time is up.
        http.client.HTTPException: the answer is not HTTP.
    """
    try:
        connection.settimeout(deadline.left())
        if tls is not None:
            connection = tls.wrap_socket(connection, server_hostname=target.host)
        http = HTTPConnection(target.host, target.port)
        http.auto_open = 0  # it must never look for an address of its own
        http.sock = _Timed(connection, deadline)  # it has what http.client uses of a socket
        headers = {"Host": target.netloc, "User-Agent": user_agent, "Accept": "*/*", "Connection": "close"}
        http.request(method, target.path, headers=headers)
        response = http.getresponse()
        return Answer(response.status, response.getheader("Location") or "")
    finally:
        connection.close()


class _Timed:
    """A socket whose every step takes what is left of the deadline, not a time limit of its own."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._connection.settimeout(self._deadline.left())
        self._connection.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._connection, self._deadline), _BUFFER)

    def close(self) -> None:
        self._connection.close()


class _TimedReader(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override] # what BufferedReader passes
        self._connection.settimeout(self._deadline.left())
        return self._connection.recv_into(buffer)
