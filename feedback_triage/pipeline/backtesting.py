"""History told again, and judged: how much of what happened was found, how soon, and how often wrongly."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from feedback_triage import backtest as bt
from feedback_triage.embed import load_encoder
from feedback_triage.errors import InputError, SettingError
from feedback_triage.pipeline.backtest_history import History, read_history
from feedback_triage.pipeline.backtest_known import read_known
from feedback_triage.pipeline.backtest_replay import Progress, Replayed, replay
from feedback_triage.pipeline.backtest_themes import CLUSTER_AGAIN_AT
from feedback_triage.pipeline.instants import read_instant
from feedback_triage.pipeline.jobs import settings_for
from feedback_triage.silence.stream import hours_of, to_hours
from feedback_triage.store import open_store

MOST_LOOKS = 5_000
_MOST_OF = 0.5
_WITHOUT_TIME = 0.9


def backtest(
    start: str,
    end: str,
    *,
    database: str = "",
    known: str = "",
    every_hours: float = 24.0,
    progress: Progress | None = None,
) -> bt.Backtest:
    """Replay the history in a database. Nothing is written to it.

    Args:
        start: first instant, ISO 8601; what is known at it is where the replay begins.
        end: last instant.
        database: URL, "" for the configured one.
        known: file with known incidents, "" for none; see `read_known`.
        every_hours: between two looks.
        progress: told after each look.

    Raises:
        FeedbackTriageError: a date, the file or the database cannot be used.
    """
    settings = settings_for(database)
    start_at, end_at = (read_instant(*option, settings.timezone) for option in (("--from", start), ("--to", end)))
    if start_at >= end_at:
        raise SettingError("--from must be before --to")
    n_looks = (end_at - start_at) / timedelta(hours=every_hours)
    if not 1 <= n_looks <= MOST_LOOKS:
        advice = "not one step fits" if n_looks < 1 else f"{n_looks:,.0f} steps are more than {MOST_LOOKS:,}"
        raise SettingError(f"--every-hours {every_hours:g} does not suit --from and --to: {advice}")
    encoder = load_encoder(settings.models_dir, settings.encoder)
    with open_store(settings.database_url) as store, store.reading() as connection:
        history = read_history(connection, encoder)
    _check_span(history, start_at, end_at)
    incidents: list[bt.KnownIncident] = []
    notes: tuple[str, ...] = ()
    if known:
        item_ids = frozenset(history.items["item_id"])
        incidents, notes = read_known(Path(known), history.releases, item_ids, timezone=settings.timezone)
    looks = bt.look_instants(start_at, end_at, every_hours)
    found = replay(history, looks, window_hours=settings.window_hours, progress=progress)
    listed = incidents if known else None
    return judge(found, history, listed, notes=notes, every_hours=every_hours, timezone=settings.timezone)


def _check_span(history: History, start_at: datetime, end_at: datetime) -> None:
    if history.items.empty:
        raise InputError("the database holds no items; run feedback-triage ingest first")
    if history.n_known(end_at) == history.n_known(start_at):
        first, last = (history.items["written_at"].iloc[place] for place in (0, -1))
        raise InputError(
            f"no item was written between --from and --to; the items are from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        )


def judge(
    found: Replayed,
    history: History,
    known: Sequence[bt.KnownIncident] | None,
    *,
    notes: Sequence[str] = (),
    every_hours: float,
    timezone: str,
) -> bt.Backtest:
    """Score a replay against the known incidents, None where nobody listed them, and by hindsight.

    Args:
        found: the replay.
        history: everything, also of after its end.
        known: in any order.
        notes: sentences to add to those about how it was done.
        every_hours: between two looks.
        timezone: for whoever reads it.
    """
    items = history.items
    incidents = tuple(replace(one, hindsight=_hindsight(one, found, history)) for one in found.incidents)
    has_known = known is not None
    scores = bt.score_incidents(incidents, known or (), has_known=has_known)
    return bt.Backtest(
        start_at=found.start_at,
        end_at=found.looks[-1].at,
        every_hours=every_hours,
        timezone=timezone,
        classifier_version=history.classifier_version,
        has_known=has_known,
        notes=(*_notes(history, timezone), *notes),
        looks=found.looks,
        incidents=incidents,
        scores=scores,
        known=bt.score_known(
            known or (),
            incidents,
            scores,
            found.flagged,
            start_at=found.start_at,
            end_at=found.looks[-1].at,
            written_at=dict(zip(items["item_id"], items["written_at"].dt.to_pydatetime(), strict=True)),
        ),
        windows=found.windows,
        verdict_changes=found.verdict_changes,
    )


def _hindsight(one: bt.FoundIncident, found: Replayed, history: History) -> bt.Hindsight:
    """Judge an incident by all items of its scope, also those of after the backtest."""
    items = history.items
    kind, _, name = one.scope.partition(":")
    rows = pd.Series(data=True, index=items.index)
    if kind == "label":
        rows &= items["label"] == name
    elif kind == "theme":
        of_items = items["item_id"].map(found.theme_of_item)
        # What the theme of that day is called today: where most of the incident's items are.
        today = of_items[items["item_id"].isin(one.item_ids)].value_counts()
        if not len(today) or today.iloc[0] < _MOST_OF * len(one.item_ids):
            return bt.Hindsight(0, 0.0, 0, bt.HindsightVerdict.UNCLEAR)
        rows &= of_items == min(today[today == today.iloc[0]].index)
    for column, value in (("platform", one.platform), ("product", one.product)):
        rows &= (items[column].str.casefold() == value.casefold()) | (value == "")
    times = hours_of(items.loc[rows, "written_at"])
    others = [(to_hours(other.started_at), to_hours(other.last_at)) for other in found.incidents if other is not one]
    known_until = float(hours_of(items["written_at"]).max())
    return bt.judge_by_hindsight(times, to_hours(one.started_at), to_hours(one.last_at), others, known_until)


def _notes(history: History, timezone: str) -> tuple[str, ...]:
    labels = _LABELS.format(version=history.classifier_version) if history.classifier_version else _NO_LABELS
    midnights = (
        history.items["written_at"].dt.tz_convert(timezone).dt.normalize() == history.items["written_at"]
    ).mean()
    notes = (_KNOWN, _THEMES, labels, _HINDSIGHT)
    return (*notes, _DAYS) if midnights >= _WITHOUT_TIME else notes


_KNOWN = (
    "known at a look is what was written and released before it, whenever it was imported; later roll-out steps and "
    "roll-backs of a release are not known, its kind and notes are those of today"
)
_THEMES = (
    "themes are found from nothing at the first instant, clustered again at looks with "
    f"{CLUSTER_AGAIN_AT:.0%} new items or more, and joined by what comes between; people's edits of themes are not used"
)
_LABELS = (
    "labels are those that the classifier in use ({version}) gives today, without people's decisions; it may have "
    "learned from later items"
)
_NO_LABELS = "nothing is labelled, so no incident can be told by its label; run feedback-triage triage first"
_DAYS = "nearly all items have a date without a time, so hours and reports until something was known mean days"
_HINDSIGHT = (
    "hindsight confirms an incident where more items came from its first to its last one than the 99 % point of what "
    "the four weeks before and after it, other incidents left out, make one expect; it asks the same items again, so "
    "chance that was great enough to raise an incident is mostly confirmed"
)
