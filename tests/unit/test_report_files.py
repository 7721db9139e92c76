"""Tables, the terminal summary, and putting the files in place."""

import csv
import resource
import subprocess
import sys
from io import StringIO

import pandas as pd
import pytest

from feedback_triage.errors import OutputError
from feedback_triage.report import ReportPaths, build_report, render_summary, tables, write_report
from feedback_triage.report.tables import to_csv
from tests.support.report_input import HOSTILE, empty_report_input, make_report_input


@pytest.fixture(scope="module")
def report():
    return build_report(make_report_input())


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_the_tables_hold_every_row_that_was_given(report):
    found = tables(report)
    source = report.source
    assert len(found["items"]) == len(source.items)
    assert len(found["releases"]) == len(source.releases)
    assert len(found["themes"]) == len(source.themes)
    assert len(found["silence"]) == len(source.windows)
    assert found["days"]["n_items"].sum() == len(source.items)
    assert list(tables(source)) == list(found)


def test_a_number_of_the_page_can_be_counted_again_in_the_table(report):
    items = rows_of(to_csv(tables(report)["items"]))
    praise = next(tile for tile in report.tiles if tile.key == "praise")
    assert sum(row["label"] == "praise" and row["is_in_period"] == "True" for row in items) == praise.count.n
    assert sum(row["queue"] == "review" for row in items) == report.review.waiting.n


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "\n=1", "\uff1d1", HOSTILE[3]],
    ids=["equals", "plus", "minus", "at", "tab", "spaces", "return", "line feed", "full width", "hyperlink"],
)
def test_a_text_that_a_spreadsheet_would_run_starts_with_an_apostrophe(text):
    written = rows_of(to_csv(pd.DataFrame({"verbatim": [text]})))[0]["verbatim"]
    assert written == f"'{text}".replace("\r", "\n")


def test_numbers_and_harmless_texts_are_left_as_they_are():
    frame = pd.DataFrame({"a": [-1.5], "b": ["5 - 3 = 2"], "c": [None], "d": ["'quoted'"]})
    assert to_csv(frame) == "a,b,c,d\n-1.5,5 - 3 = 2,,'quoted'\n"


def test_instants_are_written_in_utc_to_the_second_unless_there_is_more():
    column = pd.to_datetime(pd.Series(["2026-10-19T08:00:00+02:00", None]), utc=True)
    assert to_csv(pd.DataFrame({"at": column})) == 'at\n2026-10-19T06:00:00Z\n""\n'
    assert "2026-10-19T06:00:00.250000Z" in to_csv(pd.DataFrame({"at": column + pd.Timedelta("250ms")}))


def test_the_summary_fits_a_terminal(report):
    lines = render_summary(report).splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 96
    assert lines[0].startswith("Vidlane: Mon 12 Oct to Sun 18 Oct, as of Mon 19 Oct 06:00 UTC")
    assert any(line.startswith("- spike: web 5.21.1") for line in lines)
    assert "640 rows read" not in lines[0]
    assert lines[-1].endswith("rejected.")


def test_many_labels_make_the_summary_briefer_instead_of_cutting_its_end():
    source = make_report_input()
    labels = [f"label_{n % 14}" for n in range(len(source.items))]
    report = build_report(
        empty_report_input(
            items=source.items.assign(label=labels, abstained=False),
            releases=source.releases,
            themes=source.themes,
            reigns=source.reigns,
            accounting=source.accounting,
        )
    )
    lines = render_summary(report).splitlines()
    assert len(lines) <= 40
    assert lines[-1].endswith("rejected.")


def test_names_cannot_send_commands_to_the_terminal():
    source = make_report_input()
    themes = source.themes.assign(name="\x1b[2J\u202eevil " + source.themes["name"])
    report = build_report(empty_report_input(items=source.items, themes=themes))
    summary = render_summary(report)
    assert "evil" in summary
    assert not any(ord(character) < 32 and character != "\n" for character in summary)
    assert "\u202e" not in summary


def test_the_report_lies_where_the_paths_say(report, tmp_path):
    paths = write_report(report, tmp_path / "new" / "report")
    assert isinstance(paths, ReportPaths)
    assert paths.html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert set(paths.tables) == set(tables(report))
    written = sorted(path.name for path in paths.html.parent.iterdir())
    assert written == sorted(["report.html", *(f"{name}.csv" for name in paths.tables)])


def test_writing_again_gives_the_same_bytes(report, tmp_path):
    contents = []
    for _ in range(2):
        write_report(report, tmp_path)
        contents.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert contents[0] == contents[1]


def test_a_file_that_cannot_be_replaced_leaves_the_earlier_report_whole(report, tmp_path):
    """One table's name is taken by a folder: the files already moved go back."""
    write_report(build_report(empty_report_input()), tmp_path)
    (tmp_path / "rejected.csv").unlink()
    (tmp_path / "rejected.csv").mkdir()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(OutputError, match="choose another folder"):
        write_report(report, tmp_path)
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert after == before


def test_a_folder_that_is_a_file_is_told_in_one_line(report, tmp_path):
    (tmp_path / "taken").write_text("x")
    with pytest.raises(OutputError) as caught:
        write_report(report, tmp_path / "taken")
    assert "\n" not in str(caught.value)


def test_a_full_disk_leaves_the_earlier_report_whole(tmp_path):
    """A limit on the size of files, in a process of its own, fails a write as a full disk does."""
    write_report(build_report(empty_report_input()), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code = f"""
import resource, signal
from pathlib import Path
from feedback_triage.errors import OutputError
from feedback_triage.report import build_report, write_report
from tests.support.report_input import make_report_input
report = build_report(make_report_input())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, {resource.RLIM_INFINITY}))
try:
    write_report(report, Path({str(tmp_path)!r}))
except OutputError as error:
    print("told:", error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("told: cannot write the report to ")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
