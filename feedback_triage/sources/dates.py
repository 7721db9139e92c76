"""Read dates in the styles that exports write. Every style is spelled out; what fits none is not guessed at.

tests/spec/test_date_rules.py lists what is read, as what, and what is not.
"""

import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from feedback_triage.errors import SettingError
from feedback_triage.ingest import drop_invisible
from feedback_triage.sources.tables import rows_in_words

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""A date outside these years is a mistake, not a date."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS = range(631_152_000, 4_133_980_800)  # 1990 up to 2101, exclusive
_EPOCH_UNITS = (1, 10**3, 10**6, 10**9)  # s, ms, us, ns: their plausible ranges do not touch

_MONTH_NAMES = (
    "january february march april may june july august september october november december "
    "jan feb mar apr may jun jul aug sep oct nov dec"
)
_MONTHS = {name: place % 12 + 1 for place, name in enumerate(_MONTH_NAMES.split())} | {"sept": 9}
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
_ZONE = r"(?: ?(?P<zone>Z|(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?|UTC|GMT)(?: \([^()]*\))?)?"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    rf"(?: ?(?P<half>[AP])\.?M\.?)?{_ZONE}"
)
_TIME = rf"(?:(?:T|, ?| at | ){_CLOCK})?"
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_YEAR = r"(?P<year>\d{4})"


