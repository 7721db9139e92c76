"""What a report says in each situation."""

from datetime import timedelta

import pandas as pd
import pytest

from feedback_triage.report import ReportPeriod, build_report, render_html, render_summary
from feedback_triage.report.terminal import said
from tests.support.report_input import END, empty_report_input, make_report_input


@pytest.fixture(scope="module")
def report():
    return build_report(make_report_input())


def told(report) -> dict[str, str]:
    return {sentence.tone_word: said(sentence.phrase) for sentence in report.sentences}


def test_the_week_begins_with_the_release_that_the_spike_followed(report):
    first = report.sentences[0]
    assert (first.tone, first.tone_word) == ("alarm", "spike")
    text = said(first.phrase)
    assert text.startswith("web 5.21.1 (fix, Fri 16 Oct 15:40) was followed by ")
    assert "in the 3 h 15 min it was the newest release" in text
    assert "“Blank page instead of videos”" in text


def test_the_hotfix_after_a_spike_shares_its_sentence(report):
    spikes = [sentence for sentence in report.sentences if sentence.tone_word == "spike"]
    assert len(spikes) == 1
    assert "such came while web 5.21.2 was the newest" in said(spikes[0].phrase)


def test_a_silent_channel_is_told_and_not_taken_for_good_news(report):
    text = told(report)["channel silent"]
    assert text.startswith("chat has sent nothing since Tue 6 Oct")
    assert "not taken for good news" in text


def test_what_was_loved_is_told_with_the_release_that_brought_it(report):
    text = told(report)["loved"]
    assert text.startswith("Customers praise “Watch-through by chapter”")
    assert text.endswith("on what web 5.15.0 brought.")


def test_fixes_are_told_by_whether_they_hold(report):
    assert told(report)["fix holds"].startswith("The fix in web 5.19.0 holds so far: 0 items about its notes")
    assert told(report)["fix in doubt"].startswith("Reports go on after the fix in web 5.17.1")


def test_a_feature_nobody_mentioned_is_bad_quiet(report):
    assert told(report)["bad quiet"].startswith("ios 3.36 went quiet: 0 items about its notes in 5 days")
    assert [window.name for window in report.ledger.bad] == ["ios 3.36", "web 5.14.0"]


def test_at_most_six_sentences_and_the_others_are_counted(report):
    assert len(report.sentences) <= 6
    source = make_report_input()
    many = pd.concat([source.feeds.assign(source=f"feed {n}", status="stale") for n in range(3)])
    crowded = build_report(
        empty_report_input(items=source.items, releases=source.releases, reigns=source.reigns, feeds=many)
    )
    assert len(crowded.sentences) == 6
    assert crowded.n_more_sentences > 5


def test_every_window_is_in_the_ledger_once(report):
    ledger = report.ledger
    n_told = len(ledger.bad) + len(ledger.good) + len(ledger.go_on)
    assert n_told + sum(group.n for group in ledger.untold) == ledger.n_lines
    assert ledger.n_windows == len(report.source.windows)


def test_releases_come_newest_first_and_those_of_the_period_are_always_open(report):
    instants = [row.released_at for row in report.releases]
    assert instants == sorted(instants, reverse=True)
    assert {row.name for row in report.releases if row.is_in_period} == {
        *("ios 3.36", "web 5.21.0", "web 5.21.1", "web 5.21.2"),
    }
    assert all(row.has_news for row in report.releases if row.is_in_period)
    assert not all(row.has_news for row in report.releases)


def test_quotes_are_the_customers_own_words(report):
    texts = report.items.set_index("item_id")["verbatim"]
    quotes = [quote for card in report.themes for quote in card.quotes]
    quotes += [row.quote for row in report.review.rows]
    assert len(quotes) > 20
    for quote in quotes:
        line = " ".join(texts[quote.item_id].split())
        assert quote.text == line or (quote.text.endswith("…") and line.startswith(quote.text[:-1]))


def test_an_exemplar_of_another_theme_is_never_quoted():
    source = make_report_input()
    elsewhere = source.items[source.items["theme_id"] == "t-speed"]["item_id"].iloc[0]
    themes = source.themes.assign(exemplar_item_ids=[("chat:unknown", elsewhere)] * len(source.themes))
    report = build_report(empty_report_input(items=source.items, themes=themes))
    quoted = {card.theme_id for card in report.themes if card.quotes}
    assert quoted <= {"t-speed"}


def test_the_review_queue_shows_the_least_certain_first_and_each_text_once(report):
    rows = report.review.rows
    current = [row for row in rows if row.quote.written_at >= report.period.start]
    surest = [max(row.probability, row.probability_none) for row in current]
    assert surest == sorted(surest)
    assert len(rows) == 20
    assert len({row.quote.text.lower() for row in rows}) == len(rows)
    assert all(row.probability_none < 0.7 for row in rows)


