"""Emoji in words: the tokenizer knows almost none of them, so a model would see nothing where a customer says a lot."""

import unicodedata

_LEFT_OUT = frozenset("\ufe0e\ufe0f\u200d" + "".join(chr(code) for code in range(0x1F3FB, 0x1F400)))
"""Variation selectors, joiners and skin tones: how an emoji is drawn, not what it says."""


def spoken(text: str) -> str:
    """The text with each pictogram as its Unicode name in small letters; one that is repeated at once is named once.

    A text without pictograms comes back as it is.
    """
    if not any(unicodedata.category(character) == "So" for character in text):
        return text
    parts: list[str] = []
    before = ""
    for character in text:
        if character in _LEFT_OUT:
            continue
        if unicodedata.category(character) == "So":
            if character != before:
                parts.append(f" {unicodedata.name(character, '').lower()} ")
        else:
            parts.append(character)
        before = character
    return " ".join("".join(parts).split())
