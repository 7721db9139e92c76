"""What happens in the twelve weeks of the example: instants, events, and what a run should find out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SEED = 20261065
START_AT = datetime(2026, 7, 27, tzinfo=UTC)
END_AT = datetime(2026, 10, 19, tzinfo=UTC)
CHAT_DIES_AT = datetime(2026, 10, 6, 14, 0, tzinfo=UTC)
CHANNELS = ("app_review", "support_email", "survey", "chat", "social")
N_CUSTOMERS = 1300
FEATURE_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of an event in which some of its texts are written.

    Attributes:
        name: the `when` of a text in events.jsonl; "" is the main stretch, drawn for texts without one.
        start_at, end_at: the half-open stretch.
        half_life_hours: after which the rate of new texts has halved; None for a steady rate.
        follows_the_day: whether nights and weekends are quieter. An outage does not wait for office hours.
        rise_hours: time over which the rate climbs from zero at the start.
    """

    name: str
    start_at: datetime
    end_at: datetime
    half_life_hours: float | None = None
    follows_the_day: bool = True
    rise_hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was planted: a release did it, some customers wrote about it, a run should notice.

    Attributes:
        name: the `event` of its texts in events.jsonl.
        release: the release that did it (platform/version).
        ended_by: the release that ended it, "" if none did.
        phases: when its texts are written.
        finding: what a run over these files should say.
    """

    name: str
    release: str
    ended_by: str
    phases: tuple[Phase, ...]
    finding: str


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


OUTAGE_START, OUTAGE_END = _at(10, 16, 15, 45), _at(10, 16, 18, 55)
AURORA_START, AURORA_END = _at(8, 20, 10, 5), _at(9, 2, 11, 30)
LINEUP_START, LINEUP_END = _at(9, 8, 13, 20), _at(10, 1, 9, 45)
CHAPTERS_START = _at(9, 22, 9, 30)
CAPTIONS_END = _at(9, 14, 10, 15)

EVENTS: tuple[Event, ...] = (
    Event(
        name="outage",
        release="web/5.21.1",
        ended_by="web/5.21.2",
        phases=(
            Phase("early", OUTAGE_START, _at(10, 16, 16, 30), None, follows_the_day=False, rise_hours=0.2),
            Phase("", OUTAGE_START, OUTAGE_END, 1.4, follows_the_day=False, rise_hours=0.25),
            Phase("middle", _at(10, 16, 17, 15), OUTAGE_END, 1.5, follows_the_day=False),
            Phase("tail", OUTAGE_END, _at(10, 16, 21), 0.7, follows_the_day=False),
        ),
        finding="A spike from Friday 16 October 15:45 UTC to about 19:00, named with web 5.21.1: "
        "the whole platform is down. It ends with the hotfix 5.21.2.",
    ),
    Event(
        name="outage_aftermath",
        release="web/5.21.1",
        ended_by="",
        phases=(
            Phase("", _at(10, 17, 5), END_AT, 40),
            Phase("saturday", _at(10, 17, 7), _at(10, 17, 23)),
            Phase("sunday", _at(10, 18, 8), END_AT),
        ),
        finding="Thanks and grumbles about Friday's outage over the weekend; no new trouble.",
    ),
    Event(
        name="dead_link",
        release="web/5.9.0",
        ended_by="web/5.10.1",
        phases=(
            Phase("", AURORA_START, AURORA_END, 150, rise_hours=3),
            Phase("week", AURORA_START + timedelta(days=6), AURORA_END),
            Phase("late", AURORA_END, _at(9, 5, 12)),
        ),
        finding="Dead links in the Aurora theme (Support the channel, Watch next), from 5.9.0 until 5.10.1 "
        "mended them.",
    ),
    Event(
        name="lineup_sync",
        release="web/5.12.0",
        ended_by="web/5.17.1",
        phases=(
            Phase("", LINEUP_START, LINEUP_END, 400, rise_hours=4),
            Phase("week", LINEUP_START + timedelta(days=7), LINEUP_END),
            Phase("late", LINEUP_END, _at(10, 3, 12)),
        ),
        finding="Changes made in the line-up editor do not reach the apps, from 5.12.0 until the fix 5.17.1. "
        "The app reviews that say so declare app versions, which did not do it.",
    ),
    Event(
        name="loved_field",
        release="web/5.15.0",
        ended_by="",
        phases=(
            Phase("", CHAPTERS_START, END_AT, 160, rise_hours=3),
            Phase("week", CHAPTERS_START + timedelta(days=14), END_AT),
        ),
        finding="Customers love the watch-through by chapter that 5.15.0 brought to the analytics page.",
    ),
    Event(
        name="fix_holds",
        release="web/5.13.1",
        ended_by="web/5.13.1",
        phases=(
            Phase("", START_AT, CAPTIONS_END),
            Phase("late", CAPTIONS_END, CAPTIONS_END + timedelta(hours=12)),
        ),
        finding="Reports of vanished caption files stop with 5.13.1: quiet, and that is good news. "
        "The two in the twelve hours after it come from old browser tabs.",
    ),
)

KNOWN_INCIDENTS = {"outage": "outage", "dead_link": "fault", "lineup_sync": "fault"}
"""Events that the team would write down afterwards: an outage comes at once, a fault report by report."""

SILENT_FINDINGS: dict[str, dict[str, str]] = {
    "unnoticed_feature": {
        "release": "web/5.14.0",
        "a_run_should_say": "Nobody mentions watch parties, though every other feature was mentioned "
        "within a week of its release: quiet, and that is bad news.",
    },
    "dead_feed": {
        "source": "chat",
        "a_run_should_say": "The chat feed died on 6 October shortly before 14:00 UTC, after about six "
        "items a day: from then on its silence says nothing about releases.",
    },
}

DATED: dict[str, tuple[datetime, datetime]] = {
    "Our August invoice": (_at(9, 1, 8), END_AT),
    "I cancelled on 2 August": (_at(8, 10, 8), _at(8, 25, 0)),
    "until 17 August": (START_AT, _at(8, 15, 0)),
    "since the end of July": (_at(8, 5, 0), END_AT),
    "für Juli finde ich": (_at(8, 3, 0), END_AT),
    "Half of Europe is at the beach in August": (_at(8, 4, 0), _at(8, 29, 0)),
    "tried March till August": (_at(9, 1, 8), END_AT),
    "from 1 October, at midnight": (START_AT, _at(9, 26, 0)),
    "migrou para cá em agosto": (_at(8, 24, 0), END_AT),
    "orange for october": (START_AT, _at(9, 29, 0)),
    "since September. The altos": (_at(9, 21, 0), END_AT),
    "every day since August": (_at(9, 1, 0), END_AT),
}
"""Background texts that name a date, by a few of their words, and when they can have been written."""

CONTENT_FREE: tuple[tuple[str, int], ...] = (
    ("", 64), ("n/a", 22), ("-", 16), (".", 14), ("none", 12), ("nothing", 10), ("no", 16), ("...", 8),
    ("nope", 9), ("N/A", 8), ("asdf", 4), ("na", 6), ("None", 6), ("No comment", 5), ("--", 4), ("x", 6),
    ("?", 3), ("nothing to add", 3), ("test", 4), ("Nothing.", 4), ("no comment", 4), ("nil", 2), (" ", 5),
)  # fmt: skip
"""Replies to the survey that say nothing, and how many of each."""

AUTO_REPLIES: tuple[tuple[str, str], ...] = (
    ("Automatic reply: Your ticket", "I am out of the office until Monday and read no mail."),
    ("Out of office", "Thank you for your message. Our school is closed for the summer holidays."),
    ("Abwesenheitsnotiz", "Ich bin bis zum Ende der Woche nicht im Hause."),
    ("Automatic reply: Survey", "This mailbox is not monitored."),
    ("Absence du bureau", "Je suis en congé et ne consulte pas mes messages."),
    ("Auto: we got your mail", "Your message has reached our front desk. This is an automatic answer."),
    ("Out of office: on location", "Filming abroad, patchy reception, back next week."),
    (
        "Automatic reply: Receipt",
        "I'm on parental leave. Write to the general address of the studio instead.",
    ),
    ("Respuesta automática", "Estoy fuera de la oficina."),
    ("Mailbox moved", "This address will be switched off soon. Automatic message."),
    ("Autoreply", "We answer within two working days. Please do not reply to this message."),
    ("Automatische Antwort: Rechnung", "Die Buchhaltung ist montags und dienstags besetzt."),
)
