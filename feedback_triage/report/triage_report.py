"""The report as one value."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from feedback_triage.report.cards import Accounting, FeedRow, ReviewQueue, ThemeCard
from feedback_triage.report.filters import Count
from feedback_triage.report.fix_receipts import ReceiptRow
from feedback_triage.report.incident_parts import IncidentRow
from feedback_triage.report.ledger import Ledger
from feedback_triage.report.links import LinkRow
from feedback_triage.report.parts import ReleaseRow, Sentence, Tile, Timeline
from feedback_triage.report.push_hours import PushHours
from feedback_triage.report.release_cards import ReleaseCard
from feedback_triage.report.suspects import Suspects
from feedback_triage.report.theme_map import ThemeMap
from feedback_triage.report.values import ReportInput, ReportPeriod
from feedback_triage.report.words import Clock


@dataclass(frozen=True, eq=False)
class TriageReport:
    """Everything a reader is shown, as one value; the same input gives the same report.

    Attributes:
        source: what it was made from.
        items: the prepared items, oldest first (see `facts.prepare_items`), for the receipts and the table.
        labels: label names in reading order.
        titles: the words for each label key.
        sentences: the week at a glance, what needs attention first.
        n_more_sentences: how many more could be said; their subjects are further down.
        incidents: those that go on first, then the newest.
        suspects: of incidents and themes.
        push_hours: None where nothing was handed over.
        cards: what each release opens to, by `release_id`.
        map: None where no theme has a place on it.
        first_at: when the oldest item was written, None without items.
    """

    source: ReportInput
    items: pd.DataFrame
    product_name: str
    period: ReportPeriod
    as_of: datetime
    clock: Clock
    labels: tuple[str, ...]
    titles: dict[str, str]
    n_items: Count
    first_at: datetime | None
    sentences: tuple[Sentence, ...]
    n_more_sentences: int
    tiles: tuple[Tile, ...]
    timeline: Timeline
    incidents: tuple[IncidentRow, ...]
    suspects: Suspects
    fix_receipts: tuple[ReceiptRow, ...]
    push_hours: PushHours | None
    releases: tuple[ReleaseRow, ...]
    cards: dict[str, ReleaseCard]
    ledger: Ledger
    feeds: tuple[FeedRow, ...]
    themes: tuple[ThemeCard, ...]
    map: ThemeMap | None
    links: tuple[LinkRow, ...]
    review: ReviewQueue
    accounting: Accounting

    @property
    def last_shown(self) -> datetime:
        """An instant inside the last day of the half-open period, for showing its end."""
        return self.period.end - timedelta(microseconds=1)
