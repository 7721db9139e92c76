"""From the values of a row to a feedback item: masked, cleaned, and with an identity that lasts."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from feedback_triage.domain import FeedbackItem
from feedback_triage.ingest.clean import normalise_text, storable, text_sha256
from feedback_triage.ingest.redact import redact

_ID_LENGTH = 20
"""Hex digits of a derived id: 80 bits, so that a million rows collide with a chance below 1e-12."""


@dataclass(frozen=True, slots=True)
class RawFeedback:
    """What a reader got out of one row: parsed, not yet masked.

    Attributes:
        source: the channel or export.
        external_id: its id there, "" where the source gives none.
        written_at: UTC instant.
        verbatim: as the customer wrote it; may be empty.
        title, app_version, platform, product, url, author: "" if none.
        rating: None if none.
    """

    source: str
    written_at: datetime
    verbatim: str
    external_id: str = ""
    title: str = ""
    rating: float | None = None
    app_version: str = ""
    platform: str = ""
    product: str = ""
    url: str = ""
    author: str = ""


def author_key(author: str) -> str:
    """Pseudonym of a customer: the first 16 hex digits of a SHA-256; "" for a blank.

    Case and surrounding white space do not matter. It hides a name from readers; it is no protection against
    someone who can guess names and try them.
    """
    author = " ".join(author.split()).casefold()
    return hashlib.sha256(storable(author).encode()).hexdigest()[:16] if author else ""


def derive_external_id(raw: RawFeedback, occurrence: int = 1) -> str:
    """Make a stable id for a row that has none, from its content alone.

    The file's name and the place in the file are not part of it: a second export that overlaps the first
    gives its rows the same ids. The k-th identical row of one file gets the suffix "-k", so two customers
    with one sentence stay two items, and two overlapping files together hold each row as often as the one
    that has it most.

    Args:
        raw: the row; its `source` and `external_id` are left out. Text is compared before masking, so a
            better mask does not change an id.
        occurrence: 1 for the first row with this content in its file, 2 for the second.

    Returns:
        20 hex digits, from the second occurrence on followed by "-" and the number.
    """
    rating = "" if raw.rating is None else repr(float(raw.rating))
    words = (raw.verbatim, raw.title, rating, raw.app_version, raw.platform, raw.product, raw.url, raw.author)
    parts = [raw.written_at.isoformat(), *(" ".join(storable(word).split()) for word in words)]
    digest = _digest(parts)[:_ID_LENGTH]
    return digest if occurrence == 1 else f"{digest}-{occurrence}"


def make_item(raw: RawFeedback, external_id: str) -> FeedbackItem:
    """Mask and clean a row.

    Args:
        raw: the row as it was read.
        external_id: the id to store it under.
    """
    verbatim = redact(storable(raw.verbatim).strip())
    title = redact(" ".join(storable(raw.title).split())) if raw.title else ""
    # Masked once more: an entity or a zero-width space can hide an address until the text is clean.
    text = redact(normalise_text(title, verbatim))
    return FeedbackItem(
        source=raw.source,
        external_id=external_id,
        written_at=raw.written_at,
        verbatim=verbatim,
        text=verbatim if text == verbatim else text,  # one string in memory, not two
        text_sha256=text_sha256(text),
        title=title,
        rating=raw.rating,
        app_version=redact(raw.app_version) if "@" in raw.app_version else raw.app_version,
        platform=raw.platform,
        product=raw.product,
        url=redact(raw.url) if raw.url else "",
        author_key=author_key(raw.author) if raw.author else "",
    )


def content_sha256(item: FeedbackItem) -> str:
    """Hex digest of everything but the identity (`source`, `external_id`).

    Two items with one identity and different digests are an id that was used twice.
    """
    return _digest(
        [
            item.written_at.isoformat(),
            item.verbatim,
            item.title,
            "" if item.rating is None else repr(float(item.rating)),
            item.app_version,
            item.platform,
            item.product,
            item.url,
            item.author_key,
        ]
    )


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()
