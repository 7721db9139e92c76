"""The kind of a release from its notes, by rules that can be read.

Every sentence of the notes speaks for a kind, for two, or for none. A heading such as "Fixed" decides for the lines
below it. Features and fixes together are mixed; maintenance beside one of them does not count. A sentence that speaks
for none is likelier something new than a fix, so few of them are allowed beside fixes alone and more beside features:
a wrong kind would turn the meaning of a silence round, no kind only leaves it open.
tests/spec/test_release_kind_rules.py shows the rules case by case.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from feedback_triage.domain import ReleaseKind

_FEATURE, _FIX, _MAINTENANCE = ReleaseKind.FEATURE, ReleaseKind.FIX, ReleaseKind.MAINTENANCE
_Kinds = frozenset[ReleaseKind]
_UNKNOWN: _Kinds = frozenset()

_HEADS = {
    _FEATURE: "added|changed|new|features?|new features?|what is new|enhancements?|additions?|breaking changes?",
    _FIX: "fixed|fix|fixes|bug fixes|bugfixes|bugs|bugs fixed|fixed bugs|fixed issues|resolved issues|security"
    "|reverts?|security fixes|patch changes",
    _MAINTENANCE: "deprecated|deprecations?|removed|removals|upgrades|maintenance|internal|under the hood|chores?"
    "|dependencies|dependency updates|build|build system|ci|continuous integration|documentation|docs|tests?"
    "|refactoring|code refactoring|styles?|performance improvements|translations|housekeeping|miscellaneous chores",
    None: "whats new|whats changed|changes|change log|changelog|release notes|improved|improvements|other changes"
    "|minor changes|major changes|other|misc|miscellaneous|highlights|general",
}
"""Headings that decide for what stands below them, and those that leave it to the words."""
_HEAD_KIND = tuple((kind, re.compile(words)) for kind, words in _HEADS.items())

_COMMIT = re.compile(r"(?P<type>[a-z]+)(?:\([^()]*\))?(?P<breaking>!)?:\s", re.IGNORECASE)
_COMMIT_KIND = {
    **dict.fromkeys(("feat", "feature"), _FEATURE),
    **dict.fromkeys(("fix", "bugfix", "hotfix", "revert", "security"), _FIX),
    **dict.fromkeys(("build", "chore", "ci", "deps", "docs", "perf", "refactor", "style", "test"), _MAINTENANCE),
    **dict.fromkeys(("doc", "styles", "tests", "i18n", "l10n", "maint", "maintenance"), _MAINTENANCE),
}
_GENERAL = re.compile(
    r"(?:(?:and|as well as|with|this|release|version|update|contains?|includes?|brings?|we|made|have|also|a|the|of|for|"
    r"various|several|some|many|more|few|lots|other|minor|small|little|general|usual|regular|routine|"
    r"bug-?|bugs|fix|fixes|fixed|bugfix|bugfixes|issues?|crash|crashes|performance|stability|reliability|speed|quality|security|"
    r"improvements?|enhancements?|optimi[sz]ations?|tweaks?|polish|updates?|maintenance|under|hood|internal|cleanups?|"
    r"clean-?ups?|app|overall|in)\b[\s,.&+/!-]*)+"
)
_FIX_WORDS = re.compile(
    r"^(?:add|adds|added) missing\b|^(?:bug-?)?fix(?:es|ed|ing)?\b|^(?:hot|bug)fix|^(?:resolves?d?|corrects?|corrected"
    r"|repairs?|repaired|reverts?|reverted|rolls? back|rolled back|prevents?|avoids?|handles?)\b|\b(?:fixes|fixed)\b"
    r"|\bno longer\b|\bany ?more\b|\binstead of\b|\b(?:solved|resolved)\b|\b(?:bugs?|crash(?:es|ed|ing)?|cve-\d+)\b"
    r"|\b(?:works?|reach(?:es)?|opens?|plays?|loads?|shows?|syncs?|starts?)\b.*\bagain\b"
)
_MAINTENANCE_WORDS = re.compile(
    r"^(?:bump|upgrade|update|upgraded|updated|updates|upgrades)\b.*\b(?:librar(?:y|ies)|packages?|dependenc(?:y|ies)|deps|"
    r"drivers?|sdk|frameworks?|gradle|kotlin|gems?|modules?|images?|from [\w.]+ to [\w.]+|translations?|queue|compiler"
    r"|copyright|licen[cs]es?|third-party|versions?)\b|^bump\b|^(?:\w+ )?(?:refactor|clean(?:ed)?[ -]?up|tidy|lint)"
    r"|^(?:move|moved|migrate|migrated|replace|replaced)\b.*\b(?:storage|servers?|machines?|data ?cent(?:er|re)s?"
    r"|hosts?|clusters?|databases?|infrastructure|certificates?|cloud|ci)\b|\binternal\b|\bunder the hood\b"
    r"|\bunit tests?\b"
    r"|^(?:docs?|tests?|ci|l10n|i18n)\b|^(?:updated?|new|improved?|more) translations?\b"
)
_FEATURE_WORDS = re.compile(
    r"^(?:adds?|added|adding|new|introduc(?:e|es|ed|ing)|supports?|allows?|enables?|launch(?:es|ed)?|implement(?:s|ed)?"
    r"|initial release|first release)\b(?! missing)|^(?:ability|option|possibility) to\b|\bsupport$|\bsupport for\b"
    r"|\byou can now\b|\bnow you can\b|\bcan now\b|\bnow supports?\b|\b(?:is|are) now available\b"
    r"|\b(?:brand-?|all-?)new\b|\b(?:add|adds|added) (?:a|an|the|support)\b"
)
_HOTFIX = re.compile(r"\[?hot[- ]?fix(?:es)?\b", re.IGNORECASE)
_MARKS = re.compile(r"^(?:[-*+•·>#\s]+|\(?[0-9]{1,3}[.)]\s+|\([0-9]{1,3}\)\s*|\[[ x]\]\s*)+")
_NO_WORD = re.compile(r"^[^\w\"'(\[]+")
_BULLET = re.compile(r"[-*+•>]|\(?[0-9]{1,3}[.)]\s")
_LABEL = re.compile(r"^\[([^\[\]]{1,30})\]:?\s*")
_WORD = re.compile(r"\w")
_SENTENCE_END = re.compile(r"(?<=[^\W_A-Z][.!?;])\s+(?=\W?[A-Z])")
_APOSTROPHE = re.compile("['\u2019]")
_BESIDE_THE_POINT = re.compile(
    r"^(?:minimum|requires?|for (?:a|the) (?:full|complete) list|see|please|thanks?|thank you|we hope|enjoy|download)\b"
    r"|^[\w+*:\s]{0,40}https?://\S*$"
)
_MOST_UNKNOWN = {_FEATURE: 0.5, _FIX: 0.1, _MAINTENANCE: 0.1}
"""Share of sentences that may fit no rule, by what the others speak for; what comes first here outweighs the rest."""
_MAX_CHARACTERS = 20_000
_MAX_LINE = 1_000
_MIN_WRAPPED = 60


def kind_of_notes(notes: str) -> ReleaseKind | None:
    """Tell what a release set out to do from what its notes say.

    Args:
        notes: plain lines, as `plain_notes` makes them; of very long ones the first 20,000 characters are read.

    Returns:
        None where they say nothing, or where more sentences than `_MOST_UNKNOWN` allows fit no rule.
    """
    n_sentences = n_unknown = 0
    found: set[ReleaseKind] = set()
    for _, kinds in _sentences(notes[:_MAX_CHARACTERS]):
        n_sentences += 1
        n_unknown += not kinds
        found |= kinds
    if {_FEATURE, _FIX} <= found:
        return ReleaseKind.MIXED
    kind = next((kind for kind in _MOST_UNKNOWN if kind in found), None)
    return kind if kind and n_unknown <= _MOST_UNKNOWN[kind] * n_sentences else None


def fix_sentences(notes: str) -> list[str]:
    """Give the sentences of notes that say what was fixed: what a fix receipt watches.

    Args:
        notes: as for `kind_of_notes`.

    Returns:
        In their order, as they are written but without bullets; "Bug fixes" and the like, which name nothing, are
        left out, also below the heading "Fixed".
    """
    return [
        sentence
        for sentence, kinds in _sentences(notes[:_MAX_CHARACTERS])
        if _FIX in kinds and not _GENERAL.fullmatch(_folded(sentence))
    ]


def is_hotfix_by_notes(notes: str) -> bool:
    """Whether notes begin with "Hotfix"; the first of several bullets speaks for itself alone."""
    lines = list(_unwrapped(notes[:_MAX_CHARACTERS]))
    if not lines or (len(lines) > 1 and _BULLET.match(lines[0])):
        return False
    return bool(_HOTFIX.match(_NO_WORD.sub("", _MARKS.sub("", lines[0]))))


def _sentences(notes: str) -> Iterator[tuple[str, _Kinds]]:
    """Each sentence and its kinds, with the headings applied to what stands below them."""
    head: ReleaseKind | None = None
    lines = list(_unwrapped(notes))
    for line, below in zip_longest(lines, lines[1:], fillvalue=""):
        bare = _NO_WORD.sub("", _MARKS.sub("", line))
        decided = None if _BULLET.match(line) else _heading(bare, is_above_list=bool(_BULLET.match(below)))
        if decided and below:
            (head,) = decided
            continue
        for sentence in _SENTENCE_END.split(bare):
            if not _BESIDE_THE_POINT.match(sentence.casefold()):
                yield sentence.strip(), frozenset({head}) if head and not decided else _kinds(sentence)


def _unwrapped(notes: str) -> Iterator[str]:
    """The lines that hold words, with those joined that a text editor broke."""
    held = ""
    for each in notes.splitlines():
        line = each[:_MAX_LINE].strip()
        is_broken = len(held) >= _MIN_WRAPPED and held[-1] not in ".!?:;"
        if held and line and not _BULLET.match(line) and (line[0].islower() or is_broken):
            held = f"{held} {line}"[:_MAX_LINE]
            continue
        if _WORD.search(held):
            yield held
        held = line
    if _WORD.search(held):
        yield held


def _heading(line: str, *, is_above_list: bool) -> tuple[ReleaseKind | None] | None:
    """The kind that a heading decides for, None in it where it leaves that to the words; None for no heading."""
    words = _APOSTROPHE.sub("", line.casefold()).rstrip(":!. ")
    for kind, known in _HEAD_KIND:
        if known.fullmatch(words):
            return (kind,)
    is_unknown_heading = is_above_list and len(words.split()) <= 4 and line[-1:] not in {".", "!", "?"}
    return (None,) if is_unknown_heading else None


def _folded(sentence: str) -> str:
    return _LABEL.sub(r"\1: ", " ".join(sentence.casefold().split()))


def _kinds(sentence: str) -> _Kinds:
    folded = _folded(sentence)
    if (commit := _COMMIT.match(folded)) and commit["type"] in _COMMIT_KIND:
        return frozenset({_FEATURE if commit["breaking"] else _COMMIT_KIND[commit["type"]]})
    if _GENERAL.fullmatch(folded):
        return frozenset({_MAINTENANCE})
    found = {kind for kind, words in ((_FIX, _FIX_WORDS), (_FEATURE, _FEATURE_WORDS)) if words.search(folded)}
    if not found and _MAINTENANCE_WORDS.search(folded):
        found = {_MAINTENANCE}
    return frozenset(found) if found else _UNKNOWN
