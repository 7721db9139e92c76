"""What can become of a link, and how politely it is asked."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_IS_THERE = frozenset({401, 403, 405, 429})  # a door that is closed to us is still a door
_IS_GONE = frozenset({404, 410})


class Outcome(StrEnum):
    """What the last answer says of a link."""

    ALIVE = "alive"
    """2xx; or 401, 403, 405, 429: something is there that does not want to be asked by us."""
    DEAD = "dead"
    """404, 410, or a host name that does not exist."""
    FAILING = "failing"
    """Any other answer, no answer in time, no connection, no valid certificate, or too many redirects."""
    REFUSED = "refused"
    """Not requested: the address is not public, or has another scheme or port, or holds credentials."""

    @classmethod
    def of_status(cls, status: int) -> "Outcome":
        """What a final HTTP status means."""
        if 200 <= status < 300 or status in _IS_THERE:
            return cls.ALIVE
        return cls.DEAD if status in _IS_GONE else cls.FAILING


@dataclass(frozen=True, slots=True)
class LinkProof:
    """What one URL answered.

    Attributes:
        url: as `urls_in` gives it. Not shown by `repr`, because customer text stays out of logs.
        outcome: see `Outcome`.
        status: last HTTP status, that of a redirect included; None where no answer came.
        checked_at: when, UTC.
    """

    url: str = field(repr=False)
    outcome: Outcome
    status: int | None
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class ProofPolicy:
    """How links are requested.

    Attributes:
        timeout_seconds: network time one URL may take, with all its redirects; waiting out of politeness is on top.
        max_redirects: how many are followed.
        seconds_between_requests_to_a_host: from the end of one request to the start of the next.
        max_urls: in one run.
        user_agent: how the program presents itself.
        allow_private: also request addresses and names of private networks.
        ports: that may be requested.
        control_host: a name that exists as long as the Internet does. Where it is unknown too, the machine has no
            name service, and no link is called dead.
    """

    timeout_seconds: float = 10.0
    max_redirects: int = 5
    seconds_between_requests_to_a_host: float = 1.0
    max_urls: int = 200
    user_agent: str = "feedback-triage (checks links that customers report as broken)"
    allow_private: bool = False
    ports: frozenset[int] = frozenset({80, 443})
    control_host: str = "a.root-servers.net"
