"""How well groups agree with the groups that people made."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from support.sets import LabelledSet


@dataclass(frozen=True)
class Scores:
    """One clustering of one set against the truth.

    Attributes:
        k: groups found, noise not counted.
        nmi: normalised mutual information (arithmetic mean), over the rows that are judged.
        ari: adjusted Rand index over all rows.
        acc: share of rows in the right group when groups are matched one to one (Hungarian), over all rows.
        noise: share of rows in no group. For the three scores above each of them is a group of its own.
        ari_judged, acc_judged: the same two over the rows that are judged.
    """

    k: float
    nmi: float
    ari: float
    acc: float
    noise: float
    ari_judged: float
    acc_judged: float


def scores(truth: LabelledSet, labels: NDArray[np.integer]) -> Scores:
    """Score the labels of a set's rows; a negative label is noise."""
    groups, judged = singletons(labels), truth.judged
    return Scores(
        k=len(set(labels[labels >= 0].tolist())),
        nmi=float(normalized_mutual_info_score(truth.truth[judged], groups[judged])),
        ari=float(adjusted_rand_score(truth.truth, groups)),
        acc=accuracy(truth.truth, groups),
        noise=float((labels < 0).mean()),
        ari_judged=float(adjusted_rand_score(truth.truth[judged], groups[judged])),
        acc_judged=accuracy(truth.truth[judged], groups[judged]),
    )


def mean_scores(found: Iterable[Scores]) -> Scores:
    """Mean of each score: how the parts of Mini-BAR become one row."""
    rows = list(found)
    return Scores(*(float(np.mean([getattr(row, field.name) for row in rows])) for field in fields(Scores)))


def singletons(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """Give each noise row a group of its own."""
    alone = int(labels.max(initial=-1)) + 1 + np.arange(len(labels))
    return np.where(labels < 0, alone, labels).astype(np.int64)


def agreement(first: NDArray[np.integer], second: NDArray[np.integer]) -> float:
    """Adjusted Rand index of two clusterings of the same rows, each noise row a group of its own."""
    return float(adjusted_rand_score(singletons(first), singletons(second)))


def accuracy(truth: NDArray[np.str_], groups: NDArray[np.int64]) -> float:
    """Share of rows in the group that stands for their true one."""
    table = contingency_matrix(truth, groups)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return float(table[rows, columns].sum() / len(truth))
