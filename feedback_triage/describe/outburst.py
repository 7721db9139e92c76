"""What some texts say that others do not: the words of a spike."""

from collections import Counter
from collections.abc import Sequence
from math import log, sqrt

from feedback_triage.describe.phrases import clauses, is_content, stem
from feedback_triage.describe.stopwords import PARTICLES

MAX_WORDS = 5
_LEAST_TEXTS = 3  # a word that fewer texts use is a person's, not the spike's
_LEAST_Z = 1.96


def telling_words(
    texts: Sequence[str], others: Sequence[str], *, product_words: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Up to 5 words that the texts use and the others hardly do, the most telling first.

    Words are ranked by the z-score of their log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and
    Quinn 2008), counted by text. Numbers such as 502 and particles such as "down" count here, since outages are told
    in them.

    Args:
        texts: what is to be described, such as the items of a spike.
        others: what it is held against, such as the items of the weeks before.
        product_words: words that say nothing because every text is about them.

    Returns:
        Words as most of the texts write them; () where no word stands out.
    """
    own_names = frozenset(stem(word) for phrase in product_words for word in phrase.split())
    spellings: dict[str, Counter[str]] = {}
    here, there = (_count(group, own_names, spellings) for group in (texts, others))
    n_here, n_there = here.total(), there.total()
    prior_total = n_here + n_there
    scored = []
    for word, count in here.items():
        if count < _LEAST_TEXTS:
            continue
        prior = count + there[word]
        # One more in each rest: a word that is all there is must not divide by nothing.
        first = (count + prior) / (n_here + prior_total - count - prior + 1)
        second = (there[word] + prior) / (n_there + prior_total - there[word] - prior + 1)
        z = (log(first) - log(second)) / sqrt(1 / (count + prior) + 1 / (there[word] + prior))
        if z >= _LEAST_Z:
            scored.append((-round(z, 6), word))
    return tuple(
        min(spellings[word].items(), key=lambda found: (-found[1], found[0]))[0]
        for _, word in sorted(scored)[:MAX_WORDS]
    )


def _count(texts: Sequence[str], own_names: frozenset[str], spellings: dict[str, Counter[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        tokens = {token.stem: token.surface for clause in clauses(text) for token in clause}
        kept = {
            key: surface
            for key, surface in tokens.items()
            if is_content(key, own_names) or key in PARTICLES or (key.isdigit() and len(key) == 3)
        }
        counts.update(kept.keys())
        for key, surface in kept.items():
            spellings.setdefault(key, Counter())[surface] += 1
    return counts
