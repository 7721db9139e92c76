"""What the intervals of the silence ledger are compared with, for benchmarks/silence.py."""

import numpy as np
from scipy.stats import nbinom, poisson

_FARRINGTON_LEAST = 4


def past_windows(counts: np.ndarray, release: int, length: int, most: int) -> np.ndarray:
    """Give the counts of the windows of the same length before the release, oldest first."""
    n = min(most, release // length)
    return counts[release - n * length : release].reshape(n, length).sum(axis=1)


def two_sd(past: np.ndarray) -> tuple[float, float, float]:
    """Mean plus or minus two standard deviations: centre, lower, upper."""
    sd = past.std(ddof=1) if len(past) > 1 else past.mean()
    return past.mean(), past.mean() - 2 * sd, past.mean() + 2 * sd


def farrington(past: np.ndarray) -> tuple[float, float, float]:
    """Quasi-Poisson log-linear trend, outbursts down-weighted, negative binomial quantiles (Noufaily et al. 2013)."""
    n = len(past)
    if n < _FARRINGTON_LEAST:
        return two_sd(past)
    design = np.column_stack([np.ones(n), (np.arange(n) - n) / n])
    weights = np.ones(n)
    for use_trend in (True, False):
        columns = design if use_trend else design[:, :1]
        for _ in range(2):
            beta = np.zeros(columns.shape[1])
            beta[0] = np.log(past.mean() + 0.5)
            for _ in range(25):
                mu = np.exp(np.clip(columns @ beta, -10, 15))
                gram = columns.T @ (columns * (weights * mu)[:, None]) + 1e-9 * np.eye(columns.shape[1])
                beta = beta + np.linalg.solve(gram, columns.T @ (weights * (past - mu)))
            mu = np.exp(np.clip(columns @ beta, -10, 15))
            phi = max(1.0, float((weights * (past - mu) ** 2 / mu).sum() / max(n - len(beta), 1)))
            residual = 1.5 * (past ** (2 / 3) - mu ** (2 / 3)) / (mu ** (1 / 6) * np.sqrt(phi))
            weights = np.maximum(residual / 2.58, 1.0) ** -2.0
            weights *= n / weights.sum()
        if use_trend:
            se = np.sqrt(phi * np.linalg.inv(gram)[1, 1])
            if abs(beta[1] / se) > 1.96:
                break
    expected = float(np.exp(np.clip(np.r_[1.0, 0.0][: len(beta)] @ beta, -10, 15)))
    variance_of_mean = expected**2 * phi * np.linalg.inv(gram)[0, 0]
    variance = phi * expected + variance_of_mean
    if variance <= expected * 1.0001:
        return expected, poisson.ppf(0.025, expected), poisson.ppf(0.975, expected)
    size = expected**2 / (variance - expected)
    chance = size / (size + expected)
    return expected, nbinom.ppf(0.025, size, chance), nbinom.ppf(0.975, size, chance)


METHODS = {"mean ± 2 sd": (two_sd, 12), "Farrington": (farrington, 60)}
"""The method, and how many windows before the release it looks at."""
