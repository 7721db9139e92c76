"""What becomes of groups of items when more items come: they go on, unless what is said asks for something else."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from feedback_triage.cluster import NOISE, cluster_vectors

NEW = NOISE
DIM = 64

# Around the directions of each topic its items are scattered. Most topics have nothing in common.
TOPICS = {name: {i: 1.0} for i, name in enumerate(["sound", "login", "video", "price", "search", "share"])} | {
    "sound, put otherwise": {0: 0.8, 10: 0.6},
    "sound of video": {0: 0.65, 2: 0.5, 11: 0.57},
    "related a": {20: 0.85, 21: 0.52},
    "related b": {20: 0.85, 22: 0.52},
}

# Beside what a case is about, four topics stand with thirty items each.
OTHERS = {name: (name, 30, 90 + i) for i, name in enumerate(["video", "price", "search", "share"])}

# Name of a part, then its topic, how many items it has, and the group it stands in.
Parts = Mapping[str, tuple[str, int, int]]


def items_of(parts: Parts, spread: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, the part of each and the standing group of each."""
    random = np.random.default_rng(seed)
    vectors, part, standing = [], [], []
    for number, (topic, n, group) in enumerate(parts.values()):
        middle = np.zeros(DIM)
        for direction, length in TOPICS[topic].items():
            middle[direction] = length
        vectors.append(middle / np.linalg.norm(middle) + spread * random.normal(size=(n, DIM)) / np.sqrt(DIM))
        part += [number] * n
        standing += [group] * n
    both = np.vstack(vectors)
    both /= np.linalg.norm(both, axis=1, keepdims=True)
    return both.astype(np.float32), np.array(part), np.array(standing, dtype=np.int32)


def groups_of(
    parts: Parts, *, kept: Sequence[int] = (), is_laid_anew: bool = False, spread: float = 0.5, seed: int = 0
) -> list[set[str]]:
    """Which parts are together afterwards, those beside the case left out; the parts in no group come last."""
    every = {**parts, **{name: other for name, other in OTHERS.items() if name not in parts}}
    vectors, part, standing = items_of(every, spread, seed)
    keys = [f"{i:05d}" for i in np.random.default_rng(seed).permutation(len(part))]
    labels = cluster_vectors(vectors, keys, standing, kept, is_laid_anew=is_laid_anew).labels
    together: dict[int, set[str]] = {}
    for number, name in enumerate(every):
        own = labels[part == number]
        most = int(np.bincount(own + 1).argmax()) - 1
        assert (own == most).mean() >= 0.8, f"{name} is scattered"
        if name in parts:
            together.setdefault(most, set()).add(name)
    none = together.pop(NOISE, set())
    return [*together.values(), *([none | {"(in no group)"}] if none else [])]


def same_sets(found: list[set[str]], expected: list[set[str]]) -> bool:
    return sorted(map(sorted, found)) == sorted(map(sorted, expected))


@pytest.mark.parametrize("seed", range(3), ids=[""] * 3)
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(
            {"old": ("sound", 20, 1), "new": ("sound", 10, NEW)},
            [{"old", "new"}],
            id="new items join what says the same",
        ),
        pytest.param(
            {"old": ("sound", 20, 1), "new": ("sound", 60, NEW)},
            [{"old", "new"}],
            id="new items join what says the same, also if they are more than all that stood",
        ),
        pytest.param(
            {"old": ("sound", 20, 1), "new": ("login", 1, NEW)},
            [{"old"}, {"new", "(in no group)"}],
            id="a new item that is far from everything is in no group",
        ),
        pytest.param(
            {"old": ("sound", 20, 1), "new": ("login", 4, NEW)},
            [{"old"}, {"new", "(in no group)"}],
            id="four new items on a topic of their own are not yet a group",
        ),
        pytest.param(
            {"old": ("sound", 20, 1), "new": ("login", 12, NEW)},
            [{"old"}, {"new"}],
            id="a dozen new items on a topic of their own are a new group",
        ),
        pytest.param(
            {"old": ("sound", 20, 1), "a": ("login", 25, NEW), "b": ("related a", 25, NEW)},
            [{"old"}, {"a"}, {"b"}],
            id="two new topics are two new groups",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("sound of video", 20, 2)},
            [{"a"}, {"b"}],
            id="groups that touch stay apart as long as each says its own",
        ),
    ],
)
def test_new_items(parts: Parts, expected: list[set[str]], seed: int) -> None:
    """What becomes of new items"""
    assert same_sets(groups_of(parts, seed=seed), expected)


@pytest.mark.parametrize("seed", range(3), ids=[""] * 3)
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("login", 15, 1)},
            [{"a"}, {"b"}],
            id="a group of two clearly different topics is split",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("login", 15, 1), "c": ("related a", 12, 1)},
            [{"a"}, {"b"}, {"c"}],
            id="a group of three clearly different topics is split in three",
        ),
        pytest.param(
            {"a": ("sound", 12, 1), "b": ("login", 4, 1)},
            [{"a", "b"}],
            id="four items are too few to be split off",
        ),
        pytest.param(
            {"a": ("sound", 90, 1), "b": ("login", 12, 1)},
            [{"a", "b"}],
            id="a small part of a large group is not split off",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("sound", 20, 2)},
            [{"a", "b"}],
            id="two groups that say the same are merged",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("sound", 20, 2), "c": ("sound, put otherwise", 20, 3)},
            [{"a", "b", "c"}],
            id="three groups that say about the same are merged",
        ),
    ],
)
def test_standing_groups(parts: Parts, expected: list[set[str]], seed: int) -> None:
    """What becomes of groups that stand"""
    assert same_sets(groups_of(parts, seed=seed, spread=0.3), expected)


