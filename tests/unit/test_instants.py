"""Instants that people name, and names on their way to a terminal."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.cli.shown import shown, shown_lines
from feedback_triage.errors import SettingError
from feedback_triage.pipeline.instants import read_instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-10-19", datetime(2026, 10, 18, 22, tzinfo=UTC)),
        ("2026-10-19T08:00", datetime(2026, 10, 19, 6, tzinfo=UTC)),
        ("2026-10-19T08:00+00:00", datetime(2026, 10, 19, 8, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_of_the_zone_given(text: str, instant: datetime) -> None:
    assert read_instant("--as-of", text, "Europe/Amsterdam") == instant


@pytest.mark.parametrize(
    "text", ["0001-01-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "1989-12-31", "2101-01-01", "soon", ""]
)
def test_what_is_no_date_of_our_times_is_told_in_one_line(text: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_instant("--as-of", text, "Europe/Amsterdam")
    assert str(raised.value).startswith(f"--as-of {text!r} ")
    assert "\n" not in str(raised.value)


@given(st.text())
def test_a_terminal_is_never_given_what_it_would_obey(text: str) -> None:
    line = shown(text)
    assert len(line) == len(text)
    assert all(character.isprintable() or character in "\u200c\u200d" for character in line)
    assert shown(line) == line
    assert shown_lines(text).count("\n") == text.count("\n")


def test_words_stay_as_they_are() -> None:
    assert shown("web/5.21.1 – “Länder” 👩\u200d💻") == "web/5.21.1 – “Länder” 👩\u200d💻"
    assert shown("a\u00a0b\tc") == "a b c"
