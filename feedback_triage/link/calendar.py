"""What happened to releases, and when: they came out, reached more customers, were rolled back."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from feedback_triage.link.frames import NEVER, Instants, Positions, ReleaseTable


@dataclass(frozen=True, slots=True)
class Event:
    """From an instant on, this share of customers can have a release.

    Attributes:
        at: microseconds since 1970.
        position: of the release in its table.
        share: 0..1; 1 from its release on where it is not staged; 0 from the instant it was rolled back.
    """

    at: int
    position: int
    share: float


def events(table: ReleaseTable, positions: Positions) -> list[Event]:
    """Give what happened to these releases, in the order of time, ties by the order of the releases.

    A staged release opens with what its schedule grants at its instant (nothing, where the first step is
    later). A step after the roll-back, or at its instant, never came.
    """
    found = []
    for position in map(int, positions):
        start, end = int(table.released[position]), int(table.withdrawn[position])
        schedule = table.schedules[position]
        opening = max((share for at, share in schedule if at <= start), default=0.0) if schedule else 1.0
        steps = [(start, opening), *((at, share) for at, share in schedule if at > start)]
        found += [Event(at, position, share) for at, share in steps if at < end and at != NEVER]
        if end != NEVER:
            found.append(Event(max(start, end), position, 0.0))
    return sorted(found, key=lambda event: (event.at, event.position))


def newest_standing(table: ReleaseTable, positions: Positions, written: Instants) -> npt.NDArray[np.int64]:
    """Give for each instant the newest of these releases that is out and not rolled back, -1 for none.

    Of two releases at one instant the higher version counts as the newer one. A release that was rolled back
    stands no longer at that very instant.
    """
    edges = np.unique(np.concatenate([table.released[positions], table.withdrawn[positions]]))
    edges = edges[edges != NEVER]
    standing = np.full(len(edges) + 1, -1, dtype=np.int64)
    # In rising order, so that a newer release covers the older ones for as long as it stands.
    for position in positions[np.argsort(positions)]:
        start = int(np.searchsorted(edges, table.released[position])) + 1
        end = int(np.searchsorted(edges, table.withdrawn[position])) + 1
        standing[start:end] = position
    return standing[np.searchsorted(edges, written, side="right")]
