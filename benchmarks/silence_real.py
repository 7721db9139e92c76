"""Coverage of the silence ledger on real streams, for benchmarks/silence.py."""

from pathlib import Path

import numpy as np
import pandas as pd

from feedback_triage.domain import SilenceWindow, WindowStatus
from feedback_triage.link import derive_releases
from feedback_triage.silence import ledger_windows

STREAMS = ("youtube_ios", "noaa_ios", "swiftkey_android", "nextcloud")
UNSEEN = "nextcloud"
HALVES = ("first", "second")


def real_streams(data: Path, lengths: tuple[int, ...]) -> list[list[str]]:
    """Lines: stream, half in which the windows begin, windows of what, length, windows, inside, below, above."""
    lines = []
    for name in STREAMS:
        if not (data / name).is_dir():
            continue
        items, releases = _read(data, name)
        first, last = items["written_at"].min(), items["written_at"].max()
        middle = first + (last - first) / 2
        days = pd.date_range(first.normalize(), last, freq="3D")
        every = pd.DataFrame({"version": [f"{i}" for i in range(len(days))], "released_at": days})
        for what, table_of in (("after releases", releases), ("every third day", every)):
            windows = ledger_windows(
                items, table_of.assign(release_id=table_of["version"]), hours=lengths, as_of=last.to_pydatetime()
            )
            for half in HALVES:
                of_half = [w for w in windows if (w.start_at >= middle) == (half == "second")]
                lines += [[name, half, what, *cells] for cells in _shares(of_half, lengths)]
    return lines


def _read(data: Path, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    if name == UNSEEN:
        frame = pd.read_csv(data / name / "issues_with_declared_version.csv")
        items = pd.DataFrame({"written_at": pd.to_datetime(frame["created_at"], utc=True), "source": "tracker"})
        releases = pd.read_csv(data / name / "releases.csv")
        at = pd.to_datetime(releases["date"], utc=True)
        releases = pd.DataFrame({"version": releases["version"].astype(str), "released_at": at})
        return items, releases.drop_duplicates("version").reset_index(drop=True)
    frame = pd.read_csv(data / name / "reviews.csv")
    items = pd.DataFrame(
        {
            "written_at": pd.to_datetime(frame["date"], format="mixed", utc=True),
            "app_version": frame["version"].astype(str),
            "source": "store",
        }
    )
    derived = derive_releases(items, min_items=50)
    at = pd.to_datetime([r.released_at for r in derived], utc=True).floor("us")
    return items, pd.DataFrame({"version": [r.version for r in derived], "released_at": at})


def _shares(windows: list[SilenceWindow], lengths: tuple[int, ...]) -> list[list[str]]:
    lines = []
    for hours in lengths:
        own = [w for w in windows if w.expected_count > 0 and w.status is not WindowStatus.OPEN]
        own = [w for w in own if w.subject == "all"]
        own = [w for w in own if round((w.end_at - w.start_at).total_seconds() / 3600) == hours]
        if own:
            below = np.mean([w.observed_count < w.lower for w in own])
            above = np.mean([w.observed_count > w.upper for w in own])
            shares = [f"{1 - below - above:.3f}", f"{below:.3f}", f"{above:.3f}"]
            lines.append([f"{hours} h", str(len(own)), *shares])
    return lines
