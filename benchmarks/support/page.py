"""The pages in benchmarks/results: when and where something was measured, and tables."""

import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime


def measured_on() -> str:
    """One sentence: the day, the shape of the machine, the Python."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    cores = len(os.sched_getaffinity(0))
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {platform.machine()}, {cores} core(s), {memory:.0f} GiB, "
        f"Python {platform.python_version()}."
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table."""
    return [_line(columns), "|---" * len(columns) + "|", *map(_line, rows)]


def spread(values: Sequence[float], digits: int = 3) -> str:
    """The median, with the range behind it where there is one."""
    found = [f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values))]
    return found[0] if found[1] == found[2] else f"{found[0]} ({found[1]}-{found[2]})"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
