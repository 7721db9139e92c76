"""No edit is lost, whatever people edit and however the machine groups the items again."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from feedback_triage.domain import ThemeEdit, ThemeEditKind
from feedback_triage.errors import InputError
from feedback_triage.themes import active, apply_splits, check_log, edited_theme_ids, replay, split_origins

AT = datetime(2026, 10, 1, tzinfo=UTC)
NAMES = ("Sound", "Sign in", "Captions", "sound", "Machine's A", "Upload")


class Editing(RuleBasedStateMachine):
    """A machine that may group its items anew in any way that keeps what people settled, and people who edit.

    The same words are always in one group. A pick is a number that chooses among whatever is there at that moment.
    """

    picks = st.integers(0, 10**6)
    some = st.lists(st.integers(0, 10**6), min_size=1, max_size=4)

    @initialize(groups=st.lists(st.sampled_from(["A", "B", "C", "D", ""]), min_size=4, max_size=10))
    def begin(self, groups: list[str]) -> None:
        self.text_of_item: dict[str, str] = {}
        self.group_of_text: dict[str, str | None] = {}
        self.unsplit: dict[str, str | None] = {}  # where the machine put the words, had nobody split
        self.log: list[ThemeEdit] = []
        self.n_born = 0
        for number, group in enumerate(groups):
            text = f"text {number}"
            self.group_of_text[text] = self.unsplit[text] = group or None
            for _ in range(1 + number % 2):
                self._add_item(text)

    def _add_item(self, text: str) -> None:
        self.text_of_item[f"chat:{len(self.text_of_item)}"] = text

    @property
    def groups(self) -> dict[str, str | None]:
        return {item: self.group_of_text[text] for item, text in self.text_of_item.items()}

    def _replayed(self, log: list[ThemeEdit] | None = None) -> Any:
        found = {group: f"Machine's {group}" for group in self.group_of_text.values() if group}
        return replay(self.groups, self.text_of_item, found, self.log if log is None else log)

    def _edit(self, kind: ThemeEditKind, theme_id: str, *, is_sound: bool = False, **more: Any) -> None:
        log = [*self.log, ThemeEdit(len(self.log) + 1, kind, theme_id, "support", AT, **more)]
        try:
            check_log(log, self._replayed(log))
        except InputError:
            assert not is_sound, "nothing speaks against this edit"
            return
        self.log = log
        self._settle()

    def _settle(self) -> None:
        """What is stored after each edit and each run: groups with the splits applied."""
        groups = apply_splits(self.groups, self.text_of_item, self.log)
        for item, text in self.text_of_item.items():
            self.group_of_text[text] = groups[item]

    def _theme(self, pick: int) -> str:
        present = sorted(self._replayed().names)
        assume(present)
        return present[pick % len(present)]

    def _is_free(self, name: str, theme: str = "") -> bool:
        others = {known.casefold() for other, known in self._replayed().names.items() if other != theme}
        return name.casefold() not in others

    def _items(self, picks: list[int], theme: str | None = None) -> tuple[str, ...]:
        of_item = self._replayed().theme_of_item
        known = sorted(item for item in self.text_of_item if theme is None or of_item.get(item) == theme)
        return tuple(dict.fromkeys(known[pick % len(known)] for pick in picks))

    @rule(pick=picks, name=st.sampled_from(NAMES))
    def rename(self, pick: int, name: str) -> None:
        theme = self._theme(pick)
        self._edit(ThemeEditKind.RENAME, theme, name=name, is_sound=self._is_free(name, theme))

    @rule(pick=picks, other=picks)
    def merge(self, pick: int, other: int) -> None:
        theme, into = self._theme(pick), self._theme(other)
        assume(theme != into)
        self._edit(ThemeEditKind.MERGE, theme, into=into, is_sound=True)

    @rule(pick=picks, some=some, name=st.sampled_from(["", *NAMES]))
    def split(self, pick: int, some: list[int], name: str) -> None:
        theme = self._theme(pick)
        items = self._items(some, theme)
        origins = split_origins(self._replayed(), self.groups, theme, items)
        more = {"new_theme_id": f"S{len(self.log) + 1}", "item_ids": items, "origins": origins, "name": name}
        draft = ThemeEdit(len(self.log) + 1, ThemeEditKind.SPLIT, theme, "support", AT, **more)
        assume(theme in self._replayed([*self.log, draft]).names)
        self._edit(ThemeEditKind.SPLIT, theme, is_sound=not name or self._is_free(name), **more)

    @rule(pick=picks, some=some)
    def pin(self, pick: int, some: list[int]) -> None:
        theme, items = self._theme(pick), self._items(some)
        draft = ThemeEdit(len(self.log) + 1, ThemeEditKind.PIN, theme, "support", AT, item_ids=items)
        assume(theme in self._replayed([*self.log, draft]).names)
        self._edit(ThemeEditKind.PIN, theme, item_ids=items, is_sound=True)

    @rule(pick=picks)
    def hide(self, pick: int) -> None:
        self._edit(ThemeEditKind.HIDE, self._theme(pick), is_sound=True)

    @rule(pick=picks)
    def undo(self, pick: int) -> None:
        """Of any edit in force, an undo too."""
        in_force = active(self.log)
        assume(in_force)
        edit = in_force[pick % len(in_force)]
        self._edit(ThemeEditKind.UNDO, edit.theme_id, undoes=edit.edit_id)

    @rule(data=st.data(), n_new=st.integers(0, 3), n_born=st.integers(0, 2))
    def run_again(self, data: st.DataObject, n_new: int, n_born: int) -> None:
        """Group all items anew, with new items and new groups; the groups that people settled only take items in."""
        kept = edited_theme_ids(self.log)
        new = [f"text {len(self.group_of_text) + i}" for i in range(n_new)]
        born = [f"G{self.n_born + i}" for i in range(n_born)]
        self.n_born += n_born
        # A split that was undone left no group behind; its id is never given again.
        old = {group for group in self.group_of_text.values() if group}
        choices = [None, *sorted(old | kept), *born]
        for text in [*self.group_of_text, *new]:
            if self.group_of_text.get(text) not in kept:
                group = data.draw(st.sampled_from(choices), label=text)
                self.group_of_text[text] = self.unsplit[text] = group
        for text in new:
            self._add_item(text)
        for text in data.draw(st.lists(st.sampled_from(sorted(self.group_of_text)), max_size=2)):
            self._add_item(text)
        self._settle()

    @precondition(lambda self: self.log)
    @rule()
    def undo_everything(self) -> None:
        """Going back from the last edit, every undo is possible, and what the machine found is there again."""
        machine = Editing._copy(self)
        while edits := [edit for edit in active(machine.log) if edit.kind is not ThemeEditKind.UNDO]:
            n = len(machine.log)
            machine._edit(ThemeEditKind.UNDO, edits[-1].theme_id, undoes=edits[-1].edit_id)
            assert len(machine.log) == n + 1, f"edit {edits[-1]} could not be undone"
        made_from = {edit.new_theme_id: edit.theme_id for edit in self.log if edit.new_theme_id}
        for text, group in machine.group_of_text.items():
            found = self.unsplit[text]
            while found in made_from:  # it joined a theme that people had made, and went where that came from
                found = made_from[found]
            assert group == found
        present = machine._replayed()
        assert present.theme_of_item == machine.groups
        assert present.names == {
            group: present.names[group] for group in sorted({g for g in machine.groups.values() if g})
        }
        assert not present.hidden
        assert not present.merged

    def _copy(self) -> "Editing":
        other = Editing()
        other.text_of_item, other.group_of_text = dict(self.text_of_item), dict(self.group_of_text)
        other.unsplit, other.log, other.n_born = dict(self.unsplit), list(self.log), self.n_born
        return other

    @invariant()
    def every_edit_in_force_has_its_effect(self) -> None:
        if not hasattr(self, "log"):
            return
        present = self._replayed()
        in_force = [edit for edit in active(self.log) if edit.kind is not ThemeEditKind.UNDO]
        for position, edit in enumerate(in_force):
            self._check(edit, in_force[position + 1 :], present)

    def _check(self, edit: ThemeEdit, later: list[ThemeEdit], present: Any) -> None:
        named_later = {item for other in later for item in other.item_ids}
        match edit.kind:
            case ThemeEditKind.RENAME:
                if edit.theme_id in present.names and not _renamed(edit.theme_id, later):
                    assert present.names[edit.theme_id] == edit.name
            case ThemeEditKind.MERGE:
                if not any(other.kind is edit.kind and other.theme_id == edit.theme_id for other in later):
                    assert edit.theme_id not in present.names
                    assert present.merged[edit.theme_id] == self._end(edit.into)
            case ThemeEditKind.SPLIT:
                self._check_split(edit, later, present)
            case ThemeEditKind.PIN:
                for item in set(edit.item_ids) - named_later:
                    assert present.theme_of_item[item] == self._end(edit.theme_id)
            case ThemeEditKind.HIDE:
                assert (edit.theme_id in present.hidden) == (edit.theme_id in present.names)

    def _check_split(self, edit: ThemeEdit, later: list[ThemeEdit], present: Any) -> None:
        named_later = {item for other in later for item in other.item_ids}
        for item in set(edit.item_ids) - named_later:
            assert present.theme_of_item[item] == self._end(edit.new_theme_id)
        texts = {self.text_of_item[item] for item, origin in zip(edit.item_ids, edit.origins, strict=True) if origin}
        for text in texts - {self.text_of_item[item] for other in later for item in other.item_ids}:
            assert self.group_of_text[text] == edit.new_theme_id
        if edit.name and edit.new_theme_id in present.names and not _renamed(edit.new_theme_id, later):
            assert present.names[edit.new_theme_id] == edit.name

    def _end(self, theme_id: str) -> str:
        """Where merges lead, found the slow way."""
        while True:
            steps = [e.into for e in active(self.log) if e.kind is ThemeEditKind.MERGE and e.theme_id == theme_id]
            if not steps:
                return theme_id
            theme_id = steps[-1]

    @invariant()
    def every_item_is_somewhere_and_every_theme_has_its_own_name(self) -> None:
        if not hasattr(self, "log"):
            return
        present = self._replayed()
        assert set(present.theme_of_item) == set(self.text_of_item)
        assert set(present.names) == {theme for theme in present.theme_of_item.values() if theme}
        assert len({name.casefold() for name in present.names.values()}) == len(present.names)

    @invariant()
    def replaying_twice_and_in_any_order_changes_nothing(self) -> None:
        if not hasattr(self, "log"):
            return
        once = apply_splits(self.groups, self.text_of_item, self.log)
        assert once == self.groups
        backwards = {item: self.text_of_item[item] for item in reversed(self.text_of_item)}
        found = {group: f"Machine's {group}" for group in self.group_of_text.values() if group}
        again = replay({item: once[item] for item in backwards}, backwards, found, reversed(self.log))
        assert again == self._replayed()


def _renamed(theme_id: str, later: list[ThemeEdit]) -> bool:
    return any(edit.kind is ThemeEditKind.RENAME and edit.theme_id == theme_id for edit in later)


EditingTest = Editing.TestCase
EditingTest.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
