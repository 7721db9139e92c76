"""Commands that work on the database: the whole run through Prefect, and the stages one by one without it."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from feedback_triage.errors import OutputError
from feedback_triage.settings import Settings

_ROOM_BYTES = 8_000_000
_RELEASE_COLUMNS = frozenset({"version", "released_at", "kind", "notes", "rollout", "rolled_back_at", "hotfix"})


def run(options: argparse.Namespace) -> None:
    """Run the whole pipeline through the flow."""
    from feedback_triage.pipeline import check_inputs

    columns, release_columns = _columns(options)
    check_inputs(
        options.feedback,
        options.releases,
        columns=columns,
        release_columns=release_columns,
        database=options.database,
        report_dir=options.report,
        max_wrong_per_100=options.max_wrong_per_100,
        exposure=options.exposure,
    )
    _prepare_prefect(Settings.from_environ(os.environ).home)
    # The one door to Prefect, opened only here: it takes seconds to import.
    from flows.triage import triage as flow

    done = flow(
        options.feedback,
        options.releases,
        options.exposure,
        database=options.database,
        columns=columns,
        release_columns=release_columns,
        report_dir=options.report,
        as_of=options.as_of,
        with_report=True,
        max_wrong_per_100=options.max_wrong_per_100,
        prove_links=options.prove_links,
    )
    _say_ingest(done["ingest"])
    _say(f"encoded {done['embed']['n_embedded']} new texts, {_themes(done['cluster'])}")
    if "prove" in done:
        _say_proofs(done["prove"])
    _say_report(done["report"])


def ingest(options: argparse.Namespace) -> None:
    """Store what the files hold."""
    from feedback_triage.pipeline import JOBS

    columns, release_columns = _columns(options)
    counts = JOBS["ingest"](
        options.feedback,
        options.releases,
        options.exposure,
        database=options.database,
        columns=columns,
        release_columns=release_columns,
    )
    _say_ingest(counts)


def triage(options: argparse.Namespace) -> None:
    """Run the stages between files and report."""
    from feedback_triage.pipeline import JOBS

    for stage in ("embed", "label", "cluster", "link"):
        more = {"max_wrong_per_100": options.max_wrong_per_100} if stage == "label" else {}
        counts = JOBS[stage](database=options.database, **more)
        _say(f"{stage}: " + ", ".join(f"{name} {value}" for name, value in counts.items()))
    counts = JOBS["silence"](database=options.database, as_of=options.as_of)
    _say(f"silence: n_windows {counts['n_windows']}")


def report(options: argparse.Namespace) -> None:
    """Write the report."""
    from feedback_triage.pipeline import JOBS

    # What a person told of a release since the last run shows everywhere at once.
    JOBS["link"](database=options.database)
    JOBS["silence"](database=options.database, as_of=options.as_of)
    _say_report(JOBS["report"](database=options.database, report_dir=options.report, as_of=options.as_of))


def prove_links(options: argparse.Namespace) -> None:
    """Request the links that customers call broken."""
    from feedback_triage.pipeline import prove_links as prove

    _say_proofs(prove(database=options.database, recheck_hours=options.recheck_hours))


def _say_proofs(counts: dict[str, Any]) -> None:
    found = ", ".join(f"{counts[f'n_{name}']} {name}" for name in ("alive", "dead", "failing", "refused"))
    _say(
        f"links that customers call broken: {counts['n_urls']} due ({found}, {counts['n_left']} left for the next run)"
    )


def _columns(options: argparse.Namespace) -> tuple[dict[str, str], dict[str, str]]:
    pairs = dict(options.column)
    of_releases = {name: column for name, column in pairs.items() if name in _RELEASE_COLUMNS}
    return {name: column for name, column in pairs.items() if name not in _RELEASE_COLUMNS}, of_releases


def _prepare_prefect(home: Path) -> None:
    """Prefect keeps its files in our folder, calls nobody, and leaves our errors to us; what a user set wins.

    Raises:
        OutputError: there is no such folder, and none can be made.
    """
    for name, value in {
        "PREFECT_HOME": str((home / "prefect").resolve()),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }.items():
        os.environ.setdefault(name, value)
    folder = Path(os.environ["PREFECT_HOME"])
    try:
        # Prefect makes the last part of its path at most, and else tries for two minutes.
        folder.mkdir(parents=True, exist_ok=True)
        # On a full disk its server does not start, and says so in thousands of lines.
        with tempfile.TemporaryFile(dir=folder) as room:
            room.write(bytes(_ROOM_BYTES))
    except OSError as error:
        raise OutputError(
            f"{folder}: the run keeps its own notes there and cannot ({error.strerror}); "
            "make room, or choose another folder with FEEDBACK_TRIAGE_HOME"
        ) from None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _say_ingest(counts: dict[str, Any]) -> None:
    for file in counts["files"]:
        _say(
            f"{file['file_name']}: read {file['n_read']} = stored {file['n_stored']} "
            f"+ already known {file['n_already_known']} + rejected {file['n_rejected']}"
        )
        for note in file["notes"]:
            _say(f"  {note}")


def _themes(counts: dict[str, Any]) -> str:
    themes = f"{counts['n_clusters']} themes"
    return themes if counts["is_new"] else f"{themes} as before (no new items to cluster)"


def _say_report(counts: dict[str, Any]) -> None:
    _say("")
    sys.stdout.write(Path(counts["summary"]).read_text("utf-8"))
    _say(f"\nreport: {counts['html']}")
