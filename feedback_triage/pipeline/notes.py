"""How much items speak of what the notes of releases say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage import subject
from feedback_triage.embed import Encoder, as_unit
from feedback_triage.pipeline.understanding import embed_texts
from feedback_triage.store import Store, read

MENTION_HORIZON_DAYS = 84
"""Items up to this long before and after a release are compared with its notes; an older one is about another."""

_MENTION_COLUMNS = ["release_id", "item_id", "item_pk", "release_pk", "written_at", "similarity"]


@dataclass(frozen=True, eq=False)
class NoteMatcher:
    """The vectors of items and of the sentences of notes, to be asked about groups of items.

    Attributes:
        rows: item_id to the row of its vector.
        item_vectors: unit vectors, shape (n_items, dim).
        sentences: (release_id, sentence) of the notes, length n_notes; see `note_sentences_of`.
        note_vectors: unit vectors of these, shape (n_notes, dim).
    """

    rows: dict[str, int]
    item_vectors: npt.NDArray[np.float32]
    sentences: Sequence[tuple[str, str]]
    note_vectors: npt.NDArray[np.float32]

    @classmethod
    def of(cls, store: Store, encoder: Encoder, items: pd.DataFrame, releases: pd.DataFrame) -> "NoteMatcher":
        """Read the vectors of the items, and encode the notes that are new.

        Args:
            store: the database.
            encoder: which the items are encoded with.
            items: columns item_id, text_sha256.
            releases: columns release_id, notes.
        """
        sentences = note_sentences_of(releases)
        note_vectors = embed_texts(store, encoder, [sentence for _, sentence in sentences])
        with store.reading() as connection:
            vectors = as_unit(read.vectors(connection, encoder.encoder_id, list(items["text_sha256"]), encoder.dim))
        rows = {str(item_id): row for row, item_id in enumerate(items["item_id"])}
        return cls(rows, vectors, sentences, note_vectors)

    def vectors_of(self, item_ids: Iterable[str]) -> npt.NDArray[np.float32]:
        """Give the vectors of these items, shape (n, dim)."""
        return self.item_vectors[[self.rows[item_id] for item_id in item_ids]]

    def similarity(self, item_ids: Sequence[str]) -> pd.DataFrame:
        """Give how much these items speak of each release's notes; see `subject.similarity_to_notes`."""
        note_release_ids = [release_id for release_id, _ in self.sentences]
        return subject.similarity_to_notes(self.vectors_of(item_ids), self.note_vectors, note_release_ids)

    def words_of(self, items: pd.DataFrame, releases: pd.DataFrame) -> subject.NoteWords:
        """Look for the words of these releases' notes in these items; rows as in `items`, which has a column text."""
        names = set(releases["release_id"])
        return subject.NoteWords.of(list(items["text"]), [pair for pair in self.sentences if pair[0] in names])

    def mentions(self, items: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
        """Find which of these items are about what the notes of these releases say; see `mentions_of`."""
        vectors = self.vectors_of(items["item_id"])
        return mentions_of(items, vectors, releases, self.sentences, self.note_vectors)


def note_sentences_of(releases: pd.DataFrame) -> list[tuple[str, str]]:
    """Give (release_id, sentence) for each sentence of notes that says something of its own."""
    return [
        (str(release_id), sentence)
        for release_id, text in zip(releases["release_id"], releases["notes"], strict=True)
        for sentence in subject.note_sentences(text)
    ]


def mentions_of(
    items: pd.DataFrame,
    item_vectors: npt.NDArray[np.float32],
    releases: pd.DataFrame,
    sentences: Sequence[tuple[str, str]],
    note_vectors: npt.NDArray[np.float32],
) -> pd.DataFrame:
    """Find the items that are about what the notes of a release say, within `MENTION_HORIZON_DAYS` of it.

    Which words tell something is told by these items alone.

    Args:
        items: columns item_id, item_pk, written_at, text, platform, product.
        item_vectors: unit vectors of the items, shape (n_items, dim).
        releases: columns release_id, release_pk, released_at, platform, product.
        sentences: (release_id, sentence), see `note_sentences_of`; those of other releases are left out.
        note_vectors: unit vectors of the sentences, shape (n_sentences, dim).

    Returns:
        release_id, item_id, item_pk, release_pk, written_at, similarity (cosine).
    """
    names = set(releases["release_id"])
    own = [row for row, (release_id, _) in enumerate(sentences) if release_id in names]
    if not own or items.empty:
        return pd.DataFrame({name: [] for name in _MENTION_COLUMNS}).assign(written_at=items["written_at"].iloc[:0])
    found = subject.mentions(
        item_vectors,
        note_vectors[own],
        [sentences[row][0] for row in own],
        item_texts=list(items["text"]),
        note_texts=[sentences[row][1] for row in own],
    )
    about = items.iloc[found["item_position"]][["item_id", "item_pk", "written_at", "platform", "product"]]
    found = pd.concat([found.reset_index(drop=True), about.reset_index(drop=True)], axis=1)
    columns = releases[["release_id", "release_pk", "released_at", "platform", "product"]]
    found = found.merge(columns, on="release_id", suffixes=("", "_of_release"))
    fits = (found["written_at"] - found["released_at"]).abs() <= pd.Timedelta(days=MENTION_HORIZON_DAYS)
    for name in ("platform", "product"):
        of_item, of_release = found[name].str.casefold(), found[f"{name}_of_release"].str.casefold()
        fits &= (of_item == "") | (of_release == "") | (of_item == of_release)
    return found.loc[fits, _MENTION_COLUMNS].reset_index(drop=True)
