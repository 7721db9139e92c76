"""Builds a `TriageReport`: all counting, ranking and wording; the renderers only lay it out."""

from feedback_triage.report.accounting import build_accounting
from feedback_triage.report.facts import Facts, gather
from feedback_triage.report.feeds import build_feeds
from feedback_triage.report.filters import NONE, Count, ItemFilter
from feedback_triage.report.fix_receipts import build_fix_receipts
from feedback_triage.report.glance import tell
from feedback_triage.report.glance_themes import Story
from feedback_triage.report.incidents import build_incidents
from feedback_triage.report.ledger import build_ledger
from feedback_triage.report.links import build_links
from feedback_triage.report.parts import Tile
from feedback_triage.report.push_hours import build_push_hours
from feedback_triage.report.release_cards import build_cards, in_news
from feedback_triage.report.releases import build_releases
from feedback_triage.report.review_queue import build_review
from feedback_triage.report.suspects import build_suspects
from feedback_triage.report.theme_map import build_map
from feedback_triage.report.themes import build_themes
from feedback_triage.report.timeline import build_timeline
from feedback_triage.report.triage_report import TriageReport
from feedback_triage.report.usual import Change, usual_range
from feedback_triage.report.values import ReportInput


def build_report(source: ReportInput) -> TriageReport:
    """Make the report of a period.

    The same input gives the same report, whatever the order of the rows in its frames.

    Args:
        source: what the pipeline hands over; with no items, releases or themes the report says so in words.
    """
    facts = gather(source)
    feeds = build_feeds(facts)
    suspects = build_suspects(facts)
    receipts = build_fix_receipts(facts)
    incidents = build_incidents(facts, suspects, receipts, feeds)
    releases = build_releases(facts, in_news(facts, incidents, receipts))
    ledger = build_ledger(releases, feeds)
    themes = build_themes(facts)
    tiles = build_tiles(facts)
    sentences, n_more = tell(Story(facts, tiles, releases, ledger, feeds, themes, incidents, receipts))
    first_at = facts.items["written_at"].iloc[0].to_pydatetime() if len(facts.items) else None
    return TriageReport(
        source=source,
        items=facts.items,
        product_name=source.product_name,
        period=source.period,
        as_of=source.as_of,
        clock=facts.clock,
        labels=facts.labels,
        titles=facts.titles,
        n_items=Count(len(facts.items), ItemFilter()),
        first_at=first_at,
        sentences=sentences,
        n_more_sentences=n_more,
        tiles=tiles,
        timeline=build_timeline(facts, releases, incidents),
        incidents=incidents,
        suspects=suspects,
        fix_receipts=receipts,
        push_hours=build_push_hours(facts),
        releases=releases,
        cards=build_cards(facts, releases, incidents, suspects, receipts),
        ledger=ledger,
        feeds=feeds,
        themes=themes,
        map=build_map(facts, themes),
        links=build_links(facts),
        review=build_review(facts),
        accounting=build_accounting(facts),
    )


def build_tiles(facts: Facts) -> tuple[Tile, ...]:
    """Build all items, then each label, then no label, each against the periods before."""
    titles = {"all": "all items"} | facts.titles
    return tuple(
        _tile(facts, key, titles[key], ItemFilter() if key == "all" else ItemFilter(label=key))
        for key in ("all", *facts.labels, NONE)
    )


def _tile(facts: Facts, key: str, title: str, where: ItemFilter) -> Tile:
    weeks = facts.by_period(facts.found(where)["written_us"].to_numpy())
    usual = usual_range(list(reversed(weeks[:-1])))
    return Tile(
        key=key,
        title=title,
        count=facts.count(facts.in_period(where)),
        usual=usual,
        change=Change.UNKNOWN if usual is None else usual.change(weeks[-1]),
        weeks=weeks,
        before=facts.before(where),
    )
