"""A backtest as tables and as JSON. Nothing that a customer wrote is in either."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from feedback_triage.backtest.values import FoundIncident, IncidentScore, KnownScore, Look, WindowOutcome
from feedback_triage.backtest.whole import Backtest
from feedback_triage.domain import Suspect

Row = dict[str, Any]

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "looks": (
        *("at", "n_items", "n_new", "n_releases", "n_themes", "is_clustered", "n_born", "n_ended", "n_flagged"),
        *("incident_ids", "n_windows_ended", "n_told", "n_inside", "n_verdict_changes"),
    ),
    "incidents": (
        *("incident_id", "known_at", "started_at", "raised_at", "hours_to_known", "n_items_until_known"),
        *("scope", "product", "platform", "last_at", "ended_at", "n_items", "observed_count", "expected_count"),
        *("is_withdrawn", "known_name", "is_first", "is_false"),
        *("hindsight", "hindsight_observed", "hindsight_expected", "hindsight_upper", "reason"),
    ),
    "suspects": ("incident_id", "position", "release_id", "probability", "reason"),
    "known": (
        *("name", "kind", "is_in_span", "n_incidents", "incident_ids", "hours_to_incident", "n_reports_to_incident"),
        *("theme_id", "theme_at", "hours_to_theme", "release", "place_of_release", "probability_of_release"),
    ),
    "windows": (
        *("release_id", "subject", "hours", "start_at", "end_at", "closed_at", "expected_count", "lower", "upper"),
        *("observed_count", "is_told", "is_inside", "status", "verdict", "last_status", "last_verdict"),
    ),
    "verdict_changes": ("at", "release_id", "subject", "hours", "before", "after"),
}


def backtest_tables(backtest: Backtest) -> dict[str, pd.DataFrame]:
    """Give the tables by name: looks, incidents, suspects, known, windows, verdict_changes.

    Lists are joined by "; ". A suspect without a release stands for none of them.
    """
    rows = {name: [_flat(row) for row in found] for name, found in _rows(backtest).items()}
    tables = {name: pd.DataFrame(rows[name], columns=list(columns)) for name, columns in _COLUMNS.items()}
    for frame in tables.values():
        for column in frame.columns:
            if column.endswith("_at") or column == "at":
                frame[column] = pd.to_datetime(frame[column], utc=True).dt.as_unit("us")
    return tables


def to_json(backtest: Backtest) -> str:
    """Give everything as JSON; instants are ISO 8601 in UTC, what is not known is null."""
    value: Row = {
        "start_at": backtest.start_at,
        "end_at": backtest.end_at,
        "every_hours": backtest.every_hours,
        "timezone": backtest.timezone,
        "classifier_version": backtest.classifier_version,
        "has_known": backtest.has_known,
        "notes": list(backtest.notes),
        "summary": figures(backtest),
        **_rows(backtest),
    }
    return json.dumps(value, default=_plain, indent=1) + "\n"


def figures(backtest: Backtest) -> Row:
    """Give the figures of the summary by name."""
    told = backtest.volume_windows
    coverage = [
        {"subject": subject, "hours": hours, "n_windows": len(group), "n_inside": sum(one.is_inside for one in group)}
        for (subject, hours), group in by_subject(backtest.told_windows).items()
    ]
    in_span = [one for one in backtest.known if one.is_in_span]
    return {
        "months": round(backtest.months, 3),
        "n_incidents": len(backtest.incidents),
        "n_withdrawn": sum(one.is_withdrawn for one in backtest.incidents),
        "n_false_alarms": backtest.n_false,
        "false_alarms_per_month": round(backtest.false_per_month, 3),
        "n_known": len(in_span),
        "n_known_found_as_incident": sum(bool(one.incident_ids) for one in in_span),
        "n_known_found_as_theme": sum(bool(one.theme_id) for one in in_span),
        "n_windows": len(told),
        "n_inside": sum(one.is_inside for one in told),
        "coverage_ratio": round(sum(one.is_inside for one in told) / len(told), 4) if told else None,
        "coverage": coverage,
        "n_verdict_changes": len(backtest.verdict_changes),
    }


def by_subject(windows: Iterable[WindowOutcome]) -> dict[tuple[str, float], list[WindowOutcome]]:
    """Group windows by subject and length; all sources are one subject, "source"."""
    groups: dict[tuple[str, float], list[WindowOutcome]] = {}
    for one in windows:
        groups.setdefault((one.subject.partition(":")[0], one.hours), []).append(one)
    return dict(sorted(groups.items()))


def _rows(backtest: Backtest) -> dict[str, list[Row]]:
    scored = zip(backtest.incidents, backtest.scores, strict=True)
    return {
        "looks": [_of_look(one) for one in backtest.looks],
        "incidents": [_of_incident(one, score) for one, score in scored],
        "suspects": [
            {"incident_id": one.incident_id, "position": place} | _of_suspect(suspect)
            for one in backtest.incidents
            for place, suspect in enumerate(one.suspects, 1)
        ],
        "known": [_of_known(one) for one in backtest.known],
        "windows": [_of_window(one) for one in backtest.windows],
        "verdict_changes": [_fields(one, _COLUMNS["verdict_changes"]) for one in backtest.verdict_changes],
    }


def _of_look(one: Look) -> Row:
    return _fields(one, _COLUMNS["looks"])


def _of_suspect(suspect: Suspect) -> Row:
    return {"release_id": suspect.release_id, "probability": suspect.probability, "reason": suspect.reason}


def _of_incident(one: FoundIncident, score: IncidentScore) -> Row:
    seen = one.hindsight
    return _ordered(
        "incidents",
        _fields(one, _COLUMNS["incidents"])
        | _fields(score, ("known_name", "is_first", "is_false"))
        | {
            "hours_to_known": round((one.known_at - one.started_at).total_seconds() / 3600, 3),
            "n_items": len(one.item_ids),
            "hindsight": seen.verdict.value if seen else None,
            "hindsight_observed": seen.observed_count if seen else None,
            "hindsight_expected": seen.expected_count if seen else None,
            "hindsight_upper": seen.upper if seen else None,
        },
    )


def _of_known(one: KnownScore) -> Row:
    row = _fields(one, _COLUMNS["known"]) | {"kind": one.kind.value, "n_incidents": len(one.incident_ids)}
    return _ordered("known", row)


def _of_window(one: WindowOutcome) -> Row:
    row = _fields(one, _COLUMNS["windows"])
    row["is_inside"] = one.is_inside if one.is_told else None
    return row | {name: row[name].value for name in ("status", "verdict", "last_status", "last_verdict")}


def _fields(value: object, names: Sequence[str]) -> Row:
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def _ordered(table: str, row: Row) -> Row:
    return {name: row[name] for name in _COLUMNS[table]}


def _flat(row: Row) -> Row:
    return {name: "; ".join(value) if isinstance(value, tuple) else value for name, value in row.items()}


def _plain(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} is no value of a backtest")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
