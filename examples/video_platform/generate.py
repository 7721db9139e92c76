"""Writes the example's feedback files, truth.json and known_incidents.csv: python generate.py [--out FOLDER].

The texts are written by hand; drawn are only the times, the customers and the app versions. The same
texts give the same bytes, on any machine.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

from story import (
    AUTO_REPLIES,
    CONTENT_FREE,
    DATED,
    END_AT,
    EVENTS,
    FEATURE_WINDOW,
    N_CUSTOMERS,
    SEED,
    START_AT,
    Phase,
)
from timing import Clock, Draw, installed_version
from writing import Item, write_feedback, write_known_incidents, write_truth

HERE = Path(__file__).resolve().parent
OLDEST_APP_VERSION = "3.29.2"
NO_VERSION_RATIO = 0.08
N_AUTO_REPLIES = 22


@dataclass(frozen=True, slots=True)
class Text:
    """One line of texts/*.jsonl.

    Attributes:
        event: the planted event it belongs to, "" for the background.
        when: the phase of the event, "" for its main stretch.
        topic: what a background text is about.
    """

    channel: str
    text: str
    expected_label: str
    event: str = ""
    when: str = ""
    topic: str = ""
    title: str = ""
    rating: int | None = None
    platform: str = ""


def read_texts(folder: Path) -> list[Text]:
    """All texts of a folder, files and lines in order; "other" is the absence of a label."""
    texts = []
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            texts += [Text(**json.loads(line)) for line in lines if line.strip()]
    return texts


def read_releases(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return sorted(csv.DictReader(lines), key=lambda release: release["released_at"])


def phases_by_event(releases: Sequence[dict[str, str]]) -> dict[tuple[str, str], Phase]:
    """Every (event, when) with its stretch of time; the features beside the planted ones are added."""
    phases = {(event.name, phase.name): phase for event in EVENTS for phase in event.phases}
    for release in releases:
        name = f"feature:{release['platform']}/{release['version']}"
        released_at = datetime.fromisoformat(release["released_at"])
        week_end_at = min(released_at + FEATURE_WINDOW, END_AT)
        phases[name, ""] = Phase("", released_at, week_end_at, 60, rise_hours=4)
        phases[name, "later"] = Phase("later", week_end_at, min(week_end_at + timedelta(days=14), END_AT))
    return phases


def background_phase(text: str) -> Phase:
    """All twelve weeks, or what a date in the text leaves of them."""
    bounds = [bounds for words, bounds in DATED.items() if words in text]
    start_at, end_at = bounds[0] if bounds else (START_AT, END_AT)
    return Phase("", start_at, end_at)


class Cast:
    """The customers: some write often, most once or twice; one phone each."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._cumulative = list(accumulate(1 / (1 + rank / 60) for rank in range(N_CUSTOMERS)))
        self._names = draw.shuffled([f"c-{number:04d}" for number in range(1, N_CUSTOMERS + 1)])
        self._has_iphone = [draw.ratio() < 0.52 for _ in range(N_CUSTOMERS)]
        self._already: defaultdict[str, set[int]] = defaultdict(set)

    def customer(self, event: str, platform: str) -> str:
        """A customer with the right phone who, nearly always, has not written about the event before."""
        for _ in range(1000):
            rank = self._draw.position(self._cumulative)
            if platform and self._has_iphone[rank] != (platform == "ios"):
                continue
            if event and rank in self._already[event] and self._draw.ratio() < 0.93:
                continue
            break
        self._already[event].add(rank)
        return self._names[rank]


def place(texts: Sequence[Text], releases: Sequence[dict[str, str]], draw: Draw) -> list[Item]:
    """Gives every text its instant, customer, platform and version."""
    clock, cast, phases = Clock(draw), Cast(draw), phases_by_event(releases)
    n_before: Counter[tuple[str, str, str]] = Counter()
    tilts = {topic: Draw(f"{SEED} {topic}").between(-0.5, 0.5) for topic in sorted({text.topic for text in texts})}
    items = []
    for text in texts:
        # Each text has draws of its own, so that editing one does not move the others.
        kin = (text.channel, text.title, text.text)
        n_before[kin] += 1
        own = Draw(f"{SEED} {n_before[kin]} {kin}")
        phase = phases[text.event, text.when] if text.event else background_phase(text.text)
        at = clock.instant(phase, text.channel, own)
        while not text.event and own.ratio() * 1.5 > 1 + tilts[text.topic] * _progress(at):
            at = clock.instant(phase, text.channel, own)
        platform = text.platform if text.channel == "app_review" else ""
        version = ""
        if platform:
            floor = text.event.rpartition("/")[2] if f"feature:{platform}/" in text.event else ""
            version = installed_version(releases, platform, at, own, OLDEST_APP_VERSION, floor)
            version = "" if own.ratio() < NO_VERSION_RATIO else version
        items.append(
            Item(
                source=text.channel,
                written_at=at,
                title=text.title,
                text=text.text,
                rating=text.rating,
                platform=platform,
                app_version=version,
                customer=cast.customer(text.event, platform),
                event=text.event,
                expected_label=text.expected_label,
            )
        )
    return items


def _progress(at: datetime) -> float:
    """-1 at the start of the twelve weeks, +1 at their end: topics come and go."""
    return 2 * ((at - START_AT) / (END_AT - START_AT)) - 1


def content_free(draw: Draw) -> list[Text]:
    """Replies that say nothing: the only texts that are used more than once."""
    texts = [Text("survey", reply, "silence") for reply, n in CONTENT_FREE for _ in range(n)]
    texts = [
        Text("survey", text.text, "silence", rating=draw.below(11) if draw.ratio() < 0.6 else None) for text in texts
    ]
    for number in range(N_AUTO_REPLIES):
        subject, body = AUTO_REPLIES[number % len(AUTO_REPLIES)]
        texts.append(Text("support_email", body, "silence", title=subject))
    return texts


def numbered(items: Sequence[Item]) -> list[Item]:
    """Items in order of time, each with its id in its source."""
    n_before: Counter[str] = Counter()
    result = []
    for item in sorted(items, key=lambda item: (item.written_at, item.source, item.customer, item.text)):
        n_before[item.source] += 1
        result.append(item.with_number(n_before[item.source]))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description="Write feedback/, truth.json and known_incidents.csv of the example.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: beside this file)")
    out: Path = parser.parse_args().out
    draw = Draw(str(SEED))
    releases = read_releases(HERE / "releases.csv")
    items = numbered(place(read_texts(HERE / "texts") + content_free(draw), releases, draw))
    write_feedback(items, out / "feedback")
    write_truth(items, releases, out / "truth.json")
    write_known_incidents(items, out / "known_incidents.csv")
    print(f"{len(items)} items, {len(releases)} releases")


if __name__ == "__main__":
    main()
