"""The version the customer named, in the field for it or in the text."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from feedback_triage.link.frames import Positions, ReleaseTable, instants, streams, strings
from feedback_triage.versions import canonical, version_key

_WORD = r"(?:v|ver|vers|version|versión|versão|versione|release|rel|update|updated|upgrade|upgraded|build)"
_LINK_WORD = r"(?:since|in|on|to|with|after|from|using|running|until|before|and|or|seit|mit|auf|ab|depuis|desde)"
_MENTION = re.compile(
    rf"(?<![\w.,:/@-])(?:(?P<word>{_WORD})[\s.:#]*(?:is|to|was)?\s*|(?P<link>{_LINK_WORD})\s+)?"
    r"(?P<number>v?\.?\s?[0-9]+(?:\.[0-9]+)*(?:[-+]?(?:a|b|rc|alpha|beta|dev|post)[.-]?[0-9]*)?)(?![\w/:@-]|[.,][0-9])",
    re.IGNORECASE,
)
_OTHER_THING = re.compile(
    r"\b(?:ios|ipados|android|macos|mac ?os|os ?x|windows|win|linux|ubuntu|debian|fedora|chrome|chromium"
    r"|firefox|safari|edge|opera|server|php|java|python|node|webview|miui|one ?ui|oxygen ?os"
    r"|lineage(?:os)?|bluetooth|usb|http|tls|ip"
    r"|iphone|ipad|galaxy|pixel|nexus|kernel|api|sdk|page|step|chapter)[\s:-]*(?:v|ver|version)?[\s.:]*$",
    re.IGNORECASE,
)
_DATE = re.compile(r"[0-3]?[0-9]\.[01]?[0-9]\.(?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}\.[01]?[0-9]\.[0-3]?[0-9]")
_CURRENCY = re.compile(r"[$€£¥#]\s*$")
_UNIT = re.compile(
    r"\s*(?:%|[$€£¥°]|(?:stars?|out\s+of|gb|mb|kb|tb|ghz|mhz|px|cm|mm|km|miles?|inch(?:es)?|seconds?|secs?|minutes?|mins?"
    r"|hours?|hrs?|days?|weeks?|months?|years?|am|pm|a\.m|p\.m|dollars?|euros?|usd|eur|times?|percent|x|k|fps|mbps|uhr"
    r")\b)",
    re.IGNORECASE,
)


def declared(items: pd.DataFrame, releases: pd.DataFrame) -> "pd.Series[Any]":
    """Link each item to the release the customer declared: only a known one, never an invented one.

    The field `app_version` goes before the text. It is matched as written, then tolerantly ("v12.09",
    "12.9", "3.12.1 (build 4411)", leading and trailing zeros). It may name a release that came out later by
    the release file: staged roll-outs and testers have a version early. A field that names no known
    release leaves the text to speak.

    In the text a number counts as a version when it has three parts ("3.2.1"), or a word before it says so
    ("version 5.8", "v12", "since 5.8"), and neither the words around it ("iOS 11.2", "4.5 stars", "$3.99")
    nor the shape (a date, an address) speak against it; and only when that release was out when the item was
    written. Of two different versions in one text the higher one counts: the lower is what the
    customer compares it with ("fine in 3.2.0, broken in 3.2.1").

    Args:
        items: columns `item_id`, `written_at`, and optionally `app_version`, `text`, `product`, `platform`.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`.

    Returns:
        A series of `release_id`, or None, in the order of `items`, indexed by `item_id`.
    """
    table = ReleaseTable.from_frame(releases)
    written = instants(items["written_at"])
    fields, texts = strings(items, "app_version"), strings(items, "text")
    answer = np.full(len(items), None, dtype=object)
    for product, platform, rows in streams(items):
        known = _Known(table, table.applicable(product, platform))
        by_field = {field: known.find(field) for field in set(fields[rows])}
        for row in rows:
            position = by_field[fields[row]]
            if position is None:
                position = known.highest_in(texts[row], until=int(written[row]))
            if position is not None:
                answer[row] = table.ids[position]
    index = pd.Index(strings(items, "item_id"), name="item_id", dtype=object)
    return pd.Series(answer, index=index, name="release_id", dtype=object)


def mentioned_versions(text: str) -> list[str]:
    """Give the numbers in a text that read like versions of the product, in their order, as written."""
    found = []
    for match in _MENTION.finditer(text):
        number = match.group("number")
        parts = number.count(".") + 1
        has_word = match.group("word") is not None or number[0] in "vV"
        is_named = has_word or parts >= 3 or (parts == 2 and match.group("link") is not None)
        if not is_named or _UNIT.match(text, match.end()):
            continue
        before = text[max(0, match.start() - 24) : match.start("number")]
        if _DATE.fullmatch(number) or _OTHER_THING.search(before) or _CURRENCY.search(before):
            continue
        found.append(number)
    return found


class _Known:
    """The releases of one product and platform, to be found by any spelling of their versions."""

    def __init__(self, table: ReleaseTable, candidates: Positions) -> None:
        self._released = table.released
        self._versions = table.versions
        self._exact = {table.versions[i].strip().casefold(): int(i) for i in candidates}
        self._tolerant = _unambiguous({int(i): canonical(table.versions[i]) for i in candidates}, table)

    def find(self, version: str) -> int | None:
        """Give the position of the release that `version` spells, or None."""
        stripped = version.strip().casefold()
        if not stripped:
            return None
        exact = self._exact.get(stripped)
        return exact if exact is not None else self._tolerant.get(canonical(stripped))

    def highest_in(self, text: str, until: int) -> int | None:
        """Give the position of the highest release that `text` names and that was out at `until`, or None."""
        if not self._exact or not any(map(str.isdecimal, text)):
            return None
        positions = {self.find(number.lstrip("vV. ")) for number in mentioned_versions(text)}
        out = [i for i in positions if i is not None and self._released[i] <= until]
        return max(out, key=lambda i: version_key(str(self._versions[i])), default=None)


def _unambiguous(spellings: Mapping[int, str], table: ReleaseTable) -> dict[str, int]:
    """Map each canonical spelling to its release; of several with one spelling the newest is meant."""
    by_spelling: dict[str, int] = {}
    for position in sorted(spellings, key=lambda i: (table.released[i], i)):
        if spellings[position]:
            by_spelling[spellings[position]] = position
    return by_spelling
