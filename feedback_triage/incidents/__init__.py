"""Bursts of feedback: one incident a cause, from the first item that makes it certain to its end."""

from feedback_triage.incidents.finding import find_incidents
from feedback_triage.incidents.push_hours import push_hours

__all__ = ["find_incidents", "push_hours"]
