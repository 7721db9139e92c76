"""The week at a glance: a few sentences, what needs attention first, each number with its items.

The sentences speak of releases, never of people, and say what followed a release, not what it caused.
"""

from feedback_triage.report.filters import Count
from feedback_triage.report.glance_fixes import bad_quiet, fixes_in_doubt, fixes_that_hold
from feedback_triage.report.glance_incidents import incident_sentences
from feedback_triage.report.glance_spikes import spikes
from feedback_triage.report.glance_themes import Story, loved, other_growth, problem_themes
from feedback_triage.report.parts import Ref, Sentence, Tone
from feedback_triage.report.told import n_of_incidents
from feedback_triage.report.usual import Change
from feedback_triage.report.words import between, duration, number, plural

MOST_SENTENCES = 6
MOST_ALARMS = 4
"""Sentences that ask for attention, so that good news keeps a place."""


def tell(story: Story) -> tuple[tuple[Sentence, ...], int]:
    """Tell the week in up to six sentences, and how many more there would have been."""
    incidents = incident_sentences(story)
    loud, told_themes = spikes(story)
    alarms = [
        *incidents[:2],
        *loud[:2],
        *fixes_in_doubt(story),
        *_stale_feeds(story),
        *bad_quiet(story),
        *problem_themes(story, told_themes),
        *incidents[2:],
        *loud[2:],
        *other_growth(story, told_themes),
    ]
    good = [*loved(story), *fixes_that_hold(story)]
    volume = _volume(story)
    chosen = alarms[:MOST_ALARMS]
    chosen += good[: MOST_SENTENCES - len(chosen)]
    room = MOST_SENTENCES - len(chosen)
    rest = alarms[MOST_ALARMS:]
    extra = [*rest[: max(0, room - 1)], volume] if room else []
    n_left = len(alarms) + len(good) - len(chosen) - len(extra) + (1 if room else 0)
    return (*chosen, *extra), max(0, n_left)


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
    n_burst = n_of_incidents(story.facts, story.incidents, story.facts.in_period())
    if n_burst and tile.change is Change.MORE:
        pieces.append(f"; {number(n_burst)} of them belong to the incident")
    stale = [feed.source for feed in story.feeds if feed.status == "stale"]
    if stale and tile.change is Change.FEWER:
        pieces.append(f"; {stale[0]} is silent, which lowers the number")
    needs_a_look = tile.change is Change.FEWER or n == 0
    return Sentence(Tone.WARN if needs_a_look else Tone.PLAIN, "volume", (*pieces, "."))
