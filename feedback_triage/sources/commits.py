"""Which commits are new in each of several tags."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from feedback_triage.sources.tags import says_only_a_version

_MAX_COMMITS = 200_000
_MAX_SUBJECTS = 100
_MAX_SUBJECT_LENGTH = 300
_MAX_STEPS = 20_000_000
_FINAL, _ANY = 1, 2


@dataclass(slots=True)
class Stop:
    """Where the reading of a repository ends early, so that it ends at all.

    Attributes:
        n_steps: commits visited so far.
        n_long: tags with more commits than are kept.
        is_cut: True when the history is longer than what is read.
    """

    n_steps: int = 0
    n_long: int = 0
    is_cut: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about it."""
        notes = []
        if self.n_long:
            of = "1 release holds" if self.n_long == 1 else f"{self.n_long} releases hold"
            notes.append(f"the notes of {of} only the newest {_MAX_SUBJECTS} of their commits")
        if self.is_cut or self.n_steps > _MAX_STEPS:
            notes.append("the history is very long: some releases have no notes from their commits")
        return tuple(notes)


@dataclass(frozen=True, slots=True)
class CommitLog:
    """Commits, newest first.

    Attributes:
        place: id of a commit to its place.
        parents: places of each commit's parents.
        subjects: first lines; "" for a merge and for one that only names a version.
    """

    place: dict[str, int] = field(repr=False)
    parents: list[tuple[int, ...]] = field(repr=False)
    subjects: list[str] = field(repr=False)

    COMMAND: ClassVar[tuple[str, ...]] = (
        "rev-list",
        "--stdin",
        "--topo-order",
        f"--max-count={_MAX_COMMITS}",
        "--format=%P%n%s",
    )
    """For git; the ids of the commits to begin at go to its standard input, one a line."""

    @classmethod
    def parse(cls, printed: str) -> "CommitLog":
        """Read what `COMMAND` prints: three lines a commit, "commit ID", ids of the parents, subject."""
        lines = printed.split("\n")
        ids = [line.removeprefix("commit ") for line in lines[0:-1:3]]
        place = {commit: i for i, commit in enumerate(ids)}
        parents = [tuple(place[each] for each in line.split() if each in place) for line in lines[1::3]]
        n_parents = [line.count(" ") + 1 for line in lines[1::3]]
        subjects = [
            "" if n > 1 or says_only_a_version(subject) else subject[:_MAX_SUBJECT_LENGTH]
            for n, subject in zip(n_parents, lines[2::3], strict=True)
        ]
        return cls(place, parents, subjects)

    def since_previous(self, tags: Sequence[tuple[str, bool]], stop: Stop) -> list[list[str]]:
        """Give the subjects of the commits that are new in each tag of one product and platform.

        New is what no earlier tag has; for a final version, what no earlier final version has, so that 2.0 also
        tells what its release candidates brought. The first tag has no earlier one to compare with, and none.
        Tags on one commit are told alike.

        Args:
            tags: id of the commit and whether the version is a pre-release, from the earliest to the latest.
            stop: takes in what had to be left out.

        Returns:
            For each tag its subjects, newest first, each once; at most 100.
        """
        had = bytearray(len(self.parents))
        seen = 0
        known: dict[tuple[str, bool], list[str]] = {}
        told = []
        stop.is_cut |= len(self.parents) >= _MAX_COMMITS
        for commit, is_prerelease in tags:
            if (commit, is_prerelease) not in known:
                bit = _ANY if is_prerelease else _FINAL
                places = self._new(commit, had, bit, stop)
                for place in places:
                    had[place] |= _ANY | bit
                known[commit, is_prerelease] = self._subjects(places, stop) if seen & bit else []
                seen |= _ANY | bit
            told.append(known[commit, is_prerelease])
        return told

    def _new(self, commit: str, had: bytearray, bit: int, stop: Stop) -> list[int]:
        """Places of the commits reachable from `commit` without passing one that was had before."""
        start = self.place.get(commit)
        found: set[int] = set()
        waiting = [] if start is None else [start]
        while waiting and stop.n_steps <= _MAX_STEPS:
            place = waiting.pop()
            if place not in found and not had[place] & bit:
                found.add(place)
                waiting += self.parents[place]
                stop.n_steps += 1
        return sorted(found) if not waiting else []

    def _subjects(self, places: list[int], stop: Stop) -> list[str]:
        subjects = list(dict.fromkeys(filter(None, (self.subjects[place] for place in places))))
        stop.n_long += len(subjects) > _MAX_SUBJECTS
        return subjects[:_MAX_SUBJECTS]
