"""What a reader of the page must not stumble over: like beside like, and what is counted said where it stands."""

import re
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from feedback_triage.report import build_report, render_html, render_summary
from feedback_triage.report.charts import timeline_chart
from feedback_triage.report.fix_receipts import shared_clauses
from tests.support.report_input import make_report_input, release_id
from tests.support.report_ledger import with_ledger


@pytest.fixture(scope="module")
def page():
    return render_html(build_report(with_ledger()))


@pytest.mark.parametrize(
    ("also_in", "words"),
    [
        pytest.param(("label:praise",), "the label praise.", id="one label"),
        pytest.param(
            ("theme:t-speed", "label:broken_link", "theme:t-captions", "label:praise"),
            "the labels broken link and praise; the themes “Uploads are faster” and “Caption files disappear”.",
            id="labels come before themes",
        ),
        pytest.param(
            tuple(f"theme:{name}" for name in ("t-speed", "t-captions", "t-chapters", "t-aurora", "t-outage")),
            "the themes “Uploads are faster”, “Caption files disappear”, “Watch-through by chapter” and 2 more.",
            id="no more than three are named",
        ),
        pytest.param(("all", "source:chat"), "all items; channel chat.", id="all items and a channel"),
    ],
)
def test_where_it_rose_also(also_in, words):
    source = with_ledger()
    also = source.incidents.assign(also_in=[also_in])
    text = re.sub(r"<[^>]+>", "", render_html(build_report(replace(source, incidents=also))))
    assert f"It rose also in {words}" in text


def test_a_theme_of_which_much_came_before_has_a_suspect_of_its_growth_only():
    source = with_ledger()
    report = build_report(source)
    known = report.suspects["theme", "t-lineup"][0]
    assert known.before is None
    late = source.suspects.assign(
        release_id=[
            release_id("5.21.0") if key == release_id("5.12.0") else key for key in source.suspects["release_id"]
        ]
    )
    report = build_report(replace(source, suspects=late))
    first = report.suspects["theme", "t-lineup"][0]
    items = report.items[report.items["theme_id"] == "t-lineup"]
    assert first.before.n == (items["written_at"] < first.released_at).sum() > 0.2 * len(items)
    text = re.sub(r"<[^>]+>", "", render_html(report))
    assert "First suspect of its growth since Wed 14 Oct" in text
    assert f"{first.before.n} of its {len(items)} items came before" in text
    assert "first suspect for the growth of Line-up changes missing in the app: 71 %" in text


@pytest.mark.parametrize("days_earlier", [0, 20, 40, 60])
@pytest.mark.parametrize("letters", [8, 25, 60])
def test_a_note_of_the_narrow_chart_is_inside_it_with_its_numbers(days_earlier, letters):
    source = with_ledger()
    moved = source.incidents.assign(scope="theme:t-chapters")
    for column in ("started_at", "raised_at", "last_at", "ended_at"):
        moved[column] -= timedelta(days=days_earlier)
    themes = source.themes.assign(name=("chapters " * 8)[:letters].strip())
    report = build_report(replace(source, incidents=moved, themes=themes))
    chart = timeline_chart(report, width=360, plot=150, name="narrow")
    (x, sort, text), *_ = [
        found
        for found in re.findall(r'<text x="([\d.]+)" y="[\d.]+" class="(note(?: end)?)">([^<]+)<', chart)
        if "chapters" in found[2]
    ]
    width = 6.65 * len(text)  # as Chromium draws it, on the generous side
    start = float(x) - width if sort == "note end" else float(x)
    assert 0 <= start < start + width <= 360
    assert text.endswith(": 70 items, about 1.8 expected")


def test_what_all_receipts_say_is_said_once_under_the_table():
    source = with_ledger()
    note = 'the source "chat" counts only until it fell silent'
    reasons = [f"{n} reports came; {note}" for n in range(len(source.receipts))]
    page = render_html(build_report(replace(source, receipts=source.receipts.assign(reason=reasons))))
    section = page.partition('id="fixes"')[2].partition("</section>")[0]
    assert section.count("fell silent") == 1
    assert "For all of these: <bdi>the source “chat” counts only until it fell silent</bdi>." in section
    assert all(f"<bdi>{n} reports came</bdi>" in section for n in range(len(reasons)))


