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
