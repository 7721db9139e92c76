"""The parts of the clustering against slow, obvious second implementations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import silhouette_samples

from feedback_triage.cluster import neighbours
from feedback_triage.cluster.grid import SCALE, sum_by_group, to_grid, unit_on_grid
from feedback_triage.cluster.joining import join_groups
from feedback_triage.cluster.neighbours import ECHO_COSINE, nearest_neighbours, neighbour_graph, voices
from feedback_triage.cluster.partition import fewest_groups, leiden
from feedback_triage.cluster.points import to_points
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


def sorted_neighbours(grid, k):
    """Indices and cosines of the k nearest other vectors by looking at all pairs, the lower index first of equals."""
    products = grid.astype(np.int64) @ grid.astype(np.int64).T
    orders = [
        sorted((j for j in range(len(grid)) if j != i), key=lambda j: (-row[j], j))[:k]
        for i, row in enumerate(products)
    ]
    return np.array(orders), np.take_along_axis(products, np.array(orders), axis=1) / SCALE**2


def graph_of(grid, k):
    indices, cosines = nearest_neighbours(grid, k)
    return neighbour_graph(np.repeat(np.arange(len(grid)), k), indices.ravel(), cosines.ravel(), len(grid))


@settings(deadline=None)
@given(st.integers(2, 40), st.integers(0, 99), st.data())
def test_neighbours_are_those_of_a_full_sort_with_ties_by_index(n, seed, data):
    k = data.draw(st.integers(1, n - 1))
    # Up to three vectors are the same, so that some cosines are equal.
    copied = np.array(data.draw(st.permutations([i // 3 for i in range(n)])))
    grid = some_grid(n, seed=seed)[copied]
    indices, cosines = nearest_neighbours(grid, k)
    expected = sorted_neighbours(grid, k)
    assert indices.tolist() == expected[0].tolist()
    assert cosines.tolist() == expected[1].tolist()


@given(st.integers(2, 60), st.data())
def test_a_vector_with_many_twins_has_neighbours_and_is_none_of_its_own(n, data):
    k = data.draw(st.integers(1, n - 1))
    indices, cosines = nearest_neighbours(np.repeat(some_grid(1), n, axis=0), k)
    assert indices.shape == (n, k)
    assert (indices != np.arange(n)[:, None]).all()
    assert ((indices >= 0) & (indices < n)).all()
    assert all(len(set(row)) == k for row in indices.tolist())
    assert len(set(cosines.ravel().tolist())) == 1


def test_cells_find_most_of_the_true_neighbours(monkeypatch):
    random = np.random.default_rng(0)
    grid = unit_on_grid(np.repeat(random.normal(size=(40, 64)), 50, axis=0) + random.normal(size=(2000, 64)))
    exact, exact_cosines = nearest_neighbours(grid, 15)
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 1000)
    found, cosines = nearest_neighbours(grid, 15)
    shares = [len(set(a) & set(b)) / 15 for a, b in zip(exact.tolist(), found.tolist(), strict=True)]
    assert 0.9 < np.mean(shares) < 1  # 1 would mean that no cells were used
    is_found = found >= 0
    products = np.einsum("ijk,ik->ij", grid[np.maximum(found, 0)].astype(np.float64), grid.astype(np.float64))
    assert (cosines[is_found] == products[is_found] / SCALE**2).all()
    assert (cosines <= exact_cosines).all()


def test_cells_say_where_they_found_too_few(monkeypatch):
    """In a set of opposites the cells that are searched hold fewer vectors than asked for."""
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 10)
    monkeypatch.setattr(neighbours, "CELLS_SEARCHED", 1)
    grid = unit_on_grid(np.repeat(np.vstack([np.eye(8), -np.eye(8)]), 2, axis=0))
    indices, cosines = nearest_neighbours(grid, 12)
    assert (indices == -1).any()
    assert ((indices == -1) == (cosines == -1)).all()
    assert (
        neighbour_graph(np.repeat(np.arange(32), 12), indices.ravel(), cosines.ravel(), 32).getnnz(axis=1) > 0
    ).all()


def test_the_graph_is_symmetric_and_joins_no_opposites():
    graph = graph_of(some_grid(60), 20)
    assert (graph != graph.T).nnz == 0
    assert graph.diagonal().sum() == 0
    assert graph.data.min() > 0


_PAIR = st.tuples(st.integers(0, 7), st.integers(-1, 7), st.floats(-1, 1))


@given(st.lists(_PAIR, max_size=60))
def test_an_edge_has_the_weight_of_the_nearest_pair_between_two_points(pairs):
    expected = np.zeros((8, 8))
    for row, column, cosine in pairs:
        if column >= 0 and row != column and cosine > 0:
            weight = max(expected[row, column], cosine**3)
            expected[row, column] = expected[column, row] = weight
    rows, columns, cosines = (np.array([pair[i] for pair in pairs], dtype=(int, int, float)[i]) for i in range(3))
    graph = neighbour_graph(rows, columns, cosines, 8)
    assert graph.toarray() == pytest.approx(expected)
    assert graph.has_sorted_indices


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
    groups = leiden(graph_of(grid, 1), 1.0)
    assert (groups == groups[4]).sum() == 1
    assert sorted(set(groups.tolist())) == list(range(len(set(groups.tolist()))))


@pytest.mark.parametrize("n", [3, 20])
def test_where_no_point_has_a_neighbour_each_is_a_group_of_its_own(n):
    assert leiden(graph_of(to_grid(np.eye(n)), 2), 1.0).tolist() == list(range(n))


@pytest.mark.parametrize(("n", "fewest"), [(2, 2), (15, 2), (64, 4), (200, 7), (400, 10), (1_000_000, 10)])
def test_the_fewest_groups_grow_slowly_and_stop_at_ten(n, fewest):
    assert fewest_groups(n) == fewest


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.2, 0.89, 0.91, 1.0])), max_size=20))
def test_a_point_shares_its_voice_with_the_neighbours_that_nearly_repeat_it(pairs):
    echoes = [
        {j for a, b, c in pairs for i, j in ((a, b), (b, a)) if i == me != j and c >= ECHO_COSINE} for me in range(6)
    ]
    rows, columns, cosines = (np.array([pair[i] for pair in pairs], dtype=(int, int, float)[i]) for i in range(3))
    found = voices(neighbour_graph(rows, columns, cosines, 6))
    assert found == pytest.approx(np.array([1 / (1 + len(own)) for own in echoes]))


def template_and_others(n_copies, seed=0):
    """Many copies of one text with small differences, then sixty texts of which twenty are near the template."""
    random = np.random.default_rng(seed)
    centres = np.eye(64)[:3]
    copies = centres[0] + 0.004 * random.normal(size=(n_copies, 64))
    others = np.repeat(centres, 20, axis=0) + 0.05 * random.normal(size=(60, 64))
    vectors = unit_on_grid(np.vstack([copies, others])) / SCALE
    return vectors, [f"{i:05d}" for i in range(len(vectors))]


@pytest.mark.parametrize("n_copies", [20, 300])
def test_a_template_is_one_point_that_still_has_neighbours(n_copies):
    points = to_points(*template_and_others(n_copies))
    assert points.n_rows.tolist() == [n_copies] + [1] * 60
    assert points.point_of_row.tolist() == [0] * n_copies + list(range(1, 61))
    # All but other copies: the nearest of the twenty texts that are about the same.
    near = points.graph[0].indices
    # (these twenty may also count it among their own nearest)
    assert len(near) >= 5
    assert (near <= 20).all()
    exact = (points.grid[0].astype(np.int64) @ points.grid[1:].astype(np.int64).T).max() / SCALE**2
    assert points.nearest_cosine[0] == pytest.approx(exact)


def test_the_nearest_cosine_of_every_point_is_that_with_the_nearest_other_point():
    points = to_points(*template_and_others(40))
    products = points.grid.astype(np.float64) @ points.grid.astype(np.float64).T / SCALE**2
    np.fill_diagonal(products, -1)
    # A text compares itself with single texts, a template's mean is a little nearer.
    assert points.nearest_cosine == pytest.approx(products.max(axis=1), abs=0.01)


def test_near_duplicates_are_chained_and_numbered_by_their_smallest_key():
    angles = np.array([90, 0, 12, 24, 200])  # a cosine of 12 degrees is .978
    vectors = np.column_stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))])
    points = to_points(vectors, ["c", "d", "b", "e", "a"])
    assert points.point_of_row.tolist() == [2, 1, 1, 1, 0]
    assert points.smallest_key.tolist() == [0, 1, 2]
    assert points.n_rows.tolist() == [1, 3, 1]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_points_of_tiny_sets(n):
    points = to_points(np.eye(3)[:n], ["b", "a"][:n])
    assert points.point_of_row.tolist() == [[], [0], [1, 0]][n]
    assert points.graph.shape == (n, n)
    assert points.graph.nnz == 0


def test_rows_with_one_key_are_their_mean():
    vectors = unit_on_grid(np.array([[1, 0.02], [1, -0.02], [0, 1]])) / SCALE
    points = to_points(vectors, ["a", "a", "b"])
    assert points.grid.tolist() == [[SCALE, 0], [0, SCALE]]
