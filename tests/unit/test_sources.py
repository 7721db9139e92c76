"""Whole files: every row is accounted for, and a file that cannot be used is told in one line."""

import gzip
import json
import random
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feedback_triage.errors import (
    InputError,
    MissingColumnError,
    MissingFileError,
    NoUsableRowError,
    SettingError,
    UnreadableFileError,
)
from feedback_triage.sources import SOURCES, FeedbackFile, read_feedback
from feedback_triage.sources.values import as_text, is_missing, parse_rating

APRIL = datetime(2017, 4, 1, tzinfo=UTC)


def write(folder: Path, content: str | bytes, name: str = "reviews.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(file: FeedbackFile) -> list[str]:
    return [item.verbatim for item in file.items]


def is_accounted_for(file: FeedbackFile) -> bool:
    return file.n_read == len(file.items) + len(file.rejected) + file.n_repeated


# --- CSV ---


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("text,date\nA,2017-04-01\n", ["A"], id="commas"),
        pytest.param("text;date\nA, b;2017-04-01\n", ["A, b"], id="semicolons"),
        pytest.param("text\tdate\nA, b; c\t2017-04-01\n", ["A, b; c"], id="tabs"),
        pytest.param("text|date\nA|2017-04-01\n", ["A"], id="bars"),
        pytest.param("sep=;\ntext;date\nA;2017-04-01\n", ["A"], id="a first line that names the delimiter"),
        pytest.param('text,date\n"A ""b"",\nc",2017-04-01\n', ['A "b",\nc'], id="quotes, delimiters and line breaks"),
        pytest.param('text,date\n"A \\"b\\" c",2017-04-01\n"d",2017-04-01\n', ['A "b" c', "d"], id="escaped quotes"),
        pytest.param('date, text\n2017-04-01, "A, b"\n', ["A, b"], id="a space before the quote"),
        pytest.param("text,date\nC:\\new,2017-04-01\n", ["C:\\new"], id="a backslash is a backslash"),
        pytest.param("text,date\r\nA,2017-04-01\r\n", ["A"], id="line ends of Windows"),
        pytest.param("text,date\rA,2017-04-01\r", ["A"], id="line ends of old Macs"),
        pytest.param("text,date\nA,2017-04-01", ["A"], id="no line end at the end"),
        pytest.param("\n\ntext,date\n\nA,2017-04-01\n\n", ["A"], id="blank lines are no rows"),
        pytest.param("text,date\nA,2017-04-01,,\n", ["A"], id="delimiters behind the last cell"),
        pytest.param("text,date,\nA,2017-04-01,\n", ["A"], id="a last column without a name"),
        pytest.param("text,date,text\nA,2017-04-01,B\n", ["A"], id="of two columns with one name the first"),
        pytest.param("text,date\n,2017-04-01\n", [""], id="an empty text is feedback"),
        pytest.param("text,date\nNone,2017-04-01\n", ["None"], id="a text of None is what the customer wrote"),
        pytest.param("text,date\nA,2017-04-01\nA,2017-04-01\n", ["A", "A"], id="two customers with one sentence"),
        pytest.param(b"\xef\xbb\xbftext,date\nA,2017-04-01\n", ["A"], id="a byte-order mark"),
        pytest.param("text,date\ncafé,2017-04-01\n".encode("utf-16"), ["café"], id="UTF-16 with its mark"),
        pytest.param("text,date\ncafé,2017-04-01\n".encode("utf-32"), ["café"], id="UTF-32 with its mark"),
        pytest.param("text,date\ncafé “x”,2017-04-01\n".encode("cp1252"), ["café “x”"], id="Windows-1252"),
        pytest.param(b"text,date\ncaf\xe9 \xc3\xa9\x81,2017-04-01\n", ["café é\x81"], id="mixed encodings"),
    ],
)
def test_csv_is_read(tmp_path: Path, content: str | bytes, expected: list[str]) -> None:
    file = read_feedback(write(tmp_path, content))
    assert texts(file) == expected
    assert not file.rejected
    assert is_accounted_for(file)


