"""Releases from a saved answer of GitHub's releases API.

https://docs.github.com/en/rest/releases/releases describes the answer. What `gh api --paginate` prints (one list
after another, or one object a line) and the names that `gh release list --json` gives are read as well.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from feedback_triage.errors import NoUsableRowError, UnreadableFileError
from feedback_triage.ingest import RejectReason
from feedback_triage.sources.tables import BrokenRow, Row, Table
from feedback_triage.sources.tags import TagName, read_tag, says_only_a_version
from feedback_triage.sources.text_files import inspect_text

_COLUMNS = ("version", "released_at", "product", "platform", "notes")
_SAMPLE_LINES = 400
_SAMPLE_CHARACTERS = 1 << 16
_TAG_KEY = re.compile(r'"tag_?name"\s*:', re.IGNORECASE)
_OTHER_KEY = re.compile(r'"(?:draft|prerelease|published_at|isDraft|isPrerelease|publishedAt)"\s*:')
_ERROR_ANSWER = re.compile(r'\s*\{\s*"message"\s*:[^{}]*"documentation_url"\s*:')
_BETWEEN = re.compile(r"[\s,\ufeff\x1e]*")
_REPOSITORY = re.compile(r"https?://[^/\s]+/(?:repos/)?[^/\s]+/([^/\s]+)/releases/")
_CREDIT = re.compile(
    r"[ \t]+by @[\w-]+(?:\[bot\])?(?:,? (?:and )?@[\w-]+(?:\[bot\])?)*(?=[ \t]+in |[ \t]*$)", re.MULTILINE
)
_ADDRESS = re.compile(r"[ \t]+in (?:https?://\S+|#[0-9]+)[ \t]*$", re.MULTILINE)
_NEW_PEOPLE = re.compile(
    r"^#{1,6}[ \t]+New Contributors\b[^\n]*\n(?:(?!#{1,6}[ \t]|\*\*Full Changelog)[^\n]*\n?)*", re.MULTILINE
)
_COMPARISON = re.compile(r"^\*\*Full Changelog\*\*:[^\n]*$", re.MULTILINE)


def looks_like_github(path: Path) -> bool:
    """Whether the start of a JSON file is that of GitHub's releases, or of one of its error answers."""
    lines = inspect_text(path).lines()
    start = "".join(line[:_SAMPLE_CHARACTERS] for line in islice(lines, _SAMPLE_LINES))[:_SAMPLE_CHARACTERS]
    is_release = bool(_TAG_KEY.search(start) and _OTHER_KEY.search(start))
    return is_release or bool(_ERROR_ANSWER.match(start))


def read_github(path: Path) -> Table:
    """Read the releases, one row each.

    Drafts are left out and counted; pre-releases are kept, since some customers get them, and counted. A release
    is dated by `published_at`, or where an answer lacks that field by `created_at`. Credits ("by @name in ..."),
    the list of new contributors and the link to the comparison are no part of the notes.

    Raises:
        UnreadableFileError: not text, not JSON, cut off, or an error answer of the API.
        NoUsableRowError: it holds no release, or drafts only.
    """
    file = inspect_text(path)
    values = list(_values(path.name, "".join(file.lines())))
    if any(isinstance(value, Mapping) and _is_error(value) for value in values):
        raise UnreadableFileError(
            f"{path.name}: it is an error answer of GitHub's API; save the list of releases again"
        )
    releases = [
        value for value in values if not (isinstance(value, Mapping) and _get(value, "draft", "isDraft") is True)
    ]
    n_drafts = len(values) - len(releases)
    if not releases:
        what = "only drafts" if n_drafts else "no release"
        raise NoUsableRowError(f"{path.name}: it holds {what}; publish a release on GitHub, or name the git repository")
    rows = [_row(value) for value in releases]

    def again() -> Iterator[Row]:
        return iter(rows)

    found = [value for value in releases if isinstance(value, Mapping)]
    n_pre = sum(_get(value, "prerelease", "isPrerelease") is True for value in found)
    n_undated = sum(_published(value) is None and _created(value) is not None for value in found)
    counted = (
        (n_drafts, "draft left out", "drafts left out"),
        (n_pre, "pre-release kept like a release", "pre-releases kept like releases"),
        (n_undated, "release dated by its commit: it does not say when it was published",
         "releases dated by their commits: they do not say when they were published"),
    )  # fmt: skip
    notes = [f"{n} {one if n == 1 else many}" for n, one, many in counted if n]
    return Table(_COLUMNS, again, (*file.notes, *notes))


def _values(name: str, text: str) -> Iterator[object]:
    """Elements of all lists, and all other values, that stand one after another in a text."""
    decoder = json.JSONDecoder()
    position = _after_space(text, 0)
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            message = f"{name}: it is cut off or not JSON; save the answer of the releases API again"
            raise UnreadableFileError(message) from None
        for each in value if isinstance(value, list) else [value]:
            yield from each if isinstance(each, list) else [each]  # --slurp makes a list of lists
        position = _after_space(text, position)


def _after_space(text: str, position: int) -> int:
    space = _BETWEEN.match(text, position)
    return space.end() if space else position


def _row(value: object) -> Row:
    if not isinstance(value, Mapping):
        raw = json.dumps(value, ensure_ascii=False)
        return BrokenRow(RejectReason.NOT_AN_OBJECT, "The element of the list is no release.", raw)
    title = _text(value, "name")
    name = _name(value, title)
    body = _text(value, "body")
    for pattern in (_NEW_PEOPLE, _COMPARISON, _CREDIT, _ADDRESS):
        body = pattern.sub("", body)
    if not body.strip() and not says_only_a_version(title):
        body = title
    date = _published(value)
    cells = (name.version or None, _created(value) if date is None else date, name.product, name.platform, body)
    return dict(zip(_COLUMNS, cells, strict=True))


def _name(value: Mapping[str, object], title: str) -> TagName:
    """What the tag says, or the title where the tag is no version ("latest"); no version if neither tells."""
    address = _REPOSITORY.match(_text(value, "html_url", "url"))
    repository = address[1] if address else ""
    tag = read_tag(_text(value, "tag_name", "tagName"), repository=repository)
    words = [found for word in title.split()[:6] if (found := read_tag(word.strip("()[],:;"), repository=repository))]
    return tag or next((found for found in words if not found.version.isdecimal()), TagName(""))


def _published(value: Mapping[str, object]) -> object:
    return _get(value, "published_at", "publishedAt")


def _created(value: Mapping[str, object]) -> object:
    return _get(value, "created_at", "createdAt")


def _is_error(value: Mapping[str, object]) -> bool:
    return "documentation_url" in value and "message" in value


def _get(value: Mapping[str, object], *keys: str) -> object:
    return next((value[key] for key in keys if value.get(key) is not None), None)


def _text(value: Mapping[str, object], *keys: str) -> str:
    found = _get(value, *keys)
    return found.replace("\r\n", "\n").strip() if isinstance(found, str) else ""
