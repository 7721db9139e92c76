"""What the report is made from: the frames the pipeline hands over, with their columns and a cheap check of
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from feedback_triage.errors import SettingError

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "items": (
        *("item_id", "source", "external_id", "written_at", "verbatim", "title", "rating", "platform"),
        *("app_version", "author_key", "label", "probability", "probability_none", "abstained"),
        *("theme_id", "release_id", "declared_release_id", "language"),
    ),
    "releases": (
        "release_id",
        "version",
        "released_at",
        "product",
        "platform",
        "kind",
        "notes",
        "is_derived",
    ),
    "themes": (
        *("theme_id", "name", "keyphrases", "exemplar_item_ids", "size", "score", "n_period"),
        *("n_before_mean", "growth_ratio", "n_customers", "is_new", "is_returning", "last_at"),
    ),
    "theme_events": ("theme_id", "kind", "text", "happened_at"),
    "windows": (
        *("release_id", "subject", "start_at", "end_at", "expected_count", "lower", "upper"),
        *("observed_count", "status", "verdict", "reason", "is_spike"),
    ),
    "reigns": (*("release_id", "start_at", "end_at", "hours", "observed_count", "expected_count", "lower", "upper"),),
    "feeds": ("source", "n_items", "first_at", "last_at", "usual_gap_hours", "status", "reason"),
    "accounting": ("file_name", "n_read", "n_stored", "n_already_known", "n_rejected"),
    "rejected": ("file_name", "row_number", "reason", "detail"),
    "mentions": ("release_id", "item_id"),
    "links": ("url", "outcome", "status", "checked_at", "first_seen_dead_at", "n_items"),
    "map": ("item_id", "x", "y"),
    "map_themes": ("theme_id", "x", "y", "radius", "nearest_theme_id"),
    "incidents": (
        *("incident_id", "scope", "also_in", "product", "platform", "started_at", "raised_at", "last_at", "ended_at"),
        *("observed_count", "expected_count", "upper", "n_items_until_raised", "item_ids", "reason", "keyphrases"),
    ),
    "suspects": ("subject_kind", "subject_id", "release_id", "probability", "reason"),
    "receipts": (
        *("theme_id", "release_id", "settled_by", "status", "n_before", "hours_before", "n_after", "hours_after"),
        *("expected_count", "lower", "upper", "needs_days", "needs_users", "moved_to_theme_id", "reason"),
    ),
    "push_hours": ("group", "bucket", "n_releases", "n_with_incident", "ratio", "lower", "upper", "verdict"),
}
"""The columns each frame must have; a frame may have more, and its rows may come in any order."""

_INSTANTS: Mapping[str, tuple[str, ...]] = {
    "items": ("written_at",),
    "releases": ("released_at",),
    "windows": ("start_at", "end_at"),
    "reigns": ("start_at", "end_at"),
    "feeds": ("first_at", "last_at"),
    "themes": ("last_at",),
    "theme_events": ("happened_at",),
    "links": ("checked_at", "first_seen_dead_at"),
    "incidents": ("started_at", "raised_at", "last_at", "ended_at"),
}


def empty_frame(name: str) -> pd.DataFrame:
    """Give a frame of `COLUMNS[name]` without rows, its instants typed as UTC.

    Raises:
        KeyError: no frame has that name.
    """
    frame = pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS[name]})
    for column in _INSTANTS.get(name, ()):
        frame[column] = pd.Series(dtype="datetime64[us, UTC]")
    return frame


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """The half-open period `[start, end)` a report is about; normally the last seven days.

    Raises:
        ValueError: an instant has no time zone, or the period is empty.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a report period needs instants with a time zone")
        if self.start >= self.end:
            raise ValueError("a report period must end after it starts")

    @property
    def length(self) -> timedelta:
        """How long the period is."""
        return self.end - self.start

    @property
    def word(self) -> str:
        """What to call the period in a sentence: "this week" when it is seven days long, else "this
        period".
        """
        return "this week" if self.length == timedelta(days=7) else "this period"


