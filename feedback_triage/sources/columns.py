"""Which column of a file is which: recognised by name, or named by the user.

tests/spec/test_column_rules.py shows the rules on the headers that well-known programs write.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from feedback_triage.errors import MissingColumnError, SettingError

NO_COLUMNS: Mapping[str, str] = MappingProxyType({})

_NOT_IN_A_NAME = re.compile("[^\\w\ud800-\udfff]|_")  # half a character is no part of any known name
_MAX_NAMES_SHOWN = 20
_MAX_NAME_LENGTH = 40
_MAX_NAME_WORDS = 6
_DIGITS_OF_DATA = re.compile(r"\d{3}|@|\d[./:-]\d")


def recognise(
    file_name: str,
    columns: Iterable[str],
    known: Mapping[str, tuple[str, ...]],
    mapping: Mapping[str, str] = NO_COLUMNS,
) -> dict[str, str]:
    """Find the columns that the program reads.

    Args:
        file_name: for error messages.
        columns: names in the order of the file.
        known: our name to the names it is recognised by, in order of preference.
        mapping: our name to the column a user named for it; "" leaves it out. It wins, and a column named
            here is not recognised as anything else.

    Returns:
        Our name to the column used, in the order of `known`.

    Raises:
        SettingError: `mapping` has a name that is not ours.
        MissingColumnError: `mapping` names a column that the file does not have.
    """
    exact = dict.fromkeys(columns)
    by_name: dict[str, str] = {}
    for column in exact:
        by_name.setdefault(column_key(column), column)
    chosen: dict[str, str] = {}
    for target, name in mapping.items():
        if target not in known:
            raise SettingError(f"--column {target}=...: there is no such name; use one of {', '.join(known)}")
        column = name if name in exact else by_name.get(column_key(name), "")
        if name and not column:
            raise MissingColumnError(
                f"{file_name}: it has no column {name!r} to use as {target}; it has {shown_names(exact)}"
            )
        chosen[target] = column
    free = {key: column for key, column in by_name.items() if column not in chosen.values()}
    for target, names in known.items():
        if target not in chosen:
            keys = (column_key(name) for name in names)
            chosen[target] = next((free[key] for key in keys if key in free), "")
    return {target: chosen[target] for target in known if chosen[target]}


def missing_column(file_name: str, target: str, columns: Iterable[str], advice: str) -> MissingColumnError:
    """Say that a column that is needed was not recognised, which columns there are, and what to do."""
    names = shown_names(columns)
    return MissingColumnError(f"{file_name}: no column is recognised as {target}; it has {names}; {advice}")


def column_key(name: str) -> str:
    """Reduce a name to what is compared: "Review Submit_Date" and "reviewSubmitDate" are the same."""
    return _NOT_IN_A_NAME.sub("", name).casefold()


def shown_names(columns: Iterable[str]) -> str:
    """Names for an error message.

    In a file without a header the first row stands where the names should be: what looks like a sentence, a
    date or an address is shown by its place only.
    """
    names = list(columns)
    shown = [
        name if _looks_like_a_name(name) else f"(column {place})"
        for place, name in enumerate(names[:_MAX_NAMES_SHOWN], 1)
    ]
    n_more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {n_more} more" if n_more else "")


def _looks_like_a_name(name: str) -> bool:
    is_short = 0 < len(name) <= _MAX_NAME_LENGTH and len(name.split()) <= _MAX_NAME_WORDS
    return is_short and name.isprintable() and not _DIGITS_OF_DATA.search(name)
