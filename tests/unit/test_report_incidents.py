"""Incidents in the report: what is told of them, once, and what a meeting needs."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pandas as pd
import pytest

from feedback_triage.report import build_report, render_html, render_summary
from feedback_triage.report.filters import ItemFilter
from feedback_triage.report.suspects import in_words, percent
from feedback_triage.report.terminal import said
from tests.support.report_input import END, HOSTILE, empty_report_input, make_report_input
from tests.support.report_ledger import OUTAGE, incident, incidents, suspects, with_ledger


@pytest.fixture(scope="module")
def report():
    return build_report(with_ledger())


@pytest.fixture(scope="module")
def outage(report):
    return report.incidents[0]


def test_the_week_begins_with_the_incident_and_its_first_suspect(report):
    first = report.sentences[0]
    assert (first.tone, first.tone_word) == ("alarm", "incident")
    text = said(first.phrase)
    assert text.startswith("Fri 16 Oct 15:46: 70 items in 7 h, about 1.8 expected. First suspect: ")
    assert "Raised after 8 reports (26 min), over Sat 17 Oct 01:39." in text
    assert "First suspect: web 5.21.1 (fix, Fri 16 Oct 15:40), 93 %." in text
    assert "“blank page”, “502”" in text


def test_what_an_incident_tells_is_not_told_again_as_a_spike_or_a_new_theme(report):
    """Without the incident both are told: see test_report_build."""
    rest = " ".join(said(sentence.phrase) for sentence in report.sentences[1:])
    assert "spike" not in {sentence.tone_word for sentence in report.sentences}
    assert "Blank page instead of videos" not in rest
    assert "more than the usual 39 to 72; 70 of them belong to the incident." in rest


def test_a_spike_that_no_incident_explains_is_still_told():
    source = with_ledger()
    few = source.incidents.assign(item_ids=[source.incidents["item_ids"].iloc[0][:3]], observed_count=3)
    told = [sentence.tone_word for sentence in build_report(replace(source, incidents=few)).sentences]
    assert told[0] == "incident"
    assert "spike" in told


def test_an_incident_that_goes_on_says_so(report):
    going = build_report(with_ledger(is_open=True))
    assert going.sentences[0].tone_word == "incident, going on"
    assert "and it goes on." in said(going.sentences[0].phrase)
    assert going.incidents[0].is_open
    assert not report.incidents[0].is_open
    assert "going on" in render_html(going)


def test_an_incident_of_praise_is_no_alarm():
    source = with_ledger()
    items = source.items.copy()
    items.loc[items["theme_id"] == "t-outage", "label"] = "praise"
    report = build_report(replace(source, items=items))
    assert (report.sentences[0].tone, report.sentences[0].tone_word) == ("good", "loud with praise")
    assert report.incidents[0].meeting is None
    assert "the burst of praise of" in render_html(report)


def test_every_number_of_an_incident_opens_its_own_items(report, outage):
    ids = set(report.source.incidents["item_ids"].iloc[0])
    assert set(report.items[outage.items.where.mask(report.items)]["item_id"]) == ids
    for parts in (outage.mix, outage.sources, [(name, count) for name, _, count in outage.themes]):
        assert sum(count.n for _, count in parts) == len(ids)
    assert sum(count.n for count in outage.burst.own) == len(ids)


def test_its_quotes_are_of_its_own_items_and_say_its_words(report, outage):
    ids = set(report.source.incidents["item_ids"].iloc[0])
    assert len(outage.quotes) == 2
    assert {quote.item_id for quote in outage.quotes} <= ids
    assert len({quote.text for quote in outage.quotes}) == 2
    assert any("Blank page" in quote.text for quote in outage.quotes)


def test_suspects_are_told_likeliest_first_with_none_of_them_among_them(outage):
    assert [(row.release.text if row.release else None, row.share) for row in outage.suspects] == [
        ("web 5.21.1", "93 %"),
        (None, "4 %"),
        ("web 5.21.0", "3 %"),
    ]
    assert [row.is_first for row in outage.suspects] == [True, False, False]


def test_a_release_that_is_not_known_is_never_a_suspect():
    source = with_ledger()
    odd = source.suspects.assign(release_id=["web/9.9", *source.suspects["release_id"].iloc[1:]])
    first = build_report(replace(source, suspects=odd)).incidents[0].suspects[0]
    assert first.release is None
    assert "Likeliest: none of the releases (4 %)." in render_summary(
        build_report(replace(source, suspects=odd))
    ).replace("\n  ", " ")


def test_many_unlikely_suspects_are_left_out_but_none_of_them_stays():
    source = with_ledger()
    rows = [("incident", OUTAGE, key, 0.09, "") for key in source.releases["release_id"].iloc[:10]]
    rows.append(("incident", OUTAGE, None, 0.1, ""))
    frame = pd.DataFrame(rows, columns=list(suspects(OUTAGE).columns)).astype({"release_id": object})
    found = build_report(replace(source, suspects=frame)).incidents[0].suspects
    assert found[0].release is None
    assert len(found) == 5


@pytest.mark.parametrize(
    ("probability", "share", "words"),
    [
        (1.0, "100 %", "almost surely"),
        (0.9991, "over 99 %", "almost surely"),
        (0.93, "93 %", "almost surely"),
        (0.7, "70 %", "likely"),
        (0.4, "40 %", "perhaps"),
        (0.2, "20 %", "less likely"),
        (0.004, "under 1 %", "unlikely"),
        (0.0, "0 %", "unlikely"),
    ],
)
def test_a_probability_is_told_as_a_number_and_in_words(probability, share, words):
    assert (percent(probability), in_words(probability)) == (share, words)


def test_sixty_incidents_make_five_cards_and_rows():
    source = with_ledger()
    rows = [incident(source.items, incident_id=f"i-{n}") for n in range(20)]
    old = source.items[source.items["theme_id"] == "t-captions"].sort_values("written_at")
    rows += [
        incident(
            source.items,
            incident_id=f"o-{n}",
            started_at=old["written_at"].iloc[n % 10],
            raised_at=old["written_at"].iloc[n % 10 + 1],
            last_at=old["written_at"].iloc[n % 10 + 3],
            ended_at=old["written_at"].iloc[n % 10 + 4],
            item_ids=tuple(old["item_id"].iloc[n % 10 : n % 10 + 4]),
            observed_count=4,
        )
        for n in range(40)
    ]
    report = build_report(replace(source, incidents=incidents(rows)))
    assert sum(row.is_full for row in report.incidents) == 5
    page = render_html(report)
    assert "55 other incidents" in page
    assert len(render_summary(report).splitlines()) <= 40
    assert len(report.sentences) == 6


def test_without_incidents_the_page_says_so():
    page = render_html(build_report(make_report_input()))
    assert "No incident was raised: at no time did far more come than is usual." in page


def test_an_old_incident_is_a_row_and_no_news():
    source = with_ledger()
    early = _two_weeks_earlier(source)
    report = build_report(early)
    assert not report.incidents[0].is_full
    assert "incident" not in {sentence.tone_word for sentence in report.sentences}
    assert "1 earlier incident" in render_html(report)


def test_hostile_names_and_reasons_stay_text():
    source = with_ledger()
    bad = HOSTILE[0]
    report = build_report(
        replace(
            source,
            incidents=source.incidents.assign(reason=bad, scope=f"theme:{bad}", keyphrases=[(bad, "\u202eback")]),
            suspects=source.suspects.assign(reason=bad),
            receipts=source.receipts.assign(reason=bad, settled_by=bad),
            push_hours=source.push_hours.assign(bucket=bad),
            push_hours_sentence=bad,
            themes=source.themes.assign(name=bad),
            windows=source.windows.assign(reason=bad, subject=f"source:{bad}"),
        )
    )
    page = render_html(report)
    assert "<img" not in page
    assert page.count("<script") == 2
    assert "\u202e" not in render_summary(report)


def test_the_order_of_the_rows_changes_no_byte():
    source = with_ledger()
    more = incidents([incident(source.items, incident_id=f"i-{n}") for n in range(4)])
    source = replace(source, incidents=pd.concat([source.incidents, more], ignore_index=True))
    names = ("incidents", "suspects", "receipts", "push_hours", "windows", "releases", "items")
    shuffled = {name: getattr(source, name).sample(frac=1.0, random_state=5) for name in names}
    assert render_html(build_report(replace(source, **shuffled))) == render_html(build_report(source))


def test_an_incident_without_any_known_item_is_still_told():
    source = with_ledger()
    bare = empty_report_input(incidents=source.incidents, suspects=source.suspects)
    report = build_report(bare)
    assert report.incidents[0].items.n == 0
    assert report.incidents[0].observed.where is None
    assert render_html(report)


def _two_weeks_earlier(source):
    """The same input, reported for a week that ended before the incident, though it was made later."""
    period = source.period
    return replace(
        source, period=replace(period, start=period.start - timedelta(days=14), end=period.end - timedelta(days=14))
    )


def test_items_of_an_incident_can_be_found_by_its_filter():
    report = build_report(with_ledger())
    found = report.items[ItemFilter(incident=OUTAGE).mask(report.items)]
    assert set(found["theme_id"]) == {"t-outage"}
    assert found["written_at"].max() < END


def test_bars_are_equally_long_when_the_clock_is_put_back():
    source = with_ledger()
    night = pd.Timestamp("2026-10-25T00:30:00Z")
    shift = night - source.incidents["started_at"].iloc[0]
    items = source.items.assign(written_at=source.items["written_at"] + shift)
    moved = source.incidents.copy()
    for column in ("started_at", "raised_at", "last_at", "ended_at"):
        moved[column] += shift
    period = replace(source.period, start=source.period.start + shift, end=source.period.end + shift)
    berlin = replace(
        source,
        items=items,
        incidents=moved,
        period=period,
        as_of=source.as_of + shift.to_pytimedelta(),
        timezone="Europe/Berlin",
    )
    burst = build_report(berlin).incidents[0].burst
    lengths = {end - start for start, end in pairwise(burst.edges)}
    assert len(lengths) == 1
    assert sum(count.n for count in burst.own) == 70
