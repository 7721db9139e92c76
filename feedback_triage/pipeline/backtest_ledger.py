"""The silence ledger as it looked at an instant."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from feedback_triage import silence
from feedback_triage.domain import SilenceWindow
from feedback_triage.pipeline.backtest_history import History
from feedback_triage.pipeline.joining import NOTES_WINDOW_HOURS


def needs_ledger(releases: pd.DataFrame, window_hours: Sequence[float], before: datetime, at: datetime) -> bool:
    """Whether a release came out, or a window ended, since the last look."""
    for hours in (0.0, NOTES_WINDOW_HOURS, *window_hours):
        ends = releases["released_at"] + pd.Timedelta(hours=hours)
        if ((ends > before) & (ends <= at)).any():
            return True
    return False


def ledger_at(
    history: History, n_items: int, releases: pd.DataFrame, window_hours: Sequence[float], at: datetime
) -> list[SilenceWindow]:
    """Make the ledger as the pipeline does, from the first `n_items` and these releases."""
    items = history.items.iloc[:n_items]
    windows = silence.ledger_windows(items, releases, hours=tuple(window_hours), exposure=history.exposure, as_of=at)
    mentions = history.mentions(n_items, releases)
    return windows + silence.subject_windows(mentions, items, releases, window_hours=NOTES_WINDOW_HOURS, as_of=at)
