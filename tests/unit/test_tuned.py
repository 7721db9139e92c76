"""A tuned classifier: changes to the encoder, stored small, read back exactly, the same in any company."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from feedback_triage.embed import as_unit, load_encoder
from feedback_triage.errors import ModelError
from feedback_triage.label import N_SURFACE_FEATURES
from feedback_triage.label.network import load_network, load_tokenizer, padded
from feedback_triage.label.tuned import (
    MAX_TOKENS,
    TunedModel,
    apply_changes,
    dump_tuned,
    load_tuned,
    packed,
)
from feedback_triage.learning.tuning import Recipe, tune
from tests.support.gold_items import CLASSES, MODELS, TEXTS, TRUTH

SHORT = Recipe(epochs=6, batch=5, runs=1)


@pytest.fixture(scope="module")
def folder() -> Path:
    return load_encoder(MODELS).folder


@pytest.fixture(scope="module")
def model(folder: Path) -> TunedModel:
    return tune(TEXTS, TRUTH, CLASSES, folder, SHORT)


def test_the_untouched_network_gives_the_encoders_vectors(folder: Path) -> None:
    """The head is set to pass the mean vector on: it must be what sentence-transformers makes of the text."""
    network = load_network(folder, 384, N_SURFACE_FEATURES)
    ids = [encoding.ids for encoding in load_tokenizer(folder, MAX_TOKENS).encode_batch(list(TEXTS))]
    with torch.inference_mode():
        network.head.weight[:, :384] = torch.eye(384)
        found = network(padded(ids, max(map(len, ids))), torch.zeros(len(ids), N_SURFACE_FEATURES)).numpy()
    expected = as_unit(load_encoder(MODELS).encode(TEXTS))
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    assert (unit * expected).sum(axis=1).min() > 0.99999


def test_tuning_learns_its_items(model: TunedModel) -> None:
    given = [CLASSES[index] for index in model.predict_proba(TEXTS).argmax(axis=1)]
    assert sum(guess == true for guess, true in zip(given, TRUTH, strict=True)) >= 8


def test_tuning_again_gives_the_same_file(model: TunedModel, folder: Path) -> None:
    """Whatever was drawn before, and however many threads the caller uses."""
    threads = torch.get_num_threads()
    torch.manual_seed(99)
    torch.set_num_threads(1)
    try:
        before = torch.random.get_rng_state()
        again = tune(TEXTS, TRUTH, CLASSES, folder, SHORT)
        assert torch.get_num_threads() == 1
        assert torch.equal(torch.random.get_rng_state(), before)
    finally:
        torch.set_num_threads(threads)
    assert dump_tuned(again) == dump_tuned(model)


def test_another_seed_gives_another_model(model: TunedModel, folder: Path) -> None:
    other = tune(TEXTS, TRUTH, CLASSES, folder, Recipe(epochs=1, batch=5, runs=1, seed=8))
    assert dump_tuned(other) != dump_tuned(model)


def test_a_file_brings_the_same_model_back(model: TunedModel, folder: Path) -> None:
    content = dump_tuned(model)
    back = load_tuned(content, folder, CLASSES)
    assert np.array_equal(back.scores(TEXTS), model.scores(TEXTS))
    assert dump_tuned(back) == content
    assert len(content) < 15_000_000


def test_a_text_is_judged_alike_in_any_company(model: TunedModel) -> None:
    """The same bits alone, among others, in another order and with one thread."""
    texts = [*TEXTS, "a " * 50, "word " * 400, "", *(f"{text} Number {n}." for n, text in enumerate(TEXTS * 2))]
    together = model.predict_proba(texts)
    order = np.random.default_rng(3).permutation(len(texts))
    assert np.array_equal(model.predict_proba([texts[index] for index in order]), together[order])
    for row in (0, 10, 11, 12, 30):
        assert np.array_equal(model.predict_proba([texts[row]])[0], together[row])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert np.array_equal(model.predict_proba(texts), together)
    finally:
        torch.set_num_threads(threads)


def test_probabilities_sum_to_one(model: TunedModel) -> None:
    found = model.predict_proba(["", "🎉", "word " * 5_000])
    assert found.shape == (3, len(CLASSES))
    assert np.allclose(found.sum(axis=1), 1.0)
    assert (found >= 0).all()


def test_no_text_gives_no_row(model: TunedModel) -> None:
    assert model.predict_proba([]).shape == (0, len(CLASSES))


def test_packed_changes_come_back_within_half_a_step() -> None:
    rng = np.random.default_rng(5)
    before = {"words.weight": torch.zeros(6, 4), "layers.0.up.weight": torch.ones(3, 4), "head.bias": torch.zeros(2)}
    after = {name: value.clone() for name, value in before.items()}
    after["words.weight"][[1, 4]] = torch.from_numpy(rng.normal(size=(2, 4))).float()
    after["head.bias"] += 0.123456789
    changes = packed(before, after)
    assert changes["words.weight/rows"].tolist() == [1, 4]
    assert not any(name.startswith("layers") for name in changes)  # nothing changed there
    restored = changes["words.weight/steps"] * changes["words.weight/size"][:, None]
    gap = np.abs(restored - after["words.weight"][[1, 4]].numpy())
    assert (gap <= changes["words.weight/size"][:, None] * 0.501).all()
    assert np.array_equal(changes["head.bias/values"], after["head.bias"].numpy())


def test_a_damaged_file_is_told_in_one_line(folder: Path) -> None:
    with pytest.raises(ModelError, match="damaged"):
        load_tuned(b"not a model", folder, CLASSES)


def test_a_file_without_a_temperature_is_told(model: TunedModel, folder: Path) -> None:
    with pytest.raises(ModelError, match="damaged"):
        load_tuned(save(dict(model.changes)), folder, CLASSES)


def test_vectors_are_not_looked_at(model: TunedModel) -> None:
    assert not model.needs_vectors
    vectors = np.ones((len(TEXTS), 3), dtype=np.float32)
    assert np.array_equal(model.predict_proba(TEXTS, vectors), model.predict_proba(TEXTS))


def test_changes_of_another_encoder_are_refused(model: TunedModel, folder: Path) -> None:
    network = load_network(folder, len(CLASSES), N_SURFACE_FEATURES)
    with pytest.raises(ModelError, match="does not fit"):
        apply_changes(network, {"layers.9.up.bias/values": np.zeros(3, dtype=np.float32)})
    with pytest.raises(ModelError, match="does not fit"):
        load_tuned(dump_tuned(model), folder, CLASSES[:3])


@pytest.mark.parametrize(
    "config",
    [
        pytest.param("{", id="broken JSON"),
        pytest.param("{}", id="nothing in it"),
        pytest.param('{"model_type": "t5"}', id="another kind of model"),
    ],
)
def test_an_encoder_of_another_kind_is_told_in_one_line(folder: Path, tmp_path: Path, config: str) -> None:
    (tmp_path / "model.safetensors").symlink_to(folder / "model.safetensors")
    (tmp_path / "config.json").write_text(config, "utf-8")
    with pytest.raises(ModelError, match="not of the BERT kind") as error:
        load_network(tmp_path, 5, 8)
    assert "\n" not in str(error.value)


def test_a_folder_without_weights_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_network(tmp_path, 5, 8)
    with pytest.raises(ModelError, match="tokenizer"):
        load_tokenizer(tmp_path, 128)
