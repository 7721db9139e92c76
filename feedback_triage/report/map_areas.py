"""Areas of a map: the discs of one area on a common ground."""

from collections.abc import Iterator, Sequence
from math import hypot

from markupsafe import Markup

from feedback_triage.report.svg import tag

Disc = tuple[float, float, float]
"""Middle and radius, in units of the picture."""

_MARGIN = 7.0


def area_shapes(areas: dict[str, Sequence[Disc]]) -> Iterator[Markup]:
    """Draw the ground of each area: its discs, wider, and bridges between neighbours."""
    for discs in areas.values():
        bridges = list(_bridges(discs))
        for kind, margin in (("shore", _MARGIN + 1), ("ground", _MARGIN)):
            circles = [tag("circle", cx=x, cy=y, r=radius + margin) for x, y, radius in discs]
            lines = [
                tag("line", x1=a[0], y1=a[1], x2=b[0], y2=b[1], stroke_width=min(a[2], b[2]) * 0.9 + 2 * margin)
                for a, b in bridges
            ]
            yield tag("g", *circles, *lines, class_=kind)


def _bridges(discs: Sequence[Disc]) -> Iterator[tuple[Disc, Disc]]:
    """The shortest set of bridges that joins all discs (Prim, 1957)."""

    def room(a: Disc, b: Disc) -> float:
        return round(hypot(a[0] - b[0], a[1] - b[1]) - a[2] - b[2], 3)

    joined, waiting = [discs[0]], list(discs[1:])
    while waiting:
        pair = min(((a, b) for a in joined for b in waiting), key=lambda both: (room(*both), both))
        yield pair
        joined.append(pair[1])
        waiting.remove(pair[1])
