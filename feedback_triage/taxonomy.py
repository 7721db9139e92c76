"""The labels: what each one means, what counts, what does not.

The order of `LABELS` is the order in which labels are listed everywhere.
"None of the labels" is not a label: a classifier says it by abstaining.
"""

from dataclasses import dataclass

PRAISE = "praise"
BROKEN_LINK = "broken_link"
SYNC_BUG = "sync_bug"
SILENCE = "silence"

LABELS: tuple[str, ...] = (PRAISE, BROKEN_LINK, SYNC_BUG, SILENCE)

NONE_OF_THEM = "other"
"""Name of the residual class in gold files and inside a classifier; never stored as a label."""


@dataclass(frozen=True, slots=True)
class LabelDefinition:
    """What a label means to the people who settle it.

    Attributes:
        name: the value stored in tables and printed by commands.
        title: the words shown to a reader.
        definition: one sentence.
        counts: kinds of feedback that get the label.
        does_not_count: near misses that do not.
        examples: sentences written for this project.
    """

    name: str
    title: str
    definition: str
    counts: tuple[str, ...]
    does_not_count: tuple[str, ...]
    examples: tuple[str, ...]


DEFINITIONS: tuple[LabelDefinition, ...] = (
    LabelDefinition(
        name=PRAISE,
        title="praise",
        definition="The customer approves of something and asks for nothing that needs action.",
        counts=("thanks", "delight over a feature or a release", "a lone clearly positive word or emoji"),
        does_not_count=("praise that only leads up to a complaint", "irony"),
        examples=(
            "We love this new field on the analytics page.",
            "Uploads are so much faster now, thank you!",
        ),
    ),
    LabelDefinition(
        name=BROKEN_LINK,
        title="broken link",
        definition="Following a link does not get the customer to what it promises.",
        counts=(
            "404 or dead page",
            "wrong or blank page",
            "a menu entry, share link or embed that does nothing",
        ),
        does_not_count=("a wish for a link", "pairing an account or device", "a whole site that is down"),
        examples=(
            "This link on the new theme doesn't work.",
            "The invite you e-mailed me leads to an empty page.",
        ),
    ),
    LabelDefinition(
        name=SYNC_BUG,
        title="sync bug",
        definition="What was changed in one place is missing, late, wrong or doubled in a place that should mirror it.",
        counts=(
            "web and app disagree",
            "changes lost between devices",
            "a sync or backup that hangs or fails",
        ),
        does_not_count=(
            "sound and picture out of step",
            "a wish for a new integration",
            "a crash without lost data",
        ),
        examples=(
            "The change I made in the video lineup doesn't sync properly with the app.",
            "My phone still shows the playlist I deleted on the laptop yesterday.",
        ),
    ),
    LabelDefinition(
        name=SILENCE,
        title="silence",
        definition="The customer sent something but said nothing.",
        counts=(
            "blank or punctuation only",
            "n/a, none, no comment",
            "an empty form, an auto-reply, stray letters",
        ),
        does_not_count=("a lone positive word (praise)", "a lone negative word (none of the labels)"),
        examples=("n/a", "-", "no comment"),
    ),
)
