"""What a cluster is over time: permanent ids, lineage, and which theme matters first."""

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
    "NewCluster",
    "StandingTheme",
    "ThemeEvent",
    "ThemeEventKind",
    "ThemeMatch",
    "match_themes",
    "new_theme_id",
    "rank",
]
