"""Items joined to releases: links, what items say about a release's notes, and the silence ledger."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from feedback_triage import link, silence, subject
from feedback_triage.embed import Encoder, as_unit
from feedback_triage.pipeline.notes import note_sentences_of
from feedback_triage.pipeline.understanding import embed_texts
from feedback_triage.store import Store, exposures, ledger, read, write
from feedback_triage.store import releases as release_store

NOTES_WINDOW_HOURS = 168.0
MENTION_HORIZON_DAYS = 84
"""Items up to this long before and after a release are compared with its notes; an older one is about another."""

_MENTION_COLUMNS = ["release_id", "item_id", "item_pk", "release_pk", "written_at", "similarity"]


def derive_releases(store: Store) -> int:
    """Where no release file was given: make releases of the versions that customers declared.

    Returns:
        How many derived releases are new or changed; 0 where real ones are known.
    """
    with store.reading() as connection:
        releases = release_store.releases(connection)
        if len(releases) and not releases["is_derived"].all():
            return 0
        derived = link.derive_releases(read.items(connection))
    with store.writing() as connection:
        return release_store.n_changed(release_store.put_releases(connection, derived))


def link_all(store: Store) -> int:
    """Link every item to its releases; only links that differ from the stored ones are written.

    Returns:
        How many items got other links than before.
    """
    with store.reading() as connection:
        items, releases = read.items(connection), release_store.releases(connection)
    links = link.link_items(items, releases)
    links["item_pk"] = links["item_id"].map(items.set_index("item_id")["item_pk"])
    pks = releases.set_index("release_id")["release_pk"].astype("Int64")
    links["release_pk"] = links["release_id"].map(pks).astype("Int64")
    links["probability"] = links["probability"].round(6)
    with store.writing() as connection:
        return write.release_links(connection, links)


def update_silence(store: Store, encoder: Encoder, as_of: datetime, window_hours: Sequence[float]) -> int:
    """Make the silence ledger anew as it looks at `as_of`, with windows of these lengths.

    Returns:
        How many windows it has.
    """
    with store.reading() as connection:
        items, releases = read.items(connection), release_store.releases(connection)
        usage = exposures.usage_counts(connection)
    items = items[items["written_at"] < as_of].reset_index(drop=True)
    releases = releases[releases["released_at"] <= as_of].reset_index(drop=True)
    mentions = find_mentions(store, encoder, items, releases)
    windows = silence.ledger_windows(items, releases, hours=window_hours, exposure=usage, as_of=as_of)
    about = mentions[["release_id", "item_id", "written_at"]]
    for hours in window_hours:
        windows += silence.subject_windows(about, items, releases, window_hours=hours, as_of=as_of)
    with store.writing() as connection:
        write.release_mentions(connection, mentions)
        ledger.put_silence_windows(connection, windows)
    return len(windows)


def find_mentions(store: Store, encoder: Encoder, items: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
    """Items that are about what the notes of a release say, within `MENTION_HORIZON_DAYS` of it.

    Returns:
        release_id, item_id, item_pk, release_pk, written_at, similarity (cosine).
    """
    notes = note_sentences_of(releases)
    if not notes or items.empty:
        return pd.DataFrame({name: [] for name in _MENTION_COLUMNS})
    note_vectors = embed_texts(store, encoder, [sentence for _, sentence in notes])
    with store.reading() as connection:
        vectors = as_unit(read.vectors(connection, encoder.encoder_id, list(items["text_sha256"]), encoder.dim))
    found = subject.mentions(
        vectors,
        note_vectors,
        [release_id for release_id, _ in notes],
        item_texts=list(items["text"]),
        note_texts=[sentence for _, sentence in notes],
    )
    about = items.iloc[found["item_position"]][["item_id", "item_pk", "written_at", "platform", "product"]]
    found = pd.concat([found.reset_index(drop=True), about.reset_index(drop=True)], axis=1)
    columns = releases[["release_id", "release_pk", "released_at", "platform", "product"]]
    found = found.merge(columns, on="release_id", suffixes=("", "_of_release"))
    is_near = (found["written_at"] - found["released_at"]).abs() <= pd.Timedelta(days=MENTION_HORIZON_DAYS)
    fits = is_near
    for name in ("platform", "product"):
        of_item, of_release = found[name].str.casefold(), found[f"{name}_of_release"].str.casefold()
        fits &= (of_item == "") | (of_release == "") | (of_item == of_release)
    return found.loc[fits, _MENTION_COLUMNS].reset_index(drop=True)
