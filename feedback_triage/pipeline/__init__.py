"""The stages in order: read, compute, write. The one place that joins the store and the steps."""

from feedback_triage.pipeline.editing import hide_theme, merge_themes, pin_items, rename_theme, split_theme, undo_edits
from feedback_triage.pipeline.jobs import JOBS, label_texts, load, may_pass, settings_for
from feedback_triage.pipeline.preflight import check_inputs
from feedback_triage.pipeline.proving import prove_links
from feedback_triage.pipeline.reviewing import Decided, next_to_label, review_sheet, store_reviews
from feedback_triage.pipeline.theme_views import EditLine, ThemeLine, ThemeStory, edit_log, theme_list, theme_story
from feedback_triage.pipeline.training import promote_classifier, roll_back_classifier, train_classifier

__all__ = [
    "JOBS",
    "Decided",
    "EditLine",
    "ThemeLine",
    "ThemeStory",
    "check_inputs",
    "edit_log",
    "hide_theme",
    "label_texts",
    "load",
    "may_pass",
    "merge_themes",
    "next_to_label",
    "pin_items",
    "promote_classifier",
    "prove_links",
    "rename_theme",
    "review_sheet",
    "roll_back_classifier",
    "settings_for",
    "split_theme",
    "store_reviews",
    "theme_list",
    "theme_story",
    "train_classifier",
    "undo_edits",
]
