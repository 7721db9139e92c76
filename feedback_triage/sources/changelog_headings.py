"""What a heading of a changelog says: a version, its date, or that it is not out yet.

tests/spec/test_release_source_rules.py lists the forms that are read, and those that are not.
"""

import re
from dataclasses import dataclass

from feedback_triage.ingest import plain_notes
from feedback_triage.sources.tags import platform_in, read_tag

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_TIME = r"(?:(?:[T ]| at )[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?)?"
_ALONE = r"(?![\w]|\.[0-9])"


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){pattern}{_TIME}{_ALONE}", re.IGNORECASE)


_DATES = (
    _form(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"),
    _form(rf"{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}}"),
    _form(rf"[0-9]{{1,2}}(?:st|nd|rd|th|\.)?[ -]{_MONTH},?[ -][0-9]{{4}}"),
    _form(r"(?:[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})"),
    _form(r"(?:[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4})"),
)
_DATED_VERSION = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[.-][0-9]+)?")
_REFERENCE_LINK = re.compile(r"\[([^\[\]]*)\]\[[^\[\]]*\]")
_YANKED = re.compile(r"\b(?:yanked|withdrawn|retracted)\b|^~~", re.IGNORECASE)
_NOT_OUT = re.compile(
    r"unreleased(?: changes)?|upcoming(?: release)?|next(?: release| version)?|head|main|master|trunk"
    r"|t\.?b\.?[adc]\.?|not (?:yet )?released(?: yet)?|in (?:progress|development)|coming soon|planned|future"
    r"|x{4}-x{2}-x{2}|\?+",
    re.IGNORECASE,
)
_GENERAL = frozenset({"version", "release", "v", "ver", "build", "released", "update"})
_EDGE = " \t()[]{}<>,;:|~*_`'\"/\u2013\u2014-"
_MAX_WORDS = 6
_MAX_DATE_LINE = 100
_DATE_WORDS = re.compile(r"^(?:release date|released(?: on)?|publish(?:ed)?(?: on)?|date)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the heading of a changelog's section says.

    Attributes:
        version: as the team writes it, without a leading "v"; "" for a section of changes to come.
        date: as it stands there, "" if there is none.
        platform, product: "" if the heading names none.
        is_unreleased: True when it says that the version is not out yet.
        is_yanked: True when it says that the version was taken back.
    """

    version: str
    date: str = ""
    platform: str = ""
    product: str = ""
    is_unreleased: bool = False
    is_yanked: bool = False


def read_heading(text: str) -> Heading | None:
    """Read a heading such as "[1.2.3] - 2026-10-19", "v1.2.3 (October 19, 2026)" or "2026-10-19: iOS 1.2.3".

    Words of a name may stand before the version only if there is a date: "Moving on from 1.2" is no section.

    Returns:
        None where it names no version and no changes to come.
    """
    plain = _REFERENCE_LINK.sub(r"\1", plain_notes(text))
    is_yanked = bool(_YANKED.search(plain))
    plain = _YANKED.sub(" ", plain).strip(_EDGE)
    for form in _DATES:
        # The last one: before it stands the version, which may look like a date itself.
        for date in reversed(list(form.finditer(plain))):
            rest = f"{plain[: date.start()]} {plain[date.end() :]}"
            if heading := _read_version(rest, date[0], is_yanked=is_yanked):
                return heading
    if heading := _read_version(plain, "", is_yanked=is_yanked):
        return heading
    return Heading("", is_unreleased=True) if _NOT_OUT.fullmatch(plain) else None


def read_date_line(line: str) -> str:
    """The date in a line that says nothing else: "Released: 2026-10-19", "_October 19, 2026_"; "" for any other."""
    plain = _DATE_WORDS.sub("", plain_notes(line[:_MAX_DATE_LINE]).strip(_EDGE)).strip(_EDGE)
    return plain if any(form.fullmatch(plain) for form in _DATES) else ""


def _read_version(text: str, date: str, *, is_yanked: bool) -> Heading | None:
    words = [word for each in text.split()[:_MAX_WORDS] if (word := each.strip(_EDGE))]
    for place, word in enumerate(words):
        name = read_tag(word)
        if name is None:
            continue
        before = words[:place]
        is_general = all(each.casefold() in _GENERAL for each in before)
        if name.version.isdecimal() and not is_general:
            continue  # "Summer update 3" may be anything
        platform = name.platform or platform_in(before)
        own_date = _DATED_VERSION.fullmatch(name.version)
        if not date and own_date and is_general:
            date = own_date[1]
        if not (is_general or (date and not own_date) or (platform and len(before) == 1)):
            return None
        after = " ".join(words[place + 1 :]).strip(_EDGE)
        is_unreleased = bool(_NOT_OUT.fullmatch(after))
        if name.version.isdecimal() and after and not date:
            return None  # "3 new themes"
        return Heading(name.version, date, platform, name.product, is_unreleased, is_yanked)
    return None
