"""The week at a glance: a few sentences, what needs attention first, each number with its items.

The sentences speak of releases, never of people, and say what followed a release, not what it caused.
"""

from datetime import timedelta

from feedback_triage.report.cards import ThemeCard
from feedback_triage.report.filters import Count, ItemFilter
from feedback_triage.report.glance_themes import (
    LEAST_ITEMS,
    Story,
    dominant,
    loved,
    other_growth,
    problem_themes,
)
from feedback_triage.report.ledger import reports_go_on
from feedback_triage.report.parts import Interval, Ref, ReleaseRow, Sentence, Tone, WindowRow
from feedback_triage.report.usual import Change
from feedback_triage.report.words import between, duration, plural
from feedback_triage.taxonomy import PRAISE

MOST_SENTENCES = 6
MOST_ALARMS = 4
"""Sentences that ask for attention, so that good news keeps a place."""

Shares = tuple[tuple[ThemeCard, Count], ...]
"""Themes with the number of a release's items in each, most first."""

MOST_ECHOES = 2
"""Further releases named in the sentence of a spike."""


def tell(story: Story) -> tuple[tuple[Sentence, ...], int]:
    """Tell the week in up to six sentences, and how many more there would have been."""
    loud, told_themes = _spikes(story)
    alarms = [
        *loud[:2],
        *_fixes_that_do_not_hold(story),
        *_stale_feeds(story),
        *_bad_quiet(story),
        *problem_themes(story, told_themes),
        *loud[2:],
        *other_growth(story, told_themes),
    ]
    good = [*loved(story), *_fixes_that_hold(story)]
    volume = _volume(story)
    chosen = alarms[:MOST_ALARMS]
    chosen += good[: MOST_SENTENCES - len(chosen)]
    room = MOST_SENTENCES - len(chosen)
    rest = alarms[MOST_ALARMS:]
    extra = [*rest[: max(0, room - 1)], volume] if room else []
    n_left = len(alarms) + len(good) - len(chosen) - len(extra) + (1 if room else 0)
    return (*chosen, *extra), max(0, n_left)


MOST_OF_A_SPIKE = 0.6
"""Share of a spike's items from which a theme is named with it."""

MOST_WORDS = 4
"""Phrases shown of what a spike speaks of."""


def _released(story: Story, row: ReleaseRow) -> str:
    kind = f"{row.kind}, " if row.kind else ""
    return f" ({kind}{story.facts.clock.moment(row.released_at)})"


def _spikes(story: Story) -> tuple[list[Sentence], set[str]]:
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
    found = [
        (row, row.reign)
        for row in story.releases
        if row.reign is not None
        and row.is_loud
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


def _stale_feeds(story: Story) -> list[Sentence]:
    sentences = []
    for feed in story.feeds:
        if feed.status == "stale" and feed.last_at is not None:
            gap = f"; it is usually heard every {duration(feed.usual_gap_hours)}" if feed.usual_gap_hours else ""
            pieces = (
                Ref(feed.source, "feeds"),
                f" has sent nothing since {story.facts.clock.moment(feed.last_at)} (",
                feed.total,
                f" {plural(feed.total.n, 'item')} before that{gap}). Its silence is not taken for good news.",
            )
            sentences.append(Sentence(Tone.ALARM, "channel silent", pieces))
    return sentences


def _is_recent(story: Story, window: WindowRow) -> bool:
    return window.end_at > story.facts.period.start and window.start_at < story.facts.period.end


def _about(window: WindowRow) -> str:
    return " about its notes" if window.subject == "notes" else ""


def _came(window: WindowRow) -> tuple[str | Count, ...]:
    hours = (window.end_at - window.start_at) / timedelta(hours=1)
    n = window.interval.observed.n
    limits = between(window.interval.lower, window.interval.upper)
    return (
        window.interval.observed,
        f" {plural(n, 'item')}{_about(window)} in {duration(hours)}, {limits} expected",
    )


def _bad_quiet(story: Story) -> list[Sentence]:
    return [
        Sentence(
            Tone.WARN,
            "bad quiet",
            (
                Ref(window.name, window.anchor),
                " went quiet: ",
                *_came(window),
                ". It may have gone unnoticed.",
            ),
        )
        for window in story.ledger.bad
        if _is_recent(story, window)
    ]


def _fixes_that_do_not_hold(story: Story) -> list[Sentence]:
    return [
        Sentence(
            Tone.WARN,
            "fix in doubt",
            ("Reports go on after the fix in ", Ref(window.name, window.anchor), ": ", *_came(window), "."),
        )
        for window in story.ledger.go_on
        if reports_go_on(window) and _is_recent(story, window)
    ]


def _fixes_that_hold(story: Story) -> list[Sentence]:
    return [
        Sentence(
            Tone.GOOD,
            "fix holds",
            (
                "The fix in ",
                Ref(window.name, window.anchor),
                " holds so far: ",
                *_came(window),
                " had it not.",
            ),
        )
        for window in story.ledger.good
        if window.subject == "notes" and _is_recent(story, window)
    ]


def _volume(story: Story) -> Sentence:
    tile = story.tiles[0]
    word, n = story.facts.period.word, tile.count.n
    pieces: list[str | Count | Ref] = (
        [tile.count, f" {plural(n, 'item')} came {word}"] if n else [f"No item came {word}"]
    )
    if tile.usual is None:
        pieces.append("; there is no earlier time to compare with")
    else:
        limits = between(tile.usual.lower, tile.usual.upper)
        pieces.append(
            {
                Change.MORE: f", more than the usual {limits}",
                Change.FEWER: f", fewer than the usual {limits}",
            }.get(tile.change, f", as usual ({limits})")
        )
    stale = [feed.source for feed in story.feeds if feed.status == "stale"]
    if stale and tile.change is Change.FEWER:
        pieces.append(f"; {stale[0]} is silent, which lowers the number")
    needs_a_look = tile.change is Change.FEWER or n == 0
    return Sentence(Tone.WARN if needs_a_look else Tone.PLAIN, "volume", (*pieces, "."))
