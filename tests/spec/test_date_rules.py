"""Which dates are read, as what, and which are refused rather than guessed at."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.errors import SettingError
from feedback_triage.sources.dates import DateReader, DayMonthOrder

MIDNIGHT = datetime(2017, 4, 1, tzinfo=UTC)
TEN = datetime(2017, 4, 1, 10, 0, tzinfo=UTC)
HALF_PAST_TEN_PM = datetime(2017, 4, 1, 22, 30, tzinfo=UTC)


def read(value: object, zone: str = "UTC") -> datetime | None:
    """Read a value that stands alone in its column."""
    return DateReader.for_column([value], zone).read(value)


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        pytest.param("2017-04-01", MIDNIGHT, id="an ISO date is midnight"),
        pytest.param("2017-04-01T10:00:00Z", TEN, id="ISO with T and Z"),
        pytest.param("2017-04-01T10:00Z", TEN, id="ISO without seconds"),
        pytest.param("2017-04-01 10:00:00", TEN, id="ISO with a space"),
        pytest.param("2017-04-01T10:00:00.123456789Z", TEN.replace(microsecond=123456), id="nanoseconds are cut"),
        pytest.param("2017-04-01 10:00:00,5", TEN.replace(microsecond=500000), id="a comma before the fraction"),
        pytest.param("2017-04-01T12:00:00+02:00", TEN, id="an offset with a colon"),
        pytest.param("2017-04-01T12:00:00+0200", TEN, id="an offset without a colon"),
        pytest.param("2017-04-01T12:00:00+02", TEN, id="an offset of hours only"),
        pytest.param("2017-04-01T04:30:00-05:30", TEN, id="a negative offset with half an hour"),
        pytest.param("2017-04-01 10:00:00 UTC", TEN, id="the word UTC"),
        pytest.param("2017-04-01 10:00:00 +0000", TEN, id="a space before the offset"),
        pytest.param("2017/04/01", MIDNIGHT, id="year first with slashes"),
        pytest.param("2017.04.01 10:00", TEN, id="year first with dots"),
        pytest.param("2017-4-1", MIDNIGHT, id="year first without leading zeros"),
        pytest.param("20170401", MIDNIGHT, id="eight digits"),
        pytest.param("20170401T100000Z", TEN, id="ISO basic format"),
        pytest.param("20170401100000", TEN, id="fourteen digits"),
        pytest.param("Apr 01, 2017", MIDNIGHT, id="short month, day, year"),
        pytest.param("Apr. 1, 2017", MIDNIGHT, id="short month with a dot"),
        pytest.param("April 1, 2017", MIDNIGHT, id="long month, day, year"),
        pytest.param("April 1st, 2017", MIDNIGHT, id="a day as an ordinal"),
        pytest.param("Apr 1, 2017, 10:30 PM", HALF_PAST_TEN_PM, id="a comma before the time"),
        pytest.param("April 1, 2017 at 10:30 p.m.", HALF_PAST_TEN_PM, id="at, and p.m. with dots"),
        pytest.param("Apr 1, 2017 10:30\u202fPM", HALF_PAST_TEN_PM, id="a narrow space before PM"),
        pytest.param("Saturday, April 1, 2017", MIDNIGHT, id="a weekday in front"),
        pytest.param("1 Apr 2017", MIDNIGHT, id="day, short month, year"),
        pytest.param("1. April 2017", MIDNIGHT, id="a dot behind the day"),
        pytest.param("01-Apr-2017", MIDNIGHT, id="day, month, year with hyphens"),
        pytest.param("01-APR-2017 10:00:00", TEN, id="the month in capitals"),
        pytest.param("1 Sept 2017", datetime(2017, 9, 1, tzinfo=UTC), id="September in four letters"),
        pytest.param("01.04.2017", MIDNIGHT, id="with dots the day comes first"),
        pytest.param("1.4.2017 10:00", TEN, id="dots and a time"),
        pytest.param("04/01/2017", MIDNIGHT, id="with slashes the month comes first if nothing tells"),
        pytest.param("4/1/2017 10:30 PM", HALF_PAST_TEN_PM, id="slashes and a twelve-hour clock"),
        pytest.param("4/1/2017 12:00 AM", MIDNIGHT, id="12 AM is midnight"),
        pytest.param("4/1/2017 12:00 PM", MIDNIGHT.replace(hour=12), id="12 PM is noon"),
        pytest.param("Sat, 01 Apr 2017 10:00:00 GMT", TEN, id="RFC 2822 with GMT"),
        pytest.param("Sat, 01 Apr 2017 12:00:00 +0200 (CEST)", TEN, id="RFC 2822 with a comment"),
        pytest.param("Sat Apr 01 10:00:00 +0000 2017", TEN, id="the year at the end"),
        pytest.param("Sat Apr 01 2017 12:00:00 GMT+0200 (CEST)", TEN, id="what JavaScript prints"),
        pytest.param("1491040800", TEN, id="epoch seconds"),
        pytest.param("1491040800.5", TEN.replace(microsecond=500000), id="epoch seconds with a fraction"),
        pytest.param("1491040800000", TEN, id="epoch milliseconds"),
        pytest.param("1491040800000000", TEN, id="epoch microseconds"),
        pytest.param(1491040800, TEN, id="a number of seconds"),
        pytest.param(1491040800000.0, TEN, id="a float of milliseconds"),
        pytest.param(1491040800000000000, TEN, id="a number of nanoseconds"),
        pytest.param(20170401, MIDNIGHT, id="a number of eight digits"),
        pytest.param(date(2017, 4, 1), MIDNIGHT, id="a date value"),
        pytest.param(datetime(2017, 4, 1, 10), TEN, id="an instant without a zone"),  # noqa: DTZ001
        pytest.param(datetime(2017, 4, 1, 12, tzinfo=timezone(timedelta(hours=2))), TEN, id="one with a zone"),
        pytest.param("  2017-04-01\u200b ", MIDNIGHT, id="blanks and invisible characters around it"),
        pytest.param("\u200e4/1/2017 10:00", TEN, id="a direction mark in front"),
    ],
)
def test_is_read(value: object, instant: datetime) -> None:
    assert read(value) == instant


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("2017-04-01 10:00 EST", id="a zone's abbreviation means several zones"),
        pytest.param("2017-04-01 10:00 CET", id="so does this one"),
        pytest.param("04/01/17", id="a year of two digits could be a day"),
        pytest.param("42826", id="a spreadsheet's day number"),
        pytest.param("42826.5", id="a spreadsheet's day number with a time"),
        pytest.param("1.49E+12", id="an epoch that a spreadsheet rounded"),
        pytest.param("2017-02-29", id="a day that the year does not have"),
        pytest.param("2017-13-01", id="a thirteenth month"),
        pytest.param("13/13/2017", id="neither number is a month"),
        pytest.param("04.13.2017", id="with dots the second number is the month"),
        pytest.param("2017-04-01T25:00:00Z", id="an hour that the day does not have"),
        pytest.param("4/1/2017 13:00 PM", id="thirteen o'clock in the afternoon"),
        pytest.param("2017-04-01T10:00:00+99:00", id="an offset longer than a day"),
        pytest.param("1989-12-31T23:59:59Z", id="before 1990"),
        pytest.param("2101-01-01", id="after 2100"),
        pytest.param("0001-01-01", id="the first day of the calendar"),
        pytest.param("9999-12-31T23:59:59-12:00", id="the last day of the calendar"),
        pytest.param("123456789", id="an epoch before 1990"),
        pytest.param("yesterday", id="a word"),
        pytest.param("2017", id="a year alone"),
        pytest.param("April 2017", id="a month alone"),
        pytest.param("10:00", id="a time alone"),
        pytest.param("2017-04-01 and more", id="words behind it"),
        pytest.param(True, id="a truth value"),
        pytest.param(float("inf"), id="infinity"),
        pytest.param(float("nan"), id="not a number"),
        pytest.param(1e300, id="a number beyond any date"),
        pytest.param(-1491040800, id="a negative number"),
        pytest.param([2017, 4, 1], id="a list"),
        pytest.param(None, id="nothing"),
        pytest.param(10**400, id="a whole number that no float holds"),
        pytest.param(-(10**400), id="nor one below zero"),
        pytest.param("", id="a blank"),
    ],
)
def test_is_refused(value: object) -> None:
    assert read(value) is None


@pytest.mark.parametrize(
    ("column", "value", "instant", "order"),
    [
        pytest.param(
            ["27/04/2017"],
            "04/01/2017",
            datetime(2017, 1, 4, tzinfo=UTC),
            DayMonthOrder.DAY_FIRST,
            id="one first number above 12 makes the column day first",
        ),
        pytest.param(
            ["04/27/2017"],
            "04/01/2017",
            MIDNIGHT,
            DayMonthOrder.MONTH_FIRST,
            id="one second number above 12 makes it month first",
        ),
        pytest.param(
            ["27-04-2017 10:00"],
            "04-01-2017",
            datetime(2017, 1, 4, tzinfo=UTC),
            DayMonthOrder.DAY_FIRST,
            id="hyphens and times count as well",
        ),
        pytest.param(
            ["27/04/2017", "04/27/2017"],
            "04/01/2017",
            None,
            DayMonthOrder.BOTH,
            id="in a column of both orders an open date is refused",
        ),
        pytest.param(
            ["27/04/2017", "04/27/2017"],
            "27/04/2017",
            datetime(2017, 4, 27, tzinfo=UTC),
            DayMonthOrder.BOTH,
            id="there, a date with one reading is read",
        ),
        pytest.param(
            ["27/04/2017", "04/27/2017"],
            "04/04/2017",
            datetime(2017, 4, 4, tzinfo=UTC),
            DayMonthOrder.BOTH,
            id="there, so is one that reads the same both ways",
        ),
        pytest.param(
            ["27/04/2017"] * 200 + ["04/27/2017"],
            "04/27/2017",
            None,
            DayMonthOrder.DAY_FIRST,
            id="one mistake among many is refused, and decides nothing",
        ),
        pytest.param(
            ["27/04/2017"] * 200 + ["04/27/2017"],
            "04/01/2017",
            datetime(2017, 1, 4, tzinfo=UTC),
            DayMonthOrder.DAY_FIRST,
            id="and the other dates keep their order",
        ),
        pytest.param(
            ["27.04.2017"],
            "04/01/2017",
            MIDNIGHT,
            DayMonthOrder.MONTH_FIRST,
            id="dates with dots say nothing about dates with slashes",
        ),
    ],
)
def test_day_or_month_first_is_decided_by_the_whole_column(
    column: list[str], value: str, instant: datetime | None, order: DayMonthOrder
) -> None:
    reader = DateReader.for_column([*column, value])
    assert (reader.order, reader.read(value)) == (order, instant)
    assert DateReader.for_column([value, *reversed(column)]).order is order


@pytest.mark.parametrize(
    ("column", "words"),
    [
        pytest.param(
            ["27/04/2017", "28/04/2017"], "day/month because the first number is above 12 in 2 rows", id="day"
        ),
        pytest.param(["04/27/2017"], "month/day because the second number is above 12 in 1 row", id="month"),
        pytest.param(["04/01/2017"], "write them as year-month-day to be explicit", id="open"),
        pytest.param(["27/04/2017", "04/27/2017", "04/01/2017"], "1 row that could be either are rejected", id="both"),
        pytest.param(["2017-04-01", "Apr 01, 2017"], "", id="nothing to decide, nothing to say"),
        pytest.param(["04/04/2017"], "", id="the same number twice leaves nothing open"),
    ],
)
def test_a_person_is_told_how_the_order_was_decided(column: list[str], words: str) -> None:
    note = DateReader.for_column(column).note
    assert words in note if words else not note


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        pytest.param("2017-04-01 12:00", TEN, id="in summer Amsterdam is two hours ahead"),
        pytest.param("2017-01-01 11:00", datetime(2017, 1, 1, 10, tzinfo=UTC), id="in winter one"),
        pytest.param("2017-04-01T10:00:00Z", TEN, id="a time with a zone keeps it"),
        pytest.param("1491040800", TEN, id="an epoch has none"),
        pytest.param(
            "2017-10-29 02:30",
            datetime(2017, 10, 29, 0, 30, tzinfo=UTC),
            id="an hour that comes twice: first",
        ),
        pytest.param("2017-03-26 02:30", datetime(2017, 3, 26, 1, 30, tzinfo=UTC), id="an hour that is skipped"),
        pytest.param("2017-04-01", datetime(2017, 3, 31, 22, tzinfo=UTC), id="a day starts at local midnight"),
    ],
)
def test_a_time_without_a_zone_is_local(value: str, instant: datetime) -> None:
    assert read(value, "Europe/Amsterdam") == instant


@pytest.mark.parametrize("zone", ["Atlantis", "", "../etc/passwd", "Europe/"])
def test_an_unknown_zone_is_a_setting_error(zone: str) -> None:
    with pytest.raises(SettingError, match="Europe/Amsterdam"):
        DateReader.for_column([], zone)


instants = st.integers(631_152_000_000_000, 4_133_980_799_999_999).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@given(instants)
def test_every_instant_that_is_written_is_read_back(instant: datetime) -> None:
    second = instant.replace(microsecond=0)
    assert read(instant.isoformat()) == instant
    assert read(instant) == instant
    assert read(int(second.timestamp()) * 1000) == second
    assert read(second.strftime("%a, %d %b %Y %H:%M:%S GMT")) == second
    assert read(second.strftime("%B %d, %Y %I:%M:%S %p")) == second
    assert read(second.strftime("%d.%m.%Y %H:%M:%S")) == second


@given(
    st.text() | st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}( \d\d:\d\d)?", fullmatch=True),
    st.booleans(),
)
def test_any_text_is_read_as_an_instant_in_range_or_refused(text: str, has_zone: bool) -> None:
    instant = read(text, "Asia/Kathmandu" if has_zone else "UTC")
    assert instant is None or (1990 <= instant.year <= 2100 and instant.tzinfo is UTC)


@given(st.lists(st.sampled_from(["2017-04-01", "Apr 01, 2017", "1491040800", "junk", "01.04.2017"])))
def test_what_was_read_before_changes_nothing(values: list[str]) -> None:
    reader = DateReader.for_column(values)
    assert [reader.read(value) for value in values] == [read(value) for value in values]
