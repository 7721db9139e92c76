"""The stages as jobs: each takes plain values, opens the database, does its work, and returns counts.

Flows and the command line call these. A job may be killed at any instant and run again.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from tqdm import tqdm

from feedback_triage.artifacts import classifier_in_use
from feedback_triage.domain import Prediction
from feedback_triage.embed import Progress, as_unit, load_encoder
from feedback_triage.errors import NewerSchemaError, OutputError, StoreError
from feedback_triage.ingest import normalise_text
from feedback_triage.pipeline import (
    clustering,
    incidents,
    ingestion,
    joining,
    receipts,
    reporting,
    theming,
    understanding,
)
from feedback_triage.pipeline.instants import read_instant
from feedback_triage.pipeline.known import known_at
from feedback_triage.pipeline.notes import NoteMatcher
from feedback_triage.pipeline.standing import standing_themes
from feedback_triage.report import ReportInput
from feedback_triage.settings import Settings
from feedback_triage.store import Store, open_store, write

Counts = dict[str, Any]


def settings_for(database: str = "", report_dir: str = "") -> Settings:
    """Settings of the environment, with what was given on the command line or to the flow on top."""
    settings = Settings.from_environ(os.environ)
    if database:
        settings = replace(settings, database_url=database)
    if report_dir:
        settings = replace(settings, report_dir=Path(report_dir))
    return settings


@contextmanager
def job(stage: str, database: str) -> Iterator[tuple[Store, Settings, Counts]]:
    """Open the database for one stage alone; what it counted is remembered when it ends well."""
    settings = settings_for(database)
    started_at = datetime.now(UTC)
    counts: Counts = {}
    with open_store(settings.database_url) as store, store.exclusive():
        yield store, settings, counts
        with store.writing() as connection:
            write.pipeline_run(connection, stage, started_at, datetime.now(UTC), counts)


def ingest(
    feedback: Sequence[str] = (),
    releases: str = "",
    exposure: str = "",
    *,
    database: str = "",
    columns: Mapping[str, str] | None = None,
    release_columns: Mapping[str, str] | None = None,
) -> Counts:
    """Store what the files hold.

    Args:
        feedback: files, patterns such as `inbox/*.csv`, each with an optional `SOURCE=` in front.
        releases: a release file, "" for none.
        exposure: a file of usage counts, "" for none.
        database: URL, "" for the configured one.
        columns: our column name to the feedback files' one.
        release_columns: our column name to the release file's one.

    Returns:
        n_read, n_stored, n_already_known, n_rejected, n_releases_changed, and `files` with the same a file.
    """
    with job("ingest", database) as (store, settings, counts):
        counts |= {"n_read": 0, "n_stored": 0, "n_already_known": 0, "n_rejected": 0, "n_releases_changed": 0}
        files: list[Counts] = []
        for path in expand(feedback):
            accounting = ingestion.ingest_feedback(
                store,
                path,
                columns=columns or {},
                timezone=settings.timezone,
                ingested_at=datetime.now(UTC),
            )
            files.append(asdict(accounting))
            for name in ("n_read", "n_stored", "n_already_known", "n_rejected"):
                counts[name] += files[-1][name]
        if releases:
            changed, accounting = ingestion.ingest_releases(
                store,
                Path(releases),
                columns=release_columns or {},
                timezone=settings.timezone,
                ingested_at=datetime.now(UTC),
            )
            counts["n_releases_changed"] = changed
            files.append(asdict(accounting))
        if exposure:
            usage = ingestion.ingest_exposure(
                store, Path(exposure), timezone=settings.timezone, ingested_at=datetime.now(UTC)
            )
            files.append(asdict(usage))
        counts["files"] = files
    return counts


def expand(feedback: Sequence[str]) -> list[ingestion.FeedbackPath]:
    """Files that the arguments name, patterns expanded in name order. A pattern that fits nothing is no error."""
    paths = []
    for argument in feedback:
        named = ingestion.FeedbackPath.parse(argument)
        if has_magic(str(named.path)) and not named.path.exists():
            paths += [replace(named, path=Path(found)) for found in sorted(glob(str(named.path)))]  # noqa: PTH207 - the pattern may be absolute, which Path.glob refuses
        else:
            paths.append(named)
    return paths


def embed(*, database: str = "") -> Counts:
    """Encode texts that are not encoded yet. Returns n_embedded."""
    with job("embed", database) as (store, settings, counts):
        encoder = load_encoder(settings.models_dir, settings.encoder)
        with progress_bar("encoding texts") as progress:
            counts["n_embedded"] = understanding.embed_new(store, encoder, progress)
    return counts


def label(*, database: str = "", max_wrong_per_100: float = 0.0) -> Counts:
    """Judge items that the classifier in use has not judged.

    Args:
        database: URL, "" for the configured one.
        max_wrong_per_100: budget of wrong labels in 100 given ones; 0 for the configured one.

    Returns:
        n_labelled, n_abstained, n_other_language (of those that abstained), classifier_version, languages.
    """
    with job("label", database) as (store, settings, counts):
        encoder = load_encoder(settings.models_dir, settings.encoder)
        classifier = classifier_in_use(settings, encoder, max_wrong_per_100)
        with progress_bar("labelling") as progress:
            counts.update(understanding.label_new(store, encoder, classifier, progress))
        counts |= {"classifier_version": classifier.version, "languages": list(classifier.languages)}
    return counts


def cluster(*, database: str = "", is_laid_anew: bool = False) -> Counts:
    """Cluster items into themes, if there are new ones.

    Args:
        database: URL, "" for the configured one.
        is_laid_anew: find the themes as if for the first time; those that people edited go on.

    Returns:
        is_new, n_clusters, n_events, n_joined.
    """
    with job("cluster", database) as (store, settings, counts):
        encoder = load_encoder(settings.models_dir, settings.encoder)
        done = clustering.cluster_all(store, encoder, settings.product_name, is_laid_anew=is_laid_anew)
        theming.refresh_themes(store, settings.product_name)
        counts.update(asdict(done))
    return counts


def link(*, database: str = "") -> Counts:
    """Link items to releases. Returns n_releases_derived and n_relinked."""
    with job("link", database) as (store, _settings, counts):
        counts["n_releases_derived"] = joining.derive_releases(store)
        counts["n_relinked"] = joining.link_all(store)
    return counts


def silence(*, database: str = "", as_of: str = "") -> Counts:
    """Make the silence ledger, the incidents with their suspects, and the fix receipts anew. `as_of` as for `report`.

    Returns:
        n_windows, n_incidents, n_receipts.
    """
    with job("silence", database) as (store, settings, counts):
        encoder = load_encoder(settings.models_dir, settings.encoder)
        counts |= {"n_windows": 0, "n_incidents": 0, "n_receipts": 0}
        if instant := _instant(store, settings, as_of):
            with store.reading() as connection:
                standing = standing_themes(connection)
                known = known_at(connection, instant, standing.present)
            notes = NoteMatcher.of(store, encoder, known.items, known.releases)
            counts["n_windows"] = joining.update_silence(store, known, notes, instant, settings.window_hours)
            counts["n_incidents"] = incidents.update_incidents(store, known, notes, instant)
            counts["n_receipts"] = receipts.update_receipts(store, encoder, known, notes, standing, instant)
    return counts


def report(*, database: str = "", report_dir: str = "", as_of: str = "") -> Counts:
    """Write the report.

    Args:
        database: URL, "" for the configured one.
        report_dir: folder, "" for the configured one.
        as_of: the instant it speaks at: ISO 8601, `now`, or "" for the first midnight after the last item.

    Returns:
        `html` and `summary`: paths of the page and of the terminal summary.
    """
    with job("report", database) as (store, settings, counts):
        now = datetime.now(UTC)
        paths = reporting.write_report(
            store,
            Path(report_dir) if report_dir else settings.report_dir,
            as_of=_instant(store, settings, as_of) or now,
            timezone=settings.timezone,
            product_name=settings.product_name,
            created_at=now,
        )
        counts |= {"html": str(paths.html), "summary": str(paths.summary)}
    return counts


def _instant(store: Store, settings: Settings, as_of: str) -> datetime | None:
    if not as_of:
        return reporting.data_as_of(store, settings.timezone)
    if as_of == "now":
        return datetime.now(UTC)
    return read_instant("--as-of", as_of, settings.timezone)


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """A bar on standard error, told the number of texts done since the last call."""
    # Nothing is drawn where no one watches; the bar appears only once there is something to count.
    bars: list[Any] = []

    def advance(n: int) -> None:
        if not bars:
            bars.append(tqdm(desc=what, unit=" texts", file=sys.stderr, disable=None, leave=False))
        bars[0].update(n)

    try:
        yield advance
    finally:
        for bar in bars:
            bar.close()


def load(database: str = "", *, as_of: str = "") -> ReportInput:
    """Everything that is known at an instant, as frames; `as_of` as for `report`."""
    settings = settings_for(database)
    with open_store(settings.database_url) as store:
        return reporting.report_input(
            store,
            as_of=_instant(store, settings, as_of) or datetime.now(UTC),
            timezone=settings.timezone,
            product_name=settings.product_name,
        )


def label_texts(texts: Sequence[str]) -> list[Prediction]:
    """Propose a label for each text, without a database."""
    settings = settings_for()
    encoder = load_encoder(settings.models_dir, settings.encoder)
    classifier = classifier_in_use(settings, encoder)
    classifier.check_encoder(encoder.encoder_id)
    cleaned = [normalise_text("", text) for text in texts]
    vectors = as_unit(encoder.encode(cleaned)) if classifier.needs_vectors else None
    return classifier.predict(cleaned, vectors)


def may_pass(error: object) -> bool:
    """Whether trying again may help: a locked database, a full disk. A person's mistake or a bug stays what it is."""
    return isinstance(error, StoreError | OutputError | OSError) and not isinstance(error, NewerSchemaError)


JOBS: Mapping[str, Callable[..., Counts]] = {
    "ingest": ingest,
    "embed": embed,
    "label": label,
    "cluster": cluster,
    "link": link,
    "silence": silence,
    "report": report,
}
"""The stages in the order of the pipeline."""
