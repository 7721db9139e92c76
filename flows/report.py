"""Flow `report`: the digest of the week."""

from typing import Any

from prefect import flow

from flows.tasks import TASKS


@flow(name="report", log_prints=False)
def report(database: str = "", report_dir: str = "", as_of: str = "") -> dict[str, Any]:
    """Bring the silence ledger up to `as_of` and write the report of the seven days before."""
    TASKS["silence"](database=database, as_of=as_of)
    return TASKS["report"](database=database, report_dir=report_dir, as_of=as_of)
