"""Files of usage counts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedback_triage.errors import MissingColumnError, NoUsableRowError
from feedback_triage.sources.exposure import ExposureRow, read_exposure


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
