"""What people settled becomes gold: two thirds to learn from, one third to judge the next classifier by."""

import pandas as pd

from feedback_triage.domain import Decision
from feedback_triage.learning.gold import is_held_out
from feedback_triage.taxonomy import NONE_OF_THEM

_HELD_OUT_OF_CORRECTIONS = 1 / 3


def as_gold(reviews: pd.DataFrame) -> pd.DataFrame:
    """Gold items of decisions.

    Args:
        reviews: the latest decision about each item: item_id, text (cleaned), decision, label, reviewer.

    Returns:
        id, text, label (`other` where none fits), annotator, origin, trait, is_held_out; what was ignored is left out.
    """
    kept = reviews[reviews["decision"] != Decision.IGNORE.value]
    return pd.DataFrame(
        {
            "id": "review:" + kept["item_id"].astype(str),
            "text": kept["text"].astype(str),
            "label": kept["label"].where(kept["label"].notna(), NONE_OF_THEM).astype(str),
            "annotator": kept["reviewer"].astype(str),
            "origin": "review",
            "trait": "",
            "is_held_out": is_held_out(list(kept["text"]), _HELD_OUT_OF_CORRECTIONS, salt="review "),
        }
    ).reset_index(drop=True)
