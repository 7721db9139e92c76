"""The parts of the clustering against slow, obvious second implementations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import silhouette_samples

from feedback_triage.cluster import neighbours
from feedback_triage.cluster.grid import SCALE, sum_by_group, to_grid, unit_on_grid
from feedback_triage.cluster.joining import join_groups
from feedback_triage.cluster.neighbours import nearest_neighbours, neighbour_graph
from feedback_triage.cluster.partition import fewest_groups, leiden
from feedback_triage.cluster.silhouette import silhouettes
from feedback_triage.cluster.space import centred, main_directions


def some_grid(n, dim=16, seed=0):
    return unit_on_grid(np.random.default_rng(seed).normal(size=(n, dim)))


def test_products_on_the_grid_are_exact_in_float32():
    grid = to_grid(unit_on_grid(np.random.default_rng(0).normal(size=(50, 1024))) / SCALE)
    assert ((grid @ grid.T).astype(np.int64) == grid.astype(np.int64) @ grid.astype(np.int64).T).all()


def test_the_grid_moves_a_cosine_by_less_than_a_thousandth():
    vectors = np.random.default_rng(0).normal(size=(60, 384))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    grid = to_grid(vectors).astype(np.float64) / SCALE
    assert np.abs(grid @ grid.T - vectors @ vectors.T).max() < 0.001


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_group_sums_are_the_plain_sums(groups):
    grid = some_grid(len(groups), dim=4)
    expected = np.zeros((6, 4))
    for row, group in zip(grid, groups, strict=True):
        expected[group] += row
    assert (sum_by_group(grid, np.array(groups), 6) == expected).all()


@settings(deadline=None)
@given(st.integers(2, 30), st.data())
def test_neighbours_are_those_of_a_full_sort_with_ties_by_index(n, data):
    k = data.draw(st.integers(1, n - 1))
    # Few directions, so that many cosines are equal.
    grid = np.array(data.draw(st.lists(st.sampled_from([0, 1, 2]), min_size=n, max_size=n)))
    vectors = (np.eye(3)[grid] * SCALE).astype(np.float32)
    indices, cosines = nearest_neighbours(vectors, k)
    for i in range(n):
        others = sorted((-float(vectors[i] @ vectors[j]) / SCALE**2, j) for j in range(n) if j != i)
        assert indices[i].tolist() == [j for _, j in others[:k]]
        assert cosines[i].tolist() == [-c for c, _ in others[:k]]


def test_the_size_of_a_chunk_changes_nothing(monkeypatch):
    grid = some_grid(100)
    whole = nearest_neighbours(grid, 7)
    monkeypatch.setattr(neighbours, "CHUNK_CELLS", 300)
    chunked = nearest_neighbours(grid, 7)
    assert (whole[0] == chunked[0]).all()
    assert (whole[1] == chunked[1]).all()


def test_the_graph_is_symmetric_and_joins_no_opposites():
    grid = some_grid(60)
    graph = neighbour_graph(*nearest_neighbours(grid, 20))
    assert (graph != graph.T).nnz == 0
    assert graph.diagonal().sum() == 0
    assert graph.data.min() > 0


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=40).filter(lambda g: len(set(g)) > 1))
def test_silhouettes_are_those_of_scikit_learn(groups):
    labels = np.unique(groups, return_inverse=True)[1]
    grid = some_grid(len(labels))
    # The vectors are not exactly of unit length on the grid, which is the whole of the difference.
    if len(set(labels.tolist())) < len(labels):
        expected = silhouette_samples(grid, labels, metric="cosine")
        assert silhouettes(grid, labels) == pytest.approx(expected, abs=0.005)


def test_silhouettes_of_some_rows_are_those_rows():
    grid, labels = some_grid(50), np.arange(50) % 4
    assert silhouettes(grid, labels, np.array([3, 41])).tolist() == silhouettes(grid, labels)[[3, 41]].tolist()


def test_one_group_has_no_silhouette():
    assert silhouettes(some_grid(5), np.zeros(5, dtype=np.int64)).tolist() == [0.0] * 5


def test_main_directions_keep_what_separates_and_drop_what_is_common():
    random = np.random.default_rng(0)
    common = np.full(64, 3.0)
    sides = np.repeat([[1.0], [-1.0]], 30, axis=0) * np.eye(64)[0] * 4
    grid = unit_on_grid(common + sides + 0.3 * random.normal(size=(60, 64)))
    cosines = main_directions(grid).astype(np.float64) @ main_directions(grid).T / SCALE**2
    assert cosines[:30, :30].mean() > 0.5 > -0.5 > cosines[:30, 30:].mean()
    assert np.abs(centred(grid).sum(axis=0)).max() < SCALE * 5


def test_torn_groups_are_joined_and_others_are_left():
    random = np.random.default_rng(0)
    centres = np.eye(32)[:3]
    truth = np.repeat([0, 1, 2], 40)
    grid = centred(unit_on_grid(centres[truth] + 0.1 * random.normal(size=(120, 32))))
    torn = truth * 2 + np.arange(120) % 2
    assert join_groups(grid, torn).tolist() == truth.tolist()


def test_a_point_without_neighbours_is_a_group_of_its_own():
    grid = (np.vstack([np.eye(3)[[0, 0, 1, 1]], -np.ones((1, 3)) / np.sqrt(3)]) * SCALE).astype(np.float32)
    groups = leiden(neighbour_graph(*nearest_neighbours(grid, 1)), 1.0)
    assert (groups == groups[4]).sum() == 1
    assert sorted(set(groups.tolist())) == list(range(len(set(groups.tolist()))))


@pytest.mark.parametrize(("n", "fewest"), [(2, 2), (15, 2), (200, 4), (900, 5), (1_000_000, 5)])
def test_the_fewest_groups_grow_slowly_and_stop_at_five(n, fewest):
    assert fewest_groups(n) == fewest