def _style(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


_NUMERIC = _style(rf"(?P<first>\d{{1,2}})(?P<mark>[/-])(?P<second_place>\d{{1,2}})(?P=mark){_YEAR}{_TIME}")
_STYLES = (
    _style(rf"{_YEAR}(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_TIME}"),
    _style(rf"{_WEEKDAY}{_NAME} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}{_TIME}"),
    _style(rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]{_NAME},?[ -]{_YEAR}{_TIME}"),
    _style(rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.{_YEAR}{_TIME}"),
    _style(rf"{_WEEKDAY}{_NAME} (?P<day>\d{{1,2}}) {_CLOCK} {_YEAR}"),
    _style(
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        rf"(?:[T ]?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<fraction>(?!))?(?P<half>(?!))?{_ZONE})?"
    ),
    _NUMERIC,
)
_WHOLE_NUMBER = re.compile(r"\d{9,19}(?:\.\d+)?", re.ASCII)
_MAX_REMEMBERED = 20_000


class DayMonthOrder(StrEnum):
    """How a column writes "04/01/2017"."""

    MONTH_FIRST = "month first"
    DAY_FIRST = "day first"
    BOTH = "both"


class DateReader:
    """Reads the dates of one column.

    Attributes:
        order: how two numbers before a year are read; `BOTH` reads only what has one reading.
        note: what a person should know about that, "" where there is nothing to decide.
        n_twice: local times read so far that a clock shows twice, when it is put back; each spelling counts once.
        n_skipped: local times read so far that no clock shows, since it is put forward over them.
    """

    def __init__(self, zone: tzinfo, order: DayMonthOrder = DayMonthOrder.MONTH_FIRST, note: str = "") -> None:
        self.order = order
        self.note = note
        self._zone = zone
        self.n_twice = self.n_skipped = 0
        self._likely = _STYLES[0]
        self._remembered: dict[str, datetime | None] = {}

    @classmethod
    def for_column(cls, values: Iterable[object], timezone: str = "UTC") -> "DateReader":
        """Decide from all values of a column whether the day or the month comes first.

        A first number above 12 must be a day, a second one above 12 shows that the month comes first. If
        99 % or more of these rows agree, the column has that order and the others are mistakes; otherwise the
        column holds both orders and only what has one reading is read. If no row decides, the month comes
        first.

        Args:
            values: the cells of the column, gone through once.
            timezone: IANA name of the zone of times that name none.

        Raises:
            SettingError: there is no such zone.
        """
        n_day_first = n_month_first = n_open = 0
        for value in values:
            if not isinstance(value, str) or not (match := _NUMERIC.match(_tidy(value))):
                continue
            first, second = int(match["first"]), int(match["second_place"])
            n_day_first += first > 12 >= second
            n_month_first += second > 12 >= first
            n_open += first <= 12 and second <= 12 and first != second
        return cls(_zone_named(timezone), *_decide(n_day_first, n_month_first, n_open))

    @classmethod
    def for_certain(cls, timezone: str = "UTC") -> "DateReader":
        """A reader for dates without a column around them: 04/01 has two readings and is not read.

        Raises:
            SettingError: there is no such zone.
        """
        return cls(_zone_named(timezone), DayMonthOrder.BOTH)

    def read(self, value: object) -> datetime | None:
        """Read one cell.

        Args:
            value: text, a number (epoch seconds to nanoseconds, or YYYYMMDD), a `date` or a `datetime`. A
                local time that a clock shows twice is its first occurrence, and one that it skips is read as if
                it had not been put forward yet.

        Returns:
            A UTC instant, or None where the cell cannot be read as one between 1990 and 2100.
        """
        if isinstance(value, datetime):
            return self._to_utc(value)
        if isinstance(value, date):
            return self._to_utc(datetime(value.year, value.month, value.day))  # noqa: DTZ001 - the zone follows
        if isinstance(value, int | float):
            return self._read_number(value)
        if not isinstance(value, str):
            return None
        if value not in self._remembered:
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[value] = self._read_text(_tidy(value))
        return self._remembered[value]

    def _read_number(self, number: float) -> datetime | None:
        # Only a float is asked: JSON may hold whole numbers that no float can.
        if isinstance(number, bool) or (isinstance(number, float) and not math.isfinite(number)):
            return None
        if 10**7 <= number < 10**8:  # YYYYMMDD
            return self._read_text(str(int(number)))
        return _from_epoch(number)

    def _read_text(self, text: str) -> datetime | None:
        if match := self._likely.fullmatch(text):
            return self._from_match(match)
        for style in _STYLES:
            if match := style.fullmatch(text):
                self._likely = style  # the styles exclude each other, so what comes first decides nothing
                return self._from_match(match)
        if _WHOLE_NUMBER.fullmatch(text):
            return _from_epoch(float(text) if "." in text else int(text))
        return None

    def _from_match(self, match: re.Match[str]) -> datetime | None:
        parts = match.groupdict()
        day_and_month = self._day_and_month(parts)
        clock = _clock(parts)
        if day_and_month is None or clock is None:
            return None
        day, month = day_and_month
        try:
            local = datetime(int(parts["year"]), month, day, *clock, tzinfo=_offset(parts["zone"]))
        except ValueError:  # 30 February, 24:61
            return None
        return self._to_utc(local)

    def _day_and_month(self, parts: dict[str, str | None]) -> tuple[int, int] | None:
        if "first" not in parts:
            month = int(parts["month"] or 0) if "month" in parts else _MONTHS.get((parts["name"] or "").lower(), 0)
            return int(parts["day"] or 0), month
        first, second = int(parts["first"] or 0), int(parts["second_place"] or 0)
        if self.order is DayMonthOrder.BOTH:
            if first <= 12 and second <= 12 and first != second:
                return None
            return (first, second) if first > 12 else (second, first)
        return (first, second) if self.order is DayMonthOrder.DAY_FIRST else (second, first)

    def _to_utc(self, instant: datetime) -> datetime | None:
        if not FIRST_YEAR - 1 <= instant.year <= LAST_YEAR + 1:
            return None  # before the zone is applied: at the ends of the calendar that would overflow
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=self._zone, fold=0)
            self._count_jump(instant)
        instant = instant.astimezone(UTC)
        return instant if FIRST_YEAR <= instant.year <= LAST_YEAR else None

    def _count_jump(self, local: datetime) -> None:
        # PEP 495: the two readings of a local time differ only where the clock jumps.
        if self._zone is UTC:
            return
        first, second = local.utcoffset(), local.replace(fold=1).utcoffset()
        if first is not None and second is not None:
            self.n_twice += first > second
            self.n_skipped += first < second


def _tidy(value: str) -> str:
    return " ".join(drop_invisible(value).split())


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int, int] | None:
    """Hour, minute, second and microsecond; None for an hour that the clock does not have."""
    if parts["hour"] is None:
        return 0, 0, 0, 0
    hour = int(parts["hour"])
    if half := parts["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.upper() == "P" else 0)
    microsecond = int((parts["fraction"] or "").ljust(6, "0")[:6])
    return hour, int(parts["minute"] or 0), int(parts["second"] or 0), microsecond


def _offset(zone: str | None) -> tzinfo | None:
    if not zone:
        return None
    sign, digits = zone.upper().lstrip("ZUTCGM")[:1], "".join(filter(str.isdigit, zone))
    if not digits:
        return UTC
    minutes = 60 * int(digits[:2]) + int(digits[2:] or 0)
    return timezone(timedelta(minutes=-minutes if sign == "-" else minutes))


def _from_epoch(number: float) -> datetime | None:
    for unit in _EPOCH_UNITS:
        seconds, rest = divmod(number, unit)
        if int(seconds) in _EPOCH_SECONDS:
            return _EPOCH + timedelta(seconds=int(seconds), microseconds=int(rest * 10**6 // unit))
    return None


def _decide(n_day_first: int, n_month_first: int, n_open: int) -> tuple[DayMonthOrder, str]:
    n_decided = n_day_first + n_month_first
    if not n_decided:
        note = (
            f"dates are read as month/day/year: {rows_in_words(n_open)} could be either and no other row "
            "tells; write them as year-month-day to be explicit"
        )
        return DayMonthOrder.MONTH_FIRST, note if n_open else ""
    order = DayMonthOrder.DAY_FIRST if n_day_first > n_month_first else DayMonthOrder.MONTH_FIRST
    n_agreeing = max(n_day_first, n_month_first)
    if n_agreeing < 0.99 * n_decided:
        return DayMonthOrder.BOTH, (
            f"dates are written as day/month in {rows_in_words(n_day_first)} and as month/day in "
            f"{rows_in_words(n_month_first)}; {rows_in_words(n_open)} that could be either are rejected; "
            "write them as year-month-day"
        )
    words = "day/month" if order is DayMonthOrder.DAY_FIRST else "month/day"
    place = "first" if order is DayMonthOrder.DAY_FIRST else "second"
    return (
        order,
        f"dates are read as {words} because the {place} number is above 12 in {rows_in_words(n_agreeing)}",
    )


def _zone_named(name: str) -> tzinfo:
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingError(f"timezone: there is no zone {name!r}; use a name like Europe/Amsterdam") from error
