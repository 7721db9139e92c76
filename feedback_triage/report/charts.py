"""The chart over the whole span: stacked bars, the releases under them, the spikes above them."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from feedback_triage.report.parts import Note
from feedback_triage.report.svg import data_attributes, glyph, items_title, label_class, nice_step, tag
from feedback_triage.report.triage_report import TriageReport
from feedback_triage.report.words import number, shorten

LANE = 17
NOTE = 19
MOST_LANES = 4
LEAST_NAME = 10
LETTER = 6.8
"""Width of a letter of a note, on the generous side."""


@dataclass(frozen=True)
class Frame:
    """Where things are on a chart of a given width; all lengths in the units of its view box."""

    report: TriageReport
    width: int
    plot: int

    @property
    def left(self) -> int:
        """Room for the numbers of the axis and the names of the lanes."""
        return 58

    @property
    def lanes(self) -> tuple[str, ...]:
        """One lane a platform, or one for all when there are more than four."""
        found = sorted({marker.lane for marker in self.report.timeline.markers})
        return tuple(found) if len(found) <= MOST_LANES else ("",)

    @property
    def top(self) -> int:
        """Where the plot begins, under the notes."""
        return 14 + NOTE * len(self.report.timeline.notes)

    @property
    def base(self) -> int:
        """The foot of the bars."""
        return self.top + self.plot

    @property
    def height(self) -> int:
        """Of the whole chart."""
        return self.base + 26 + LANE * len(self.lanes)

    @property
    def step(self) -> float:
        """Width of a bar with its gap."""
        return (self.width - self.left - 8) / len(self.report.timeline.bins)

    def x(self, instant: datetime) -> float:
        """Where an instant is; bars are equally wide even when months or days are not equally long."""
        bins = self.report.timeline.bins
        position = bisect_right([one.start for one in bins], instant) - 1
        position = min(max(position, 0), len(bins) - 1)
        one = bins[position]
        inside = min(1.0, max(0.0, (instant - one.start) / (one.end - one.start)))
        return self.left + (position + inside) * self.step


def timeline_chart(report: TriageReport, *, width: int, plot: int, name: str) -> Markup:
    """Draw the chart.

    Args:
        report: what to draw.
        width: of the view box, which is also its size in CSS pixels at most.
        plot: height of the bars' area.
        name: prefix of the ids, different for each chart of a page.
    """
    frame = Frame(report, width, plot)
    unit = report.timeline.unit
    top = max(1, *(one.total.n for one in report.timeline.bins))
    step = nice_step(top, 4)
    ceiling = -(-top // step) * step
    first, last = (report.clock.date(report.timeline.bins[place].start) for place in (0, -1))
    words = f"Items a {unit} by label, {first} to {last}. The same numbers are in the table below the chart."
    return tag(
        "svg",
        tag("title", f"Items a {unit} by label, with the releases", id=f"{name}-title"),
        tag("desc", words, id=f"{name}-desc"),
        *_period(frame),
        *_grid(frame, ceiling, step),
        *_bars(frame, ceiling),
        *_dates(frame),
        *_releases(frame),
        *_notes(frame),
        viewBox=f"0 0 {width} {frame.height}",
        role="group",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="timeline",
    )


def _period(frame: Frame) -> Iterator[Markup]:
    """Draw the reported period as a shaded column."""
    start, end = frame.x(frame.report.period.start), frame.x(frame.report.period.end)
    height = frame.height - frame.top
    yield tag("rect", x=start, y=frame.top - 6, width=max(1.0, end - start), height=height, class_="period")


def _grid(frame: Frame, ceiling: int, step: int) -> Iterator[Markup]:
    for value in range(0, ceiling + 1, step):
        y = frame.base - value / ceiling * frame.plot
        yield tag("line", x1=frame.left, x2=frame.width - 8, y1=y, y2=y, class_="base" if value == 0 else "grid")
        yield tag("text", number(value), x=frame.left - 6, y=y + 4, class_="end")
    yield tag(
        "text",
        f"items a {frame.report.timeline.unit}",
        x=2,
        y=frame.top - 5 if frame.top < 30 else frame.top - 8,
    )


def _bars(frame: Frame, ceiling: int) -> Iterator[Markup]:
    report, gap = frame.report, 1 if frame.step > 4 else 0
    for position, one in enumerate(report.timeline.bins):
        if not one.total.n:
            continue
        x, y = frame.left + position * frame.step, float(frame.base)
        title = items_title(one.total.n, one.counts, report.titles)
        parts = [tag("title", f"{_bin_name(frame, one.start)}: {title}")]
        for key, count in one.counts:
            if count.n:
                height = count.n / ceiling * frame.plot
                y -= height
                parts.append(
                    tag(
                        "rect",
                        x=x + gap / 2,
                        y=y,
                        width=max(0.6, frame.step - gap),
                        height=max(0.4, height - 0.5),
                        class_=label_class(key, report.labels),
                    )
                )
        yield tag("g", *parts, class_="bar", **data_attributes(one.total))


def _bin_name(frame: Frame, start: datetime) -> str:
    clock, unit = frame.report.clock, frame.report.timeline.unit
    if unit == "day":
        return clock.day(start)
    return clock.month(start) if unit == "month" else f"week of {clock.date(start)}"


def _dates(frame: Frame) -> Iterator[Markup]:
    """Draw dates under the axis: Mondays of a chart in days, as many as fit."""
    clock, timeline = frame.report.clock, frame.report.timeline
    room = max(1, int((frame.width - frame.left) / 52))
    places = [(i, one.start) for i, one in enumerate(timeline.bins)]
    if timeline.unit == "day" and len(places) > room:
        places = [(i, start) for i, start in places if start.weekday() == 0]
    every = -(-len(places) // room)
    for i, start in places[::every]:
        x = frame.left + i * frame.step
        words = clock.month(start) if timeline.unit != "day" else clock.short(start)
        yield tag("line", x1=x, x2=x, y1=frame.base, y2=frame.base + 4, class_="base")
        if x < frame.width - 40:
            yield tag("text", words, x=x, y=frame.base + 15)


def _releases(frame: Frame) -> Iterator[Markup]:
    """Draw a lane of signs for each platform; the table below has the same links for the keyboard."""
    lanes, clock = frame.lanes, frame.report.clock
    for position, lane in enumerate(lanes):
        y = frame.base + 31 + LANE * position
        yield tag("line", x1=frame.left, x2=frame.width - 8, y1=y, y2=y, class_="grid")
        words = (lane or ("releases" if len(lanes) == 1 else "all"))[:9]
        yield tag("text", words, x=frame.left - 6, y=y + 4, class_="end")
    for marker in frame.report.timeline.markers:
        place = lanes.index(marker.lane) if marker.lane in lanes else 0
        title = ", ".join(part for part in (marker.name, marker.kind, clock.moment(marker.at)) if part)
        sign = glyph(marker.kind, frame.x(marker.at), frame.base + 31.0 + LANE * place)
        yield tag("a", tag("title", title), sign, href=f"#{marker.anchor}", tabindex="-1")


def _notes(frame: Frame) -> Iterator[Markup]:
    """Draw the spikes: words on the top, and a line down to the bars."""
    for position, note in enumerate(frame.report.timeline.notes):
        x, y = frame.x(note.at), 14.0 + NOTE * position
        yield tag("line", x1=x, x2=x, y1=y + 3, y2=frame.base, class_="note")
        yield tag("a", _note_text(frame, note, x, y), href=f"#{note.anchor}", tabindex="-1")


def _note_text(frame: Frame, note: Note, x: float, y: float) -> Markup:
    """Put it beside the line on the side with more room, else across it; shortened where the chart is too narrow."""
    text = _short_note(note.text, int((frame.width - 8) / LETTER))
    wide = len(text) * LETTER
    is_left = x > frame.width / 2
    if wide > (x - 4 if is_left else frame.width - x - 4):
        return tag("text", text, x=max(2.0, frame.width - wide - 2), y=y + 4, class_="note")
    return tag("text", text, x=x - 4 if is_left else x + 4, y=y + 4, class_="note end" if is_left else "note")


def _short_note(text: str, limit: int) -> str:
    """Cut the name before its numbers, which are what a note is for.

    >>> _short_note("“Watch-through by chapter”: 26 items", 30)
    '“Watch-through by…”: 26 items'
    """
    name, _, numbers = text.rpartition(": ")
    if len(text) <= limit or limit - len(numbers) < LEAST_NAME:
        return shorten(text, limit)
    end = "”" if name.startswith("“") else ""
    return f"{shorten(name.removesuffix(end), limit - len(numbers) - 2 - len(end))}{end}: {numbers}"
