"""The things this program speaks of, as frozen values.

Instants are timezone-aware `datetime`s in UTC and end in `_at`. Words are those of docs/glossary.md.
"""

from feedback_triage.domain.feedback import Decision, FeedbackItem, Prediction, RejectedRow, Review
from feedback_triage.domain.incidents import Incident
from feedback_triage.domain.ledger import FixReceipt, FixStatus, SilenceWindow, Verdict, WindowStatus
from feedback_triage.domain.releases import LinkBasis, Release, ReleaseKind, RolloutStep, Suspect
from feedback_triage.domain.theme_edits import ThemeEdit, ThemeEditKind

__all__ = [
    "Decision",
    "FeedbackItem",
    "FixReceipt",
    "FixStatus",
    "Incident",
    "LinkBasis",
    "Prediction",
    "RejectedRow",
    "Release",
    "ReleaseKind",
    "Review",
    "RolloutStep",
    "SilenceWindow",
    "Suspect",
    "ThemeEdit",
    "ThemeEditKind",
    "Verdict",
    "WindowStatus",
]
