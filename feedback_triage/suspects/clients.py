"""Who the reports come from: their platforms, and the versions they say they have.

A release of an app cannot break another app; what runs on servers can break any of them. And a customer who is on an
older release than the suspect cannot have met its fault, if both are of one platform: an app's version says nothing
against a release on the server that the app talks to.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from feedback_triage.suspects.frames import Floats, Objects, Releases, Reports

SERVER_WORDS = frozenset("api backend cloud server service services site web webapp website".split())  # noqa: SIM905
"""Platforms that customers do not install."""

_STRAY_SHARE = 0.05
"""Reports that have another cause, a wrong version or a wrong platform."""

_ALL_ALIKE, _OWN_ONLY = 0.4, 0.35
_LEAST_SHARE, _MOST_SHARE = 0.1, 0.98
_CLIENT_FIRST_SHARE, _CLIENT_DAYS = 0.1, 6.0


def is_server_side(platform: str) -> bool:
    """Tell whether a platform (folded) reaches everybody at once; one that is not named counts as such."""
    return not platform or platform in SERVER_WORDS


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
    reports: Reports, candidates: Releases, releases: Releases, shares: Mapping[str, float]
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the log likelihood ratio of the declared versions under each candidate, against none of them.

    Under a candidate a report comes from a customer who has it or a later release of its platform, but for a share of
    strays; under "none" from anybody. So each report on it or later speaks for it the more, the fewer customers have
    it, and each one on an older release speaks against it.

    Args:
        reports: the reports with what they declare.
        candidates: the releases in question.
        releases: all releases known.
        shares: release_id to the share of its platform's customers who have it or a later one, where known.

    Returns:
        The log ratio, how many reports were on an older release, how many on it or a later one; shape (n_candidates,).
    """
    place = {release_id: row for row, release_id in enumerate(releases.ids)}
    told = np.array([place.get(release_id, -1) for release_id in reports.declared], dtype=np.int64)
    ratio = np.zeros(len(candidates))
    older = np.zeros(len(candidates), dtype=np.int64)
    newer = np.zeros(len(candidates), dtype=np.int64)
    for row, release_id in enumerate(candidates.ids):
        same = told >= 0
        same[same] = (releases.platforms[told[same]] == candidates.platforms[row]) & (
            releases.products[told[same]] == candidates.products[row]
        )
        if not same.any():
            continue
        is_newer = told[same] >= place[release_id]
        share = _share(float(candidates.hours[row]), reports.hours[same], candidates.platforms[row])
        if release_id in shares:
            share = np.full_like(share, np.clip(shares[release_id], _LEAST_SHARE, _MOST_SHARE))
        ratio[row] = np.log(np.where(is_newer, (1 - _STRAY_SHARE) / share + _STRAY_SHARE, _STRAY_SHARE)).sum()
        older[row], newer[row] = (~is_newer).sum(), is_newer.sum()
    return ratio, older, newer


def _share(released: float, hours: Floats, platform: str) -> Floats:
    """Give the usual share of customers who have a release so long after it."""
    days = np.maximum(hours - released, 0.0) / 24
    reached = -np.expm1(-days / _CLIENT_DAYS)
    share = (
        np.ones_like(days) if is_server_side(platform) else _CLIENT_FIRST_SHARE + (1 - _CLIENT_FIRST_SHARE) * reached
    )
    return np.asarray(np.clip(share, _LEAST_SHARE, _MOST_SHARE))


def platform_mix(platforms: Objects) -> dict[str, float]:
    """Give the share of each platform among those that are named."""
    names, counts = np.unique(platforms[platforms != ""].astype(str), return_counts=True)
    return dict(zip(names.tolist(), (counts / max(1, counts.sum())).tolist(), strict=True))


def _log_mean(values: list[float]) -> float:
    return _log_mix([(1 / len(values), value) for value in values])


def _log_mix(parts: list[tuple[float, float]]) -> float:
    return float(np.logaddexp.reduce([np.log(weight) + value for weight, value in parts]))
