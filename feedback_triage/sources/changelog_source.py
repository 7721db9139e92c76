"""Releases from a changelog in Markdown, as https://keepachangelog.com describes it and as others write it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from feedback_triage.errors import NoUsableRowError, UnreadableFileError
from feedback_triage.sources.changelog_headings import Heading, read_date_line, read_heading
from feedback_triage.sources.markdown_lines import marked_lines
from feedback_triage.sources.tables import Row, Table
from feedback_triage.sources.text_files import inspect_text

_COLUMNS = ("version", "released_at", "product", "platform", "notes")
_MAX_NOTES = 100_000


@dataclass(slots=True)
class _Section:
    """A version's heading, its level, and the lines below it."""

    heading: Heading
    level: int
    lines: list[str] = field(default_factory=list)
    n_characters: int = 0

    def add(self, line: str) -> None:
        is_first = not self.n_characters and bool(line.strip())
        if is_first and not self.heading.date and (date := read_date_line(line)):
            self.heading = replace(self.heading, date=date)
        elif (self.n_characters or is_first) and self.n_characters < _MAX_NOTES:
            self.lines.append(line[:_MAX_NOTES])
            self.n_characters += len(line) + 1


def read_changelog(path: Path) -> Table:
    """Read a changelog, one row for each section whose heading names a version.

    The notes are the section's text with its own headings ("Added", "Fixed") as lines. The date stands in the
    heading, or alone in the first line below it. A version without a date is a row without one, which is rejected
    later: no date is made up. Changes that are not released yet are left out and counted; a version that was taken
    back is kept, since customers had it.

    Raises:
        UnreadableFileError: not text, or no heading names a version.
        NoUsableRowError: not one version has a date.
    """
    file = inspect_text(path)
    found = list(_sections(file.lines()))
    sections = [section for section in found if not section.heading.is_unreleased]
    if not sections:
        what = "it only has changes that are not released yet" if found else "no heading in it names a version"
        raise UnreadableFileError(f"{path.name}: {what}; write headings like ## [1.2.3] - 2026-10-19")
    if not any(section.heading.date for section in sections):
        raise NoUsableRowError(
            f"{path.name}: not one of its {_versions(len(sections))} has a date; write headings like "
            "## [1.2.3] - 2026-10-19, or name the git repository, whose tags have dates"
        )
    rows = [_row(section) for section in sections]

    def again() -> Iterator[Row]:
        return iter(rows)

    notes = list(file.notes)
    if n_unreleased := len(found) - len(sections):
        of = "1 section" if n_unreleased == 1 else f"{n_unreleased} sections"
        notes.append(f"{of} of changes that are not released yet left out")
    if n_yanked := sum(section.heading.is_yanked for section in sections):
        notes.append(f"{_versions(n_yanked)} taken back kept, since customers had it")
    return Table(_COLUMNS, again, tuple(notes))


def _sections(lines: Iterable[str]) -> Iterator[_Section]:
    section: _Section | None = None
    for level, text in marked_lines(lines):
        heading = read_heading(text) if level else None
        # Within a section, "1.2 and older" is a part of its text; "1.2.2 (2026-10-12)" is the next version.
        if heading and (section is None or level <= section.level or heading.date):
            if section:
                yield section
            section = _Section(heading, level)
        elif section and level and level <= section.level:
            yield section
            section = None
        elif section:
            section.add(f"{'#' * level} {text}" if level else text)
    if section:
        yield section


def _row(section: _Section) -> Row:
    heading = section.heading
    cells = (heading.version, heading.date or None, heading.product, heading.platform, "\n".join(section.lines))
    return dict(zip(_COLUMNS, cells, strict=True))


def _versions(n: int) -> str:
    return "1 version" if n == 1 else f"{n} versions"
