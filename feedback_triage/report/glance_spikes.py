"""What the week at a glance says about spikes that no incident tells: releases that were followed by far more items."""

from datetime import timedelta

from feedback_triage.report.cards import ThemeCard
from feedback_triage.report.filters import Count, ItemFilter
from feedback_triage.report.glance_themes import LEAST_ITEMS, Story, dominant
from feedback_triage.report.parts import Interval, Ref, ReleaseRow, Sentence, Tone
from feedback_triage.report.told import told_by_incidents
from feedback_triage.report.words import between, duration, plural
from feedback_triage.taxonomy import PRAISE

Shares = tuple[tuple[ThemeCard, Count], ...]
"""Themes with the number of a release's items in each, most first."""

MOST_ECHOES = 2
"""Further releases named in the sentence of a spike."""

MOST_OF_A_SPIKE = 0.6
"""Share of a spike's items from which a theme is named with it."""

MOST_WORDS = 4
"""Phrases shown of what a spike speaks of."""


def _released(story: Story, row: ReleaseRow) -> str:
    kind = f"{row.sort}, " if row.sort else ""
    return f" ({kind}{story.facts.clock.moment(row.released_at)})"


def spikes(story: Story) -> tuple[list[Sentence], set[str]]:
    """Tell the loud releases of the period, and give the themes told with them.

    Releases loud with the same theme share a sentence: an outage goes on being reported after its hotfix,
    and on the other platforms.
    """
    sentences: list[Sentence] = []
    told: set[str] = set()
    groups: dict[str, list[tuple[ReleaseRow, Interval, Shares]]] = {}
    for row, reign in _loud(story):
        shares = _themes_of(story, row)
        key = shares[0][0].theme_id if shares else f"alone {row.release_id}"
        groups.setdefault(key, []).append((row, reign, shares))
    for (row, reign, shares), *others in groups.values():
        pieces: list[str | Count | Ref] = [
            Ref(row.name, row.anchor),
            f"{_released(story, row)} was followed by ",
            reign.observed,
            f" {plural(reign.observed.n, 'item')} in the {duration(row.reign_hours)} it was the newest",
            f" release; {between(reign.lower, reign.upper)} were expected.",
        ]
        told |= {card.theme_id for card, _ in shares}
        # A theme that holds less than most of a spike is not what it is about; its own words tell that better.
        named = [(card, n) for card, n in shares if not row.reign_words or n.n >= MOST_OF_A_SPIKE * reign.observed.n]
        for place, (card, count) in enumerate(named):
            name = Ref(f"“{card.name}”", card.anchor)
            if count.n == reign.observed.n:
                pieces += [" All ", count, " speak of ", name]
            else:
                pieces += [", ", count, " of ", name] if place else [" ", count, " of them speak of ", name]
        if named:
            pieces.append(".")
        if row.reign_words:
            quoted = ", ".join(f"“{word}”" for word in row.reign_words[:MOST_WORDS])
            pieces.append(f" What they say and others did not: {quoted}.")
        for other, _, more in others[:MOST_ECHOES]:
            ref = Ref(other.name, other.anchor)
            pieces += [" Another ", more[0][1], " such came while ", ref, " was the newest."]
        is_praise = dominant(row.counts, 0.5) == PRAISE
        tone, word = (Tone.GOOD, "loud with praise") if is_praise else (Tone.ALARM, "spike")
        sentences.append(Sentence(tone, word, tuple(pieces)))
    return sentences, told


def _loud(story: Story) -> list[tuple[ReleaseRow, Interval]]:
    """Give the loud releases that were the newest in the period, the largest excess first."""
    period = story.facts.period
    told = told_by_incidents(story.facts, story.releases, story.incidents)
    found = [
        (row, row.reign)
        for row in story.releases
        if row.reign is not None
        and row.is_loud
        and row.release_id not in told
        and row.released_at < period.end
        and row.released_at + timedelta(hours=row.reign_hours) > period.start
    ]
    # Against the width of its own interval: a busy month must not outweigh three loud hours.
    return sorted(found, key=lambda pair: (-_excess(pair[1]), pair[0].release_id))


def _excess(reign: Interval) -> float:
    return (reign.observed.n - reign.expected) / (reign.upper - reign.expected + 1)


def _themes_of(story: Story, row: ReleaseRow) -> Shares:
    """Give the one or two themes that one in five of a release's items belong to, and how many do."""
    where = ItemFilter(release=row.release_id)
    found = story.facts.found(where)["theme_key"].value_counts()
    counted = [(card, int(found.get(card.theme_id, 0))) for card in story.themes]
    least = max(LEAST_ITEMS, 0.2 * row.total.n)
    ranked = sorted((pair for pair in counted if pair[1] >= least), key=lambda pair: (-pair[1], pair[0].rank))
    return tuple((card, Count(n, where.narrowed(theme=card.theme_id))) for card, n in ranked[:2])
