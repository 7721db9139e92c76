"""The filter that names the releases which may have done it."""

# ruff: noqa: PLC0415 - a command imports what it needs: `--help` starts fast

import argparse
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from feedback_triage.cli.adding import Commands, add_command
from feedback_triage.cli.filters import item_frame, release_frame
from feedback_triage.cli.jsonlines import write_record
from feedback_triage.errors import InputError
from feedback_triage.settings import Settings


def add_suspects(commands: Commands) -> None:
    """Add `suspects`."""
    parser = add_command(
        commands,
        "suspects",
        "name the releases that may have done it: reports of one fault in as for link, likeliest first; "
        "null: none of them",
        "feedback-triage suspects --releases releases.csv < reports.jsonl",
        suspects,
    )
    parser.add_argument(
        "--releases", metavar="PATH", required=True, help="as for run: a table, CHANGELOG.md, GitHub releases, git"
    )
    parser.add_argument(
        "--as-of",
        metavar="DATE",
        default="",
        help="use nothing written or released later: ISO date or time (default: the last report)",
    )


def suspects(options: argparse.Namespace) -> None:
    """Name the suspects of the fault that the reports on standard input tell of."""
    from feedback_triage.link import declared
    from feedback_triage.suspects import name_suspects

    settings = Settings.from_environ(os.environ)
    as_of = _instant(options.as_of, settings.timezone) if options.as_of else None
    releases = release_frame(Path(options.releases))
    _, items = item_frame()
    items["declared_release_id"] = declared(items, releases).to_numpy()
    if as_of is not None:
        items = items[items["written_at"] <= as_of].reset_index(drop=True)
    versions = dict(zip(releases["release_id"], releases["version"], strict=True))
    similarity = _similarity(items, releases, settings)
    for suspect in name_suspects(items, releases, similarity=similarity, as_of=as_of):
        write_record(
            {
                "version": versions.get(suspect.release_id),
                "release_id": suspect.release_id,
                "probability": suspect.probability,
                "reason": suspect.reason,
            }
        )


def _similarity(items: Any, releases: Any, settings: Settings) -> Any:
    """Compare the reports' words with the notes; the encoder is loaded only where both say something."""
    from feedback_triage.content_free import is_content_free
    from feedback_triage.subject import note_sentences, similarity_to_notes
    from feedback_triage.suspects import LONGEST_LOOKBACK

    texts = [text for text in items["text"] if not is_content_free(text)]
    if not texts:
        return None
    first, last = items["written_at"].min(), items["written_at"].max()
    recent = releases[releases["released_at"].between(first - LONGEST_LOOKBACK, last)]
    notes = [
        (release_id, sentence)
        for release_id, text in zip(recent["release_id"], recent["notes"], strict=True)
        for sentence in note_sentences(text)
    ]
    if not notes:
        return None

    from feedback_triage.embed import as_unit, load_encoder

    encoder = load_encoder(settings.models_dir, settings.encoder)
    vectors = as_unit(encoder.encode([*texts, *(sentence for _, sentence in notes)]))
    return similarity_to_notes(vectors[: len(texts)], vectors[len(texts) :], [release_id for release_id, _ in notes])


def _instant(text: str, timezone: str) -> datetime:
    from feedback_triage.sources.dates import DateReader

    found = DateReader.for_column([text], timezone).read(text)
    if found is None:
        raise InputError("--as-of cannot be read; write it like 2026-10-19 or 2026-10-16T15:45:00Z")
    return found
