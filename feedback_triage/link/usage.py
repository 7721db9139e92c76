"""The releases a customer may have been on when writing, each with a probability."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.link.adoption import Adoption, Floats
from feedback_triage.link.frames import (
    NEVER,
    Instants,
    Positions,
    ReleaseTable,
    fits,
    folded,
    instants,
    streams,
    strings,
)
from feedback_triage.link.naming import declared

_BUCKET = 600_000_000  # ten minutes, in microseconds
_DAY = 86_400_000_000
_LEAST_SHARE = 0.003
_MOST_RELEASES = 15
_DECIMALS = 6


def in_use(items: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
    """Give the releases each customer may have been on, with probabilities.

    A customer who declared a known version had that one. For the others a model of adoption answers,
    learned from what customers of the same product and platform declared earlier (see `link.adoption`).
    Nothing written later, at the same instant or in the same ten minutes counts as evidence, and no release
    that comes later, unless somebody had declared it before.

    Args:
        items: columns `item_id`, `written_at`, and optionally `app_version`, `text`, `product`, `platform`.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`.

    Returns:
        Columns `item_id`, `release_id` (None: before any release), `probability`. Rows are sorted by
        `item_id`, then falling probability; each item's probabilities sum to 1 (shares below .003 are left
        out, and all but the greatest 15).
    """
    table = ReleaseTable.from_frame(releases)
    item_ids = strings(items, "item_id")
    written = instants(items["written_at"])
    place = {release_id: i for i, release_id in enumerate(table.ids)}
    said = np.array([place.get(key, -1) for key in declared(items, releases)], dtype=np.int64)
    products, platforms = folded(items, "product"), folded(items, "platform")
    parts = [
        _certain(np.flatnonzero(said >= 0), said),
        _certain(np.flatnonzero((said < 0) & (written == NEVER)), said),
    ]
    for product, platform, rows in streams(items):
        silent = rows[(said[rows] < 0) & (written[rows] != NEVER)]
        evidence = np.flatnonzero(
            (said >= 0) & (written != NEVER) & fits(products, product) & fits(platforms, platform)
        )
        parts.append(_stream(table, table.applicable(product, platform), written, silent, evidence, said))
    row, release, probability = (np.concatenate(column) for column in zip(*parts, strict=True))
    ids = np.array([*table.ids, None], dtype=object)
    order = _order(item_ids[row], -probability, release)
    return pd.DataFrame(
        {
            "item_id": item_ids[row][order],
            "release_id": pd.Series(ids[release][order], dtype=object),
            "probability": probability[order],
        }
    )


_Part = tuple[Positions, npt.NDArray[np.int64], Floats]
"""Rows of items, positions of releases (-1: before any) and probabilities."""


def _certain(rows: Positions, said: npt.NDArray[np.int64]) -> _Part:
    return rows, said[rows], np.ones(len(rows))


def _order(ids: npt.NDArray[np.object_], falling: Floats, release: npt.NDArray[np.int64]) -> Positions:
    codes = pd.factorize(ids, sort=True)[0]
    return np.lexsort((release, falling, codes))


def _stream(
    table: ReleaseTable,
    candidates: Positions,
    written: Instants,
    silent: Positions,
    evidence: Positions,
    said: npt.NDArray[np.int64],
) -> _Part:
    """Answer for the items of one product and platform, going forward through time."""
    if len(silent) == 0 or len(candidates) == 0:
        return silent, np.full(len(silent), -1, dtype=np.int64), np.ones(len(silent))
    column = {int(position): i + 1 for i, position in enumerate(candidates)}
    known = np.array([column.get(int(position), 0) for position in said[evidence]], dtype=np.int64)
    evidence, known = evidence[known > 0], known[known > 0]
    by_time = np.argsort(written[evidence], kind="stable")
    evidence, known = evidence[by_time], known[by_time]
    evidence_bucket = written[evidence] // _BUCKET
    silent = silent[np.argsort(written[silent], kind="stable")]
    bucket = written[silent] // _BUCKET
    released = table.released[candidates]
    n_out = np.searchsorted(released, written[silent], side="right")
    first = min(int(written[silent[0]]), int(released[0]), int(written[evidence[0]]) if len(evidence) else NEVER)
    model = _Model(Adoption(len(candidates), first / _DAY), released, len(candidates) + 1)
    breaks = np.flatnonzero((np.diff(bucket) != 0) | (np.diff(n_out) != 0)) + 1
    rows, releases, probabilities = [], [], []
    done = 0
    for start, stop in zip(np.append(0, breaks), np.append(breaks, len(silent)), strict=True):
        ready = int(np.searchsorted(evidence_bucket, bucket[start], side="left"))
        model.learn(evidence_bucket[done:ready], known[done:ready])
        done = ready
        model.move_to(int(bucket[start]) * _BUCKET, int(n_out[start]))
        columns, shares = _without_tail(model.adoption.shares())
        n_rows = int(stop - start)
        rows.append(np.repeat(silent[start:stop], len(columns)))
        places = np.append(-1, candidates)[columns]
        releases.append(np.tile(places, n_rows))
        probabilities.append(np.tile(shares, n_rows))
    return np.concatenate(rows), np.concatenate(releases).astype(np.int64), np.concatenate(probabilities)


class _Model:
    """An adoption model with the calendar of its releases."""

    def __init__(self, adoption: Adoption, released: Instants, n_columns: int) -> None:
        self.adoption = adoption
        self._released = released
        self._n_columns = n_columns
        self._n_out = 0

    def move_to(self, now: int, n_out: int) -> None:
        """Advance to `now` (microseconds) with the first `n_out` releases out."""
        while self._n_out < n_out:
            self.adoption.release(self._released[self._n_out] / _DAY)
            self._n_out += 1
        self.adoption.advance(now / _DAY)

    def learn(self, buckets: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> None:
        """Take in what was declared, bucket by bucket in the order of time."""
        edges = np.append(np.flatnonzero(np.diff(buckets, prepend=np.iinfo(np.int64).min)), len(buckets))
        for start, stop in pairwise(edges.tolist()):
            now = int(buckets[start]) * _BUCKET
            self.move_to(now, int(np.searchsorted(self._released, now, side="right")))
            counts = np.bincount(columns[start:stop], minlength=self._n_columns).astype(np.float64)
            self.adoption.learn(counts)


def _without_tail(shares: Floats) -> tuple[Positions, Floats]:
    """Leave out the smallest shares, and make the rest sum to 1."""
    greatest = np.sort(np.argsort(-shares, kind="stable")[:_MOST_RELEASES])
    kept = greatest[shares[greatest] >= min(_LEAST_SHARE, shares.max())]
    rounded = np.round(shares[kept] / shares[kept].sum(), _DECIMALS)
    rounded[np.argmax(rounded)] += 1 - rounded.sum()
    return kept, np.round(rounded, _DECIMALS)
