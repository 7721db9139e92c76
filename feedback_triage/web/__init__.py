"""The HTTP side: deploy scripts tell releases by signed calls. A process of its own that loads no model."""

from feedback_triage.web.app import create_app
from feedback_triage.web.serving import Listening, serve_releases
from feedback_triage.web.signing import MAX_AGE_SECONDS, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature

__all__ = [
    "MAX_AGE_SECONDS",
    "SIGNATURE_HEADER",
    "TIMESTAMP_HEADER",
    "Listening",
    "create_app",
    "serve_releases",
    "signature",
]
