"""Mask what identifies a person: e-mail addresses, phone, payment card and bank account numbers.

The rules are shapes, written for precision where a shape is also a version, a date, a price or a count:
tests/spec/test_redaction_rules.py lists what is masked and what is left alone. Names of people are not found.
"""

import re

from feedback_triage.ingest.phones import mask_phones

_AT = r"(?:@|&#64;|&#x40;|&commat;)"
# The look-behind makes a match start where its run of characters starts, which keeps the search linear.
_EMAIL = re.compile(
    rf"(?<![\w.+%'-])[\w+%'-][\w.+%'-]*{_AT}[\w-]+(?:\.[\w-]+)*\.(?!(?:png|jpe?g|gif|webp|svg)\b)[^\W\d_][\w-]+",
    re.IGNORECASE,
)

_CARD = re.compile(r"(?<![\w.,+/=#$€£-])(?=[2-6])\d(?:[ -]?\d){12,18}(?!\w)")
_CARD_LENGTHS = (  # issuer ranges of ISO/IEC 7812 as the large networks publish them
    (re.compile(r"4"), (16, 19, 13)),
    (re.compile(r"5[1-5]|2[2-7]"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"3[0689]"), (14, 16)),
    (re.compile(r"35"), (16,)),
    (re.compile(r"6"), (16, 19, 18, 17)),
)

_IBAN_START = re.compile(r"(?<![A-Za-z0-9])(?=([A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}))")
_IBAN_REGISTRY = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
    "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 "
    "QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
_IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _IBAN_REGISTRY.split()}
"""Country code to length, from the registry of ISO 13616."""

_SEVEN_DIGITS = re.compile(r"\d(?:\D{0,3}\d){6}")
_MAX_PASSES = 5


def redact(text: str) -> str:
    """Mask personal numbers and addresses.

    E-mail addresses become "[email]", phone numbers "[phone]", payment card numbers (by issuer range and
    Luhn's check digit) "[card]", IBANs (by country length and check digits) "[iban]". Version numbers, dates,
    times, prices, counts and the paths of addresses stay. Masking a masked text changes nothing.
    """
    for _ in range(_MAX_PASSES):
        masked = _redact_once(text)
        if masked == text:
            break
        text = masked
    return text


def _redact_once(text: str) -> str:
    if "@" in text or "&" in text:
        text = _EMAIL.sub("[email]", text)
    if _SEVEN_DIGITS.search(text):
        text = _mask_ibans(text)
        text = _CARD.sub(_mask_card, text)
        text = mask_phones(text)
    return text


def _mask_ibans(text: str) -> str:
    kept: list[str] = []
    position = 0
    for start in _IBAN_START.finditer(text):
        length = _IBAN_LENGTHS.get(start[1][:2].upper(), 0)
        end = _end_after(length, start[1])
        if start.start() >= position and end and _passes_mod_97(start[1][:end]):
            kept += [text[position : start.start()], "[iban]"]
            position = start.start() + end
    return "".join(kept) + text[position:]


def _passes_mod_97(iban: str) -> bool:
    """ISO 13616: move the first four characters to the end, write letters as 10..35; the rest by 97 is 1."""
    plain = "".join(character for character in iban if character.isalnum())
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _mask_card(candidate: re.Match[str]) -> str:
    digits = "".join(character for character in candidate[0] if character.isdigit())
    for issuer, lengths in _CARD_LENGTHS:
        for length in lengths if issuer.match(digits) else ():
            end = _end_after(length, candidate[0])
            if end and _passes_luhn(digits[:length]):
                return "[card]" + candidate[0][end:]
    return candidate[0]


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812: from the right, every second digit doubled, digit sums added: divisible by 10."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def _end_after(length: int, candidate: str) -> int:
    """Where the first `length` letters and digits end; 0 if there are fewer or one more follows at once."""
    seen = 0
    for place, character in enumerate(candidate):
        if character.isalnum():
            seen += 1
            if seen == length:
                following = candidate[place + 1 : place + 2]
                return 0 if following.isalnum() else place + 1
    return 0
