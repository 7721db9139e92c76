"""Splits and merges of standing groups: what they are worth, and that chance alone makes none."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.cluster import NOISE, cluster_vectors
from feedback_triage.cluster.fit import MOST_ASKED, Fit
from feedback_triage.cluster.grid import unit_on_grid
from feedback_triage.cluster.moves import ALONE, LEAST_WORTH, torn_and_rejoined
from feedback_triage.cluster.points import to_points
from feedback_triage.cluster.silhouette import silhouettes
from feedback_triage.cluster.space import centred, main_directions


def shading_texts(n, *, n_topics=8, spread=1.5, seed=0):
    """Unit vectors that shade into each other: each is a mixture of topics, mostly of one or two."""
    random = np.random.default_rng(seed)
    topics = random.normal(size=(n_topics, 64))
    topics /= np.linalg.norm(topics, axis=1, keepdims=True)
    mixed = random.dirichlet(np.full(n_topics, 0.3), size=n) @ topics
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    vectors = mixed + 0.3 * np.eye(64)[0] + spread * random.normal(size=(n, 64)) / 8
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def keys_of(vectors):
    return [hashlib.sha256(vector.tobytes()).hexdigest() for vector in vectors]


@pytest.mark.parametrize(("n_topics", "spread", "seed"), [(8, 1.5, 0), (8, 2.5, 1), (12, 1.5, 0)])
def test_groups_that_grow_step_by_step_do_not_fall_apart(n_topics, spread, seed):
    """Where there are many about equally good partitions, each step proposes other borders."""
    vectors = shading_texts(600, n_topics=n_topics, spread=spread, seed=seed)
    keys = keys_of(vectors)
    labels = np.full(len(keys), NOISE, dtype=np.int32)
    n_groups = []
    for n in range(100, len(keys) + 1, 20):
        labels[:n] = cluster_vectors(vectors[:n], keys[:n], labels[:n]).labels
        n_groups.append(int(labels.max()) + 1)
    n_fresh = cluster_vectors(vectors, keys).n_clusters
    assert n_groups[-1] <= 1.25 * max(n_groups[0], n_fresh)


def test_shreds_of_a_topic_are_joined_again_with_nothing_new():
    random = np.random.default_rng(0)
    topics = 1.2 * np.eye(64)[np.repeat(np.arange(6), 40)] + random.normal(size=(240, 64)) / 8
    vectors = (topics / np.linalg.norm(topics, axis=1, keepdims=True)).astype(np.float32)
    standing = np.repeat(np.arange(6), 40)
    shredded = standing.copy()
    shredded[:13], shredded[13:26] = 6, 7
    labels = cluster_vectors(vectors, keys_of(vectors), shredded.astype(np.int32)).labels
    assert len(set(zip(standing.tolist(), labels.tolist(), strict=True))) == 6


def cloud(n, seed=0):
    """Points of five topics, the first of which has `n`, and their topics."""
    random = np.random.default_rng(seed)
    topic = np.repeat(np.arange(5), [n, 30, 30, 30, 30])
    vectors = np.eye(64)[topic] + 1.2 * random.normal(size=(len(topic), 64)) / 8
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    points = to_points(vectors, [f"{i:03d}" for i in range(len(topic))])
    assert len(points.grid) == len(topic)
    return points, topic.astype(np.int64)


def moved(points, groups, fresh, kept=()):
    return torn_and_rejoined(groups, points, centred(points.grid), main_directions(points.grid), fresh, kept)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [6, 15, 30])
def test_what_a_fresh_partition_cuts_through_a_single_topic_is_not_torn_off(size, seed):
    """Even the cut that makes the part as close as can be."""
    points, topic = cloud(60, seed)
    fresh = topic.copy()
    middle = points.grid[:60].mean(axis=0) + points.grid[seed]
    fresh[np.argsort(-(points.grid[:60] @ middle), kind="stable")[:size]] = 5
    assert moved(points, topic, fresh).tolist() == topic.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_parts_of_one_topic_are_joined_where_the_fresh_partition_sees_them_together(seed):
    points, topic = cloud(60, seed)
    groups = topic.copy()
    groups[:25] = 5
    assert moved(points, groups, topic).tolist() == topic.tolist()  # the larger part goes on
    assert moved(points, groups, groups).tolist() == groups.tolist()
    assert moved(points, groups, topic, kept=[5]).tolist() == groups.tolist()
    assert moved(points, groups, topic, kept=[0]).tolist() == groups.tolist()


def test_topics_that_a_coarse_partition_puts_together_stay_apart():
    points, topic = cloud(30)
    assert moved(points, topic, np.minimum(topic, 2)).tolist() == topic.tolist()


def test_topics_in_one_group_are_torn_apart_and_the_largest_keeps_its_number():
    points, topic = cloud(40)
    found = moved(points, np.where(topic == 1, 0, topic), topic)
    assert found.tolist() == np.where(topic == 1, 5, topic).tolist()


def test_an_outlier_that_was_said_often_stays_a_group_of_its_own():
    points, topic = cloud(30)
    groups = topic.copy()
    groups[0] = 5
    assert moved(points, groups, topic).tolist() == groups.tolist()


@st.composite
def groups_in_space(draw):
    """Points in a few directions, weights, and groups of which some may be empty and some points are in none."""
    n = draw(st.integers(6, 40))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    space = unit_on_grid(random.normal(size=(n, draw(st.integers(2, 8)))) + 0.1)
    groups = random.integers(ALONE, draw(st.integers(2, 6)), size=n).astype(np.int64)
    groups[:4] = [0, 0, 0, 1]
    return space, random.uniform(0.1, 1, size=n), groups


def plain_worth(space, weights, before, after):
    """From the silhouettes of all members before and after."""
    member = before != ALONE
    found = [silhouettes(space[member], np.unique(g[member], return_inverse=True)[1]) for g in (before, after)]
    changes = (found[1] - found[0]) * weights[member]
    return changes, changes.sum() / max(np.sqrt((changes**2).sum()), 1e-12)


@settings(max_examples=80, deadline=None)
@given(groups_in_space())
def test_the_worth_of_a_move_is_what_all_silhouettes_say(found):
    """Only those that can change are computed, so it is compared with computing all."""
    space, weights, groups = found
    number = int(groups.max()) + 1
    part = np.flatnonzero(groups == 0)[:2]
    torn = groups.copy()
    torn[part] = number
    fit = Fit(space, weights, groups, room=1)
    changes, worth = plain_worth(space, weights, groups, torn)
    assert fit.worth_of_moving(part, number)[0] == pytest.approx(worth, abs=1e-5) or abs(changes).max() < 1e-8
    fit.move(part, number)
    joined = np.where(torn == 1, number, torn)
    changes, worth = plain_worth(space, weights, torn, joined)
    sides = [changes[torn[torn != ALONE] == group].sum() for group in (1, number)]
    if abs(changes).max() > 1e-8 and min(map(abs, sides)) > 2e-6:  # else a last bit decides
        expected = worth if min(sides) > 0 else 0.0
        assert fit.worth_of_merging(number, 1) == pytest.approx(expected, abs=1e-5)
    fit.move(np.flatnonzero(torn == 1), number)
    part = np.flatnonzero(joined == number)[:1]
    again = joined.copy()
    again[part] = 1
    changes, worth = plain_worth(space, weights, joined, again)
    assert fit.worth_of_moving(part, 1)[0] == pytest.approx(worth, abs=1e-5) or abs(changes).max() < 1e-8


@pytest.mark.parametrize("larger", [0, 1])
def test_two_groups_are_not_joined_only_because_others_would_sit_better(larger):
    """A small close group is the next best of many points, also of those in the group that it would go into."""
    random = np.random.default_rng(0)
    middles = np.eye(12)[[0, 1, 2, 3]]
    middles[3] = np.array([0.1, 0.7, 0.7] + 9 * [0])
    groups = np.repeat(np.arange(4), [40, 40, 40, 6])
    spread = np.array([0.25, 0.25, 0.25, 0.02])[groups][:, None]
    space = unit_on_grid(middles[groups] + spread * random.normal(size=(126, 12)))
    changes, worth = plain_worth(space, np.ones(126), groups, np.where(groups == 3, larger, groups))
    assert worth > LEAST_WORTH
    assert changes[groups == 3].sum() < 0
    assert (changes[groups == larger].sum() > 0) == (larger == 1)
    assert Fit(space, np.ones(126), groups, room=0).worth_of_merging(larger, 3) == 0.0


def test_of_a_large_set_only_some_points_are_asked():
    random = np.random.default_rng(0)
    groups = np.arange(2 * MOST_ASKED, dtype=np.int64) % 4
    space = unit_on_grid(np.eye(4)[groups // 2 * 2] + 0.5 * random.normal(size=(len(groups), 4)))
    weights = np.ones(len(groups))
    assert Fit(space, weights, groups, room=0).worth_of_merging(0, 1) > LEAST_WORTH
    assert Fit(space, weights, groups // 2, room=1).worth_of_moving(np.flatnonzero(groups == 0), 2)[0] < 0
