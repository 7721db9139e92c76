"""What the week at a glance says about themes: what grew, what is broken, what was loved."""

from dataclasses import dataclass

from feedback_triage.report.cards import FeedRow, ThemeCard
from feedback_triage.report.facts import Facts
from feedback_triage.report.filters import NONE, Count
from feedback_triage.report.fix_receipts import ReceiptRow
from feedback_triage.report.incident_parts import IncidentRow
from feedback_triage.report.ledger import Ledger
from feedback_triage.report.parts import Ref, ReleaseRow, Sentence, Tile, Tone
from feedback_triage.report.told import LEAST_SHARE, n_of_incidents
from feedback_triage.report.usual import Change, UsualRange
from feedback_triage.report.words import between, plural
from feedback_triage.taxonomy import BROKEN_LINK, PRAISE, SYNC_BUG

LEAST_ITEMS = 3
"""Fewer items than this in the period never make a sentence about a theme or a label."""

PROBLEMS = (BROKEN_LINK, SYNC_BUG)


@dataclass(frozen=True, eq=False)
class Story:
    """The parts of the report that the sentences draw on."""

    facts: Facts
    tiles: tuple[Tile, ...]
    releases: tuple[ReleaseRow, ...]
    ledger: Ledger
    feeds: tuple[FeedRow, ...]
    themes: tuple[ThemeCard, ...]
    incidents: tuple[IncidentRow, ...]
    receipts: tuple[ReceiptRow, ...]


def dominant(mix: tuple[tuple[str, Count], ...], share: float) -> str | None:
    """Give the label (never "no label") that has at least this share of the items, or None."""
    total = sum(count.n for _, count in mix)
    best = max((pair for pair in mix if pair[0] != NONE), key=lambda pair: pair[1].n, default=None)
    return best[0] if best is not None and total and best[1].n >= share * total else None


def _growth(card: ThemeCard, word: str) -> tuple[str | Count | Ref, ...]:
    pieces: list[str | Count | Ref] = [Ref(f"“{card.name}”", card.anchor)]
    pieces.append({"new": " is new: ", "returning": " is back: ", "growing": " grew: "}.get(card.trend, ": "))
    pieces += [card.in_period, f" {plural(card.in_period.n, 'item')} {word}"]
    if card.usual is not None and card.trend == "growing":
        pieces.append(f", {between(card.usual.lower, card.usual.upper)} would be usual")
    return (*pieces, ".")


def _grown(story: Story, told: set[str]) -> list[ThemeCard]:
    return [
        card
        for card in story.themes
        if card.trend in {"new", "returning", "growing"}
        and card.in_period.n >= LEAST_ITEMS
        and card.theme_id not in told
        and not _is_told_by_incident(story, card.in_period, card.usual, card.trend)
    ]


def _is_told_by_incident(story: Story, count: Count, usual: UsualRange | None, trend: str = "growing") -> bool:
    """Tell whether at least half of what exceeds the usual are items of incidents, or nothing unusual is left without
    them; of a new or returning theme, half of all.
    """
    n_burst = n_of_incidents(story.facts, story.incidents, count.where) if count.where else 0
    if not n_burst:
        return False
    is_grown = usual is not None and trend == "growing"
    least = usual.upper + 1 if usual is not None and is_grown else LEAST_ITEMS
    excess = count.n - (usual.mean if usual is not None and is_grown else 0.0)
    return count.n - n_burst < least or n_burst >= LEAST_SHARE * excess


def problem_themes(story: Story, told: set[str]) -> list[Sentence]:
    """Give new, returning and growing themes of broken links and sync bugs; and those labels, where no
    theme says it.
    """
    word = story.facts.period.word
    sentences, labels = [], set()
    for card in _grown(story, told):
        label = dominant(card.period_mix, 0.5)
        if label in PROBLEMS:
            labels.add(label)
            told.add(card.theme_id)
            title = story.facts.titles[label]
            sentences.append(Sentence(Tone.WARN, title, _growth(card, word)))
    for tile in story.tiles:
        if tile.key not in PROBLEMS or tile.key in labels or tile.change is not Change.MORE or tile.usual is None:
            continue
        if not _is_told_by_incident(story, tile.count, tile.usual):
            limits = between(tile.usual.lower, tile.usual.upper)
            pieces = (tile.count, f" {plural(tile.count.n, tile.title)} {word}, {limits} would be usual.")
            sentences.append(Sentence(Tone.WARN, tile.title, pieces))
    return sentences


def other_growth(story: Story, told: set[str]) -> list[Sentence]:
    """Tell the new, returning and growing themes that are neither problems of a label nor praise."""
    return [
        Sentence(Tone.PLAIN, card.trend, _growth(card, story.facts.period.word))
        for card in _grown(story, told)
        if dominant(card.period_mix, 0.5) not in (*PROBLEMS, PRAISE)
    ]


def loved(story: Story) -> list[Sentence]:
    """Give the theme with the most praise in the period, with the release it speaks of where that is
    known.
    """
    found = []
    for card in story.themes:
        praise = dict(card.period_mix)[PRAISE]
        if praise.n >= LEAST_ITEMS and praise.n >= 0.6 * card.in_period.n:
            found.append((praise.n, card, praise))
    if not found:
        return []
    _, card, praise = min(found, key=lambda triple: (-triple[0], triple[1].rank))
    pieces: list[str | Count | Ref] = ["Customers praise ", Ref(f"“{card.name}”", card.anchor), ": ", praise]
    pieces.append(f" {plural(praise.n, 'item')} of praise {story.facts.period.word}")
    if card.speaks_of_marks:
        pieces += [", on what ", Ref(card.marks[-1].name, card.marks[-1].anchor), " brought"]
    return [Sentence(Tone.GOOD, "loved", (*pieces, "."))]
