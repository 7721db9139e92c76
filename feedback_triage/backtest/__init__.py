"""History told again day by day: what was found, how soon, and how often wrongly."""

from feedback_triage.backtest.hindsight import judge_by_hindsight
from feedback_triage.backtest.incident_log import IncidentLog
from feedback_triage.backtest.looks import look_instants
from feedback_triage.backtest.scoring import score_incidents, score_known
from feedback_triage.backtest.tables import backtest_tables, to_json
from feedback_triage.backtest.values import (
    FlaggedTheme,
    FoundIncident,
    Hindsight,
    HindsightVerdict,
    IncidentScore,
    KnownIncident,
    KnownKind,
    KnownScore,
    Look,
    VerdictChange,
    WindowOutcome,
)
from feedback_triage.backtest.whole import Backtest
from feedback_triage.backtest.window_log import WindowLog, WindowsSeen
from feedback_triage.backtest.words import summary

__all__ = [
    "Backtest",
    "FlaggedTheme",
    "FoundIncident",
    "Hindsight",
    "HindsightVerdict",
    "IncidentLog",
    "IncidentScore",
    "KnownIncident",
    "KnownKind",
    "KnownScore",
    "Look",
    "VerdictChange",
    "WindowLog",
    "WindowOutcome",
    "WindowsSeen",
    "backtest_tables",
    "judge_by_hindsight",
    "look_instants",
    "score_incidents",
    "score_known",
    "summary",
    "to_json",
]
