"""Clusters from vectors: what they find, and that nothing but the texts decides."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from feedback_triage.cluster import NOISE, cluster_vectors


def topics(sizes, *, dim=64, spread=0.5, seed=0):
    """Unit vectors around random centres, and the topic of each."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(len(sizes), dim))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    noise = random.normal(size=(len(truth), dim)) / np.sqrt(dim)
    vectors = centres[truth] + spread * noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), truth


def keys_of(vectors):
    return [hashlib.sha256(vector.tobytes()).hexdigest() for vector in vectors]


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([5, 5, 5], id="fifteen items in three topics"),
        pytest.param([10] * 3, id="thirty items in three topics"),
        pytest.param([15] * 40, id="many small topics"),
        pytest.param([150] * 6, id="few large topics"),
        pytest.param([200, 80, 40, 20, 10, 10], id="topics of unequal size"),
    ],
)
def test_topics_are_found_without_their_number_being_given(sizes):
    vectors, truth = topics(sizes)
    result = cluster_vectors(vectors, keys_of(vectors))
    assert adjusted_rand_score(truth, result.labels) > 0.95
    assert result.noise_ratio < 0.05


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 8, 14])
def test_tiny_sets_get_an_answer(n):
    vectors, _ = topics([n], spread=2.0)
    result = cluster_vectors(vectors, keys_of(vectors))
    assert result.labels.shape == result.membership_strength.shape == (n,)
    assert result.n_clusters <= max(1, n // 2)


def test_lone_items_are_noise():
    vectors, _ = topics([1, 1])
    result = cluster_vectors(vectors, keys_of(vectors))
    assert result.labels.tolist() == [NOISE, NOISE]
    assert result.noise_ratio == 1.0
    assert result.membership_strength.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("n", [3, 10])
def test_items_that_have_nothing_in_common_are_noise(n):
    result = cluster_vectors(np.eye(n, dtype=np.float32), [str(i) for i in range(n)])
    assert result.labels.tolist() == [NOISE] * n


def test_one_sentence_said_twice_is_a_cluster():
    vector = np.eye(4, dtype=np.float32)[[0, 0, 1]]
    assert cluster_vectors(vector, ["a", "a", "b"]).labels.tolist() == [0, 0, NOISE]


def test_an_unrelated_item_is_kept_out():
    vectors, _ = topics([30, 30, 30], spread=0.4)
    stranger = -vectors.mean(axis=0, keepdims=True)
    stranger /= np.linalg.norm(stranger)
    both = np.vstack([vectors, stranger]).astype(np.float32)
    labels = cluster_vectors(both, keys_of(both)).labels
    assert labels[-1] == NOISE
    assert (labels[:-1] != NOISE).mean() > 0.95


def test_a_template_sent_often_is_its_own_cluster_and_changes_no_other():
    """A hundred copies with small differences neither swallow their neighbours nor vanish as an outlier."""
    vectors, truth = topics([20] * 5)
    random = np.random.default_rng(1)
    template = random.normal(size=64)
    copies = template / np.linalg.norm(template) + 0.005 * random.normal(size=(100, 64)) / 8
    copies /= np.linalg.norm(copies, axis=1, keepdims=True)
    both = np.vstack([vectors, copies]).astype(np.float32)
    labels = cluster_vectors(both, keys_of(both)).labels
    assert labels[100:].tolist() == [0] * 100
    assert 0 not in labels[:100]
    assert adjusted_rand_score(truth, labels[:100]) > 0.95


def test_rows_with_one_key_share_a_cluster():
    vectors, _ = topics([20] * 4)
    rows = np.tile(np.arange(80), 3)
    keys = np.array(keys_of(vectors))[rows]
    result = cluster_vectors(vectors[rows], keys.tolist())
    assert (result.labels.reshape(3, 80) == result.labels[:80]).all()


@pytest.mark.parametrize("seed", range(5))
def test_clusters_are_numbered_by_size_then_by_smallest_key(seed):
    vectors, truth = topics([10, 30, 10, 10, 20], spread=0.3, seed=seed)
    keys = [f"{topic}{i:03d}" for i, topic in enumerate(truth)]
    labels = cluster_vectors(vectors, keys).labels
    members = [np.flatnonzero(labels == number) for number in range(labels.max() + 1)]
    ranks = [(-len(rows), min(keys[row] for row in rows)) for rows in members]
    assert len(ranks) == 5
    assert ranks == sorted(ranks)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_the_rows_does_not_matter(shuffler, seed):
    vectors, _ = topics([12, 9, 7, 7], spread=0.9, seed=seed)
    keys = keys_of(vectors)
    order = list(range(len(keys)))
    shuffler.shuffle(order)
    expected = cluster_vectors(vectors, keys)
    shuffled = cluster_vectors(vectors[order], [keys[i] for i in order])
    assert shuffled.labels.tolist() == expected.labels[order].tolist()
    assert shuffled.membership_strength.tobytes() == expected.membership_strength[order].tobytes()
    assert shuffled.settings == expected.settings


_DIGEST = """
import hashlib, numpy as np
from feedback_triage.cluster import cluster_vectors
random = np.random.default_rng(5)
centres = random.normal(size=(30, 384))
vectors = np.repeat(centres, 30, axis=0) + 2.0 * random.normal(size=(900, 384))
vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
result = cluster_vectors(vectors, [str(i) for i in range(900)])
digest = hashlib.sha256(result.labels.tobytes() + result.membership_strength.tobytes())
print(result.n_clusters, digest.hexdigest())
"""


def test_the_bytes_do_not_depend_on_threads_or_hash_seed():
    outputs = set()
    for threads, seed in (("1", "0"), ("2", "1"), ("4", "random")):
        variables = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env=os.environ | variables | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert int(outputs.pop().split()[0]) > 5


def test_old_items_mostly_stay_together_when_new_ones_come():
    vectors, _ = topics([30] * 12, spread=1.0)
    random = np.random.default_rng(0)
    old = np.sort(random.permutation(360)[:324])
    keys = keys_of(vectors)
    before = cluster_vectors(vectors[old], [keys[i] for i in old]).labels
    after = cluster_vectors(vectors, keys).labels[old]
    assert adjusted_rand_score(before, after) > 0.9


def test_strengths_are_shares_and_higher_at_the_centre():
    vectors, truth = topics([40, 40, 40], spread=0.8)
    result = cluster_vectors(vectors, keys_of(vectors))
    assert ((result.membership_strength >= 0) & (result.membership_strength <= 1)).all()
    centre = vectors[truth == 0].mean(axis=0)
    nearness = vectors[truth == 0] @ centre
    strengths = result.membership_strength[truth == 0]
    assert strengths[nearness.argmax()] > strengths[nearness.argmin()]


@pytest.mark.parametrize(
    ("vectors", "keys", "message"),
    [
        pytest.param(np.ones(3), ["a"] * 3, "two dimensions", id="one vector instead of rows"),
        pytest.param(np.full((2, 3), np.nan), ["a", "b"], "finite", id="a value is not a number"),
        pytest.param(np.ones((2, 3)), ["a", "b"], "unit length", id="vectors are too long"),
        pytest.param(np.zeros((2, 3)), ["a", "b"], "unit length", id="vectors are zero"),
        pytest.param(np.eye(3), ["a", "b"], "as many keys", id="a key is missing"),
    ],
)
def test_unusable_vectors_are_refused(vectors, keys, message):
    with pytest.raises(ValueError, match=message):
        cluster_vectors(vectors.astype(np.float32), keys)


def test_an_empty_result_has_no_noise():
    result = cluster_vectors(np.empty((0, 384), dtype=np.float32), [])
    assert (result.n_clusters, result.noise_ratio) == (0, 0.0)
