"""The report as tables, for spreadsheets and notebooks."""

from datetime import UTC
from typing import Any

import pandas as pd

from feedback_triage.report.build import build_report
from feedback_triage.report.triage_report import TriageReport
from feedback_triage.report.values import ReportInput
from feedback_triage.report.words import printable

_ITEM_COLUMNS = (
    *(
        "item_id",
        "source",
        "external_id",
        "written_at",
        "label",
        "probability",
        "probability_none",
        "abstained",
    ),
    *(
        "queue",
        "is_in_period",
        "release_id",
        "declared_release_id",
        "theme_id",
        "language",
        "platform",
        "product",
    ),
    *("app_version", "rating", "author_key", "title", "verbatim"),
)

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def tables(report: TriageReport | ReportInput) -> dict[str, pd.DataFrame]:
    """Give the tables by name: items, days, releases, themes, theme_events, silence, incidents, suspects,
    fix_receipts, push_hours, feeds, accounting, rejected, mentions, links.

    `items` has every item, oldest first, with the columns the page's numbers are counted from: `queue` is `review`,
    `none` or `language`, `is_in_period` tells the reported period. Rows are in an order that depends on nothing
    but their values.
    """
    built = build_report(report) if isinstance(report, ReportInput) else report
    source = built.source
    return {
        "items": built.items[list(_ITEM_COLUMNS)],
        "days": _days(built),
        "releases": _releases(built),
        "themes": _themes(built),
        "theme_events": _sorted(source.theme_events, ["happened_at", "theme_id", "text"]),
        "silence": _silence(source.windows),
        "incidents": _joined(_sorted(source.incidents, ["started_at", "incident_id"])),
        "suspects": _suspects(source.suspects),
        "fix_receipts": _sorted(source.receipts, ["release_id", "theme_id"]),
        "push_hours": _sorted(source.push_hours, ["group", "bucket"]),
        "feeds": _sorted(source.feeds, ["source"]),
        "accounting": _sorted(source.accounting, ["file_name"]),
        "rejected": _sorted(source.rejected, ["file_name", "row_number"]),
        "mentions": _sorted(source.mentions, ["release_id", "item_id"]),
        "links": _sorted(source.links, ["url"]),
    }


def _sorted(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return frame.sort_values(by, ignore_index=True)


def _silence(windows: pd.DataFrame) -> pd.DataFrame:
    """Give the windows with their length in hours, by their start, release, subject and length."""
    hours = (windows["end_at"] - windows["start_at"]).dt.total_seconds() / 3600
    return _sorted(windows.assign(hours=hours), ["start_at", "release_id", "subject", "hours"])


def _suspects(suspects: pd.DataFrame) -> pd.DataFrame:
    """Give the suspects of each subject, likeliest first; an empty release is "none of them"."""
    by = ["subject_kind", "subject_id", "rank", "release_id"]
    ranked = suspects.assign(rank=-suspects["probability"].astype("float64"))
    return _sorted(ranked, by).drop(columns="rank")


def _joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the frame with its lists as texts, joined by "; "."""
    shown = frame.copy()
    for column in ("also_in", "item_ids", "keyphrases"):
        shown[column] = pd.Series(["; ".join(map(str, found)) for found in frame[column]], dtype=object)
    return shown


def _column(title: str) -> str:
    return "n_" + title.replace(" ", "_")


def _days(report: TriageReport) -> pd.DataFrame:
    """Give one row a bar of the chart: its bounds and its counts."""
    rows: list[dict[str, Any]] = [
        {"start_at": one.start, "end_at": one.end, "n_items": one.total.n}
        | {_column(report.titles[key]): count.n for key, count in one.counts}
        for one in report.timeline.bins
    ]
    frame = pd.DataFrame(rows)
    for column in ("start_at", "end_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame


def _releases(report: TriageReport) -> pd.DataFrame:
    """Give one row a release, newest first, with its counts and what was expected while it was the newest."""
    counted = pd.DataFrame(
        [
            {"release_id": row.release_id, "n_items": row.total.n, "n_declared": row.declared.n}
            | {_column(report.titles[key]): count.n for key, count in row.counts}
            for row in report.releases
        ],
        columns=[
            *("release_id", "n_items", "n_declared"),
            *(_column(report.titles[key]) for key in report.titles),
        ],
    ).astype({"release_id": "object"})
    facts = report.source.releases.astype({"release_id": "object"})
    if "rollout" in facts:
        facts["rollout"] = [_steps(found) for found in facts["rollout"]]
    reigns = report.source.reigns.drop(columns=["end_at"]).rename(columns={"start_at": "newest_from_at"})
    merged = counted.merge(facts, on="release_id", how="left")
    return merged.merge(reigns.astype({"release_id": "object"}), on="release_id", how="left")


def _steps(rollout: Any) -> str:
    """Write the steps of a roll-out as instants in UTC with shares."""
    steps = rollout if isinstance(rollout, tuple) else ()
    return "; ".join(f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {share:g}" for at, share in steps)


def _themes(report: TriageReport) -> pd.DataFrame:
    """Give one row a theme, the highest score first; lists are joined by "; "."""
    frame = report.source.themes.sort_values(["score", "theme_id"], ascending=[False, True], ignore_index=True)
    for column in ("keyphrases", "exemplar_item_ids"):
        frame[column] = ["; ".join(map(str, values)) for values in frame[column]]
    return frame


def to_csv(frame: pd.DataFrame) -> str:
    """Give the frame as CSV: lines end in a line feed, instants are ISO 8601 in UTC.

    A text that a spreadsheet would run as a formula (it starts with = + - @, a tab or a line break, also
    after spaces) gets an apostrophe in front: OWASP, "CSV Injection". Control characters
    become U+FFFD, and every line break a line feed.
    """
    shown = frame.copy()
    for name in shown.columns:
        column = shown[name]
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            shown[name] = _instants(column)
        elif not pd.api.types.is_numeric_dtype(column.dtype):
            shown[name] = column.map(spreadsheet_safe, na_action="ignore")
    text = shown.to_csv(index=False, lineterminator="\n")
    return str(text)


def _instants(column: pd.Series) -> pd.Series:
    universal = column.dt.tz_convert("UTC")
    has_fraction = bool((universal.dropna() != universal.dropna().dt.floor("s")).any())
    shown: pd.Series = universal.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if has_fraction else "%Y-%m-%dT%H:%M:%SZ")
    return shown


def spreadsheet_safe(value: Any) -> Any:
    """A cell that no spreadsheet runs as a formula and no reader breaks at; anything but a text stays as it is."""
    if not isinstance(value, str):
        return value
    # A lone carriage return would end the row for some readers.
    text = printable(value).replace("\r\n", "\n").replace("\r", "\n")
    is_formula = text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)
    return f"'{text}" if is_formula else text
