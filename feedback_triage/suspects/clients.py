"""Who the reports come from: their platforms, and the versions they say they have.

A release of an app cannot break another app; what runs on servers can break any of them. And a customer who is on an
older release than the suspect cannot have met its fault, if both are of one platform: an app's version says nothing
against a release on the server that the app talks to.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from feedback_triage.suspects.frames import Flags, Floats, Objects, Releases, Reports

SERVER_WORDS = frozenset("api backend cloud server service services site web webapp website".split())  # noqa: SIM905
"""Platforms that customers do not install."""

_STRAY_SHARE = 0.05
"""Reports that have another cause, a wrong version or a wrong platform."""

_ALL_ALIKE, _OWN_ONLY = 0.4, 0.35
_LEAST_SHARE, _MOST_SHARE = 0.1, 0.98
_CLIENT_FIRST_SHARE, _CLIENT_DAYS = 0.1, 6.0


_STRAY_SHARES = ((0.05, 0.7), (0.15, 0.2), (0.35, 0.1))
"""The same for versions, each with its prior: themes of real reviews are less pure than one would like."""

_WRONG_SHARE = 0.015
"""Customers who name an older version than they have: where hardly anybody has one, it says little."""

_WINDOW_HOURS = (60.0, 36.0)
_CURVE_WEIGHT = 6.0
_FEWEST_LATE, _LATE_SHARE = 3, 0.02


def is_server_side(platform: str) -> bool:
    """Tell whether a platform (folded) reaches everybody at once; one that is not named counts as such."""
    return not platform or platform in SERVER_WORDS


def is_installed(told: Reports, releases: Releases) -> bool:
    """Tell whether what names no platform is installed: customers then say that they have an older release."""
    place = {release_id: row for row, release_id in enumerate(releases.ids) if not releases.platforms[row]}
    rows = np.array([place.get(release_id, -1) for release_id in told.declared], dtype=np.int64)
    own = np.array(sorted(place.values()), dtype=np.int64)
    if not len(own) or not (rows >= 0).any():
        return False
    newest = own[np.maximum(np.searchsorted(releases.hours[own], told.hours, side="right") - 1, 0)]
    n_late = int(((rows >= 0) & (rows < newest)).sum())
    return n_late >= _FEWEST_LATE and n_late >= _LATE_SHARE * int((rows >= 0).sum())


def platform_evidence(reports: Reports, releases: Releases, mix: Mapping[str, float]) -> tuple[Floats, float]:
    """Give the log likelihood of the reports' platforms under each release, and under none of them.

    Args:
        reports: the reports; one without a platform says nothing.
        releases: the candidates.
        mix: share of each platform (folded) in all feedback that names one; sums to 1.

    Returns:
        Shape (n_releases,), and a number.
    """
    names = sorted({*mix, *reports.platforms} - {""})
    if not names:
        return np.zeros(len(releases)), 0.0
    shares = np.array([mix.get(name, 0.0) for name in names]) + 0.5 / 20
    shares /= shares.sum()
    counts = np.array([(reports.platforms == name).sum() for name in names], dtype=np.float64)

    def only(kept: npt.NDArray[np.bool_]) -> float:
        """Log likelihood when the fault shows on these platforms alone."""
        own = np.where(kept, shares, 0.0)
        mixed = (1 - _STRAY_SHARE) * own / own.sum() + _STRAY_SHARE * shares if own.any() else shares
        return float((counts * np.log(mixed)).sum())

    everywhere = only(np.ones(len(names), dtype=np.bool_))
    single = [only(np.array([name == other for other in names])) for name in names]
    some = _log_mean(single)
    none = _log_mix([(_ALL_ALIKE, everywhere), (1 - _ALL_ALIKE, some)])
    found = np.empty(len(releases))
    for row, platform in enumerate(releases.platforms):
        if not platform:
            found[row] = none
        elif platform in SERVER_WORDS:
            own = single[names.index(platform)] if platform in names else everywhere
            rest = 1 - _ALL_ALIKE - _OWN_ONLY
            found[row] = _log_mix([(_ALL_ALIKE, everywhere), (_OWN_ONLY, own), (rest, some)])
        elif platform in names:
            found[row] = single[names.index(platform)]
        else:
            # No report names its platform: only those that name none can be its.
            found[row] = counts.sum() * np.log(_STRAY_SHARE)
    return found, none


def version_evidence(
    reports: Reports,
    candidates: Releases,
    releases: Releases,
    shares: Mapping[str, float],
    others: Reports | None = None,
    *,
    installed: bool = False,
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the log likelihood ratio of the declared versions under each candidate, against none of them.

    Under a candidate a report comes from a customer who has it or a later release of its platform, but for a share of
    strays; under "none" from anybody. So each report on it or later speaks for it the more, the fewer customers have
    it, and each one on an older release speaks against it. Reports from before it say nothing here.

    Args:
        reports: the reports with what they declare.
        candidates: the releases in question.
        releases: all releases known.
        shares: release_id to the share of its platform's customers who have it or a later one, where known.
        others: feedback about anything else; what is declared there at the same time tells the share better.
        installed: whether what names no platform is an app.

    Returns:
        The log ratio, how many reports were on an older release, how many on it or a later one; shape (n_candidates,).
    """
    place = {release_id: row for row, release_id in enumerate(releases.ids)}
    told = _places(reports, place)
    told_by_others = _places(others, place) if others is not None else np.zeros(0, dtype=np.int64)
    ratio = np.zeros(len(candidates))
    older = np.zeros(len(candidates), dtype=np.int64)
    newer = np.zeros(len(candidates), dtype=np.int64)
    for row, release_id in enumerate(candidates.ids):
        # Who wrote before it was out could not have it: that the instants say already.
        same = _of_its_kind(told, candidates, row, releases) & (reports.hours >= candidates.hours[row])
        if not same.any():
            continue
        is_newer = told[same] >= place[release_id]
        platform = candidates.platforms[row]
        at_once = is_server_side(platform) and not (installed and not platform)
        share = _share(float(candidates.hours[row]), reports.hours[same], at_once=at_once)
        if release_id in shares:
            share = np.full_like(share, shares[release_id])
        if others is not None:
            theirs = _of_its_kind(told_by_others, candidates, row, releases)
            share = _seen(others.hours[theirs], told_by_others[theirs] >= place[release_id], reports.hours[same], share)
        share = np.clip(share, _LEAST_SHARE, _MOST_SHARE)
        parts = []
        for stray, weight in _STRAY_SHARES:
            speaks = (1 - stray) / share + stray
            acquits = (stray * (1 - share) + _WRONG_SHARE) / (1 - share + _WRONG_SHARE)
            parts.append((weight, float(np.log(np.where(is_newer, speaks, acquits)).sum())))
        ratio[row] = _log_mix(parts)
        older[row], newer[row] = (~is_newer).sum(), is_newer.sum()
    return ratio, older, newer


