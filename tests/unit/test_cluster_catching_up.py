"""Groups that have come to fit badly catch up with a fresh partition, and those that fit well are left alone."""

import numpy as np
import pytest

from feedback_triage.cluster.catching_up import FEWEST_POINTS, WELL_ENOUGH, caught_up
from feedback_triage.cluster.fit import Fit
from feedback_triage.cluster.moves import ALONE
from feedback_triage.cluster.neighbours import voices
from feedback_triage.cluster.points import to_points
from feedback_triage.cluster.space import main_directions


def cloud(sizes, seed=0):
    """Points of as many topics, and the topic of each."""
    random = np.random.default_rng(seed)
    topic = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(64)[topic] + 1.2 * random.normal(size=(len(topic), 64)) / 8
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    points = to_points(vectors, [f"{i:04d}" for i in range(len(topic))])
    assert len(points.grid) == len(topic)
    return points, topic.astype(np.int64)


def moved(points, groups, fresh, kept=()):
    return caught_up(groups, points, main_directions(points.grid), fresh, kept)


def level(points, groups):
    return Fit(main_directions(points.grid), voices(points.graph), groups, room=0).level


@pytest.mark.parametrize("seed", range(3))
def test_a_topic_that_is_spread_over_several_groups_is_gathered(seed):
    """None of its parts is enough of any group to be torn off by itself into what they are together."""
    points, topic = cloud([120, 120, 120, 120, 108], seed)
    groups = topic.copy()
    groups[topic == 4] = np.arange(108) % 4
    found = moved(points, groups, topic)
    assert found[topic == 4].tolist() == [4] * 108
    assert found[topic != 4].tolist() == groups[topic != 4].tolist()
    assert level(points, found) > level(points, groups)


@pytest.mark.parametrize("seed", range(3))
def test_the_group_that_is_mostly_one_topic_takes_its_other_parts(seed):
    points, topic = cloud([130, 130, 130, 130], seed)
    groups = topic.copy()
    groups[:39], groups[130:169], groups[260:299] = 1, 2, 0
    found = moved(points, groups, topic)
    assert (found == topic).mean() > 0.9
    assert set(found.tolist()) == set(range(4))


@pytest.mark.parametrize("seed", range(3))
def test_groups_that_fit_well_enough_are_left_alone_whatever_is_proposed(seed):
    points, topic = cloud([160, 120, 120, 120], seed)
    groups = topic.copy()
    groups[:5] = 1
    assert level(points, groups) >= WELL_ENOUGH * level(points, topic)
    assert moved(points, groups, topic).tolist() == groups.tolist()
    coarse = np.minimum(topic, 1)
    assert moved(points, topic, coarse).tolist() == topic.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_shreds_that_are_seen_together_become_one(seed):
    points, topic = cloud([130, 130, 130, 130], seed)
    shreds = np.arange(520) // 26
    found = moved(points, shreds, topic)
    pairs = set(zip(found.tolist(), topic.tolist(), strict=True))
    assert len(pairs) == len(set(found.tolist()))  # never across topics
    assert len(pairs) < 20
    assert level(points, found) >= WELL_ENOUGH * level(points, topic)


def test_kept_groups_and_points_in_none_stay():
    points, topic = cloud([120, 120, 120, 120, 108])
    groups = topic.copy()
    groups[topic == 4] = np.arange(108) % 4
    groups[:3] = ALONE
    found = moved(points, groups, topic, kept=[1])
    assert found[groups == 1].tolist() == groups[groups == 1].tolist()
    assert not ((found == 1) & (groups != 1)).any()
    assert found[:3].tolist() == [ALONE] * 3
    assert found.max() == 4  # what is not in the kept group is gathered


@pytest.mark.parametrize("seed", range(3))
def test_once_caught_up_nothing_more_moves(seed):
    random = np.random.default_rng(seed)
    points, topic = cloud([120, 120, 120, 120, 108], seed)
    found = random.integers(0, 7, size=len(topic))
    for _ in range(12):
        before, found = found, moved(points, found, topic)
        if (before == found).all():
            break
    assert (before == found).all()


def test_without_any_group_there_is_nothing_to_catch_up():
    points, topic = cloud([200, 200, 200])
    none = np.full(600, ALONE)
    assert moved(points, none, topic).tolist() == none.tolist()
    assert moved(points, topic, none).tolist() == topic.tolist()


def test_a_small_set_is_left_alone():
    """Of few points a move is a large part."""
    points, topic = cloud([100, 100, 100, 100, 99])
    assert len(topic) == FEWEST_POINTS - 1
    groups = topic.copy()
    groups[topic == 4] = np.arange(99) % 4
    assert moved(points, groups, topic).tolist() == groups.tolist()
