"""The real encoder: the same bytes for the same text, whatever stands beside it."""

import numpy as np
import pytest
import torch

from feedback_triage.embed import SentenceEncoder, as_unit, load_encoder
from feedback_triage.errors import ModelError
from feedback_triage.settings import shipped_models_dir

TEXTS = [
    "The link in the footer is dead.",
    "love it",
    "My playlist on the phone still shows the old order, although I changed it on the web yesterday evening.",
    "Ça ne marche pas du tout",
    "動画が同期されません",
    "👍👍👍",
    "word " * 300,
] + [f"Report number {number} about a page that does not load" for number in range(30)]


def test_a_text_gets_the_same_bytes_in_any_company_order_and_number_of_threads(encoder: SentenceEncoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.vstack([encoder.encode([text]) for text in TEXTS[:8]])
    backwards = encoder.encode(TEXTS[::-1])[::-1]
    n_threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one_thread = encoder.encode(TEXTS)
    finally:
        torch.set_num_threads(n_threads)
    np.testing.assert_array_equal(together[:8], alone)
    np.testing.assert_array_equal(together, backwards)
    np.testing.assert_array_equal(together, one_thread)


def test_no_batch_takes_over_the_length_of_another(encoder: SentenceEncoder) -> None:
    """Batches of short and long texts run at once; a tokenizer shared by threads would now and then pad or cut anew."""
    texts = [text for text in TEXTS[:4] for _ in range(16)] + [TEXTS[6]] * 16
    expected = encoder.encode(texts)
    for _ in range(12):
        np.testing.assert_array_equal(encoder.encode(texts), expected)


def test_vectors_are_those_of_sentence_transformers(encoder: SentenceEncoder) -> None:
    expected = encoder._model.encode(TEXTS, normalize_embeddings=True)
    cosines = (as_unit(encoder.encode(TEXTS)) * expected).sum(axis=1)
    assert cosines.min() > 0.999999


def test_vectors_have_length_one_and_no_text_is_zero(encoder: SentenceEncoder) -> None:
    vectors = as_unit(encoder.encode(["fine", "", "   "]))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 0], atol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 1_000_000, id="a megabyte"),
        pytest.param("\x00\x00", id="null bytes"),
        pytest.param("\u202eيسرا\u202c שלום", id="right to left"),
        pytest.param("<b></b>", id="only markup"),
    ],
)
def test_any_text_gives_a_finite_vector(encoder: SentenceEncoder, text: str) -> None:
    assert np.isfinite(encoder.encode([text])).all()


def test_a_folder_that_is_no_model_is_refused_in_one_line(tmp_path: "object") -> None:
    with pytest.raises(ModelError, match=r"modules\.json"):
        load_encoder(shipped_models_dir(), str(tmp_path))
