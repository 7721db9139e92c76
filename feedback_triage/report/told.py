"""What an incident tells already, so that nothing is said twice."""

from collections.abc import Iterable

from feedback_triage.report.facts import Facts
from feedback_triage.report.filters import ItemFilter
from feedback_triage.report.incident_parts import IncidentRow
from feedback_triage.report.parts import ReleaseRow

LEAST_SHARE = 0.5
"""What grew or rose is an incident's if at least this share of what exceeds its expectation are items of incidents."""


def n_of_incidents(facts: Facts, incidents: Iterable[IncidentRow], where: ItemFilter) -> int:
    """Count the items that the filter finds and that belong to one of the incidents."""
    ids = {row.incident_id for row in incidents}
    return sum(not ids.isdisjoint(found) for found in facts.found(where)["incidents"]) if ids else 0


def told_by_incidents(facts: Facts, rows: Iterable[ReleaseRow], incidents: Iterable[IncidentRow]) -> set[str]:
    """Give the ids of the loud releases whose spike is told by an incident."""
    known = tuple(incidents)
    told = set()
    for row in rows:
        if not known or row.reign is None or not row.is_loud:
            continue
        n = n_of_incidents(facts, known, ItemFilter(release=row.release_id))
        if n >= LEAST_SHARE * (row.reign.observed.n - row.reign.expected):
            told.add(row.release_id)
    return told
