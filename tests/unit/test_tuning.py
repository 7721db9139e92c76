"""What happens while a network is tuned."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.embed import load_encoder
from feedback_triage.label.network import dropped, load_network
from feedback_triage.learning.tuning import Recipe, _batches, _few_words, _rate, contrastive_loss, tune
from tests.support.gold_items import CLASSES, MODELS, TEXTS, TRUTH


def _slow_contrastive_loss(vectors: np.ndarray, targets: list[int], temperature: float) -> float:
    """The formula of Khosla et al. 2020, term by term."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    total = 0.0
    for i in range(len(unit)):
        others = [j for j in range(len(unit)) if j != i]
        below = sum(math.exp(unit[i] @ unit[j] / temperature) for j in others)
        kin = [j for j in others if targets[j] == targets[i]]
        terms = [math.log(math.exp(unit[i] @ unit[j] / temperature) / below) for j in kin]
        total -= sum(terms) / len(kin) if kin else 0.0
    return total / len(unit)


@pytest.mark.parametrize(
    "targets",
    [
        pytest.param([0, 0, 1, 1, 2, 2], id="pairs"),
        pytest.param([0, 0, 0, 0, 1, 2], id="two texts are alone in their class"),
        pytest.param([0, 1, 2, 3, 4, 5], id="every text is alone"),
    ],
)
def test_the_contrastive_loss_is_the_published_one(targets: list[int]) -> None:
    vectors = np.random.default_rng(2).normal(size=(6, 4))
    found = contrastive_loss(torch.from_numpy(vectors), torch.tensor(targets), 0.3)
    assert float(found) == pytest.approx(_slow_contrastive_loss(vectors, targets, 0.3), abs=1e-9)


def test_the_rate_rises_then_falls_and_never_reaches_nothing() -> None:
    rates = [_rate(step, 100) for step in range(100)]
    assert rates[9] == max(rates) == 1.0
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert min(rates) > 0


@given(st.lists(st.integers(2, 128), min_size=1, max_size=200), st.integers(1, 64))
def test_every_text_is_in_one_batch(lengths: list[int], size: int) -> None:
    batches = _batches(lengths, size, np.random.default_rng(0))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert max(map(len, batches)) <= size


def test_batches_hold_texts_of_about_one_length() -> None:
    lengths = [5, 60] * 40
    for batch in _batches(lengths, 8, np.random.default_rng(0)):
        assert len({lengths[row] for row in batch}) == 1


def test_only_the_word_vectors_that_occur_are_trained() -> None:
    """The others are the encoder's own afterwards, and what was learnt lies at its old place."""
    network = load_network(load_encoder(MODELS).folder, 5, 8)
    before = network.words.weight.detach().clone()
    with _few_words(network, [[[101, 2293, 102]]]) as compact:
        assert compact == [[[1, 3, 2]]]  # 0 stays "no token"
        assert network.words.weight.shape[0] == 4
        with torch.no_grad():
            network.words.weight[3] += 1.0
    moved = (network.words.weight.detach() != before).any(dim=1).nonzero().flatten().tolist()
    assert moved == [2293]


def test_progress_counts_every_text_of_every_epoch() -> None:
    told: list[int] = []
    tune(
        TEXTS, TRUTH, CLASSES, load_encoder(MODELS).folder, Recipe(epochs=2, batch=4, contrast=0.3, runs=2), told.append
    )
    assert sum(told) == 4 * len(TEXTS)


def test_two_runs_are_averaged_weight_by_weight() -> None:
    folder = load_encoder(MODELS).folder
    both, first, second = (
        tune(TEXTS, TRUTH, CLASSES, folder, Recipe(epochs=1, batch=5, runs=runs, seed=seed)).network.state_dict()
        for runs, seed in ((2, 7), (1, 7), (1, 8))
    )
    for name, value in both.items():
        gap = (value - (first[name] + second[name]) / 2).abs().max()
        # Each of the three was rounded to its own steps, of which there are 127 to the largest change.
        assert float(gap) <= 2e-5, name
    assert float((first["layers.5.up.weight"] - second["layers.5.up.weight"]).abs().max()) > 1e-4


def test_dropping_keeps_the_mean_and_scales_what_stays() -> None:
    torch.manual_seed(4)
    found = dropped(torch.ones(200_003), 0.1)
    ratio = round(256 * 0.1) / 256
    assert sorted(found.unique().tolist()) == [0.0, pytest.approx(1 / (1 - ratio))]
    assert float((found == 0).float().mean()) == pytest.approx(ratio, abs=0.004)
    assert float(found.mean()) == pytest.approx(1.0, abs=0.005)


def test_nothing_is_dropped_outside_of_training() -> None:
    values = torch.arange(5.0)
    assert dropped(values, 0.0) is values
