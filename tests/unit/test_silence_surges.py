import numpy as np
import pytest

from feedback_triage.silence.forecast import Forecast, History, blended, forecast, forecast_many
from feedback_triage.silence.surges import Surges

STEADY = [20, 19, 22, 20, 18, 21, 20, 20, 19, 21] * 4
WITH_SURGES = [count * (4 if place in (9, 21, 33) else 1) for place, count in enumerate(STEADY)]


def of(counts: list[int], **more: np.ndarray) -> Forecast:
    return forecast(np.array(counts, dtype=float), np.ones(len(counts)), 1.0, **more)


def test_surges_of_the_past_are_in_the_upper_tail_and_not_in_the_lower() -> None:
    steady, surging = of(STEADY).interval(), of(WITH_SURGES).interval()
    assert surging[1] > 70
    assert steady[1] < 40
    assert abs(surging[0] - steady[0]) <= 3


def test_surges_of_the_past_are_not_in_what_is_usual() -> None:
    assert of(WITH_SURGES).usual == pytest.approx(20, rel=0.15)
    assert of(WITH_SURGES).mean > of(WITH_SURGES).usual


def test_without_a_surge_next_to_nothing_is_added() -> None:
    prediction = of(STEADY)
    assert prediction.weights[prediction.surging].sum() < 0.005
    assert prediction.mean == pytest.approx(prediction.usual, rel=0.02)


def test_where_surges_last_another_is_likelier_after_one() -> None:
    lasting = [*STEADY[:10], 80, 80, 80, *STEADY[:10], 80, 80, 80, *STEADY[:10]]
    during, after = of([*lasting, 80]), of([*lasting, 20])
    assert during.weights[during.surging].sum() > 3 * after.weights[after.surging].sum()


def test_as_if_nothing_had_changed_knows_no_surges() -> None:
    assert not of(WITH_SURGES, discounts=np.array([1.0])).surging.any()


def test_each_stream_learns_its_own_surges() -> None:
    surges = Surges.none_seen(2)
    surges.learn(np.array([80.0]), np.array([20.0]), np.array([-30.0]))
    assert surges.now[0] > 0.99
    assert surges.now[1] == 0.0
    assert surges.probability[1] == pytest.approx(0.05 / 10.05)
    assert surges.factor[0] > surges.factor[1] == pytest.approx(3.0)


def test_fewer_than_expected_is_no_surge() -> None:
    surges = Surges.none_seen(1)
    surges.learn(np.array([1.0]), np.array([20.0]), np.array([-30.0]))
    assert surges.now[0] == 0.0


def test_a_blend_keeps_which_parts_are_surges() -> None:
    one, other = of(WITH_SURGES), of(STEADY, discounts=np.array([1.0]))
    both = blended([(one, 0.5), (other.scaled(2.0), 0.5)])
    assert both.surging.sum() == one.surging.sum()
    assert both.weights.sum() == pytest.approx(1.0)


def test_ups_and_downs_of_blocks_even_out_in_a_window_of_several() -> None:
    """Four short blocks vary less in sum than one block does, and their level is drawn from the same history."""
    counts = np.array([4, 40, 9, 31, 15, 21] * 6, dtype=float)
    short, long = forecast_many(
        [History(counts, np.ones(36), 1.0, 1.0), History(counts, np.ones(36), 4.0, 4.0)],
    )
    width = [(p.interval()[1] - p.interval()[0]) / p.mean for p in (short, long)]
    assert width[1] < 0.85 * width[0]
