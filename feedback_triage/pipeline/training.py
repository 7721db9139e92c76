"""From gold items and people's decisions to the classifier in use: train, promote, roll back."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from feedback_triage import artifacts, classifier_history
from feedback_triage.embed import SentenceEncoder, load_encoder
from feedback_triage.errors import ModelError, SettingError
from feedback_triage.language import LANGUAGES
from feedback_triage.pipeline.jobs import Counts, progress_bar, settings_for
from feedback_triage.settings import Settings
from feedback_triage.store import open_store, reviews
from feedback_triage.team_labels import TeamLabel, read_team_labels

if TYPE_CHECKING:
    from feedback_triage.learning.learners import Learner
    from feedback_triage.learning.train import Base


def train_classifier(
    gold: str = "", *, trained_on: str = "", method: str = "", with_reviews: bool = False, database: str = ""
) -> Counts:
    """Train on gold items, and put the new classifier in use unless it is a candidate.

    Args:
        gold: CSV of gold items, "" for the shipped ones.
        trained_on: date in the classifier's name (ISO), "" for today.
        method: `tuned`, `vectors`, or "" for the best that the encoder allows.
        with_reviews: learn from people's decisions in the database too; the result is a candidate, which
            `promote_classifier` puts in use.
        database: URL, "" for the configured one.

    Returns:
        version, folder, n_gold, n_corrections, macro_f1 (held-out gold items), is_candidate, is_base_kept (nothing
        but the team's labels was trained).
    """
    # Imported here: torch takes seconds, and most who import the pipeline never train.
    from feedback_triage.learning.card import render_card  # noqa: PLC0415 - see above
    from feedback_triage.learning.gold import joined, read_gold  # noqa: PLC0415 - see above
    from feedback_triage.learning.learners import choose_learner  # noqa: PLC0415 - see above
    from feedback_triage.learning.train import assemble, train_team_step  # noqa: PLC0415 - see above

    settings = settings_for(database)
    _check_languages(settings)
    on = _date(trained_on)
    encoder = load_encoder(settings.models_dir, settings.encoder)
    learner = choose_learner(encoder, method)
    team = _team_labels(settings)
    items = read_gold(
        Path(gold) if gold else settings.models_dir / "gold" / "labels.csv", [label.name for label in team]
    )
    corrections = _corrections(settings, team) if with_reviews else items.head(0)
    if with_reviews and corrections.empty:
        raise ModelError("the database holds no decisions to learn from; review some items first")
    everything = joined(items, corrections)
    directory = settings.models_dir / "classifier"
    base = _kept_base(directory, everything, encoder, learner)
    is_kept = base is not None
    if base is None:
        base = _trained_base(everything, encoder, learner)
    team_step = train_team_step(team, everything, encoder)
    trained = assemble(base, team_step, items, encoder, trained_on=on, languages=settings.languages)
    folder = artifacts.save_classifier(
        directory, trained.classifier, trained.config, trained.metrics, render_card(trained)
    )
    if not with_reviews:
        classifier_history.use_classifier(directory, trained.classifier.version)
    return {
        "version": trained.classifier.version,
        "folder": str(folder),
        "n_gold": len(items),
        "n_corrections": len(corrections),
        "macro_f1": trained.metrics["macro_f1"]["value"],
        "is_candidate": with_reviews,
        "is_base_kept": is_kept,
    }


def _check_languages(settings: Settings) -> None:
    # With a code that no text ever gets, a classifier would leave every item to people and not say why.
    if unknown := sorted(set(settings.languages) - set(LANGUAGES)):
        raise SettingError(
            f"FEEDBACK_TRIAGE_LANGUAGES names {unknown[0]!r}, which cannot be told; known are {', '.join(LANGUAGES)}"
        )


def _date(trained_on: str) -> date:
    try:
        return date.fromisoformat(trained_on) if trained_on else datetime.now(UTC).date()
    except ValueError:
        raise SettingError(f"{trained_on!r} is not a date; write it like 2026-10-19") from None


def _team_labels(settings: Settings) -> tuple[TeamLabel, ...]:
    return read_team_labels(settings.team_labels) if settings.team_labels else ()


def _corrections(settings: Settings, team: tuple[TeamLabel, ...]) -> pd.DataFrame:
    from feedback_triage.learning.corrections import as_gold  # noqa: PLC0415 - see train_classifier

    with open_store(settings.database_url) as store, store.reading() as connection:
        found = as_gold(reviews.latest(connection))
    return found[found["label"].isin(known_labels(team))].reset_index(drop=True)


def known_labels(team: tuple[TeamLabel, ...]) -> tuple[str, ...]:
    """Everything that an item can be said to be: the built-in labels, none of them, and the team's own."""
    from feedback_triage.label import model_classes  # noqa: PLC0415 - see train_classifier
    from feedback_triage.taxonomy import LABELS  # noqa: PLC0415 - see train_classifier

    return (*model_classes(LABELS), *(label.name for label in team))


def _trained_base(gold: pd.DataFrame, encoder: SentenceEncoder, learner: "Learner") -> "Base":
    from feedback_triage.learning.train import train_base  # noqa: PLC0415 - see train_classifier

    with progress_bar("training") as progress:
        return train_base(gold, encoder, learner, progress)


def _kept_base(directory: Path, gold: pd.DataFrame, encoder: SentenceEncoder, learner: "Learner") -> "Base | None":
    """The first step of the classifier in use, if training would give the same again: minutes become seconds."""
    from feedback_triage.learning.train import Base, base_digest  # noqa: PLC0415 - see train_classifier

    try:
        config = artifacts.read_config(directory)
        classifier = artifacts.load_classifier(directory, encoder.folder)
    except ModelError:
        return None
    digest = base_digest(gold, encoder, learner)
    if config.get("base_sha256") != digest:
        return None
    kept = {name: config[name] for name in config["how"]}
    return Base(digest, classifier.model, str(config["kind"]), classifier.threshold, classifier.points, kept)


def promote_classifier(version: str, *, database: str = "") -> Counts:
    """Put a candidate in use, if it is better on held-out corrections and worse on no label.

    Args:
        version: the candidate's name.
        database: URL, "" for the configured one.

    Returns:
        n_corrections, n_right_current, n_right_candidate, p_value, objections (empty when it was promoted).

    Raises:
        ModelError: there is no such candidate, or it fits another encoder.
    """
    from feedback_triage.learning.corrections import as_gold  # noqa: PLC0415 - see train_classifier
    from feedback_triage.learning.gold import joined, read_gold  # noqa: PLC0415 - see train_classifier
    from feedback_triage.learning.promotion import compare  # noqa: PLC0415 - see train_classifier

    settings = settings_for(database)
    directory = settings.models_dir / "classifier"
    encoder = load_encoder(settings.models_dir, settings.encoder)
    current = artifacts.load_classifier(directory, encoder.folder)
    candidate = artifacts.load_classifier(directory, encoder.folder, version)
    for classifier in (current, candidate):
        classifier.check_encoder(encoder.encoder_id)
    gold = read_gold(settings.models_dir / "gold" / "labels.csv", known_labels(_team_labels(settings)))
    with open_store(settings.database_url) as store, store.reading() as connection:
        corrections = as_gold(reviews.latest(connection))
    everything = joined(gold, corrections)
    of_gold, of_reviews = everything.iloc[: len(gold)], everything.iloc[len(gold) :]
    comparison = compare(
        current, candidate, of_reviews[of_reviews["is_held_out"]], of_gold[of_gold["is_held_out"]], encoder
    )
    if not comparison.objections:
        classifier_history.use_classifier(directory, version)
    return asdict(comparison)


def roll_back_classifier() -> str:
    """Put the classifier in use that was in use before; gives its name."""
    return classifier_history.roll_back(settings_for().models_dir / "classifier")
