"""The report in at most forty lines of plain text."""

import unicodedata

from feedback_triage.report.cards import ThemeCard
from feedback_triage.report.filters import Count
from feedback_triage.report.parts import Phrase, Ref, ReleaseRow, Tile
from feedback_triage.report.triage_report import TriageReport
from feedback_triage.report.usual import Change
from feedback_triage.report.words import between, duration, number, plural, undirected, wrapped

WIDTH = 96
MOST_LINES = 40

_BREVITY = ((3, 5), (3, 4), (3, 3), (2, 3), (1, 3), (1, 1))
"""Lines a sentence, and rows of releases and themes: the first that fits is taken."""


def render_summary(report: TriageReport) -> str:
    """Write it in at most 40 lines of at most 96 columns, without colours or control characters.

    Sentences, releases and themes are shown more briefly when they would take more lines than that.
    """
    drafts = (_lines(report, n_lines, n_rows) for n_lines, n_rows in _BREVITY)
    lines = next((draft for draft in drafts if len(draft) <= MOST_LINES), _lines(report, 1, 1)[:MOST_LINES])
    return "\n".join(lines) + "\n"


def _lines(report: TriageReport, n_lines: int, n_rows: int) -> list[str]:
    """Give the summary with so many lines a sentence, and so many releases and themes."""
    clock, period = report.clock, report.period
    span = f"{clock.day(period.start)} to {clock.day(report.last_shown)}"
    as_of = f"as of {clock.moment(report.as_of)} {report.source.timezone}"
    name = f"{report.product_name}: " if report.product_name else ""
    lines = [_fitted(f"{name}{span}, {as_of}", WIDTH), _size(report), ""]
    for sentence in report.sentences:
        found = wrapped(undirected(f"- {sentence.tone_word}: {said(sentence.phrase)}"), WIDTH - 2, "  ")
        lines += found[:n_lines]
        if len(found) > n_lines:
            lines[-1] = f"{lines[-1]} …"
    lines += ["", *(_tile(tile) for tile in report.tiles if tile.key != "all")]
    return [*lines, *_releases(report, n_rows), *_themes(report, n_rows), *_fixes(report), *_ends(report)]


def _size(report: TriageReport) -> str:
    n_items, n_releases = report.n_items.n, len(report.releases)
    items = f"{number(n_items)} {plural(n_items, 'item')}"
    return f"{items}, {number(n_releases)} {plural(n_releases, 'release')}"


def said(phrase: Phrase) -> str:
    """Give the sentence without its links."""
    return "".join(
        number(piece.n) if isinstance(piece, Count) else piece.text if isinstance(piece, Ref) else piece
        for piece in phrase
    )


def _tile(tile: Tile) -> str:
    words = "nothing to compare with yet"
    if tile.usual is not None:
        limits = between(tile.usual.lower, tile.usual.upper)
        words = {Change.MORE: "more than", Change.FEWER: "fewer than"}.get(tile.change, "as")
        words = f"{words} usual ({limits})"
    return f"{number(tile.count.n):>7} {tile.title:<14} {words}"


def _releases(report: TriageReport, most: int) -> list[str]:
    rows = [row for row in report.releases if row.is_in_period]
    if not rows:
        return ["", f"Nothing was released {report.period.word}."]
    more = f" ({len(rows) - most} more on the page)" if len(rows) > most else ""
    # A loud release is what a reader looks for, so it comes before the newest.
    chosen = sorted(rows, key=lambda row: not row.is_loud)[:most]
    return ["", f"Releases {report.period.word}{more}:", *(_release(report, row) for row in chosen)]


def _release(report: TriageReport, row: ReleaseRow) -> str:
    counts = ", ".join(f"{report.titles[key]} {number(count.n)}" for key, count in row.counts if count.n)
    total = f"{number(row.total.n)} {plural(row.total.n, 'item')}"
    if row.reign is None:
        came = total
    else:
        # What is expected is of the time it was the newest, so that is what stands beside it.
        n, limits = row.reign.observed.n, between(row.reign.lower, row.reign.upper)
        came = f"{number(n)} {plural(n, 'item')} in {duration(row.reign_hours)}, {limits} expected"
        as_newest = f"as the newest on {row.platform}" if row.platform else "in all"
        came += "" if n == row.total.n else f"; {number(row.total.n)} {as_newest}"
    text = f"{row.name}, {report.clock.moment(row.released_at)}: {came}{': ' if counts else ''}{counts}"
    return _fitted(f"  {text}", WIDTH)


def _themes(report: TriageReport, most: int) -> list[str]:
    cards = [card for card in report.themes if card.in_period.n][:most]
    return ["", f"Themes {report.period.word}:", *(_theme(card) for card in cards)] if cards else []


def _theme(card: ThemeCard) -> str:
    usual = f", {between(card.usual.lower, card.usual.upper)} usual" if card.usual else ""
    return _fitted(
        f"{number(card.in_period.n):>7} {card.name} ({card.trend}{usual}; {number(card.total.n)} in all)",
        WIDTH,
    )


def _fixes(report: TriageReport) -> list[str]:
    """Tell how many watched fixes have which receipt, and name those that failed."""
    rows = report.fix_receipts
    if not rows:
        return []
    statuses = [row.status_words for row in rows]
    counts = ", ".join(f"{statuses.count(words)} {words}" for words in dict.fromkeys(statuses))
    failed = ", ".join(f"{row.release.text} “{row.theme_name}”" for row in rows if row.status == "failed")
    return ["", _fitted(f"Fixes: {counts}{f'; failed: {failed}' if failed else ''}.", WIDTH)]


def _ends(report: TriageReport) -> list[str]:
    waiting, files = report.review.waiting, report.accounting.files
    lines = [
        "",
        f"{number(waiting.n)} {plural(waiting.n, 'item')} {plural(waiting.n, 'waits', 'wait')} for review.",
    ]
    if not_read := report.accounting.not_read.n:
        names = ", ".join(f"{number(count.n)} {name}" for name, count in report.accounting.languages[:3])
        more = "" if len(report.accounting.languages) <= 3 else " and others"
        where = plural(not_read, "is in a language that is", "are in languages that are")
        lines.append(_fitted(f"{number(not_read)} {where} not judged: {names}{more}.", WIDTH))
    if files:
        read, stored, known, rejected = (
            number(sum(getattr(row, name) for row in files))
            for name in ("n_read", "n_stored", "n_already_known", "n_rejected")
        )
        lines.append(f"{read} rows read = {stored} stored + {known} already known + {rejected} rejected.")
    return lines


def _fitted(text: str, width: int) -> str:
    """Give the text on one line, cut to a number of columns; wide characters take two."""
    line = "".join(undirected(text).split("\n"))
    columns = 0
    kept: list[str] = []
    for character in line:
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if columns > width - 1:
            return "".join(kept) + "…"
        kept.append(character)
    return "".join(kept)
