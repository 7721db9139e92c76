"""Fix receipts: what became of the themes that releases set out to fix, by their notes or by a person's word."""

from datetime import datetime

import numpy as np
import pandas as pd

from feedback_triage.domain import FixReceipt
from feedback_triage.embed import Encoder
from feedback_triage.pipeline.known import Known
from feedback_triage.pipeline.notes import NoteMatcher
from feedback_triage.pipeline.standing import Standing
from feedback_triage.pipeline.understanding import embed_texts
from feedback_triage.receipts import NotedFixes, fix_receipts, fixes_by_notes
from feedback_triage.sources.kinds import fix_sentences
from feedback_triage.store import Store, exposures, ledger, theme_fixes
from feedback_triage.taxonomy import PRAISE, SILENCE

NEIGHBOUR_COSINE = 0.60
"""Cosine of the centres of two themes from which reports may move from one to the other."""


def update_receipts(
    store: Store, encoder: Encoder, known: Known, notes: NoteMatcher, standing: Standing, as_of: datetime
) -> int:
    """Make the fix receipts anew as they look at `as_of`.

    Args:
        store: the database.
        encoder: which the items are encoded with.
        known: what was known at `as_of`.
        notes: which holds the vectors of its items.
        standing: the themes.
        as_of: aware instant; nothing written at it or later is used. What people settled counts whenever they did.

    Returns:
        How many receipts there are.
    """
    with store.reading() as connection:
        settled = theme_fixes.theme_fixes(connection)
        usage = exposures.usage_counts(connection)
    receipts: list[FixReceipt] = []
    if len(known.items) and len(known.releases):
        vectors = notes.vectors_of(known.items["item_id"])
        told = _fixes_told(store, encoder, known, vectors, as_of)
        fixes = _with_settled(told.fixes, settled, standing)
        if len(fixes):
            # Praise is no report, but its source was alive.
            is_report = ~known.items["label"].isin([PRAISE, SILENCE])
            reports = known.items.assign(theme_id=known.items["theme_id"].where(is_report, None))
            near = _neighbours(reports, vectors)
            receipts = fix_receipts(
                fixes, reports, known.releases, neighbours=near, exposure=usage, about=told.about, as_of=as_of
            )
    with store.writing() as connection:
        ledger.put_fix_receipts(connection, receipts)
    return len(receipts)


def _fixes_told(store: Store, encoder: Encoder, known: Known, vectors: np.ndarray, as_of: datetime) -> NotedFixes:
    """What the notes of the releases say they fix."""
    sentences = [
        (str(release_id), sentence)
        for release_id, text in zip(known.releases["release_id"], known.releases["notes"], strict=True)
        for sentence in fix_sentences(text)
    ]
    return fixes_by_notes(
        known.items,
        vectors,
        known.releases,
        embed_texts(store, encoder, [sentence for _, sentence in sentences]),
        [release_id for release_id, _ in sentences],
        [sentence for _, sentence in sentences],
        as_of=as_of,
    )


def _with_settled(told: pd.DataFrame, settled: pd.DataFrame, standing: Standing) -> pd.DataFrame:
    """What the notes say, under what people say; a fix of a theme that was merged is one of the theme it went into."""
    merged = standing.present.merged
    now = settled.assign(theme_id=settled["theme_id"].map(lambda theme: merged.get(theme, theme)))
    now = now[now["theme_id"].isin(set(standing.present.names))]
    pairs = dict.fromkeys(zip(told["theme_id"], told["release_id"], strict=True), "")
    for theme_id, release_id, settled_by, is_withdrawn in zip(
        now["theme_id"], now["release_id"], now["settled_by"], now["is_withdrawn"], strict=True
    ):
        pairs.pop((theme_id, release_id), None)
        if not is_withdrawn:
            pairs[theme_id, release_id] = str(settled_by)
    rows = [(theme_id, release_id, settled_by) for (theme_id, release_id), settled_by in pairs.items()]
    return pd.DataFrame(rows, columns=["theme_id", "release_id", "settled_by"])


def _neighbours(reports: pd.DataFrame, vectors: np.ndarray) -> pd.DataFrame:
    """Pairs of themes whose centres are near: theme_id, neighbour_theme_id, cosine."""
    groups = pd.Series(np.arange(len(reports))).groupby(reports["theme_id"].astype(object), sort=True)
    themes, centres = [], []
    for theme, own in groups:
        centre = np.rint(vectors[own.to_numpy()] * 4000.0).astype(np.int64).sum(axis=0).astype(np.float64)
        length = float(np.sqrt((centre**2).sum()))
        if length > 0:
            themes.append(str(theme))
            centres.append(centre / length)
    rows = [
        (themes[i], themes[j], round(float(np.sum(centres[i] * centres[j])), 6))
        for i in range(len(themes))
        for j in range(len(themes))
        if i != j
    ]
    frame = pd.DataFrame(rows, columns=["theme_id", "neighbour_theme_id", "cosine"])
    return frame[frame["cosine"] >= NEIGHBOUR_COSINE].reset_index(drop=True)
