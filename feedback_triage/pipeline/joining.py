"""Items joined to releases: links, what items say about a release's notes, and the silence ledger."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from feedback_triage import link, silence
from feedback_triage.domain import SilenceWindow
from feedback_triage.pipeline.known import Known
from feedback_triage.pipeline.notes import NoteMatcher
from feedback_triage.store import Store, exposures, ledger, read, write
from feedback_triage.store import releases as release_store


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


def update_silence(
    store: Store, known: Known, notes: NoteMatcher, as_of: datetime, window_hours: Sequence[float]
) -> int:
    """Make the silence ledger anew as it looks at `as_of`, with windows of these lengths.

    Args:
        store: the database.
        known: what was known at `as_of`.
        notes: of the releases in it.
        as_of: aware instant.
        window_hours: lengths of the windows.

    Returns:
        How many windows it has.
    """
    with store.reading() as connection:
        usage = exposures.usage_counts(connection)
    mentions = notes.mentions(known.items, known.releases)
    windows = windows_of(known.items, known.releases, mentions, window_hours, usage, as_of)
    with store.writing() as connection:
        write.release_mentions(connection, mentions)
        ledger.put_silence_windows(connection, windows)
    return len(windows)


def windows_of(
    items: pd.DataFrame,
    releases: pd.DataFrame,
    mentions: pd.DataFrame,
    window_hours: Sequence[float],
    usage: pd.DataFrame,
    as_of: datetime,
) -> list[SilenceWindow]:
    """Every window of the ledger as it looks at `as_of`: over all items, over channels, and over the notes."""
    windows = silence.ledger_windows(items, releases, hours=window_hours, exposure=usage, as_of=as_of)
    for hours in window_hours:
        windows += silence.subject_windows(mentions, items, releases, window_hours=hours, exposure=usage, as_of=as_of)
    return windows
