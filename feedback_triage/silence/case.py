"""One window after one release, on its way to a `SilenceWindow`."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from feedback_triage.domain import ReleaseKind, SilenceWindow, Verdict, WindowStatus
from feedback_triage.link.frames import ReleaseTable, strings
from feedback_triage.silence.stream import MICROS_PER_HOUR, to_datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What a window shows.

    Attributes:
        expected: mean of the prediction.
        lower, upper: its 95 % interval.
        status, verdict, reason: as in `SilenceWindow`.
    """

    expected: float
    lower: int
    upper: int
    status: WindowStatus
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """A release with its window.

    Attributes:
        release_id, version: of the release.
        product, platform: folded; "" goes with all.
        kind: None where unknown.
        notes: of the release.
        start, end: the half-open window in hours since 1970.
    """

    release_id: str
    version: str
    product: str
    platform: str
    kind: ReleaseKind | None
    notes: str
    start: float
    end: float

    def window(self, subject: str, observed: int, finding: Finding) -> SilenceWindow:
        """Make the value."""
        return SilenceWindow(
            release_id=self.release_id,
            subject=subject,
            start_at=to_datetime(self.start),
            end_at=to_datetime(self.end),
            expected_count=round(finding.expected, 3),
            lower=finding.lower,
            upper=finding.upper,
            observed_count=observed,
            status=finding.status,
            verdict=finding.verdict,
            reason=finding.reason,
        )


def cases_of(releases: pd.DataFrame, window_hours: float) -> list[Case]:
    """Give the window of each release, in the order of their instants, ties by version.

    Args:
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`,
            `kind`, `notes`.
        window_hours: length of the windows.

    Returns:
        One case a release that has an instant.

    Raises:
        ValueError: `window_hours` is not above 0.
    """
    if not window_hours > 0:
        raise ValueError("window_hours must be above 0")
    table = ReleaseTable.from_frame(releases)
    ids = strings(releases, "release_id")
    kinds = {key: _kind(value) for key, value in zip(ids, strings(releases, "kind"), strict=True)}
    notes = dict(zip(ids, strings(releases, "notes"), strict=True))
    cases = []
    for i, release_id in enumerate(table.ids):
        start = float(table.released[i]) / MICROS_PER_HOUR
        cases.append(
            Case(
                release_id=str(release_id),
                version=str(table.versions[i]),
                product=str(table.products[i]),
                platform=str(table.platforms[i]),
                kind=kinds[release_id],
                notes=str(notes[release_id]),
                start=start,
                end=start + window_hours,
            )
        )
    return cases


def _kind(value: Any) -> ReleaseKind | None:
    known = {kind.value for kind in ReleaseKind}
    return ReleaseKind(str(value)) if str(value) in known else None


def came_where(observed: int, lower: int, upper: int, noun: str = "item") -> str:
    """Say "12 items came where 31 to 58 were expected"."""
    return f"{counted(observed, noun)} came where {lower} to {upper} were expected"


def counted(count: int, noun: str) -> str:
    """Say "1 item" or "2 items"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def still_open(end: float, came: str) -> str:
    """Give the reason of an open window."""
    return f"the window is open until {to_datetime(end):%Y-%m-%d %H:%M} UTC; so far {came} in the whole of it"


def feed_silent(source: str, came: str) -> str:
    """Give the reason of a window in which a feed may have been dead."""
    name = f'the source "{source}"' if source else "the feed"
    return f"{name} was silent for longer than a live one would be, so this silence says nothing ({came})"
