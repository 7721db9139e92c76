"""What people settled about the themes, replayed over what the machine found.

The machine's groups change with every clustering; the log of edits is only added to. What readers see is the
replay of the log over the groups: a pure function of both, so that no edit can be lost by a later run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from feedback_triage.domain import ThemeEdit, ThemeEditKind


@dataclass(frozen=True, slots=True)
class PresentThemes:
    """The themes as readers see them.

    Attributes:
        theme_of_item: theme of each item, None for no theme, hidden themes included.
        names: of each theme that has an item; no two alike, capitals aside.
        hidden: themes that are left out of reports.
        merged: for each theme whose items belong to another one by an edit, that other theme.
    """

    theme_of_item: Mapping[str, str | None]
    names: Mapping[str, str]
    hidden: frozenset[str]
    merged: Mapping[str, str]


def active(edits: Iterable[ThemeEdit]) -> tuple[ThemeEdit, ...]:
    """Give the edits in force, in the order in which they were made.

    An edit is out of force when an undo that is itself in force names it, so undoing an undo brings the edit back.
    """
    undone: set[int | None] = set()
    standing = []
    # An undo only names earlier edits: from the last one backwards, each edit's fate is known when it is reached.
    for edit in sorted(edits, key=lambda edit: edit.edit_id, reverse=True):
        if edit.edit_id in undone:
            continue
        standing.append(edit)
        if edit.kind is ThemeEditKind.UNDO:
            undone.add(edit.undoes)
    return tuple(reversed(standing))


def edited_theme_ids(edits: Iterable[ThemeEdit]) -> frozenset[str]:
    """Give the groups that a person settled: the machine may add items to them, but not join, tear or end them."""
    found = {
        theme_id
        for edit in active(edits)
        if edit.kind is not ThemeEditKind.UNDO
        for theme_id in (edit.theme_id, edit.into, edit.new_theme_id, *edit.origins)
    }
    return frozenset(found - {""})


def apply_splits(
    group_of_item: Mapping[str, str | None], text_of_item: Mapping[str, str], edits: Iterable[ThemeEdit]
) -> dict[str, str | None]:
    """Move items into the groups that people split off, and back out of those whose split was undone.

    A text goes as a whole: items that say the same as a selected one go along. What has joined a split-off group
    since goes to the theme it was split from when the split is undone.

    Args:
        group_of_item: theme id of the group of each clustered item, None for noise.
        text_of_item: any key of each item's text, the same for the same text.
        edits: the log, in any order.

    Returns:
        The group of the same items, in the same order. Doing it again changes nothing.
    """
    log = list(edits)
    standing = [edit for edit in active(log) if edit.kind is ThemeEditKind.SPLIT]
    undone = {edit.new_theme_id: edit for edit in log if edit.kind is ThemeEditKind.SPLIT and edit not in standing}
    groups = dict(group_of_item)
    if undone:
        origins = {theme_id: _origin_of_text(edit, text_of_item) for theme_id, edit in undone.items()}
        for item_id, group in groups.items():
            while group in undone:  # ends: a theme is split from an older one
                group = origins[group].get(text_of_item[item_id], undone[group].theme_id)  # noqa: PLW2901 - one step back at a time
            groups[item_id] = group
    taken = {edit.edit_id: _origin_of_text(edit, text_of_item) for edit in standing}
    texts = {text for of_edit in taken.values() for text in of_edit}
    if not texts:
        return groups
    by_text: dict[str, list[str]] = {}
    for item_id in groups:
        if (text := text_of_item[item_id]) in texts:
            by_text.setdefault(text, []).append(item_id)
    for edit in standing:
        sources = {edit.theme_id, *edit.origins}
        for item_id in (item_id for text in taken[edit.edit_id] for item_id in by_text.get(text, ())):
            if groups[item_id] in sources:
                groups[item_id] = edit.new_theme_id
    return groups


def replay(
    group_of_item: Mapping[str, str | None],
    text_of_item: Mapping[str, str],
    found_names: Mapping[str, str],
    edits: Iterable[ThemeEdit],
) -> PresentThemes:
    """Show the groups as people settled them. Later edits win over earlier ones.

    An edit of a theme that is not there applies to nothing, and to the theme again as soon as it is there.

    Args:
        group_of_item: theme id of the group of each clustered item, None for noise.
        text_of_item: any key of the text of every item, clustered or not.
        found_names: the machine's name of each theme; a theme that lacks one is called by its id.
        edits: the log, in any order.
    """
    log = list(edits)
    standing = active(log)
    merged = _merged(standing)
    theme_of_item: dict[str, str | None] = {
        item_id: None if group is None else merged.get(group, group)
        for item_id, group in apply_splits(group_of_item, text_of_item, log).items()
    }
    for item_id, theme_id in placed_items(standing).items():
        if item_id in text_of_item:
            theme_of_item[item_id] = merged.get(theme_id, theme_id)
    present = sorted({theme_id for theme_id in theme_of_item.values() if theme_id is not None})
    hidden = {edit.theme_id for edit in standing if edit.kind is ThemeEditKind.HIDE}
    return PresentThemes(
        theme_of_item=theme_of_item,
        names=_names(present, found_names, edited_names(standing)),
        hidden=frozenset(hidden & set(present)),
        merged=merged,
    )


def edited_names(edits: Iterable[ThemeEdit]) -> dict[str, str]:
    """Give the names that people gave, by theme, the latest word on each, the theme named first coming first."""
    names: dict[str, str] = {}
    for edit in active(edits):
        if edit.kind is ThemeEditKind.RENAME:
            names[edit.theme_id] = edit.name
        elif edit.kind is ThemeEditKind.SPLIT and edit.name:
            names[edit.new_theme_id] = edit.name
    return names


def placed_items(edits: Iterable[ThemeEdit]) -> dict[str, str]:
    """Give the theme of each item that a split or a pin names: a person said where it belongs, the latest word counts.

    Merges are not followed.
    """
    places: dict[str, str] = {}
    for edit in active(edits):
        if edit.kind is ThemeEditKind.PIN:
            places |= dict.fromkeys(edit.item_ids, edit.theme_id)
        elif edit.kind is ThemeEditKind.SPLIT:
            places |= dict.fromkeys(edit.item_ids, edit.new_theme_id)
    return places


def split_origins(
    present: PresentThemes, groups: Mapping[str, str | None], theme_id: str, item_ids: Iterable[str]
) -> tuple[str, ...]:
    """Give `ThemeEdit.origins` for a split of these items off a theme.

    Args:
        present: what readers see.
        groups: theme id of the group of each clustered item, splits applied.
        theme_id: the theme.
        item_ids: some of its items.
    """
    found = (groups.get(item_id) or "" for item_id in item_ids)
    return tuple(group if present.merged.get(group, group) == theme_id else "" for group in found)


def free_name(name: str, taken: set[str]) -> str:
    """Add a number to a name that is taken, and take it; `taken` holds names in small letters (`casefold`)."""
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate, number = f"{name} ({number})", number + 1
    taken.add(candidate.casefold())
    return candidate


def _origin_of_text(edit: ThemeEdit, text_of_item: Mapping[str, str]) -> dict[str, str]:
    """Give the group that each text of a split was taken out of; texts that stay where they are left out."""
    origins = edit.origins or (edit.theme_id,) * len(edit.item_ids)
    return {
        text_of_item[item_id]: origin
        for item_id, origin in zip(edit.item_ids, origins, strict=True)
        if origin and item_id in text_of_item
    }


def _merged(standing: Sequence[ThemeEdit]) -> dict[str, str]:
    """Give the last theme in the chain of merges for each theme that was merged; a merge in a circle is no merge."""
    into: dict[str, str] = {}
    for edit in standing:
        if edit.kind is not ThemeEditKind.MERGE:
            continue
        before = into.pop(edit.theme_id, None)
        if _last(into, edit.into) != edit.theme_id:
            into[edit.theme_id] = edit.into
        elif before is not None:
            into[edit.theme_id] = before
    return {theme_id: _last(into, theme_id) for theme_id in into}


def _last(into: Mapping[str, str], theme_id: str) -> str:
    while theme_id in into:
        theme_id = into[theme_id]
    return theme_id


def _names(present: Sequence[str], found: Mapping[str, str], edited: Mapping[str, str]) -> dict[str, str]:
    """Name the present themes: people's names go first, and the machine's give way where they are taken."""
    here = set(present)
    taken: set[str] = set()
    names = {theme_id: free_name(name, taken) for theme_id, name in edited.items() if theme_id in here}
    for theme_id in present:
        if theme_id not in names:
            names[theme_id] = free_name(found.get(theme_id, theme_id), taken)
    return dict(sorted(names.items()))
