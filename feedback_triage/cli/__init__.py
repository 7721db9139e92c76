"""The command line: `feedback-triage <command>`."""

from feedback_triage.cli.main import main

__all__ = ["main"]
