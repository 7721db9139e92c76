"""One cause that shows in two places, and two causes within three hours, planted in a simulated stream."""

from dataclasses import dataclass

import numpy as np

from support.burst_streams import LABELS, Stream


@dataclass(frozen=True)
class Places:
    """Two themes with different labels, neither of them large, and how common each theme is; the last is none."""

    first: int
    second: int
    weights: np.ndarray

    @classmethod
    def of(cls, stream: Stream, rng: np.random.Generator) -> "Places":
        share = 1 / np.arange(1, stream.n_themes + 1) ** 0.8
        first, *others = rng.permutation(np.arange(3, stream.n_themes)).tolist()
        second = next(each for each in others if each % len(LABELS) != first % len(LABELS))
        return cls(first, second, np.append(0.7 * share / share.sum(), 0.3))

    def _with_label_of(self, theme: int) -> np.ndarray:
        own = self.weights * (np.arange(len(self.weights)) % len(LABELS) == theme % len(LABELS))
        return own / own.sum()

    def where(self, name: str) -> np.ndarray:
        """Give how probable each theme is where a cause shows: in a theme, in its label or anywhere."""
        alone = np.eye(len(self.weights))
        return {
            "anywhere": self.weights,
            "first theme": alone[self.first],
            "second theme": alone[self.second],
            "first label": self._with_label_of(self.first),
            "second label": self._with_label_of(self.second),
        }[name]


@dataclass(frozen=True)
class Cause:
    """Where a cause shows.

    Attributes:
        place: see `Places.where`.
        early: the part of its first items that is of the first theme besides.
        late: the same of its last ones.
        size: how many items, in those of the first cause.
    """

    place: str
    early: float = 0.0
    late: float = 0.0
    size: float = 1.0

    def draw(self, when: np.ndarray, places: Places, rng: np.random.Generator) -> np.ndarray:
        """Draw the themes of items that come at these parts (0 to 1) of its time."""
        rest = rng.choice(len(places.weights), len(when), p=places.where(self.place))
        return np.where(rng.random(len(when)) < self.early + (self.late - self.early) * when, places.first, rest)


SINGLE = {
    "an outage in all themes": Cause("anywhere"),
    "an outage, 35 % in one theme": Cause("anywhere", 0.35, 0.35),
    "one label": Cause("first label"),
    "two themes and labels, half and half": Cause("second theme", 0.5, 0.5),
    "two themes and labels, one from 20 to 50 %": Cause("second theme", 0.2, 0.5),
    "an outage, one theme from 20 to 50 %": Cause("anywhere", 0.2, 0.5),
}
DOUBLE = {
    "two themes": (Cause("first theme"), Cause("second theme")),
    "two themes, the later half as large": (Cause("first theme"), Cause("second theme", size=0.5)),
    "two labels": (Cause("first label"), Cause("second label")),
    "an outage and a theme as large": (Cause("anywhere"), Cause("second theme")),
    "an outage and a theme a third as large": (Cause("anywhere"), Cause("second theme", size=0.3)),
}


def times(n: int, hours: float, rng: np.random.Generator) -> np.ndarray:
    """Draw when items come: quickly more, then slowly fewer."""
    return np.asarray(hours * rng.beta(2, 3, n))
