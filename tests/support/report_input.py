"""A report input with every situation in it, made up from a seed: an outage, a dead link, a loved field, a
dead feed.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from feedback_triage.report import ReportInput, ReportPeriod, empty_frame

END = datetime(2026, 10, 19, tzinfo=UTC)
START = END - timedelta(days=84)
SEED = 20261019

RELEASES: tuple[tuple[str, str, float, str, str], ...] = (
    ("5.5.0", "web", 2.4, "feature", "Playlists can be shared with a password."),
    ("5.6.0", "web", 6.6, "maintenance", "Upgrade the job queue."),
    ("3.30", "ios", 9.3, "mixed", "Faster start, and a fix for rotated thumbnails."),
    ("5.7.0", "web", 13.5, "fix", "Fix the missing VAT number on invoices."),
    ("3.31", "android", 17.4, "fix", "Downloads resume after a lost connection."),
    ("5.8.0", "web", 20.6, "feature", "Chapters can be named in the upload form."),
    ("5.9.0", "web", 24.42, "feature", "New Aurora theme for channel pages."),
    ("3.32", "ios", 30.4, "", ""),
    ("5.10.1", "web", 37.4, "fix", "Fix the dead links in the Aurora theme."),
    ("5.12.0", "web", 43.55, "feature", "Line-up editor: drag and drop."),
    ("5.13.1", "web", 49.43, "fix", "Uploaded caption files no longer disappear."),
    ("5.14.0", "web", 51.46, "feature", "Watch parties: watch a video together with live reactions."),
    ("5.15.0", "web", 57.4, "feature", "Analytics: watch-through by chapter."),
    ("3.34", "android", 60.3, "maintenance", "Bug fixes and stability improvements."),
    ("5.17.1", "web", 66.45, "fix", "Line-up changes reach the apps again."),
    ("5.19.0", "web", 71.4, "mixed", "Quieter notifications, and a fix for empty search pages."),
    ("3.36", "ios", 77.5, "feature", "The player remembers the speed of each channel."),
    ("5.21.0", "web", 79.4, "maintenance", "Move the thumbnail cache."),
    ("5.21.1", "web", 81.6528, "fix", "Fix stale thumbnails on channel pages."),
    ("5.21.2", "web", 81.788, "fix", "Bring back players, logins and dashboards."),
)

SITUATIONS: tuple[tuple[str, str, str | None, float, float, int, tuple[str, ...]], ...] = (
    (
        *("t-outage", "Blank page instead of videos", None, 81.656, 81.95, 70),
        (
            "Nothing loads. Blank page on every video since twenty minutes.",
            "Is it only us, or is the whole site gone? Dashboard gives a 502.",
            "our lesson starts in 10 minutes and the player is WHITE. help",
            "Cannot log in, cannot watch, cannot even reach your status page.",
        ),
    ),
    (
        *("t-aurora", "Dead link in the Aurora theme", "broken_link", 24.5, 38.5, 42),
        (
            "The support link in the footer of the Aurora theme goes to a 404.",
            "“Watch next” on the new theme leads nowhere, please check.",
            "Clicked the footer link on our channel page: page not found.",
        ),
    ),
    (
        *("t-lineup", "Line-up changes missing in the app", "sync_bug", 43.6, 84.0, 66),
        (
            "I reordered the line-up on the web, the phone still plays the old order.",
            "New videos in the line-up only show up in the app half a day later.",
            "line-up on android is not what i saved in the editor. third time this week",
        ),
    ),
    (
        *("t-chapters", "Watch-through by chapter", "praise", 57.5, 84.0, 58),
        (
            "Watch-through by chapter is exactly what we were missing. Thank you!",
            "I love this new field on the analytics page.",
            "Finally I can see where my viewers leave. Brilliant.",
        ),
    ),
    (
        *("t-captions", "Caption files disappear", None, 0.0, 49.5, 40),
        (
            "My .srt came back empty after the upload.",
            "Captions vanish once I publish the video.",
            "Second time that the caption file is gone.",
        ),
    ),
    (
        *("t-invoice", "Invoices without a VAT number", None, 0.0, 84.0, 36),
        (
            "Our accountant refuses invoices without our VAT number.",
            "Wo finde ich die Rechnung für September?",
            "Invoice shows the wrong company address again.",
        ),
    ),
    (
        *("t-speed", "Uploads are faster", "praise", 5.0, 84.0, 48),
        (
            "Uploads are so much faster now, thank you!",
            "Fast uploads, great support. Five stars.",
            "👍👍 superbe",
        ),
    ),
)

BACKGROUND: tuple[tuple[str | None, str], ...] = (
    (None, "Could you add a dark theme for the embed player?"),
    (None, "How do I move a seat from one colleague to another?"),
    ("praise", "Great tool, we use it every week at the rowing club."),
    ("silence", "n/a"),
    ("silence", ""),
    (None, "Too expensive for a small school."),
    ("sync_bug", "My phone still shows the playlist I deleted on the laptop yesterday."),
    ("broken_link", "The invite you e-mailed me leads to an empty page."),
    (None, "Pourquoi la recherche est-elle si lente ?"),
)

HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
    "\u202eright to left \u2067override",
    "W" * 10_000,
    '=HYPERLINK("http://example.invalid","press")',
    "null \x00 bell \x07 lone \ud800 line\u2028separator </script> <!-- 🎬👩🏽‍🚀",
)


def make_report_input(seed: int = SEED, *, n_background: int = 260, hostile: bool = True) -> ReportInput:
    """The whole example; another seed moves times, channels and probabilities."""
    generator = random.Random(seed)
    rows = [
        _row(generator, f"{theme}-{n}", generator.choice(texts), label, first, last, theme)
        for theme, _, label, first, last, total, texts in SITUATIONS
        for n in range(total)
    ]
    for n in range(n_background):
        label, text = generator.choice(BACKGROUND)
        rows.append(_row(generator, f"b-{n}", text, label, 0.0, 84.0, None))
    if hostile:
        rows += [_row(generator, f"h-{n}", text, None, 78.0, 83.0, None) for n, text in enumerate(HOSTILE)]
    # As objects: a text with a lone surrogate cannot be held by the string type of pandas.
    items = _linked(pd.DataFrame(rows, dtype="object").astype({"probability": float, "probability_none": float}))
    mentions = _mentions(items)
    return ReportInput(
        as_of=END + timedelta(hours=6),
        period=ReportPeriod(END - timedelta(days=7), END),
        product_name="Vidlane",
        items=items,
        releases=_releases(),
        themes=_themes(items),
        windows=_windows(items, mentions),
        reigns=_reigns(items),
        feeds=_feeds(items),
        accounting=_accounting(items),
        rejected=_rejected(),
        theme_events=_theme_events(),
        mentions=mentions,
    )


def empty_report_input(**changes: Any) -> ReportInput:
    """Nothing has been read yet; give frames to change that."""
    given: dict[str, Any] = {
        "as_of": END,
        "period": ReportPeriod(END - timedelta(days=7), END),
        "product_name": "Vidlane",
    }
    names = (
        "items",
        "releases",
        "themes",
        "windows",
        "reigns",
        "feeds",
        "accounting",
        "rejected",
        "theme_events",
    )
    return ReportInput(**(given | {name: empty_frame(name) for name in names} | changes))


def at(day: float) -> datetime:
    """The instant so many days after the start of the example, to the second."""
    return START + timedelta(seconds=round(day * 86_400))


def release_id(version: str) -> str:
    """The id of a release of the example."""
    platform = next(row[1] for row in RELEASES if row[0] == version)
    return f"{platform}/{version}"


def _row(
    generator: random.Random,
    key: str,
    text: str,
    label: str | None,
    first: float,
    last: float,
    theme: str | None,
) -> dict[str, Any]:
    source = generator.choices(("app_review", "support_email", "survey", "chat", "social"), (3, 3, 2, 3, 1))[0]
    written_at = at(generator.uniform(first, last))
    if source == "chat" and written_at > at(71.6):
        source = "support_email"
    is_sure = label is not None and generator.random() > 0.06
    probability = generator.uniform(0.75, 0.99) if is_sure else generator.uniform(0.2, 0.5)
    none = (1 - probability) * 0.6 if is_sure else (1 - probability) * generator.choice((0.75, 0.95, 0.97))
    platform = generator.choice(("ios", "android")) if source == "app_review" else generator.choice(("web", ""))
    return {
        "item_id": f"{source}:{key}",
        "source": source,
        "external_id": key,
        "written_at": written_at,
        "verbatim": text,
        "title": generator.choice(("", "Please help", "My review")) if source == "app_review" else "",
        "rating": float(generator.randint(1, 5)) if source == "app_review" else None,
        "platform": platform,
        "app_version": "3.32" if platform == "ios" else "",
        "author_key": f"c-{generator.randint(1, 300):04d}",
        "label": label if is_sure else None,
        "probability": probability,
        "probability_none": none,
        "abstained": not is_sure,
        "theme_id": theme,
        "declared_release_id": "ios/3.32" if platform == "ios" else None,
        "language": "fr" if "recherche" in text else "de" if "Rechnung" in text else "en" if text else "",
    }


def _linked(items: pd.DataFrame) -> pd.DataFrame:
    """With the newest release of the item's platform, or of the web where it has none."""
    found: list[str | None] = []
    for written_at, platform in zip(items["written_at"], items["platform"], strict=True):
        wanted = platform or "web"
        past = [row for row in RELEASES if row[1] == wanted and at(row[2]) <= written_at]
        found.append(f"{wanted}/{past[-1][0]}" if past else None)
    items["release_id"] = pd.Series(found, dtype="object")
    items["written_at"] = pd.to_datetime(items["written_at"], utc=True)
    return items