@pytest.mark.parametrize("seed", range(3), ids=[""] * 3)
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(
            {"a": ("related a", 25, 1), "b": ("related b", 25, 1)},
            [{"a", "b"}],
            id="what stands together stays together",
        ),
        pytest.param(
            {"a": ("related a", 25, 1), "b": ("related b", 25, 2)}, [{"a"}, {"b"}], id="what stands apart stays apart"
        ),
    ],
)
def test_at_the_border(parts: Parts, expected: list[set[str]], seed: int) -> None:
    """Between one group and two, what stood before decides"""
    assert same_sets(groups_of(parts, seed=seed, spread=0.8), expected)


@pytest.mark.parametrize("seed", range(3), ids=[""] * 3)
@pytest.mark.parametrize(
    ("parts", "kept", "expected"),
    [
        pytest.param(
            {"a": ("sound", 25, 1), "b": ("sound", 15, 2)},
            [],
            [{"a", "b"}],
            id="two halves of a loose topic become one, though their items are far from each other",
        ),
        pytest.param(
            {"a": ("sound", 30, 1), "b": ("sound", 12, 2), "c": ("sound", 8, 3)},
            [],
            [{"a", "b", "c"}],
            id="a loose topic in three shreds becomes one again",
        ),
        pytest.param(
            {"a": ("sound", 25, 1), "b": ("sound", 15, 2)},
            [2],
            [{"a"}, {"b"}],
            id="a shred that a person edited stays apart",
        ),
        pytest.param(
            {"a": ("sound", 25, 1), "b": ("login", 25, 2)},
            [],
            [{"a"}, {"b"}],
            id="two loose topics stay apart",
        ),
    ],
)
def test_loose_topics(parts: Parts, kept: Sequence[int], expected: list[set[str]], seed: int) -> None:
    """What becomes of topics whose items say it in very different words"""
    assert same_sets(groups_of(parts, kept=kept, seed=seed, spread=1.0), expected)


@pytest.mark.parametrize("seed", range(3), ids=[""] * 3)
@pytest.mark.parametrize(
    ("parts", "kept", "expected"),
    [
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("login", 20, 1)},
            [1],
            [{"a", "b"}],
            id="two topics in a kept group stay together",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("sound", 20, 2)},
            [1, 2],
            [{"a"}, {"b"}],
            id="kept groups that say the same stay apart",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("sound", 20, 2)},
            [1],
            [{"a"}, {"b"}],
            id="a kept group is not merged with one that says the same and is not kept",
        ),
        pytest.param(
            {"a": ("sound", 1, 1), "b": ("sound", 20, 2)},
            [1],
            [{"a"}, {"b"}],
            id="a kept group of one item stays a group",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "new": ("sound", 5, NEW)}, [1], [{"a", "new"}], id="new items join a kept group"
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "new": ("login", 12, NEW)},
            [1],
            [{"a"}, {"new"}],
            id="what has nothing to do with a kept group does not join it",
        ),
    ],
)
def test_kept_groups(parts: Parts, kept: Sequence[int], expected: list[set[str]], seed: int) -> None:
    """What a person decided about a group, its items keep"""
    assert same_sets(groups_of(parts, kept=kept, seed=seed), expected)


@pytest.mark.parametrize("seed", range(3), ids=[""] * 3)
@pytest.mark.parametrize(
    ("parts", "kept", "expected"),
    [
        pytest.param(
            {"a": ("sound", 90, 1), "b": ("login", 12, 1)},
            [],
            [{"a"}, {"b"}],
            id="what stood together is split wherever it would be if it came today",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("sound", 20, 2)},
            [],
            [{"a", "b"}],
            id="what stood apart is merged wherever it would be if it came today",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("login", 20, 1)},
            [1],
            [{"a", "b"}],
            id="two topics in a kept group stay together",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "b": ("sound", 20, 2)},
            [1, 2],
            [{"a"}, {"b"}],
            id="kept groups that say the same stay apart",
        ),
        pytest.param(
            {"a": ("sound", 20, 1), "new": ("sound", 10, NEW)}, [1], [{"a", "new"}], id="new items join a kept group"
        ),
        pytest.param(
            {"a": ("sound", 5, 1), "b": ("sound", 30, 2)},
            [1],
            [{"a"}, {"b"}],
            id="a kept group takes over no more than what is mostly its own",
        ),
    ],
)
def test_laid_anew(parts: Parts, kept: Sequence[int], expected: list[set[str]], seed: int) -> None:
    """When groups are laid anew, only those that a person decided about go on"""
    assert same_sets(groups_of(parts, kept=kept, is_laid_anew=True, seed=seed), expected)


def test_where_nothing_stands_groups_are_found_from_nothing() -> None:
    vectors, _, _ = items_of(OTHERS, 0.5, 0)
    keys = [str(i) for i in range(len(vectors))]
    found = cluster_vectors(vectors, keys)
    again = cluster_vectors(vectors, keys, np.full(len(vectors), NEW, dtype=np.int32))
    assert found.n_clusters == len(OTHERS)
    assert again.labels.tolist() == found.labels.tolist()
