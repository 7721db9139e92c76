"""Web addresses in what a customer wrote."""

import re
from html import unescape

from feedback_triage.ingest.clean import drop_invisible
from feedback_triage.proof.targets import Target, UnusableUrlError

_MAX_LENGTH = 2_048
_START = r"(?:(?<![A-Za-z0-9+.-])https?://|(?<![A-Za-z0-9@:/._-])www\.)"
# Neither white space, nor what encloses an address in text, markup and Markdown, nor punctuation of Chinese and
# Japanese, which follows a word without a space. After a comma the next address may start.
_ENCLOSING = (
    r"\s<>\"'`\\\u00ab\u00bb\u2018-\u201f\u2026\u2039\u203a\u3000-\u303f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
)
_URL = re.compile(
    rf"{_START}(?:(?![,;|](?:https?://|www\.))[^{_ENCLOSING}]){{1,{_MAX_LENGTH}}}",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?*|"
_CLOSING = {")": "(", "]": "[", "}": "{"}
_ENTITY = re.compile(r"&(?:amp|quot|apos|lt|gt|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_NOT_WHOLE = re.compile(r"\[(?:email|phone|card|iban|\.{3})\]")  # see ingest.redact


def urls_in(text: str) -> tuple[str, ...]:
    """The http and https addresses in a text, as they are requested.

    Trailing punctuation, brackets without a partner, and fragments are cut; hosts are in lower-case punycode, paths
    percent-encoded; a bare `www.` gets https.

    Args:
        text: as the customer wrote it, with or without markup; may be empty.

    Returns:
        In order of appearance, without duplicates. Left out is what cannot be the address the customer meant: one
        with credentials, one in which something was masked, one that trails off ("...") or is over 2,048 characters.
    """
    text = drop_invisible(_ENTITY.sub(lambda entity: unescape(entity[0]), text))
    found: dict[str, None] = {}
    position = 0
    while match := _URL.search(text, position):
        whole = match[0]
        kept = _without_loose_brackets(whole)
        position = match.start() + len(kept)
        trails_off = kept.endswith("...") or text.startswith(("…", "[…"), position)
        if len(whole) < _MAX_LENGTH and not trails_off and (url := _requested(kept.rstrip(_TRAILING))):
            found[url] = None
    return tuple(found)


def _requested(written: str) -> str:
    """The address to request, "" for none."""
    if _NOT_WHOLE.search(written):
        return ""
    if written[:4].lower() == "www.":
        written = f"https://{written}"
        # "www.something" is a way to speak of a site, not an address.
        if written.split("/")[2].count(".") < 2:
            return ""
    try:
        return Target.of(written).url
    except UnusableUrlError:
        return ""


def _without_loose_brackets(url: str) -> str:
    """Cut at the first bracket that has no partner."""
    is_open: list[tuple[str, int]] = []
    for place, character in enumerate(url):
        if character in "([{":
            is_open.append((character, place))
        elif character in _CLOSING:
            if not is_open or is_open[-1][0] != _CLOSING[character]:
                return url[: is_open[0][1] if is_open else place]
            is_open.pop()
    return url[: is_open[0][1]] if is_open else url
