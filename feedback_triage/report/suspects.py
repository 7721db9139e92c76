"""The releases suspected of an incident or a theme, each probability as a number and in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import Count, ItemFilter
from feedback_triage.report.parts import Ref

MOST_SUSPECTS = 4
"""Releases named; "none of them" is always named besides."""

LEAST_PROBABILITY = 0.01
"""A release less likely than this is left out, unless it is the likeliest."""

MANY_BEFORE = 0.2
"""From this share of a theme's items before a release on, the release is told as the suspect of its growth only."""

LIKELY = 0.65

_WORDS = ((0.9, "almost surely"), (LIKELY, "likely"), (0.35, "perhaps"), (0.1, "less likely"), (0.0, "unlikely"))

Suspects = dict[tuple[str, str], tuple["SuspectRow", ...]]
"""By what they are suspected of: ("incident" or "theme", its id); likeliest first."""


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """One answer to "which release did it".

    Attributes:
        release: None stands for none of them.
        words: the probability in words.
        share: the probability as a number to be read, such as "93 %".
        is_first: the likeliest of all, "none of them" included.
        before: items of a theme that came before the release, None where these are few or it is not of a theme.
    """

    release: Ref | None
    release_id: str | None
    released_at: datetime | None
    kind: str
    probability: float
    words: str
    share: str
    reason: str
    is_first: bool
    before: Count | None = None


def build_suspects(facts: Facts) -> Suspects:
    """Build the suspects of every subject: the likeliest few, and "none of them"."""
    frame = facts.source.suspects
    known = {str(row.release_id): row for row in records(facts.releases)}
    release_ids = [None if pd.isna(value) else str(value) for value in frame["release_id"]]
    ordered = frame.assign(release_id=pd.Series(release_ids, index=frame.index, dtype=object))
    ordered = ordered.assign(
        is_none=ordered["release_id"].isna(),
        name=ordered["release_id"].fillna(""),
        rank=-ordered["probability"].astype("float64"),
    ).sort_values(["subject_kind", "subject_id", "rank", "is_none", "name"])
    found: Suspects = {}
    for (kind, subject_id), part in ordered.groupby(["subject_kind", "subject_id"], sort=True):
        rows = [row for row in records(part) if row.is_none or row.name in known]
        made = [_row(facts, row, known.get(row.name), is_first=place == 0) for place, row in enumerate(rows)]
        named = [row for row in made if row.release and (row.is_first or row.probability >= LEAST_PROBABILITY)]
        kept = {id(row) for row in named[:MOST_SUSPECTS]}
        found[str(kind), str(subject_id)] = tuple(row for row in made if id(row) in kept or row.release is None)
    return found


def _row(facts: Facts, row: Any, release: Any, *, is_first: bool) -> SuspectRow:
    probability = float(row.probability)
    return SuspectRow(
        release=None if release is None else facts.release(row.name),
        release_id=None if release is None else str(row.name),
        released_at=None if release is None else pd.Timestamp(release.released_at).to_pydatetime(),
        kind="" if release is None else str(release.kind),
        probability=probability,
        words=in_words(probability),
        share=percent(probability),
        reason=str(row.reason) if pd.notna(row.reason) else "",
        is_first=is_first,
        before=None if release is None or row.subject_kind != "theme" or not is_first else _before(facts, row, release),
    )


def _before(facts: Facts, row: Any, release: Any) -> Count | None:
    where = ItemFilter(theme=str(row.subject_id))
    before = facts.count(where.narrowed(end_at=pd.Timestamp(release.released_at).to_pydatetime()))
    return before if before.n > MANY_BEFORE * facts.count(where).n else None


def in_words(probability: float) -> str:
    """Say how likely it is.

    >>> in_words(0.93), in_words(0.5), in_words(0.02)
    ('almost surely', 'perhaps', 'unlikely')
    """
    return next(words for least, words in _WORDS if probability >= least)


def percent(probability: float) -> str:
    """Write it so that nothing looks certain that is not.

    >>> percent(0.934), percent(0.9991), percent(0.004), percent(1.0)
    ('93 %', 'over 99 %', 'under 1 %', '100 %')
    """
    if 0 < probability < 0.005:
        return "under 1 %"
    if 0.995 <= probability < 1:
        return "over 99 %"
    return f"{probability * 100:.0f} %"
