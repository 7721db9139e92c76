"""Going on from groups that stand: what stays, whatever the items and the groups are."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from feedback_triage.cluster import NOISE, cluster_vectors
from feedback_triage.cluster.continuing import ALONE, closeness, go_on, group_cosines, lay_anew, least_cosines, merged
from feedback_triage.cluster.grid import SCALE, unit_on_grid
from feedback_triage.cluster.points import to_points
from feedback_triage.cluster.space import centred


def topics(sizes, *, dim=64, spread=0.5, seed=0):
    """Unit vectors around random centres with something in common, and the topic of each, in mixed order."""
    random = np.random.default_rng(seed)
    middles = random.normal(size=(len(sizes), dim))
    middles = middles / np.linalg.norm(middles, axis=1, keepdims=True) + 0.5 * np.eye(dim)[0]
    truth = random.permutation(np.repeat(np.arange(len(sizes)), sizes))
    vectors = middles[truth] + spread * random.normal(size=(len(truth), dim)) / np.sqrt(dim)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), truth


def keys_of(vectors):
    return [hashlib.sha256(vector.tobytes()).hexdigest() for vector in vectors]


def is_same_partition(before, after):
    """Whether two labellings put the same rows together and the same rows into none."""
    pairs = set(zip(before.tolist(), after.tolist(), strict=True))
    one_to_one = len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    return one_to_one and ((before == NOISE) == (after == NOISE)).all()


@st.composite
def sets_of_vectors(draw):
    """From clear topics to shapeless clouds, from a handful of rows on, some of them repeated."""
    sizes = draw(st.lists(st.integers(1, 25), min_size=1, max_size=8))
    spread = draw(st.sampled_from([0.3, 0.7, 1.2, 2.5]))
    dim = draw(st.sampled_from([4, 16, 64]))
    vectors, _ = topics(sizes, dim=dim, spread=spread, seed=draw(st.integers(0, 10_000)))
    repeated = draw(st.lists(st.integers(0, len(vectors) - 1), max_size=10))
    return vectors[[*range(len(vectors)), *repeated]]


@settings(max_examples=60, deadline=None)
@given(sets_of_vectors())
def test_with_nothing_new_a_clustering_goes_on_as_it_is(vectors):
    keys = keys_of(vectors)
    first = cluster_vectors(vectors, keys)
    again = cluster_vectors(vectors, keys, first.labels)
    assert again.labels.tolist() == first.labels.tolist()
    assert again.membership_strength.tobytes() == first.membership_strength.tobytes()


@settings(max_examples=60, deadline=None)
@given(sets_of_vectors(), st.integers(0, 99), st.sampled_from([0.3, 0.7, 0.9]))
def test_with_nothing_new_a_clustering_that_went_on_goes_on_as_it_is(vectors, seed, share):
    keys = keys_of(vectors)
    is_old = np.random.default_rng(seed).random(len(keys)) < share
    standing = np.full(len(keys), NOISE, dtype=np.int32)
    standing[is_old] = cluster_vectors(vectors[is_old], [k for k, old in zip(keys, is_old, strict=True) if old]).labels
    second = cluster_vectors(vectors, keys, standing).labels
    third = cluster_vectors(vectors, keys, second).labels
    assert is_same_partition(second, third)


@settings(max_examples=40, deadline=None)
@given(sets_of_vectors(), st.randoms(use_true_random=False), st.integers(0, 99), st.booleans())
def test_the_order_of_the_rows_does_not_matter(vectors, shuffler, seed, is_laid_anew):
    keys = keys_of(vectors)
    standing = np.random.default_rng(seed).integers(NOISE, 5, size=len(keys)).astype(np.int32)
    order = list(range(len(keys)))
    shuffler.shuffle(order)
    expected = cluster_vectors(vectors, keys, standing, [1, 3], is_laid_anew=is_laid_anew)
    shuffled = cluster_vectors(
        vectors[order], [keys[i] for i in order], standing[order], [3, 1], is_laid_anew=is_laid_anew
    )
    assert shuffled.labels.tolist() == expected.labels[order].tolist()
    assert shuffled.membership_strength.tobytes() == expected.membership_strength[order].tobytes()


@settings(max_examples=60, deadline=None)
@given(sets_of_vectors(), st.integers(0, 999), st.integers(1, 6), st.booleans())
def test_kept_rows_stay_together_and_apart_whatever_they_say(vectors, seed, n_kept, is_laid_anew):
    """Any rows may be kept: one, those of several topics, some of the rows of one text, or all there are."""
    random = np.random.default_rng(seed)
    standing = random.integers(NOISE, 9, size=len(vectors)).astype(np.int32)
    kept = random.choice(9, size=n_kept, replace=False).tolist()
    labels = cluster_vectors(vectors, keys_of(vectors), standing, kept, is_laid_anew=is_laid_anew).labels
    found = [set(labels[standing == group].tolist()) for group in kept if (standing == group).any()]
    assert all(len(own) == 1 and own != {NOISE} for own in found)
    assert len(set.union(set(), *found)) == len(found)


@settings(max_examples=40, deadline=None)
@given(sets_of_vectors(), st.integers(0, 999))
def test_rows_of_other_groups_do_not_move_into_kept_ones(vectors, seed):
    """Unless they almost repeat a row of the kept group, or too few of them are left to be a group."""
    standing = np.random.default_rng(seed).integers(NOISE, 4, size=len(vectors)).astype(np.int32)
    keys = keys_of(vectors)
    point = to_points(vectors, keys).point_of_row
    is_kept, is_other = standing == 1, (standing != 1) & (standing != NOISE)
    is_other &= ~np.isin(point, point[is_kept])
    is_alone = np.array([len(set(standing[point == own].tolist())) == 1 for own in point])
    is_other &= np.isin(standing, [group for group in range(4) if (is_alone & (standing == group)).sum() > 1])
    assume(is_kept.any())
    labels = cluster_vectors(vectors, keys, standing, [1]).labels
    assert not set(labels[is_kept].tolist()) & set(labels[is_other].tolist())


@pytest.mark.parametrize(
    ("sizes", "spread", "seed"), [([20, 20], 1.2, 1), ([20, 20], 1.2, 55), ([23], 0.7, 67), ([25, 25, 10], 0.7, 70)]
)
def test_groups_that_are_close_without_their_outliers_are_merged_at_once(sizes, spread, seed):
    """Found by search: were they not, the next clustering would merge them with nothing new."""
    vectors, _ = topics(sizes, dim=4, spread=spread, seed=seed)
    first = cluster_vectors(vectors, keys_of(vectors)).labels
    assert cluster_vectors(vectors, keys_of(vectors), first).labels.tolist() == first.tolist()


def test_the_last_row_of_a_group_finds_another_at_once():
    vectors, truth = topics([30] * 4)
    inmost = int((vectors @ vectors[truth == 2].mean(axis=0)).argmax())
    standing = truth.astype(np.int32)
    standing[inmost] = 9
    labels = cluster_vectors(vectors, keys_of(vectors), standing).labels
    assert labels.max() == 3
    assert labels[inmost] != NOISE
    assert set(labels[truth == 2].tolist()) == {labels[inmost]}


SIZES = [30] * 12 + [60] * 4 + [12] * 6


@pytest.mark.parametrize("spread", [0.6, 1.2, 1.6])
@pytest.mark.parametrize("seed", range(4))
def test_after_a_tenth_of_new_items_the_old_ones_keep_their_groups(seed, spread):
    vectors, _ = topics(SIZES, spread=spread, seed=seed)
    keys = keys_of(vectors)
    is_old = np.arange(len(keys)) < round(len(keys) / 1.1)
    before = cluster_vectors(vectors[is_old], np.array(keys)[is_old].tolist()).labels
    standing = np.concatenate([before, np.full((~is_old).sum(), NOISE, dtype=np.int32)])
    after = cluster_vectors(vectors, keys, standing).labels
    assert adjusted_rand_score(before, after[is_old]) >= 0.95
    went_on = {}
    for group in range(before.max() + 1):
        counts = np.bincount(after[: len(before)][before == group] + 1)[1:]
        if counts.max(initial=0) > (before == group).sum() / 2:
            went_on[group] = int(counts.argmax())
    assert len(set(went_on.values())) >= 0.95 * (before.max() + 1)
    assert (after[~is_old] != NOISE).mean() > 0.9


@pytest.mark.parametrize("seed", range(4))
def test_a_new_topic_is_a_new_group_and_the_others_go_on(seed):
    vectors, truth = topics([30] * 8, seed=seed)
    keys = keys_of(vectors)
    standing = np.where(truth == 7, NOISE, truth).astype(np.int32)
    labels = cluster_vectors(vectors, keys, standing).labels
    assert adjusted_rand_score(truth, labels) > 0.95
    assert all(len(set(labels[standing == group].tolist())) == 1 for group in range(7))


def test_standing_numbers_go_on_and_new_ones_are_above_them():
    vectors, truth = topics([30, 30, 30, 30, 30, 20])
    points = to_points(vectors, [f"{i:03d}" for i in range(len(vectors))])
    # Topics 0 and 1 stood as one group, 2 as two, 5 is new.
    standing = np.array([7, 7, 3, 9, 4, ALONE])[truth]
    standing[np.flatnonzero(truth == 2)[:10]] = 8
    groups = go_on(points, centred(points.grid), truth.astype(np.int64), standing, kept=())
    of_topic = [sorted(set(groups[truth == topic].tolist())) for topic in range(6)]
    assert of_topic[2:5] == [[3], [9], [4]]
    assert [7] in of_topic[:2]  # one part keeps the number
    new = [numbers for numbers in (*of_topic[:2], of_topic[5]) if numbers != [7]]
    assert sorted(new) == [[10], [11]]


def test_an_outlier_of_today_joins_nothing():
    vectors, truth = topics([30] * 4)
    points = to_points(vectors, [f"{i:03d}" for i in range(len(vectors))])
    standing, fresh = truth.copy(), truth.copy()
    standing[:10] = ALONE
    fresh[:5] = ALONE
    groups = go_on(points, centred(points.grid), fresh, standing, kept=())
    assert groups[:5].tolist() == [ALONE] * 5
    assert groups[5:].tolist() == truth[5:].tolist()


def points_of(vectors):
    points = to_points(vectors, [f"{i:03d}" for i in range(len(vectors))])
    assert len(points.grid) == len(vectors)  # so that a point is a row
    return points


@pytest.mark.parametrize(("kept", "n_groups"), [((), 2), ((0,), 1)])
def test_new_items_of_a_kept_group_of_two_topics_are_not_torn_off_either(kept, n_groups):
    vectors, truth = topics([30] * 4)
    points = points_of(vectors)
    standing = np.maximum(truth - 1, 0)  # topics 0 and 1 stand as group 0
    standing[np.flatnonzero(truth == 1)[:4]] = ALONE
    groups = go_on(points, centred(points.grid), truth.astype(np.int64), standing, kept)
    assert len(set(groups[truth <= 1].tolist())) == n_groups
    assert len(set(groups[truth == 1].tolist())) == 1


def test_new_items_that_say_what_stands_are_no_new_group_though_the_fresh_partition_parts_them():
    """The topic is loose: were they a group of their own, it would not be merged again."""
    vectors, truth = topics([40] * 4, spread=1.6)
    points = points_of(vectors)
    standing, fresh = truth.copy(), truth.astype(np.int64)
    new = np.flatnonzero(truth == 0)[:15]
    standing[new], fresh[new] = ALONE, 4
    groups = go_on(points, centred(points.grid), fresh, standing, kept=())
    assert groups.tolist() == truth.tolist()


@pytest.mark.parametrize(("kept", "joins"), [((), True), ((0,), False)])
def test_a_kept_group_takes_only_what_is_as_near_as_its_members(kept, joins):
    vectors, truth = topics([40] * 4)
    random = np.random.default_rng(1)
    far = vectors[truth == 0].mean(axis=0) + 1.1 * random.normal(size=(4, 64)) / 8
    far /= np.linalg.norm(far, axis=1, keepdims=True)
    points = points_of(np.vstack([vectors, far]).astype(np.float32))
    standing = np.append(truth, [ALONE] * 4)
    groups = go_on(points, centred(points.grid), np.append(truth, [0] * 4), standing, kept)
    assert groups[:160].tolist() == truth.tolist()
    assert (groups[160:] == 0).tolist() == [joins] * 4


@pytest.mark.parametrize(
    ("fresh", "standing", "kept", "expected"),
    [
        pytest.param([0, 0, 1, 1], [5, 5, 5, 5], [], [6, 6, 7, 7], id="nothing is kept"),
        pytest.param([0, 0, 1, 1], [5, 5, 5, 5], [5], [5, 5, 5, 5], id="all is kept"),
        pytest.param([0, 0, 0, 0], [5, 5, -1, 2], [5], [5, 5, 5, 5], id="what is mostly of a kept group joins it"),
        pytest.param([0, 0, 0, 0, 0], [5, 5, -1, 2, 2], [5], [5, 5, 6, 6, 6], id="what is mostly not of it does not"),
        pytest.param([0, 0, 0, 0], [5, 5, 2, 2], [5, 2], [5, 5, 2, 2], id="kept groups stay apart"),
        pytest.param(
            [0, 0, -1, -1], [5, -1, 5, -1], [5], [5, 5, 5, -1], id="an outlier joins nothing, a kept one stays"
        ),
        pytest.param([0, 1, -1], [-1, -1, -1], [], [0, 1, -1], id="nothing stood"),
    ],
)
def test_laying_anew(fresh, standing, kept, expected):
    assert lay_anew(np.array(fresh), np.array(standing), kept).tolist() == expected


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 99))
def test_closeness_is_the_mean_across_over_the_means_within(n_a, n_b, seed):
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(n_a + n_b, 6)) + 2 * np.eye(6)[0]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = vectors @ vectors.T
    a, b = slice(0, n_a), slice(n_a, None)
    within = [cosines[part, part][np.triu_indices(n, 1)].mean() for part, n in ((a, n_a), (b, n_b))]
    assume(min(within) > 0.001)
    expected = cosines[a, b].mean() / np.sqrt(within[0] * within[1])
    assert closeness(vectors[a].sum(axis=0), n_a, vectors[b].sum(axis=0), n_b) == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=30))
def test_group_cosines_are_the_means_over_the_other_members(pairs):
    groups, of = (np.array(column) for column in zip(*pairs, strict=True))
    grid = unit_on_grid(np.random.default_rng(len(pairs)).normal(size=(len(pairs), 5)))
    cosines = grid.astype(np.float64) @ grid.astype(np.float64).T / SCALE**2
    expected = []
    for i, asked in enumerate(of):
        others = [cosines[i, j] for j in range(len(pairs)) if j != i and groups[j] == asked and asked >= 0]
        expected.append(np.mean(others) if others else -1.0)
    assert group_cosines(grid, groups, of) == pytest.approx(np.array(expected))


def test_the_rim_of_a_group_is_the_twentieth_farthest_of_a_hundred_members():
    cosines = np.append(np.arange(101) / 100, 0.9)
    assert least_cosines(cosines, np.array([0] * 101 + [2]), 3).tolist() == [0.05, 0.57, 0.57]


def three_alike(n_each=10):
    middle = np.repeat(np.eye(16)[[0, 0, 1, 2]], n_each, axis=0)
    return unit_on_grid(middle + 0.1 * np.random.default_rng(0).normal(size=middle.shape))


@pytest.mark.parametrize(
    ("groups", "kept", "expected"),
    [
        pytest.param([3, 1, 5, 7], [], [1, 1, 5, 7], id="of equally large ones the lower number goes on"),
        pytest.param([3, 1, 5, 7], [3], [3, 1, 5, 7], id="a kept group is not merged"),
        pytest.param([3, 1, ALONE, 7], [], [1, 1, ALONE, 7], id="points in no group stay in none"),
        pytest.param([3, 1, ALONE, ALONE], [], [3, 1, ALONE, ALONE], id="the last two are not merged"),
    ],
)
def test_merging(groups, kept, expected):
    found = merged(np.repeat(groups, 10), three_alike(), kept)
    assert found.tolist() == np.repeat(expected, 10).tolist()


def test_the_larger_of_two_merged_groups_goes_on():
    groups = np.repeat([3, 1, 5, 7], 10)
    groups[9] = ALONE  # one fewer in group 3
    assert set(merged(groups, three_alike())[:20].tolist()) == {1, ALONE}
    groups = np.repeat([3, 1, 5, 7], 10)
    groups[19] = ALONE
    assert set(merged(groups, three_alike())[:20].tolist()) == {3, ALONE}


def test_a_group_of_one_point_is_not_merged():
    groups = np.repeat([3, 1, 5, 7], 10)
    groups[1:10] = ALONE
    assert merged(groups, three_alike()).tolist() == groups.tolist()


@pytest.mark.parametrize(
    ("keys", "standing", "kept", "is_laid_anew", "expected"),
    [
        pytest.param("aabb", [NOISE] * 4, [], False, [0, 0, 1, 1], id="nothing stands"),
        pytest.param("aabb", [4, 4, 4, 4], [], False, [0, 0, 0, 0], id="one group goes on"),
        pytest.param("aabb", [4, 4, 4, 4], [], True, [0, 0, 1, 1], id="one group is laid anew"),
        pytest.param("aabb", [4, 4, 4, 4], [4], True, [0, 0, 0, 0], id="a kept group goes on all the same"),
        pytest.param("aabb", [1, 1, 0, 0], [1], False, [0, 0, 1, 1], id="a kept group has the number of a point"),
        pytest.param("aabb", [1, 1, NOISE, NOISE], [1], True, [0, 0, 1, 1], id="and so it has when laid anew"),
        pytest.param("ab", [NOISE, 3], [3], False, [NOISE, 0], id="a kept group of one row"),
        pytest.param("aaabb", [0, 1, 1, 1, 1], [], False, [0, 0, 0, 0, 0], id="a text is where most of its rows were"),
        pytest.param("aabb", [1, 0, 1, 1], [], False, [0, 0, 1, 1], id="of equally many, in the lower number"),
        pytest.param("aaab", [0, 0, 1, 2], [1], False, [0, 0, 1, NOISE], id="a kept row shares a point with others"),
    ],
)
def test_one_or_two_points_go_on_too(keys, standing, kept, is_laid_anew, expected):
    vectors = np.eye(3, dtype=np.float32)[[ord(key) - ord("a") for key in keys]]
    standing = np.array(standing, dtype=np.int32)
    labels = cluster_vectors(vectors, list(keys), standing, kept, is_laid_anew=is_laid_anew).labels
    assert labels.tolist() == expected


def test_a_kept_group_with_the_highest_number_that_is_no_points_own_is_not_mixed_with_a_new_group():
    """Its rows share points with more rows of other groups, so no point counts for it."""
    vectors, truth = topics([30] * 6)
    twice = np.repeat(np.arange(len(vectors)), 3)
    standing = np.where(truth == 5, NOISE, truth)[twice].astype(np.int32)
    kept_rows = np.flatnonzero(standing == 0)[::9]
    standing[kept_rows] = 5
    labels = cluster_vectors(vectors[twice], np.array(keys_of(vectors))[twice].tolist(), standing, [5]).labels
    assert len(set(labels[kept_rows].tolist())) == 1
    assert not set(labels[kept_rows].tolist()) & set(np.delete(labels, kept_rows).tolist())
    assert labels.max() == 6  # six topics and the kept group


def test_a_group_for_each_row_is_needed():
    vectors, _ = topics([5])
    with pytest.raises(ValueError, match="5 rows need as many standing groups, not 4"):
        cluster_vectors(vectors, list("abcde"), np.zeros(4, dtype=np.int32))


_DIGEST = """
import hashlib, sys, numpy as np
from feedback_triage.cluster import cluster_vectors, neighbours
neighbours.EXACT_UP_TO = int(sys.argv[1])
random = np.random.default_rng(5)
n = 1200
vectors = np.repeat(random.normal(size=(30, 128)), 40, axis=0) + 1.3 * random.normal(size=(n, 128))
vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
keys = np.array([f"{i:04d}" for i in range(n)])
order = np.random.default_rng(int(sys.argv[2])).permutation(n)
standing = np.where(np.arange(n) % 10 == 0, -1, np.arange(n) // 60).astype(np.int32)
found = []
for arguments in ((), (standing[order], [2, 3])):
    result = cluster_vectors(vectors[order], keys[order].tolist(), *arguments)
    found += [result.labels[order.argsort()].tobytes(), result.membership_strength[order.argsort()].tobytes()]
print(result.n_clusters, hashlib.sha256(b"".join(found)).hexdigest())
"""


def digest_of(exact_up_to, threads, order):
    variables = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    command = [sys.executable, "-c", _DIGEST, str(exact_up_to), str(order)]
    environment = os.environ | variables | {"PYTHONHASHSEED": str(order)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "exact_up_to", [pytest.param(20_000, id="all pairs are compared"), pytest.param(300, id="cells are searched")]
)
def test_the_bytes_do_not_depend_on_threads_hash_seed_or_row_order(exact_up_to):
    outputs = {digest_of(exact_up_to, threads, order) for order, threads in enumerate("124")}
    assert len(outputs) == 1
    assert int(outputs.pop().split()[0]) > 15
