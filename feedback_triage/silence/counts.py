"""The negative binomial distribution, by its mean and size."""

from typing import Any

import numpy as np
from scipy.special import gammaln


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
