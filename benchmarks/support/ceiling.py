"""What could be answered at best: the planted process itself asked backwards, with what no team can know."""

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import gammaln, logsumexp

from feedback_triage.suspects.words import word_evidence
from support.planting import NONE_SHARE, STEADY_SHARE, Case, Floats, Stream

_GAPS = np.array([0.03, 0.1, 0.25, 0.5, 1, 2, 4, 8, 13, 20, 26, 36, 52, 80, 104, 150, 208, 300, 416, 576])
_LOOKBACK = 24 * 24.0


def has_ceiling(case: Case) -> bool:
    """Where delays are one density thinned by traffic, and all reports are of the fault."""
    return case.mean_delay is not None and case.strays == "no strays" and case.delay != "by day only"


def best_answer(case: Case, stream: Stream) -> str | None:
    """The likeliest release, or None, for one who knows the shape and the mean of the delays.

    It knows at what hours customers write and how often no release does it too. Words speak as they do in the library.
    """
    at = np.sort(_hours(case.reports["written_at"]))
    releases = case.releases.assign(hours=_hours(case.releases["released_at"]))
    out = releases[releases["hours"].between(at[0] - _LOOKBACK, at[0])]
    per_hour = releases["hours"].between(at[0] - 30 * 24, at[0] + 5 * 24).sum() / (35 * 24)
    told = case.similarity.set_index("release_id").reindex(out["release_id"])
    words = word_evidence(told["similarity"].to_numpy(float), told["shared"].to_numpy(float))
    by_release = [_log_likelihood(case, stream, at, onset) for onset in out["hours"]] + words
    middles, widths = at[0] - (_GAPS[1:] + _GAPS[:-1]) / 2, np.diff(_GAPS)
    anywhere = np.array([_log_likelihood(case, stream, at, onset) for onset in middles]) + np.log(widths)
    none = logsumexp(anywhere) + np.log(NONE_SHARE * (1 - STEADY_SHARE))
    scores = np.append(by_release + np.log((1 - NONE_SHARE) / per_hour), none)
    return [*out["release_id"], None][int(np.argmax(scores))]


def _log_likelihood(case: Case, stream: Stream, at: Floats, onset: float) -> float:
    """Of the first reports of one to three times as many, each at a delay that the traffic lets through."""
    begin, mean = onset + 0.03, float(case.mean_delay)
    if at[0] <= begin:
        return -np.inf
    delay = {
        "exponential": stats.expon(scale=mean),
        "gamma": stats.gamma(2.5, scale=mean / 2.5),
        "uniform": stats.uniform(0, 2 * mean),
        "heavy tail": stats.lognorm(1.4, scale=mean / 2),
    }[case.delay]
    seen = at[-1] - begin
    edges = np.concatenate([np.linspace(0, seen, 250), seen + np.geomspace(0.05, 3_000, 150)])
    middles = (edges[1:] + edges[:-1]) / 2
    mass = np.diff(delay.cdf(edges)) * stream.busy(begin + middles)
    total = mass.sum()
    if total <= 0:
        return -np.inf
    later = max(mass[249:].sum() / total, 1e-12)
    told = (delay.logpdf(at - begin) + np.log(stream.busy(at))).sum() - len(at) * np.log(total)
    n_all = np.unique(np.linspace(case.n_reports + 1, 3 * case.n_reports, 6).astype(int))
    in_all = gammaln(n_all + 1) - gammaln(n_all - len(at) + 1) + (n_all - len(at)) * np.log(later)
    return float(told + logsumexp(in_all) - np.log(len(n_all)))


def _hours(instants: "pd.Series") -> Floats:
    return ((instants - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(hours=1)).to_numpy(dtype=np.float64)
