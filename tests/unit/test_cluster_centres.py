"""What is remembered of clusters: new vectors join the one they belong to, and strangers none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.cluster import NOISE, Centres, centres, join
from feedback_triage.cluster.grid import SCALE, to_grid

SIZES = (40, 25, 12, 6)


def topics(sizes=SIZES, *, dim=48, spread=0.5, seed=0):
    """Unit vectors around centres at right angles, and the topic of each."""
    random = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    vectors = np.eye(dim)[truth] + spread * random.normal(size=(len(truth), dim)) / np.sqrt(dim)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), truth


def test_a_mean_gives_the_mean_cosine_with_the_members():
    vectors, truth = topics()
    known = centres(vectors, truth)
    asked = topics(seed=1)[0]
    expected = [[float((asked[i] @ vectors[truth == g].T).mean()) for g in range(4)] for i in range(len(asked))]
    assert asked @ known.means.T == pytest.approx(np.array(expected), abs=0.001)


def test_all_but_the_outermost_twentieth_of_the_members_are_within_the_rim():
    vectors, truth = topics((200, 100))
    known = centres(vectors, truth)
    for group, size in enumerate((200, 100)):
        with_others = (vectors[truth == group] @ known.means[group] * size - 1) / (size - 1)
        inside = with_others >= known.least_cosine[group] - 0.001
        assert inside.sum() == pytest.approx(0.95 * size, abs=1)


@pytest.mark.parametrize("seed", range(5))
def test_members_join_their_own_cluster_or_none(seed):
    vectors, truth = topics(seed=seed)
    labels, strengths = join(vectors, centres(vectors, truth))
    assert set(labels[labels != truth].tolist()) <= {NOISE}
    assert (labels == truth).mean() > 0.9
    assert (strengths[labels == truth] > 0.5).all()


@pytest.mark.parametrize("seed", range(5))
def test_newcomers_join_the_cluster_that_says_the_same(seed):
    vectors, truth = topics((40,) * 4, seed=seed)
    newcomers, topic = topics((40,) * 4, seed=seed + 100)
    labels, _ = join(newcomers, centres(vectors, truth))
    assert set(labels[labels != topic].tolist()) <= {NOISE}
    assert (labels == topic).mean() > 0.8


def test_strangers_join_none_and_have_no_strength():
    vectors, truth = topics()
    strangers = np.eye(48, dtype=np.float32)[10:20]
    labels, strengths = join(np.vstack([strangers, -vectors]), centres(vectors, truth))
    assert (labels == NOISE).all()
    assert (strengths == 0).all()


def test_a_vector_between_two_clusters_belongs_less_than_one_at_the_middle():
    vectors, truth = topics()
    known = Centres(centres(vectors, truth).means, np.full(4, 0.1))
    middle, between = np.eye(48)[0], (1.05 * np.eye(48)[0] + np.eye(48)[1]) / np.hypot(1.05, 1)
    labels, strengths = join(np.vstack([middle, between]).astype(np.float32), known)
    assert labels.tolist() == [0, 0]
    assert strengths[0] > strengths[1] > 0.5


def test_the_only_cluster_is_joined_by_its_members():
    vectors, truth = topics((30,))
    labels, strengths = join(vectors, centres(vectors, truth))
    assert (labels == 0).sum() >= 28
    assert ((strengths >= 0) & (strengths <= 1)).all()


def test_a_cluster_of_one_vector_is_joined_by_those_that_are_near_to_it():
    vectors = np.eye(3, dtype=np.float32)[[0, 1, 1]]
    known = centres(vectors, np.array([1, 0, 0], dtype=np.int32))
    near, far = [0.8, 0, 0.6], [0.5, 0, np.sqrt(0.75)]
    assert join(np.array([near, far], dtype=np.float32), known)[0].tolist() == [1, NOISE]


def test_noise_does_not_count():
    vectors, truth = topics()
    known = centres(vectors[truth != 3], truth[truth != 3])
    with_noise = centres(vectors, np.where(truth == 3, NOISE, truth))
    assert with_noise.means.tobytes() == known.means.tobytes()
    assert with_noise.least_cosine.tobytes() == known.least_cosine.tobytes()


@pytest.mark.parametrize(
    ("n_vectors", "n_clusters"),
    [
        pytest.param(0, 4, id="nothing comes"),
        pytest.param(5, 0, id="nothing is known"),
        pytest.param(0, 0, id="neither"),
    ],
)
def test_empty_input(n_vectors, n_clusters):
    vectors, truth = topics()
    known = centres(vectors, np.where(truth < n_clusters, truth, NOISE).astype(np.int32))
    labels, strengths = join(vectors[:n_vectors], known)
    assert (labels.tolist(), strengths.tolist()) == ([NOISE] * n_vectors, [0.0] * n_vectors)
    assert (labels.dtype, strengths.dtype) == (np.int32, np.float32)


def test_no_rows_make_no_centres():
    known = centres(np.empty((0, 48), dtype=np.float32), np.empty(0, dtype=np.int32))
    assert (known.means.shape, known.least_cosine.shape) == ((0, 48), (0,))


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 9))
def test_neither_the_order_nor_the_company_of_the_rows_matters(shuffler, seed):
    vectors, truth = topics(spread=1.0, seed=seed)
    order = list(range(len(vectors)))
    shuffler.shuffle(order)
    known, shuffled = centres(vectors, truth), centres(vectors[order], truth[order])
    assert shuffled.means.tobytes() == known.means.tobytes()
    assert shuffled.least_cosine.tobytes() == known.least_cosine.tobytes()
    newcomers = topics(spread=1.0, seed=seed + 100)[0]
    together = join(newcomers, known)
    alone = [join(newcomers[i : i + 1], known) for i in order]
    assert np.concatenate([labels for labels, _ in alone]).tolist() == together[0][order].tolist()
    assert np.concatenate([strengths for _, strengths in alone]).tolist() == together[1][order].tolist()


def test_the_means_are_exact():
    """Sums on the grid are exact, so the mean is that of whole numbers."""
    vectors, truth = topics()
    grid = to_grid(vectors).astype(np.int64)
    exact = np.array([grid[truth == g].sum(axis=0) / (truth == g).sum() / SCALE for g in range(4)])
    known = centres(vectors, truth)
    assert known.means.tobytes() == exact.astype(np.float32).tobytes()
