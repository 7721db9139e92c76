"""What a cluster is over time: permanent ids, lineage, and which theme matters first."""

from feedback_triage.themes.areas import carry_names, find_areas
from feedback_triage.themes.edit_checks import check_log
from feedback_triage.themes.edit_words import EditEvent, edit_events, tell_edit
from feedback_triage.themes.edits import (
    PresentThemes,
    active,
    apply_splits,
    edited_names,
    edited_theme_ids,
    free_name,
    placed_items,
    replay,
    split_origins,
)
from feedback_triage.themes.emerging import emerging_themes
from feedback_triage.themes.matching import (
    NewCluster,
    StandingTheme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMatch,
    match_themes,
    new_theme_id,
)
from feedback_triage.themes.ranking import rank

__all__ = [
    "EditEvent",
    "NewCluster",
    "PresentThemes",
    "StandingTheme",
    "ThemeEvent",
    "ThemeEventKind",
    "ThemeMatch",
    "active",
    "apply_splits",
    "carry_names",
    "check_log",
    "edit_events",
    "edited_names",
    "edited_theme_ids",
    "emerging_themes",
    "find_areas",
    "free_name",
    "match_themes",
    "new_theme_id",
    "placed_items",
    "rank",
    "replay",
    "split_origins",
    "tell_edit",
]
