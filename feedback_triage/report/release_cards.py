"""What a release opens to: everything the report knows about it in one place."""

from dataclasses import dataclass, replace

from feedback_triage.report.facts import Facts
from feedback_triage.report.fix_receipts import ReceiptRow
from feedback_triage.report.incident_parts import IncidentRow
from feedback_triage.report.ledger import LedgerLine, lines_of
from feedback_triage.report.parts import Ref, ReleaseRow
from feedback_triage.report.releases import NEWS_AGE
from feedback_triage.report.suspects import LIKELY, SuspectRow, Suspects
from feedback_triage.report.theme_turns import ThemeTurn, theme_turns

LEAST_IN_NEWS = 0.3
"""A suspect at least this probable stays in the open part of the table while its incident is news."""


LEAST_TOLD = 0.1
"""A suspect at least this probable has its incident named on its closed card."""


@dataclass(frozen=True, slots=True)
class Charge:
    """Something a release is suspected of: where it is told, how sure that is, and whether it is a burst of praise."""

    subject: Ref
    suspect: SuspectRow
    is_praise: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseCard:
    """One release.

    Attributes:
        lines: its silence windows; channels only where they say something.
        n_lines_left_out: channels that say nothing.
        born, grown, quiet: themes that began, grew, or went quiet with it; growth only where it is the theme's likely
            first suspect, or suspects are not known.
        incidents: that it is suspected of, the likeliest first.
        themes: whose first suspect it is.
        receipts: of what it fixes.
        words: what is on it, for its closed state.
    """

    lines: tuple[LedgerLine, ...]
    n_lines_left_out: int
    born: tuple[ThemeTurn, ...]
    grown: tuple[ThemeTurn, ...]
    quiet: tuple[ThemeTurn, ...]
    incidents: tuple[Charge, ...]
    themes: tuple[Charge, ...]
    receipts: tuple[ReceiptRow, ...]
    words: tuple[str, ...]


def in_news(facts: Facts, incidents: tuple[IncidentRow, ...], receipts: tuple[ReceiptRow, ...]) -> frozenset[str]:
    """Give the releases that incidents and receipts have news of."""
    suspected = {
        suspect.release_id
        for row in incidents
        if row.is_news
        for suspect in row.suspects
        if suspect.release_id and suspect.probability >= LEAST_IN_NEWS
    }
    oldest = facts.period.end - NEWS_AGE
    told = {row.release_id for row in receipts if row.released_at >= oldest and row.status in {"failed", "moved"}}
    return frozenset(suspected | told)


def build_cards(
    facts: Facts,
    releases: tuple[ReleaseRow, ...],
    incidents: tuple[IncidentRow, ...],
    suspects: Suspects,
    receipts: tuple[ReceiptRow, ...],
) -> dict[str, ReleaseCard]:
    """Build the card of every release, by its id."""
    turns = theme_turns(facts, releases)
    of_incidents: dict[str, list[Charge]] = {}
    for row in incidents:
        for suspect in row.suspects:
            if suspect.release_id:
                of_incidents.setdefault(suspect.release_id, []).append(
                    Charge(Ref(row.title, row.anchor), suspect, is_praise=row.is_praise)
                )
    of_themes: dict[str, list[Charge]] = {}
    # A theme goes on growing while the next releases are the newest: only its likely first suspect is credited with it.
    grown_with: dict[Ref, str | None] = {}
    for theme_id, ref in facts.themes.items():
        first = next(iter(suspects.get(("theme", theme_id), ())), None)
        if first is None:
            continue
        grown_with[ref] = first.release_id if first.probability >= LIKELY else None
        if first.release_id:
            of_themes.setdefault(first.release_id, []).append(Charge(ref, first))
    cards = {}
    for release in releases:
        own = turns.get(release.release_id, ())
        lines = lines_of(release)
        shown = tuple(line for line in lines if not line.lead.source or line.says in {"bad", "good"})
        card = ReleaseCard(
            lines=shown,
            n_lines_left_out=len(lines) - len(shown),
            born=tuple(turn for turn in own if turn.sort == "born"),
            grown=tuple(
                turn
                for turn in own
                if turn.sort == "grown" and grown_with.get(turn.theme, release.release_id) == release.release_id
            ),
            quiet=tuple(turn for turn in own if turn.sort == "quiet"),
            incidents=_likeliest(of_incidents.get(release.release_id, [])),
            themes=_likeliest(of_themes.get(release.release_id, [])),
            receipts=tuple(row for row in receipts if row.release_id == release.release_id),
            words=(),
        )
        cards[release.release_id] = replace(card, words=_words(card))
    return cards


def _likeliest(charges: list[Charge]) -> tuple[Charge, ...]:
    return tuple(sorted(charges, key=lambda charge: (-charge.suspect.probability, charge.subject.anchor)))


def _words(card: ReleaseCard) -> tuple[str, ...]:
    """Say what is on a closed card, what needs a look first."""
    charges = [charge for charge in card.incidents[:1] if charge.suspect.probability >= LEAST_TOLD]
    words = [
        f"{'a burst of praise' if charge.is_praise else 'suspect of an incident'} ({charge.suspect.share})"
        for charge in charges
    ]
    words += [f"fix {row.status_words}: “{row.theme_name}”" for row in card.receipts[:2]]
    for turns, what in ((card.born, "began"), (card.grown, "grew"), (card.quiet, "went quiet")):
        words += [f"“{turn.theme.text}” {what}" for turn in turns[:1]]
        words += [f"{len(turns) - 1} more {what}"] if len(turns) > 1 else []
    return tuple(words)
