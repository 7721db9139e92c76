"""Bursts of feedback."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """One burst of feedback with one cause, however many labels, themes and channels it rose in.

    Attributes:
        incident_id: readable and lasting: the instant of its first item, numbered where two began at once.
        scope: what it is told by, the one that fits its items best: `all`, `label:NAME`, `theme:ID`.
        also_in: other scopes that rose with it.
        product, platform: in lower case, "" where it is not of one alone.
        started_at: when its first item was written.
        raised_at: when it could first be known: the item that made it certain.
        last_at: when its last item was written.
        ended_at: when it was over, None while it goes on.
        observed_count: items of the scope from `started_at` to `last_at`.
        expected_count, upper: what that time would have brought anyway, and the 97.5 % point of it.
        n_items_until_raised: items from `started_at` to `raised_at`, both included.
        item_ids: its items ("source:external_id"), oldest first.
        reason: one sentence for a person.
    """

    incident_id: str
    scope: str
    also_in: tuple[str, ...]
    product: str
    platform: str
    started_at: datetime
    raised_at: datetime
    last_at: datetime
    ended_at: datetime | None
    observed_count: int
    expected_count: float
    upper: int
    n_items_until_raised: int
    item_ids: tuple[str, ...]
    reason: str
