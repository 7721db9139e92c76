"""Every number can be traced: each count equals what a slow, obvious second reading of the input finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback_triage.report import ReportInput, TriageReport, build_report
from feedback_triage.report.filters import NONE, Count, ItemFilter, counts_in, microseconds
from tests.support.report_input import END, empty_report_input, make_report_input
from tests.support.report_ledger import incidents, with_ledger

PARTS = (
    "n_items",
    "sentences",
    "tiles",
    "timeline",
    "incidents",
    "fix_receipts",
    "releases",
    "cards",
    "ledger",
    "feeds",
    "themes",
    "review",
    "accounting",
)


def counts_of(report: TriageReport) -> list[Count]:
    return [count for part in PARTS for count in counts_in(getattr(report, part))]


def is_found(
    row: dict[str, Any],
    where: ItemFilter,
    mentions: set[tuple[str, str]],
    bursts: dict[str, tuple[str, ...]],
) -> bool:
    """The filter read aloud, from the columns of the input."""

    def named(value: Any) -> str:
        return NONE if value is None or pd.isna(value) else value

    queue = "" if not row["abstained"] else "review" if row["probability_none"] < 0.7 else "none"
    checks = [
        where.label is None or named(row["label"]) == where.label,
        where.release is None or named(row["release_id"]) == where.release,
        where.declared is None or named(row["declared_release_id"]) == where.declared,
        where.theme is None or named(row["theme_id"]) == where.theme,
        where.source is None or row["source"] == where.source,
        where.platform is None or row["platform"].lower() in {"", where.platform},
        where.language is None or row["language"] == where.language,
        where.mentions is None or (where.mentions, row["item_id"]) in mentions,
        where.incident is None or row["item_id"] in bursts[where.incident],
        where.queue is None or queue == where.queue,
        where.start_at is None or row["written_at"] >= where.start_at,
        where.end_at is None or row["written_at"] < where.end_at,
    ]
    return all(checks)


def wrong_counts(source: ReportInput) -> list[Count]:
    rows = source.items.to_dict("records")
    mentions = set(zip(source.mentions["release_id"], source.mentions["item_id"], strict=True))
    bursts = dict(zip(source.incidents["incident_id"], source.incidents["item_ids"], strict=True))
    known: dict[ItemFilter, int] = {}
    wrong = []
    for count in counts_of(build_report(source)):
        if count.where is None:
            continue
        if count.where not in known:
            known[count.where] = sum(is_found(row, count.where, mentions, bursts) for row in rows)
        if known[count.where] != count.n:
            wrong.append(count)
    return wrong


@pytest.mark.parametrize("add", [lambda source: source, with_ledger], ids=["without a ledger", "with a ledger"])
def test_every_count_of_the_example_is_the_number_of_items_its_filter_finds(add):
    source = add(make_report_input(n_background=120))
    assert len(counts_of(build_report(source))) > 800
    assert wrong_counts(source) == []


ROW = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["chat", "survey"]),
        "hours": st.integers(min_value=-1200, max_value=30),
        "label": st.sampled_from(["praise", "sync_bug", "crash", None]),
        "probability_none": st.sampled_from([0.0, 0.3, 0.69, 0.7, 0.9]),
        "theme_id": st.sampled_from(["t-speed", "t-gone", None]),
        "release_id": st.sampled_from(["web/5.5.0", "ios/3.30", None]),
        "declared_release_id": st.sampled_from(["ios/3.30", None]),
        "platform": st.sampled_from(["", "web", "iOS"]),
        "language": st.sampled_from(["en", "de", ""]),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROW, max_size=25))
def test_any_items_give_counts_that_can_be_traced(rows):
    example = make_report_input(n_background=0, hostile=False)
    items = [
        row
        | {
            "item_id": f"{row['source']}:{n}",
            "external_id": str(n),
            "written_at": pd.Timestamp(END + timedelta(hours=row["hours"])),
            "verbatim": f"text {n % 3}",
            "title": "",
            "rating": None,
            "app_version": "",
            "author_key": "",
            "probability": 1 - row["probability_none"],
            "abstained": row["label"] is None and n % 5 != 4,
        }
        for n, row in enumerate(rows)
    ]
    frame = pd.DataFrame(items) if items else empty_report_input().items
    burst = frame.iloc[::3].sort_values(["written_at", "item_id"])
    source = empty_report_input(
        items=frame,
        incidents=_incident_of(burst) if len(burst) else empty_report_input().incidents,
        releases=example.releases,
        themes=example.themes,
        windows=example.windows,
        reigns=example.reigns,
    )
    assert wrong_counts(source) == []


def _incident_of(burst: pd.DataFrame) -> pd.DataFrame:
    """All of these items as one incident, told by its label."""
    first, last = burst["written_at"].iloc[0], burst["written_at"].iloc[-1]
    row = {
        "incident_id": "any",
        "scope": "label:praise",
        "also_in": (),
        "product": "",
        "platform": "",
        "started_at": first,
        "raised_at": first,
        "last_at": last,
        "ended_at": last + timedelta(hours=1),
        "observed_count": len(burst),
        "expected_count": 0.5,
        "upper": 2,
        "n_items_until_raised": 1,
        "item_ids": tuple(burst["item_id"]),
        "reason": "",
        "keyphrases": ("text",),
    }
    return incidents([row])


def test_a_number_counted_elsewhere_that_its_items_do_not_bear_out_gets_no_link():
    source = make_report_input()
    windows = source.windows.assign(observed_count=source.windows["observed_count"] + 100_000)
    report = build_report(empty_report_input(items=source.items, releases=source.releases, windows=windows))
    observed = [window.interval.observed for row in report.releases for window in row.windows]
    assert observed
    assert all(count.n >= 100_000 and count.where is None for count in observed)


def test_a_window_about_the_notes_leads_to_the_items_that_mention_them():
    report = build_report(make_report_input())
    observed = next(line for line in report.ledger.go_on if line.name == "web 5.17.1").lead.interval.observed
    assert observed.n > 0
    assert observed.where.mentions == "web/5.17.1"


@pytest.mark.parametrize("seconds", [0, 1])
def test_instants_become_exact_microseconds(seconds):
    instant = datetime(2026, 10, 19, 6, 0, seconds, 123_457, tzinfo=UTC)
    assert microseconds(instant) % 10_000_000 == seconds * 1_000_000 + 123_457
