"""Readers of feedback and release files."""

from feedback_triage.sources.feedback import FeedbackFile, read_feedback
from feedback_triage.sources.formats import SOURCES, open_table
from feedback_triage.sources.releases import ReleaseFile, read_releases
from feedback_triage.sources.tables import BrokenRow, Reader, Row, Table

__all__ = [
    "SOURCES",
    "BrokenRow",
    "FeedbackFile",
    "Reader",
    "ReleaseFile",
    "Row",
    "Table",
    "open_table",
    "read_feedback",
    "read_releases",
]
