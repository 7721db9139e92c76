"""Releases from the tags of a local git repository."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from feedback_triage.errors import MissingFileError, NoUsableRowError, UnreadableFileError
from feedback_triage.sources.commits import CommitLog, Stop
from feedback_triage.sources.git_program import ask_git, git_folder
from feedback_triage.sources.tables import Row, Table
from feedback_triage.sources.tags import TagName, read_tag, says_only_a_version
from feedback_triage.versions import version_key

_FIELDS = (
    "refname:strip=2",
    "objecttype",
    "objectname",
    "committerdate:unix",
    "*objecttype",
    "*objectname",
    "*committerdate:unix",
    "taggerdate:unix",
    "contents:subject",
    "contents:body",
)
_FORMAT = "".join(f"%({field})%00" for field in _FIELDS)
_COLUMNS = ("version", "released_at", "product", "platform", "notes")
_SIGNATURE = re.compile(r"^-----BEGIN (?:PGP|SSH|SIGNED).*", re.MULTILINE | re.DOTALL)
_PERSON = re.compile(r"^[A-Z][\w-]+-(?:by|off|on|author|authored-by):[^\n]*$|^(?:CC|Cc):[^\n]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag that is a version.

    Attributes:
        name: what its name says.
        commit: id of the commit it stands on.
        seconds: epoch seconds of the tagger, or of the commit for a lightweight tag; "" if git has none.
        message: of an annotated tag, without signature and persons; "" for a lightweight one.
    """

    name: TagName
    commit: str
    seconds: str
    message: str

    @property
    def stream(self) -> tuple[str, str]:
        return self.name.product, self.name.platform

    @property
    def order(self) -> tuple[int, object, str]:
        return int(self.seconds or 0), version_key(self.name.version), self.commit


def read_git(path: Path) -> Table:
    """Read the tags that look like versions, one row each.

    A release is dated by its tagger, or by its commit for a lightweight tag. Its notes are the tag's message, or,
    where that says no more than the version, the subjects of the commits that no earlier tag of its product and
    platform has; merges are left out. Nobody's name is read.

    Args:
        path: a work tree or a bare repository.

    Raises:
        MissingFileError: there is no such folder, or it is no repository.
        InputError: there is no git program, or it took too long.
        UnreadableFileError: a shallow clone, or git cannot read it.
        NoUsableRowError: no tag looks like a version.
    """
    name = repository_name(path)
    if not path.exists():
        raise MissingFileError(f"{name}: there is no such folder; give the path of a local clone")
    folder = git_folder(path)
    if folder is None:
        raise MissingFileError(f"{name}: it is no git repository; name the folder that holds .git, or a release file")
    if ask_git(name, folder, ("rev-parse", "--is-shallow-repository")).strip() != "false":
        raise UnreadableFileError(f"{name}: a shallow clone lacks tags and history; run git fetch --unshallow --tags")
    tags, notes = _tags(name, ask_git(name, folder, ("for-each-ref", f"--format={_FORMAT}", "refs/tags")))
    commits = "".join(f"{commit}\n" for commit in sorted({tag.commit for tag in tags}))
    log = CommitLog.parse(ask_git(name, folder, CommitLog.COMMAND, commits))
    told, cut = _notes_of_commits(tags, log)
    rows = [_row(tag, told[position]) for position, tag in enumerate(tags)]

    def again() -> Iterator[Row]:
        return iter(rows)

    return Table(_COLUMNS, again, (*notes, *cut))


def repository_name(path: Path) -> str:
    """The name of a repository's folder, without ".git"."""
    folder = path.resolve()
    folder = folder.parent if folder.name == ".git" else folder
    return folder.name.removesuffix(".git") or "repository"


def _tags(name: str, listed: str) -> tuple[list[_Tag], tuple[str, ...]]:
    cells = listed.split("\0")
    n_all = len(cells) // len(_FIELDS)
    if not n_all:
        raise NoUsableRowError(f"{name}: the repository has no tags; tag its releases, or give a release file")
    tags = []
    for start in range(0, n_all * len(_FIELDS), len(_FIELDS)):
        tag = _tag(name, *(cell.strip() for cell in cells[start : start + len(_FIELDS)]))
        if tag is not None:
            tags.append(tag)
    if not tags:
        raise NoUsableRowError(f"{name}: none of its tags looks like a version; name them like v1.2.3 or ios-1.2.3")
    kept = _without_moving(tags)
    notes = []
    if n_other := n_all - len(tags):
        notes.append(f"{_tags_in_words(n_other)} not the version of a commit and left out")
    if n_moving := len(tags) - len(kept):
        notes.append(f"{_tags_in_words(n_moving)} the short form of a version on the same commit and left out")
    return kept, tuple(notes)


def _tag(name: str, *cells: str) -> _Tag | None:
    tag, kind, target, committed, inner_kind, inner_target, inner_committed, tagged, subject, body = cells
    found = read_tag(tag, repository=name)
    if found is None:
        return None
    if kind == "commit":
        return _Tag(found, target, committed, "")
    if inner_kind != "commit":
        return None  # a tag of a tree, of a file, or of another tag
    message = _PERSON.sub("", _SIGNATURE.sub("", f"{subject}\n\n{body}")).strip()
    return _Tag(found, inner_target, tagged or inner_committed, "" if says_only_a_version(message) else message)


def _without_moving(tags: list[_Tag]) -> list[_Tag]:
    """Leave out tags like v1 and v1.4 that some teams move along with v1.4.2."""
    on_commit: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for tag in tags:
        on_commit[*tag.stream, tag.commit].append(tag.name.version)
    return [
        tag
        for tag in tags
        if not any(other.startswith(f"{tag.name.version}.") for other in on_commit[*tag.stream, tag.commit])
    ]


def _notes_of_commits(tags: list[_Tag], log: CommitLog) -> tuple[list[str], tuple[str, ...]]:
    """Notes for each tag from the commits since the one before it, and what a person should know of them."""
    streams: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for position in sorted(range(len(tags)), key=lambda position: tags[position].order):
        streams[tags[position].stream].append(position)
    told = [""] * len(tags)
    stop = Stop()
    for positions in streams.values():
        commits = [(tags[position].commit, tags[position].name.is_prerelease) for position in positions]
        for position, subjects in zip(positions, log.since_previous(commits, stop), strict=True):
            told[position] = "\n".join(f"- {subject}" for subject in subjects)
    return told, stop.notes


def _row(tag: _Tag, told: str) -> Row:
    try:
        released_at = datetime.fromtimestamp(int(tag.seconds), UTC).isoformat() if tag.seconds else ""
    except (ValueError, OverflowError, OSError):
        released_at = f"{tag.seconds} seconds after 1970"  # beyond any calendar: the row is rejected
    cells = (tag.name.version, released_at, *tag.stream, tag.message or told)
    return dict(zip(_COLUMNS, cells, strict=True))


def _tags_in_words(n_tags: int) -> str:
    return "1 tag is" if n_tags == 1 else f"{n_tags} tags are"
