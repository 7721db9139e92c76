"""Names and keyphrases in the customers' own words, told apart from the siblings."""

from collections.abc import Sequence

from feedback_triage.describe.phrases import ClusterWords, Contrast, Stems, clauses, is_content, is_unspaced

MAX_KEYPHRASES = 5
MAX_NAME_WORDS = 6

_KEYPHRASE_TOKENS = 3
_ONE_TEXT = 0.7  # a wording that only one customer used counts less than one that several share
_TORN_OFF = 0.6  # "file a health" is a piece of "file a health claim"
_IDEAL_TOKENS = {1: 0.55, 2: 0.95, 3: 1.0, 4: 1.0, 5: 0.9, 6: 0.8}
"""Readers like names of two to five words."""


def keyphrases(contrast: Contrast, number: int, product_words: frozenset[str]) -> tuple[str, ...]:
    """Pick up to five telling phrases of one to three words, none repeating the words of another."""
    words = contrast.clusters[number]
    at_least = 2 if words.n_texts > 3 else 1
    scored = []
    for key, count in words.n_with.items():
        if len(key) <= _KEYPHRASE_TOKENS and count >= at_least:
            weight = contrast.weight(number, key) * (1 + 0.35 * (len(_topics(key, product_words)) - 1))
            weight *= 1 - _TORN_OFF * words.open_ratio(key)
            scored.append((-round(weight, 9), key))
    chosen: list[tuple[set[str], str]] = []
    for negative_weight, key in sorted(scored):
        topics = set(_topics(key, product_words))
        if len(chosen) == MAX_KEYPHRASES or negative_weight == 0:
            break
        if not any(topics <= other or other <= topics for other, _ in chosen):
            chosen.append((topics, _spell(words.spelling[key])))
    return tuple(phrase for _, phrase in chosen)


def names(contrast: Contrast, central_texts: Sequence[Sequence[str]], product_words: frozenset[str]) -> list[str]:
    """Name every cluster; no two names are alike.

    A name is a phrase of two to five words that a customer wrote, taken from the texts nearest to the centre
    or from what many say, whose words tell the cluster from its siblings.

    Args:
        contrast: the words of the clusters, in the order of their numbers.
        central_texts: for each cluster its texts, those that stand for it best first.
        product_words: casefolded words that no name may consist of.
    """
    taken: list[frozenset[str]] = []
    spelled: set[str] = set()
    result = []
    for number, texts in enumerate(central_texts):
        name, topics = _name(contrast, number, texts, product_words, taken)
        if name.casefold() in spelled:
            name = _numbered(name, spelled)
        taken.append(topics)
        spelled.add(name.casefold())
        result.append(name)
    return result


def _name(
    contrast: Contrast,
    number: int,
    texts: Sequence[str],
    product_words: frozenset[str],
    taken: Sequence[frozenset[str]],
) -> tuple[str, frozenset[str]]:
    """Find the best name that no other cluster has; the beginning of the most central text where there is
    none.
    """
    words = contrast.clusters[number]
    weights: dict[str, float] = {}
    best: tuple[float, Stems] | None = None
    for key, count in words.n_with.items():
        topics = frozenset(_topics(key, product_words))
        if topics in taken:
            continue
        for topic in topics - weights.keys():
            weights[topic] = contrast.weight(number, (topic,))
        telling = sum(weights[topic] for topic in topics)
        shared = 1.0 if count > 1 else _ONE_TEXT
        likeness = max((len(topics & other) / len(topics | other) for other in taken if topics & other), default=0)
        together = contrast.weight(number, key)
        whole = 1 - _TORN_OFF * words.open_ratio(key)
        score = (telling + together) * shared * whole * _length_factor(key) * (1 - 0.5 * likeness)
        candidate = (-round(score, 9), key)
        if score > 0 and (best is None or candidate < best):
            best = candidate
    if best is not None:
        return _sentence_case(_spell(words.spelling[best[1]])), frozenset(_topics(best[1], product_words))
    return _beginning(texts), frozenset()


def _topics(key: Stems, product_words: frozenset[str]) -> list[str]:
    return [word for word in key if is_content(word, product_words)]


def _length_factor(key: Stems) -> float:
    """Score the length; scripts without spaces count four characters as two words."""
    length = (len(key) + 1) // 2 if all(is_unspaced(word) for word in key) else len(key)
    return _IDEAL_TOKENS[min(length, 6)]


def _spell(surfaces: Sequence[str]) -> str:
    """Join words as they are written, without spaces in scripts that have none; shouting is lowered."""
    parts: list[str] = []
    for i, surface in enumerate(surfaces):
        if i and not (is_unspaced(surface) and is_unspaced(surfaces[i - 1])):
            parts.append(" ")
        parts.append(surface.lower() if surface.isupper() and len(surface) > 4 else surface)
    return "".join(parts)


def _sentence_case(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


def _beginning(texts: Sequence[str]) -> str:
    """Take the first whole words of the first text that has any."""
    for text in texts:
        tokens = [token.surface for clause in clauses(text) for token in clause]
        if tokens:
            return _sentence_case(_spell(tokens[:MAX_NAME_WORDS]))
    return "Items without words"


def _numbered(name: str, spelled: set[str]) -> str:
    number = 2
    while f"{name} ({number})".casefold() in spelled:
        number += 1
    return f"{name} ({number})"


__all__ = ["MAX_KEYPHRASES", "ClusterWords", "keyphrases", "names"]
