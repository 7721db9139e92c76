"""Prefect flows: retries, schedules and names around the jobs of `feedback_triage.pipeline`; no logic of their own."""
