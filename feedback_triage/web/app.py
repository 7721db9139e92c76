"""The application: `POST /releases` for deploy scripts, and `GET /health`.

Every answer is JSON with one line, `message`, that says what was done or what to do. Nothing of a body is logged.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from feedback_triage.errors import InputError, SettingError, StoreError
from feedback_triage.web import signing
from feedback_triage.web.telling import tell_releases

MAX_BODY_BYTES = 1_000_000
MAX_BODY_SECONDS = 20.0
_MAX_DRAINED_BYTES = 10 * MAX_BODY_BYTES
RETRY_AFTER_SECONDS = 20
_LOG = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def now_in_utc() -> datetime:
    """The instant, as the clock of this machine shows it."""
    return datetime.now(UTC)


def create_app(
    database: str,
    *,
    secret: str,
    timezone: str = "UTC",
    hosts: Collection[str] = ("127.0.0.1", "localhost", "::1"),
    wait_seconds: float = 20.0,
    clock: Clock = now_in_utc,
) -> FastAPI:
    """Make the application.

    Args:
        database: SQLAlchemy URL.
        secret: what callers sign with, at least 16 characters.
        timezone: IANA name of the zone of times that name none.
        hosts: names that a call may be sent to. A page of another site that makes its name point here (DNS
            rebinding) sends its own name.
        wait_seconds: how long a call waits while a run works on the database, before it is told to come again.
        clock: gives aware instants.

    Raises:
        SettingError: the secret is missing or short.
    """
    signing.check_secret(secret)
    known_hosts = frozenset(host.casefold() for host in hosts)
    app = FastAPI(title="feedback-triage", docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def check_host(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if host_name(request.headers.get("host", "")) not in known_hosts:
            return _answer(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this name is not served here; call 127.0.0.1, or start serve with --allow-host NAME",
            )
        return await call_next(request)

    @app.get("/health")
    async def health() -> Response:
        return _answer(HTTPStatus.OK, "ready for POST /releases")

    @app.post("/releases")
    async def post_releases(request: Request) -> Response:
        body = await _body(request)
        headers = request.headers
        timestamp, signed = headers.get(signing.TIMESTAMP_HEADER, ""), headers.get(signing.SIGNATURE_HEADER, "")
        now = clock()
        if why := signing.refusal(secret, timestamp, signed, body, now):
            return _answer(HTTPStatus.UNAUTHORIZED, why)
        return await run_in_threadpool(_tell, database, body, timezone, now, wait_seconds)

    _answer_errors(app)
    return app


def _tell(database: str, body: bytes, timezone: str, now: datetime, wait_seconds: float) -> Response:
    """Store what a believed call tells."""
    try:
        told = tell_releases(database, body, timezone=timezone, now=now, wait_seconds=wait_seconds)
    except (InputError, SettingError) as error:
        return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    except StoreError as error:
        _LOG.warning("POST /releases 503")
        answer = _answer(HTTPStatus.SERVICE_UNAVAILABLE, f"nothing was stored: {error}")
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return answer
    _LOG.info("POST /releases 200 (%d releases)", len(told.releases))
    return _answer(HTTPStatus.OK, told.message, releases=told.releases)


def _answer_errors(app: FastAPI) -> None:
    """Errors are answered like everything else: JSON with one line."""

    @app.exception_handler(404)
    @app.exception_handler(405)
    async def elsewhere(_request: Request, _error: Exception) -> Response:
        return _answer(HTTPStatus.NOT_FOUND, "there is nothing here; use POST /releases or GET /health")

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> Response:
        return _answer(error.status_code, str(error.detail))

    @app.exception_handler(Exception)
    async def broken(_request: Request, _error: Exception) -> Response:
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "this is a fault of the program; its log tells more")


def host_name(header: str) -> str:
    """The name in a Host header, without its port and brackets, folded."""
    host = header.strip().casefold()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


async def _body(request: Request) -> bytes:
    """The body, kept no further than it may be long.

    Raises:
        HTTPException: it is too long, or comes too slowly.
    """
    body, n_bytes = bytearray(), 0
    try:
        async with asyncio.timeout(MAX_BODY_SECONDS):
            async for chunk in request.stream():
                n_bytes += len(chunk)
                if n_bytes <= MAX_BODY_BYTES:
                    body += chunk
                elif n_bytes > _MAX_DRAINED_BYTES:
                    break  # what is a little too long is read to its end: only then does a caller look at the answer
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "the body came too slowly; send it again") from None
    if n_bytes > MAX_BODY_BYTES:
        raise HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body is longer than {MAX_BODY_BYTES:,} bytes; send fewer releases",
        )
    return bytes(body)


def _answer(status: int, message: str, **more: object) -> JSONResponse:
    return JSONResponse({"message": " ".join(message.split()), **more}, status_code=int(status))
