"""feedback-triage: what customers are saying about what was just pushed.

For notebooks: `run` takes files through the pipeline, the `load_*` functions give what is known as DataFrames,
`theme_map` draws the themes, and `label_texts` labels any texts.
"""

from importlib import import_module
from typing import Any

from feedback_triage.errors import FeedbackTriageError
from feedback_triage.taxonomy import LABELS

__version__ = "0.1.0"

__all__ = [
    "LABELS",
    "FeedbackTriageError",
    "label_texts",
    "load_fix_receipts",
    "load_incidents",
    "load_items",
    "load_releases",
    "load_silence",
    "load_suspects",
    "load_tables",
    "load_themes",
    "run",
    "theme_map",
]


def __getattr__(name: str) -> Any:
    # Pandas and its company take a second to import, which `feedback-triage --help` must not pay.
    if name in __all__:
        return getattr(import_module("feedback_triage.analysis"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
