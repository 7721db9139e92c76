"""How a phrase is written: as most customers write it, without shouting."""

from collections import Counter
from collections.abc import Sequence

from feedback_triage.describe.phrases import is_unspaced

_LONGEST_CAPITALS = 4  # "PDF" and "OLED" are words, "PLEASE" is shouting


class Spelling:
    """How words are written where they do not begin a clause."""

    def __init__(self, cases: Counter[str]) -> None:
        """Know the spellings.

        Args:
            cases: how often each stands in the texts.
        """
        self._usual: dict[str, tuple[int, bool, str]] = {}
        for case, count in cases.items():
            folded = case.casefold()
            # Among equals the lower case, then the first by the alphabet.
            rival = (-count, case != folded, case)
            usual = self._usual.get(folded)
            if usual is None or rival < usual:
                self._usual[folded] = rival

    def write(self, words: Sequence[str], written: Sequence[Sequence[str]]) -> str:
        """Write a phrase as most texts do, without shouting.

        Args:
            words: the words of the phrase, casefolded; those of scripts without spaces are joined without one.
            written: the phrase as it stands in the texts: the pay of "Google Pay" has its capital there alone.
        """
        return join_words([self._write_one(i, word, written) for i, word in enumerate(words)])

    def _write_one(self, i: int, folded: str, written: Sequence[Sequence[str]]) -> str:
        usual = self._usual[folded][-1] if folded in self._usual else folded
        if i:  # the first word may only begin a sentence there
            cases = Counter(words[i] for words in written if words[i].casefold() == folded)
            here = min(cases, key=lambda case: (-cases[case], case != folded, case), default=usual)
            usual = here if here != folded and 2 * cases[here] > cases.total() else usual
        return usual.lower() if usual.isupper() and len(usual) > _LONGEST_CAPITALS else usual


def join_words(words: Sequence[str]) -> str:
    """Join words by spaces, without spaces in scripts that have none."""
    parts: list[str] = []
    for i, word in enumerate(words):
        if i and not (is_unspaced(word) and is_unspaced(words[i - 1])):
            parts.append(" ")
        parts.append(word)
    return "".join(parts)


def sentence_case(phrase: str) -> str:
    """Begin with a capital letter; a phrase whose first word has one inside ("iPhone") stays."""
    first = phrase.split(" ", 1)[0]
    return phrase if first[1:] != first[1:].lower() and first[:1].islower() else phrase[:1].upper() + phrase[1:]
