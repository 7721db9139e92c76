"""A team's own labels: a small TOML file with a name, a definition and a few examples for each.

[[label]]
name = "feature_request"
definition = "Asks for something the product does not do yet."
examples = ["Please add a dark mode", "It would help to export the chart as PDF", ...]
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feedback_triage.errors import SettingError
from feedback_triage.taxonomy import LABELS, NONE_OF_THEM

LEAST_EXAMPLES = 8

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_RESERVED = frozenset({*LABELS, NONE_OF_THEM, "unclear"})


@dataclass(frozen=True, slots=True)
class TeamLabel:
    """A label that a team added.

    Attributes:
        name: lower case letters, digits and underscores.
        definition: one sentence.
        examples: at least `LEAST_EXAMPLES` different texts.
    """

    name: str
    definition: str
    examples: tuple[str, ...]


def read_team_labels(path: Path) -> tuple[TeamLabel, ...]:
    """Read the labels of a file, in its order.

    Raises:
        SettingError: the file cannot be used; the message says what to mend.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError:
        raise SettingError(f"{path} cannot be read; put the team's labels there or unset it") from None
    except (UnicodeDecodeError, RecursionError, tomllib.TOMLDecodeError) as error:
        where = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "not in UTF-8, or nested without end"
        raise SettingError(f"{path} is not a TOML file: {where}") from None
    entries = content.get("label", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SettingError(f"{path}: write each label as a [[label]] table")
    labels = tuple(_label(path, entry) for entry in entries)
    names = [label.name for label in labels]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SettingError(f"{path}: the label {twice[0]!r} is defined twice")
    return labels


def _label(path: Path, entry: dict[str, Any]) -> TeamLabel:
    name, definition, examples = entry.get("name"), entry.get("definition"), entry.get("examples", [])
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SettingError(f"{path}: a label needs a name of lower case letters, digits and _, such as feature_request")
    if name in _RESERVED:
        raise SettingError(f"{path}: {name!r} is built in; choose another name")
    if not isinstance(definition, str) or not definition.strip():
        raise SettingError(f"{path}: the label {name!r} needs a definition")
    if not isinstance(examples, list) or not all(isinstance(text, str) for text in examples):
        raise SettingError(f"{path}: the examples of {name!r} must be a list of texts")
    different = tuple(dict.fromkeys(text.strip() for text in examples if text.strip()))
    if len(different) < LEAST_EXAMPLES:
        raise SettingError(
            f"{path}: the label {name!r} has {len(different)} different examples; give at least {LEAST_EXAMPLES}"
        )
    return TeamLabel(name, definition.strip(), different)
