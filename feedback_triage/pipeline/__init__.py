"""The stages in order: read, compute, write. The one place that joins the store and the steps."""

from feedback_triage.pipeline.jobs import JOBS, label_texts, load, may_pass, settings_for
from feedback_triage.pipeline.preflight import check_inputs
from feedback_triage.pipeline.proving import prove_links
from feedback_triage.pipeline.reviewing import Decided, next_to_label, review_sheet, store_reviews
from feedback_triage.pipeline.training import promote_classifier, roll_back_classifier, train_classifier

__all__ = [
    "JOBS",
    "Decided",
    "check_inputs",
    "label_texts",
    "load",
    "may_pass",
    "next_to_label",
    "promote_classifier",
    "prove_links",
    "review_sheet",
    "roll_back_classifier",
    "settings_for",
    "store_reviews",
    "train_classifier",
]
