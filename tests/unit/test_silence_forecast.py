import numpy as np
import pytest
from scipy.stats import nbinom

from feedback_triage.silence.forecast import Forecast, forecast, mixed
from feedback_triage.silence.response import ReleaseResponse


def even(counts: list[float], exposure: float = 1.0) -> Forecast:
    return forecast(np.array(counts, dtype=float), np.ones(len(counts)), exposure)


def test_a_steady_history_is_expected_to_go_on() -> None:
    prediction = even([20, 19, 22, 20, 18, 21, 20, 20, 19, 21])
    lower, upper = prediction.interval()
    assert prediction.mean == pytest.approx(20, rel=0.05)
    assert 5 < lower <= 14
    assert 26 <= upper < 40


def test_a_window_twice_as_large_gets_twice_as_many() -> None:
    assert even([20] * 10, 2.0).mean == pytest.approx(2 * even([20] * 10, 1.0).mean)


def test_a_short_history_gives_a_wider_interval() -> None:
    short, long = even([20, 20]).interval(), even([20] * 20).interval()
    assert short[1] - short[0] > long[1] - long[0]


def test_an_unsteady_history_gives_a_wider_interval() -> None:
    steady, unsteady = even([20] * 12).interval(), even([4, 40, 9, 31, 15, 21] * 2).interval()
    assert unsteady[1] - unsteady[0] > 1.5 * (steady[1] - steady[0])


def test_a_new_level_is_followed() -> None:
    assert even([10] * 10 + [40] * 6).mean > 33


def test_one_outburst_hardly_raises_what_is_expected() -> None:
    assert even([20] * 10 + [400] + [20] * 3).mean < 32


def test_the_interval_holds_the_next_count_as_often_as_it_says() -> None:
    """Over 400 simulated negative binomial histories with a drifting level."""
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(400):
        level = rng.choice([3.0, 15.0, 120.0]) * np.exp(np.cumsum(rng.normal(0, 0.05, 21)))
        counts = rng.poisson(level * rng.gamma(1 / 0.1, 0.1, 21))
        lower, upper = even(counts[:20].tolist()).interval()
        inside.append(lower <= counts[20] <= upper)
    assert 0.92 <= np.mean(inside) <= 0.985


def test_the_quantile_is_the_first_count_that_reaches_the_probability() -> None:
    one = Forecast(np.array([12.0]), np.array([4.0]), np.array([1.0]))
    for probability in (0.025, 0.5, 0.975):
        assert one.quantile(probability) == nbinom.ppf(probability, 4.0, 4.0 / 16.0)
    assert one.probability_at_most(-1) == 0.0
    assert one.variance == pytest.approx(12 + 12**2 / 4)


def test_probabilities_of_single_counts_sum_to_one() -> None:
    prediction = mixed(even([5, 6, 4]), even([5, 6, 4]).scaled(2.0, 0.2), 0.3)
    total = sum(np.exp(prediction.log_probability(count)) for count in range(1000))
    assert total == pytest.approx(1.0, abs=1e-6)
    assert prediction.mean == pytest.approx(even([5, 6, 4]).mean * 1.3)


def test_a_wave_after_every_release_is_learned() -> None:
    base, response = even([10] * 12), ReleaseResponse()
    for observed in (38, 44, 41, 36, 45):
        response.add(base, observed)
    assert response.adjust(base).mean == pytest.approx(40, rel=0.3)


def test_no_wave_is_made_up() -> None:
    base, response = even([40] * 12), ReleaseResponse()
    for observed in (38, 44, 41, 36, 45):
        response.add(base, observed)
    lower, upper = response.adjust(base).interval()
    plain = base.interval()
    assert upper - lower < 1.6 * (plain[1] - plain[0])
    assert response.adjust(base).mean == pytest.approx(40, rel=0.1)


def test_a_wave_after_some_releases_is_in_the_upper_tail_alone() -> None:
    base, response = even([40] * 12), ReleaseResponse()
    for observed in (41, 160, 38, 42, 150, 37, 40, 44):
        response.add(base, observed)
    plain, adjusted = base.interval(), response.adjust(base).interval()
    assert adjusted[1] > 140
    assert plain[1] < 80
    assert abs(adjusted[0] - plain[0]) <= 3


def test_releases_after_which_fewer_write_are_learned() -> None:
    base, response = even([40] * 12), ReleaseResponse()
    for observed in (17, 15, 18, 14, 16, 17):
        response.add(base, observed)
    assert response.adjust(base).mean == pytest.approx(16, rel=0.3)


def test_one_earlier_release_is_too_few_to_learn_from() -> None:
    base, response = even([10] * 12), ReleaseResponse()
    response.add(base, 60)
    assert response.adjust(base) is base
