"""Whether a fix did what it was for."""

from feedback_triage.receipts.notes import NotedFixes, fixes_by_notes
from feedback_triage.receipts.watching import fix_receipts

__all__ = ["NotedFixes", "fix_receipts", "fixes_by_notes"]