def test_labels_of_a_team_are_shown_after_the_usual_ones():
    source = make_report_input(n_background=0)
    items = source.items.assign(label=source.items["label"].replace("praise", "late_invoice"))
    report = build_report(empty_report_input(items=items))
    assert report.labels == ("praise", "broken_link", "sync_bug", "silence", "late_invoice")
    assert report.titles["late_invoice"] == "late invoice"
    assert "late invoice" in render_html(report)


def test_the_order_of_the_rows_does_not_matter(report):
    source = make_report_input()
    shuffled = {
        name: getattr(source, name).sample(frac=1.0, random_state=3)
        for name in (
            "items",
            "releases",
            "themes",
            "windows",
            "reigns",
            "feeds",
            "accounting",
            "rejected",
            "mentions",
        )
    }
    other = empty_report_input(as_of=source.as_of, theme_events=source.theme_events, **shuffled)
    assert render_html(build_report(other)) == render_html(report)


def test_with_nothing_read_the_report_says_so():
    report = build_report(empty_report_input())
    assert [said(sentence.phrase) for sentence in report.sentences] == [
        "No item came this week; there is no earlier time to compare with."
    ]
    html = render_html(report)
    for words in (
        "No release is known",
        "There are no themes yet",
        "No file has been read",
        "Nothing waits.",
    ):
        assert words in html
    assert "No item came this week" in render_summary(report)


@pytest.mark.parametrize("frame", ["items", "releases", "themes"])
def test_any_frame_may_be_empty(frame):
    source = make_report_input()
    frames = {
        name: getattr(source, name)
        for name in ("items", "releases", "themes", "windows", "reigns", "feeds", "mentions")
        if name != frame
    }
    report = build_report(empty_report_input(**frames))
    assert render_html(report)
    assert render_summary(report)


def test_one_item_is_enough_for_a_page():
    source = make_report_input()
    one = source.items.sort_values("written_at").tail(1)
    report = build_report(empty_report_input(items=one, releases=source.releases))
    assert (report.n_items.n, report.tiles[0].count.n) == (1, 1)
    assert "1 item came this week; there is no earlier time to compare with." in render_summary(report)


def test_a_quiet_week_is_told_against_what_is_usual():
    source = make_report_input()
    early = source.items[source.items["written_at"] < END - timedelta(days=7)]
    report = build_report(empty_report_input(items=early))
    assert said(report.sentences[-1].phrase).startswith("No item came this week, fewer than the usual ")


@pytest.mark.parametrize(("days", "unit"), [(84, "day"), (400, "week"), (2000, "month")])
def test_a_longer_span_is_drawn_in_longer_bars(days, unit):
    source = make_report_input(n_background=0)
    items = source.items.copy()
    items.loc[items.index[0], "written_at"] = pd.Timestamp(END - timedelta(days=days))
    timeline = build_report(empty_report_input(items=items)).timeline
    assert timeline.unit == unit
    assert sum(one.total.n for one in timeline.bins) + timeline.n_earlier == len(items)
    assert len(timeline.bins) <= 160


def test_days_follow_the_zone_of_the_reader_across_the_end_of_summer_time():
    source = make_report_input()
    period = ReportPeriod(END + timedelta(days=3), END + timedelta(days=10))
    report = build_report(
        empty_report_input(items=source.items, period=period, timezone="Europe/Berlin", as_of=period.end)
    )
    lengths = {(one.end.timestamp() - one.start.timestamp()) / 3600 for one in report.timeline.bins}
    assert lengths == {24, 25}
    assert all((one.start.hour, one.start.minute) == (0, 0) for one in report.timeline.bins)


def test_markers_are_thinned_and_the_page_says_how_many_are_left_out():
    source = make_report_input()
    extra = [
        source.releases.tail(1).assign(
            release_id=f"web/9.{n}", version=f"9.{n}", released_at=pd.Timestamp(END - timedelta(days=n / 3))
        )
        for n in range(120)
    ]
    report = build_report(empty_report_input(items=source.items, releases=pd.concat([source.releases, *extra])))
    assert len(report.timeline.markers) == 80
    assert report.timeline.n_markers_left_out == 59
    assert "59 more releases are in the table" in render_html(report)


def test_items_that_no_classifier_has_judged_are_told_apart_from_those_that_wait():
    source = make_report_input()
    nan = float("nan")
    items = source.items.assign(label=None, abstained=False, probability=nan, probability_none=nan)
    report = build_report(empty_report_input(items=items))
    assert report.review.waiting.n == 0
    assert report.accounting.not_judged.n == len(items)
    assert "have not been judged by a classifier yet" in render_html(report)


def test_a_release_before_which_nothing_could_be_foreseen_has_counts_but_no_expectation(report):
    first = report.releases[-1]
    assert (first.name, first.reign) == ("web 5.5.0", None)
    assert first.total.n > 0


def test_a_page_without_a_product_name_has_a_title_all_the_same():
    report = build_report(empty_report_input(product_name=""))
    assert "<title>feedback, 12 Oct 2026 to 18 Oct 2026</title>" in render_html(report)
    assert render_summary(report).startswith("Mon 12 Oct to Sun 18 Oct")
