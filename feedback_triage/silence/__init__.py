"""Feedback that was expected after a release and did not come, and whether that is good news."""

from feedback_triage.silence.feeds import feed_status
from feedback_triage.silence.reigns import release_reigns
from feedback_triage.silence.subjects import subject_windows
from feedback_triage.silence.windows import ledger_windows, volume_windows

__all__ = ["feed_status", "ledger_windows", "release_reigns", "subject_windows", "volume_windows"]
