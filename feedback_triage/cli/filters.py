"""The filters: JSON lines in, JSON lines out, in input order, the same bytes every time. No database, no Prefect."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from feedback_triage.cli.jsonlines import Record, batches, read_records, text_of, write_record
from feedback_triage.errors import InputError, OutputError
from feedback_triage.settings import Settings

_BATCH = 2_048


def _settings() -> Settings:
    return Settings.from_environ(os.environ)


def _clean(record: Record) -> str:
    from feedback_triage.ingest import normalise_text

    return normalise_text(text_of(record.get("title")), text_of(record.get("text")))


def label(options: argparse.Namespace) -> None:
    """Label items as they come."""
    from feedback_triage.artifacts import classifier_in_use
    from feedback_triage.embed import as_unit, load_encoder

    settings = _settings()
    encoder = load_encoder(settings.models_dir, settings.encoder)
    classifier = classifier_in_use(settings, encoder, options.max_wrong_per_100)
    classifier.check_encoder(encoder.encoder_id)
    n_items = n_given = n_other_language = 0
    for records in batches(read_records("id", "text"), _BATCH):
        texts = [_clean(record) for record in records]
        vectors = as_unit(encoder.encode(texts)) if classifier.needs_vectors else None
        for record, proposal in zip(records, classifier.predict(texts, vectors), strict=True):
            n_items += 1
            n_given += not proposal.abstained
            n_other_language += not classifier.reads(proposal.language)
            write_record(
                {
                    "id": record["id"],
                    "label": proposal.label,
                    "probability": proposal.probability,
                    "probabilities": proposal.probabilities,
                    "abstained": proposal.abstained,
                }
            )
    if options.max_wrong_per_100 and classifier.point:
        point = classifier.point
        sys.stderr.write(
            f"threshold {classifier.threshold:.2f}: {n_given} of {n_items} items got a label, "
            f"{n_other_language} are in a language it does not judge; on {point.n_items} held-out gold items "
            f"{point.coverage_ratio:.0%} got one, {point.risk_ratio:.1%} of those wrong\n"
        )


def embed(options: argparse.Namespace) -> None:
    """Embed items as they come."""
    import numpy as np

    from feedback_triage.embed import as_unit, load_encoder

    settings = _settings()
    encoder = load_encoder(settings.models_dir, settings.encoder)
    arrays = [np.zeros((0, encoder.dim), dtype=np.float32)]
    for records in batches(read_records("id", "text"), _BATCH):
        vectors = as_unit(encoder.encode([_clean(record) for record in records]))
        if options.npy:
            arrays.append(vectors)
            continue
        for record, vector in zip(records, vectors, strict=True):
            write_record({"id": record["id"], "vector": [round(float(value), 7) for value in vector]})
    if options.npy:
        path = Path(options.npy)
        try:
            with path.open("wb") as file:
                np.save(file, np.vstack(arrays))
        except OSError as error:
            raise _cannot_write(path, error) from None


def cluster(options: argparse.Namespace) -> None:
    """Cluster all items."""
    import numpy as np

    from feedback_triage.cluster import cluster_vectors
    from feedback_triage.content_free import is_content_free
    from feedback_triage.describe import describe_clusters
    from feedback_triage.embed import as_unit, load_encoder
    from feedback_triage.ingest import text_sha256

    settings = _settings()
    encoder = load_encoder(settings.models_dir, settings.encoder)
    records = list(read_records("id", "text"))
    texts = [_clean(record) for record in records]
    rows = [index for index, text in enumerate(texts) if not is_content_free(text)]
    said = [texts[row] for row in rows]
    vectors = as_unit(encoder.encode(said))
    result = cluster_vectors(vectors, [text_sha256(text) for text in said])
    labels = np.full(len(records), -1)
    strengths = np.zeros(len(records))
    labels[rows], strengths[rows] = result.labels, result.membership_strength
    for record, number, strength in zip(records, labels, strengths, strict=True):
        write_record({"id": record["id"], "cluster": int(number), "membership_strength": round(float(strength), 6)})
    if options.themes:
        words = frozenset(settings.product_name.casefold().split())
        described = describe_clusters(said, result.labels, vectors, result.membership_strength, product_words=words)
        themes = [
            {
                "cluster": theme.cluster,
                "name": theme.name,
                "keyphrases": list(theme.keyphrases),
                "exemplar_ids": [records[rows[position]]["id"] for position in theme.exemplar_positions],
                "size": theme.size,
            }
            for theme in described
        ]
        path = Path(options.themes)
        try:
            path.write_text(json.dumps(themes, ensure_ascii=False, indent=1) + "\n", "utf-8")
        except OSError as error:
            raise _cannot_write(path, error) from None


def link(options: argparse.Namespace) -> None:
    """Link items to the releases of a file."""
    from feedback_triage import link as linking

    releases = release_frame(Path(options.releases))
    records, items = item_frame()
    versions = dict(zip(releases["release_id"], releases["version"], strict=True))
    most_recent = linking.most_recent(items, releases)
    declared = linking.declared(items, releases)
    in_use: dict[str, list[dict[str, Any]]] = {}
    for item_id, release_id, probability in linking.in_use(items, releases).itertuples(index=False):
        # Two platforms may have releases of one version.
        row = {
            "version": versions.get(release_id),
            "release_id": release_id if release_id in versions else None,
            "probability": round(float(probability), 6),
        }
        in_use.setdefault(item_id, []).append(row)
    for record, item_id in zip(records, items["item_id"], strict=True):
        write_record(
            {
                "id": record["id"],
                "most_recent": versions.get(most_recent[item_id]),
                "declared": versions.get(declared[item_id]),
                "in_use": in_use[item_id],
            }
        )


def silence(options: argparse.Namespace) -> None:
    """Compare the items after each release with what was expected."""
    from feedback_triage import silence as silences

    releases = release_frame(Path(options.releases))
    _, items = item_frame()
    versions = dict(zip(releases["release_id"], releases["version"], strict=True))
    for window in silences.volume_windows(items, releases, window_hours=options.window_hours):
        write_record(
            {
                "version": versions[window.release_id],
                "expected": window.expected_count,
                "lower": window.lower,
                "upper": window.upper,
                "observed": window.observed_count,
                "status": window.status.value,
                "verdict": window.verdict.value,
                "reason": window.reason,
            }
        )


def release_frame(path: Path) -> Any:
    """Read releases as a frame."""
    import pandas as pd

    from feedback_triage.sources import read_releases

    rows = [
        {
            "release_id": release.release_id,
            "version": release.version,
            "released_at": release.released_at,
            "product": release.product,
            "platform": release.platform,
            "kind": release.kind.value if release.kind else None,
            "notes": release.notes,
            "rollout": tuple((step.at, step.share) for step in release.rollout),
            "rolled_back_at": release.rolled_back_at,
            "is_hotfix": release.is_hotfix,
        }
        for release in read_releases(path, timezone=_settings().timezone).releases
    ]
    frame = pd.DataFrame(rows)
    for column in ("released_at", "rolled_back_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame


def item_frame() -> tuple[list[Record], Any]:
    """Read items with an instant from standard input: the records, and a frame in their order."""
    import pandas as pd

    from feedback_triage.ingest import normalise_text
    from feedback_triage.sources.dates import DateReader
    from feedback_triage.sources.values import is_missing

    records = list(read_records("id", "written_at"))
    reader = DateReader.for_column([record["written_at"] for record in records], _settings().timezone)
    rows = []
    for number, record in enumerate(records, 1):
        written_at = reader.read(record["written_at"])
        if written_at is None:
            raise InputError(
                f"standard input, item {number}: written_at cannot be read; write it like 2026-10-16T15:45:00Z"
            )
        words = {
            name: "" if is_missing(record.get(name)) else text_of(record.get(name)).strip()
            for name in ("app_version", "platform", "product", "source")
        }
        # Ids may repeat or be of any kind: items are told apart by their place.
        rows.append(
            {
                "item_id": f"{number:09d}",
                "written_at": written_at,
                "text": normalise_text("", text_of(record.get("text"))),
                **words,
            }
        )
    columns = ["item_id", "written_at", "text", "app_version", "platform", "product", "source"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["written_at"] = pd.to_datetime(frame["written_at"], utc=True)
    return records, frame


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write {path}: {error.strerror}; free some space or choose another file")
