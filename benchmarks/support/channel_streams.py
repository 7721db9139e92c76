"""Channels with a rhythm of their own that begin, pause or are imported in the middle of a simulated stream."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from support.burst_streams import LABELS, START, Stream

_HOUR, _DAY = np.arange(168) % 24, np.arange(168) // 24
_HABIT = np.where(_DAY >= 5, 0.5, 1.2)
RHYTHMS = {
    "as the others": _HABIT * (1 + 0.8 * np.sin((_HOUR - 8) / 24 * 2 * np.pi)),
    "twelve hours later": _HABIT * (1 + 0.8 * np.sin((_HOUR - 20) / 24 * 2 * np.pi)),
    "nights": np.where((_HOUR < 6) | (_HOUR >= 21), 1.0, 0.03),
    "office hours": np.where((_DAY < 5) & (_HOUR >= 9) & (_HOUR < 17), 1.0, 0.02),
    "once a day": np.where(_HOUR == 6, 1.0, 0.001),
    "weekends": np.where(_DAY >= 5, 1.0, 0.05),
}


@dataclass(frozen=True)
class Channel:
    """A channel beside those of a stream.

    Attributes:
        name: as told on the page.
        rhythm: see `RHYTHMS`.
        times: its items a day, in those of all others.
        pause_days: it was there from the beginning, and is silent for so long; 0: it begins.
        back_times: the same after the pause.
        import_days: so many days of 300 items, and never again; 0: it goes on.
    """

    name: str
    rhythm: str = "as the others"
    times: float = 1.0
    pause_days: float = 0.0
    back_times: float = 1.0
    import_days: float = 0.0

    def draw(self, stream: Stream, at: float, is_known: bool, rng: np.random.Generator) -> pd.DataFrame:
        """Draw its items, where the change is at hour `at` (`is_known`: there is none)."""
        if self.import_days:
            written = at + 24 * self.import_days * rng.random(300)
        else:
            hours = np.arange(stream.weeks * 168)
            profile = RHYTHMS[self.rhythm]
            rate = stream.a_day / 24 * self.times * profile[hours % 168] / profile.mean()
            rate = rate * rng.gamma(20, 1 / 20, stream.weeks * 7)[hours // 24] * rng.gamma(10, 1 / 10, len(hours))
            if not is_known:
                back = at + 24 * self.pause_days
                rate[hours >= back] *= self.back_times if self.pause_days else 1.0
                rate[(hours >= at) & (hours < back) if self.pause_days else hours < at] = 0.0
            counts = rng.poisson(rate)
            written = np.repeat(hours, counts) + rng.random(counts.sum())
        share = 1 / np.arange(1, stream.n_themes + 1) ** 0.8
        theme = rng.choice(stream.n_themes + 1, len(written), p=np.append(0.7 * share / share.sum(), 0.3))
        return frame(written, theme, stream, "new")


def frame(written: np.ndarray, theme: np.ndarray, stream: Stream, source: str) -> pd.DataFrame:
    """Give items of one source at these hours in these themes; the last number is no theme."""
    labels = np.array([LABELS[i % len(LABELS)] for i in range(stream.n_themes + 1)], dtype=object)
    return pd.DataFrame(
        {
            "item_id": [f"{source}:{i:07d}" for i in range(len(written))],
            "written_at": START + pd.to_timedelta(written, unit="h"),
            "source": source,
            "product": "",
            "platform": "",
            "label": labels[theme],
            "theme_id": np.where(theme < stream.n_themes, np.char.add("t", theme.astype(str)), None),
        }
    )
