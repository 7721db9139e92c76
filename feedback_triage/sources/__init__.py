"""Readers of feedback files, and of releases wherever they are kept."""

from feedback_triage.sources.exposure import ExposureFile, ExposureRow, read_exposure
from feedback_triage.sources.feedback import FeedbackFile, read_feedback
from feedback_triage.sources.formats import RELEASE_SOURCES, SOURCES, open_releases, open_table
from feedback_triage.sources.kinds import fix_sentences
from feedback_triage.sources.releases import ReleaseFile, read_releases
from feedback_triage.sources.tables import BrokenRow, Reader, Row, Table
from feedback_triage.sources.told_releases import ToldRelease, read_release

__all__ = [
    "RELEASE_SOURCES",
    "SOURCES",
    "BrokenRow",
    "ExposureFile",
    "ExposureRow",
    "FeedbackFile",
    "Reader",
    "ReleaseFile",
    "Row",
    "Table",
    "ToldRelease",
    "fix_sentences",
    "open_releases",
    "open_table",
    "read_exposure",
    "read_feedback",
    "read_release",
    "read_releases",
]
