"""The things this program speaks of, as frozen values.

Instants are timezone-aware `datetime`s in UTC and end in `_at`. Words are those of docs/glossary.md.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """One piece of feedback. (`source`, `external_id`) is its identity; two customers with one sentence are two items.

    Attributes:
        source: the channel or export it came from.
        external_id: its id there, or one derived from the row where the source gives none.
        written_at: when the customer wrote it.
        verbatim: what the customer wrote, with e-mail addresses, phone and card numbers masked; may be empty.
        text: title and verbatim, cleaned for a model (no markup, no invisible characters); may be empty.
        text_sha256: hex digest of `text`: the key under which an embedding is cached, never an identity.
        title: headline of a review or subject of a message, "" if none.
        rating: stars or score as given, None if none.
        app_version: the version the customer declared, "" if none.
        platform: for example ios, android, web; "" if none.
        product: "" if the company has one product.
        url: a page the feedback came from or speaks of, "" if none.
        author_key: pseudonym of the customer (a digest), "" if unknown.
    """

    source: str
    external_id: str
    written_at: datetime
    verbatim: str
    text: str
    text_sha256: str
    title: str = ""
    rating: float | None = None
    app_version: str = ""
    platform: str = ""
    product: str = ""
    url: str = ""
    author_key: str = ""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was read but cannot be an item, kept so that nothing is lost.

    Attributes:
        file_name: name of the file, without its folder.
        row_number: 1 for the first data row.
        reason: machine-readable, e.g. `written_at_missing`, `written_at_unreadable`, `id_reused`.
        detail: one sentence for a person; holds no customer text.
        raw: the row as JSON, masked like `verbatim`.
    """

    file_name: str
    row_number: int
    reason: str
    detail: str
    raw: str


class ReleaseKind(StrEnum):
    """What a release set out to do."""

    FEATURE = "feature"
    FIX = "fix"
    MAINTENANCE = "maintenance"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Release:
    """A version that reached customers. (`product`, `platform`, `version`) is its identity.

    Attributes:
        version: as the team writes it.
        released_at: when customers could first have it.
        product: "" if the company has one product.
        platform: "" if the release is for every platform.
        kind: None where nobody said and the notes do not tell.
        notes: what the team says it did; may be empty.
        is_derived: True when no release file was given and the version was first seen on feedback.
    """

    version: str
    released_at: datetime
    product: str = ""
    platform: str = ""
    kind: ReleaseKind | None = None
    notes: str = ""
    is_derived: bool = False

    @property
    def release_id(self) -> str:
        """Product, platform and version joined by "/", empty parts left out: unique, and readable in a table."""
        return "/".join(part for part in (self.product, self.platform, self.version) if part)


class LinkBasis(StrEnum):
    """Why an item points to a release."""

    MOST_RECENT = "most_recent"
    DECLARED = "declared"
    IN_USE = "in_use"


class WindowStatus(StrEnum):
    """What came back in the window after a release."""

    HEARD = "heard"
    QUIET = "quiet"
    FEED_STALE = "feed_stale"
    OPEN = "open"


class Verdict(StrEnum):
    """Whether a silence is good news."""

    GOOD = "good"
    BAD = "bad"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class SilenceWindow:
    """Feedback that was expected in a window after a release, against what came.

    Attributes:
        release_id: of the release the window belongs to.
        subject: `all` (every item) or `notes` (items about what the release says it did).
        start_at, end_at: the half-open window.
        expected_count: mean of the prediction.
        lower, upper: 95 % prediction interval of the count, both inclusive.
        observed_count: items that came.
        status, verdict: see the enums.
        reason: one sentence for a person.
    """

    release_id: str
    subject: str
    start_at: datetime
    end_at: datetime
    expected_count: float
    lower: int
    upper: int
    observed_count: int
    status: WindowStatus
    verdict: Verdict
    reason: str

    @property
    def is_spike(self) -> bool:
        """More came than the interval allows: the other tail of the same prediction."""
        return self.observed_count > self.upper


class Decision(StrEnum):
    """What a person said of an item in the review queue."""

    ACCEPT = "accept"
    """The proposed label, or the likeliest one where the classifier kept quiet, is right."""
    RELABEL = "relabel"
    """Another label is right."""
    REJECT = "reject"
    """None of the labels fits."""
    IGNORE = "ignore"
    """Not worth a decision: it leaves the queue and teaches nothing."""


@dataclass(frozen=True, slots=True)
class Review:
    """A person's decision about one item; the latest one counts.

    Attributes:
        item_id: "source:external_id".
        decision: see `Decision`.
        label: what was settled: a label after accept and relabel, None after reject and ignore.
        reviewer: who decided, as the team calls them.
        reviewed_at: when, UTC.
    """

    item_id: str
    decision: Decision
    label: str | None
    reviewer: str
    reviewed_at: datetime


class ThemeEditKind(StrEnum):
    """What a person can do to the themes that the machine found."""

    RENAME = "rename"
    """The theme is called by this name from now on."""
    MERGE = "merge"
    """The theme's items belong to another theme."""
    SPLIT = "split"
    """Some of the theme's items, and others with the same words, are a theme of their own."""
    PIN = "pin"
    """These very items belong to the theme, whatever the machine says."""
    HIDE = "hide"
    """The theme is left out of reports; its items stay in every count."""
    UNDO = "undo"
    """An earlier edit is as if it had never been made."""


@dataclass(frozen=True, slots=True)
class ThemeEdit:
    """A person's edit of the themes. The log of edits is only ever added to, and replayed after every clustering.

    Attributes:
        edit_id: 1 for the first edit of a database; later edits have higher numbers.
        kind: see `ThemeEditKind`.
        theme_id: the theme that is edited; for undo, the one that the undone edit is about.
        edited_by: who did it, as the team calls them.
        edited_at: when, UTC.
        name: the new name, for rename; the new theme's name for split, "" where the machine may name it.
        into: the theme that takes the items, for merge.
        new_theme_id: the theme that split makes.
        item_ids: the items that split and pin name ("source:external_id").
        origins: for split, the group each of `item_ids` was in when it was taken out, so that an undo can put it
            back; "" where the item was not there by its group (it was pinned): then its words stay where they are.
            Empty for "all of them were in `theme_id`".
        undoes: the edit that undo takes back; this may itself be an undo.
    """

    edit_id: int
    kind: ThemeEditKind
    theme_id: str
    edited_by: str
    edited_at: datetime
    name: str = ""
    into: str = ""
    new_theme_id: str = ""
    item_ids: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's proposal for one text.

    Attributes:
        label: one of the labels, or None when the model abstains.
        probability: of the likeliest label, 0..1, also when abstained.
        probabilities: for each label, 0..1; what is missing to 1 is "none of the labels".
        abstained: True when `label` is None.
        language: ISO 639-1 code of the text's language, "" where it is too short to tell.
    """

    label: str | None
    probability: float
    probabilities: dict[str, float] = field(hash=False)
    language: str = ""

    @property
    def probability_none(self) -> float:
        """Of "none of the labels", 0..1."""
        return max(0.0, round(1.0 - sum(self.probabilities.values()), 6))

    @property
    def abstained(self) -> bool:
        """Whether the item waits for a person instead of carrying a label."""
        return self.label is None
