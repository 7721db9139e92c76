"""What a report tells a meeting after an incident: what happened, what was done, what success looks like."""

from dataclasses import replace

import pandas as pd
import pytest

from feedback_triage.report import build_report
from feedback_triage.report.terminal import said
from tests.support.report_input import release_id
from tests.support.report_ledger import with_ledger


@pytest.fixture(scope="module")
def report():
    return build_report(with_ledger())


@pytest.fixture(scope="module")
def outage(report):
    return report.incidents[0]


def test_the_meeting_tells_what_happened_in_order_and_names_releases_only(report, outage):
    told = [said(phrase) for _, phrase in outage.meeting.happened]
    instants = [at for at, _ in outage.meeting.happened]
    assert instants == sorted(instants)
    assert told[0] == "web 5.21.1 was released (fix), the first suspect (93 %)."
    assert told[1] == "The first report was written."
    assert "It could be known: 8 reports had come." in told
    assert "web 5.21.1 was taken back." in told
    assert "web 5.21.2 was released (hotfix)." in told
    assert told[-1] == "Reports were back to what is usual."


def test_a_fix_after_which_reports_fell_and_soon_ended_is_what_was_done():
    done = build_report(_ended_by_the_hotfix()).incidents[0].meeting.done
    text = said(done[0])
    assert text.startswith("web 5.21.2 (hotfix, Fri 16 Oct 18:54) came ")
    assert "Reports fell from " in text


def test_a_fix_after_which_reports_went_on_as_before_is_not_said_to_have_ended_it(outage):
    """The example's reports come evenly until late at night, and the suspect was taken back in between."""
    assert [said(phrase) for phrase in outage.meeting.done] == ["web 5.21.1 was taken back on Fri 16 Oct 18:43."]


def test_without_a_fix_nothing_is_said_to_have_ended_it():
    source = with_ledger()
    releases = source.releases[source.releases["release_id"] == release_id("5.21.0")]
    done = build_report(replace(source, releases=releases)).incidents[0].meeting.done
    assert "nothing here tells what ended it" in said(done[0])


def test_success_is_told_in_lines_that_the_data_can_check(outage):
    checks = [(said(check.phrase), check.state) for check in outage.meeting.checks]
    assert checks[0][0].startswith("No item says “blank page” or “502” in the 7 days after it, until ")
    assert checks[0][1] == "open"
    assert ("chat is heard again, so that its silence hides no reports", "open") in checks


def test_a_phrase_that_comes_back_misses_the_line():
    source = with_ledger()
    items = source.items.copy()
    late = items["written_at"].idxmax()
    items.loc[late, "verbatim"] = "Again a  BLANK page!"
    check = build_report(replace(source, items=items)).incidents[0].meeting.checks[0]
    assert (check.state, check.so_far.startswith("1 came")) == ("missed", True)


def test_a_phrase_that_customers_always_said_is_no_line():
    source = with_ledger()
    always = source.incidents.assign(keyphrases=[("caption",)])
    checks = build_report(replace(source, incidents=always)).incidents[0].meeting.checks
    assert not any("No item says" in said(check.phrase) for check in checks)


def test_the_receipt_and_the_open_window_of_the_fix_are_lines_to_check():
    checks = build_report(_ended_by_the_hotfix()).incidents[0].meeting.checks
    told = {said(check.phrase): check.so_far for check in checks}
    receipt = told["The fix of “Blank page instead of videos” in web 5.21.2 holds"]
    assert receipt.startswith("not enough traffic yet; needs")
    window = "bring 90 to 160 items on web or without a platform (none of them from chat, now silent), as usual"
    assert told[f"The 7 days after web 5.21.2 {window}"].startswith("40 came in the first ")


def test_a_window_that_counts_everything_says_no_more_than_its_numbers():
    source = _ended_by_the_hotfix()
    alone = replace(source, items=source.items.assign(platform="web"), feeds=source.feeds.assign(status="alive"))
    told = [said(check.phrase) for check in build_report(alone).incidents[0].meeting.checks]
    assert "The 7 days after web 5.21.2 bring 90 to 160 items, as usual" in told


def test_a_fix_that_holds_is_met_by_its_numbers():
    source = _ended_by_the_hotfix()
    held = source.receipts.assign(status="held", needs_days=float("nan"), needs_users=float("nan"))
    checks = build_report(replace(source, receipts=held)).incidents[0].meeting.checks
    told = {said(check.phrase): (check.state, check.so_far) for check in checks}
    assert told["The fix of “Blank page instead of videos” in web 5.21.2 holds"] == (
        "met",
        "10 reports in 2.5 days since",
    )


def test_success_is_what_is_usual_and_not_what_another_burst_would_bring():
    source = _ended_by_the_hotfix()
    is_open = source.windows["status"] == "open"
    wide = source.windows.assign(upper=source.windows["upper"].where(~is_open, 900))
    told = [said(check.phrase) for check in build_report(replace(source, windows=wide)).incidents[0].meeting.checks]
    (window,) = (line for line in told if line.startswith("The 7 days after web 5.21.2"))
    assert "items and at least 90" in window
    assert "900" not in window


def _ended_by_the_hotfix():
    """The same outage, but almost all of its reports came before the hotfix; nothing was taken back."""
    source = with_ledger()
    own = source.items[source.items["theme_id"] == "t-outage"].sort_values("written_at")
    hotfix = pd.Timestamp(source.releases.set_index("release_id")["released_at"][release_id("5.21.2")])
    before, after = own[own["written_at"] < hotfix], own[own["written_at"] >= hotfix]
    kept = pd.concat([before, after.iloc[[0, -1]]])
    changed = source.incidents.assign(item_ids=[tuple(kept["item_id"])], observed_count=len(kept))
    releases = source.releases.assign(rolled_back_at=pd.NaT)
    return replace(source, incidents=changed, releases=releases)
