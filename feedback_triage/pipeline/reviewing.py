"""People's decisions: which items are worth a look, and what was said of them."""

import csv
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from feedback_triage import sources
from feedback_triage.domain import Decision, Review
from feedback_triage.embed import as_unit, load_encoder
from feedback_triage.errors import InputError, MissingColumnError, NoUsableRowError, OutputError
from feedback_triage.pipeline.jobs import Counts, job, settings_for
from feedback_triage.pipeline.standing import standing_themes
from feedback_triage.pipeline.training import known_labels
from feedback_triage.pipeline.understanding import judged
from feedback_triage.report import spreadsheet_safe
from feedback_triage.review import most_worth, settled_label
from feedback_triage.store import Connection, open_store, proposals, read, reviews
from feedback_triage.taxonomy import NONE_OF_THEM
from feedback_triage.team_labels import read_team_labels

SHEET_COLUMNS = ("id", "decision", "label", "proposed", "why", "text")


def next_to_label(count: int = 10, *, database: str = "", sheet: str = "") -> list[dict[str, Any]]:
    """The items that a person's look would teach most by.

    Args:
        count: how many, at most.
        database: URL, "" for the configured one.
        sheet: a CSV file to fill in and hand to `review_sheet`; "" for none.

    Returns:
        Best first: id, proposed (the label given, or the likeliest one), why, text.

    Raises:
        OutputError: the sheet exists already or cannot be written.
    """
    settings = settings_for(database)
    encoder = load_encoder(settings.models_dir, settings.encoder)
    with open_store(settings.database_url) as store, store.reading() as connection:
        items = judged(connection, read.items(connection))
        read_languages = proposals.label_run(connection).languages
        # A look at what the classifier does not judge would teach it nothing.
        is_judged = items["language"].isin(["", *read_languages]) | (not read_languages)
        items = items[is_judged & ~items["is_reviewed"] & items["probability"].notna()].reset_index(drop=True)
        vectors = as_unit(read.vectors(connection, encoder.encoder_id, list(items["text_sha256"]), encoder.dim))
        items["theme_name"] = _theme_names(connection, items)
    items["likeliest"] = items["likeliest_label"]
    rows = []
    for found in most_worth(items, vectors, count):
        item = items.iloc[found.position].to_dict()
        rows.append({"id": item["item_id"], "proposed": _proposed(item), "why": found.reason, "text": item["verbatim"]})
    if sheet and rows:
        _write_sheet(Path(sheet), rows)
    return rows


def _theme_names(connection: Connection, items: pd.DataFrame) -> "pd.Series[str]":
    present = standing_themes(connection).present
    found = items["item_id"].map(present.theme_of_item).map(present.names).astype(object)
    return found.where(found.notna(), "")


def _write_sheet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, SHEET_COLUMNS, restval="")
            writer.writeheader()
            writer.writerows({name: spreadsheet_safe(value) for name, value in row.items()} for row in rows)
    except FileExistsError:
        raise OutputError(f"{path} exists already and may hold decisions; choose another name") from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}; choose another file") from None


def review_sheet(sheet: str, reviewer: str, *, database: str = "") -> Counts:
    """Store the decisions of a sheet: a CSV or JSON lines file with id, decision and, for relabel, label.

    Rows without a decision are passed over. Nothing is stored unless every decision can be.

    Returns:
        n_rows, n_decided, n_stored (repeating the latest word stores nothing).

    Raises:
        InputError: a row cannot be used; the message names it.
    """
    table = sources.open_table(Path(sheet))
    missing = [name for name in ("id", "decision") if name not in table.columns]
    if missing:
        raise MissingColumnError(f"{sheet} lacks the column {missing[0]!r}; it needs id, decision and label")
    rows = []
    for number, row in enumerate(table.rows(), 1):
        where = f"{sheet}, row {number}"
        if isinstance(row, sources.BrokenRow):
            raise InputError(f"{where}: {row.detail}; nothing was stored")
        rows.append(Decided(where, *(_cell(row.get(name)) for name in ("id", "decision", "label", "proposed"))))
    decided = [row for row in rows if row.decision]
    return {"n_rows": len(rows), **store_reviews(decided, reviewer, database=database)}


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as a person wrote it.

    Attributes:
        where: it stands, for messages.
        item_id: "source:external_id".
        decision: see `Decision`.
        label: for relabel; "" for none.
        proposed: what was proposed when the decision was made; "" for what is proposed now.
    """

    where: str
    item_id: str
    decision: str
    label: str = ""
    proposed: str = ""


def store_reviews(decided: Sequence[Decided], reviewer: str, *, database: str = "") -> Counts:
    """Store decisions.

    Args:
        decided: in the order they were made.
        reviewer: who decided.
        database: URL, "" for the configured one.

    Returns:
        n_decided, n_stored.

    Raises:
        InputError: an item is not there, a decision or a label is unknown.
    """
    if not reviewer.strip():
        raise InputError("a decision needs a reviewer; name one with --reviewer")
    if not decided:
        raise NoUsableRowError("not one row has a decision: write accept, relabel, reject or ignore")
    with job("review", database) as (store, settings, counts):
        team = read_team_labels(settings.team_labels) if settings.team_labels else ()
        known = known_labels(team)
        now = datetime.now(UTC)
        with store.reading() as connection:
            items = judged(connection, read.items(connection))
        known_items = {row["item_id"]: row for row in items.to_dict("records")}
        made, item_pks = [], []
        for one in decided:
            # A sheet writes an apostrophe in front of what a spreadsheet would run as a formula.
            item = known_items.get(one.item_id) or known_items.get(one.item_id.removeprefix("'"))
            if item is None:
                raise InputError(f"{one.where}: the database has no such item; ids look like source:external_id")
            decision, settled = _settled(one, item, known)
            made.append(Review(str(item["item_id"]), decision, settled, reviewer.strip(), now))
            item_pks.append(int(item["item_pk"]))
        with store.writing() as connection:
            counts["n_decided"] = len(made)
            counts["n_stored"] = reviews.add(connection, made, item_pks)
    return counts


def _settled(one: Decided, item: Mapping[Hashable, Any], known: Sequence[str]) -> tuple[Decision, str | None]:
    # Cells are not repeated in messages: with shifted columns they hold what customers wrote.
    try:
        decision = Decision(one.decision.lower())
    except ValueError:
        raise InputError(f"{one.where}: write accept, relabel, reject or ignore as the decision") from None
    if decision is Decision.RELABEL:
        if one.label not in known:
            raise InputError(f"{one.where}: that is no label; known are {', '.join(known)}")
        if one.label == NONE_OF_THEM:
            decision = Decision.REJECT
    proposed = one.proposed if one.proposed in known else _proposed(item)
    if decision is Decision.ACCEPT:
        if proposed is None:
            raise InputError(f"{one.where}: nothing was proposed for this item yet; run triage, or write relabel")
        if one.label and one.label != proposed:
            other = one.label if one.label in known else "another label"
            raise InputError(f"{one.where}: accept keeps {proposed}; write relabel for {other}")
    return decision, settled_label(decision, one.label or None, proposed)


def _proposed(item: Mapping[Hashable, Any]) -> str | None:
    found = item["label"] if isinstance(item["label"], str) else item["likeliest_label"]
    return found if isinstance(found, str) else None
