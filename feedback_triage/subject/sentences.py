"""The sentences of release notes that say something of their own, and the words that say nothing."""

import re

_BULLET = re.compile(
    r"^\s*(?:[-*•·\u2013\u2014+>]+\s*|\(?[0-9]{1,3}[.)]\s+|\([0-9]{1,3}\)\s*|#+\s*|\[[ x]\]\s*)+",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[a-zà-öø-ÿ0-9)\"”][.!?])\s+(?=[\"“A-ZÀ-ÖØ-Þ])")
_URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_MENTION_OR_NUMBER = re.compile(r"\(?@[\w-]+(?:,\s*@[\w-]+)*\)?|\(?#[0-9]+\)?", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_VERSION_HEADING = re.compile(r"^v?[0-9][\w.+-]*:?$", re.IGNORECASE)

SAYS_NOTHING = frozenset(
    """
    a about again all also an and any app application apps are around as at be been behind better between
    bug bugfix bugfixes bugs bug-fixes can change changed changelog changes clean cleanup code complete
    crash crashes date dependencies dependency do each end enhance enhanced enhancement enhancements enjoy
    even every everything experience few fix fixed fixes fixing for from full further general get got has
    have hood hope improve improved improvement improvements improves improving in initial internal into is
    issue issues it its just keep known latest library libraries life like list little lots made maintenance
    major make makes making many milestone minor misc miscellaneous more most new news no note notes now of
    on optimisation optimisations optimization optimizations other our over overall performance place please
    polish problem problems provide quality refactoring refinement refinements regular regularly release
    released
    releases reliability robust scenes see several small smoother some speed stability stable than thank
    thanks that the their them there these thing things this to tweak tweaks ui under up update updated
    updates updating usability use user users various version versions very was we were what what's which
    with work working works you your we've we're you'll
    """.split()  # noqa: SIM905 - a word list reads better as words
)


def note_sentences(notes: str) -> list[str]:
    """Give the sentences of release notes that say something of their own.

    Bullets, numbering, headings, addresses, names of contributors and ticket numbers are stripped. A
    sentence of general words alone ("Bug fixes and stability improvements") has no subject and is dropped.

    Args:
        notes: as the team wrote them; may be empty.

    Returns:
        Sentences in their order, without repeats.
    """
    found: dict[str, None] = {}
    for line in notes.splitlines():
        bare = _MENTION_OR_NUMBER.sub(" ", _URL.sub(" ", _BULLET.sub("", line)))
        for part in _SENTENCE_END.split(bare):
            sentence = " ".join(part.split()).strip(" -\u2013\u2014*:,;")
            if _has_subject(sentence):
                found.setdefault(sentence)
    return list(found)


def _has_subject(sentence: str) -> bool:
    """Tell whether a sentence has a word that is not general; a heading or a bare version has none."""
    if _VERSION_HEADING.match(sentence):
        return False
    words = [word.casefold().replace("\u2019", "'") for word in WORD.findall(sentence)]
    return any(word not in SAYS_NOTHING and len(word) > 1 for word in words)