def test_bytes_that_are_not_utf_8_are_noted(tmp_path: Path) -> None:
    file = read_feedback(write(tmp_path, b"text,date\ncaf\xe9,2017-04-01\n"))
    assert any("Windows-1252" in note for note in file.notes)


@pytest.mark.parametrize(
    ("rows", "reasons", "kept"),
    [
        pytest.param("A,2017-04-01\nB,2017-04-01,x\n", [(2, "ragged_row")], ["A"], id="a cell too many"),
        pytest.param("A,2017-04-01\nB\n", [(2, "ragged_row")], ["A"], id="a cell too few"),
        pytest.param(
            "A,\nB,n/a\nC,2017-04-01\n",
            [(1, "written_at_missing"), (2, "written_at_missing")],
            ["C"],
            id="no date",
        ),
        pytest.param("A,someday\nC,2017-04-01\n", [(1, "written_at_unreadable")], ["C"], id="no date that can be read"),
        pytest.param(
            'A,2017-04-01\n"B,2017-04-01\nC,2017-04-01\nD,2017-04-01\n',
            [(2, "broken_quotes")],
            ["A", "C", "D"],
            id="a quote that never closes costs its own line only",
        ),
        pytest.param(
            '"A,2017-04-01\nB,2017-04-01\n"C, c",2017-04-01\n',
            [(1, "broken_quotes")],
            ["B", "C, c"],
            id="also when a later row has quotes",
        ),
        pytest.param('"A" b,2017-04-01\nC,2017-04-01\n', [(1, "broken_quotes")], ["C"], id="words behind a quote"),
    ],
)
def test_broken_rows_are_kept_apart(tmp_path: Path, rows: str, reasons: list[tuple[int, str]], kept: list[str]) -> None:
    file = read_feedback(write(tmp_path, "text,date\n" + rows))
    assert [(row.row_number, row.reason) for row in file.rejected] == reasons
    assert texts(file) == kept
    assert is_accounted_for(file)


def test_a_rejected_row_is_whole_and_masked_and_its_author_a_pseudonym(tmp_path: Path) -> None:
    file = read_feedback(write(tmp_path, "text,date,author\nMail jane@example.com,soon,Jane Doe\nB,2017-04-01,\n"))
    row = file.rejected[0]
    assert json.loads(row.raw)["text"] == "Mail [email]"
    assert "Jane" not in row.raw
    assert "jane" not in row.detail
    assert row.file_name == "reviews.csv"


# --- ids ---


def test_an_id_with_the_same_content_is_a_repetition_and_with_other_content_refused(tmp_path: Path) -> None:
    content = "id,text,date\n7,A,2017-04-01\n7,A,2017-04-01\n7,B,2017-04-01\n8,B,2017-04-01\n"
    file = read_feedback(write(tmp_path, content))
    assert [(item.external_id, item.verbatim) for item in file.items] == [("7", "A"), ("8", "B")]
    assert file.n_repeated == 1
    assert [(row.row_number, row.reason) for row in file.rejected] == [(3, "id_reused")]
    assert is_accounted_for(file)


def test_rows_without_an_id_get_one_that_a_second_overlapping_file_gives_again(tmp_path: Path) -> None:
    first = read_feedback(write(tmp_path, "text,date\nA,2017-04-01\nA,2017-04-01\nB,2017-04-01\n"))
    second = read_feedback(write(tmp_path, 'date,text\n"Apr 01, 2017",B\n2017/04/01,A\n2017-04-02,C\n', "more.csv"))
    ids = [{item.external_id for item in file.items} for file in (first, second)]
    assert len(ids[0]) == 3
    assert len(ids[1] - ids[0]) == 1


