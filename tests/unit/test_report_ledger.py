"""The ledger of windows, fix receipts, release cards and push hours in the report."""

import csv
from dataclasses import replace
from io import StringIO

import pandas as pd
import pytest

from feedback_triage.report import build_report, render_html, render_summary, tables
from feedback_triage.report.html import window_length, window_word
from feedback_triage.report.ledger import lines_of
from feedback_triage.report.tables import to_csv
from feedback_triage.report.terminal import said
from tests.support.report_input import make_report_input, release_id
from tests.support.report_ledger import window, with_ledger

HEARD = ("heard", "cannot_tell", "heard")
OPEN = ("open", "cannot_tell", "open")
STALE = ("feed_stale", "cannot_tell", "stale")
BAD = ("quiet", "bad", "bad")
GOOD = ("quiet", "good", "good")
UNTOLD = ("quiet", "cannot_tell", "quiet")


@pytest.fixture(scope="module")
def report():
    return build_report(with_ledger())


@pytest.fixture(scope="module")
def page(report):
    return render_html(report)


def says(*words, subject="notes", version="5.17.1"):
    """What the line of windows of 24 h, 72 h and 7 days says."""
    rows = [
        window(version, subject, hours, (9.0, 4, 15, 5), word)
        for hours, word in zip((24, 72, 168), words, strict=False)
    ]
    source = replace(make_report_input(), windows=pd.DataFrame(rows))
    (row,) = (row for row in build_report(source).releases if row.release_id == release_id(version))
    (line,) = lines_of(row)
    return line.says, line.lead.hours


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param((BAD, BAD, HEARD), ("goes_on", 168), id="the longest window that has ended speaks"),
        pytest.param((HEARD, BAD, OPEN), ("bad", 72), id="an open window does not speak"),
        pytest.param((GOOD, GOOD, STALE), ("good", 72), id="a suspended window leaves the word to a shorter one"),
        pytest.param((STALE, STALE, STALE), ("feed_stale", 168), id="where all are suspended so is the line"),
        pytest.param((STALE, OPEN, OPEN), ("feed_stale", 24), id="suspended comes before open"),
        pytest.param((OPEN, OPEN, OPEN), ("open", 168), id="all open"),
        pytest.param((UNTOLD, UNTOLD, UNTOLD), ("quiet", 168), id="quiet of which nobody can tell"),
        pytest.param((GOOD,), ("good", 24), id="one window is enough"),
    ],
)
def test_which_window_of_a_line_speaks(words, expected):
    assert says(*words) == expected


def test_heard_as_usual_says_nothing_of_all_items():
    assert says(HEARD, HEARD, HEARD, subject="all") == ("heard", 168)


def test_every_line_is_told_or_counted_once(report):
    ledger = report.ledger
    assert [(line.name, line.subject) for line in ledger.bad] == [
        ("web 5.15.0", "source:chat"),
        ("web 5.14.0", "notes"),
    ]
    assert [line.name for line in ledger.good] == ["web 5.13.1"]
    assert [line.name for line in ledger.go_on] == ["web 5.17.1"]
    counted = {group.words: (group.n_heard, group.n_open, group.n_suspended, group.n_untold) for group in ledger.untold}
    assert counted == {"all items": (4, 0, 0, 0), "one channel": (1, 0, 0, 0)}
    assert ledger.n_windows == len(report.source.windows)


def test_a_silent_channel_is_an_alarm_of_the_ledger(report, page):
    alarm = report.ledger.alarm
    assert [feed.source for feed in alarm.feeds] == ["chat"]
    assert (alarm.n_windows, [line.name for line in alarm.lines]) == (2, ["web 5.19.0"])
    assert "Verdicts of 2 windows are suspended" in page


def test_while_every_channel_speaks_there_is_no_alarm():
    source = with_ledger()
    quiet = replace(source, feeds=source.feeds.assign(status="alive"), windows=source.windows.head(3))
    assert build_report(quiet).ledger.alarm is None
    assert "Channel silent" not in render_html(build_report(quiet))


