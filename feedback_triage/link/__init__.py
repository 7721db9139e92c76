"""Which release an item belongs to: the most recent, the declared, the ones the customer may have had."""

from feedback_triage.link.derive import derive_releases
from feedback_triage.link.naming import declared
from feedback_triage.link.recent import most_recent
from feedback_triage.link.together import link_items
from feedback_triage.link.usage import in_use

__all__ = ["declared", "derive_releases", "in_use", "link_items", "most_recent"]
