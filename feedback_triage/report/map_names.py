"""Where the names of a map stand, so that none lies over another or over a foreign disc."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from unicodedata import east_asian_width

from feedback_triage.report.words import shorten

LINE_HEIGHT_RATIO = 1.16
LONGEST = 46
"""Characters of a name on the map; the title of its disc has all of it."""

_HALO = 2.0  # room around a name


@dataclass(frozen=True, slots=True)
class Spot:
    """A disc that wants a name.

    Attributes:
        name: the words.
        suffix: stands after the last line, "" for nothing.
        x, y, radius: of the disc.
        urgency: names are given out in this order, the smallest first.
    """

    name: str
    suffix: str
    x: float
    y: float
    radius: float
    urgency: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PlacedName:
    """A name with its place: `x` is its middle, `y` the base of its first line."""

    lines: tuple[str, ...]
    x: float
    y: float
    is_across: bool


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "_Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def touches(self, spot: Spot) -> bool:
        dx = max(self.left - spot.x, 0.0, spot.x - self.right)
        dy = max(self.top - spot.y, 0.0, spot.y - self.bottom)
        return dx * dx + dy * dy < spot.radius * spot.radius


def text_width(text: str, size: float) -> float:
    """Rough width of a line, rather too wide than too narrow: no font is measured here."""
    ems = 0.0
    for sign in text:
        if east_asian_width(sign) in "WF":
            ems += 1.0
        elif sign.isupper() or sign in "mwMW@%":
            ems += 0.76
        else:
            ems += 0.3 if sign in "ijltf.,:;'|! I" else 0.52
    return ems * size


def place_names(
    spots: Sequence[Spot],
    box: tuple[float, float],
    size: float,
    titles: Sequence[tuple[str, Sequence[Spot]]] = (),
) -> tuple[list[PlacedName | None], list[PlacedName]]:
    """Place the names one after another: above the disc, below it, or across it.

    Args:
        spots: the discs.
        box: width and height of the picture; names stay inside.
        size: of the letters, in units of the picture.
        titles: names of groups of discs, placed last, above or below one of the group.

    Returns:
        One a disc, in the given order, None where there is no room; and the titles that found room.
    """
    placed: list[PlacedName | None] = [None] * len(spots)
    taken: list[_Box] = []

    def first_free(candidates: Iterator[tuple[PlacedName, _Box]], others: Sequence[Spot]) -> PlacedName | None:
        for name, area in candidates:
            is_inside = area.left >= 0 and area.right <= box[0] and area.top >= 0 and area.bottom <= box[1]
            if is_inside and not any(map(area.overlaps, taken)) and not any(map(area.touches, others)):
                taken.append(area)
                return name
        return None

    for position in sorted(range(len(spots)), key=lambda i: spots[i].urgency):
        others = [other for i, other in enumerate(spots) if i != position]
        placed[position] = first_free(_candidates(spots[position], box[0], size), others)
    found = [first_free(_title_candidates(title, group, box[0], size), spots) for title, group in titles]
    return placed, [name for name in found if name is not None]


def _title_candidates(
    title: str, group: Sequence[Spot], width: float, size: float
) -> Iterator[tuple[PlacedName, _Box]]:
    """Above the highest disc of the group and its name, then the next; below the lowest, then the next."""
    downwards = sorted(group, key=lambda spot: (spot.y - spot.radius, spot.x))
    for spot, is_above in [*((one, True) for one in downwards), *((one, False) for one in reversed(downwards))]:
        for lines in (0, 1, 2):
            away = spot.radius + size * LINE_HEIGHT_RATIO * lines + 8
            half = text_width(title, size) / 2 + _HALO
            x = min(max(spot.x, half), max(half, width - half))
            top = spot.y - away - size * LINE_HEIGHT_RATIO if is_above else spot.y + away
            box = _Box(x - half, top, x + half, top + size * LINE_HEIGHT_RATIO)
            yield PlacedName((title,), x, top + size * 0.95, is_across=False), box


def _candidates(spot: Spot, width: float, size: float) -> Iterator[tuple[PlacedName, _Box]]:
    for lines in _wrappings(spot.name, spot.radius, size):
        height = len(lines) * size * LINE_HEIGHT_RATIO
        ends = [*lines[:-1], f"{lines[-1]} {spot.suffix}" if spot.suffix else lines[-1]]
        half = max(text_width(line, size) for line in ends) / 2 + _HALO
        x = min(max(spot.x, half), max(half, width - half))
        tops = (spot.y - spot.radius - height - 3, spot.y + spot.radius + 1, spot.y - height / 2)
        for top, is_across in zip(tops, (False, False, True), strict=True):
            yield (
                PlacedName(lines, x, top + size * 0.95, is_across),
                _Box(x - half, top, x + half, top + height),
            )


def _wrappings(name: str, radius: float, size: float) -> Iterator[tuple[str, ...]]:
    """One line where it is hardly wider than the disc, else two; the other way and three as further choices."""
    text = shorten(name, LONGEST)
    is_short = text_width(text, size) <= max(2 * radius + 3 * size, 9 * size)
    for n in (1, 2, 3) if is_short else (2, 1, 3):
        yield _in_lines(text, n, size)


def _in_lines(text: str, n: int, size: float) -> tuple[str, ...]:
    """The text in so many lines about equally wide, parted between words; in fewer where there are fewer words."""
    words = text.split(" ")
    ways = (
        tuple(" ".join(words[low:high]) for low, high in pairwise((0, *cuts, len(words))))
        for cuts in combinations(range(1, len(words)), min(n, len(words)) - 1)
    )
    return min(ways, key=lambda lines: max(text_width(line, size) for line in lines))
