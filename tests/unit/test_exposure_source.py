"""Files of usage counts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedback_triage.errors import MissingColumnError, NoUsableRowError
from feedback_triage.sources.exposure import ExposureRow, _gaps, read_exposure


def written(folder: Path, text: str, name: str = "usage.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_time_platform_and_users_are_read(tmp_path: Path) -> None:
    text = 'date,platform,active_users\n2026-10-02,ios,"1,210"\n2026-10-01,ios,1200\n2026-10-01,,9\n'
    file = read_exposure(written(tmp_path, text))
    first, second = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC)
    assert file.rows == [
        ExposureRow("", "", first, 9.0),
        ExposureRow("", "ios", first, 1200.0),
        ExposureRow("", "ios", second, 1210.0),
    ]
    assert (file.n_read, file.n_rejected, file.notes) == (3, 0, ())


def test_json_lines_are_read(tmp_path: Path) -> None:
    text = '{"at": "2026-10-01T00:00:00+02:00", "os": "web", "DAU": 40}\n'
    (row,) = read_exposure(written(tmp_path, text, "usage.jsonl")).rows
    assert row == ExposureRow("", "web", datetime(2026, 9, 30, 22, tzinfo=UTC), 40.0)


def test_a_time_without_a_zone_is_of_the_zone_given(tmp_path: Path) -> None:
    text = "date,users\n2026-10-01,5\n"
    (row,) = read_exposure(written(tmp_path, text), timezone="Europe/Amsterdam").rows
    assert row.start_at == datetime(2026, 9, 30, 22, tzinfo=UTC)


def test_gaps_are_told_in_a_line_and_not_filled(tmp_path: Path) -> None:
    text = "date,users\n" + "".join(f"2026-10-{day:02},5\n" for day in (1, 2, 3, 7, 8, 11))
    file = read_exposure(written(tmp_path, text))
    assert len(file.rows) == 6
    (note,) = file.notes
    assert note.startswith("usage counts have 2 gaps (120 hours in all), the first from 2026-10-04 00:00 to 2026-10-07")


@pytest.mark.parametrize("cell", ["", "n/a", "-3", "many", "1.2.3", "12,34", "inf", "1e3"])
def test_what_is_no_count_is_left_out_and_told(tmp_path: Path, cell: str) -> None:
    file = read_exposure(written(tmp_path, f'date,users\n2026-10-01,5\n2026-10-02,"{cell}"\n'))
    assert [row.active_count for row in file.rows] == [5.0]
    assert file.n_rejected == 1
    assert file.notes == ("1 row left out: no time or no count of users that can be read",)


def test_of_two_different_counts_of_one_time_neither_is_used(tmp_path: Path) -> None:
    file = read_exposure(written(tmp_path, "date,users\n2026-10-01,5\n2026-10-01,6\n2026-10-02,7\n2026-10-02,7\n"))
    assert [row.active_count for row in file.rows] == [7.0]
    assert file.notes == (
        "1 time has several different counts for one platform; they are left out, give each time once",
    )


def test_a_file_without_a_count_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingColumnError, match="rename the one that holds it to active_users"):
        read_exposure(written(tmp_path, "date,mood\n2026-10-01,5\n"))


def test_a_file_without_one_usable_row_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(NoUsableRowError, match="not one of 1 row gives both a time"):
        read_exposure(written(tmp_path, "date,users\nsoon,5\n"))


def test_a_count_below_one_is_kept_as_a_gap_and_told(tmp_path: Path) -> None:
    text = "date,platform,users\n2026-10-01,ios,5\n2026-10-02,ios,0\n2026-10-03,ios,0.0001\n2026-10-04,ios,6\n"
    file = read_exposure(written(tmp_path, text))
    assert [row.active_count for row in file.rows] == [5.0, 0.0, 0.0001, 6.0]
    assert file.n_rejected == 0
    assert file.notes == ("2 times say that nobody was active in usage counts of ios: below 1 counts as a gap",)


def test_a_file_of_shares_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoUsableRowError, match="not one count of users"):
        read_exposure(written(tmp_path, "date,users\n2026-10-01,0.5\n2026-10-02,0\n"))


@pytest.mark.parametrize("cell", ["1000000000001", "9" * 400])
def test_more_users_than_there_can_be_are_rejected(tmp_path: Path, cell: str) -> None:
    text = f'{{"at": "2026-10-01", "users": {cell}}}\n{{"at": "2026-10-02", "users": 1000000000000}}\n'
    file = read_exposure(written(tmp_path, text, "usage.jsonl"))
    assert [row.active_count for row in file.rows] == [1e12]
    assert (file.n_read, file.n_rejected, len(file.notes)) == (2, 1, 1)


CAPITALS = ["2026-10-01,iOS,5", "2026-10-01,IOS,6", "2026-10-02,ios,7", "2026-10-02,iOS,7", "2026-10-03,ios,8"]


@pytest.mark.parametrize("turn", range(5))
def test_capitals_tell_nothing_apart_whatever_the_order_of_the_rows(tmp_path: Path, turn: int) -> None:
    """Two counts contradict each other, and both rows are rejected; one count twice is one count."""
    rows = CAPITALS[turn:] + CAPITALS[:turn]
    file = read_exposure(written(tmp_path, "\n".join(["date,platform,users", *rows]) + "\n"))
    assert [(row.platform, row.start_at.day, row.active_count) for row in file.rows] == [
        ("IOS", 2, 7.0),
        ("IOS", 3, 8.0),
    ]
    assert (file.n_read, file.n_rejected) == (5, 2)


def test_a_platform_of_more_than_200_characters_is_rejected(tmp_path: Path) -> None:
    file = read_exposure(written(tmp_path, f"date,platform,users\n2026-10-01,{'x' * 201},5\n2026-10-01,web,5\n"))
    assert ([row.platform for row in file.rows], file.n_rejected) == (["web"], 1)


class _Counting(list[ExposureRow]):
    """Rows that count how often they are gone through."""

    n_read = 0

    def __iter__(self) -> Iterator[ExposureRow]:
        self.n_read += 1
        return super().__iter__()


def test_gaps_are_looked_for_in_one_pass_whatever_the_number_of_platforms() -> None:
    start = datetime(2026, 10, 1, tzinfo=UTC)
    rows = _Counting(
        ExposureRow("", f"p{number:03d}", start + timedelta(days=day), 5.0)
        for number in range(50)
        for day in (0, 1, 2, 5)
    )
    assert len(_gaps(rows)) == 50
    assert rows.n_read == 1
