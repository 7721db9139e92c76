"""The replay itself: look by look through a history."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pandas as pd

from feedback_triage import backtest as bt
from feedback_triage.domain import Incident, LinkBasis, Suspect
from feedback_triage.incidents import find_incidents
from feedback_triage.pipeline.backtest_history import History
from feedback_triage.pipeline.backtest_ledger import ledger_at, needs_ledger
from feedback_triage.pipeline.backtest_themes import Reclustered, ThemeReplay
from feedback_triage.pipeline.incidents import suspects_of
from feedback_triage.pipeline.known import Known
from feedback_triage.themes import rank

THEME_DAYS = 7  # as in the report: a theme is new or grows over a week

Progress = Callable[[int, int], None]
"""Told how many looks are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay saw, before anything is judged.

    Attributes:
        looks, incidents, windows, verdict_changes: see `backtest.Backtest`.
        flagged: themes that looks showed as new, returning or growing, oldest look first.
        start_at: the first instant.
        theme_of_item: of every item of the history, with the themes of the last look.
    """

    looks: tuple[bt.Look, ...]
    incidents: tuple[bt.FoundIncident, ...]
    windows: tuple[bt.WindowOutcome, ...]
    verdict_changes: tuple[bt.VerdictChange, ...]
    flagged: tuple[bt.FlaggedTheme, ...]
    start_at: datetime
    theme_of_item: "pd.Series[str]"


def replay(
    history: History, looks: Sequence[datetime], *, window_hours: Sequence[float], progress: Progress | None = None
) -> Replayed:
    """Look at the history at each instant.

    Themes stand as the last clustering left them, and what came since has joined them, when incidents are looked for:
    the detector judges each item at its own instant, and must not see themes that later items made. With themes that
    stand it finds the same whether it is asked at each look or at the last one before they change, so it is asked then.

    Args:
        history: everything.
        looks: rising instants; at the first one the replay begins, nothing is told of the time before it.
        window_hours: lengths of the windows of the silence ledger.
        progress: told after each look.
    """
    items = history.items
    written_at = dict(zip(items["item_id"], items["written_at"].dt.to_pydatetime(), strict=True))
    themes = ThemeReplay(history.vectors, list(items["text_sha256"]), history.speaks)
    windows = bt.WindowLog(looks[0])
    log = bt.IncidentLog(looks[0], lambda incident, at: _suspects(history, incident, at, written_at))
    flagged: list[bt.FlaggedTheme] = []
    told: list[bt.Look] = []
    themes_at = looks[0]
    themes.cluster(history.n_known(looks[0]))
    for number, (before, at) in enumerate(pairwise(looks), 1):
        n, is_last = history.n_known(at), at == looks[-1]
        is_due = themes.is_due(n)
        if is_due or is_last:
            log.see(_incidents(history, themes, n, at), themes_at, written_at)
        done = Reclustered(0, 0)
        if is_due:
            done, themes_at = themes.cluster(n), at
            if is_last:
                log.see(_incidents(history, themes, n, at), themes_at, written_at)
        known = _with_themes(history, themes, n)
        shown = _flagged(known, at)
        flagged += shown
        releases = history.releases_at(at)
        seen = bt.WindowsSeen((), ())
        if needs_ledger(releases, window_hours, before, at):
            seen = windows.see(ledger_at(history, n, releases, window_hours, at), at)
        holding = [window for window in seen.ended if window.is_told]
        told.append(
            bt.Look(
                at=at,
                n_items=n,
                n_new=n - history.n_known(before),
                n_releases=len(releases),
                n_themes=int(known["theme_id"].nunique()),
                is_clustered=is_due,
                n_born=done.n_born,
                n_ended=done.n_ended,
                n_flagged=len(shown),
                incident_ids=(),
                n_windows_ended=len(seen.ended),
                n_told=len(holding),
                n_inside=sum(window.is_inside for window in holding),
                n_verdict_changes=len(seen.changes),
            )
        )
        if progress:
            progress(number, len(looks) - 1)
    spans = zip(told, pairwise(looks), strict=True)
    told = [
        replace(look, incident_ids=tuple(one.incident_id for one in log.found if before < one.known_at <= at))
        for look, (before, at) in spans
    ]
    theme_of_item = pd.Series(themes.theme_ids(len(items)), index=items["item_id"], dtype=object)
    return Replayed(tuple(told), log.found, windows.outcomes, windows.changes, tuple(flagged), looks[0], theme_of_item)


_ITEM_COLUMNS = ["item_id", "written_at", "source", "product", "platform", "label", "author_key"]


def _with_themes(history: History, themes: ThemeReplay, n: int) -> pd.DataFrame:
    theme_ids = pd.Series(themes.theme_ids(n), dtype=object, index=history.items.index[:n])
    return history.items.iloc[:n][_ITEM_COLUMNS].assign(theme_id=theme_ids)


def _incidents(history: History, themes: ThemeReplay, n: int, at: datetime) -> list[Incident]:
    return find_incidents(_with_themes(history, themes, n), as_of=at) if n else []


def _flagged(known: pd.DataFrame, at: datetime) -> list[bt.FlaggedTheme]:
    start = at - timedelta(days=THEME_DAYS)
    if not known["theme_id"].notna().any():
        return []
    period = known[known["written_at"] >= start].groupby("theme_id")["item_id"]
    item_ids = {str(theme_id): frozenset(group) for theme_id, group in period}
    found = []
    for row in rank(known, start, at).sort_values("theme_id").to_dict("records"):
        kind = "new" if row["is_new"] else "returning" if row["is_returning"] else ""
        kind = kind or ("growing" if row["growth_lower"] > 1 else "")
        if kind:
            found.append(bt.FlaggedTheme(at, row["theme_id"], kind, item_ids[row["theme_id"]]))
    return found


def _suspects(
    history: History, incident: Incident, at: datetime, written_at: dict[str, datetime]
) -> tuple[Suspect, ...]:
    """Name the suspects with the reports, items and releases known at an instant, that of the last report included."""
    n = history.n_known(at + timedelta(microseconds=1))
    reports = tuple(item_id for item_id in incident.item_ids if written_at[item_id] <= at)
    items = history.items.iloc[:n].assign(theme_id=None, declared_release_id=history.declared.iloc[:n])
    in_use = history.links[history.links["basis"] == LinkBasis.IN_USE.value]
    in_use = in_use[in_use["item_id"].isin(reports)][["item_id", "release_id", "probability"]]
    known = Known(items, history.releases_at(at), in_use.reset_index(drop=True), 0)
    named = suspects_of(known, [replace(incident, item_ids=reports)], history.notes, at)
    return tuple(named.get(("incident", incident.incident_id), ()))
