"""Flow `triage`: new files into vectors, labels, themes, links and the silence ledger, and a report if asked for."""

from typing import Any

from prefect import flow

from flows.tasks import TASKS


@flow(name="triage", log_prints=False)
def triage(  # noqa: PLR0913, PLR0917 - a flow's parameters are its form in Prefect's pages
    feedback: list[str],
    releases: str = "",
    exposure: str = "",
    database: str = "",
    columns: dict[str, str] | None = None,
    release_columns: dict[str, str] | None = None,
    report_dir: str = "",
    as_of: str = "",
    with_report: bool = False,
    max_wrong_per_100: float = 0.0,
    prove_links: bool = False,
) -> dict[str, Any]:
    """Run every stage in order; each does only what the database lacks. Only `prove_links` uses the network."""
    done = {
        "ingest": TASKS["ingest"](
            feedback, releases, exposure, database=database, columns=columns, release_columns=release_columns
        )
    }
    done["embed"] = TASKS["embed"](database=database)
    done["label"] = TASKS["label"](database=database, max_wrong_per_100=max_wrong_per_100)
    if prove_links:
        done["prove"] = TASKS["prove"](database=database)
    for stage in ("cluster", "link"):
        done[stage] = TASKS[stage](database=database)
    done["silence"] = TASKS["silence"](database=database, as_of=as_of)
    if with_report:
        done["report"] = TASKS["report"](database=database, report_dir=report_dir, as_of=as_of)
    return done
