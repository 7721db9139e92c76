"""The five feedback files, each in the style of the tool it is exported from, truth.json, and the known incidents."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from story import (
    CHANNELS,
    CHAT_DIES_AT,
    END_AT,
    EVENTS,
    FEATURE_WINDOW,
    KNOWN_INCIDENTS,
    SILENT_FINDINGS,
    START_AT,
)

ID_STYLES = {
    "app_review": "R{:05d}",
    "support_email": "T-{:05d}",
    "survey": "{}",
    "chat": "ch-{:06d}",
    "social": "8810{:08d}",
}
FIRST_NUMBER = {"app_review": 20417, "support_email": 8120, "survey": 50301, "chat": 7711, "social": 4410027}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of feedback with what is known about it; `event` and `expected_label` are the truth."""

    source: str
    written_at: datetime
    title: str
    text: str
    rating: int | None
    platform: str
    app_version: str
    customer: str
    event: str
    expected_label: str
    external_id: str = ""

    def with_number(self, number: int) -> "Item":
        """The same item with its id: the `number`-th (from 1) of its source."""
        return replace(self, external_id=ID_STYLES[self.source].format(FIRST_NUMBER[self.source] + number - 1))

    @property
    def key(self) -> str:
        return f"{self.source}/{self.external_id}"


def write_feedback(items: Sequence[Item], folder: Path) -> None:
    """Writes app_reviews.csv, support_email.jsonl, survey.csv, chat.jsonl and social.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    by_source = {source: [item for item in items if item.source == source] for source in CHANNELS}
    # A shop shows the newest review first.
    _write_csv(folder / "app_reviews.csv", map(_review, reversed(by_source["app_review"])))
    _write_jsonl(folder / "support_email.jsonl", map(_ticket, by_source["support_email"]))
    _write_csv(folder / "survey.csv", map(_response, by_source["survey"]))
    _write_jsonl(folder / "chat.jsonl", map(_chat, by_source["chat"]))
    _write_csv(folder / "social.csv", map(_post, by_source["social"]))


def _review(item: Item) -> dict[str, object]:
    at = item.written_at
    return {
        "source": item.source,
        "id": item.external_id,
        "date": f"{MONTHS[at.month - 1]} {at.day:02d}, {at.year} {at.hour % 12 or 12}:{at.minute:02d} "
        f"{'AM' if at.hour < 12 else 'PM'}",
        "platform": item.platform,
        "app_version": item.app_version,
        "stars": item.rating,
        "title": item.title,
        "review": item.text,
        "user": item.customer,
    }


def _ticket(item: Item) -> dict[str, object]:
    return {
        "source": item.source,
        "ticket_id": item.external_id,
        "created_at": item.written_at.isoformat(),
        "subject": item.title,
        "body": item.text,
        "customer": item.customer,
    }


def _response(item: Item) -> dict[str, object]:
    return {
        "source": item.source,
        "response_id": item.external_id,
        "submitted_at": f"{item.written_at:%Y-%m-%d %H:%M:%S}",
        "score": item.rating,
        "comment": item.text,
        "customer": item.customer,
    }


def _chat(item: Item) -> dict[str, object]:
    return {
        "source": item.source,
        "id": item.external_id,
        "timestamp": int(item.written_at.timestamp()) * 1000,
        "message": item.text,
        "sender": item.customer,
    }


def _post(item: Item) -> dict[str, object]:
    return {
        "source": item.source,
        "id": item.external_id,
        "time": format_datetime(item.written_at, usegmt=True),
        "text": item.text,
        "handle": item.customer,
    }


def _write_csv(path: Path, rows: Iterable[dict[str, object]]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


def _write_jsonl(path: Path, rows: Iterable[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def write_known_incidents(items: Sequence[Item], path: Path) -> None:
    """What `feedback-triage backtest --known` is scored against: from the first report to the last one."""
    releases = {event.name: event.release for event in EVENTS}
    rows: list[dict[str, object]] = []
    for name, kind in KNOWN_INCIDENTS.items():
        about = [item for item in items if item.event == name]
        rows.append(
            {
                "name": name,
                "kind": kind,
                "started_at": _stamp(about[0].written_at),
                "ended_at": _stamp(about[-1].written_at),
                "release": releases[name],
                "item_ids": " ".join(f"{item.source}:{item.external_id}" for item in about),
            }
        )
    _write_csv(path, sorted(rows, key=lambda row: str(row["started_at"])))


def write_truth(items: Sequence[Item], releases: Sequence[dict[str, str]], path: Path) -> None:
    """What was planted, which items belong to it, and what a run should say about it."""
    truth = {
        "start_at": _stamp(START_AT),
        "end_at": _stamp(END_AT),
        "n_items": len(items),
        "n_items_by_source": _counts(item.source for item in items),
        "n_items_by_label": _counts(item.expected_label for item in items),
        "events": _events(items, releases),
        "labels": {item.key: item.expected_label for item in items},
    }
    path.write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _events(items: Sequence[Item], releases: Sequence[dict[str, str]]) -> list[dict[str, object]]:
    released_at = {f"{row['platform']}/{row['version']}": row["released_at"] for row in releases}
    kinds = {f"{row['platform']}/{row['version']}": row["kind"] for row in releases}
    events: list[dict[str, object]] = []
    for event in EVENTS:
        about = [item for item in items if item.event == event.name]
        if about:
            ends_at = released_at.get(event.ended_by, "")
            events.append(
                {
                    "event": event.name,
                    "release": event.release,
                    "released_at": released_at[event.release],
                    "ended_by": event.ended_by,
                    "ends_at": ends_at,
                    "n_items_before_the_end": sum(_stamp(item.written_at) < (ends_at or "9") for item in about),
                    **_told(about),
                    "a_run_should_say": event.finding,
                }
            )
    for name, finding in SILENT_FINDINGS.items():
        entry: dict[str, object] = {"event": name, **finding, "n_items": 0, "item_ids": []}
        if name == "dead_feed":
            last = max(item.written_at for item in items if item.source == "chat")
            entry |= {"onset_at": _stamp(last), "dies_at": _stamp(CHAT_DIES_AT)}
        else:
            entry |= {"released_at": released_at[finding["release"]]}
        events.append(entry)
    for release, at in released_at.items():
        about = [item for item in items if item.event == f"feature:{release}"]
        if about:
            until = datetime.fromisoformat(at) + FEATURE_WINDOW
            n_in_window = sum(item.written_at < until for item in about)
            events.append(
                {
                    "event": "noticed_feature",
                    "release": release,
                    "kind": kinds[release],
                    "released_at": at,
                    "n_items_within_a_week": n_in_window,
                    **_told(about),
                    "a_run_should_say": "Customers noticed it.",
                }
            )
    return events


def _told(about: Sequence[Item]) -> dict[str, object]:
    return {
        "onset_at": _stamp(about[0].written_at),
        "last_item_at": _stamp(about[-1].written_at),
        "n_items": len(about),
        "n_customers": len({item.customer for item in about}),
        "n_items_by_label": _counts(item.expected_label for item in about),
        "item_ids": [item.key for item in about],
    }


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