def test_one_export_in_three_formats_is_the_same_items(tmp_path: Path) -> None:
    rows = [
        {"text": "A\nb", "date": "2017-04-01", "rating": 4.0, "version": "1.0", "id": "x"},
        {"text": "", "date": "2017-04-02", "rating": None, "version": None, "id": None},
    ]
    cells = [["" if value is None else str(value) for value in row.values()] for row in rows]
    lines = [",".join(rows[0])] + [",".join(f'"{cell}"' for cell in row) for row in cells]
    csv_path = write(tmp_path, "\r\n".join(lines))
    json_path = write(tmp_path, "".join(json.dumps(row) + "\n" for row in rows), "reviews.jsonl")
    parquet_path = tmp_path / "reviews.parquet"
    pq.write_table(pa.Table.from_pylist(rows), parquet_path)
    files = [read_feedback(path) for path in (csv_path, json_path, parquet_path)]
    assert files[0].items == files[1].items == files[2].items


# --- JSON ---


@pytest.mark.parametrize(
    ("content", "expected", "reasons"),
    [
        pytest.param('{"text": "A", "date": "2017-04-01"}\n', ["A"], [], id="one object a line"),
        pytest.param('\n{"text": "A", "date": 1491004800000}\n\n', ["A"], [], id="blank lines and a number"),
        pytest.param('[{"text": "A", "date": "2017-04-01"}]', ["A"], [], id="an array"),
        pytest.param('[\n {"text": "A",\n "date": "2017-04-01"}\n]', ["A"], [], id="an array over several lines"),
        pytest.param('\ufeff{"text": "A", "date": "2017-04-01"}', ["A"], [], id="a byte-order mark"),
        pytest.param(
            '{"date": "2017-04-01"}\n{"text": "A", "date": "2017-04-01"}',
            ["", "A"],
            [],
            id="a key is missing",
        ),
        pytest.param('{"text": null, "date": "2017-04-01"}', [""], [], id="a text of null is empty"),
        pytest.param(
            '{"text": {"a": [1]}, "date": "2017-04-01"}', ['{"a": [1]}'], [], id="a nested value is JSON text"
        ),
        pytest.param('{"text": "\\ud83d\\u0000A", "date": "2017-04-01"}', ["A"], [], id="half a character and a NUL"),
        pytest.param(
            '{"text": "A", "date": "2017-04-01"}\n{"text": \n[1]\n{"text": "B", "date": "2017-04-01"}\n',
            ["A", "B"],
            ["not_json", "not_an_object"],
            id="broken lines among good ones",
        ),
        pytest.param(
            '[{"text": "A", "date": "2017-04-01"}, 5]',
            ["A"],
            ["not_an_object"],
            id="an element that is no object",
        ),
        pytest.param(
            '{"text": "A", "date": "2017-04-01"}\n' + "[" * 100_000,
            ["A"],
            ["not_json"],
            id="brackets without end",
        ),
        pytest.param(
            '{"text": "A", "date": "2017-04-01"}\n{"n": ' + "9" * 5_000 + "}",
            ["A"],
            ["not_json"],
            id="a number without end",
        ),
    ],
)
def test_json_is_read(tmp_path: Path, content: str, expected: list[str], reasons: list[str]) -> None:
    file = read_feedback(write(tmp_path, content, "reviews.jsonl"))
    assert texts(file) == expected
    assert [row.reason for row in file.rejected] == reasons
    assert is_accounted_for(file)


# --- Parquet ---


@pytest.mark.parametrize(
    ("column", "written_at"),
    [
        pytest.param(pa.array([APRIL], pa.timestamp("ns", "UTC")), APRIL, id="nanoseconds in UTC"),
        pytest.param(pa.array([APRIL], pa.timestamp("ms", "America/New_York")), APRIL, id="a zone"),
        pytest.param(pa.array([APRIL.replace(tzinfo=None)], pa.timestamp("s")), APRIL, id="no zone"),
        pytest.param(pa.array([date(2017, 4, 1)], pa.date32()), APRIL, id="a date"),
        pytest.param(pa.array([1491004800], pa.int64()), APRIL, id="a number"),
        pytest.param(pa.array(["Apr 01, 2017"]).dictionary_encode(), APRIL, id="a category"),
    ],
)
def test_parquet_dates_are_read(tmp_path: Path, column: pa.Array, written_at: datetime) -> None:
    path = tmp_path / "reviews.parquet"
    pq.write_table(pa.table({"text": ["A"], "date": column}), path)
    assert read_feedback(path).items[0].written_at == written_at


