"""One cell of a file: whether it holds anything, as text, as a rating."""

import json
import math
import re
from datetime import date, datetime

from feedback_triage.ingest import storable

NUMBER_VERSIONS_NOTE = "some versions are written as numbers, so 3.10 reads as 3.1; write them in quotes"
_MEANS_NOTHING = frozenset({"", "nan", "none", "null", "unknown", "n/a", "#n/a", "<na>", "nat"})
_STARS = re.compile(r"([★⭐]*)[☆✩]*")
_NUMBER = re.compile(
    r"([+-]?\d{1,9}(?:[.,]\d{1,9})?)\s*(?:(?:/|of|out of)\s*\d{1,3}(?:\.0)?)?\s*(?:stars?)?", re.IGNORECASE
)


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: null, not a number, blank, or a word that exports write for that."""
    if isinstance(value, str):
        return value.strip().casefold() in _MEANS_NOTHING if len(value) < 32 else not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


def as_text(value: object) -> str:
    """Write a cell as text: null is "", nested values become JSON, 12.0 is "12"."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))
    elif isinstance(value, bytes):
        text = value.decode("utf-8", errors="replace")
    elif isinstance(value, datetime | date):
        text = value.isoformat()
    elif isinstance(value, bool | dict | list):
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    else:
        text = str(value)
    return storable(text)


def as_finite(number: float) -> float | None:
    """Give a number as a float; None for what is none, or more than a float holds (JSON has such whole numbers)."""
    try:
        found = float(number)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def as_version(value: object) -> str:
    """Write a version as one line; a number keeps its point, so that 3.0 is "3.0"."""
    return repr(value) if isinstance(value, float) else " ".join(as_text(value).split())


def parse_rating(value: object) -> float | None:
    """Read stars or a score as given: "5.0", "4/5", "4 out of 5", "3,5", "★★★★☆".

    Returns:
        None where the cell cannot be read as one finite number.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return as_finite(value)
    text = as_text(value).strip()
    if stars := _STARS.fullmatch(text.replace("\ufe0f", "")):
        return float(len(stars[1]))
    number = _NUMBER.fullmatch(text)
    return float(number[1].replace(",", ".")) if number else None
