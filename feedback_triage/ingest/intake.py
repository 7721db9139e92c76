"""The items of one file, gathered so that every row is accounted for."""

import json
import math
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from feedback_triage.domain import FeedbackItem, RejectedRow
from feedback_triage.ingest.clean import storable
from feedback_triage.ingest.items import RawFeedback, author_key, derive_external_id, make_item
from feedback_triage.ingest.redact import redact

MAX_RAW_LENGTH = 20_000
"""Characters of a rejected row that are kept; one broken quote can turn half a file into one row."""


class RejectReason(StrEnum):
    """Why a row of a file is not stored as what the file is for."""

    WRITTEN_AT_MISSING = "written_at_missing"
    WRITTEN_AT_UNREADABLE = "written_at_unreadable"
    ID_REUSED = "id_reused"
    RAGGED_ROW = "ragged_row"
    BROKEN_QUOTES = "broken_quotes"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    VERSION_MISSING = "version_missing"
    RELEASED_AT_MISSING = "released_at_missing"
    RELEASED_AT_UNREADABLE = "released_at_unreadable"
    VERSION_REPEATED = "version_repeated"
    NAME_UNUSABLE = "name_unusable"


class Intake:
    """Takes the rows of one file one by one.

    Attributes:
        items: what can be stored, in the order of the file, each (`source`, `external_id`) once.
        row_numbers: the row each item came from, 1 for the first data row.
        rejected: what cannot, with its reason.
        n_repeated: rows that repeat an item of this file, id and content alike.
        n_derived_ids: items whose id was made from their content.
    """

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self.items: list[FeedbackItem] = []
        self.row_numbers: list[int] = []
        self.rejected: list[RejectedRow] = []
        self.n_repeated = 0
        self.n_derived_ids = 0
        self._place_by_id: dict[str, dict[str, int]] = {}
        self._occurrences: dict[str, dict[str, int]] = {}

    @property
    def n_read(self) -> int:
        """Rows taken so far, whatever became of them."""
        return len(self.items) + len(self.rejected) + self.n_repeated

    def add(self, row_number: int, raw: RawFeedback) -> RejectReason | None:
        """Store a row as an item, or count it as a repetition.

        Returns:
            `id_reused` when its id belongs to an earlier row with other content: the caller rejects it.
        """
        external_id = raw.external_id or self._derived_id(raw)
        item = make_item(raw, external_id)
        places = self._place_by_id.setdefault(raw.source, {})
        place = places.setdefault(external_id, len(self.items))
        if place == len(self.items):
            self.items.append(item)
            self.row_numbers.append(row_number)
            self.n_derived_ids += not raw.external_id
            return None
        if self.items[place] == item:
            self.n_repeated += 1
            return None
        return RejectReason.ID_REUSED

    def reject(self, row_number: int, reason: RejectReason, detail: str, raw: str) -> None:
        """Keep a row that cannot be an item. `raw` is masked already, see `masked_row`."""
        self.rejected.append(RejectedRow(self.file_name, row_number, reason.value, detail, raw))

    def _derived_id(self, raw: RawFeedback) -> str:
        derived = derive_external_id(raw)
        counts = self._occurrences.setdefault(raw.source, {})
        occurrence = counts[derived] = counts.get(derived, 0) + 1
        return derived if occurrence == 1 else derive_external_id(raw, occurrence)


def masked_row(row: Mapping[str, object] | list[str] | str, *, author_column: str = "") -> str:
    """Write a row as JSON, masked like `verbatim`.

    Args:
        row: columns and values, the cells of a row that fits no header, or a line that is no row at all.
        author_column: its value is replaced by the pseudonym, "" if the file has none.

    Returns:
        JSON of at most `MAX_RAW_LENGTH` characters; a longer row becomes a JSON text that ends where it
        was cut.
    """
    masked: object
    if isinstance(row, str):
        masked = redact(storable(row))
    elif isinstance(row, list):
        masked = [redact(storable(cell)) for cell in row]
    else:
        masked = {
            redact(storable(name)): author_key(str(value)) if value and name == author_column else _masked_value(value)
            for name, value in row.items()
        }
    text = json.dumps(masked, ensure_ascii=False, default=str)
    if len(text) <= MAX_RAW_LENGTH:
        return text
    return json.dumps(text[: MAX_RAW_LENGTH // 2 - 2] + " …", ensure_ascii=False)  # quotes in it double


def _masked_value(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return redact(storable(value))
    if isinstance(value, date):
        return value.isoformat()
    plain = storable(json.dumps(value, ensure_ascii=False, default=str))
    masked = redact(plain)
    # NaN and Infinity are not JSON, so they are kept as texts.
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_number and masked == plain else masked
