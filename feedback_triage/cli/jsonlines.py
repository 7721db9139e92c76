"""Reading and writing JSON lines on standard input and output."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from feedback_triage.errors import InputError, MissingColumnError

Record = dict[str, Any]
_OBEYED = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


def read_records(*needed: str) -> Iterator[Record]:
    """Objects on standard input, one a line; blank lines are skipped, broken bytes become U+FFFD.

    Args:
        needed: keys that every object must have.

    Raises:
        InputError: a line is not a JSON object.
        MissingColumnError: an object lacks a needed key.
    """
    for number, line in enumerate(sys.stdin.buffer, 1):
        text = line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace").strip()
        if not text:
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError(f"standard input, line {number}: it is not JSON; write one object a line") from None
        if not isinstance(record, dict):
            raise InputError(f"standard input, line {number}: it is not a JSON object; write one object a line")
        missing = [key for key in needed if key not in record]
        if missing:
            raise MissingColumnError(
                f"standard input, line {number}: it has no {missing[0]!r}; each line needs {', '.join(needed)}"
            )
        yield record


def batches(records: Iterable[Record], size: int) -> Iterator[list[Record]]:
    """Lists of up to `size` records, in order."""
    iterator = iter(records)
    while batch := list(islice(iterator, size)):
        yield batch


def write_record(record: Mapping[str, Any]) -> None:
    """Write an object as one line, with what a terminal would obey escaped; a reader of JSON gets it as it was."""
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write(_OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", line) + "\n")


def text_of(value: object) -> str:
    """A field as text: null is "", a number or a list is written as JSON, half a surrogate becomes U+FFFD."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _HALF_A_PAIR.sub("\ufffd", text)
