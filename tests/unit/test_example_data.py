"""The example's files are what its story says."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from feedback_triage.sources import read_feedback, read_releases

EXAMPLE = Path(__file__).parents[2] / "examples" / "video_platform"
FILES = (
    "feedback/app_reviews.csv",
    "feedback/support_email.jsonl",
    "feedback/survey.csv",
    "feedback/chat.jsonl",
    "feedback/social.csv",
    "truth.json",
    "known_incidents.csv",
)
LABELS = {"praise", "broken_link", "sync_bug", "silence", "other"}


@dataclass(frozen=True)
class Row:
    key: str
    written_at: datetime
    text: str
    customer: str
    platform: str = ""
    version: str = ""


def _csv(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _jsonl(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _at(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


@dataclass(frozen=True)
class Told:
    """What the story says of an event; counts are ranges, both ends included."""

    name: str
    release: str
    first: str
    within_hours: float
    until: str
    n_before: tuple[int, int]
    n_after: tuple[int, int]


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    """Every item of the five files, read in the plainest way."""
    found = [
        Row(
            key=f"app_review/{row['id']}",
            written_at=datetime.strptime(row["date"], "%b %d, %Y %I:%M %p").replace(tzinfo=UTC),
            text=f"{row['title']} {row['review']}",
            customer=row["user"],
            platform=row["platform"],
            version=row["app_version"],
        )
        for row in _csv("feedback/app_reviews.csv")
    ]
    found += [
        Row(
            key=f"support_email/{row['ticket_id']}",
            written_at=_at(row["created_at"]),
            text=f"{row['subject']} {row['body']}",
            customer=row["customer"],
        )
        for row in _jsonl(EXAMPLE / "feedback/support_email.jsonl")
    ]
    found += [
        Row(
            key=f"survey/{row['response_id']}",
            written_at=datetime.fromisoformat(row["submitted_at"]).replace(tzinfo=UTC),
            text=row["comment"],
            customer=row["customer"],
        )
        for row in _csv("feedback/survey.csv")
    ]
    found += [
        Row(
            key=f"chat/{row['id']}",
            written_at=datetime.fromtimestamp(row["timestamp"] / 1000, UTC),
            text=row["message"],
            customer=row["sender"],
        )
        for row in _jsonl(EXAMPLE / "feedback/chat.jsonl")
    ]
    found += [
        Row(
            key=f"social/{row['id']}",
            written_at=parsedate_to_datetime(row["time"]).astimezone(UTC),
            text=row["text"],
            customer=row["handle"],
        )
        for row in _csv("feedback/social.csv")
    ]
    by_key = {row.key: row for row in found}
    assert len(by_key) == len(found), "an id is used twice"
    return by_key


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EXAMPLE / "truth.json").read_text(encoding="utf-8"))
    return read


def _event(truth: dict[str, Any], name: str) -> dict[str, Any]:
    return next(event for event in truth["events"] if event["event"] == name)


def _times(event: dict[str, Any], rows: dict[str, Row]) -> list[datetime]:
    return sorted(rows[key].written_at for key in event["item_ids"])


@pytest.mark.parametrize("hash_seed", ["0", "77"])
def test_the_generator_writes_the_committed_files_again(tmp_path: Path, hash_seed: str) -> None:
    subprocess.run(
        [sys.executable, EXAMPLE / "generate.py", "--out", tmp_path],
        check=True,
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
    )
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (EXAMPLE / name).read_bytes(), name


def test_truth_speaks_of_every_item_and_of_no_other(rows: dict[str, Row], truth: dict[str, Any]) -> None:
    assert truth["labels"].keys() == rows.keys()
    assert truth["n_items"] == len(rows)
    assert set(truth["labels"].values()) == LABELS


def test_every_file_is_read_without_a_mapping_and_without_a_rejected_row(
    rows: dict[str, Row], truth: dict[str, Any]
) -> None:
    read = [read_feedback(path) for path in sorted((EXAMPLE / "feedback").iterdir())]
    items = {f"{item.source}/{item.external_id}": item for file in read for item in file.items}
    assert sum(file.n_read for file in read) == len(items) == truth["n_items"]
    assert all(item.author_key for item in items.values())
    assert {key: item.written_at for key, item in items.items()} == {key: row.written_at for key, row in rows.items()}
    assert len(read_releases(EXAMPLE / "releases.csv").releases) == len(_csv("releases.csv"))


def test_there_are_about_2500_items_and_each_channel_has_its_share(rows: dict[str, Row]) -> None:
    by_source = Counter(key.partition("/")[0] for key in rows)
    assert 2350 <= len(rows) <= 2650
    assert by_source.keys() == {"app_review", "support_email", "survey", "chat", "social"}
    assert min(by_source.values()) >= 300


def test_items_lie_in_the_twelve_weeks_and_weekdays_are_busier(rows: dict[str, Row]) -> None:
    times = [row.written_at for row in rows.values()]
    assert min(times) >= datetime(2026, 7, 27, tzinfo=UTC)
    assert max(times) < datetime(2026, 10, 19, tzinfo=UTC)
    n_weekend = sum(time.weekday() >= 5 for time in times)
    n_night = sum(time.hour < 6 for time in times)
    assert n_weekend / len(times) < 2 / 7 * 0.85
    assert n_night / len(times) < 0.1


def test_customers_are_pseudonyms_and_many(rows: dict[str, Row]) -> None:
    customers = {row.customer for row in rows.values()}
    assert all(re.fullmatch(r"c-\d{4}", customer) for customer in customers)
    assert len(customers) > 800


def test_a_review_declares_a_version_that_was_out(rows: dict[str, Row]) -> None:
    out_at = {(row["platform"], row["version"]): _at(row["released_at"]) for row in _csv("releases.csv")}
    declared = [row for row in rows.values() if row.version]
    assert len(declared) > 400
    for row in declared:
        known = out_at.get((row.platform, row.version))
        # The release file does not reach back to what people had installed before it begins.
        assert row.version == "3.29.2" if known is None else known <= row.written_at + timedelta(minutes=1)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(
            Told("outage", "web/5.21.1", "2026-10-16T15:45Z", 0.25, "2026-10-16T18:55Z", (110, 135), (18, 30)),
            id="the outage begins with 5.21.1 and ends with the hotfix, with a short tail",
        ),
        pytest.param(
            Told("dead_link", "web/5.9.0", "2026-08-20T10:05Z", 24, "2026-09-02T11:30Z", (60, 70), (2, 5)),
            id="the dead links come with Aurora and stop with their fix, but for stragglers",
        ),
        pytest.param(
            Told("lineup_sync", "web/5.12.0", "2026-09-08T13:20Z", 24, "2026-10-01T09:45Z", (90, 100), (2, 6)),
            id="line-up changes are lost from 5.12.0 until its fix, but for stragglers",
        ),
        pytest.param(
            Told("loved_field", "web/5.15.0", "2026-09-22T09:30Z", 24, "2026-10-19T00:00Z", (85, 95), (0, 0)),
            id="the new field is praised from its release to the end",
        ),
        pytest.param(
            Told("fix_holds", "web/5.13.1", "2026-07-27T00:00Z", 48, "2026-09-14T10:15Z", (60, 72), (2, 2)),
            id="captions vanish from the start until the fix, but for two open tabs",
        ),
    ],
)
def test_a_planted_event_has_its_release_onset_and_end(rows: dict[str, Row], truth: dict[str, Any], told: Told) -> None:
    event = _event(truth, told.name)
    times = _times(event, rows)
    n_before = sum(time < _at(told.until) for time in times)
    assert event["release"] == told.release
    assert _at(told.first) <= times[0] <= _at(told.first) + timedelta(hours=told.within_hours)
    assert told.n_before[0] <= n_before <= told.n_before[1]
    assert told.n_after[0] <= len(times) - n_before <= told.n_after[1]
    assert event["n_customers"] >= 0.9 * len(times)


def test_the_last_caption_reports_come_within_twelve_hours_of_the_fix(
    rows: dict[str, Row], truth: dict[str, Any]
) -> None:
    assert _times(_event(truth, "fix_holds"), rows)[-1] <= _at("2026-09-14T22:15Z")


@pytest.mark.parametrize(
    ("name", "label", "at_least"),
    [
        ("outage", "other", 1.0),
        ("dead_link", "broken_link", 1.0),
        ("lineup_sync", "sync_bug", 1.0),
        ("loved_field", "praise", 0.9),
        ("fix_holds", "other", 0.9),
    ],
)
def test_an_event_has_its_label(truth: dict[str, Any], name: str, label: str, at_least: float) -> None:
    event = _event(truth, name)
    assert event["n_items_by_label"][label] >= at_least * event["n_items"]


def test_every_feature_but_one_is_mentioned_within_a_week(truth: dict[str, Any]) -> None:
    features = {f"{row['platform']}/{row['version']}" for row in _csv("releases.csv") if row["kind"] == "feature"}
    noticed = {
        event["release"]: event["n_items_within_a_week"]
        for event in truth["events"]
        if event["event"] == "noticed_feature" and event["kind"] == "feature"
    }
    planted = {_event(truth, name)["release"] for name in ("dead_link", "lineup_sync", "loved_field")}
    assert features - noticed.keys() - planted == {"web/5.14.0"}
    assert all(6 <= n <= 25 for n in noticed.values())


def test_nobody_mentions_watch_parties(rows: dict[str, Row]) -> None:
    about = re.compile(r"watch(ing)?[ -]part|watch(ing)? (\w+ )?together|live reaction", re.IGNORECASE)
    assert [row.key for row in rows.values() if about.search(row.text)] == []


def test_chat_is_alive_until_6_october_and_dead_afterwards(rows: dict[str, Row]) -> None:
    times = sorted(row.written_at for row in rows.values() if row.key.startswith("chat/"))
    assert _at("2026-10-06T11:00Z") <= times[-1] < _at("2026-10-06T14:00Z")
    assert 5 <= len(times) / 71.6 <= 8
    assert max(later - earlier for earlier, later in pairwise(times)) < timedelta(days=2)


def test_the_releases_are_about_sixty_and_pushed_in_office_hours() -> None:
    releases = _csv("releases.csv")
    times = [_at(row["released_at"]) for row in releases]
    assert times == sorted(times)
    assert 55 <= len(releases) <= 65
    assert all(row["notes"] for row in releases)
    assert len({(row["platform"], row["version"]) for row in releases}) == len(releases)
    assert {row["kind"] for row in releases} == {"feature", "fix", "maintenance", "mixed"}
    assert all(time.weekday() < 5 and 8 <= time.hour <= 18 for time in times)
    assert any(n > 1 for n in Counter(time.date() for time in times).values())