def test_parquet_values_that_python_has_no_value_for_reject_their_row_only(tmp_path: Path) -> None:
    path = tmp_path / "reviews.parquet"
    dates = pa.array([10**18, 1491004800_000000], pa.int64()).cast(pa.timestamp("us"))
    bad_text = pa.Array.from_buffers(pa.string(), 2, pa.array([b"A", b"\xff"]).buffers())
    pq.write_table(pa.table({"text": bad_text, "date": dates, "id": [1.0, 2.0]}), path)
    file = read_feedback(path)
    assert [(item.external_id, item.verbatim) for item in file.items] == [("2", "\ufffd")]
    assert [row.reason for row in file.rejected] == ["written_at_unreadable"]


def test_damaged_parquet_is_refused_or_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "reviews.parquet"
    pq.write_table(pa.table({"text": ["A", "B"], "date": ["2017-04-01"] * 2, "rating": [1.0, None]}), path)
    whole, chance = path.read_bytes(), random.Random(7)
    n_refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            assert is_accounted_for(read_feedback(path))
        except InputError:
            n_refused += 1
    assert n_refused > 50


# --- values ---


@pytest.mark.parametrize(
    ("cell", "rating"),
    [
        ("5.0", 5.0),
        ("4/5", 4.0),
        ("4 out of 5 stars", 4.0),
        ("3,5", 3.5),
        ("★★★★☆", 4.0),
        ("⭐⭐", 2.0),
        ("1 star", 1.0),
        ("-1", -1.0),
        (4, 4.0),
        (0, 0.0),
        ("good", None),
        (True, None),
        (float("inf"), None),
        (10**400, None),
        ("5 of cake", None),
        ("1.2.3", None),
    ],
)
def test_ratings_are_read_as_given(cell: object, rating: float | None) -> None:
    assert parse_rating(cell) == rating


@pytest.mark.parametrize(
    "cell", ["", "  ", "NaN", "None", "null", "Unknown", "n/a", "N/A", None, float("nan"), " " * 99]
)
def test_a_word_for_nothing_is_nothing(cell: object) -> None:
    assert is_missing(cell)


@pytest.mark.parametrize("cell", ["0", "no", "-", 0, 0.0, False, "none of it works"])
def test_a_small_answer_is_an_answer(cell: object) -> None:
    assert not is_missing(cell)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "12"),
        (3.5, "3.5"),
        (7, "7"),
        (True, "true"),
        ([1, "é"], '[1, "é"]'),
        (b"caf\xc3\xa9", "café"),
        (None, ""),
    ],
)
def test_cells_become_text(cell: object, text: str) -> None:
    assert as_text(cell) == text


def test_every_column_finds_its_place(tmp_path: Path) -> None:
    content = (
        "review_id,Channel,Created At,Title,Review Text,Stars,App Version,OS,Product,Link,User\n"
        "1,App Store,2017-04-01,None,Works,4/5,3.16,iOS,Maps,https://example.com,Jane\n"
        "2,unknown,2017-04-01,Hm,Works,many,nan,,,,A Google User\n"
    )
    file = read_feedback(write(tmp_path, content), default_source="export")
    first, second = file.items
    assert (first.source, first.title, first.text, first.rating) == ("App Store", "", "Works", 4.0)
    assert (first.app_version, first.platform, first.product) == ("3.16", "iOS", "Maps")
    assert (first.url, len(first.author_key)) == ("https://example.com", 16)
    assert (second.source, second.text, second.rating) == ("export", "Hm. Works", None)
    assert (second.app_version, second.author_key) == ("", "")
    assert "the rating of 1 row cannot be read and is left out" in file.notes