@dataclass(frozen=True, eq=False)
class ReportInput:
    """Everything a report is made from, handed over by the pipeline.

    Attributes:
        as_of: the instant the report speaks at; an argument, never the clock.
        period: what "this week" means.
        product_name: shown in the header; may be empty.
        items: one row an item. `item_id` is "source:external_id"; `written_at` UTC; `label` None when
            abstained, or not judged yet (then `abstained` is False and the probabilities are NaN);
            `probability` of the likeliest label, 0..1; `probability_none` 1 minus the sum over the labels;
            `theme_id` None for no theme; `release_id` the most recent release, None before any;
            `declared_release_id` None where the customer named none; `language` "en", another code, or ""
            when unknown. Optional: `product` ("" if absent) and `likeliest_label` (the label `probability`
            belongs to, also when abstained).
        releases: fields of `domain.Release` with `release_id`. Optional: `rollout` (tuple of (instant, share)),
            `rolled_back_at` and `is_hotfix`.
        themes: `keyphrases` and `exemplar_item_ids` are tuples; a higher `score` matters more. The page
            counts items itself, so that each number can be traced; the counts here only go to the table.
        windows: fields of `domain.SilenceWindow`, with `is_spike`; several of different lengths a release and subject.
            Optional: `could_hide_ratio`, NaN where nothing is known.
        reigns: what came while a release was the newest, against what those hours usually bring; `lower` and
            `upper` are an inclusive 95 % prediction interval, NaN where nothing can be foreseen. The page
            counts the items linked to the release itself.
        feeds: one row a source; `status` alive, stale or unknown.
        accounting: one row a file; `n_read` = `n_stored` + `n_already_known` + `n_rejected`.
        rejected: one row a rejected row; `detail` holds no customer text.
        theme_events: `text` is a sentence; may be empty.
        mentions: which items are about what the notes of a release say (the items behind the windows with
            subject `notes`); may be empty, then those counts cannot be opened.
        links: what links named in items labelled broken_link answered when they were asked; `outcome` dead, failing,
            alive or refused; `status` missing where no answer came; empty unless links were proven.
        map: places of items on the map of the themes, in a box 1,080 wide and 640 high, y downwards; a part of the
            items where there are many; may be empty.
        map_themes: the discs of the themes in the same box; `nearest_theme_id` is the theme most like it, "" for none.
            Themes may have an optional column `area`.
        incidents: fields of `domain.Incident` (`ended_at` NaT while it goes on; `also_in` and `item_ids` are tuples),
            and `keyphrases`, a tuple: what its items say and others did not.
        suspects: fields of `domain.Suspect` (`release_id` None for none of them) with `subject_kind` (incident or
            theme) and `subject_id`, the incident's or the theme's id.
        receipts: fields of `domain.FixReceipt`, NaN for None.
        push_hours: whether the weekday or the part of the day of a push goes with incidents: `group` weekday or
            part_of_day, `ratio` the shrunken share of its releases that brought an incident (0..1) with its
            95 % interval `lower` and `upper`, `verdict` more, fewer or no_evidence.
        push_hours_sentence: what that says in one sentence; may be empty.
        timezone: IANA name of the zone in which days and hours are shown.
        n_in_hidden_themes: items of themes that a person hid; they have no `theme_id` here.
        languages: codes of the languages that the classifier judges; empty for any.

    Raises:
        ValueError: a frame lacks a column, an item id is used twice, or an instant has no time zone.
        SettingError: the time zone is not known.
    """

    as_of: datetime
    period: ReportPeriod
    product_name: str
    items: pd.DataFrame
    releases: pd.DataFrame
    themes: pd.DataFrame
    windows: pd.DataFrame
    reigns: pd.DataFrame
    feeds: pd.DataFrame
    accounting: pd.DataFrame
    rejected: pd.DataFrame
    theme_events: pd.DataFrame
    mentions: pd.DataFrame = field(default_factory=partial(empty_frame, "mentions"))
    links: pd.DataFrame = field(default_factory=partial(empty_frame, "links"))
    map: pd.DataFrame = field(default_factory=partial(empty_frame, "map"))
    map_themes: pd.DataFrame = field(default_factory=partial(empty_frame, "map_themes"))
    incidents: pd.DataFrame = field(default_factory=partial(empty_frame, "incidents"))
    suspects: pd.DataFrame = field(default_factory=partial(empty_frame, "suspects"))
    receipts: pd.DataFrame = field(default_factory=partial(empty_frame, "receipts"))
    push_hours: pd.DataFrame = field(default_factory=partial(empty_frame, "push_hours"))
    push_hours_sentence: str = ""
    timezone: str = "UTC"
    languages: tuple[str, ...] = ()
    n_in_hidden_themes: int = 0

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ValueError("as_of needs a time zone")
        for name, columns in COLUMNS.items():
            frame: pd.DataFrame = getattr(self, name)
            missing = [column for column in columns if column not in frame.columns]
            if missing:
                raise ValueError(f"{name}: missing column {', '.join(missing)}")
            for column in _INSTANTS.get(name, ()):
                if len(frame) and not isinstance(frame[column].dtype, pd.DatetimeTZDtype):
                    raise ValueError(f"{name}.{column}: must be instants with a time zone")
        for name, key in (("items", "item_id"), ("releases", "release_id"), ("themes", "theme_id")):
            if getattr(self, name)[key].duplicated().any():
                raise ValueError(f"{name}: a {key} is used twice")
        self.zone()

    def zone(self) -> tzinfo:
        """Give the zone in which days and hours are shown.

        Raises:
            SettingError: the name is not known.
        """
        if self.timezone == "UTC":
            return UTC
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise SettingError(
                f"unknown time zone {self.timezone!r}: give a name such as Europe/Berlin or UTC"
            ) from error