def test_what_could_still_hide_is_told_where_it_is_known(page):
    assert "A fault that hits up to 3\u00a0% of the users could still hide" in page


def test_windows_of_hundreds_of_releases_do_not_fill_the_page():
    source = with_ledger()
    rows = [
        window(version, subject, hours, (16.0, 8, 26, 15), HEARD)
        for version in source.releases["version"]
        for subject in ("all", "notes", *(f"source:{name}" for name in ("chat", "social", "survey")))
        for hours in (24, 72, 168)
    ]
    ledger = build_report(replace(source, windows=pd.DataFrame(rows))).ledger
    assert len(ledger.bad) + len(ledger.good) + len(ledger.go_on) <= len(source.releases)
    assert sum(group.n for group in ledger.untold) >= 4 * len(source.releases)


@pytest.mark.parametrize(("hours", "words"), [(24, "24 h"), (72, "72 h"), (168, "7 d"), (336, "14 d"), (3, "3 h")])
def test_the_length_of_a_window_in_words(hours, words):
    assert window_length(hours) == words


def test_receipts_come_with_what_needs_a_look_first(report):
    assert [(row.theme_name, row.status) for row in report.fix_receipts] == [
        ("Line-up changes missing in the app", "failed"),
        ("Dead link in the Aurora theme", "moved"),
        ("Blank page instead of videos", "not_enough_traffic"),
        ("Caption files disappear", "held"),
    ]
    early, held = report.fix_receipts[2:]
    assert early.needs == "needs about 6 more days or 40 more active users"
    assert held.needs == ""
    assert report.fix_receipts[1].moved_to.text == "Line-up changes missing in the app"


def test_a_number_of_a_receipt_that_its_items_do_not_bear_out_gets_no_link(report):
    failed, _, _, held = report.fix_receipts
    assert failed.before.where is None
    assert held.before.where.theme == "t-captions"


def test_a_failed_fix_is_an_alarm_and_a_receipt_takes_the_place_of_a_window(report):
    told = {sentence.tone_word: said(sentence.phrase) for sentence in report.sentences}
    assert told["fix failed"] == (
        "The fix in web 5.17.1 has not stopped reports of “Line-up changes missing in the app”: "
        "26 reports in 18 days since, about 28 expected without it (18 to 41)."
    )
    assert "fix in doubt" not in told
    assert "Fixes: 1 failed, 1 moved, 1 not enough traffic yet, 1 held; failed: web 5.17.1" in render_summary(report)


def test_a_receipt_of_a_release_or_theme_that_is_not_known_is_dealt_with():
    source = with_ledger()
    odd = pd.concat([source.receipts, source.receipts.head(1).assign(theme_id="t-gone")], ignore_index=True)
    odd.loc[1, "release_id"] = "web/9.9"
    report = build_report(replace(source, receipts=odd))
    assert "t-gone" in {row.theme_name for row in report.fix_receipts}
    assert "web/9.9" not in {row.release_id for row in report.fix_receipts}
    assert render_html(report)


def test_a_card_tells_everything_of_its_release(report):
    card = report.cards[release_id("5.21.1")]
    assert [charge.suspect.share for charge in card.incidents] == ["93 %"]
    assert [turn.theme.text for turn in card.born] == ["Blank page instead of videos"]
    assert card.words[0] == "suspect of an incident (93 %)"
    assert [line.says for line in report.cards[release_id("5.14.0")].lines] == ["bad"]
    assert [row.status for row in report.cards[release_id("5.13.1")].receipts] == ["held"]
    themes = report.cards[release_id("5.12.0")].themes
    assert [(charge.subject.text, charge.suspect.share) for charge in themes] == [
        ("Line-up changes missing in the app", "71 %")
    ]


def test_a_channel_that_says_nothing_is_only_counted_on_the_card(report):
    card = report.cards[release_id("5.15.0")]
    assert [line.subject for line in card.lines] == ["source:chat"]
    assert card.n_lines_left_out == 1


def test_hotfix_rollback_and_roll_out_are_on_the_page(report, page):
    hotfix = next(row for row in report.releases if row.release_id == release_id("5.21.2"))
    assert hotfix.sort == "fix, hotfix"
    assert page.count("aken back") >= 2
    assert "Rolled out: 10\u00a0% from" in page