def _places(reports: Reports, place: Mapping[str, int]) -> npt.NDArray[np.int64]:
    return np.array([place.get(release_id, -1) for release_id in reports.declared], dtype=np.int64)


def _of_its_kind(told: npt.NDArray[np.int64], candidates: Releases, row: int, releases: Releases) -> Flags:
    """Tell which declared releases are of the same product and platform as a candidate."""
    same = told >= 0
    same[same] = (releases.platforms[told[same]] == candidates.platforms[row]) & (
        releases.products[told[same]] == candidates.products[row]
    )
    return same


def _seen(at: Floats, is_newer: Flags, hours: Floats, share: Floats) -> Floats:
    """Draw a usual share towards what others declared about the same time; `at` is sorted."""
    running = np.concatenate([[0.0], np.cumsum(is_newer)])
    low = np.searchsorted(at, hours - _WINDOW_HOURS[0], side="left")
    high = np.searchsorted(at, hours + _WINDOW_HOURS[1], side="right")
    found = (running[high] - running[low] + _CURVE_WEIGHT * share) / (high - low + _CURVE_WEIGHT)
    return np.asarray(found, dtype=np.float64)


def _share(released: float, hours: Floats, *, at_once: bool) -> Floats:
    """Give the usual share of customers who have a release so long after it."""
    days = np.maximum(hours - released, 0.0) / 24
    reached = -np.expm1(-days / _CLIENT_DAYS)
    share = np.ones_like(days) if at_once else _CLIENT_FIRST_SHARE + (1 - _CLIENT_FIRST_SHARE) * reached
    return np.asarray(np.clip(share, _LEAST_SHARE, _MOST_SHARE))


def platform_mix(platforms: Objects) -> dict[str, float]:
    """Give the share of each platform among those that are named."""
    names, counts = np.unique(platforms[platforms != ""].astype(str), return_counts=True)
    return dict(zip(names.tolist(), (counts / max(1, counts.sum())).tolist(), strict=True))


def _log_mean(values: list[float]) -> float:
    return _log_mix([(1 / len(values), value) for value in values])


def _log_mix(parts: list[tuple[float, float]]) -> float:
    return float(np.logaddexp.reduce([np.log(weight) + value for weight, value in parts]))
