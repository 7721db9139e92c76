"""The instants at which history is looked at."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta


def look_instants(start: datetime, end: datetime, every_hours: float) -> list[datetime]:
    """Give `start` and each instant that lies a whole number of steps after it, up to `end`.

    Steps of whole days are days of the local calendar, so that midnights stay midnights when the clocks change; other
    steps are counted in hours that passed. Where `end` is on no step, the rest of the last step is not looked at:
    else a look would be another one in a longer backtest.

    Args:
        start: an instant with a zone, whose calendar counts.
        end: an instant with a zone.
        every_hours: above 0.

    Returns:
        UTC instants, rising; only `start` where `end` is less than a step away, none where it is before `start`.

    Raises:
        ValueError: `every_hours` is not above 0.
    """
    if not every_hours > 0:
        raise ValueError("every_hours must be above 0")
    found = []
    for instant in _steps(start, every_hours):
        if instant > end:
            break
        found.append(instant)
    return found


def _steps(start: datetime, every_hours: float) -> Iterator[datetime]:
    n = 0
    while True:
        if every_hours % 24 == 0:
            # Adding days to a local time keeps its clock time, and the conversion knows the day's offset.
            yield (start + n * timedelta(hours=every_hours)).astimezone(UTC)
        else:
            yield start.astimezone(UTC) + n * timedelta(hours=every_hours)
        n += 1
