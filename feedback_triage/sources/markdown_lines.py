"""The lines of a Markdown file with the headings told apart, as CommonMark says (https://spec.commonmark.org/0.31.2/).

What stands in a fenced block or in a comment is no heading. Only what a changelog needs is read.
"""

import re
from collections.abc import Iterable, Iterator

_MAX_HEADING = 300
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NO_PARAGRAPH = re.compile(r"\s*$|\s*[-*+>|]|\s*[0-9]{1,9}[.)]\s| {4}|\t")
_REFERENCE = re.compile(r" {0,3}\[[^\]]+\]:[ \t]*\S")


def marked_lines(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Tell headings from other lines.

    Args:
        lines: of a Markdown file, with or without line ends.

    Yields:
        The level of a heading (1..6) and its text, or 0 and the line. The targets of links
        (`[1.2.3]: https://...`) and comments are left out. A line of more than 300 characters is no heading.
    """
    held: str | None = None  # a line that an underline could make a heading
    for line, is_code in _without_comments(lines):
        underline = None if is_code or len(line) > _MAX_HEADING else _UNDERLINE.fullmatch(line)
        if held is not None:
            if underline:
                yield (1 if underline[1][0] == "=" else 2), held.strip()
                held = None
                continue
            yield 0, held
            held = None
        if is_code or len(line) > _MAX_HEADING:
            yield 0, line
        elif heading := _ATX.fullmatch(line):
            yield len(heading[1]), heading[2] or ""
        elif _NO_PARAGRAPH.match(line):
            yield 0, line
        elif not _REFERENCE.match(line):
            held = line
    if held is not None:
        yield 0, held


def _without_comments(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Lines without line ends and comments, and whether each belongs to a fenced block."""
    fence = ""
    in_comment = False
    for each in lines:
        line = each.rstrip("\r\n")
        if not fence:
            line, in_comment = _cut_comments(line, in_comment)
        mark = _FENCE.match(line)
        if fence:
            is_end = mark is not None and mark[1].startswith(fence) and line.strip() == mark[1]
            yield line, True
            fence = "" if is_end else fence
        else:
            fence = mark[1] if mark else ""
            yield line, bool(fence)


def _cut_comments(line: str, in_comment: bool) -> tuple[str, bool]:
    """Cut comments out of a line; also tell whether one is still open at its end."""
    kept: list[str] = []
    position = 0
    while True:
        if in_comment:
            end = line.find("-->", position)
            if end < 0:
                return "".join(kept), True
            position, in_comment = end + 3, False
        start = line.find("<!--", position)
        if start < 0:
            return "".join([*kept, line[position:]]), False
        kept.append(line[position:start])
        position, in_comment = start + 4, True
