"""What customers wrote, what a model proposes, and what people decide."""

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
