"""Styles and scripts that are written into pages and pictures."""

from importlib.resources import files


def asset(name: str) -> str:
    """Text of a file that lies beside the templates."""
    return files("feedback_triage.report").joinpath("templates", name).read_text(encoding="utf-8")
