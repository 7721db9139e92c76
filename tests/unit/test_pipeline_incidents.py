"""Which reports a theme and an incident are asked about when suspects are named."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from feedback_triage.domain import Incident
from feedback_triage.pipeline.incidents import suspects_of
from feedback_triage.pipeline.known import Known
from feedback_triage.pipeline.notes import NoteMatcher

START = datetime(2026, 9, 1, tzinfo=UTC)
PUSHED = 20.0
"""Days after the start at which the release came out that did it; another came ten days before it."""


def items(days: np.ndarray, label: str | None, theme_id: str | None, first: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_id": [f"chat:{first + number}" for number in range(len(days))],
            "written_at": pd.to_datetime([START + timedelta(days=float(day)) for day in days], utc=True),
            "source": "chat",
            "product": "",
            "platform": "",
            "text": "",
            "label": pd.Series([label] * len(days), dtype=object),
            "theme_id": pd.Series([theme_id] * len(days), dtype=object),
            "declared_release_id": pd.Series([None] * len(days), dtype=object),
        }
    )


def known(n_praise: int, n_bugs: int) -> Known:
    """Praise of a thing all along, and bugs of it from an hour after a release on."""
    rng = np.random.default_rng(5)
    parts = [
        items(np.sort(rng.uniform(0, 30, 300)), None, None, 0),
        items(np.sort(rng.uniform(0, 30, n_praise)), "praise", "t1", 1_000),
        items(PUSHED + 0.04 + np.sort(rng.uniform(0, 9, n_bugs)), "sync_bug", "t1", 2_000),
    ]
    releases = pd.DataFrame({"release_id": ["1.0", "1.1"], "version": ["1.0", "1.1"], "product": "", "platform": ""})
    released = [START + timedelta(days=day) for day in (PUSHED - 10, PUSHED)]
    releases["released_at"] = pd.to_datetime(released, utc=True)
    links = pd.DataFrame({"item_id": [], "release_id": [], "probability": []})
    return Known(pd.concat(parts, ignore_index=True), releases, links, 0)


def no_notes(found: Known) -> NoteMatcher:
    rows = {item_id: row for row, item_id in enumerate(found.items["item_id"])}
    return NoteMatcher(rows, np.ones((len(rows), 1), np.float32), [], np.zeros((0, 1), np.float32))


def named(found: Known, incidents: tuple[Incident, ...] = ()) -> dict[tuple[str, str], list[tuple[str | None, float]]]:
    told = suspects_of(found, incidents, no_notes(found), START + timedelta(days=30))
    return {subject: [(one.release_id, one.probability) for one in suspects] for subject, suspects in told.items()}


def test_praise_of_the_same_thing_does_not_hide_which_release_broke_it() -> None:
    (first, probability), *_ = named(known(n_praise=18, n_bugs=24))["theme", "t1"]
    assert first == "1.1"
    assert probability > 0.8


@pytest.mark.parametrize(("n_praise", "n_bugs", "n_asked"), [(18, 24, 24), (20, 20, 40), (24, 18, 24)])
def test_a_theme_is_asked_about_with_its_main_label_or_with_all_of_it(n_praise: int, n_bugs: int, n_asked: int) -> None:
    found = known(n_praise, n_bugs)
    told = suspects_of(found, (), no_notes(found), START + timedelta(days=30))["theme", "t1"]
    counts = [int(word) for one in told for word in one.reason.split() if word.isdecimal()]
    assert all(count <= n_asked for count in counts)
    assert any(f"of {n_asked} reports" in one.reason for one in told)


def test_without_releases_nobody_is_suspected() -> None:
    found = known(5, 5)
    assert named(Known(found.items, found.releases.iloc[:0], found.in_use, 0)) == {}


@pytest.mark.parametrize("named_release", ["1.0", "1.1"])
def test_of_two_releases_of_one_hour_the_one_is_suspected_whose_notes_call_the_thing_by_its_name(
    named_release: str,
) -> None:
    """All vectors are alike, so only the words can tell."""
    found = known(n_praise=0, n_bugs=24)
    is_bug = found.items["theme_id"] == "t1"
    texts = found.items.assign(text=np.where(is_bug, "our lineup is the old one", "a lovely day"))
    pushed = [START + timedelta(days=PUSHED, minutes=-minutes) for minutes in (40, 5)]
    releases = found.releases.assign(released_at=pd.to_datetime(pushed, utc=True))
    found = Known(texts, releases, found.in_use, 0)
    rows = {item_id: row for row, item_id in enumerate(texts["item_id"])}
    notes = [(name, "Line-up editor." if name == named_release else "Wider date picker.") for name in ("1.0", "1.1")]
    matcher = NoteMatcher(rows, np.ones((len(rows), 1), np.float32), notes, np.ones((2, 1), np.float32))
    told = suspects_of(found, (), matcher, START + timedelta(days=30))["theme", "t1"]
    assert told[0].release_id == named_release
    assert told[0].probability > 0.5
