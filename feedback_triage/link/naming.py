"""The version the customer named, in the field for it or in the text."""

import re
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from feedback_triage.link.frames import Positions, ReleaseTable, instants, streams, strings
from feedback_triage.link.mentions import mentioned_versions
from feedback_triage.versions import canonical, version_key

_NAMED_BUILD = re.compile(
    r"(?:\+(?:build\.?)?|\s*[(\[]\s*(?:build[\s.:#]*)?|[\s,;/-]+build[\s.:#]*)(?P<build>[0-9]+)\s*[)\]]?\s*$",
    re.IGNORECASE,
)
_BUILD_ALONE = re.compile(r"\s*(?:build(?:\s+(?:number|no))?[\s.:#]*|\(\s*)?(?P<build>[0-9]+)\s*\)?\s*", re.IGNORECASE)


def declared(items: pd.DataFrame, releases: pd.DataFrame) -> "pd.Series[Any]":
    """Link each item to the release the customer declared: only a known one, never an invented one.

    The field `app_version` goes before the text. It is matched as written, then tolerantly ("v12.09",
    "12.9", leading and trailing zeros). It may name a release that came out later by the release file:
    staged roll-outs and testers have a version early. A field that names no known release leaves the text to
    speak.

    A build that the releases name ("3.12.1 (build 4411)", "3.12.1+4411") tells releases of one version apart,
    and stands for its release where it is named alone ("build 4411") and is of one release only. A build that
    no release names says nothing: the version counts.

    In the text a number counts as a version when it has three parts ("3.2.1"), or a word before it says so
    ("version 5.8", "v12", "since 5.8", "build 4411"), and neither the words around it ("iOS 11.2", "4.5 stars",
    "$3.99") nor the shape (a date, an address) speak against it; and only when that release was out when the
    item was written. Of two different versions in one text the higher one counts: the lower is what the
    customer compares it with ("fine in 3.2.0, broken in 3.2.1").

    Of several releases that one spelling fits, the newest that was out is meant; where none was out, the first
    to come. A release that was rolled back
    may still be declared.

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
        for row in rows:
            until = int(written[row])
            position = known.find(fields[row], until)
            if position is None:
                position = known.highest_in(texts[row], until)
            if position is not None:
                answer[row] = table.ids[position]
    index = pd.Index(strings(items, "item_id"), name="item_id", dtype=object)
    return pd.Series(answer, index=index, name="release_id", dtype=object)


class _Known:
    """The releases of one product and platform, to be found by any spelling of their versions."""

    def __init__(self, table: ReleaseTable, candidates: Positions) -> None:
        self._released = table.released
        self._versions = table.versions
        self._by_spelling: defaultdict[str, list[int]] = defaultdict(list)
        self._by_version: defaultdict[str, list[int]] = defaultdict(list)
        self._by_build: defaultdict[str, list[int]] = defaultdict(list)
        self._asked: dict[str, list[tuple[list[int], bool]]] = {}
        # The candidates are in the order they came out, and so is every list.
        for position in map(int, candidates):
            version = str(table.versions[position])
            bare, build = _split(version)
            self._by_spelling[_folded(version)].append(position)
            if bare:
                self._by_version[bare].append(position)
            if build:
                self._by_build[build].append(position)

    def find(self, version: str, until: int) -> int | None:
        """Give the position of the release that `version` spells for somebody who writes at `until`, or None."""
        if version not in self._asked:
            self._asked[version] = self._meant(version)
        for is_out in (True, False):
            for positions, is_one in self._asked[version]:
                fitting = [position for position in positions if (self._released[position] <= until) == is_out]
                if len(fitting) == 1 or (fitting and not is_one):
                    return fitting[-1] if is_out else fitting[0]
                if fitting:
                    return None
        return None

    def highest_in(self, text: str, until: int) -> int | None:
        """Give the position of the highest release that `text` names and that was out at `until`, or None."""
        if not self._by_spelling or not any(map(str.isdecimal, text)):
            return None
        positions = {self.find(number, until) for number in mentioned_versions(text)}
        out = [i for i in positions if i is not None and self._released[i] <= until]
        return max(out, key=lambda i: version_key(str(self._versions[i])), default=None)

    def _meant(self, version: str) -> list[tuple[list[int], bool]]:
        """Give the releases that a spelling fits, best fit first; each with whether it must fit just one of them."""
        spelling = _folded(version)
        bare, build = _split(version)
        of_version = self._by_version.get(bare, [])
        of_build = [position for position in of_version if position in self._by_build.get(build, [])]
        alone = _BUILD_ALONE.fullmatch(version)
        of_build_alone = self._by_build.get(_number(alone["build"]), []) if alone else []
        if spelling.startswith("build"):
            of_version = self._by_version.get(canonical(spelling.removeprefix("build").strip(" .:#")), [])
            return [(of_build_alone, True), (of_version, False)]
        return [
            (self._by_spelling.get(spelling, []), False),
            (of_build, False),
            (of_version, False),
            (of_build_alone, True),
        ]


def _folded(version: str) -> str:
    return " ".join(version.split()).casefold()


def _split(version: str) -> tuple[str, str]:
    """Give the canonical version without its build, and the build ("" where none is named)."""
    named = _NAMED_BUILD.search(version)
    # A "+" begins a local version in PEP 440, a build in semantic versioning: here it is a build.
    bare = version[: named.start()] if named and canonical(version[: named.start()]) else version
    return canonical(bare), _number(named["build"]) if named and bare != version else ""


def _number(digits: str) -> str:
    return digits.lstrip("0") or "0"
