"""Step 1: clean, mask and hash what readers found, and reject what cannot be used, with a reason."""

from feedback_triage.ingest.clean import drop_invisible, normalise_text, plain_notes, storable, text_sha256
from feedback_triage.ingest.intake import Intake, RejectReason, masked_row
from feedback_triage.ingest.items import (
    RawFeedback,
    author_key,
    content_sha256,
    derive_external_id,
    make_item,
)
from feedback_triage.ingest.redact import redact

__all__ = [
    "Intake",
    "RawFeedback",
    "RejectReason",
    "author_key",
    "content_sha256",
    "derive_external_id",
    "drop_invisible",
    "make_item",
    "masked_row",
    "normalise_text",
    "plain_notes",
    "redact",
    "storable",
    "text_sha256",
]