def test_a_theme_that_stops_goes_quiet_with_one_release_only():
    """A theme that came four times a day and stopped at a release: the ones after it did not do it again."""
    source = make_report_input()
    stop = pd.Timestamp(source.releases.set_index("release_id")["released_at"][release_id("5.15.0")])
    theme = source.items[source.items["theme_id"] == "t-captions"].head(1)
    rows = [
        theme.assign(
            item_id=f"survey:q-{n}",
            external_id=f"q-{n}",
            source="survey",
            written_at=stop - pd.Timedelta(hours=6 * n + 1),
        )
        for n in range(160)
    ]
    items = pd.concat([source.items[source.items["theme_id"] != "t-captions"], *rows], ignore_index=True)
    report = build_report(replace(source, items=items, mentions=source.mentions.head(0)))
    quiet = [
        key for key, card in report.cards.items() if "Caption files disappear" in {t.theme.text for t in card.quiet}
    ]
    assert quiet == [release_id("5.15.0")]


def test_items_of_an_incident_make_no_theme_grow(report):
    grown = [turn.theme.text for card in report.cards.values() for turn in card.grown]
    assert "Blank page instead of videos" not in grown
    without = build_report(make_report_input())
    assert "Blank page instead of videos" in [turn.theme.text for card in without.cards.values() for turn in card.grown]


def test_where_nothing_came_and_little_was_expected_the_window_was_not_heard():
    report = build_report(with_ledger())
    (row,) = (row for row in report.releases if row.release_id == release_id("5.14.0"))
    words = {(window.subject, window.hours): window_word(window) for window in row.windows}
    assert words["notes", 24] == "cannot tell"
    assert says(HEARD)[0] != "unheard"
    rows = [window("5.17.1", "notes", 24, (1.0, 0, 4, 0), HEARD)]
    ledger = build_report(replace(make_report_input(), windows=pd.DataFrame(rows))).ledger
    assert [(group.n_heard, group.n_untold) for group in ledger.untold] == [(0, 1)]


def test_push_hours_say_no_evidence_when_there_is_none(report, page):
    assert not report.push_hours.has_evidence
    assert [title for title, _ in report.push_hours.groups] == ["by weekday", "by part of the day"]
    assert [bucket.bucket for bucket in report.push_hours.groups[0][1]] == [
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
        "Sat",
        "Sun",
    ]
    assert "no evidence that the hour of a push matters: 20 releases, 1 incident" in page
    silent = replace(with_ledger(), push_hours_sentence="")
    assert build_report(silent).push_hours.sentence == "no evidence that the hour of a push matters"


def test_without_push_hours_nothing_is_said_of_them():
    report = build_report(make_report_input())
    assert report.push_hours is None
    assert "The hour of a push" not in render_html(report)


def test_the_tables_hold_incidents_suspects_receipts_and_hours(report):
    found = tables(report)
    written = {name: list(csv.DictReader(StringIO(to_csv(frame)))) for name, frame in found.items()}
    assert [row["hours"] for row in written["silence"][:3]] == ["24.0", "72.0", "168.0"]
    assert len(written["incidents"][0]["item_ids"].split("; ")) == 70
    assert [row["release_id"] for row in written["suspects"][:3]] == ["web/5.21.1", "", "web/5.21.0"]
    assert len(written["fix_receipts"]) == 4
    assert len(written["push_hours"]) == 11
    assert any("2026-10-12T12:00:00Z 0.1; " in row["rollout"] for row in written["releases"])


def test_optional_columns_may_be_missing():
    source = with_ledger()
    lean = replace(
        source,
        releases=source.releases.drop(columns=["rollout", "rolled_back_at", "is_hotfix"]),
        windows=source.windows.drop(columns=["could_hide_ratio"]),
    )
    report = build_report(lean)
    assert not any(row.is_hotfix or row.rollout or row.rolled_back_at for row in report.releases)
    assert render_html(report)
    assert tables(report)
