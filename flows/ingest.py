"""Flow `ingest`: files into the database."""

from typing import Any

from prefect import flow

from flows.tasks import TASKS


@flow(name="ingest", log_prints=False)
def ingest(
    feedback: list[str],
    releases: str = "",
    exposure: str = "",
    database: str = "",
    columns: dict[str, str] | None = None,
    release_columns: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Store what the files hold; see `feedback_triage.pipeline.jobs.ingest`."""
    return TASKS["ingest"](
        feedback, releases, exposure, database=database, columns=columns, release_columns=release_columns
    )
