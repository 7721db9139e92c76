"""Bursts of feedback: one incident a cause, from the first item that makes it certain to its end."""
