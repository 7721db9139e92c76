"""Instants that people name on the command line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from feedback_triage.errors import SettingError
from feedback_triage.sources.dates import FIRST_YEAR, LAST_YEAR


def read_instant(option: str, text: str, timezone: str) -> datetime:
    """Read an option that names an instant; a date is its midnight, and a time without a zone is in `timezone`.

    Raises:
        SettingError: it cannot be read, or lies outside the years that items and releases can be of.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise SettingError(
            f"{option} {text!r} is not a date; write it like 2026-10-19 or 2026-10-19T08:00+02:00"
        ) from None
    # Before the zone is applied: at the ends of the calendar that would overflow.
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise SettingError(f"{option} {text!r} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    zone = ZoneInfo(timezone)
    return instant.astimezone(zone) if instant.tzinfo else instant.replace(tzinfo=zone)
