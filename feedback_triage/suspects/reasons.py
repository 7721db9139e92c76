"""Why a release is suspected, in a sentence for a person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one candidate.

    Attributes:
        version: as the team writes it.
        hours_before_first: from the release to the first report; negative where the report came first.
        hours_to_next: from the release to the first report after it.
        n_reports: reports in all.
        n_before: of these, how many were written before the release.
        n_older, n_newer: reports that declare an older release of its platform; it or a later one.
        word_evidence: log likelihood ratio of its notes; above 0 they speak of what the reports say.
        first_share: share of customers who could have it at the first report after it, where a staged roll-out speaks
            against it; else None.
        back_to_first, back_to_last: hours from its roll-back to the first and to the last report, where the roll-back
            speaks against it; else None.
    """

    version: str
    hours_before_first: float
    hours_to_next: float
    n_reports: int
    n_before: int
    n_older: int
    n_newer: int
    word_evidence: float
    first_share: float | None = None
    back_to_first: float | None = None
    back_to_last: float | None = None


_SPEAKS = 0.7
_FEW_BEFORE = 0.15


def reason_for(told: Told) -> str:
    """Give the sentence of a release."""
    n_after = told.n_reports - told.n_before
    if told.n_before == 0:
        since = "the only report came" if told.n_reports == 1 else f"the first of {told.n_reports} reports came"
        parts = [f"{since} {span(told.hours_before_first)} after it"]
    else:
        parts = [f"{n_after} of {told.n_reports} reports came after it, {told.n_before} before"]
    if told.n_older:
        parts.append(f"{_count(told.n_older, 'customer was', 'customers were')} still on an older release")
    elif told.n_newer:
        n = told.n_newer
        who = "the customer who names a version" if n == 1 else f"all {n} customers who name a version"
        parts.append(f"{who} had it or a later one")
    if told.first_share is not None:
        parts.append(f"only {_per_cent(told.first_share)} of customers could have it when they began")
    if told.back_to_first is not None and told.back_to_first > 0:
        parts.append(f"it was taken back {span(told.back_to_first)} before the first report")
    elif told.back_to_last is not None:
        parts.append(f"reports went on for {span(told.back_to_last)} after it was taken back")
    if told.word_evidence > _SPEAKS:
        parts.append("its notes speak of what they say")
    return "; ".join(parts)


def reason_for_none(facts: list[Told], is_steady: bool) -> str:
    """Give the sentence of "none of them"."""
    if is_steady:
        return "reports came at much the same rate before and after each release"
    out = [told for told in facts if told.n_before <= _FEW_BEFORE * told.n_reports]
    if not out:
        return "the reports began before each of these releases"
    newest = min(out, key=lambda told: told.hours_before_first)
    began = span(newest.hours_to_next)
    return f"something else may have begun within {began} of the newest release, {newest.version}"


def span(hours: float) -> str:
    """Say how long, in the unit that fits.

    >>> span(0.14), span(5.2), span(100)
    ('8 minutes', '5 hours', '4 days')
    """
    if hours < 1.5 / 60:
        return "a minute" if hours >= 0.5 / 60 else "less than a minute"
    if hours < 1.5:
        return f"{round(hours * 60)} minutes"
    return f"{round(hours)} hours" if hours < 48 else f"{round(hours / 24)} days"


def _per_cent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"


def _count(number: int, one: str, many: str) -> str:
    return f"one {one}" if number == 1 else f"{number} {many}"
