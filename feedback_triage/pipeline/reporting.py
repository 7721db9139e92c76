"""The report: everything known up to an instant, handed to `report` as values, and written to a folder."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from feedback_triage import report, silence, themes
from feedback_triage.describe import telling_words
from feedback_triage.errors import OutputError
from feedback_triage.incidents import push_hours as find_push_hours
from feedback_triage.pipeline import mapping
from feedback_triage.pipeline.known import known_at
from feedback_triage.pipeline.standing import Standing, standing_themes
from feedback_triage.proof import urls_in
from feedback_triage.store import Store, ledger, proofs, proposals, read, write
from feedback_triage.taxonomy import BROKEN_LINK, PRAISE

PERIOD_DAYS = 7


def data_as_of(store: Store, timezone: str) -> datetime | None:
    """The first midnight after the last item: a report "as of" it is the same whenever it is made.

    Returns:
        None when there is no item.
    """
    with store.reading() as connection:
        last = read.last_written_at(connection)
    if last is None:
        return None
    local = last.astimezone(ZoneInfo(timezone))
    return datetime.combine(local.date() + timedelta(days=1), time(), tzinfo=ZoneInfo(timezone))


def report_period(as_of: datetime, timezone: str) -> report.ReportPeriod:
    """The seven days that end with the last midnight at or before `as_of`, in local time."""
    zone = ZoneInfo(timezone)
    end_on = as_of.astimezone(zone).date()
    start_on = end_on - timedelta(days=PERIOD_DAYS)
    return report.ReportPeriod(
        start=datetime.combine(start_on, time(), tzinfo=zone),
        end=datetime.combine(end_on, time(), tzinfo=zone),
    )


def report_input(store: Store, *, as_of: datetime, timezone: str, product_name: str) -> report.ReportInput:
    """Gather what the report is made from; nothing written at or after `as_of` is in it."""
    with store.reading() as connection:
        standing = standing_themes(connection)
        known = known_at(connection, as_of, standing.present)
        label_run = proposals.label_run(connection)
        windows = ledger.silence_windows(connection)
        mentions = read.release_mentions(connection)
        events = read.theme_events(connection)
        accounting = read.ingested_files(connection)
        rejected = read.rejected_rows(connection)
        answered = proofs.proofs(connection)
        incidents, suspects = ledger.incidents(connection), ledger.suspects(connection)
        receipts = ledger.fix_receipts(connection)
    period = report_period(as_of, timezone)
    items, releases = known.items, known.releases
    theme_frame = report.empty_frame("themes")
    if items["theme_id"].notna().any():
        ranked = themes.rank(items, period.start, period.end)
        columns = ["theme_id", "keyphrases", "exemplar_item_ids", "size", "area"]
        theme_frame = ranked.merge(standing.themes[columns], on="theme_id", how="inner")
        theme_frame["name"] = theme_frame["theme_id"].map(standing.present.names)
    pushes = _push_hours(releases, incidents, suspects, items, timezone)
    dots, discs = mapping.theme_map(store, items, theme_frame, standing)
    return report.ReportInput(
        as_of=as_of,
        period=period,
        product_name=product_name,
        items=items,
        releases=releases,
        themes=theme_frame,
        windows=windows,
        reigns=_reigns(items, releases, as_of, product_name),
        feeds=silence.feed_status(items, as_of),
        accounting=accounting,
        rejected=rejected,
        theme_events=theme_history(events, standing),
        n_in_hidden_themes=known.n_in_hidden_themes,
        mentions=mentions[mentions["item_id"].isin(items["item_id"])],
        timezone=timezone,
        links=_links(items, answered),
        languages=label_run.languages,
        incidents=_with_words(incidents, items, product_name),
        suspects=suspects,
        receipts=receipts,
        push_hours=pushes.iloc[1:].reset_index(drop=True),
        push_hours_sentence=str(pushes["reason"].iloc[0]),
        map=dots,
        map_themes=discs,
    )


def _links(items: pd.DataFrame, answered: pd.DataFrame) -> pd.DataFrame:
    """What links answered, with the number of items labelled broken_link that name each; others are left out."""
    if answered.empty:
        return report.empty_frame("links")
    complaints = items[items["label"] == BROKEN_LINK]
    words = complaints["title"] + "\n" + complaints["verbatim"]
    named = words.map(lambda text: list(urls_in(text))).explode().dropna().value_counts()
    found = answered.assign(n_items=answered["url"].map(named).fillna(0).astype(int))
    return found[found["n_items"] > 0].reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """Where a report lies: the page, its tables, and the text that a terminal shows."""

    html: Path
    summary: Path
    tables: Mapping[str, Path]


def write_report(
    store: Store,
    directory: Path,
    *,
    as_of: datetime,
    timezone: str,
    product_name: str,
    created_at: datetime,
) -> WrittenReport:
    """Write the report's files.

    Raises:
        OutputError: the folder cannot be written; an earlier report stays whole.
    """
    value = report.build_report(
        report_input(
            store,
            as_of=as_of,
            timezone=timezone,
            product_name=product_name,
        )
    )
    paths = report.write_report(value, directory)
    period = report_period(as_of, timezone)
    with store.writing() as connection:
        write.triage_report(
            connection,
            {
                "as_of": as_of,
                "period_start": period.start,
                "period_end": period.end,
                "html_sha256": hashlib.sha256(paths.html.read_bytes()).hexdigest(),
                "created_at": created_at,
            },
        )
    summary = paths.html.with_name("summary.txt")
    try:
        summary.write_text(report.render_summary(value), "utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write {summary}: {error.strerror}; free some space or choose another folder"
        ) from None
    return WrittenReport(paths.html, summary, paths.tables)


_MOSTLY = 0.5
_WEEKS_COMPARED = 8  # with what came in these weeks before a spike its words are compared


def _reigns(items: pd.DataFrame, releases: pd.DataFrame, as_of: datetime, product_name: str) -> pd.DataFrame:
    reigns = silence.release_reigns(items.assign(most_recent=items["release_id"]), releases, as_of)
    # A release without enough feedback before it has nothing to be compared with.
    reigns = reigns.dropna(subset=["expected_count", "lower", "upper"]).reset_index(drop=True)
    told = []
    for reign in reigns.to_dict("records"):
        start, end = pd.Timestamp(reign["start_at"]), pd.Timestamp(reign["end_at"])
        is_loud = reign["observed_count"] > reign["upper"]
        during = items["written_at"].between(start, end, inclusive="left") & (
            items["release_id"] == reign["release_id"]
        )
        told.append(_words_against_before(items, during, start, product_name) if is_loud else ())
    return reigns.assign(keyphrases=pd.Series(told, dtype=object, index=reigns.index))


def _with_words(incidents: pd.DataFrame, items: pd.DataFrame, product_name: str) -> pd.DataFrame:
    """Add what customers say in each incident and did not say before it: `keyphrases`."""
    told = [
        _words_against_before(items, items["item_id"].isin(item_ids), start, product_name)
        for item_ids, start in zip(incidents["item_ids"], incidents["started_at"], strict=True)
    ]
    return incidents.assign(keyphrases=pd.Series(told, dtype=object, index=incidents.index))


def _push_hours(
    releases: pd.DataFrame, incidents: pd.DataFrame, suspects: pd.DataFrame, items: pd.DataFrame, timezone: str
) -> pd.DataFrame:
    """Ask whether the hour of a push goes with incidents; a burst of praise is no reason to push at another hour."""
    label = items.set_index("item_id")["label"]
    is_praise = [(label.reindex(list(ids)) == PRAISE).mean() > _MOSTLY for ids in incidents["item_ids"]]
    bad = incidents.loc[[not praise for praise in is_praise], "incident_id"]
    of_them = suspects[(suspects["subject_kind"] == "incident") & suspects["subject_id"].isin(bad)]
    probability = of_them.dropna(subset=["release_id"]).groupby("release_id")["probability"].sum()
    pushes = find_push_hours(releases, {str(key): float(value) for key, value in probability.items()}, timezone)
    return pushes.rename(columns={"kind": "group", "incident_ratio": "ratio"})


def _words_against_before(
    items: pd.DataFrame, chosen: "pd.Series[bool]", start: pd.Timestamp, product_name: str
) -> tuple[str, ...]:
    earlier = items["written_at"].between(start - pd.Timedelta(weeks=_WEEKS_COMPARED), start, inclusive="left")
    words = frozenset(product_name.casefold().split())
    return tuple(
        telling_words(list(items.loc[chosen, "text"]), list(items.loc[earlier & ~chosen, "text"]), product_words=words)
    )


_EVENT_SENTENCES = {
    "born": "first seen",
    "continued": "went on with other items",
    "merged": "went into {others}",
    "split": "{others} split off",
    "ended": "ended",
}


def theme_history(events: pd.DataFrame, standing: Standing) -> pd.DataFrame:
    """What happened to themes, by the machine and by people: theme_id, kind, text (a sentence), happened_at.

    Args:
        events: see `store.read.theme_events`.
        standing: for the edits, and for what themes are called now.
    """
    # The first clustering finds every theme at once: that a theme was born then says nothing about customers.
    events = events[events["clustering_pk"] > events["clustering_pk"].min()]
    names = standing.names_ever
    told = events[["theme_id", "kind", "happened_at"]].copy()
    told["text"] = [
        _EVENT_SENTENCES[kind].format(others=", ".join(f"“{names.get(other, other)}”" for other in related))
        for kind, related in zip(events["kind"], events["related_theme_ids"], strict=True)
    ]
    edits = themes.edit_events(standing.edits, names)
    if not edits:
        return told
    edited = pd.DataFrame([asdict(edit) | {"kind": edit.kind.value} for edit in edits])
    edited["happened_at"] = pd.to_datetime(edited["happened_at"], utc=True).dt.as_unit("us")
    return pd.concat([told, edited], ignore_index=True) if len(told) else edited