def test_a_note_of_some_receipts_stays_with_them():
    source = with_ledger()
    reasons = [f"{n} reports came{'; chat fell silent' if n else ''}" for n in range(len(source.receipts))]
    report = build_report(replace(source, receipts=source.receipts.assign(reason=reasons)))
    assert shared_clauses(report.fix_receipts) == ()
    assert shared_clauses(report.fix_receipts[:1]) == ()
    assert "For all of these" not in render_html(report)


def test_the_page_says_which_items_a_receipt_counts(page):
    assert page.count("that are neither praise nor silence") == 1


def test_a_theme_grows_with_its_likely_first_suspect_or_with_none():
    """The outage's theme grows again and again; without incidents the turns of several releases say so."""
    source = with_ledger()
    name = "Blank page instead of videos"

    def grown_with(*rows):
        columns = list(source.suspects.columns)
        frame = pd.DataFrame([("theme", "t-outage", *row, "") for row in rows], columns=columns)
        alone = replace(make_report_input(), suspects=frame.astype({"release_id": object}))
        cards = build_report(alone).cards.items()
        return {key for key, card in cards if name in {turn.theme.text for turn in card.grown}}

    anyone = {
        key
        for key, card in build_report(make_report_input()).cards.items()
        if name in {t.theme.text for t in card.grown}
    }
    assert anyone
    some = min(anyone)
    assert grown_with((some, 0.9), (None, 0.1)) == {some}
    assert grown_with((some, 0.5), (None, 0.4)) == set()
    assert grown_with((release_id("5.12.0"), 0.9), (None, 0.1)) == set()
    assert grown_with((None, 0.9), (some, 0.1)) == set()


def test_push_hours_say_which_incidents_count(page):
    assert "An incident counts as far as a release is suspected of it." in page
    source = with_ledger()
    items = source.items.copy()
    items.loc[items["theme_id"] == "t-outage", "label"] = "praise"
    loved = render_html(build_report(replace(source, items=items)))
    assert "is suspected of it; 1 burst of praise is left out." in loved


def test_what_is_left_out_of_a_release_on_one_platform_is_said_where_it_is_counted(page):
    for part in ('id="releases"', 'id="quiet"'):
        section = page.partition(part)[2].partition("</section>")[0]
        assert section.count("items of other platforms are left out") == 1
    source = with_ledger()
    one = render_html(build_report(replace(source, releases=source.releases.assign(platform="web"))))
    assert "items of other platforms are left out" not in one


def test_what_is_expected_stands_beside_what_came_in_the_same_time():
    """The items linked to an app's release come over a longer time, in which others are the newest of all."""
    source = with_ledger()
    app = source.reigns["release_id"] == release_id("3.36")
    own = source.items[source.items["release_id"] == release_id("3.36")].sort_values("written_at")["written_at"]
    reigns = source.reigns.copy()
    reigns.loc[app, "end_at"] = own.iloc[4]
    reigns.loc[app, "observed_count"] = 4
    reigns.loc[app, "hours"] = 22.0
    report = build_report(replace(source, reigns=reigns))
    summary, page = render_summary(report), re.sub(r"<[^>]+>", "", render_html(report))
    assert "ios 3.36, Mon 12 Oct 12:00: 4 items in 22 h, 0 to 12 expected; 14 as the newest on ios: " in summary
    assert "web 5.21.1, Fri 16 Oct 15:40: 25 items in 3 h 15 min, 0 to 4 expected: no label 25" in summary
    assert re.search(r"4 in 22 h, 0 to 12 expected\s+14 as the newest on ios", page)
    assert "as the newest on web" not in page


@pytest.mark.parametrize(
    ("n", "words"),
    [(1, "1 is in a language that is not judged: 1 German."), (3, "3 are in languages that are not judged: 3 German.")],
)
def test_one_item_in_another_language_is_one(n, words):
    source = make_report_input()
    items = source.items.assign(language="en")
    chosen = items.index[:n]
    items.loc[chosen, "language"] = "de"
    items.loc[chosen, "label"] = None
    items.loc[chosen, "abstained"] = True
    assert words in render_summary(build_report(replace(source, items=items, languages=("en",))))
