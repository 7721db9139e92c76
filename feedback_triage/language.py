"""Which language a text is in, so that an English model keeps quiet about the others instead of guessing.

Detection by py3langid (byte n-grams and naive Bayes: Lui and Baldwin 2012), which wants some text to go by: a text
too short to tell is "" and treated as one the model can read. Figures are in docs/decisions.md.
"""

import re
import unicodedata
from functools import cache
from typing import Any

from py3langid import langid

UNKNOWN = ""
"""Too little text to tell."""

UNDETERMINED = "und"
"""Not in Latin script, so surely not English, but which language it is cannot be told (code of ISO 639-2)."""

# Codes that can be told. The more it may choose from, the more short English texts get lost among small neighbours.
LANGUAGES = (
    *("ar", "bg", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id"),
    *("it", "ja", "ko", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sv", "th", "tr", "uk", "vi", "zh"),
)
_LEAST_LETTERS = 12
_LEAST_PROBABILITY = 0.6
_LETTER = re.compile(r"[^\W\d_]")
_NOT_LATIN = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|\[(?:email|phone|card|iban)\]", re.IGNORECASE)
_LONGEST = 1_000


def language_of(text: str) -> str:
    """ISO 639-1 code of the language of a text, `UNKNOWN` or `UNDETERMINED`.

    A text in another script than Latin needs fewer letters to be sure of.
    """
    # Letters dressed up (Ⅷ, ①, double width) are what they stand for.
    words = _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text[:_LONGEST]))
    n_letters = len(_LETTER.findall(words))
    n_foreign = len(_NOT_LATIN.findall(words))
    is_foreign = n_foreign * 2 > n_letters
    if n_letters < _LEAST_LETTERS and not is_foreign:
        return UNKNOWN
    code, probability = _identifier().classify(words)
    if float(probability) >= _LEAST_PROBABILITY:
        return str(code)
    return UNDETERMINED if is_foreign else UNKNOWN


@cache
def _identifier() -> Any:
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
