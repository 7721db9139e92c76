"""An incident in words and numbers: what it is told by, how many came and how many are usual."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feedback_triage.domain import Incident
from feedback_triage.incidents.scan import LONG_WINDOWS, MIN_ITEMS
from feedback_triage.incidents.series import ALL, DAY, Ints, SeriesKey, SeriesTable
from feedback_triage.incidents.standing import Standing
from feedback_triage.incidents.watch import Watch
from feedback_triage.silence.stream import to_datetime

EXPLAINS = 0.8
LEFT_USUAL = 0.01
ROSE = 0.001


@dataclass(frozen=True, slots=True)
class _Rise:
    """What one series brought in the time of an incident.

    Attributes:
        series: which.
        rows: positions of its items.
        expected: how many would have come anyway.
    """

    series: int
    rows: Ints
    expected: float

    @property
    def excess(self) -> float:
        return len(self.rows) - self.expected


def tell(watch: Watch) -> list[Incident]:
    """Make the values, in the order of their first items."""
    ids: dict[str, int] = {}
    found = []
    for incident in watch.incidents:
        name = f"{to_datetime(incident.start):%Y-%m-%dT%H:%M:%SZ}"
        ids[name] = ids.get(name, 0) + 1
        own = name if ids[name] == 1 else f"{name}-{ids[name]}"
        found.append(_told(watch, incident, own))
    return sorted(found, key=lambda each: (each.started_at, each.incident_id))


def _told(watch: Watch, incident: Standing, incident_id: str) -> Incident:
    table = watch.table
    ended, claimed = incident.told()
    last = _last(table, incident, ended, claimed)
    bank = int(incident.window > DAY / 2 or last - incident.start > DAY)
    rises = [_rise(watch, incident, bank, series, last) for series in _series_in(table, incident)]
    whole = _whole(rises, incident, table)
    best = _narrowest(table, rises, whole, incident, bank)
    key = table.keys[best.series]
    usual = incident.judges[bank].usual
    exposure = best.expected / max(float(usual.first[best.series]), 1e-12)
    lower, upper = usual.interval(best.series, exposure)
    rows = best.rows
    # A date without a time is all of its day.
    length = last - incident.start + (DAY if table.is_dated[rows].all() else 0.0)
    return Incident(
        incident_id=incident_id,
        scope=key.scope,
        also_in=_also_in(table, rises, best, incident, bank),
        product=key.product,
        platform=key.platform,
        started_at=to_datetime(incident.start),
        raised_at=to_datetime(incident.raised),
        last_at=to_datetime(last),
        ended_at=None if ended is None else to_datetime(ended),
        observed_count=len(rows),
        expected_count=round(best.expected, 3),
        upper=upper,
        n_items_until_raised=incident.n_until_raised,
        item_ids=tuple(str(each) for each in table.item_ids[rows]),
        reason=_reason(len(rows), length, lower, upper),
    )


def _last(table: SeriesTable, incident: Standing, ended: float | None, claimed: list[int]) -> float:
    """Give the instant of the last item: what came in the calm that showed the end is not part of it."""
    hours = table.hours[np.array(claimed)]
    if ended is None:
        return float(hours.max())
    return float(hours[hours <= max(ended - incident.calm_hours, incident.raised)].max())


def _series_in(table: SeriesTable, incident: Standing) -> list[int]:
    """Name the series that hold as many of its items as a burst needs, and those it claims."""
    of_rows = table.of_item[np.array(incident.rows)].ravel()
    series, counts = np.unique(of_rows[of_rows >= 0], return_counts=True)
    return sorted({*series[counts >= MIN_ITEMS].tolist(), *incident.claims})


def _rise(watch: Watch, incident: Standing, bank: int, series: int, last: float) -> _Rise:
    rows = watch.counts[int(incident.window > DAY / 2)].rows(series, np.nextafter(incident.start, -np.inf), last)
    # What another incident claims is of another cause.
    rows = rows[np.isin(watch.claimed[rows], [-1, incident.number])]
    judge = incident.judges[bank]
    shortest = float(LONG_WINDOWS[0]) if bank == 1 else 1 / 60
    begin = min(incident.start, last - shortest)
    flat = float(judge.season.exposure(last) - judge.season.exposure(begin)) * float(incident.shares[series])
    return _Rise(series, rows, flat * float(judge.usual.first[series]))


def _whole(rises: Sequence[_Rise], incident: Standing, table: SeriesTable) -> _Rise:
    """Give what rose in all: the series that claims the others, or the items of all that it claims together."""
    claimed = [rise for rise in rises if rise.series in incident.claims]
    rows = np.unique(np.concatenate([rise.rows for rise in claimed]))
    everything = min((rise.expected for rise in rises if table.keys[rise.series] == SeriesKey(ALL)), default=np.inf)
    together = float(sum(rise.expected for rise in claimed))
    largest = max(rise.expected for rise in claimed)
    return _Rise(claimed[0].series, rows, max(largest, min(everything, together)))


def _width(key: SeriesKey) -> tuple[int, bool, bool, SeriesKey]:
    """Order series of the same items: a theme before a label before all, one platform before any."""
    kinds = ("theme", "label", ALL)
    return kinds.index(key.scope.partition(":")[0]), not key.platform, not key.product, key


def _narrowest(table: SeriesTable, rises: Sequence[_Rise], whole: _Rise, incident: Standing, bank: int) -> _Rise:
    """Give the series with the least to be expected that explains the rise: what is left without it is usual."""
    usual = incident.judges[bank].usual
    for rise in sorted(rises, key=lambda each: (round(each.expected, 6), *_width(table.keys[each.series]))):
        inside = np.intersect1d(rise.rows, whole.rows, assume_unique=True)
        if len(inside) - rise.expected < EXPLAINS * whole.excess:
            continue
        left = len(whole.rows) - len(inside)
        exposure = max(whole.expected - rise.expected, 1e-9) / max(float(usual.first[whole.series]), 1e-12)
        if left == 0 or float(usual.probability_at_least(whole.series, left, exposure)) >= LEFT_USUAL:
            return rise
    return max(rises, key=lambda each: (each.excess, -each.series))


def _also_in(table: SeriesTable, rises: Sequence[_Rise], best: _Rise, incident: Standing, bank: int) -> tuple[str, ...]:
    usual = incident.judges[bank].usual
    found = set()
    for rise in rises:
        common = len(np.intersect1d(rise.rows, best.rows, assume_unique=True))
        exposure = rise.expected / max(float(usual.first[rise.series]), 1e-12)
        rose = float(usual.probability_at_least(rise.series, len(rise.rows), exposure)) < ROSE
        if rose and (common >= MIN_ITEMS or rise.series in incident.claims):
            found.add(table.keys[rise.series].scope)
    return tuple(sorted(found - {table.keys[best.series].scope}))


def _reason(count: int, hours: float, lower: int, upper: int) -> str:
    usual = f"{lower} to {upper} are usual" if upper > 0 else "none is usual"
    return f"{count} items in {_length(hours)} where {usual}"


def _length(hours: float) -> str:
    """Say how long: "40 minutes", "2 hours", "3 days"."""
    if hours == DAY:
        return "one day"
    for size, name, least in ((24.0, "day", 48.0), (1.0, "hour", 1.5)):
        if hours >= least:
            return f"{round(hours / size)} {name}s"
    minutes = round(hours * 60)
    return "one minute" if minutes <= 1 else f"{minutes} minutes"