def test_a_version_written_as_a_number_keeps_its_point_and_is_noted(tmp_path: Path) -> None:
    file = read_feedback(write(tmp_path, '{"text": "A", "date": "2017-04-01", "version": 3.0}', "a.jsonl"))
    assert file.items[0].app_version == "3.0"
    assert any("in quotes" in note for note in file.notes)


def test_a_list_of_titles_is_read_as_texts(tmp_path: Path) -> None:
    file = read_feedback(write(tmp_path, "number,title,created_at\n1,Sync fails,2017-04-01\n"))
    assert [(item.verbatim, item.title) for item in file.items] == [("Sync fails", "")]
    assert any("'title' is read as the text" in note for note in file.notes)


def test_the_order_of_day_and_month_is_noted(tmp_path: Path) -> None:
    file = read_feedback(write(tmp_path, "text,date\nA,27/04/2017\nB,01/04/2017\n"))
    assert file.items[1].written_at == APRIL
    assert any("day/month because" in note for note in file.notes)


# --- files that cannot be used ---


@pytest.mark.parametrize(
    ("name", "content", "error", "words"),
    [
        pytest.param("a.csv", None, MissingFileError, "there is no such file", id="no file"),
        pytest.param("a.xlsx", b"PK\x03\x04", UnreadableFileError, "export it as one of .csv", id="another ending"),
        pytest.param("a.csv", b"", UnreadableFileError, "it is empty", id="an empty file"),
        pytest.param("a.csv", b"\xef\xbb\xbf \r\n\n", UnreadableFileError, "it is empty", id="a file of blanks"),
        pytest.param("a.csv", b"text,date\n", UnreadableFileError, "a header but no rows", id="a header alone"),
        pytest.param("a.csv", b"PK\x03\x04abc", UnreadableFileError, "an Excel workbook", id="a workbook named csv"),
        pytest.param("a.csv", b"PAR1abcPAR1", UnreadableFileError, "name it .parquet", id="Parquet named csv"),
        pytest.param("a.csv", b"\x1f\x8babc", UnreadableFileError, "end its name in .gz", id="gzip named csv"),
        pytest.param("a.csv", b'[{"text": 1}]', UnreadableFileError, "name it .jsonl", id="JSON named csv"),
        pytest.param("a.csv", b"<!DOCTYPE html><p>", UnreadableFileError, "a web page", id="a web page"),
        pytest.param("a.csv", b"text,date\nA\0,2017", UnreadableFileError, "NUL bytes", id="a NUL byte"),
        pytest.param(
            "a.csv", "text,date\nA,2017".encode("utf-16-le"), UnreadableFileError, "NUL", id="UTF-16, no mark"
        ),
        pytest.param("a.csv", b"\xff\xfea\x00\x00\xd8", UnreadableFileError, "not text", id="broken UTF-16"),
        pytest.param("a.csv", bytes(range(1, 32)) * 9, UnreadableFileError, "not text", id="control characters"),
        pytest.param("a.csv", b'"text,date\nA,B\n', UnreadableFileError, "never closed", id="a broken header"),
        pytest.param("a.jsonl", b"text,date\nA,2017\n", UnreadableFileError, "2 of its 2 lines", id="CSV named jsonl"),
        pytest.param(
            "a.json",
            b'{\n"reviews": [\n{}\n]\n}',
            UnreadableFileError,
            "one array of objects",
            id="one object",
        ),
        pytest.param("a.json", b"[]", UnreadableFileError, "an empty list", id="an empty array"),
        pytest.param("a.parquet", b"text,date\n", UnreadableFileError, "not a Parquet file", id="CSV named parquet"),
        pytest.param("a.parquet", b"PAR1PAR1", UnreadableFileError, "damaged", id="half a Parquet file"),
        pytest.param("a.csv.gz", b"text,date\nA,2017\n", UnreadableFileError, "gzip", id="CSV named gz"),
        pytest.param(
            "a.csv.gz",
            gzip.compress(b"text,date\nA,2017-04-01\n")[:-9],
            UnreadableFileError,
            "gzip",
            id="half a gz",
        ),
        pytest.param("a.csv", b"when,what\n1,2\n", MissingColumnError, "--column text=NAME", id="no text"),
        pytest.param("a.csv", b"text,what\n1,2\n", MissingColumnError, "--column written_at=NAME", id="no date column"),
        pytest.param("a.csv", b"text,date\nA,soon\n", NoUsableRowError, "--column written_at=NAME", id="no date"),
        pytest.param("a.csv", b"text,date\nA\nB,x\n", NoUsableRowError, "ragged_row 1", id="no usable row"),
    ],
)
def test_an_unusable_file_is_told_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, error: type[InputError], words: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error) as raised:
        read_feedback(path)
    message = str(raised.value)
    assert message.startswith(f"{name}: ")
    assert words in message
    assert "\n" not in message
    assert raised.value.exit_code == 1


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(MissingFileError, match="it is a folder"):
        read_feedback(tmp_path / "a.csv")


