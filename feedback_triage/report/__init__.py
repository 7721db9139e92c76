"""The report: a value made of frames, and its page, terminal summary and tables.

`build_report` does all counting, ranking and wording. `render_html`, `render_summary` and `tables` lay the
value out, `write_report` puts the files in place. Every number on the page carries the filter that finds
its items.
"""

from feedback_triage.report.build import build_report
from feedback_triage.report.html import render_html
from feedback_triage.report.tables import spreadsheet_safe, tables
from feedback_triage.report.terminal import render_summary
from feedback_triage.report.triage_report import TriageReport
from feedback_triage.report.values import ReportInput, ReportPeriod, empty_frame
from feedback_triage.report.vega import MapPicture, map_picture
from feedback_triage.report.words import printable
from feedback_triage.report.write import ReportPaths, write_report

__all__ = [
    "MapPicture",
    "ReportInput",
    "ReportPaths",
    "ReportPeriod",
    "TriageReport",
    "build_report",
    "empty_frame",
    "map_picture",
    "printable",
    "render_html",
    "render_summary",
    "spreadsheet_safe",
    "tables",
    "write_report",
]
