"""Whether items call by its name what the notes of a release speak of.

A note says in a headline what customers tell as a story, and the cosine of the two is low; but both say "line-up" and
"drag". A word of a note is telling when few of the other items have it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from feedback_triage.subject.sentences import SAYS_NOTHING, WORD

TELLING_SHARE = 0.05
"""A word that more of the other items have says nothing of these."""

FEWEST_OTHERS = 20
"""With fewer other items it is not known which words are telling."""

_MOST_BY_CHANCE = 0.9
_ENDING = re.compile(r"(?<=\w{3})(?:ings?|ed|es|s)$")
_OWNER = re.compile(r"'s?$|'")
_SHORTEST, _LONG = 3, 4


@dataclass(frozen=True, eq=False)
class NoteWords:
    """The words of notes, and which items have them.

    Attributes:
        release_ids: of the releases with notes, sorted, length n_releases.
        in_items: 1 where an item has a word, (n_items, n_words).
        in_notes: 1 where the notes of a release have it, (n_words, n_releases).
    """

    release_ids: list[str]
    in_items: csr_matrix
    in_notes: csr_matrix

    @classmethod
    def of(cls, item_texts: Sequence[str], sentences: Sequence[tuple[str, str]]) -> "NoteWords":
        """Look for the words of (release_id, sentence) in texts."""
        release_ids = sorted({release_id for release_id, _ in sentences})
        single: list[set[str]] = [set() for _ in release_ids]
        joined: list[set[str]] = [set() for _ in release_ids]
        row_of = {release_id: row for row, release_id in enumerate(release_ids)}
        for release_id, sentence in sentences:
            words, pairs = _words_of(sentence)
            single[row_of[release_id]] |= words
            joined[row_of[release_id]] |= pairs
        all_single = frozenset().union(*single)
        place = {word: i for i, word in enumerate(sorted(all_single.union(*joined)))}
        of_items = []
        for text in item_texts:
            words, pairs = _words_of(text)
            # "line up" meets "lineup", but "the editor of" does not meet "editor of".
            of_items.append([place[word] for word in (words & place.keys()) | (pairs & all_single)])
        of_notes = [[place[word] for word in words | pairs] for words, pairs in zip(single, joined, strict=True)]
        return cls(release_ids, _ones(of_items, len(place)), csr_matrix(_ones(of_notes, len(place)).T))

    def shared_by(self, rows: Sequence[int]) -> pd.DataFrame:
        """Tell how many of a group of items share a telling word with the notes of each release.

        Args:
            rows: the group, rows of the items.

        Returns:
            Columns `release_id` (sorted, each once), `shared`: the share of the group above what the other items share
            by chance, 0..1; of a group of n at most n / (n + 1). NaN where fewer than 20 items are not of the group.
        """
        group = np.unique(np.asarray(rows, dtype=np.int64))
        n, n_others = len(group), self.in_items.shape[0] - len(group)
        shared = np.full(len(self.release_ids), np.nan)
        if n and n_others >= FEWEST_OTHERS and self.release_ids:
            own = csr_matrix(self.in_items[group])
            among_others = _count(self.in_items) - _count(own)
            is_telling = among_others <= max(1.0, TELLING_SHARE * n_others)
            telling = csr_matrix(self.in_notes.multiply(is_telling[:, None]))
            n_sharing = _count(csr_matrix((own @ telling) > 0))
            chance = np.minimum(telling.T @ among_others / n_others, _MOST_BY_CHANCE)
            shared = np.maximum((n_sharing - n * chance) / ((n + 1) * (1 - chance)), 0.0)
        return pd.DataFrame(
            {"release_id": pd.Series(self.release_ids, dtype=object), "shared": np.round(shared.astype(np.float64), 6)}
        )


def _words_of(text: str) -> tuple[set[str], set[str]]:
    """Give the words of a text without endings, and neighbours written as one."""
    parts: list[str] = []
    compounds: set[str] = set()
    for word in WORD.findall(text.casefold().replace("\u2019", "'")):
        pieces = word.split("-")
        parts += pieces
        if len(pieces) > 1:
            compounds.add(_stem("".join(pieces)))
    words = {stem for part in parts if len(stem := _stem(part)) >= _SHORTEST} | compounds
    pairs = {_stem(first + second) for first, second in pairwise(parts) if len(first) > 1 and len(second) > 1}
    return words - _GENERAL, pairs - words


def _stem(word: str) -> str:
    """Take off the commonest English endings, so that "dragged" meets "drag" and "moves" meets "moving"."""
    word = _OWNER.sub("", word)
    if len(word) > _LONG and word.endswith("ies"):
        word = f"{word[:-3]}y"
    word = _ENDING.sub("", word)
    if len(word) >= _LONG and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    if len(word) >= _LONG and word.endswith("e"):
        word = word[:-1]
    return f"{word[:-1]}i" if len(word) >= _LONG and word.endswith("y") else word


_GENERAL = frozenset(_stem(word) for word in SAYS_NOTHING)


def _ones(rows: list[list[int]], n_columns: int) -> csr_matrix:
    """Make a matrix with 1 at these columns of each row."""
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    columns = np.array([column for row in rows for column in sorted(row)], dtype=np.int64)
    return csr_matrix((np.ones(len(columns), dtype=np.int32), columns, starts), shape=(len(rows), n_columns))


def _count(matrix: csr_matrix) -> npt.NDArray[np.float64]:
    """Count the ones of each column."""
    return np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.float64)
