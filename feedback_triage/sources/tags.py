"""What the name of a tag says: a version, and perhaps a platform or a product.

tests/spec/test_release_source_rules.py lists which names are versions, and which are not.
"""

import re
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

_TAG = re.compile(
    r"(?:(?P<prefix>[^\s].*?)[-/@_])??"  # none, where the name can be read without
    r"(?P<v>(?:v|ver|version|r|rel|release)[._-]?)?"
    r"(?P<number>[0-9]+(?:[._-][0-9]+)*)"
    r"(?P<suffix>[-.+_~]?[a-z][0-9a-z.+_~-]*)?",
    re.IGNORECASE,
)
_MAX_LENGTH = 100
_WORDS = re.compile(r"[^-/@_.\s]+")
_NUMBERS_ONLY = re.compile(r"v?[0-9._-]+", re.IGNORECASE)
# Word lists read better as words.
_SAYS_RELEASE = frozenset(
    "v ver version versions r rel release releases released stable prod production build".split()  # noqa: SIM905
)
_PLATFORMS = frozenset(
    """
    android chrome desktop firefox ios ipados linux mac macos mobile osx tv tvos watchos web webapp win windows
    """.split()  # noqa: SIM905
)
_NOT_RELEASED = frozenset(
    """
    after archive archived backup before bug draft end import issue merge milestone nightly old phase pr sprint
    start test testing ticket tmp upstream wip
    """.split()  # noqa: SIM905
)
_PRERELEASE = re.compile(r"(?:a|alpha|b|beta|c|rc|pre|preview|dev|snapshot|canary|nightly)(?![a-z])", re.IGNORECASE)
_ONLY_A_VERSION = frozenset(
    """
    and build bump bumped bumps changelog chore ci cut final for from in new notes number of prepare prepared
    preparing publish rel release released releases releasing set skip tag tagged tagging the this to update v
    ver version
    """.split()  # noqa: SIM905
)
_VERSION_IN_TEXT = re.compile(r"(?<![\w.])v?[0-9]+(?:[._-][0-9]+)*(?:[-.+]?[a-z]+[.-]?[0-9]+)?(?![\w])", re.IGNORECASE)
_ANY_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class TagName:
    """What a tag's name says.

    Attributes:
        version: as the team writes it, without a leading "v" or "release".
        platform: in lower case, "" if the name has none.
        product: what else stands before the version, "" if nothing does.
    """

    version: str
    platform: str = ""
    product: str = ""

    @property
    def is_prerelease(self) -> bool:
        """Whether the version says that it is not the final one: 2.0-rc.1, 3.0b2, 1.0-SNAPSHOT."""
        try:
            return Version(self.version).is_prerelease
        except InvalidVersion:
            return bool(_PRERELEASE.search(self.version))


def read_tag(tag: str, *, repository: str = "") -> TagName | None:
    """Read a tag's name, such as v1.2.3, 2026-10-19, ios-1.2.3, web/v2.0, @acme/editor@1.4.0 or REL_16_1.

    A number alone is a version only behind nothing, a "v", a word for release or a platform: "pr-12" is none.

    Args:
        tag: the name.
        repository: name of the repository; as a prefix it says nothing, so it is left out.

    Returns:
        None where the name does not look like the version of something released.
    """
    if len(tag) > _MAX_LENGTH or not (match := _TAG.fullmatch(tag)):
        return None
    prefix, number, suffix = match["prefix"] or "", match["number"], match["suffix"] or ""
    words = _WORDS.findall(prefix)
    folded = [word.casefold() for word in words]
    if prefix.startswith("-") or _NUMBERS_ONLY.fullmatch(prefix) or _NOT_RELEASED.intersection(folded):
        return None
    platform = next((word for word in folded if word in _PLATFORMS), "")
    if not platform and suffix[1:].casefold() in _PLATFORMS:
        platform, suffix = suffix[1:].casefold(), ""
    product = "-".join(word for word in words if word.casefold() not in _SAYS_RELEASE | {platform})
    if product.casefold() == repository.casefold():
        product = ""
    is_alone = number.isdecimal()
    if is_alone and (product or suffix) and not match["v"]:
        return None
    if "_" in number and "." not in number:
        number = number.replace("_", ".")
    return TagName(number + suffix, platform, product)


def platform_in(words: list[str]) -> str:
    """The first of `words` that names a platform, in lower case; "" if none does."""
    return next((word.casefold() for word in words if word.casefold() in _PLATFORMS), "")


def says_only_a_version(text: str) -> bool:
    """Whether a message holds a version and no news: "Release 1.2.3", "chore(release): bump version to 1.2.3"."""
    rest, n_versions = _VERSION_IN_TEXT.subn(" ", text[:500])
    words = {word.casefold() for word in _ANY_WORD.findall(rest)}
    return len(text) <= 500 and words <= _ONLY_A_VERSION and (n_versions > 0 or not words or "release" in words)
