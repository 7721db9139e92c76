"""Bursts of feedback found in what is known, and the releases suspected of them and of each theme."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from feedback_triage.domain import Incident, Suspect
from feedback_triage.incidents import find_incidents
from feedback_triage.pipeline.known import Known
from feedback_triage.pipeline.notes import NoteMatcher
from feedback_triage.store import Store, ledger
from feedback_triage.suspects import name_suspects

LEAST_REPORTS = 3
"""A theme of fewer items says too little of when it began."""
INCIDENT_LOOKBACK = pd.Timedelta(days=14)
"""Items of an incident's theme this long before it may be the first reports of the same fault."""

_THEME = "theme:"

Suspects = dict[tuple[str, str], list[Suspect]]
"""By what they are suspected of: ("incident" or "theme", its id)."""


def update_incidents(store: Store, known: Known, notes: NoteMatcher, as_of: datetime) -> int:
    """Find the incidents and the suspects anew, as they look at `as_of`, in what was known then; `notes` of it.

    Returns:
        How many incidents there are.
    """
    found = find_incidents(known.items, as_of=as_of)
    named = suspects_of(known, found, notes, as_of)
    item_pks = dict(zip(known.items["item_id"], known.items["item_pk"].astype(int), strict=True))
    with store.writing() as connection:
        ledger.put_incidents(connection, found, item_pks)
        ledger.put_suspects(connection, named)
    return len(found)


def suspects_of(known: Known, incidents: Sequence[Incident], notes: NoteMatcher, as_of: datetime) -> Suspects:
    """Name the suspects of every incident, and of every theme with enough items.

    Args:
        known: what was known at `as_of`.
        incidents: found in it.
        notes: of the releases in it.
        as_of: aware instant.
    """
    if known.releases.empty or known.items.empty:
        return {}
    items = known.items.set_index("item_id", drop=False).rename_axis(None)
    of_themes = {str(theme_id): list(ids) for theme_id, ids in items.groupby("theme_id", sort=True)["item_id"]}
    faults: dict[tuple[str, str], Sequence[str]] = {
        ("incident", incident.incident_id): _reports_of(incident, items, of_themes) for incident in incidents
    }
    of_one_kind = {theme_id: _of_the_main_label(items.loc[ids, "label"]) for theme_id, ids in of_themes.items()}
    faults |= {("theme", theme_id): ids for theme_id, ids in of_one_kind.items() if len(ids) >= LEAST_REPORTS}
    # An incident is asked about with what came shortly before it: what came earlier was left out, and is no onset.
    observed_from = {
        ("incident", incident.incident_id): pd.Timestamp(incident.started_at) - INCIDENT_LOOKBACK
        for incident in incidents
        if incident.scope.startswith(_THEME)
    }
    in_use = known.in_use.groupby("item_id", sort=False).indices
    words = notes.words_of(known.items, known.releases)
    place = {item_id: row for row, item_id in enumerate(known.items["item_id"])}
    named: Suspects = {}
    for subject, item_ids in faults.items():
        rows = [row for item_id in item_ids for row in in_use.get(item_id, ())]
        shared = words.shared_by([place[item_id] for item_id in item_ids])
        named[subject] = name_suspects(
            items.loc[list(item_ids)].reset_index(drop=True),
            known.releases,
            links=known.in_use.iloc[rows].reset_index(drop=True),
            similarity=notes.similarity(list(item_ids)).merge(shared, on="release_id"),
            background=known.items,
            as_of=as_of,
            observed_from=observed_from.get(subject),
        )
    return named


def _reports_of(incident: Incident, items: pd.DataFrame, of_themes: Mapping[str, Sequence[str]]) -> list[str]:
    """The incident's items, and those of its theme before it: a burst may come long after a fault's first report."""
    theme_id = incident.scope.removeprefix(_THEME)
    earlier = of_themes.get(theme_id, ()) if theme_id != incident.scope else ()
    written = items.loc[list(earlier), "written_at"]
    start = pd.Timestamp(incident.started_at)
    began = list(written.index[(written < start) & (written >= start - INCIDENT_LOOKBACK)])
    return [*began, *incident.item_ids]


def _of_the_main_label(labels: pd.Series) -> list[str]:
    """The items with the label that most of a theme's have, all of them where none has more than half.

    A theme also holds other talk of the same thing; a fault is told under one label.
    """
    counts = labels.value_counts()
    if counts.empty or 2 * counts.iloc[0] <= len(labels):
        return list(labels.index)
    return list(labels.index[labels == counts.index[0]])
