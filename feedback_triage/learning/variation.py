"""Small changes to a text that leave its meaning alone, so that a model learns the meaning and not the spelling."""

import string

import numpy as np

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def varied(text: str, rng: np.random.Generator) -> str:
    """One of five changes, or none: all small letters without punctuation, words left out, slips of the keyboard, only
    the beginning or the end, no mark at the end.

    Args:
        text: cleaned text; one too short for the change that was drawn comes back as it is.
        rng: the only source of chance.

    Returns:
        A text that is never empty unless `text` is.
    """
    words = text.split()
    kind = int(rng.integers(0, 6))
    if kind == 0:
        changed = text.lower().translate(_NO_PUNCTUATION)
    elif kind == 1 and len(words) > 4:
        changed = " ".join(word for word in words if rng.random() > 0.12)
    elif kind == 2 and len(text) > 8:
        changed = _with_slips(text, rng)
    elif kind == 3 and len(words) > 8:
        n_kept = max(5, int(len(words) * rng.uniform(0.6, 0.95)))
        changed = " ".join(words[:n_kept] if rng.random() < 0.5 else words[-n_kept:])
    elif kind == 4:
        changed = text.rstrip(".!?")
    else:
        changed = text
    return changed if changed.strip() else text


def _with_slips(text: str, rng: np.random.Generator) -> str:
    # One slip in 25 characters: two letters swapped, one left out, or one typed twice.
    characters = list(text)
    for _ in range(max(1, len(characters) // 25)):
        at, slip = int(rng.integers(0, len(characters) - 1)), rng.random()
        if slip < 0.4:
            characters[at], characters[at + 1] = characters[at + 1], characters[at]
        elif slip < 0.7:
            characters[at] = ""
        else:
            characters[at] *= 2
    return "".join(characters)
