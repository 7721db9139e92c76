"""The server process."""

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn

from feedback_triage.errors import SettingError
from feedback_triage.store import open_store
from feedback_triage.web.app import create_app

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen.

    Attributes:
        host: address or name of this machine.
        port: 1..65535.
        other_hosts: further names that calls may be sent to.
    """

    host: str = "127.0.0.1"
    port: int = 8391
    other_hosts: tuple[str, ...] = ()


def serve_releases(
    listening: Listening, database: str, *, secret: str, timezone: str, say: Callable[[str], None]
) -> None:
    """Listen until the process is told to stop.

    Args:
        listening: where.
        database: SQLAlchemy URL; made or migrated before the first call.
        secret: what callers sign with.
        timezone: IANA name of the zone of times that name none.
        say: told one line once calls can come.

    Raises:
        SettingError: the secret is missing or short, or nobody can listen there.
        StoreError: the database cannot be used.
    """
    # An address that stands for all of this machine's is no name that a call is sent to.
    own = () if listening.host in {"0.0.0.0", "::"} else (listening.host,)  # noqa: S104 - not bound here
    hosts = (*_LOOPBACK, *own, *listening.other_hosts)
    app = create_app(database, secret=secret, timezone=timezone, hosts=hosts)
    with open_store(database):
        pass
    _log_calls()
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    with _socket(listening) as opened:
        address = f"[{listening.host}]" if ":" in listening.host else listening.host
        say(f"listening to signed calls at http://{address}:{listening.port}/releases; stop with Ctrl-C")
        uvicorn.Server(config).run(sockets=[opened])


def _log_calls() -> None:
    """Let each call leave a line on standard error: that it came and what became of it, nothing of what it said."""
    log = logging.getLogger("feedback_triage.web")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)


def _socket(listening: Listening) -> socket.socket:
    # Opened here and not by uvicorn, which ends the process where it cannot.
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((listening.host, listening.port))
        opened.listen(128)
    except OSError as error:
        opened.close()
        raise SettingError(
            f"nothing can listen at {listening.host} port {listening.port} ({error.strerror or 'no such address'}); "
            "choose others with --host and --port"
        ) from None
    return opened
