"""Flow `train`: gold items into a classifier."""

from typing import Any

from prefect import flow, task

from feedback_triage.pipeline import train_classifier


@flow(name="train", log_prints=False)
def train(gold: str = "", trained_on: str = "") -> dict[str, Any]:
    """Train on the gold items and put the new classifier in use; see `feedback_triage.pipeline.jobs`."""
    return task(train_classifier, name="train")(gold, trained_on=trained_on)
