"""What the notes of releases are about, and which items are about it."""

from feedback_triage.subject.mentions import ABOUT_THRESHOLD, mentions, similarity_to_notes
from feedback_triage.subject.names import NoteWords
from feedback_triage.subject.sentences import note_sentences

__all__ = ["ABOUT_THRESHOLD", "NoteWords", "mentions", "note_sentences", "similarity_to_notes"]
