"""What can be known to be wrong before a run starts: told in a second instead of after a server has come up."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from feedback_triage import sources
from feedback_triage.artifacts import classifier_in_use
from feedback_triage.embed import load_encoder
from feedback_triage.errors import InputError, OutputError
from feedback_triage.pipeline.jobs import expand, settings_for
from feedback_triage.store import open_store

_SMALL_BYTES = 20_000_000  # up to here a file is read whole beforehand; a larger one is only opened


def check_inputs(  # noqa: PLR0913 - what a run is given, each of it checked
    feedback: Sequence[str],
    releases: str,
    *,
    columns: Mapping[str, str],
    release_columns: Mapping[str, str],
    database: str,
    report_dir: str,
    max_wrong_per_100: float = 0.0,
    exposure: str = "",
) -> None:
    """Refuse a run that cannot succeed.

    Raises:
        FeedbackTriageError: the first thing that is wrong, in one line that says what to do.
    """
    settings = settings_for(database, report_dir)
    paths = expand(feedback)
    if not paths:
        raise InputError("no feedback file fits; name at least one with --feedback")
    for named in paths:
        if _is_small(named.path):
            sources.read_feedback(named.path, columns=columns, default_source=named.source, timezone=settings.timezone)
        else:
            sources.open_table(named.path)
    if releases:
        sources.read_releases(Path(releases), columns=release_columns, timezone=settings.timezone)
    if exposure:
        sources.read_exposure(Path(exposure), timezone=settings.timezone)
    encoder = load_encoder(settings.models_dir, settings.encoder)
    classifier_in_use(settings, encoder, max_wrong_per_100)
    with open_store(settings.database_url):
        pass
    _check_writable(settings.report_dir)


def _is_small(path: Path) -> bool:
    return not path.is_file() or path.stat().st_size <= _SMALL_BYTES


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}; choose another with --report") from None
    if not os.access(folder, os.W_OK):
        raise OutputError(f"the folder {folder} is not writable; choose another with --report")
