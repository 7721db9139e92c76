"""Numbers, instants and texts in words: the same words whatever the locale of the machine."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_QUOTED = re.compile('"([^"]*)"')
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Clock:
    """Shows instants in one time zone."""

    zone: tzinfo

    def local(self, instant: datetime) -> datetime:
        """Give the instant in the zone of the reader."""
        return instant.astimezone(self.zone)

    def day(self, instant: datetime) -> str:
        """Give, for example, "Fri 16 Oct"."""
        local = self.local(instant)
        return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"

    def date(self, instant: datetime) -> str:
        """Give, for example, "16 Oct 2026"."""
        local = self.local(instant)
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"

    def month(self, instant: datetime) -> str:
        """Give, for example, "Oct 2026"."""
        local = self.local(instant)
        return f"{_MONTHS[local.month - 1]} {local.year}"

    def short(self, instant: datetime) -> str:
        """Give, for example, "16 Oct"."""
        local = self.local(instant)
        return f"{local.day} {_MONTHS[local.month - 1]}"

    def moment(self, instant: datetime) -> str:
        """Give, for example, "Fri 16 Oct 15:40"."""
        local = self.local(instant)
        return f"{self.day(instant)} {local.hour:02d}:{local.minute:02d}"

    def full(self, instant: datetime) -> str:
        """Give, for example, "Monday 19 October 2026, 06:00", with the month shortened."""
        local = self.local(instant)
        day = f"{_FULL_DAYS[local.weekday()]} {self.date(instant)}"
        return f"{day}, {local.hour:02d}:{local.minute:02d}"


def number(value: int) -> str:
    """Write it with a comma between thousands."""
    return f"{value:,}"


def decimal(value: float) -> str:
    """Write it with at most one digit after the point, none from 10 on."""
    return f"{value:.1f}".removesuffix(".0") if abs(value) < 10 else f"{value:,.0f}"


def between(lower: int, upper: int) -> str:
    """Give, for example, "3 to 9", or "4" when both ends are the same."""
    return number(lower) if lower == upper else f"{number(lower)} to {number(upper)}"


def plural(count: int, noun: str, many: str = "") -> str:
    """Give the noun alone, in the form that goes with the count."""
    return noun if count == 1 else many or f"{noun}s"


def duration(hours: float) -> str:
    """Give, for example, "3 h 15 min", "40 min" or "9 days"; longer than two days is told in days."""
    if hours >= 48:
        return f"{decimal(hours / 24)} days"
    if hours >= 6:
        return f"{hours:.0f} h"
    minutes = round(hours * 60)
    whole, rest = divmod(minutes, 60)
    if not whole:
        return f"{rest} min"
    return f"{whole} h {rest} min" if rest else f"{whole} h"


def curly(text: str) -> str:
    """Give the text with straight double quotes that come in pairs as curly ones.

    >>> curly('the source "chat" is silent')
    'the source “chat” is silent'
    """
    return _QUOTED.sub("“\\1”", text)


def listed(words: Sequence[str]) -> str:
    """Give, for example, "a, b and c".

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def printable(text: str) -> str:
    """Give the text with what no page, terminal or table can show (control characters, lone surrogates) as
    U+FFFD.
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def undirected(text: str) -> str:
    """Give the text without the invisible characters that turn the direction of writing, for a terminal."""
    return _DIRECTION.sub("", printable(text))


def shorten(text: str, limit: int) -> str:
    """Give the beginning of the text on one line, cut at a word where one ends, with "…" when something is
    left out.

    Args:
        text: any text; runs of white space become one space.
        limit: most characters of the result, at least 1.
    """
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    space = cut.rfind(" ")
    # A word longer than a third of the limit is cut inside, or almost nothing would be left.
    return f"{(cut[:space] if space > limit * 2 // 3 else cut).rstrip()}…"


def wrapped(text: str, width: int, indent: str) -> list[str]:
    """Give lines of at most `width` characters; lines after the first start with `indent`."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=True, break_on_hyphens=False)


_LANGUAGE_NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
    "und": "in another script",
}


def language_name(code: str) -> str:
    """English name of a language, or its code where no name is known here."""
    return _LANGUAGE_NAMES.get(code, code)
