"""The themes as they stand: what the machine found last, what people edited, and what readers see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.domain import ThemeEdit
from feedback_triage.embed import as_unit
from feedback_triage.store import Connection, read, theme_edits
from feedback_triage.themes import PresentThemes, replay


@dataclass(frozen=True, eq=False)
class Standing:
    """The themes as they stand.

    Attributes:
        clustering_pk: the last clustering, None before the first.
        clusters: its groups, see `store.read.clusters`.
        members: its items, see `store.read.cluster_members`.
        text_of_item: digest of the text of every item, clustered or not.
        themes: every theme that ever was, with `theme_id` as the index too; see `store.read.themes`.
        edits: the log.
        present: what readers see.
    """

    clustering_pk: int | None
    clusters: pd.DataFrame
    members: pd.DataFrame
    text_of_item: Mapping[str, str]
    themes: pd.DataFrame
    edits: tuple[ThemeEdit, ...]
    present: PresentThemes

    @property
    def groups(self) -> dict[str, str | None]:
        """Theme id of the group of each clustered item, None for noise."""
        known = self.members["theme_id"]
        return dict(zip(self.members["item_id"], known.astype(object).where(known.notna(), None), strict=True))

    @property
    def names_ever(self) -> dict[str, str]:
        """The name of every theme that ever was: a theme that is no more keeps its last one."""
        return dict(zip(self.themes.index, self.themes["name"], strict=True)) | dict(self.present.names)

    @property
    def names_found(self) -> dict[str, str]:
        """The machine's name of every theme that ever was and got one."""
        return {str(theme_id): str(name) for theme_id, name in self.themes["found_name"].items() if name}

    def after(self, edits: Iterable[ThemeEdit]) -> PresentThemes:
        """What readers see when this is the log."""
        return replay(self.groups, self.text_of_item, self.names_found, edits)


def standing_themes(connection: Connection) -> Standing:
    """Read the groups and the log, and replay the log."""
    clustering_pk = read.latest_clustering_pk(connection)
    keys = read.item_keys(connection)
    # No clustering has the number 0: before the first one the frames are empty.
    standing = Standing(
        clustering_pk=clustering_pk,
        clusters=read.clusters(connection, clustering_pk or 0),
        members=read.cluster_members(connection, clustering_pk or 0),
        text_of_item=dict(zip(keys["item_id"], keys["text_sha256"], strict=True)),
        themes=read.themes(connection).set_index("theme_id", drop=False).rename_axis(None),
        edits=theme_edits.log(connection),
        present=PresentThemes({}, {}, frozenset(), {}),
    )
    return replace(standing, present=standing.after(standing.edits))


def vectors_of(connection: Connection, standing: Standing, text_sha256s: list[str]) -> NDArray[np.float32]:
    """Unit vectors (n, dim) of these texts by the encoder that the last clustering used.

    Raises:
        ValueError: nothing was clustered yet.
    """
    if standing.clustering_pk is None:
        raise ValueError("there is no clustering yet")
    encoder_id, dim = read.clustering_space(connection, standing.clustering_pk)
    return as_unit(read.vectors(connection, encoder_id, text_sha256s, dim))
