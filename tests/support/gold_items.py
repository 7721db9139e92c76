"""Ten items, two of each class, for tests that tune a network; written for this purpose."""

from pathlib import Path

from feedback_triage.taxonomy import LABELS

MODELS = Path(__file__).parents[2] / "models"
CLASSES = (*LABELS, "other")
TEXTS = (
    "We love this new field on the analytics page.",
    "Uploads are so much faster now, thank you!",
    "This link on the new theme doesn't work.",
    "The invite you e-mailed me leads to an empty page.",
    "The change I made in the video lineup doesn't sync properly with the app.",
    "My phone still shows the playlist I deleted on the laptop yesterday.",
    "jfjfj",
    "no comment from our side",
    "Please add a dark theme.",
    "The app closes when I turn the tablet.",
)
TRUTH = ("praise",) * 2 + ("broken_link",) * 2 + ("sync_bug",) * 2 + ("silence",) * 2 + ("other",) * 2
