"""What the week at a glance says about incidents that go on or fell into it."""

from feedback_triage.report.filters import Count
from feedback_triage.report.glance_themes import Story
from feedback_triage.report.incident_parts import IncidentRow
from feedback_triage.report.parts import Ref, Sentence, Tone
from feedback_triage.report.words import decimal, duration, number, plural

MOST_WORDS = 4
"""Phrases shown of what an incident says."""


def incident_sentences(story: Story) -> list[Sentence]:
    """Tell the incidents with news: those that go on first, then those furthest above what was expected."""
    rows = [row for row in story.incidents if row.is_news]
    rows.sort(key=lambda row: (not row.is_open, -(row.observed.n - row.expected), row.incident_id))
    return [_sentence(story, row) for row in rows]


def _sentence(story: Story, row: IncidentRow) -> Sentence:
    clock, n = story.facts.clock, row.n_until_raised
    scope = "" if row.scope == "all" and not row.platform else f" of {row.scope_words}"
    n_minutes = round(row.minutes_until_raised)
    after = f" ({duration(row.minutes_until_raised / 60)})" if n_minutes else ""
    pieces: list[str | Count | Ref] = [
        Ref(clock.moment(row.started_at), row.anchor),
        ": ",
        row.observed,
        f" {plural(row.observed.n, 'item')}{scope} in {duration(row.hours)}, about {decimal(row.expected)} expected.",
    ]
    if suspect := row.first_suspect:
        if suspect.release is None:
            pieces.append(f" Likeliest: none of the releases ({suspect.share}).")
        else:
            kind = f"{suspect.kind}, " if suspect.kind else ""
            when = f" ({kind}{clock.moment(suspect.released_at)})" if suspect.released_at else ""
            pieces += [" First suspect: ", suspect.release, f"{when}, {suspect.share}."]
    over = "and it goes on" if row.ended_at is None else f"over {clock.moment(row.ended_at)}"
    pieces.append(f" Raised after {number(n)} {plural(n, 'report')}{after}, {over}.")
    if row.keyphrases:
        quoted = ", ".join(f"“{phrase}”" for phrase in row.keyphrases[:MOST_WORDS])
        pieces.append(f" What it says and others did not: {quoted}.")
    word = "incident, going on" if row.is_open else "incident"
    return (
        Sentence(Tone.GOOD, "loud with praise", tuple(pieces))
        if row.is_praise
        else Sentence(Tone.ALARM, word, tuple(pieces))
    )
