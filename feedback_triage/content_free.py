"""Texts that say nothing, recognised by rule: the sure cases of the label `silence`.

A rule answers only where no reader could differ: nothing there at all, punctuation, an unfilled template field, a
stock phrase for "no comment". Everything else is the classifier's to judge. Such texts never join a theme.
"""

import re
import unicodedata

_STOCK_PHRASES = frozenset(
    {
        "n/a", "na", "n.a.", "n a", "none", "nil", "null", "nan", "undefined", "nothing", "nothing to add",
        "nothing to say", "nothing else", "nothing more", "no comment", "no comments", "no further comments",
        "not applicable", "no answer", "no reply", "no feedback", "no text", "no input", "blank", "empty", "x", "xx",
        "xxx", "test", "testing", "tbd", "todo", "asdf", "asdfgh", "qwerty", "lorem ipsum", "(no subject)",
        "no subject", "sent from my iphone", "keine angabe", "k.a.", "kein kommentar", "sans commentaire", "rien",
        "ninguno", "ninguna", "nada", "sin comentarios", "nessuno", "nessun commento", "geen", "geen commentaar",
        "nenhum", "sem comentários", "なし", "特になし", "无", "нет",
    }
)  # fmt: skip
_TEMPLATE_FIELD = re.compile(
    r"^(?:\{\{[^{}]*\}\}|\$\{[^{}]*\}|%[A-Za-z_]+%|<<[^<>]*>>|\[(?:comment|text|your message)\])$",
    re.IGNORECASE,
)


def is_content_free(text: str) -> bool:
    """Whether a cleaned text certainly says nothing.

    Args:
        text: as `ingest.normalise_text` gives it.

    Returns:
        True for no text, text without a letter, digit or symbol such as an emoji, one unfilled template field, or a
        stock phrase for "no comment". A lone emoji or opinion word is content.
    """
    if not any(_carries_meaning(character) for character in text):
        return True
    stripped = text.strip()
    bare = stripped.strip(" .,;:!?-_*'\"").casefold()
    return bare in _STOCK_PHRASES or stripped.casefold() in _STOCK_PHRASES or bool(_TEMPLATE_FIELD.match(stripped))


def _carries_meaning(character: str) -> bool:
    # Letters, digits, and symbols that are pictures; not punctuation, spaces, or ASCII signs such as ^ and |.
    category = unicodedata.category(character)
    return category[0] in "LN" or (category == "So")
