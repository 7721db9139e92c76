"""One release from the cells of one row, whatever the row stood in: a file, a command, a call."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from feedback_triage.domain import Release, ReleaseKind, RolloutStep
from feedback_triage.ingest import RejectReason, plain_notes
from feedback_triage.sources.dates import DateReader
from feedback_triage.sources.kinds import is_hotfix_by_notes, kind_of_notes
from feedback_triage.sources.rollouts import RolloutProblem, read_rollout
from feedback_triage.sources.tables import rows_in_words
from feedback_triage.sources.values import NUMBER_VERSIONS_NOTE, as_text, as_version, is_missing

REJECT_DETAILS = {
    RejectReason.VERSION_MISSING: "The row does not name a version.",
    RejectReason.RELEASED_AT_MISSING: "The row does not say when the version was released.",
    RejectReason.RELEASED_AT_UNREADABLE: "The date cannot be read, or lies outside 1990 to 2100.",
    RejectReason.VERSION_REPEATED: "Another row has the same version with an earlier date or other notes.",
    RejectReason.NAME_UNUSABLE: (
        "The version, product or platform has more than 200 characters, or characters that cannot be seen."
    ),
}
SAME_ID_DETAIL = (
    "Another row's product, platform and version are other ones, and joined by / they give the same release id."
)
KIND_WORDS: Mapping[ReleaseKind, frozenset[str]] = {
    ReleaseKind.FEATURE: frozenset({"feature", "features", "feat", "new", "major", "minor"}),
    ReleaseKind.FIX: frozenset({"fix", "fixes", "bugfix", "hotfix", "patch"}),
    ReleaseKind.MAINTENANCE: frozenset({"maintenance", "chore", "internal", "maint"}),
    ReleaseKind.MIXED: frozenset({"mixed", "both"}),
}
LONGEST_NAME, LONGEST_ID = 200, 400
"""Characters of a version, a product or a platform, and of the three joined."""
MAX_NOTES = 50_000
"""Characters of notes that are kept: more than any team writes about one release."""

_KIND_BY_WORD = {word: kind for kind, words in KIND_WORDS.items() for word in words}
_HOTFIX_WORDS = frozenset({"hotfix", "hot fix", "hot-fix"})
_YES = frozenset({"yes", "y", "true", "1", "x", *_HOTFIX_WORDS})
_NO = frozenset({"no", "n", "false", "0"})
_FIELD_OF_COLUMN = {"kind": "kind", "rollout": "rollout", "rolled_back_at": "rolled_back_at", "hotfix": "is_hotfix"}


def said_by(columns: Collection[str]) -> frozenset[str]:
    """Fields of a release that rows with these columns speak of even where they are blank.

    A file without a column for roll-outs says nothing of them, so reading it takes none away. Notes are never taken
    away: a source without notes does not say that there are none.
    """
    return frozenset(field for column, field in _FIELD_OF_COLUMN.items() if column in columns)


class ReleaseRowReader:
    """Turns the cells of one file's rows into releases.

    Attributes:
        left_out: how often a part of a row could not be used: (what it is, why), both parts of a sentence.
        by_notes: for each release that was read, which of `kind` and `is_hotfix` no cell says: its notes decide them.
    """

    def __init__(self, found: Mapping[str, str], dates: DateReader) -> None:
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.by_notes: dict[Release, frozenset[str]] = {}
        self._found = found
        self._dates = dates
        self._n_cut = 0
        self._told: Counter[ReleaseKind] = Counter()
        self._has_number_versions = False

    def read(self, row: Mapping[str, object]) -> Release | RejectReason:
        """Read a row: a release, or why it cannot be one."""
        version = row.get(self._found["version"])
        if is_missing(version):
            return RejectReason.VERSION_MISSING
        date = row.get(self._found["released_at"])
        if is_missing(date):
            return RejectReason.RELEASED_AT_MISSING
        if (released_at := self._dates.read(date)) is None:
            return RejectReason.RELEASED_AT_UNREADABLE
        names = [as_version(version), self._word(row, "product"), self._word(row, "platform")]
        if not all(name.isprintable() and len(name) <= LONGEST_NAME for name in names):
            return RejectReason.NAME_UNUSABLE
        self._has_number_versions |= isinstance(version, float)
        notes = self._notes(row)
        is_hotfix = self._is_hotfix(row, notes)
        by_notes = self._by_notes(row)
        kind = self._kind(row, notes)
        if is_hotfix and (kind is None or ("kind" in by_notes and kind is ReleaseKind.MAINTENANCE)):
            # A hotfix mends by its very meaning, so it is a fix where nothing says otherwise; "Fix" alone says nothing.
            kind = ReleaseKind.FIX
        release = Release(
            version=names[0],
            released_at=released_at,
            product=names[1],
            platform=names[2],
            kind=kind,
            notes=notes,
            rollout=self._rollout(row, released_at),
            rolled_back_at=self._rolled_back_at(row, released_at),
            is_hotfix=is_hotfix,
        )
        if len(release.release_id) > LONGEST_ID:
            return RejectReason.NAME_UNUSABLE
        # Of rows that read alike, one whose cells say it is enough: so their order changes nothing.
        self.by_notes[release] = self.by_notes.get(release, by_notes) & by_notes
        return release

    def notes(self) -> tuple[str, ...]:
        """What a person should know about how the rows were read."""
        notes = [self._dates.note, *clock_notes(self._dates)]
        for (what, why), n in sorted(self.left_out.items()):
            notes.append(f"the {what} of {rows_in_words(n)} is left out: {why}")
        if self._told:
            counts = ", ".join(f"{self._told[kind]} {kind}" for kind in ReleaseKind if self._told[kind])
            notes.append(f"the kind of {rows_in_words(self._told.total())} was taken from the notes: {counts}")
        if self._n_cut:
            notes.append(f"the notes of {rows_in_words(self._n_cut)} are cut after {MAX_NOTES:,} characters")
        if self._has_number_versions:
            notes.append(NUMBER_VERSIONS_NOTE)
        return tuple(filter(None, notes))

    def _cell(self, row: Mapping[str, object], name: str) -> object:
        return row.get(self._found[name]) if name in self._found else None

    def _word(self, row: Mapping[str, object], name: str) -> str:
        value = self._cell(row, name)
        return "" if is_missing(value) else " ".join(as_text(value).split())

    def _notes(self, row: Mapping[str, object]) -> str:
        value = self._cell(row, "notes")
        if is_missing(value):
            return ""
        text = as_text(value)
        # Cut before cleaning, which takes a while for very long texts.
        plain = plain_notes(text[: 2 * MAX_NOTES])
        self._n_cut += len(text) > 2 * MAX_NOTES or len(plain) > MAX_NOTES
        return plain[:MAX_NOTES].rstrip()

    def _kind(self, row: Mapping[str, object], notes: str) -> ReleaseKind | None:
        word = self._word(row, "kind").casefold()
        if kind := _KIND_BY_WORD.get("hotfix" if word in _HOTFIX_WORDS else word):
            return kind
        if word:
            self.left_out["kind", f"it is none of {', '.join(ReleaseKind)}, hotfix"] += 1
        if told := kind_of_notes(notes):
            self._told[told] += 1
        return told

    def _is_hotfix(self, row: Mapping[str, object], notes: str) -> bool:
        word = self._word(row, "hotfix").casefold()
        if word in _YES:
            return True
        if word in _NO:
            return False
        if word:
            self.left_out["hotfix", "it is neither yes nor no"] += 1
        return self._word(row, "kind").casefold() in _HOTFIX_WORDS or is_hotfix_by_notes(notes)

    def _by_notes(self, row: Mapping[str, object]) -> frozenset[str]:
        kind, hotfix = (self._word(row, name).casefold() for name in ("kind", "hotfix"))
        says_hotfix = hotfix in _YES | _NO or kind in _HOTFIX_WORDS
        says_kind = kind in _KIND_BY_WORD or kind in _HOTFIX_WORDS
        return frozenset(name for name, is_said in (("kind", says_kind), ("is_hotfix", says_hotfix)) if not is_said)

    def _rollout(self, row: Mapping[str, object], released_at: datetime) -> tuple[RolloutStep, ...]:
        steps = read_rollout(self._cell(row, "rollout"), released_at, self._dates)
        if isinstance(steps, RolloutProblem):
            self.left_out["rollout", steps.value] += 1
            return ()
        return steps

    def _rolled_back_at(self, row: Mapping[str, object], released_at: datetime) -> datetime | None:
        value = self._cell(row, "rolled_back_at")
        if is_missing(value):
            return None
        instant = self._dates.read(value)
        if instant is None:
            self.left_out["rolled_back_at", "the date cannot be read"] += 1
        elif instant < released_at:
            self.left_out["rolled_back_at", "it lies before the release"] += 1
        else:
            return instant
        return None


def clock_notes(dates: DateReader) -> list[str]:
    """What to tell of local times that daylight saving makes two of, or none."""
    notes = []
    for n, what in (
        (dates.n_twice, "twice, when clocks are put back, and counts as the first"),
        (dates.n_skipped, "never, since clocks are put forward over it, and counts as if they were not yet"),
    ):
        if n:
            times = "1 time is one that clocks show" if n == 1 else f"{n} times are ones that clocks show"
            notes.append(f"{times} {what}; write the offset, as in 2026-10-25T02:30+01:00")
    return notes
