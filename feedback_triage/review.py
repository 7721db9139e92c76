"""People's decisions: laid over what the classifier proposed, and which items are most worth the next look."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.domain import Decision

_ALIKE = 0.6  # cosine from which on two texts are about the same thing
_TOO_ALIKE = 0.75  # a look at one tells enough of the other
_MOST_OF_A_THEME = 2
_CANDIDATES = 4_000  # least sure items that are compared with each other
_LEAST_NEIGHBOURS = 5
_AGREEING = 0.8


def with_reviews(items: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """Lay decisions over predictions: what a person settled is certain.

    Args:
        items: has item_pk, label, probability, probability_none, abstained.
        reviews: the latest decision about each item: item_pk, decision, label.

    Returns:
        The same rows; `is_reviewed` tells which were settled. After accept and relabel the label has probability 1;
        after reject and ignore there is none, with "none of the labels" certain, so the item leaves the queue.
    """
    found = items.copy()
    settled = reviews.set_index("item_pk")["label"]
    is_reviewed = found["item_pk"].isin(settled.index)
    labels = found["item_pk"].map(settled)
    has_label = is_reviewed & labels.notna()
    found["label"] = found["label"].astype(object).mask(has_label, labels).mask(is_reviewed & ~has_label, None)
    found["label"] = found["label"].where(found["label"].notna(), None)
    found["abstained"] = found["abstained"].mask(has_label, False).mask(is_reviewed & ~has_label, True).astype(bool)
    found["probability"] = found["probability"].astype(float).mask(has_label, 1.0).mask(is_reviewed & ~has_label, 0.0)
    found["probability_none"] = (
        found["probability_none"].astype(float).mask(has_label, 0.0).mask(is_reviewed & ~has_label, 1.0)
    )
    found["is_reviewed"] = is_reviewed
    return found


def settled_label(decision: Decision, label: str | None, proposed: str | None) -> str | None:
    """The label that a decision settles, None for none.

    Args:
        decision: what was decided.
        label: the other label, for relabel.
        proposed: what the classifier gave, or its likeliest label where it kept quiet, for accept.
    """
    return {Decision.ACCEPT: proposed, Decision.RELABEL: label}.get(decision)


@dataclass(frozen=True, slots=True)
class WorthALook:
    """An item that a person's look would teach most by, and why.

    Attributes:
        position: in the items that were given.
        score: 0 and up, more is better.
        n_alike: waiting items that are about the same thing, itself included.
        reason: one sentence, without customer text.
    """

    position: int
    score: float
    n_alike: int
    reason: str


def most_worth(items: pd.DataFrame, vectors: NDArray[np.float32], count: int) -> list[WorthALook]:
    """Choose the items most worth a look: unsure, like many others that are unsure, and unlike each other.

    Uncertainty is 1 minus the surest thing the classifier could say (least-confidence sampling, Lewis and Gale 1994),
    weighted by how many waiting items are alike (information density, Settles and Craven 2008). A given label that
    the items around it contradict counts as unsure too: the classifier would never ask about it.

    Args:
        items: not reviewed, newest last; label, likeliest (label), probability, probability_none, abstained,
            theme_name ("" for none), item_id.
        vectors: unit vectors, (n_items, dim); a row of zeros for an empty text.
        count: how many, at most.

    Returns:
        Best first. Equal items always give equal answers.
    """
    surest = np.maximum(items["probability"].to_numpy(float), items["probability_none"].to_numpy(float))
    doubt = 1.0 - surest
    # The least sure ones, newest first among equals; the others only as company.
    order = np.lexsort((-np.arange(len(items)), -np.round(doubt, 6)))[:_CANDIDATES]
    order = order[vectors[order].any(axis=1)]
    near = np.round(vectors[order] @ vectors[order].T, 4) >= _ALIKE
    labels = items["label"].fillna("").to_numpy(dtype=object)[order]
    waiting = items["abstained"].to_numpy(bool)[order]
    n_alike = (near & waiting[None, :]).sum(axis=1)
    against = _contradicted(labels, near)
    value = np.where(against != "", np.maximum(doubt[order], 0.5), doubt[order])
    score = np.round(value * (1.0 + np.log2(np.maximum(n_alike, 1))), 6)
    score[~waiting & (against == "")] = 0.0
    themes = items["theme_name"].to_numpy(dtype=object)[order]
    chosen: list[int] = []
    for index in np.lexsort((np.arange(len(order)), -score)):
        if len(chosen) == count or score[index] <= 0:
            break
        is_covered = any(vectors[order[index]] @ vectors[order[other]] >= _TOO_ALIKE for other in chosen)
        n_of_theme = sum(themes[other] == themes[index] for other in chosen) if themes[index] else 0
        if not is_covered and n_of_theme < _MOST_OF_A_THEME:
            chosen.append(int(index))
    rows = items.iloc[order]
    return [
        WorthALook(
            position=int(order[index]),
            score=float(score[index]),
            n_alike=int(n_alike[index]),
            reason=_reason(rows.iloc[index], int(n_alike[index]), str(against[index])),
        )
        for index in chosen
    ]


def _contradicted(labels: NDArray[np.object_], near: NDArray[np.bool_]) -> NDArray[np.object_]:
    """For a given label that four in five of at least five labelled neighbours contradict: their label, else ""."""
    against = np.full(len(labels), "", dtype=object)
    names = sorted(set(labels) - {""})
    if not names:
        return against
    votes = np.array([(near & (labels == name)[None, :]).sum(axis=1) for name in names])
    total = votes.sum(axis=0) - (labels != "")  # without the item itself
    for column, name in enumerate(names):
        is_majority = (votes[column] >= _AGREEING * total) & (total >= _LEAST_NEIGHBOURS)
        against[is_majority & (labels != "") & (labels != name)] = name
    return against


def _reason(row: pd.Series, n_alike: int, against: str) -> str:
    theme = f' in the theme "{row["theme_name"]}"' if row["theme_name"] else ""
    if against:
        return f"labelled {row['label']}, but the items most like it{theme} are labelled {against}"
    likeliest = f"{row['likeliest']} at {row['probability']:.2f} against none of the labels at "
    company = f"; {n_alike - 1} more that wait are like it" if n_alike > 1 else ""
    return f"{likeliest}{row['probability_none']:.2f}{theme}{company}"
