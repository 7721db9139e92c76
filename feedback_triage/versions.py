"""The order of versions, and when two spellings are one version.

Versions are read as PEP 440 says (https://peps.python.org/pep-0440/). Teams also write `2026-03-01`,
`3.12.1 (build 4411)` or `1.0-SNAPSHOT`, which PEP 440 refuses; those are ordered by the numbers in them,
then by what is left of their text, so that any two strings have an order.
"""

import re
from functools import lru_cache

from packaging.version import Version

_PREFIX = re.compile(r"^(?:version|ver|v|release|rel|r)[\s.:_-]*(?=[0-9])", re.IGNORECASE)
_BUILD = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\]|[\s,;/-]+build\b.*)\s*$", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+")
_MAX_DIGITS = 18

VersionKey = tuple[Version, str, str]
"""What versions sort by: the numbers, the rest of the text, the text as written."""


def version_key(version: str) -> VersionKey:
    """Give the key that orders `version` among others: a higher version has a greater key.

    Args:
        version: as the team or the customer wrote it; any string.

    Returns:
        A key. It is total: two different strings never have equal keys, so a tie is always settled the same
        way.
    """
    bare = without_build(version)
    parsed = _parse(bare)
    rest = _BUILD.search(version)
    return parsed, _natural(rest.group(0) if rest else ""), version


@lru_cache(maxsize=65_536)
def without_build(version: str) -> str:
    """Strip blanks, a leading "v" or "version", and a trailing build such as "(build 4411)"."""
    bare = _PREFIX.sub("", " ".join(version.split()))
    return (_BUILD.sub("", bare) or bare).replace(" ", "-")


@lru_cache(maxsize=65_536)
def canonical(version: str) -> str:
    """Give one spelling to all spellings of a version: "v12.09", "12.9" and "12.9.0 (build 3)" become "12.9".

    Args:
        version: any string.

    Returns:
        The canonical spelling, or "" when `version` holds no digit (nothing to tell versions apart by).
    """
    bare = without_build(version)
    if not _NUMBER.search(bare):
        return ""
    try:
        return _without_zeros(Version(bare))
    except ValueError:  # InvalidVersion is one; so is the complaint about a number of thousands of digits
        return re.sub(r"(?<![0-9])0+(?=[0-9])", "", " ".join(bare.casefold().split()))


def _without_zeros(parsed: Version) -> str:
    """Write a PEP 440 version without trailing ".0"s: "12.0" is "12"."""
    release = list(parsed.release)
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    text = ".".join(map(str, release))
    full = ".".join(map(str, parsed.release))
    return str(parsed).replace(full, text, 1)


@lru_cache(maxsize=65_536)
def _parse(bare: str) -> Version:
    """Read `bare` as PEP 440 says, or else as the version made of all its numbers (none: version 0)."""
    try:
        return Version(bare)
    except ValueError:  # InvalidVersion is one; so is the complaint about a number of thousands of digits
        numbers = [digits[:_MAX_DIGITS] for digits in _NUMBER.findall(bare)]
        return Version(".".join(numbers) or "0")


def _natural(text: str) -> str:
    """Fold case and blanks, and pad numbers so that they sort by value."""
    folded = " ".join(text.casefold().split())
    return _NUMBER.sub(lambda match: match.group(0).lstrip("0").zfill(_MAX_DIGITS), folded)
