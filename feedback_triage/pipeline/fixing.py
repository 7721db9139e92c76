"""People's word on which release fixes which theme."""

from dataclasses import dataclass
from datetime import UTC, datetime

from feedback_triage.errors import InputError
from feedback_triage.pipeline.edit_checks import one_line
from feedback_triage.pipeline.jobs import job
from feedback_triage.pipeline.standing import standing_themes
from feedback_triage.pipeline.theme_names import theme_named
from feedback_triage.store import Connection, theme_fixes
from feedback_triage.store import releases as release_store


@dataclass(frozen=True, slots=True)
class SettledFix:
    """What a person said of a theme and a release.

    Attributes:
        theme_id: of the theme.
        theme_name: what readers call it.
        release_id: of the release.
    """

    theme_id: str
    theme_name: str
    release_id: str


def say_fixed(theme: str, release: str, by: str, *, database: str = "") -> SettledFix:
    """Remember that a release fixes a theme; its receipt follows with the next run.

    Args:
        theme: its id, the start of it, or its name.
        release: its id, or its version where only one has it.
        by: who says so.
        database: URL, "" for the configured one.

    Raises:
        InputError: there is no such theme or release, or more than one; nothing is stored.
    """
    return _settle(theme, release, by, database, is_withdrawn=False)


def say_not_fixed(theme: str, release: str, by: str, *, database: str = "") -> SettledFix:
    """Remember that a release does not fix a theme, whatever its notes say; see `say_fixed`."""
    return _settle(theme, release, by, database, is_withdrawn=True)


def _settle(theme: str, release: str, by: str, database: str, *, is_withdrawn: bool) -> SettledFix:
    settled_by = one_line(by, "the name of who says so (--by)")
    with job("theme", database) as (store, _, counts), store.writing() as connection:
        standing = standing_themes(connection)
        theme_id = theme_named(standing, theme)
        release_id, release_pk = _release_named(connection, release)
        theme_fixes.settle(
            connection,
            theme_id,
            release_pk,
            settled_by=settled_by,
            settled_at=datetime.now(UTC),
            is_withdrawn=is_withdrawn,
        )
        counts["n_fixes_settled"] = 1
        return SettledFix(theme_id, standing.present.names[theme_id], release_id)


def _release_named(connection: Connection, name: str) -> tuple[str, int]:
    """Find a release by its id or its version, capitals aside: its id and its key."""
    known = release_store.releases(connection)
    wanted = name.strip()
    for column in ("release_id", "version"):
        found = known[known[column].str.casefold() == wanted.casefold()]
        exact = found[found[column] == wanted]
        found = exact if len(exact) else found
        if len(found) == 1:
            return str(found["release_id"].iloc[0]), int(found["release_pk"].iloc[0])
        if len(found) > 1:
            raise InputError(f"several releases have that version; name one of {', '.join(found['release_id'])}")
    raise InputError("no release has that name; feedback-triage release list shows them")
