"""Flow `train`: gold items into a classifier."""

from typing import Any

from prefect import flow

from feedback_triage.pipeline import train_classifier
from flows.tasks import as_task


@flow(name="train", log_prints=False)
def train(gold: str = "", trained_on: str = "") -> dict[str, Any]:
    """Train on the gold items and put the new classifier in use; see `feedback_triage.pipeline.jobs`."""
    return as_task("train", train_classifier)(gold, trained_on=trained_on)
