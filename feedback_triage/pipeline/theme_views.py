"""The themes as a person looks at them: the list, one theme's story, the log of edits."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from feedback_triage.domain import ThemeEdit
from feedback_triage.pipeline.jobs import settings_for
from feedback_triage.pipeline.reporting import data_as_of, report_period, theme_history
from feedback_triage.pipeline.standing import Standing, standing_themes
from feedback_triage.pipeline.theme_names import theme_named
from feedback_triage.store import open_store, read
from feedback_triage.themes import active, edited_theme_ids, tell_edit


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """A theme in the list.

    Attributes:
        theme_id: permanent.
        name: what readers see.
        n_items: in all.
        n_period: in the seven days before the last midnight of the data.
        area: the larger subject it belongs to, "" for none.
        is_hidden: left out of reports.
        is_edited: a person settled something about it.
    """

    theme_id: str
    name: str
    n_items: int
    n_period: int
    area: str
    is_hidden: bool
    is_edited: bool


@dataclass(frozen=True, slots=True)
class ThemeStory:
    """Everything that is known of a theme.

    Attributes:
        line: see `ThemeLine`.
        keyphrases: the most telling first.
        exemplars: id and words of items near its centre.
        events: what happened to it, oldest first, each with when.
    """

    line: ThemeLine
    keyphrases: tuple[str, ...]
    exemplars: tuple[tuple[str, str], ...]
    events: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class EditLine:
    """An edit in the log, told in words."""

    edit: ThemeEdit
    text: str
    is_in_force: bool


def theme_list(database: str = "") -> list[ThemeLine]:
    """Every present theme, hidden ones too: the most items in the last seven days first, then in all, then by id.

    Raises:
        StoreError: the database cannot be read.
    """
    settings = settings_for(database)
    with open_store(settings.database_url) as store:
        as_of = data_as_of(store, settings.timezone) or datetime.now(UTC)
        with store.reading() as connection:
            standing = standing_themes(connection)
            written = read.items(connection).set_index("item_id")["written_at"]
    period = report_period(as_of, settings.timezone)
    return _lines(standing, written[(written >= period.start) & (written < period.end)])


def _lines(standing: Standing, recent: "pd.Series[pd.Timestamp]") -> list[ThemeLine]:
    theme_of_item = standing.present.theme_of_item
    n_items = pd.Series(list(theme_of_item.values()), dtype=object).value_counts()
    n_recent = pd.Series([theme_of_item.get(item_id) for item_id in recent.index], dtype=object).value_counts()
    edited = edited_theme_ids(standing.edits)
    lines = [
        ThemeLine(
            theme_id=theme_id,
            name=name,
            n_items=int(n_items[theme_id]),
            n_period=int(n_recent.get(theme_id, 0)),
            area=str(standing.themes["area"].get(theme_id, "")),
            is_hidden=theme_id in standing.present.hidden,
            is_edited=theme_id in edited,
        )
        for theme_id, name in standing.present.names.items()
    ]
    return sorted(lines, key=lambda line: (-line.n_period, -line.n_items, line.theme_id))


def theme_story(theme: str, database: str = "") -> ThemeStory:
    """What is known of a theme, named by its id, the start of it, or its name.

    Raises:
        InputError: there is no such theme, or more than one.
        StoreError: the database cannot be read.
    """
    line_of = {line.theme_id: line for line in theme_list(database)}
    with open_store(settings_for(database).database_url) as store, store.reading() as connection:
        standing = standing_themes(connection)
        theme_id = theme_named(standing, theme)
        events = theme_history(read.theme_events(connection), standing)
        verbatim = read.items(connection).set_index("item_id")["verbatim"]
    own = events[events["theme_id"] == theme_id].sort_values("happened_at", kind="stable")
    row = next(each for each in standing.themes.to_dict("records") if each["theme_id"] == theme_id)
    return ThemeStory(
        line=line_of[theme_id],
        keyphrases=row["keyphrases"],
        exemplars=tuple((item_id, str(verbatim[item_id])) for item_id in row["exemplar_item_ids"]),
        events=tuple(
            (pd.Timestamp(at).to_pydatetime(), text) for at, text in zip(own["happened_at"], own["text"], strict=True)
        ),
    )


def edit_log(database: str = "") -> list[EditLine]:
    """Every edit that was ever made, oldest first.

    Raises:
        StoreError: the database cannot be read.
    """
    with open_store(settings_for(database).database_url) as store, store.reading() as connection:
        standing = standing_themes(connection)
    in_force = set(active(standing.edits))
    return [EditLine(edit, tell_edit(edit, standing.names_ever), edit in in_force) for edit in standing.edits]