def test_a_file_without_a_header_is_refused_without_showing_its_text(tmp_path: Path) -> None:
    path = write(tmp_path, "My secret plans do not sync with the new phone,2017-04-01\nB,2017-04-02\n")
    with pytest.raises(MissingColumnError) as raised:
        read_feedback(path)
    assert "secret" not in str(raised.value)


def test_settings_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "text,date\nA,2017-04-01\n")
    with pytest.raises(SettingError, match="use one of text, written_at"):
        read_feedback(path, columns={"words": "text"})
    with pytest.raises(SettingError, match="Europe/Amsterdam"):
        read_feedback(path, timezone="Atlantis")
    with pytest.raises(MissingColumnError, match="it has text, date"):
        read_feedback(path, columns={"text": "words"})


@pytest.mark.parametrize("ending", [ending for ending in SOURCES if ending.endswith(".gz")])
def test_compressed_files_are_read(tmp_path: Path, ending: str) -> None:
    content = b"text\tdate\nA\t2017-04-01\n" if "sv" in ending else b'{"text": "A", "date": "2017-04-01"}\n'
    assert texts(read_feedback(write(tmp_path, gzip.compress(content), f"REVIEWS{ending.upper()}"))) == ["A"]


# --- anything at all ---

PIECES = [*'",;:{}[] \t\n\r\\\ufeff', "text", "date", "id", "A", "é", '""', '\\"', "\r\n", "null", "1e999"]
PIECES += ["2017-04-01", "27/04/2017", "1491004800", "text,date\n", "jane@example.com"]
PIECES += ['{"text": "A", "date": "2017-04-01"}']
fragments = st.lists(st.sampled_from(PIECES), max_size=40).map(lambda parts: "".join(parts).encode())


@given(
    content=st.binary() | fragments | fragments.map(lambda rest: b"text,date\nA,2017-04-01\n" + rest),
    ending=st.sampled_from([".csv", ".jsonl", ".json", ".csv.gz", ".parquet", ".tsv"]),
)
@example(content=b"text,date\nA,2017-04-01\n" + b'"\n' * 50, ending=".csv")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
def test_any_bytes_are_refused_in_one_line_or_accounted_for(tmp_path: Path, content: bytes, ending: str) -> None:
    path = write(tmp_path, content, "any" + ending)
    message = ""
    try:
        file = read_feedback(path)
    except InputError as error:
        message = str(error)
    else:
        assert is_accounted_for(file)
        assert read_feedback(path) == file
        assert len({(item.source, item.external_id) for item in file.items}) == len(file.items)
        for item in file.items:
            f"{item.verbatim}{item.title}{item.external_id}{item.app_version}".encode()
    assert "\n" not in message
    assert message.isprintable()
