"""An incident in short bars, with the releases that came in it: the numbers, and the drawing."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from markupsafe import Markup

from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import Count, ItemFilter, microseconds
from feedback_triage.report.incident_parts import Burst, IncidentRow
from feedback_triage.report.parts import Marker
from feedback_triage.report.svg import data_attributes, glyph, nice_step, tag
from feedback_triage.report.words import Clock, number, plural

_WIDTHS = tuple(timedelta(minutes=n) for n in (5, 10, 15, 30, 60, 180, 360, 720, 1440, 4320, 10_080))
MOST_BARS = 44
MOST_MARKS = 8
"""Releases drawn on a burst: the suspects, then those nearest to its beginning."""

_WIDTH, _PLOT, _LEFT, _TOP, _ROW = 480, 96, 26, 18, 19


def build_burst(facts: Facts, row: IncidentRow) -> Burst:
    """Count the incident's items, and the others of its platform, in bars of one length."""
    end = min(max(row.last_at, row.ended_at or facts.source.as_of), facts.source.as_of) + timedelta(microseconds=1)
    end = max(end, row.last_at + timedelta(microseconds=1))
    lead = max(timedelta(minutes=30), (end - row.started_at) / 8)
    width = next((one for one in _WIDTHS if (end - row.started_at + lead) / one <= MOST_BARS - 1), _WIDTHS[-1])
    local = facts.clock.local(row.started_at - lead)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    # Whole widths from midnight on, so that bars begin at full hours; instants, so that a jump of the clock is no gap.
    edges = [(midnight + width * ((local - midnight) // width)).astimezone(UTC)]
    while edges[-1] < end and len(edges) <= 10 * MOST_BARS:
        edges.append(edges[-1] + width)
    edges = edges[-(MOST_BARS + 1) :]
    where = ItemFilter(incident=row.incident_id)
    stream = ItemFilter(platform=row.platform.lower() or None)
    own, all_ = (_counted(facts, what, edges) for what in (where, stream))
    counts = tuple(
        Count(n, where.narrowed(start_at=start, end_at=stop))
        for n, start, stop in zip(own, edges[:-1], edges[1:], strict=True)
    )
    return Burst(
        edges=tuple(edges),
        own=counts,
        others=tuple(max(0, every - n) for every, n in zip(all_, own, strict=True)),
        marks=_marks(facts, row, edges[0], edges[-1]),
        raised_at=row.raised_at,
    )


def _counted(facts: Facts, where: ItemFilter, edges: list[datetime]) -> list[int]:
    written = facts.found(where.narrowed(start_at=edges[0], end_at=edges[-1]))["written_us"].to_numpy()
    return [int(n) for n in np.diff(np.searchsorted(written, [microseconds(edge) for edge in edges]))]


def _marks(facts: Facts, row: IncidentRow, start: datetime, end: datetime) -> tuple[Marker, ...]:
    suspected = [suspect.release_id for suspect in row.suspects if suspect.release_id]
    inside = []
    for release in records(facts.releases):
        at = pd.Timestamp(release.released_at).to_pydatetime()
        if start <= at < end and row.platform.lower() in {"", str(release.platform).lower()}:
            inside.append((str(release.release_id) not in suspected[:2], abs(at - row.started_at), at, release))
    inside.sort(key=lambda found: (found[0], found[1], str(found[3].release_id)))
    return tuple(
        Marker(
            at,
            facts.names[str(release.release_id)],
            str(release.platform),
            str(release.kind),
            facts.anchors[str(release.release_id)],
        )
        for _, _, at, release in sorted(inside[:MOST_MARKS], key=lambda found: (found[2], str(found[3].release_id)))
    )


def burst_chart(row: IncidentRow, clock: Clock) -> Markup:
    """Draw the bars: the incident's items dark, the others light, releases as signs under them."""
    burst = row.burst
    if burst is None:
        return Markup()
    top = max(1, *(own.n + others for own, others in zip(burst.own, burst.others, strict=True)))
    step = nice_step(top, 3)
    ceiling = -(-top // step) * step
    names = burst.marks
    base = _TOP + _PLOT
    height = base + 34 + _ROW * len(names)
    parts = [*_axis(ceiling, step, base), *_bars(burst, clock, ceiling), *_times(burst, clock, base)]
    x = _x(burst, burst.raised_at)
    parts.append(tag("line", x1=x, x2=x, y1=_TOP - 6, y2=base, class_="note"))
    words = f"raised {clock.moment(burst.raised_at)}"
    is_left = x > _WIDTH * 0.6
    parts.append(
        tag("text", words, x=x - 4 if is_left else x + 4, y=_TOP - 7, class_="note end" if is_left else "note")
    )
    for place, mark in enumerate(names):
        parts += _mark(burst, mark, base + 34 + _ROW * place, clock)
    minutes = (burst.edges[1] - burst.edges[0]) / timedelta(minutes=1)
    every = f"{minutes:.0f} minutes" if minutes < 60 else f"{minutes / 60:.0f} {plural(round(minutes / 60), 'hour')}"
    title = f"Items of the incident, in bars of {every}, with the releases"
    return tag("svg", tag("title", title), *parts, viewBox=f"0 0 {_WIDTH} {height}", role="group", class_="burst")


def _x(burst: Burst, at: datetime) -> float:
    first, last = burst.edges[0], burst.edges[-1]
    return _LEFT + min(1.0, max(0.0, (at - first) / (last - first))) * (_WIDTH - _LEFT - 4)


def _axis(ceiling: int, step: int, base: int) -> list[Markup]:
    parts = []
    for value in range(0, ceiling + 1, step):
        y = base - value / ceiling * _PLOT
        parts.append(tag("line", x1=_LEFT, x2=_WIDTH - 4, y1=y, y2=y, class_="base" if value == 0 else "grid"))
        parts.append(tag("text", number(value), x=_LEFT - 4, y=y + 4, class_="end"))
    return parts


def _bars(burst: Burst, clock: Clock, ceiling: int) -> list[Markup]:
    width = (_WIDTH - _LEFT - 4) / len(burst.own)
    base, parts = _TOP + _PLOT, []
    for place, (own, others) in enumerate(zip(burst.own, burst.others, strict=True)):
        if not own.n and not others:
            continue
        x, y = _LEFT + place * width + width * 0.08, float(base)
        words = f"{clock.moment(burst.edges[place])}: {number(own.n)} of the incident, {number(others)} others"
        drawn = [tag("title", words)]
        for n, kind in ((own.n, "own"), (others, "others")):
            if n:
                high = n / ceiling * _PLOT
                y -= high
                drawn.append(tag("rect", x=x, y=y, width=width * 0.84, height=max(0.4, high - 0.4), class_=kind))
        parts.append(tag("g", *drawn, class_="bar" if own.n else None, **data_attributes(own)))
    return parts


def _times(burst: Burst, clock: Clock, base: int) -> list[Markup]:
    """Write about five instants under the axis: hours, or days of a long incident."""
    edges = burst.edges[:-1]
    every = max(1, -(-len(edges) // 5))
    is_long = burst.edges[-1] - burst.edges[0] > timedelta(days=2)
    parts, day = [], ""
    for edge in edges[::every]:
        x = _x(burst, edge)
        local = clock.local(edge)
        words = clock.short(edge) if is_long else f"{local.hour:02d}:{local.minute:02d}"
        if not is_long and clock.day(edge) != day:
            day = clock.day(edge)
            words = f"{day.split()[0]} {words}"
        parts.append(tag("line", x1=x, x2=x, y1=base, y2=base + 4, class_="base"))
        if x < _WIDTH - 46:
            parts.append(tag("text", words, x=x, y=base + 15))
    return parts


def _mark(burst: Burst, mark: Marker, y: float, clock: Clock) -> list[Markup]:
    x = _x(burst, mark.at)
    is_left = x > _WIDTH * 0.62
    local = clock.local(mark.at)
    words = f"{mark.name}, {local.hour:02d}:{local.minute:02d}"
    name = tag("text", words, x=x - 8 if is_left else x + 8, y=y + 4, class_="end" if is_left else None)
    return [
        tag("line", x1=x, x2=x, y1=_TOP, y2=y - 6, class_="mark"),
        tag(
            "a",
            tag("title", f"{mark.name}, {clock.moment(mark.at)}"),
            glyph(mark.kind, x, y),
            name,
            href=f"#{mark.anchor}",
            tabindex="-1",
        ),
    ]
