"""Names and keyphrases in the customers' own words, told apart from the siblings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from feedback_triage.describe.counting import ClusterPhrases, Stems
from feedback_triage.describe.grammar import grammar, is_noun, length_factor
from feedback_triage.describe.phrases import WEAK_STEMS, clauses
from feedback_triage.describe.spelling import Spelling, join_words, sentence_case
from feedback_triage.describe.vocabulary import Vocabulary

MAX_KEYPHRASES = 5
MAX_NAME_WORDS = 6

_KEYPHRASE_TOKENS = 3
_LONGER_KEYPHRASE = 0.8  # what each further topic adds, so that "recent update" goes before "update"

# Factors of a score, chosen by reading the names of 218 clusters of reviews and questions.
_TORN_OFF = 0.6  # "file a health" is a piece of "file a health claim"
_NEGATED = 0.85  # "sync" where all say "won't sync"
_WEAK = 0.4  # a word of rating, time or plain complaint
_RARE = 0.65  # of several ways to say it, the usual one
_USUAL_SHARE = 0.04  # of the texts: a wording is usual that so many share, within `_USUAL_TEXTS`
_USUAL_TEXTS = (3, 8)
_MORE_TOPICS = 0.4  # exponent by which the topics of a phrase add less than their sum
_LONE_SHARE = 0.2  # a lone topic in fewer of the texts does not cover the cluster
_FEW_TEXTS = 5  # in more, a wording that only one customer used names nothing
_LEAST_COVERED = 0.03  # a phrase that fewer of the texts bear out says less than the wording of the nearest one
_LEAST_COVERED_BY_ONE = 0.07  # the same for a lone word

_PAIR = 0.95
_PAIRED_TOPICS = 6  # the most telling nouns, of which pairs are made
_LEAST_OF_PAIR = 0.35  # weight of the second to the first
_LEAST_PAIRED_SHARE = 0.06
_SIDE_BY_SIDE = 0.2  # words that stand together more often are a phrase, not a pair
_WHOLE = 0.7  # torn more often than this, a noun stands for nothing alone

_NEAREST = 20  # texts whose wording may name a cluster that no phrase names
_FEWEST_WORDS = 2


@dataclass(frozen=True)
class ClusterText:
    """What is known of one cluster when it is named.

    Attributes:
        phrases: made of its telling words.
        telling: its telling words with their weights.
        nearest: its texts, the nearest to the centre first.
        vocabulary: which words can be topics.
    """

    phrases: ClusterPhrases
    telling: dict[str, float]
    nearest: Sequence[str]
    vocabulary: Vocabulary


@dataclass(frozen=True, order=True)
class _Candidate:
    """A possible name; the best sorts first."""

    negative_score: float
    words: tuple[Stems, ...]

    @property
    def stems(self) -> Stems:
        return tuple(stem for part in self.words for stem in part)


def keyphrases(cluster: ClusterText, spelling: Spelling) -> tuple[str, ...]:
    """Pick up to five telling phrases of one to three words, none repeating the words of another."""
    found = cluster.phrases
    at_least = 2 if len(cluster.nearest) > 3 else 1
    scored = []
    for key, count in found.n_with.items():
        if len(key) <= _KEYPHRASE_TOKENS and count >= at_least:
            topics = cluster.vocabulary.topics(key)
            weight = found.share(key) * sum(_weighted(cluster, topic) / _share(cluster, topic) for topic in topics)
            weight *= (
                (1 - _TORN_OFF * found.torn_ratio(key)) * (1 + _LONGER_KEYPHRASE * (len(topics) - 1)) / len(topics)
            )
            scored.append((-round(weight, 9), key))
    chosen: list[tuple[set[str], str]] = []
    for negative_weight, key in sorted(scored):
        topics = cluster.vocabulary.topics(key)
        if len(chosen) == MAX_KEYPHRASES or negative_weight == 0:
            break
        if not any(set(topics) <= other or other <= set(topics) for other, _ in chosen):
            chosen.append((set(topics), _written(found, key, spelling)))
    return tuple(phrase for _, phrase in chosen)


def names(clusters: Sequence[ClusterText], spelling: Spelling, taken_names: Collection[str] = ()) -> list[str]:
    """Name every cluster; no two names are alike.

    A name is a phrase of two to five words that customers wrote, or two words of theirs where no phrase covers the
    cluster ("Captions & subtitles").

    Args:
        clusters: in the order of their numbers.
        spelling: how words are written.
        taken_names: names that none of them may get.
    """
    taken: list[frozenset[str]] = []
    spelled = {name.casefold() for name in taken_names}
    result = []
    for cluster in clusters:
        name, topics = _name(cluster, spelling, taken, spelled)
        taken.append(topics)
        spelled.add(name.casefold())
        result.append(name)
    return result


def _name(
    cluster: ClusterText, spelling: Spelling, taken: Sequence[frozenset[str]], spelled: set[str]
) -> tuple[str, frozenset[str]]:
    """The best name that no other cluster has; the beginning of the most central text where there is none."""
    for candidate in sorted(_candidates(cluster, taken))[:20]:
        name = sentence_case(" & ".join(_written(cluster.phrases, part, spelling) for part in candidate.words))
        if candidate.negative_score < 0 and name.casefold() not in spelled:
            return name, frozenset(cluster.vocabulary.topics(candidate.stems))
    name = _wording(cluster, spelled)
    return (name if name.casefold() not in spelled else _numbered(name, spelled)), frozenset()


def _candidates(cluster: ClusterText, taken: Sequence[frozenset[str]]) -> list[_Candidate]:
    """Score phrases, and pairs of the most telling nouns; names that a sibling has are left out."""
    found = cluster.phrases
    is_shared_needed = found.n_texts > _FEW_TEXTS and max(found.n_with.values(), default=0) > 1
    scored: list[tuple[float, tuple[Stems, ...], frozenset[str]]] = []
    for key, count in found.n_with.items():
        topics = frozenset(cluster.vocabulary.topics(key))
        if count > 1 or not is_shared_needed:
            scored.append((_score(cluster, key), (key,), topics))
    scored += [(score, ((first,), (second,)), frozenset({first, second})) for score, first, second in _pairs(cluster)]
    return [
        _Candidate(-round(score * (1 - 0.5 * _likeness(topics, taken)), 9), words)
        for score, words, topics in scored
        if topics not in taken
    ]


def _score(cluster: ClusterText, key: Stems) -> float:
    """Score a phrase as a name, 0 for one that cannot be one.

    How telling its topics are, how many texts bear it out (by holding its topics in whatever words, and by this very
    wording), and how much it reads like a name.
    """
    found = cluster.phrases
    topics = cluster.vocabulary.topics(key)
    texts = found.together(topic for topic in topics if topic in cluster.telling)
    least = _LEAST_COVERED_BY_ONE if len(key) == 1 else _LEAST_COVERED
    if texts.bit_count() < least * found.n_texts or len(set(topics)) < len(topics):
        return 0.0
    fewest, most = _USUAL_TEXTS
    usual = min(most, max(fewest, round(_USUAL_SHARE * found.n_texts)))
    spread = sum(_WEAK if topic in WEAK_STEMS else 1.0 for topic in topics) ** _MORE_TOPICS
    telling = sum(_weighted(cluster, topic) for topic in topics) / spread
    difference = sum(_weighted(cluster, topic) / _share(cluster, topic) for topic in topics) / spread
    covered = (found.weight_of(texts) / found.total_weight + found.share(key)) / 2
    score: float = telling * min(1.0, texts.bit_count() / usual) ** 0.5 + covered * difference
    score *= 1 - _RARE * max(0.0, 1 - found.n_with[key] / usual)
    score *= (1 - _TORN_OFF * found.torn_ratio(key)) * (1 - _NEGATED * found.negated_ratio(key))
    if len(topics) == 1:
        score *= 0.6 + 0.4 * min(1.0, found.share(key) / _LONE_SHARE)
    return score * length_factor(key) * grammar(found, key)


def _pairs(cluster: ClusterText) -> list[tuple[float, str, str]]:
    """Pairs of the most telling nouns that each stand in many texts and hardly ever side by side, with their scores."""
    found = cluster.phrases
    nouns = [topic for topic in cluster.telling if is_noun(found, topic) and found.torn_ratio((topic,)) < _WHOLE]
    nouns = nouns[:_PAIRED_TOPICS]
    result = []
    for i, first in enumerate(nouns):
        for second in nouns[i + 1 :]:
            weaker, stronger = sorted(_weighted(cluster, topic) for topic in (first, second))
            rarer = min(found.share((topic,)) for topic in (first, second))
            together = max(found.share((first, second)), found.share((second, first)))
            is_same = first.startswith(second[:4]) or second.startswith(first[:4])
            is_spread = rarer >= _LEAST_PAIRED_SHARE and together <= _SIDE_BY_SIDE * rarer
            if is_spread and not is_same and weaker >= _LEAST_OF_PAIR * stronger:
                result.append((_PAIR * (weaker + stronger) / 2**0.5, first, second))
    return result


def _weighted(cluster: ClusterText, topic: str) -> float:
    return cluster.telling.get(topic, 0.0) * (_WEAK if topic in WEAK_STEMS else 1.0)


def _share(cluster: ClusterText, topic: str) -> float:
    """Share of a single topic among the texts in which phrases were looked for; never 0."""
    return max(cluster.phrases.share((topic,)), 1 / max(1, cluster.phrases.total_weight))


def _likeness(topics: frozenset[str], taken: Sequence[frozenset[str]]) -> float:
    """Likeness (Jaccard) to the name of a sibling, 0..1; "latest update" and "recent update" are alike."""
    strong = topics - WEAK_STEMS or topics
    others = [other - WEAK_STEMS or other for other in taken if topics & other]
    return max((len(strong & other) / len(strong | other) for other in others), default=0.0)


def _written(found: ClusterPhrases, key: Stems, spelling: Spelling) -> str:
    return spelling.write(found.usual_words(key), found.spellings[key])


def _wording(cluster: ClusterText, spelled: set[str]) -> str:
    """Take the wording of the nearest text: its first short clause that is not taken, else the first words of any."""
    cut = [clause for text in cluster.nearest[:_NEAREST] for clause in clauses(text) if clause]
    whole = [clause for clause in cut if _FEWEST_WORDS <= len(clause) <= MAX_NAME_WORDS]
    saying = [clause for clause in whole if cluster.vocabulary.topics(token.stem for token in clause)]
    wordings = [
        sentence_case(join_words([token.surface for token in clause[:MAX_NAME_WORDS]]))
        for clause in [*saying, *whole, *cut]
    ]
    free = (wording for wording in wordings if wording.casefold() not in spelled)
    return next(free, wordings[0] if wordings else "Items without words")


def _numbered(name: str, spelled: set[str]) -> str:
    number = 2
    while f"{name} ({number})".casefold() in spelled:
        number += 1
    return f"{name} ({number})"
