"""What classifiers said of items."""

import json
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from feedback_triage.store import tables as t
from feedback_triage.store.frames import as_frame


def missing(connection: Connection, classifier_version: str) -> pd.DataFrame:
    """Items that this classifier has not judged: item_pk, text, text_sha256, rating."""
    item = t.feedback_item.c
    predicted = t.prediction.c
    query = (
        select(item.item_pk, item.text, item.text_sha256, item.rating)
        .select_from(
            t.feedback_item.outerjoin(
                t.prediction,
                and_(predicted.item_pk == item.item_pk, predicted.classifier_version == classifier_version),
            )
        )
        .where(predicted.item_pk.is_(None))
        .order_by(item.item_pk)
    )
    return as_frame(connection, query).astype({"rating": "float64"})


def of(connection: Connection, classifier_version: str) -> pd.DataFrame:
    """What the classifier said of each item.

    Returns:
        item_pk, label (None when abstained), probability, probability_none, probabilities (label to probability),
        abstained, language.
    """
    predicted = t.prediction.c
    query = (
        select(
            predicted.item_pk,
            predicted.label,
            predicted.probability,
            predicted.probability_none,
            predicted.probabilities,
            predicted.abstained,
            predicted.language,
        )
        .where(predicted.classifier_version == classifier_version)
        .order_by(predicted.item_pk)
    )
    frame = as_frame(connection, query).astype({"abstained": bool})
    frame["label"] = frame["label"].astype(object).where(frame["label"].notna(), None)
    frame["probabilities"] = frame["probabilities"].map(json.loads)
    return frame


@dataclass(frozen=True, slots=True)
class LabelRun:
    """The last run of the stage `label`.

    Attributes:
        classifier_version: what it used; "" before the first run.
        languages: codes of the languages that it judges; empty for any.
    """

    classifier_version: str = ""
    languages: tuple[str, ...] = ()


def label_run(connection: Connection) -> LabelRun:
    """What the last run of the stage `label` used."""
    run = t.pipeline_run.c
    query = select(run.counts).where(run.stage == "label").order_by(run.pipeline_run_pk.desc()).limit(1)
    counts = connection.execute(query).scalar_one_or_none()
    found = json.loads(counts) if counts else {}
    if "classifier_version" in found:
        return LabelRun(found["classifier_version"], tuple(found.get("languages", ())))
    # A database from before this was written down: names start with a date, so the last one is the newest.
    newest = connection.execute(select(func.max(t.prediction.c.classifier_version))).scalar_one_or_none()
    return LabelRun(newest or "")
