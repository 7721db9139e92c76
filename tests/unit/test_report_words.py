"""Numbers, instants and texts in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.report.words import (
    Clock,
    between,
    decimal,
    duration,
    plural,
    printable,
    shorten,
    undirected,
    wrapped,
)

INSTANT = datetime(2026, 10, 16, 22, 5, tzinfo=UTC)


def test_instants_are_shown_in_the_zone_of_the_reader():
    assert Clock(UTC).moment(INSTANT) == "Fri 16 Oct 22:05"
    assert Clock(ZoneInfo("Europe/Berlin")).full(INSTANT) == "Saturday 17 Oct 2026, 00:05"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.25, "15 min"),
        (3.25, "3 h 15 min"),
        (2.0, "2 h"),
        (20.57, "21 h"),
        (48.0, "2 days"),
        (336.0, "14 days"),
    ],
)
def test_durations_are_told_in_the_unit_a_person_would_choose(hours, words):
    assert duration(hours) == words


def test_small_words():
    assert (between(3, 9), between(4, 4)) == ("3 to 9", "4")
    assert (decimal(5.25), decimal(5.0), decimal(1234.4)) == ("5.2", "5", "1,234")
    assert (plural(1, "item"), plural(0, "item"), plural(2, "waits", "wait")) == ("item", "items", "wait")


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_a_shortened_text_is_the_beginning_of_the_text_and_never_longer_than_the_limit(text, limit):
    line, cut = " ".join(text.split()), shorten(text, limit)
    assert len(cut) <= limit
    assert cut == line or (cut.endswith("…") and line.startswith(cut[:-1]))


@given(st.text(st.characters(exclude_categories=())))
def test_printable_texts_can_be_written_as_utf_8_and_hold_no_control_characters(text):
    shown = printable(text)
    shown.encode("utf-8")
    assert not any(ord(character) < 32 and character not in "\t\n\r" for character in shown)
    assert len(shown) == len(text)


def test_a_terminal_gets_no_characters_that_turn_the_direction_of_writing():
    assert undirected("a\u202eb\u2066c\x1b[31m") == "abc\ufffd[31m"


def test_wrapped_lines_stay_inside_the_width():
    lines = wrapped("word " * 30 + "x" * 100, 40, "  ")
    assert max(map(len, lines)) <= 40
    assert all(line.startswith("  ") for line in lines[1:])
