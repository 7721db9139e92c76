"""Links that customers call broken, and what they answered when they were asked."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from feedback_triage.report.facts import Facts, records

_ORDER = {"dead": 0, "failing": 1, "alive": 2, "refused": 3}


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link.

    Attributes:
        url: as customers wrote it, made canonical; never made clickable.
        outcome: dead, failing, alive or refused.
        told: what it answered, in words.
        n_items: items labelled broken_link that name it.
    """

    url: str
    outcome: str
    told: str
    n_items: int


def build_links(facts: Facts) -> tuple[LinkRow, ...]:
    """Give the links that were asked: dead ones first, those named most often first among them."""
    links = facts.source.links
    ordered = links.assign(rank=links["outcome"].map(_ORDER).fillna(len(_ORDER))).sort_values(
        ["rank", "n_items", "url"], ascending=[True, False, True]
    )
    return tuple(
        LinkRow(str(row.url), str(row.outcome), _told(facts, row), int(row.n_items)) for row in records(ordered)
    )


def _told(facts: Facts, row: Any) -> str:
    answer = "no answer" if pd.isna(row.status) else f"status {int(row.status)}"
    if row.outcome == "dead":
        seen = "" if pd.isna(row.first_seen_dead_at) else f", first seen {facts.clock.moment(row.first_seen_dead_at)}"
        return f"dead ({answer}){seen}"
    checked = facts.clock.moment(row.checked_at)
    if row.outcome == "refused":
        return f"not requested, its address is not public ({checked})"
    return f"{'answers' if row.outcome == 'alive' else 'fails'} ({answer}, {checked})"
