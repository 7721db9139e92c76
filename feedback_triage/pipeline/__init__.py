"""The stages in order: read, compute, write. The one place that joins the store and the steps."""

from feedback_triage.pipeline.jobs import JOBS, label_texts, load, may_pass, settings_for, train_classifier
from feedback_triage.pipeline.preflight import check_inputs

__all__ = ["JOBS", "check_inputs", "label_texts", "load", "may_pass", "settings_for", "train_classifier"]
