"""The silence ledger as it looked at an instant."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from feedback_triage.domain import SilenceWindow
from feedback_triage.pipeline.backtest_history import History
from feedback_triage.pipeline.joining import windows_of
from feedback_triage.silence.subjects import SOAK_HOURS


def needs_ledger(releases: pd.DataFrame, window_hours: Sequence[float], before: datetime, at: datetime) -> bool:
    """Whether a release came out, or a window ended, since the last look."""
    ends_after = (length + soak for length in window_hours for soak in (0.0, SOAK_HOURS))
    for hours in (0.0, *ends_after):
        ends = releases["released_at"] + pd.Timedelta(hours=hours)
        if ((ends > before) & (ends <= at)).any():
            return True
    return False


def ledger_at(
    history: History, n_items: int, releases: pd.DataFrame, window_hours: Sequence[float], at: datetime
) -> list[SilenceWindow]:
    """Make the ledger as the pipeline does, from the first `n_items` and these releases."""
    items = history.items.iloc[:n_items]
    mentions = history.notes.mentions(items, releases)
    return windows_of(items, releases, mentions, tuple(window_hours), history.exposure, at)
