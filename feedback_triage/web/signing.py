"""Signed calls: HMAC-SHA256 over the instant and the body, as many services sign what they send.

RFC 2104 describes HMAC. The instant is signed along with the body, so a call that was overheard is of use for five
minutes only, and does no more then than it did before.
"""

import hashlib
import hmac
import re
from datetime import datetime

from feedback_triage.errors import SettingError

TIMESTAMP_HEADER = "X-Feedback-Triage-Timestamp"
SIGNATURE_HEADER = "X-Feedback-Triage-Signature"
SECRET_VARIABLE = "FEEDBACK_TRIAGE_RELEASE_SECRET"  # noqa: S105 - the name of the variable, no secret
MIN_SECRET_LENGTH = 16
MAX_AGE_SECONDS = 300
"""How far the signed instant may lie from now, before or after: clocks of two machines differ a little."""

_SECONDS = re.compile(r"\d{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII | re.IGNORECASE)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the signature header for a body that is sent at an instant (unix seconds as text)."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def refusal(secret: str, timestamp: str, signed: str, body: bytes, now: datetime) -> str:
    """Why a call is not believed, "" for one that is.

    Args:
        secret: what both sides know.
        timestamp: the header of that name, "" where it is missing.
        signed: the header with the signature, likewise.
        body: as it came.
        now: aware instant.
    """
    if not _SECONDS.fullmatch(timestamp):
        return f"the header {TIMESTAMP_HEADER} is missing or no unix seconds; send what date +%s prints"
    given = _SIGNATURE.fullmatch(signed)
    if given is None:
        return f"the header {SIGNATURE_HEADER} is missing or not like sha256=HEX; sign timestamp, dot and body"
    expected = signature(secret, timestamp, body).removeprefix("sha256=")
    if not hmac.compare_digest(expected, given[1].lower()):
        return f"the signature does not fit; sign the timestamp, a dot and the body as sent with {SECRET_VARIABLE}"
    # Only after the signature, so that nothing is told to who does not know the secret.
    if abs(now.timestamp() - int(timestamp)) > MAX_AGE_SECONDS:
        return f"the call was signed more than {MAX_AGE_SECONDS // 60} minutes from now; set the clock, sign it again"
    return ""


def check_secret(secret: str) -> None:
    """Refuse a secret that could be guessed.

    Raises:
        SettingError: it is missing or short.
    """
    if len(secret) < MIN_SECRET_LENGTH:
        raise SettingError(
            f"{SECRET_VARIABLE} must hold at least {MIN_SECRET_LENGTH} characters that nobody can guess; "
            "make some by: openssl rand -hex 32"
        )
