"""Text as a model should see it: no markup, no invisible characters, one kind of space."""

import hashlib
import re
import unicodedata
from html import unescape

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters that are not white space
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"  # zero width, bidirectional
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # variation selectors, byte-order mark, tags
    "\ud800-\udfff]"  # halves of a pair that a damaged file left alone
)
_LOOKS_BLANK = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# Entities need their semicolon: "?page=1&copy=2" is an address, not a copyright sign.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_INLINE = "b|big|code|em|font|i|ins|mark|s|small|strike|strong|sub|sup|tt|u|wbr"
_APART = (
    "a|abbr|address|article|aside|blockquote|body|br|button|caption|center|col|colgroup|dd|div|dl|dt|fieldset|"
    "figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|img|input|label|li|link|main|meta|nav|ol|"
    "option|p|picture|pre|script|section|select|source|span|style|svg|table|tbody|td|textarea|tfoot|th|thead|"
    "title|tr|ul|video|[ovw]:[a-z]+"
)
_TAG = re.compile(
    rf"</?(?:(?P<inline>{_INLINE})|{_APART})"
    # An attribute has a value, so that "if a <b and c> d" stays as it is.
    r"""(?:\s+[\w:.@-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)|\s+(?:checked|disabled|hidden|selected|nowrap))*"""
    r"\s*/?>",
    re.IGNORECASE,
)
_DOCTYPE = re.compile(r"<!doctype[^<>]*>", re.IGNORECASE)
# What stands between these is never words of the customer.
_UNREAD_BLOCKS = tuple(
    (re.compile(f"{start}.*?{end}", re.DOTALL | re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for start, end in (("<!--", "-->"), (r"<style\b[^<>]*>", "</style>"), (r"<script\b[^<>]*>", "</script>"))
)
_ENDS_A_SENTENCE = (".", "!", "?", "…", "。", ":", ";")
# Whom a post is addressed to says nothing of what it is about, and would gather all posts in one theme.
_HANDLE = re.compile(r"(?<![\w@./+-])[.]?@[A-Za-z_]\w{1,49}(?![\w/@]|\.\w)")
_MAX_PASSES = 8
"""How deep markup within markup is resolved ("&amp;lt;b&amp;gt;" takes three).

It bounds the work on hostile input.
"""


def storable(value: str) -> str:
    """Make a text safe to store and to encode as UTF-8: no NUL, no lone surrogate, one kind of line end.

    What a reader sees stays the same.
    """
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSTORABLE.sub("", value) if "\x00" in value or not value.isascii() else value


def drop_invisible(text: str) -> str:
    """Remove zero-width, bidirectional and control characters; what only looks blank becomes a space."""
    if text.isascii() and text.isprintable():
        return text
    return _LOOKS_BLANK.sub(" ", _INVISIBLE.sub("", text))


def drop_markup(text: str) -> str:
    """Resolve HTML entities and remove HTML tags, comments, styles and scripts; "<3" and "a < b" stay.

    Words that a tag kept apart stay apart. The result is in NFC, without invisible characters; white space
    is kept.
    """
    for _ in range(_MAX_PASSES):
        before = text
        text = drop_invisible(text)
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if "&" in text:
            text = _ENTITY.sub(lambda entity: unescape(entity[0]), text)
        if "<" in text:
            text = _without_tags(text)
        if text == before:
            break
    return text


def _without_tags(text: str) -> str:
    for block, end in _UNREAD_BLOCKS:
        # Nothing after the last end can match; looking there would cost the square of the length.
        cut = max((match.end() for match in end.finditer(text)), default=0)
        text = block.sub(" ", text[:cut]) + text[cut:]
    text = _DOCTYPE.sub(" ", text)
    return _TAG.sub(lambda tag: "" if tag["inline"] else " ", text)


def normalise_text(title: str, verbatim: str) -> str:
    """Join title and body and clean them for a model.

    Args:
        title: headline or subject, "" if none.
        verbatim: what the customer wrote; may be empty.

    Returns:
        One line in NFC without markup, @handles, invisible characters or repeated white space; "" when nothing
        is left.
        The title comes first, unless the body starts with it (stores cut a headline out of the body).
    """
    head, body = (" ".join(_HANDLE.sub(" ", drop_markup(part)).split()) for part in (title, verbatim))
    if not head or not body:
        return head or body
    if body.casefold().startswith(head.rstrip(".… ").casefold()):
        return body
    return f"{head} {body}" if head.endswith(_ENDS_A_SENTENCE) else f"{head}. {body}"


def text_sha256(text: str) -> str:
    """Hex digest (64 characters) of a normalised text: the key under which its embedding is cached."""
    return hashlib.sha256(text.encode()).hexdigest()


_LINE_BREAKING = re.compile(r"<(?:br|/?(?:p|div|li|ul|ol|h[1-6]|tr|table|blockquote))\b[^<>]*>", re.IGNORECASE)
_LIST_ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
_MARKDOWN = (
    (re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)"), r"\1"),  # a link or picture keeps its words
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+", re.MULTILINE), ""),  # headings
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.MULTILINE), ""),  # quotes
    (re.compile(r"^[ \t]*(?:```.*|[-*_]{3,}[ \t]*)$", re.MULTILINE), ""),  # fences and rules
    (re.compile(r"(\*\*|__)(?=\S)([^*_\n]+)(?<=\S)\1"), r"\2"),  # bold
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"^[ \t]*[*+•][ \t]+", re.MULTILINE), "- "),  # one kind of list
)


def plain_notes(notes: str) -> str:
    """Turn release notes in Markdown or HTML into plain lines.

    Returns:
        Lines without markup; list items start with "- "; at most one blank line between paragraphs.
    """
    notes = _LINE_BREAKING.sub("\n", _LIST_ITEM.sub("\n- ", storable(notes)))
    notes = drop_markup(notes)
    for pattern, kept in _MARKDOWN:
        notes = pattern.sub(kept, notes)
    lines = "\n".join(" ".join(line.split()) for line in notes.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()
