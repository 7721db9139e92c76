"""The releases a customer may have been on when writing, each with a probability."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.link.adoption import Adoption
from feedback_triage.link.calendar import Event, events
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
from feedback_triage.link.pooling import Floats

_BUCKET = 600_000_000  # ten minutes, in microseconds
_DAY = 86_400_000_000
_LEAST_SHARE = 0.003
_MOST_RELEASES = 15
_DECIMALS = 6


def in_use(items: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
    """Give the releases each customer may have been on, with probabilities.

    A customer who declared a known version had that one. For the others a model of adoption answers,
    learned from what customers of the same product and platform declared earlier (see `link.adoption`).
    Nothing written later, at the same instant or in the same ten minutes counts as evidence (a release, a
    step of a roll-out and a roll-back end such ten minutes early), and no release that comes later, unless
    somebody had declared it before.

    Where a roll-out is staged, the share of customers who cannot have the release yet is left on those
    before it; from a roll-back on its share flows back. Customers who declare a release are believed in either case.

    Args:
        items: columns `item_id`, `written_at`, and optionally `app_version`, `text`, `product`, `platform`.
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`,
            `rollout` (a sequence of (instant, share 0..1); empty: everyone at once), `rolled_back_at`.

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
    silent = silent[np.argsort(written[silent], kind="stable")]
    calendar = events(table, candidates)
    evidence_step, silent_step = _steps(written[evidence], calendar), _steps(written[silent], calendar)
    first = min([int(written[silent[0]]), *(event.at for event in calendar[:1]), *written[evidence[:1]].tolist()])
    model = _Model(Adoption(len(candidates), first // _BUCKET * _BUCKET / _DAY), calendar, column)
    rows, releases, probabilities = [], [], []
    done = 0
    for start, stop in _runs(silent_step):
        ready = int(np.searchsorted(evidence_step, silent_step[start], side="left"))
        model.learn(evidence_step[done:ready], known[done:ready])
        done = ready
        model.move_to(int(silent_step[start]))
        columns, shares = _without_tail(model.adoption.shares())
        rows.append(np.repeat(silent[start:stop], len(columns)))
        releases.append(np.tile(np.append(-1, candidates)[columns], stop - start))
        probabilities.append(np.tile(shares, stop - start))
    return np.concatenate(rows), np.concatenate(releases).astype(np.int64), np.concatenate(probabilities)


def _steps(written: Instants, calendar: list[Event]) -> Instants:
    """Give the step of time of each instant: where it begins, in microseconds.

    Time goes in steps of ten minutes, and a new one begins wherever something happens to a release.
    """
    happened = np.array([-NEVER, *(event.at for event in calendar)], dtype=np.int64)
    last = happened[np.searchsorted(happened, written, side="right") - 1]
    return np.asarray(np.maximum(written // _BUCKET * _BUCKET, last), dtype=np.int64)


def _runs(steps: Instants) -> list[tuple[int, int]]:
    """Give the (start, stop) of each run of equal values."""
    edges = np.append(np.flatnonzero(np.diff(steps, prepend=-NEVER)), len(steps))
    return [(int(start), int(stop)) for start, stop in pairwise(edges)]


class _Model:
    """An adoption model with the calendar of its releases."""

    def __init__(self, adoption: Adoption, calendar: list[Event], column: Mapping[int, int]) -> None:
        self.adoption = adoption
        self._calendar = calendar
        self._column = column
        self._n_happened = 0

    def move_to(self, now: int) -> None:
        """Advance to `now` (microseconds), through all that happens to releases until then."""
        while self._n_happened < len(self._calendar) and self._calendar[self._n_happened].at <= now:
            event = self._calendar[self._n_happened]
            self.adoption.reach(event.at / _DAY, self._column[event.position], event.share)
            self._n_happened += 1
        self.adoption.advance(now / _DAY)

    def learn(self, steps: Instants, columns: npt.NDArray[np.int64]) -> None:
        """Take in what was declared, step by step in the order of time."""
        for start, stop in _runs(steps):
            self.move_to(int(steps[start]))
            counts = np.bincount(columns[start:stop], minlength=len(self._column) + 1).astype(np.float64)
            self.adoption.learn(counts)


def _without_tail(shares: Floats) -> tuple[Positions, Floats]:
    """Leave out the smallest shares, and make the rest sum to 1."""
    greatest = np.sort(np.argsort(-shares, kind="stable")[:_MOST_RELEASES])
    kept = greatest[shares[greatest] >= min(_LEAST_SHARE, shares.max())]
    rounded = np.round(shares[kept] / shares[kept].sum(), _DECIMALS)
    rounded[np.argmax(rounded)] += 1 - rounded.sum()
    return kept, np.round(rounded, _DECIMALS)
