"""What was known at an instant: items with their labels, themes and releases, and the releases themselves."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from feedback_triage.domain import LinkBasis
from feedback_triage.pipeline.understanding import judged
from feedback_triage.store import Connection, read
from feedback_triage.store import releases as release_store
from feedback_triage.themes import PresentThemes


@dataclass(frozen=True, eq=False)
class Known:
    """What was known at an instant.

    Attributes:
        items: those written before it: the columns of `understanding.judged`, `release_id` (the most recent, None
            before any), `declared_release_id` (None where none was named), `theme_id` (None for none, and for a
            hidden one).
        releases: those out at it, see `store.releases.releases`.
        in_use: item_id, release_id (None: before any), probability of these items.
        n_in_hidden_themes: how many items have no `theme_id` only because their theme is hidden.
    """

    items: pd.DataFrame
    releases: pd.DataFrame
    in_use: pd.DataFrame
    n_in_hidden_themes: int


def known_at(connection: Connection, as_of: datetime, themes: PresentThemes) -> Known:
    """Gather it.

    Args:
        connection: to the database.
        as_of: aware instant; nothing written at it or later is in it, nor a release that comes later.
        themes: as readers see them.
    """
    items = judged(connection, read.items(connection))
    items = items[items["written_at"] < as_of]
    releases = release_store.releases(connection)
    releases = releases[releases["released_at"] <= as_of].reset_index(drop=True)
    links = read.release_links(connection)
    for basis, column in ((LinkBasis.MOST_RECENT, "release_id"), (LinkBasis.DECLARED, "declared_release_id")):
        of_basis = links[links["basis"] == basis.value].set_index("item_pk")["release_id"]
        items[column] = items["item_pk"].map(of_basis)
    found = items["item_id"].map(themes.theme_of_item).astype(object)
    is_hidden = found.isin(themes.hidden)
    items["theme_id"] = found.where(found.notna() & ~is_hidden, None)
    in_use = links[(links["basis"] == LinkBasis.IN_USE.value) & links["item_pk"].isin(items["item_pk"])]
    item_ids = items.set_index("item_pk")["item_id"]
    in_use = in_use.assign(item_id=in_use["item_pk"].map(item_ids))[["item_id", "release_id", "probability"]]
    return Known(items.reset_index(drop=True), releases, in_use.reset_index(drop=True), int(is_hidden.sum()))
