"""What the reports are about, against what the notes of each release say."""

import numpy as np

from feedback_triage.suspects.frames import Floats

NAMED_SHARE = 0.55
"""Faults whose release speaks of the part that broke; the others come from something the notes do not mention."""

OTHER_NOTES = (0.0, 0.07)
"""Mean and spread of the similarity of notes that have nothing to do with the reports, about their centre."""

OWN_NOTES = (0.24, 0.12)
"""The same for the notes of the release that did it, where they speak of it.

Measured on half of the faults in benchmarks/support/faults.toml: .27 and .105; taken lower and wider, for other teams
write otherwise.
"""

SHARED_WORDS = (-1.0, 4.5)
"""What it adds that no report shares a telling word with the notes, and that all do: it grows as their square root.

Measured on the same half of the faults, each with notes in plain words and in developers' words, by a logistic
regression beside the similarity: -1.1 and 5.4; taken lower, as above.
"""

USUAL_SIMILARITY = 0.12
_USUAL_WEIGHT = 4.0
_MOST_GAIN = 4.1
_MOST_LOSS = -1.6
_MOST_TOGETHER = 5.0
"""With both, a release gains 80 to 1 at most."""


def word_evidence(similarity: Floats, shared: Floats | None = None) -> Floats:
    """Give the log likelihood ratio of each release's similarity: that its notes speak of the fault, or not.

    Similarities are looked at relative to the other candidates': short or vague reports are like no note, and a team
    that speaks of one thing only has notes that are all alike. Centre and spread of these are a median and a median
    deviation that are drawn to what is usual.

    Args:
        similarity: of each candidate's notes, shape (n,); NaN for a release without notes.
        shared: share of the reports that have a telling word of its notes, 0..1, shape (n,); NaN where that is not
            known: similarity speaks alone.

    Returns:
        Shape (n,); 0 for a release without notes.
    """
    known = np.isfinite(similarity)
    if not known.any():
        return np.zeros(len(similarity))
    n = int(known.sum())
    middle = float(np.median(similarity[known]))
    centre = (n * middle + _USUAL_WEIGHT * USUAL_SIMILARITY) / (n + _USUAL_WEIGHT)
    deviation = 1.4826 * float(np.median(np.abs(similarity[known] - middle)))
    usual = OTHER_NOTES[1]
    spread = max(usual, np.sqrt((n * deviation**2 + _USUAL_WEIGHT * usual**2) / (n + _USUAL_WEIGHT)))
    above = np.where(known, similarity, centre) - centre
    # Below the strangers' centre, and above the own notes', nothing more is to be learned.
    inside = np.clip(above, 0.0, OWN_NOTES[0])
    odds = _log_density(inside, *OWN_NOTES) - _log_density(inside, OTHER_NOTES[0], spread)
    odds = np.clip(odds, _MOST_LOSS, _MOST_GAIN)
    if shared is not None:
        odds = np.minimum(odds + _by_shared_words(shared), _MOST_TOGETHER)
    return np.where(known, np.log(1 - NAMED_SHARE + NAMED_SHARE * np.exp(odds)), 0.0)


def _by_shared_words(shared: Floats) -> Floats:
    """Give what shared words add, above what the reports share with any notes."""
    known = np.isfinite(shared)
    if not known.any():
        return np.zeros(len(shared))
    n = int(known.sum())
    centre = n * float(np.median(shared[known])) / (n + _USUAL_WEIGHT)
    above = np.clip(np.where(known, shared, 0.0) - centre, 0.0, 1.0)
    none, all_of_them = SHARED_WORDS
    return np.asarray(np.where(known, none + all_of_them * np.sqrt(above), 0.0))


def _log_density(value: Floats, mean: float, spread: float) -> Floats:
    return np.asarray(-0.5 * ((value - mean) / spread) ** 2 - np.log(spread))
