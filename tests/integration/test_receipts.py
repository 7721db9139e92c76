"""Fixes that notes and people name, over real databases."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from feedback_triage.embed import SentenceEncoder
from feedback_triage.pipeline import JOBS
from feedback_triage.pipeline.known import known_at
from feedback_triage.pipeline.notes import NoteMatcher
from feedback_triage.pipeline.receipts import update_receipts
from feedback_triage.pipeline.standing import standing_themes
from feedback_triage.store import ledger, open_store
from tests.conftest import EXAMPLE, EXAMPLE_RELEASES
from tests.integration.conftest import Told

Cli = Callable[..., Told]
AS_OF = datetime(2026, 10, 19, tzinfo=UTC)


@pytest.fixture
def themed(database: str) -> str:
    """The mails of the example, with themes and releases."""
    JOBS["ingest"]([str(EXAMPLE / "feedback" / "support_email.jsonl")], EXAMPLE_RELEASES, database=database)
    for stage in ("embed", "cluster", "link"):
        JOBS[stage](database=database)
    return database


def receipts(database: str, encoder: SentenceEncoder) -> dict[tuple[str, str], str]:
    with open_store(database) as store:
        with store.reading() as connection:
            standing = standing_themes(connection)
            known = known_at(connection, AS_OF, standing.present)
        notes = NoteMatcher.of(store, encoder, known.items, known.releases)
        n = update_receipts(store, encoder, known, notes, standing, AS_OF)
        with store.reading() as connection:
            found = ledger.fix_receipts(connection)
    assert len(found) == n
    return {(row["theme_id"], row["release_id"]): row["settled_by"] for row in found.to_dict("records")}


def test_what_people_say_of_fixes_goes_before_the_notes(themed: str, cli: Cli, encoder: SentenceEncoder) -> None:
    by_notes = receipts(themed, encoder)
    assert by_notes
    assert set(by_notes.values()) == {""}
    theme, release = min(by_notes)
    with open_store(themed) as store, store.reading() as connection:
        name = standing_themes(connection).present.names[theme]
    told = cli("theme", "not-fixed", name, "--in", release, "--by", "support", "--database", themed)
    assert (told.status, told.out.count("\n")) == (0, 1), told.err
    assert (theme, release) not in receipts(themed, encoder)
    told = cli("theme", "fixed", theme, "--in", release.upper(), "--by", "support", "--database", themed)
    assert told.status == 0, told.err
    assert f"{release} fixes" in told.out
    after = receipts(themed, encoder)
    assert after[theme, release] == "support"
    assert set(after) == set(by_notes)
    # The same again changes nothing.
    assert receipts(themed, encoder) == after
    a_fix_that_cannot_be_stored_is_told_in_one_line(themed, cli, theme)
    assert receipts(themed, encoder) == after


def a_fix_that_cannot_be_stored_is_told_in_one_line(database: str, cli: Cli, theme: str) -> None:
    def refused(*arguments: str) -> str:
        return cli("theme", "fixed", *arguments, "--by", "product", "--database", database).error

    assert "release list" in refused(theme, "--in", "99.9")
    assert "several releases have that version; name one of" in refused(theme, "--in", "3.32.0")
    assert "theme list" in refused("no such theme", "--in", "5.10.1")
