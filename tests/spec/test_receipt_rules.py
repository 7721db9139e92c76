"""What becomes of a fix."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from feedback_triage.domain import FixReceipt
from feedback_triage.receipts import fix_receipts

FIXED = pd.Timestamp("2026-04-27 10:00", tz="UTC")
DAYS_BEFORE = 42


def at(days: Any, theme: str | None = "theme", **more: str) -> pd.DataFrame:
    """Give items written this many days after the fix."""
    written = FIXED + pd.to_timedelta(np.asarray(days, dtype=float), unit="D")
    return pd.DataFrame({"written_at": written, "theme_id": theme, "source": "mail"} | more)


def even(first: float, last: float, a_day: float, theme: str | None = "theme", **more: str) -> pd.DataFrame:
    """Give items spread over `[first, last)` with a fixed jitter."""
    n = round((last - first) * a_day)
    jitter = np.random.default_rng(round(10 * a_day)).uniform(0, 1, n)
    return at(first + (np.arange(n) + jitter) / max(n, 1) * (last - first), theme, **more)


BEFORE = even(-DAYS_BEFORE, 0, 1.5)
OTHER = even(-DAYS_BEFORE, 40, 20, None)
GO_ON = even(0, 21, 1.5)
MANY, HALF = even(-DAYS_BEFORE, 0, 6), even(0, 21, 3)
NEAR = even(-DAYS_BEFORE, 0, 0.2, "near")
NEAR_ROSE = even(0, 21, 1.6, "near")
NEAR_AS_BEFORE = even(0, 21, 0.2, "near")


def receipt(
    *parts: pd.DataFrame,
    day: float = 21,
    releases: pd.DataFrame | None = None,
    fixes: tuple[str, ...] = ("2.0",),
    exposure: pd.DataFrame | None = None,
) -> FixReceipt:
    """Give the receipt of the fix 2.0 as it looks this many days after it."""
    items = pd.concat([OTHER, *parts], ignore_index=True)
    items["item_id"] = [f"i{i}" for i in range(len(items))]
    found = fix_receipts(
        pd.DataFrame({"theme_id": "theme", "release_id": list(fixes), "settled_by": ""}),
        items,
        release() if releases is None else releases,
        neighbours=pd.DataFrame([("theme", "near", 0.8)], columns=["theme_id", "neighbour_theme_id", "cosine"]),
        exposure=exposure,
        as_of=(FIXED + pd.Timedelta(days=day)).to_pydatetime(),
    )
    return next(each for each in found if each.release_id == "2.0")


def release(*more: dict[str, object], **facts: object) -> pd.DataFrame:
    """Give the release that fixes, after one that came three hours before it, and any others."""
    first = {"release_id": "1.9", "version": "1.9", "released_at": FIXED - pd.Timedelta(hours=3)}
    rows = [first, {"release_id": "2.0", "version": "2.0", "released_at": FIXED, **facts}, *more]
    return pd.DataFrame([{"rolled_back_at": pd.NaT, "is_hotfix": False, **row} for row in rows])


def later(version: str, day: float) -> dict[str, object]:
    return {"release_id": version, "version": version, "released_at": FIXED + pd.Timedelta(days=day)}


OUTAGE = even(-0.12, 0, 400)
FADING = at(-40 + 8 * np.log2(1 / (1 - np.linspace(0, 0.97, 40))))
STAGED = release().assign(rollout=[(), ((FIXED + pd.Timedelta(days=30), 1.0),)])
FEW_PER_CENT = release().assign(rollout=[(), ((FIXED, 0.05),)])
RULES: dict[str, tuple[dict[str, Any], tuple[pd.DataFrame, ...], str, str]] = {
    "reports stop: it held": ({}, (BEFORE,), "held", "no report in 20 days"),
    "one report in three weeks where thirty were expected: it held": ({}, (BEFORE, at([9.5])), "held", "1 report"),
    "reports of the first day do not count: it held": (
        {},
        (BEFORE, at([0.1, 0.3, 0.5, 0.6, 0.8])),
        "held",
        "5 more reports came within 24 hours of it",
    ),
    "reports go on as before: it failed": ({}, (BEFORE, GO_ON), "failed", "reports go on"),
    "reports grow: it failed": ({}, (BEFORE, even(0, 21, 5)), "failed", "reports grew"),
    "half of the reports go on: it failed, and the reason says so": (
        {},
        (MANY, HALF),
        "failed",
        "but they go on",
    ),
    "they stop and a theme near it rises by as much: it moved": (
        {},
        (BEFORE, NEAR, NEAR_ROSE),
        "moved",
        "came in other words",
    ),
    "they stop and the theme near it stays as it was: it held": ({}, (BEFORE, NEAR, NEAR_AS_BEFORE), "held", ""),
    "a theme near it rises two weeks later: that is another cause, it held": (
        {},
        (BEFORE, NEAR, even(14, 21, 6, "near")),
        "held",
        "",
    ),
    "they go on and a theme near it rises too: it failed": ({}, (BEFORE, GO_ON, NEAR, NEAR_ROSE), "failed", ""),
    "two days without a report are too short": ({"day": 3}, (BEFORE,), "not_enough_traffic", "without a report"),
    "within the first day nothing counts yet": (
        {"day": 0.5},
        (BEFORE, at([0.1])),
        "not_enough_traffic",
        "reports count from",
    ),
    "the release is with one customer in twenty: the reason says so": (
        {"releases": FEW_PER_CENT},
        (BEFORE, GO_ON),
        "not_enough_traffic",
        "hardly anybody has the release yet, 5% of customers",
    ),
    "two reports before it make nothing to be expected": (
        {},
        (at([-20, -10]),),
        "not_enough_traffic",
        "2 reports came before the fix in the 42 days that count",
    ),
    "what came before an earlier fix does not count": (
        {"releases": release(later("1.5", -10)), "fixes": ("1.5", "2.0")},
        (at([-20, -19, -18, -17, -16]),),
        "not_enough_traffic",
        "no report came before the fix;",
    ),
    "no report before it": ({}, (at([3.0]),), "not_enough_traffic", "no report came before the fix"),
    "a report a fortnight is too little to tell": ({}, (even(-DAYS_BEFORE, 0, 0.1),), "not_enough_traffic", ""),
    "reports that were fading away already: a few days without any say little": (
        {"day": 7},
        (FADING,),
        "not_enough_traffic",
        "",
    ),
    "its only source died with the fix: nothing is said": (
        {},
        (even(-DAYS_BEFORE, 0.5, 1.5, source="app"), even(-DAYS_BEFORE, 0.5, 20, None, source="app")),
        "not_enough_traffic",
        "silent for longer than a live source would be",
    ),
    "it was rolled back the next day: nothing more will be known": (
        {"releases": release(rolled_back_at=FIXED + pd.Timedelta(days=2))},
        (BEFORE,),
        "not_enough_traffic",
        "rolled back before it could be told",
    ),
    "it was rolled back after two weeks: what was seen until then counts": (
        {"releases": release(rolled_back_at=FIXED + pd.Timedelta(days=14)), "day": 30},
        (BEFORE, even(14, 30, 1.5)),
        "held",
        "in 13 days",
    ),
    "the next fix of the theme came two days later": (
        {"releases": release(later("2.1", 2)), "fixes": ("2.0", "2.1")},
        (BEFORE, even(0, 2, 1.5)),
        "not_enough_traffic",
        "the next fix came before it could be told",
    ),
    "it reached nobody yet by its roll-out": (
        {"releases": STAGED},
        (BEFORE, GO_ON),
        "not_enough_traffic",
        "reports count from",
    ),
    "an outage that a hotfix ended held within a day": (
        {"releases": release(is_hotfix=True), "day": 1},
        (OUTAGE, at([0.02, 0.05, 0.3])),
        "held",
        "",
    ),
    "an outage that goes on after a hotfix: it failed": (
        {"releases": release(is_hotfix=True), "day": 1},
        (OUTAGE, even(0, 1, 400)),
        "failed",
        "",
    ),
    "reports on another platform say nothing about it": (
        {"releases": release().assign(platform="ios")},
        (BEFORE, even(0, 21, 1.5, platform="android")),
        "held",
        "",
    ),
}


@pytest.mark.parametrize(("more", "given", "status", "reason"), RULES.values(), ids=RULES.keys())
def test_what_became_of_a_fix(more: dict[str, Any], given: tuple[pd.DataFrame, ...], status: str, reason: str) -> None:
    found = receipt(*given, **more)
    assert found.status == status, found.reason
    assert reason in found.reason


def test_the_receipt_names_the_theme_that_reports_moved_to() -> None:
    assert receipt(BEFORE, NEAR, NEAR_ROSE).moved_to_theme_id == "near"
    assert receipt(BEFORE, NEAR, NEAR_AS_BEFORE).moved_to_theme_id == ""


def test_what_is_needed_is_told_in_days_and_where_users_are_counted_in_users() -> None:
    days = pd.date_range(FIXED - pd.Timedelta(days=50), periods=54, freq="D")
    counted = pd.DataFrame({"product": "", "platform": "", "start_at": days, "active_count": 100.0})
    without, with_users = receipt(BEFORE, day=3), receipt(BEFORE, day=3, exposure=counted)
    assert without.needs_days is not None
    assert without.needs_users is None
    assert with_users.needs_days is not None
    assert with_users.needs_users == pytest.approx(100 * with_users.needs_days, abs=60)
    assert "more active users" in with_users.reason


def test_an_exposure_with_a_gap_is_not_used() -> None:
    days = pd.date_range(FIXED - pd.Timedelta(days=50), periods=54, freq="D")
    counted = pd.DataFrame({"product": "", "platform": "", "start_at": days, "active_count": 100.0})
    assert receipt(BEFORE, day=3, exposure=counted.drop(index=range(30, 35))) == receipt(BEFORE, day=3)


def test_after_the_days_that_it_asks_for_it_is_told() -> None:
    early = receipt(BEFORE, day=3)
    assert early.needs_days is not None
    assert receipt(BEFORE, day=3 + early.needs_days + 0.2).status == "held"
