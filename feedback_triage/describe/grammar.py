"""How much a phrase reads like a name that a person would give."""

from feedback_triage.describe.counting import ClusterPhrases, Stems
from feedback_triage.describe.phrases import WEAK_STEMS, is_unspaced
from feedback_triage.describe.stopwords import NEGATIONS

_TOLD = 1.05  # "won't sync" says what is wrong, "sync" only what it is about
_NO_SUBJECT = 0.9  # "video won't load" goes before "won't load"
_NOUN_RATIO = 10  # one in ten times at least a noun ends what a determiner begins
_LONE_OTHER = 0.65  # one word that is no noun
_IDEAL_TOKENS = {1: 0.42, 2: 0.95, 3: 1.0, 4: 0.97, 5: 0.9, 6: 0.8}
"""Readers like names of two to five words."""

_HALF_SENTENCES = (
    ("i it they we you he she this that i'm i've it's", 0.65),
    ("and or but", 0.85),
    ("be", 0.6),
    ("do does did", 0.35),
    ("when if which who since because so as while what how why than then", 0.8),
    ("been have has had am still even just also very really all", 0.85),
    ("please pls plz thanks", 0.3),
)
_INNER_WORDS = {word: factor for words, factor in _HALF_SENTENCES for word in words.split()}
"""Words that make what they stand in half a sentence rather than a name."""


def length_factor(key: Stems) -> float:
    """Score the length; scripts without spaces count four characters as two words."""
    length = (len(key) + 1) // 2 if all(is_unspaced(word) for word in key) else len(key)
    return _IDEAL_TOKENS[min(length, 6)]


def grammar(found: ClusterPhrases, key: Stems) -> float:
    """Score how much a phrase reads like a name."""
    surfaces = found.usual_words(key)
    score = 1.0
    for word in surfaces[1:-1]:
        score *= _INNER_WORDS.get(word, 1.0)
    if any(word in NEGATIONS for word in surfaces[1:-1]):
        score *= _TOLD
    if surfaces[0] in NEGATIONS:
        score *= _NO_SUBJECT
    if len(key) == 1 and not is_noun(found, key[0]):
        score *= _LONE_OTHER
    return score


def is_noun(found: ClusterPhrases, topic: str) -> bool:
    """Say whether a word stands after determiners more often than before them."""
    if topic in WEAK_STEMS:
        return False
    after = found.n_after_determiner[topic]
    return (
        (topic,) in found.n_with
        and after > found.n_before_determiner[topic]
        and _NOUN_RATIO * after >= found.n_with[(topic,)]
    )
