"""Whether one dead spell would explain a silence."""

import numpy as np
import pytest

from feedback_triage.silence.alive import unproven
from feedback_triage.silence.feeds import Feeds
from feedback_triage.silence.forecast import Forecast
from feedback_triage.silence.season import FLAT

HISTORY = np.arange(0.0, 1000.0, 1.0)
SPAN = (1000.0, 1072.0)


def expected(mean: float) -> Forecast:
    return Forecast(np.array([mean]), np.array([1e6]), np.array([1.0]))


def asked(came: np.ndarray, mean: float = 72.0, **others: np.ndarray) -> tuple[bool, str | None]:
    feeds = Feeds({"store": np.concatenate([HISTORY, came]), **others})
    observed = sum(int((times >= SPAN[0]).sum()) for times in feeds.times.values())
    return unproven(expected(mean), observed, FLAT, SPAN, feeds, feeds, quiet=0.025)


def test_many_items_thin_and_even_prove_the_feed_alive() -> None:
    assert asked(np.linspace(1001, 1071, 36)) == (False, None)


def test_as_many_items_in_the_first_half_do_not() -> None:
    assert asked(np.linspace(1001, 1036, 36)) == (True, "store")


def test_no_item_at_all_proves_nothing() -> None:
    assert asked(np.array([])) == (True, "store")


def test_a_silence_at_the_beginning_counts_as_much_as_one_at_the_end() -> None:
    assert asked(np.linspace(1036, 1071, 36)) == (True, "store")


def test_a_feed_that_gives_little_cannot_explain_much() -> None:
    little = HISTORY[::25]
    assert asked(np.linspace(1001, 1071, 36), mean=75.0, mail=little) == (False, None)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_all_feeds_silent_together_may_have_died_together(share: float) -> None:
    """Each of them alone would not explain it."""
    came = np.linspace(1001, 1001 + 72 * (1 - share), 30)
    parts = {name: np.concatenate([HISTORY, came]) for name in ("store", "mail", "chat")}
    feeds = Feeds(parts)
    is_unproven, source = unproven(expected(190.0), 90, FLAT, SPAN, feeds, feeds, quiet=0.025)
    assert (is_unproven, source) == ((True, None) if share == 0.5 else (False, None))
