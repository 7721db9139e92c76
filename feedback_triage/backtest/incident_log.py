"""Incidents from look to look, each once, however often it is seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from feedback_triage.backtest.values import FoundIncident
from feedback_triage.domain import Incident, Suspect

SAME_CAUSE = 0.5
"""Share of the items of the smaller one that two incidents have in common when they are one, seen with other themes."""

NameSuspects = Callable[[Incident, datetime], tuple[Suspect, ...]]
"""Names the suspects of an incident with what is known at an instant."""


class IncidentLog:
    """Remembers when each incident became known, and how it was seen last."""

    def __init__(self, start_at: datetime, name_suspects: NameSuspects) -> None:
        """Start a log.

        Args:
            start_at: incidents raised at or before it are left out: nobody saw them being raised.
            name_suspects: asked once an incident, when it becomes known.
        """
        self._start_at = start_at
        self._name_suspects = name_suspects
        self._found: list[FoundIncident] = []
        self._earlier: list[frozenset[str]] = []

    @property
    def found(self) -> tuple[FoundIncident, ...]:
        """Every incident, as they became known."""
        return tuple(sorted(self._found, key=lambda one: (one.known_at, one.incident_id)))

    def see(self, incidents: Iterable[Incident], themes_at: datetime, written_at: Mapping[str, datetime]) -> None:
        """Take in the incidents that are found with the themes of a look.

        Args:
            incidents: all that are known by now, in any order.
            themes_at: the look whose themes they were found with: what these show of the time before it, and what no
                earlier look showed, was known from then on.
            written_at: when each of their items was written.
        """
        seen: set[int] = set()
        for incident in sorted(incidents, key=lambda one: (one.raised_at, one.incident_id)):
            known_at = max(incident.raised_at, themes_at)
            # What came after it was known must not decide whether it was one of those before.
            items = frozenset(item_id for item_id in incident.item_ids if written_at[item_id] <= known_at)
            if incident.raised_at <= self._start_at:
                self._earlier.append(items)
                continue
            place = self._place(incident.incident_id, items)
            if place is None and any(_in_common(items, others) >= SAME_CAUSE for others in self._earlier):
                continue
            if place is None:
                place = len(self._found)
                self._found.append(self._new(incident, known_at, len(items)))
            elif place not in seen:
                self._found[place] = _as_seen(self._found[place], incident)
            else:
                # Two incidents of today are one of before: the larger part tells it on, both give their items.
                self._found[place] = _joined(self._found[place], incident)
            seen.add(place)
        for place, one in enumerate(self._found):
            self._found[place] = replace(one, is_withdrawn=place not in seen)

    def _place(self, incident_id: str, items: frozenset[str]) -> int | None:
        for place, one in enumerate(self._found):
            if one.incident_id == incident_id:
                return place
        shares = [_in_common(items, one.item_ids) for one in self._found]
        best = max(range(len(shares)), key=lambda place: shares[place], default=None)
        return best if best is not None and shares[best] >= SAME_CAUSE else None

    def _new(self, incident: Incident, known_at: datetime, n_items: int) -> FoundIncident:
        return FoundIncident(
            incident_id=incident.incident_id,
            known_at=known_at,
            n_items_until_known=n_items,
            suspects=self._name_suspects(incident, known_at),
            scope=incident.scope,
            product=incident.product,
            platform=incident.platform,
            started_at=incident.started_at,
            raised_at=incident.raised_at,
            last_at=incident.last_at,
            ended_at=incident.ended_at,
            observed_count=incident.observed_count,
            expected_count=incident.expected_count,
            reason=incident.reason,
            item_ids=frozenset(incident.item_ids),
            is_withdrawn=False,
        )


def _as_seen(one: FoundIncident, incident: Incident) -> FoundIncident:
    return replace(
        one,
        scope=incident.scope,
        product=incident.product,
        platform=incident.platform,
        started_at=incident.started_at,
        raised_at=incident.raised_at,
        last_at=incident.last_at,
        ended_at=incident.ended_at,
        observed_count=incident.observed_count,
        expected_count=incident.expected_count,
        reason=incident.reason,
        item_ids=one.item_ids | frozenset(incident.item_ids),
    )


def _joined(one: FoundIncident, incident: Incident) -> FoundIncident:
    items = one.item_ids | frozenset(incident.item_ids)
    if incident.observed_count > one.observed_count:
        return replace(_as_seen(one, incident), item_ids=items)
    return replace(one, item_ids=items)


def _in_common(items: frozenset[str], others: frozenset[str]) -> float:
    return len(items & others) / max(1, min(len(items), len(others)))
