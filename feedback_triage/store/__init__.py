"""The only place that speaks SQL."""

from sqlalchemy import Connection

from feedback_triage.store.session import Store, open_store

__all__ = ["Connection", "Store", "open_store"]
