"""Which release did it: a probability for each recent release, and for none of them."""

from feedback_triage.suspects.frames import LONGEST_LOOKBACK
from feedback_triage.suspects.naming import name_suspects

__all__ = ["LONGEST_LOOKBACK", "name_suspects"]
