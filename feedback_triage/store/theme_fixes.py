"""Which themes people say that a release fixes, and which they say it does not."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, select, update

from feedback_triage.store import ledger_tables as lt
from feedback_triage.store import tables as t
from feedback_triage.store.frames import as_frame
from feedback_triage.store.upserts import insert_new


def settle(
    connection: Connection, theme_id: str, release_pk: int, *, settled_by: str, settled_at: datetime, is_withdrawn: bool
) -> None:
    """Remember that somebody says that a release fixes a theme, or that it does not; the last word counts.

    Args:
        connection: a writing transaction.
        theme_id: of the theme.
        release_pk: of the release.
        settled_by: who says so, as the team calls them.
        settled_at: when.
        is_withdrawn: it does not fix it.
    """
    words = {"settled_by": settled_by, "settled_at": settled_at, "is_withdrawn": is_withdrawn}
    insert_new(connection, lt.theme_fix, [{"theme_id": theme_id, "release_pk": release_pk, **words}])
    fix = lt.theme_fix.c
    which = (fix.theme_id == theme_id) & (fix.release_pk == release_pk)
    connection.execute(update(lt.theme_fix).where(which).values(**words))


def theme_fixes(connection: Connection) -> pd.DataFrame:
    """What people said of the releases on the list, by release and theme.

    Returns:
        theme_id, release_id, settled_by, settled_at, is_withdrawn.
    """
    fix = lt.theme_fix.c
    query = (
        select(fix.theme_id, t.release.c.release_id, fix.settled_by, fix.settled_at, fix.is_withdrawn)
        .select_from(lt.theme_fix.join(t.release))
        .where(~t.release.c.is_removed)
        .order_by(t.release.c.released_at, t.release.c.release_id, fix.theme_id)
    )
    return as_frame(connection, query, ["settled_at"]).astype({"is_withdrawn": bool})
