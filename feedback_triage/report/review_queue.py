"""What waits for a person: the items where a look helps most."""

import numpy as np

from feedback_triage.report.cards import ReviewQueue, ReviewRow
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import QUEUE_NONE, QUEUE_REVIEW, ItemFilter
from feedback_triage.report.themes import quote

MOST_ROWS = 20


def build_review(facts: Facts) -> ReviewQueue:
    """Give the least certain items of the period, then of the time before, one row for the same words.

    Uncertainty is 1 minus the larger of the two things the classifier could have said: the likeliest label,
    or none of them (least-confidence sampling, Lewis and Gale 1994).
    """
    waiting, none = ItemFilter(queue=QUEUE_REVIEW), ItemFilter(queue=QUEUE_NONE)
    items = facts.found(waiting)
    surest = np.maximum(items["probability"].astype("float64"), items["probability_none"].astype("float64"))
    items = items.assign(
        surest=surest.round(6),
        is_earlier=~items["is_in_period"].astype(bool),
        words=[" ".join(str(text).split()).lower() for text in items["verbatim"]],
    )
    n_same = items["words"].value_counts()
    ordered = items.sort_values(
        ["is_earlier", "surest", "written_us", "item_id"], ascending=[True, True, False, True]
    ).drop_duplicates("words")
    rows = tuple(
        ReviewRow(
            quote=quote(facts, row),
            probability=float(row.probability),
            probability_none=float(row.probability_none),
            likeliest_title=facts.titles.get(str(row.likeliest_label), ""),
            n_same=int(n_same[row.words]),
        )
        for row in records(ordered.head(MOST_ROWS))
    )
    return ReviewQueue(
        rows=rows,
        waiting=facts.count(waiting),
        waiting_in_period=facts.count(facts.in_period(waiting)),
        none_of_them=facts.count(none),
        none_of_them_in_period=facts.count(facts.in_period(none)),
    )
