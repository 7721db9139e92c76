"""Flow `train`: gold items into a classifier."""

from typing import Any

from prefect import flow

from feedback_triage.pipeline import train_classifier
from flows.tasks import as_task


@flow(name="train", log_prints=False)
def train(
    gold: str = "", trained_on: str = "", method: str = "", with_reviews: bool = False, database: str = ""
) -> dict[str, Any]:
    """Train on gold items, and maybe on people's decisions; see `feedback_triage.pipeline.training`."""
    return as_task("train", train_classifier)(
        gold, trained_on=trained_on, method=method, with_reviews=with_reviews, database=database
    )
