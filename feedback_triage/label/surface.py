"""How a text looks, apart from what it means."""

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_URL = re.compile(r"https?://|www\.", re.IGNORECASE)
_WORD = re.compile(r"\w+")

N_SURFACE_FEATURES = 8


def surface_features(texts: Sequence[str]) -> NDArray[np.float32]:
    """How a text looks, apart from what it means: (n_texts, 8), each about 0..1.

    Characters and words (logarithms), share of letters, of capitals and of digits, question mark, exclamation
    mark, a URL. They tell a stray string from a sentence, which a sentence vector does poorly.
    """
    rows = np.zeros((len(texts), N_SURFACE_FEATURES), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        n = len(text)
        if not n:
            continue
        letters = sum(character.isalpha() for character in text)
        row[:] = (
            math.log1p(min(n, 2_000)) / 8,
            math.log1p(min(len(_WORD.findall(text)), 400)) / 6,
            letters / n,
            sum(character.isupper() and character.isalpha() for character in text) / max(letters, 1),
            sum(character.isdigit() for character in text) / n,
            "?" in text,
            "!" in text,
            bool(_URL.search(text)),
        )
    return rows
