"""Everything a database holds, and what of it was known at an instant."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage import link
from feedback_triage.domain import LinkBasis
from feedback_triage.embed import Encoder, as_unit
from feedback_triage.pipeline.notes import NoteMatcher, note_sentences_of
from feedback_triage.store import Connection, exposures, proposals, read
from feedback_triage.store import releases as release_store
from feedback_triage.taxonomy import SILENCE


@dataclass(frozen=True, eq=False)
class History:
    """Items and releases as they lie in the database, oldest first.

    Attributes:
        items: see `store.read.items`, with `label` (the classifier's, None where it abstained or never judged).
        releases: see `store.read.releases`.
        vectors: unit vectors, shape (n_items, dim); zeros where there is no text.
        sentences: release_id and text of each sentence of release notes that says something.
        note_vectors: unit vectors of these, shape (n_sentences, dim).
        exposure: usage counts, see `store.exposures.usage_counts`.
        classifier_version: whose labels these are, "" where nothing was judged.
    """

    items: pd.DataFrame
    releases: pd.DataFrame
    vectors: NDArray[np.float32]
    sentences: tuple[tuple[str, str], ...]
    note_vectors: NDArray[np.float32]
    exposure: pd.DataFrame
    classifier_version: str

    def n_known(self, at: datetime) -> int:
        """How many items were written before an instant; they are the first ones."""
        return int(np.searchsorted(self._written, np.datetime64(_naive(at), "us"), side="left"))

    def releases_at(self, at: datetime) -> pd.DataFrame:
        """Releases that were out at an instant, without what happened to them later."""
        known = self.releases[self.releases["released_at"] <= at].reset_index(drop=True)
        if "rollout" in known:
            steps = [tuple(step for step in found if step[0] <= at) for found in known["rollout"]]
            known["rollout"] = pd.Series(steps, dtype=object, index=known.index)
        if "rolled_back_at" in known:
            known["rolled_back_at"] = known["rolled_back_at"].where(known["rolled_back_at"] <= at)
        return known

    @property
    def speaks(self) -> NDArray[np.bool_]:
        """Which items have words to cluster."""
        return np.asarray((self.items["label"] != SILENCE) & (self.items["text"] != ""), dtype=bool)

    @cached_property
    def links(self) -> pd.DataFrame:
        """Every link, see `link.link_items`: each uses only what was known when its item was written."""
        return link.link_items(self.items, self.releases)

    @cached_property
    def declared(self) -> "pd.Series[Any]":
        """Id of the release that each item declares, None where it declares none; in the order of the items."""
        of_basis = self.links[self.links["basis"] == LinkBasis.DECLARED.value].set_index("item_id")["release_id"]
        found = self.items["item_id"].map(of_basis).astype(object)
        return found.where(found.notna(), None)

    @cached_property
    def notes(self) -> NoteMatcher:
        """To be asked how much items speak of the notes of releases."""
        rows = {str(item_id): row for row, item_id in enumerate(self.items["item_id"])}
        return NoteMatcher(rows, self.vectors, self.sentences, self.note_vectors)

    @cached_property
    def _written(self) -> NDArray[np.datetime64]:
        written = self.items["written_at"].dt.tz_convert("UTC").dt.tz_localize(None)
        return np.asarray(written.to_numpy(dtype="datetime64[us]"))


def _naive(at: datetime) -> datetime:
    return pd.Timestamp(at).tz_convert("UTC").tz_localize(None).to_pydatetime()


def read_history(connection: Connection, encoder: Encoder, progress: Callable[[int], None] | None = None) -> History:
    """Read everything; nothing is written, and texts that lack a vector are encoded for this time alone."""
    items = read.items(connection)
    version = proposals.label_run(connection).classifier_version
    labels = proposals.of(connection, version).set_index("item_pk")["label"]
    found = items["item_pk"].map(labels).astype(object)
    items["label"] = found.where(found.notna(), None)
    releases = release_store.releases(connection)
    sentences = tuple(note_sentences_of(releases))
    # The pipeline keeps the vectors of sentences by the digest of the sentence.
    keys = [hashlib.sha256(text.encode()).hexdigest() for _, text in sentences]
    stored, known = (
        read.vectors(connection, encoder.encoder_id, of, encoder.dim) for of in (list(items["text_sha256"]), keys)
    )
    return History(
        items=items,
        releases=releases,
        vectors=_completed(encoder, list(items["text"]), stored, progress),
        sentences=sentences,
        note_vectors=_completed(encoder, [text for _, text in sentences], known, progress),
        exposure=exposures.usage_counts(connection),
        classifier_version=version if len(labels) else "",
    )


def _completed(
    encoder: Encoder, texts: Sequence[str], stored: NDArray[np.float16], progress: Callable[[int], None] | None
) -> NDArray[np.float32]:
    """Encode the texts whose vector is missing; the empty text has none."""
    vectors = stored.copy()
    missing = [i for i in np.flatnonzero(~stored.any(axis=1)).tolist() if texts[i]]
    if missing:
        distinct = sorted({texts[i] for i in missing})
        # Stored vectors are halves: those of now are rounded alike, so that it does not matter which were stored.
        encoded = dict(zip(distinct, encoder.encode(distinct, progress).astype(np.float16), strict=True))
        vectors[missing] = [encoded[texts[i]] for i in missing]
    return as_unit(vectors)