def _releases() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "release_id": f"{platform}/{version}",
                "version": version,
                "released_at": pd.Timestamp(at(day)),
                "product": "",
                "platform": platform,
                "kind": kind or None,
                "notes": notes,
                "is_derived": not kind,
            }
            for version, platform, day, kind, notes in RELEASES
        ]
    )


def _themes(items: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for position, (theme, name, _, first, _, _, texts) in enumerate(SITUATIONS):
        own = items[items["theme_id"] == theme].sort_values("written_at", ascending=False)
        exemplars = [
            own[own["verbatim"] == text]["item_id"].iloc[0] for text in texts if (own["verbatim"] == text).any()
        ]
        current = own[own["written_at"] >= END - timedelta(days=7)]
        before = own[(own["written_at"] >= END - timedelta(days=35)) & ~own.index.isin(current.index)]
        rows.append(
            {
                "theme_id": theme,
                "name": name,
                "keyphrases": tuple(name.lower().split()[:4]),
                "exemplar_item_ids": tuple(exemplars),
                "size": len(own),
                "score": float(10 - position if len(current) else 1 - position / 10),
                "n_period": len(current),
                "n_before_mean": len(before) / 4,
                "growth_ratio": len(current) / max(1.0, len(before) / 4),
                "n_customers": int(current["author_key"].nunique()),
                "is_new": first > 77,
                "is_returning": False,
                "last_at": own["written_at"].iloc[0],
            }
        )
    return pd.DataFrame(rows)


def _window(
    version: str, subject: str, hours: float, counts: tuple[float, int, int, int], words: tuple[str, str, str]
) -> dict[str, Any]:
    expected, lower, upper, observed = counts
    status, verdict, reason = words
    day = next(row[2] for row in RELEASES if row[0] == version)
    return {
        "release_id": release_id(version),
        "subject": subject,
        "start_at": pd.Timestamp(at(day)),
        "end_at": pd.Timestamp(at(day) + timedelta(hours=hours)),
        "expected_count": expected,
        "lower": lower,
        "upper": upper,
        "observed_count": observed,
        "status": status,
        "verdict": verdict,
        "reason": reason,
        "is_spike": observed > upper,
    }


def _windows(items: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    unnoticed = "nobody mentioned it in 7 days; earlier features got 5 to 22 mentions"
    held = "the fix holds so far: 0 reports in 14 days where 4 to 15 were expected"
    about = items[items["item_id"].isin(mentions[mentions["release_id"] == "web/5.17.1"]["item_id"])]
    n_after = int(about["written_at"].between(at(66.45), at(80.45), inclusive="left").sum())
    rows = [
        _window("5.14.0", "notes", 168, (11.0, 5, 22, 0), ("quiet", "bad", unnoticed)),
        _window("3.36", "notes", 120, (8.0, 3, 15, 0), ("quiet", "bad", "nobody mentioned it in 5 days")),
        _window("5.13.1", "notes", 168, (9.0, 4, 15, 0), ("quiet", "good", held)),
        _window(
            "5.17.1",
            "notes",
            336,
            (12.0, 6, 32, n_after),
            ("heard", "cannot_tell", f"reports go on: {n_after}"),
        ),
        _window(
            "5.19.0",
            "notes",
            336,
            (6.0, 2, 11, 0),
            ("quiet", "good", "the fix holds so far: 0 reports in 14 days"),
        ),
        _window("5.21.2", "all", 72, (20.0, 11, 31, 9), ("open", "cannot_tell", "the window is open until Monday")),
        _window(
            "5.21.0",
            "all",
            72,
            (20.0, 11, 31, 88),
            ("heard", "cannot_tell", "88 items came where 11 to 31 were expected"),
        ),
    ]
    heard = ("heard", "cannot_tell", "as many came as expected")
    rows += [_window(version, "all", 72, (16.0, 8, 26, 15), heard) for version in ("5.5.0", "5.6.0", "5.9.0")]
    stale = ("feed_stale", "cannot_tell", "chat was silent in this window")
    return pd.DataFrame([*rows, _window("5.19.0", "all", 72, (18.0, 9, 29, 8), stale)])


def _reigns(items: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for platform in ("web", "ios", "android"):
        own = [row for row in RELEASES if row[1] == platform]
        for position, (version, _, day, _, _) in enumerate(own):
            end = at(own[position + 1][2]) if position + 1 < len(own) else END
            hours = (end - at(day)) / timedelta(hours=1)
            expected = hours * (0.18 if platform == "web" else 0.03)
            is_first = version == "5.5.0"  # before it too little came for anything to be foreseen
            rows.append(
                {
                    "release_id": release_id(version),
                    "start_at": pd.Timestamp(at(day)),
                    "end_at": pd.Timestamp(end),
                    "hours": hours,
                    "observed_count": int((items["release_id"] == release_id(version)).sum()),
                    "expected_count": float("nan") if is_first else expected,
                    "lower": float("nan") if is_first else max(0, round(expected - 2.4 * expected**0.5)),
                    "upper": float("nan") if is_first else round(expected + 2.8 * expected**0.5) + 1,
                }
            )
    return pd.DataFrame(rows)


def _feeds(items: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "source": source,
                "n_items": len(own),
                "first_at": own["written_at"].min(),
                "last_at": own["written_at"].max(),
                "usual_gap_hours": 84 * 24 / len(own),
                "status": "stale" if source == "chat" else "alive",
                "reason": "silent for 12 days; the longest gap before was 2 days"
                if source == "chat"
                else "heard this week",
            }
            for source, own in items.groupby("source")
        ]
    )


def _accounting(items: pd.DataFrame) -> pd.DataFrame:
    stored = items.groupby("source").size()
    rows = [
        {
            "file_name": f"{source}.csv",
            "n_read": int(n) + 3,
            "n_stored": int(n),
            "n_already_known": 1,
            "n_rejected": 2,
        }
        for source, n in stored.items()
    ]
    return pd.DataFrame(rows)


def _rejected() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"file_name": f"{source}.csv", "row_number": row, "reason": reason, "detail": detail}
            for source in ("app_review", "chat", "social", "support_email", "survey")
            for row, reason, detail in (
                (17, "written_at_missing", "the row has no date"),
                (230, "written_at_unreadable", "the date cannot be read; give year-month-day"),
            )
        ]
    )


def _theme_events() -> pd.DataFrame:
    events = [
        ("t-outage", "born", "New this week.", 83.0),
        ("t-lineup", "merged", "Took in “Old order in the app”.", 70.0),
    ]
    return pd.DataFrame(
        [
            {"theme_id": theme, "kind": kind, "text": text, "happened_at": pd.Timestamp(at(day))}
            for theme, kind, text, day in events
        ]
    )


def _mentions(items: pd.DataFrame) -> pd.DataFrame:
    about = {"t-aurora": ("5.9.0", "5.10.1"), "t-lineup": ("5.12.0", "5.17.1"), "t-chapters": ("5.15.0",)}
    rows = [
        {"release_id": release_id(version), "item_id": item_id}
        for theme, versions in about.items()
        for version in versions
        for item_id in items[items["theme_id"] == theme]["item_id"]
    ]
    return pd.DataFrame(rows)
