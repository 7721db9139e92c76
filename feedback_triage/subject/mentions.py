"""Which items are about what a release's notes say."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_matrix

from feedback_triage.subject.sentences import SAYS_NOTHING, WORD

ABOUT_THRESHOLD = 0.55
"""Cosine from which an item is about a note.

Measured with all-MiniLM-L6-v2 on the pairs in the tests (16 notes; 49 items about one; 49 near one and 10
general): of the items about a note 8 in 10 are found; of the pairs found 9 in 10 are right (39 of 40
against near misses alone). At .50 it is 84 in 100 found and 84 in 100 right.
"""

WITH_ONE_WORD = 0.40
"""Cosine from which an item is about a note with which it shares a telling word."""

WITH_TWO_WORDS = 0.30
"""The same with two telling words or more.

Chosen on the shipped example, where these two find 40 of 100 items about a release in its first week, and vectors alone
20; so the example is no proof of them.
"""

_TELLING_SHARE = 0.05
_CHUNK_ROWS = 65_536
_GRID = 4000.0

_ENDING = re.compile(r"(?<=\w{4})(?:ings?|ed|es|s)$")
_GENERAL_STEMS = frozenset(_ENDING.sub("", word) for word in SAYS_NOTHING)


def mentions(
    item_vectors: npt.NDArray[np.float32],
    note_vectors: npt.NDArray[np.float32],
    note_release_ids: list[str],
    *,
    item_texts: Sequence[str] = (),
    note_texts: Sequence[str] = (),
    threshold: float = ABOUT_THRESHOLD,
) -> pd.DataFrame:
    """Find the items that are about a note of a release.

    An item is about a note when its cosine reaches `threshold`, or a lower one together with telling words of
    the note (`WITH_ONE_WORD`, `WITH_TWO_WORDS`): customers say in words of their own what a note says in a headline,
    but they call the thing by its name.

    Args:
        item_vectors: unit vectors, shape (n_items, dim).
        note_vectors: unit vectors of note sentences, shape (n_notes, dim).
        note_release_ids: the release of each note, length n_notes.
        item_texts: texts of the items, length n_items; none: vectors alone decide.
        note_texts: texts of the notes, length n_notes.
        threshold: cosine from which an item without a telling word is about a note, -1..1.

    Returns:
        Columns `item_position` (int, row of `item_vectors`), `release_id`, `similarity` (the greatest
        cosine over the notes of the release that the item is about); sorted by `item_position`, then
        `release_id`. The same bytes for any number of threads.

    Raises:
        ValueError: the shapes do not go together.
    """
    if len(note_vectors) != len(note_release_ids):
        raise ValueError("one release_id a note is needed")
    if item_texts and (len(item_texts) != len(item_vectors) or len(note_texts) != len(note_vectors)):
        raise ValueError("a text is needed for each vector")
    releases = sorted(set(note_release_ids))
    columns: dict[str, list[npt.NDArray[np.generic]]] = {"item_position": [], "release": [], "similarity": []}
    if releases and len(item_vectors):
        order = np.argsort(np.array(note_release_ids, dtype=object), kind="stable")
        starts = np.searchsorted([note_release_ids[i] for i in order], releases)
        notes = _on_grid(note_vectors[order]).T
        shared = _shared_words(item_texts, [note_texts[i] for i in order]) if item_texts else None
        for first in range(0, len(item_vectors), _CHUNK_ROWS):
            cosine = _on_grid(item_vectors[first : first + _CHUNK_ROWS]) @ notes / _GRID**2
            needed: npt.NDArray[np.floating] | float = threshold
            if shared is not None:
                n_words = shared[first : first + _CHUNK_ROWS].toarray()
                needed = np.choose(np.minimum(n_words, 2), [threshold, WITH_ONE_WORD, WITH_TWO_WORDS])
            best = np.maximum.reduceat(np.where(cosine >= needed, cosine, -1.0), starts, axis=1)
            rows, places = np.nonzero(best > -1.0)
            columns["item_position"].append(rows + first)
            columns["release"].append(places)
            columns["similarity"].append(np.round(best[rows, places].astype(np.float64), 6))
    empty = np.array([], dtype=np.int64)
    joined = {name: np.concatenate(parts) if parts else empty for name, parts in columns.items()}
    return pd.DataFrame(
        {
            "item_position": joined["item_position"].astype(np.int64),
            "release_id": pd.Series([releases[i] for i in joined["release"]], dtype=object),
            "similarity": joined["similarity"].astype(np.float64),
        }
    )


def similarity_to_notes(
    item_vectors: npt.NDArray[np.float32], note_vectors: npt.NDArray[np.float32], note_release_ids: Sequence[str]
) -> pd.DataFrame:
    """Tell how much a group of items speaks of what each release's notes say.

    Args:
        item_vectors: unit vectors of the group, shape (n_items, dim).
        note_vectors: unit vectors of note sentences, shape (n_notes, dim).
        note_release_ids: the release of each note, length n_notes.

    Returns:
        Columns `release_id` (sorted, each once), `similarity`: the mean over the items of the greatest cosine with a
        note of the release, -1..1. Empty without items or notes. The same bytes for any order and number of threads.

    Raises:
        ValueError: the lengths do not go together.
    """
    if len(note_vectors) != len(note_release_ids):
        raise ValueError("one release_id a note is needed")
    if not len(item_vectors) or not len(note_vectors):
        return pd.DataFrame({"release_id": pd.Series(dtype=object), "similarity": pd.Series(dtype=np.float64)})
    order = np.argsort(np.array(note_release_ids, dtype=object), kind="stable")
    releases, starts = np.unique(np.array([note_release_ids[i] for i in order], dtype=object), return_index=True)
    cosine = _on_grid(item_vectors) @ _on_grid(note_vectors[order]).T
    # Whole numbers: their sum is exact in any order.
    greatest = np.maximum.reduceat(cosine.astype(np.float64), starts, axis=1).sum(axis=0)
    mean = np.round(greatest / _GRID**2 / len(item_vectors), 6)
    return pd.DataFrame({"release_id": pd.Series(releases, dtype=object), "similarity": mean})


def _shared_words(item_texts: Sequence[str], note_texts: Sequence[str]) -> csr_matrix:
    """Count the telling words that each item shares with each note, (n_items, n_notes).

    A word of a note tells something when it is not general and few items have it.
    """
    of_notes = [_stems(text) - _GENERAL_STEMS for text in note_texts]
    place = {word: i for i, word in enumerate(sorted(set().union(*of_notes)))}
    pairs = [(row, place[word]) for row, text in enumerate(item_texts) for word in _stems(text) & place.keys()]
    rows, words = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    has = csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, words)), shape=(len(item_texts), len(place)))
    n_items_with = np.bincount(words, minlength=len(place))
    is_telling = n_items_with <= _TELLING_SHARE * len(item_texts)
    in_note = np.zeros((len(place), len(note_texts)), dtype=np.int8)
    for column, found in enumerate(of_notes):
        in_note[[place[word] for word in found if is_telling[place[word]]], column] = 1
    return csr_matrix(has @ csr_matrix(in_note))


def _stems(text: str) -> set[str]:
    """Words without case, hyphens and the commonest English endings, so that "line-ups" meets "lineup"."""
    return {
        _ENDING.sub("", word.casefold().replace("-", "").replace("\u2019", "'"))
        for word in WORD.findall(text)
        if len(word) > 2
    }


def _on_grid(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Round to whole numbers whose products sum exactly in float32, so that their order does not matter."""
    return np.asarray(np.rint(vectors * _GRID), dtype=np.float32)
