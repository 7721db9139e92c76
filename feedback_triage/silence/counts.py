"""The negative binomial distribution of counts, by its mean and size."""

from typing import Any

import numpy as np
from scipy.special import gammaln


def size_of(dispersion: Any, shape: Any) -> Any:
    """Give the size that holds both the dispersion of counts and the uncertainty of a gamma level of this shape."""
    return 1 / (dispersion * (1 + 1 / shape) + 1 / shape)


def log_density(count: Any, mean: Any, size: Any) -> Any:
    """Give the log density of a negative binomial, continued between the integers; inputs broadcast."""
    total = size + mean
    return (
        gammaln(count + size)
        - gammaln(size)
        - gammaln(count + 1)
        + size * np.log(size / total)
        + count * np.log(mean / total)
    )
