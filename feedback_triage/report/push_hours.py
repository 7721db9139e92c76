"""Whether the weekday or the hour of a push goes with incidents, and "no evidence" where nothing tells."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from feedback_triage.report.facts import Facts, records

GROUP_TITLES = {"weekday": "by weekday", "part_of_day": "by part of the day"}
VERDICT_WORDS = {"more": "more than usual", "fewer": "fewer than usual", "no_evidence": "no evidence"}
_ORDER = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "night", "morning", "afternoon", "evening")


@dataclass(frozen=True, slots=True)
class PushBucket:
    """Releases pushed on one weekday or in one part of the day.

    Attributes:
        n_with_incident: incidents they are suspected of: a sum of probabilities, so not a whole number.
        share, lower, upper: the share of its releases that brought an incident (0..1), shrunken towards that of all
            releases, with its 95 % interval; None where nothing is known.
        verdict: more, fewer or no_evidence.
    """

    bucket: str
    n_releases: int
    n_with_incident: float
    share: float | None
    lower: float | None
    upper: float | None
    verdict: str
    verdict_words: str


@dataclass(frozen=True, slots=True)
class PushHours:
    """The whole history: `groups` are titles with their buckets; `has_evidence` tells if any bucket says something."""

    sentence: str
    groups: tuple[tuple[str, tuple[PushBucket, ...]], ...]
    has_evidence: bool


def build_push_hours(facts: Facts) -> PushHours | None:
    """Build the table, None where nothing was handed over."""
    frame, sentence = facts.source.push_hours, facts.source.push_hours_sentence
    if frame.empty and not sentence:
        return None
    rows = sorted(records(frame), key=lambda row: (_place(str(row.bucket)), str(row.bucket)))
    order = list(GROUP_TITLES)
    names = {str(row.group) for row in rows}
    groups = []
    for group in sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name)):
        buckets = tuple(_bucket(row) for row in rows if str(row.group) == group)
        groups.append((GROUP_TITLES.get(group, group.replace("_", " ")), buckets))
    has_evidence = any(bucket.verdict != "no_evidence" for _, buckets in groups for bucket in buckets)
    if not sentence and not has_evidence:
        sentence = "no evidence that the hour of a push matters"
    return PushHours(sentence, tuple(groups), has_evidence)


def _place(bucket: str) -> int:
    return next((place for place, start in enumerate(_ORDER) if bucket.lower().startswith(start)), len(_ORDER))


def _bucket(row: Any) -> PushBucket:
    verdict = str(row.verdict)
    return PushBucket(
        bucket=str(row.bucket),
        n_releases=int(row.n_releases),
        n_with_incident=float(row.n_with_incident),
        share=_known(row.ratio),
        lower=_known(row.lower),
        upper=_known(row.upper),
        verdict=verdict,
        verdict_words=VERDICT_WORDS.get(verdict, verdict.replace("_", " ")),
    )


def _known(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
