"""Find phone numbers among the many other numbers that customers write."""

import re
from collections.abc import Callable

_DATE = (
    r"(?<!\d)(?:(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|\d{1,2}(?P<mark>[-/.])\d{1,2}(?P=mark)(?:\d{4}|\d{2})(?![-/.]?\d))"
    r"(?:(?:T|,? )\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?)?"
)
_KEEP = (
    r"(?P<keep>(?:https?://|www\.)\S+"  # an address
    r"|(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}/\S*"  # one without its scheme
    rf"|{_DATE}"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?"  # a time
    r"|[$€£¥₹]\s?\d[\d.,]*)"  # a price
)
_START = r"(?<![\w.,/#=$€£¥₹-])"
_END = r"(?!\w|[.,:]\d)"
# Digits with at most two separators between them: a long run splits in one way, so the search stays linear.
_INTERNATIONAL = rf"(?<![\w+])(?P<international>(?:\+ ?|00 ?)\(?[1-9](?:[ .\-/()]{{0,2}}\d){{7,17}}\)?){_END}"
_AMERICAN = rf"{_START}(?P<american>(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])\d{{3}}[ .-]\d{{4}}){_END}"
# A leading 0 is how most other countries dial within the country.
_DOTTED = rf"{_START}(?P<dotted>0[1-9](?:\.\d\d){{4}}){_END}"
_TRUNK = rf"{_START}(?P<trunk>\(?0[1-9](?:[ \-()]{{0,2}}\d){{7,14}}|0[1-9]\d{{0,3}} ?/ ?\d{{5,8}}){_END}"
_TOKEN = re.compile(f"{_KEEP}|{_INTERNATIONAL}|{_AMERICAN}|{_DOTTED}|{_TRUNK}")
_KEPT = re.compile(f"{_KEEP}|" + r"(?P<version>\d+(?:\.\d+){2,})")

_IN_CONTEXT = re.compile(
    r"(?i)\b(?:phone|tel|telephone|telefon|téléphone|teléfono|telefono|mobile|mobil|cell|whatsapp|call|fax|handy|"
    r"(?:reach|contact|text) (?:me|us)|(?:my|phone|contact) (?:number|no|nr))\b"
    r"[^\d\n@]{0,14}?(?P<number>\+?\(?\d[\d ().\-/]{5,20}\d)(?!\w|[.,:]\d)"
)
_NOT_A_PHONE = re.compile(
    r"(?i)\b(?:order|ticket|invoice|case|ref(?:erence)?|id|build|serial|isbn|imei|tracking|transaction|version|v)"
    r"\W{0,3}(?:(?:no|nr|number)\W{0,3})?$"
)
_YEAR_GROUP = re.compile(r"\(?0\d\)?[ -](?:\d\d[ -])?(?:199\d|20[0-3]\d)(?!\d)")
_GROUP = re.compile(r"\d+\)?")


def mask_phones(text: str) -> str:
    """Replace phone numbers by "[phone]".

    A number is one when it is written internationally (+ or 00, 8 to 15 digits), as in North America
    (3-3-4), with a leading 0 (9 to 12 digits), or after a word such as "phone" or "call me" (7 to 15 digits).
    """
    text = _mask(text, _TOKEN, _end_of_phone)
    return _mask(text, _IN_CONTEXT, _end_in_context)


def _mask(text: str, pattern: re.Pattern[str], find_end: Callable[[str, re.Match[str]], tuple[int, int]]) -> str:
    kept: list[str] = []
    done = position = 0
    while match := pattern.search(text, position):
        start, end = find_end(text, match)
        if end:
            kept += [text[done:start], "[phone]"]
            done = position = end
        else:
            position = max(start, match.start() + 1)
    return "".join(kept) + text[done:]


def _end_of_phone(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Start and end of a phone number; where there is none, the place to look on, and 0."""
    if match["keep"] is not None:
        return match.end(), 0
    # Whatever else the number may be, the next look starts behind its first digits.
    first = _GROUP.search(text, match.start())
    look_on = first.end() if first else match.end()
    number = match["international"] or ""
    if not number.startswith("+") and _NOT_A_PHONE.search(text, max(0, match.start() - 24), match.start()):
        return look_on, 0
    if number:
        # What follows eleven digits of an American number, or thirteen of any other, is another number.
        is_american = number.lstrip("+0 (").startswith("1")
        end = _end_within(match, 8, 11) if is_american else _end_within(match, 8, 13) or _end_within(match, 14, 15)
    elif match["trunk"] is not None:
        end = 0 if _YEAR_GROUP.match(match["trunk"]) else _end_within(match, 9, 12)
    else:
        end = match.end()
    return (match.start(), end) if end else (look_on, 0)


def _end_within(match: re.Match[str], least: int, most: int) -> int:
    """End of the longest run of whole digit groups with `least` to `most` digits, 0 if there is none."""
    n_digits = end = 0
    for group in _GROUP.finditer(match[0]):
        n_new = sum(character.isdigit() for character in group[0])
        if end and n_new == 1:
            break  # "... 678 5 stars": no number ends in a group of one
        n_digits += n_new
        if least <= n_digits <= most:
            end = match.start() + group.end()
    return end


def _end_in_context(text: str, match: re.Match[str]) -> tuple[int, int]:
    number = match["number"]
    n_digits = sum(character.isdigit() for character in number)
    other = _KEPT.search(number) or _NOT_A_PHONE.search(text, match.start(), match.start("number"))
    if other or not 7 <= n_digits <= 15:
        return match.start("number") + 1, 0
    return match.start("number"), match.end("number")
