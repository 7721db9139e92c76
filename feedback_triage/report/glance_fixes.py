"""What the week at a glance says about silence after releases, and about fixes: whether they hold."""

from datetime import timedelta

from feedback_triage.report.filters import Count
from feedback_triage.report.fix_receipts import ReceiptRow
from feedback_triage.report.glance_themes import Story
from feedback_triage.report.ledger import LedgerLine
from feedback_triage.report.parts import Ref, Sentence, Tone
from feedback_triage.report.words import between, decimal, duration, plural

FAILED_NEWS = timedelta(days=28)
HELD_NEWS = timedelta(days=14)
"""How long after its release a receipt is news, by what it says."""


def _is_recent(story: Story, line: LedgerLine) -> bool:
    return line.lead.end_at > story.facts.period.start and line.lead.start_at < story.facts.period.end


def _came(line: LedgerLine) -> tuple[str | Count, ...]:
    window = line.lead
    about = " about its notes" if window.subject == "notes" else f" from {window.source}" if window.source else ""
    limits = between(window.interval.lower, window.interval.upper)
    return (
        window.interval.observed,
        f" {plural(window.interval.observed.n, 'item')}{about} in {duration(window.hours)}, {limits} expected",
    )


def bad_quiet(story: Story) -> list[Sentence]:
    """Tell releases that went quiet though they should have been heard; and channels that should have spoken."""
    return [
        Sentence(
            Tone.WARN,
            "bad quiet",
            (
                Ref(line.name, line.anchor),
                " went quiet: ",
                *_came(line),
                f". {'Its customers may not reach you there' if line.lead.source else 'It may have gone unnoticed'}.",
            ),
        )
        for line in story.ledger.bad
        if _is_recent(story, line)
    ]


def fixes_in_doubt(story: Story) -> list[Sentence]:
    """Tell fixes that failed or moved by their receipts; and, where there is none, those after which reports go on."""
    known = {row.release_id for row in story.receipts}
    by_anchor = {row.anchor: row.release_id for row in story.releases}
    return [
        *(
            _in_doubt(row)
            for row in story.receipts
            if row.status in {"failed", "moved"} and _is_news(story, row, FAILED_NEWS)
        ),
        *(
            Sentence(
                Tone.WARN,
                "fix in doubt",
                ("Reports go on after the fix in ", Ref(line.name, line.anchor), ": ", *_came(line), "."),
            )
            for line in story.ledger.go_on
            if _is_recent(story, line) and by_anchor.get(line.anchor) not in known
        ),
    ]


def _in_doubt(row: ReceiptRow) -> Sentence:
    theme = Ref(f"“{row.theme_name}”", "fixes")
    counted = (row.after.observed, _since(row), ".")
    if row.status == "moved":
        other: tuple[str | Ref, ...] = ("“", row.moved_to, "”") if row.moved_to else ("other words",)
        pieces = ("Since the fix in ", row.release, " reports no longer speak of ", theme, ", but go on in ", *other)
        return Sentence(Tone.WARN, "fix moved it", (*pieces, ": ", *counted))
    pieces = ("The fix in ", row.release, " has not stopped reports of ", theme, ": ")
    return Sentence(Tone.WARN, "fix failed", (*pieces, *counted))


def _since(row: ReceiptRow) -> str:
    n = row.after.observed.n
    expected = f"about {decimal(row.after.expected)} expected without it"
    limits = between(row.after.lower, row.after.upper)
    return f" {plural(n, 'report')} in {duration(row.hours_after)} since, {expected} ({limits})"


def fixes_that_hold(story: Story) -> list[Sentence]:
    """Tell fixes that hold, by their receipts, and by their windows where there is none."""
    known = {row.release_id for row in story.receipts}
    by_anchor = {row.anchor: row.release_id for row in story.releases}
    held = [row for row in story.receipts if row.status == "held" and _is_news(story, row, HELD_NEWS)]
    return [
        *(
            Sentence(
                Tone.GOOD,
                "fix holds",
                (
                    "The fix of ",
                    Ref(f"“{row.theme_name}”", "fixes"),
                    " in ",
                    row.release,
                    " holds: ",
                    row.after.observed,
                    _since(row),
                    ".",
                ),
            )
            for row in held
        ),
        *(
            Sentence(
                Tone.GOOD,
                "fix holds",
                ("The fix in ", Ref(line.name, line.anchor), " holds so far: ", *_came(line), " had it not."),
            )
            for line in story.ledger.good
            if line.subject == "notes" and _is_recent(story, line) and by_anchor.get(line.anchor) not in known
        ),
    ]


def _is_news(story: Story, row: ReceiptRow, length: timedelta) -> bool:
    return row.released_at >= story.facts.period.end - length
