"""Ask a URL whether it is alive: every hop checked anew, at the pace that its host is due."""

import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from http.client import HTTPException

from feedback_triage.proof.addresses import is_private_name, is_public
from feedback_triage.proof.connecting import (
    Answer,
    Connect,
    Deadline,
    Resolve,
    UnknownHostError,
    request,
    resolve_within,
    system_connect,
    system_resolve,
)
from feedback_triage.proof.outcomes import LinkProof, Outcome, ProofPolicy
from feedback_triage.proof.targets import Target, UnusableUrlError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SLOW_DOWN = frozenset({429, 503})  # who says so is not asked a second time at once
_MAX_ADDRESSES = 4  # of one host that are tried


class _RefusedError(Exception):
    """The policy does not let this be requested."""


class Prover:
    """Checks links one after another.

    Between the check of an address and the request nothing is resolved again: the connection goes to the very
    address that was checked, and the name only goes into the header `Host` and the check of the certificate. So a
    name that changes its address in between ("DNS rebinding") leads nowhere else. Cookies, proxies of the
    environment and `Referer` are not used; of a body nothing is read on purpose, 1 KB at most by buffering.

    Args:
        policy: how links are requested.
        now: the current instant, UTC.
        sleep: waits that many seconds.
        resolve: name to addresses.
        connect: address to an open connection.
        tls: how certificates are checked; None for the system's authorities.
    """

    def __init__(
        self,
        policy: ProofPolicy,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        resolve: Resolve = system_resolve,
        connect: Connect = system_connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.policy = policy
        self._now = now
        self._sleep = sleep
        self._resolve = resolve
        self._connect = connect
        self._tls = tls
        self._asked_at: dict[str, datetime] = {}

    def prove(self, url: str) -> LinkProof:
        """Request a URL. Whatever it holds and whatever is there, an outcome comes back.

        HEAD is asked first, and GET where the answer to HEAD is an error: servers often answer HEAD carelessly.

        Args:
            url: as `urls_in` gives it.
        """
        status: int | None = None
        try:
            target = Target.of(url)
            seen = {target}
            deadline = Deadline(self.policy.timeout_seconds)
            while True:
                answer = self._ask(target, deadline)
                status = answer.status
                if status not in _REDIRECTS or not answer.location:
                    outcome = Outcome.of_status(status)
                    break
                target = target.follow(answer.location)
                if target in seen or len(seen) > self.policy.max_redirects:
                    outcome = Outcome.FAILING
                    break
                seen.add(target)
        except (UnusableUrlError, _RefusedError):
            outcome = Outcome.REFUSED
        except UnknownHostError:
            outcome = Outcome.DEAD
        except (OSError, HTTPException):
            outcome = Outcome.FAILING
        return LinkProof(url, outcome, status, self._now())

    def _ask(self, target: Target, deadline: Deadline) -> Answer:
        addresses = self._checked_addresses(target, deadline)
        try:
            answer = self._request("HEAD", target, addresses, deadline)
        except (HTTPException, ConnectionResetError, BrokenPipeError):
            return self._request("GET", target, addresses, deadline)
        if answer.status < 400 or answer.status in _SLOW_DOWN:
            return answer
        return self._request("GET", target, addresses, deadline)

    def _checked_addresses(self, target: Target, deadline: Deadline) -> Sequence[str]:
        policy = self.policy
        if target.port not in policy.ports:
            raise _RefusedError
        if target.is_address:
            addresses: Sequence[str] = [target.host]
        else:
            if is_private_name(target.host) and not policy.allow_private:
                raise _RefusedError
            addresses = self._resolved(target, deadline)
        # One private address among public ones is a trick or a mistake; neither is worth a request.
        if not policy.allow_private and not all(is_public(address) for address in addresses):
            raise _RefusedError
        return addresses[:_MAX_ADDRESSES]

    def _resolved(self, target: Target, deadline: Deadline) -> Sequence[str]:
        try:
            return resolve_within(self._resolve, target.host, target.port, deadline)
        except UnknownHostError:
            try:
                resolve_within(self._resolve, self.policy.control_host, target.port, deadline)
            except UnknownHostError:
                raise OSError("no name service") from None  # the machine is offline; that says nothing of the link
            raise

    def _request(self, method: str, target: Target, addresses: Sequence[str], deadline: Deadline) -> Answer:
        self._wait_politely(target.host, deadline)
        try:
            connection = self._connected(addresses, target.port, deadline)
            return request(
                connection,
                method,
                target,
                user_agent=self.policy.user_agent,
                tls=self._tls_context() if target.scheme == "https" else None,
                deadline=deadline,
            )
        finally:
            self._asked_at[target.host] = self._now()

    def _connected(self, addresses: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
        failed: OSError = OSError("no address")
        for place, address in enumerate(addresses):
            try:
                return self._connect(address, port, deadline.left() / (len(addresses) - place))
            except OSError as error:
                failed = error
        raise failed

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    def _wait_politely(self, host: str, deadline: Deadline) -> None:
        pause = self.policy.seconds_between_requests_to_a_host
        if host not in self._asked_at:
            return
        since = (self._now() - self._asked_at[host]).total_seconds()
        wait = min(pause, pause - since)  # a clock that was set back must not make it longer
        if wait > 0:
            self._sleep(wait)
            deadline.extend(wait)
