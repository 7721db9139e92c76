"""What came after releases: the silence ledger, incidents, suspects and fix receipts. Each is computed anew from
everything known, so it is replaced as a whole: nothing old may linger.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, delete, insert, select

from feedback_triage.domain import FixReceipt, Incident, SilenceWindow, Suspect
from feedback_triage.store import ledger_tables as lt
from feedback_triage.store import tables as t
from feedback_triage.store.frames import ITEM_ID, as_frame
from feedback_triage.store.upserts import batches, insert_new


def put_silence_windows(connection: Connection, windows: Sequence[SilenceWindow]) -> None:
    """Replace the silence ledger."""
    _replace(connection, lt.silence_window, windows)


def silence_windows(connection: Connection) -> pd.DataFrame:
    """Every window, oldest release first: release_id, the fields of `domain.SilenceWindow`, is_spike."""
    window = lt.silence_window.c
    query = (
        select(t.release.c.release_id, *(column for column in window if column.name != "release_pk"))
        .select_from(lt.silence_window.join(t.release))
        .order_by(t.release.c.released_at, t.release.c.release_id, window.subject, window.end_at)
    )
    frame = as_frame(connection, query, ["start_at", "end_at"])
    frame["could_hide_ratio"] = frame["could_hide_ratio"].astype("float64")
    frame["is_spike"] = frame["observed_count"] > frame["upper"]
    return frame


def put_incidents(connection: Connection, incidents: Sequence[Incident], item_pks: Mapping[str, int]) -> None:
    """Replace the incidents; `item_pks` gives the key of each of their items by its `item_id`."""
    connection.execute(delete(lt.incident_item))
    connection.execute(delete(lt.incident))
    for incident in incidents:
        row = asdict(incident)
        row["also_in"] = json.dumps(row.pop("also_in"))
        item_ids = row.pop("item_ids")
        connection.execute(insert(lt.incident).values(row))
        insert_new(
            connection,
            lt.incident_item,
            [{"incident_id": incident.incident_id, "item_pk": item_pks[item_id]} for item_id in item_ids],
        )


def incidents(connection: Connection) -> pd.DataFrame:
    """Every incident, oldest first: the fields of `domain.Incident`; `ended_at` NaT while it goes on."""
    incident = lt.incident.c
    query = select(lt.incident).order_by(incident.started_at, incident.incident_id)
    frame = as_frame(connection, query, ["started_at", "raised_at", "last_at", "ended_at"])
    frame["also_in"] = [tuple(json.loads(value)) for value in frame["also_in"]]
    of_incidents = (
        select(lt.incident_item.c.incident_id, ITEM_ID)
        .select_from(lt.incident_item.join(t.feedback_item).join(t.source))
        .order_by(t.feedback_item.c.written_at, ITEM_ID)
    )
    items: dict[str, list[str]] = {}
    for incident_id, item_id in connection.execute(of_incidents):
        items.setdefault(incident_id, []).append(item_id)
    frame["item_ids"] = pd.Series([tuple(items.get(key, ())) for key in frame["incident_id"]], dtype=object)
    return frame


def put_suspects(connection: Connection, suspects: Mapping[tuple[str, str], Sequence[Suspect]]) -> None:
    """Replace the suspects. A key is what they are suspected of: ("incident" or "theme", its id)."""
    connection.execute(delete(lt.suspect))
    pks = _release_pks(connection)
    rows = [
        {
            "subject_kind": kind,
            "subject_id": subject_id,
            "position": position,
            "release_pk": None if suspect.release_id is None else pks[suspect.release_id],
            "probability": suspect.probability,
            "reason": suspect.reason,
        }
        for (kind, subject_id), found in suspects.items()
        for position, suspect in enumerate(found)
    ]
    for batch in batches(rows):
        connection.execute(insert(lt.suspect), batch)


def suspects(connection: Connection) -> pd.DataFrame:
    """Every suspect, likeliest first: subject_kind, subject_id, release_id (None: none), probability, reason."""
    suspect = lt.suspect.c
    query = (
        select(
            *(suspect.subject_kind, suspect.subject_id, t.release.c.release_id),
            *(suspect.probability, suspect.reason),
        )
        .select_from(lt.suspect.outerjoin(t.release))
        .order_by(suspect.subject_kind, suspect.subject_id, suspect.position)
    )
    frame = as_frame(connection, query)
    frame["release_id"] = frame["release_id"].astype(object).where(frame["release_id"].notna(), None)
    return frame


def put_fix_receipts(connection: Connection, receipts: Sequence[FixReceipt]) -> None:
    """Replace the fix receipts."""
    _replace(connection, lt.fix_receipt, receipts)


def fix_receipts(connection: Connection) -> pd.DataFrame:
    """Every receipt, oldest release first: the fields of `domain.FixReceipt`, with NaN for None."""
    receipt = lt.fix_receipt.c
    query = (
        select(t.release.c.release_id, *(column for column in receipt if column.name != "release_pk"))
        .select_from(lt.fix_receipt.join(t.release))
        .order_by(t.release.c.released_at, t.release.c.release_id, receipt.theme_id)
    )
    return as_frame(connection, query).astype({"needs_days": "float64", "needs_users": "float64"})


def _replace(connection: Connection, table: Table, values: Sequence[Any]) -> None:
    pks = _release_pks(connection)
    connection.execute(delete(table))
    rows = []
    for value in values:
        row = asdict(value)
        row["release_pk"] = pks[row.pop("release_id")]
        rows.append({name: getattr(found, "value", found) for name, found in row.items()})
    insert_new(connection, table, rows)


def _release_pks(connection: Connection) -> dict[str, int]:
    return {row.release_id: row.release_pk for row in connection.execute(select(t.release))}
