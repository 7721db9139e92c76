"""Areas: themes that speak of like things, the same whatever the order, and kept from run to run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.themes import areas as rules
from feedback_triage.themes import carry_names, find_areas

DIM = 384  # as many as the shipped encoder has


def themes_of(sizes, seed=1, spread=0.6):
    """Centroids of bundles of themes, by an id that tells the bundle."""
    generator = np.random.default_rng(seed)
    middles = np.linalg.qr(generator.normal(size=(DIM, DIM)))[0][: len(sizes)]
    return {
        f"t{bundle}-{n}": 1.5 + middles[bundle] + spread * generator.normal(size=DIM) / np.sqrt(DIM)
        for bundle, size in enumerate(sizes)
        for n in range(size)
    }


def scattered(n, seed=1):
    """Centroids that lie anyhow."""
    generator = np.random.default_rng(seed)
    return {f"t{i:03d}": 1.5 + generator.normal(size=DIM) / np.sqrt(DIM) for i in range(n)}


def named(found):
    """Areas by name, as a later run is told them."""
    return {theme_id: "" if area == rules.NONE else f"area {area}" for theme_id, area in found.items()}


def test_themes_that_speak_of_like_things_share_an_area():
    found = find_areas(themes_of([7, 6, 5, 4]), {})
    assert found == {theme_id: int(theme_id[1]) for theme_id in found}


def test_a_theme_unlike_all_others_is_in_no_area():
    found = find_areas(themes_of([6, 6, 5, 1]), {})
    assert found["t3-0"] == rules.NONE
    assert sorted(set(found.values())) == [-1, 0, 1, 2]


@pytest.mark.parametrize(
    "centroids",
    [
        pytest.param({}, id="no theme"),
        pytest.param(themes_of([1]), id="one theme"),
        pytest.param(themes_of([4, 4, 3]), id="too few themes to need a level above"),
        pytest.param(themes_of([16]), id="themes of one kind"),
        pytest.param(themes_of([12, 12]), id="two halves, such as two languages"),
        pytest.param(themes_of([1] * 30), id="themes each unlike all others"),
        pytest.param({f"t{i}": np.ones(DIM) for i in range(20)}, id="themes with the same centroid"),
        pytest.param({f"t{i}": np.zeros(DIM) for i in range(20)}, id="themes without a centroid"),
    ],
)
def test_there_are_no_areas_where_themes_do_not_gather(centroids):
    assert find_areas(centroids, {}) == dict.fromkeys(centroids, rules.NONE)


@pytest.mark.parametrize("n", [12, 20, 40, 80])
@pytest.mark.parametrize("seed", range(5))
def test_chance_makes_no_areas(n, seed):
    centroids = scattered(n, seed)
    assert find_areas(centroids, {}) == dict.fromkeys(centroids, rules.NONE)


bundle_sizes = st.lists(st.integers(1, 8), min_size=2, max_size=7)
seeds = st.integers(0, 10_000)
spreads = st.sampled_from([0.5, 1.0, 1.5, 2.0])


@settings(max_examples=60, deadline=None)
@given(bundle_sizes, seeds, spreads)
def test_laws_of_any_division(sizes, seed, spread):
    centroids = themes_of(sizes, seed, spread)
    found = find_areas(centroids, {})
    assert set(found) == set(centroids)
    counts = np.bincount([area for area in found.values() if area != rules.NONE])
    assert len(counts) != 1
    assert (counts >= 2).all()
    assert list(counts) == sorted(counts, reverse=True)
    if len(counts):
        assert len(found) >= rules.FEWEST_THEMES
        assert counts.sum() >= rules.LEAST_SHARE * len(found)
        assert counts.max() <= rules.LARGEST_SHARE * len(found)
    shuffled = list(centroids.items())
    np.random.default_rng(seed).shuffle(shuffled)
    assert find_areas(dict(shuffled), {}) == found
    # The length of a centroid says how alike its items are, not what they are about.
    assert find_areas({theme_id: 3.7 * centroid for theme_id, centroid in centroids.items()}, {}) == found
    assert find_areas(centroids, named(found)) == found, "asked again with nothing new, nothing changes"


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_what_stands_stays_while_it_is_nearly_as_good(seed):
    sizes = [7, 6, 5, 4]
    centroids = themes_of(sizes, seed)
    found = find_areas(centroids, {})
    noise = np.random.default_rng(seed + 1)
    moved = {key: centroid + 0.3 * noise.normal(size=DIM) / np.sqrt(DIM) for key, centroid in centroids.items()}
    assert find_areas(moved, named(found)) == found


def test_a_standing_division_gives_way_to_a_much_better_one():
    centroids = themes_of([7, 6, 5, 4])
    mixed = {theme_id: f"area {int(theme_id[-1]) % 4}" for theme_id in centroids}
    assert find_areas(centroids, mixed) == find_areas(centroids, {})


def test_a_new_theme_joins_the_area_it_is_near_to():
    centroids = themes_of([7, 6, 5, 4])
    before = named(find_areas({key: value for key, value in centroids.items() if key != "t1-5"}, {}))
    now = find_areas(centroids, before)
    assert now["t1-5"] == now["t1-0"] != rules.NONE
    assert {theme_id: name for theme_id, name in named(now).items() if theme_id in before}.keys() == before.keys()
    assert carry_names(now, before)[now["t1-5"]] == before["t1-0"]


def test_areas_outlast_a_theme_that_ends():
    centroids = themes_of([4, 4, 4])
    before = named(find_areas(centroids, {}))
    left = {theme_id: centroid for theme_id, centroid in centroids.items() if theme_id != "t0-0"}
    assert find_areas(left, {}) == dict.fromkeys(left, rules.NONE), "new areas would need one theme more"
    assert {before[theme_id] for theme_id in left} == set(carry_names(find_areas(left, before), before).values())


def test_themes_that_stood_without_areas_need_more_to_get_some():
    centroids = themes_of([4, 4, 4])
    assert max(find_areas(centroids, {}).values()) == 2
    assert find_areas(centroids, dict.fromkeys(centroids, "")) == dict.fromkeys(centroids, rules.NONE)


@pytest.mark.parametrize(
    ("areas", "before", "names"),
    [
        pytest.param({"a": 0, "b": 0}, {"a": "Mail", "b": "Mail"}, {0: "Mail"}, id="the same themes keep the name"),
        pytest.param(
            {"a": 0, "b": 0, "c": 0}, {"a": "Mail", "b": "Mail"}, {0: "Mail"}, id="a new theme changes nothing"
        ),
        pytest.param({"a": 0, "b": 0}, {"a": "Mail", "b": ""}, {}, id="half of the themes are not most of them"),
        pytest.param(
            {"a": 0, "b": 0, "c": 1, "d": 1},
            dict.fromkeys("abcd", "Mail"),
            {},
            id="an area torn in halves loses its name",
        ),
        pytest.param(
            {"a": 0, "b": 0, "c": 0, "d": -1},
            dict.fromkeys("abcd", "Mail"),
            {0: "Mail"},
            id="an area that lost a theme keeps its name",
        ),
        pytest.param(
            {"a": 0, "b": 0, "c": 0},
            {"a": "Mail", "b": "Mail", "c": "Sound", "d": "Sound"},
            {0: "Mail"},
            id="where two areas become one the larger part names it",
        ),
        pytest.param(
            {"a": 0, "b": 0}, {"a": "Mail", "b": "Mail", "x": "Mail"}, {0: "Mail"}, id="ended themes do not count"
        ),
        pytest.param({"a": -1, "b": -1}, {"a": "Mail", "b": "Mail"}, {}, id="no area, no name"),
        pytest.param({"a": 0, "b": 0}, {}, {}, id="the first time"),
    ],
)
def test_an_area_keeps_its_name_while_most_of_its_themes_are_the_same(areas, before, names):
    assert carry_names(areas, before) == names
