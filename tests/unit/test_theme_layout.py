"""Themes and items on a plane: apart, inside the box, and the same whatever the order."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.themes.discs import GAP, gaps, place_discs
from feedback_triage.themes.layout import HEIGHT, LEAST_DOTS, MOST_THEMES, WIDTH, choose_dots, lay_out
from tests.support.theme_map import bundles


def laid_out(sizes, seed=7, **options):
    vectors, themes, strengths = bundles(sizes, seed)
    keys = [f"item-{n:05d}" for n in range(len(themes))]
    return lay_out(vectors, themes, strengths, keys, sizes=sizes, **options), themes, strengths


def assert_is_a_map(found, themes):
    """Finite, inside the box, no disc over another, every item in the disc of its theme."""
    for values in (found.points, found.centres, found.radii):
        assert np.isfinite(values).all()
        assert np.array_equal(values, np.round(values, 1))
    assert (found.radii > 0).all()
    for axis, room in enumerate((WIDTH, HEIGHT)):
        assert (found.centres[:, axis] - found.radii >= 0).all()
        assert (found.centres[:, axis] + found.radii <= room).all()
    if len(found.radii) > 1:
        assert gaps(found.centres, found.radii).min() >= 0.5
    away = np.hypot(*(found.points - found.centres[themes]).T)
    assert (away <= found.radii[themes]).all()


@pytest.mark.parametrize("sizes", [[1], [2], [3, 2], [40, 3, 1], [1] * 4, [900, 2, 2, 2], [30] * 25, [7] * MOST_THEMES])
def test_any_number_of_themes_makes_a_map(sizes):
    found, themes, _ = laid_out(sizes)
    assert_is_a_map(found, themes)


def test_no_theme_makes_an_empty_map():
    found = lay_out(np.zeros((0, 4), dtype=np.float32), np.zeros(0, dtype=int), np.zeros(0), [], sizes=[])
    assert found.points.shape == (0, 2)
    assert found.centres.shape == (0, 2)
    assert len(choose_dots(np.array([-1, -1]), np.ones(2), ["a", "b"])) == 0


def test_themes_with_the_very_same_vectors_still_lie_apart():
    vectors = np.zeros((60, 8), dtype=np.float32)
    vectors[:, 0] = 1
    themes = np.repeat(np.arange(6), 10)
    found = lay_out(vectors, themes, np.ones(60), [f"{n:02d}" for n in range(60)], sizes=[10] * 6)
    assert_is_a_map(found, themes)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(0, 10_000))
def test_themes_of_any_sizes_make_a_map(sizes, seed):
    found, themes, _ = laid_out(sizes, seed)
    assert_is_a_map(found, themes)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_and_themes_does_not_matter(seed):
    sizes = [25, 25, 12, 9, 4]
    vectors, themes, strengths = bundles(sizes, seed)
    strengths = strengths.round(1)  # many ties
    keys = np.array([f"item-{n:03d}" for n in range(len(themes))])
    generator = np.random.default_rng(seed)
    rows, names = generator.permutation(len(themes)), generator.permutation(len(sizes))
    straight = lay_out(vectors, themes, strengths, list(keys), sizes=sizes)
    renamed = np.argsort(names)[themes][rows]
    mixed = lay_out(vectors[rows], renamed, strengths[rows], list(keys[rows]), sizes=[sizes[name] for name in names])
    assert np.array_equal(mixed.points, straight.points[rows])
    assert np.array_equal(mixed.centres, straight.centres[names])
    assert np.array_equal(mixed.radii, straight.radii[names])
    assert np.array_equal(names[mixed.nearest], straight.nearest[names])


def test_the_number_of_threads_does_not_matter():
    """The same bytes with one thread and with four."""
    code = (
        "import hashlib; from tests.unit.test_theme_layout import laid_out;"
        "found, _, _ = laid_out([300] * 6 + [80] * 9);"
        "print(hashlib.sha256(found.points.tobytes() + found.centres.tobytes()).hexdigest())"
    )
    digests = set()
    for n in ("1", "4"):
        environment = os.environ | {"OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "PYTHONPATH": "."}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1


def test_surer_items_lie_nearer_to_the_middle():
    found, themes, strengths = laid_out([200, 150])
    for theme in (0, 1):
        away = np.hypot(*(found.points[themes == theme] - found.centres[theme]).T)
        order = np.argsort(-strengths[themes == theme])
        assert away[order][:40].max() < away[order][-40:].min()


def test_dots_do_not_hide_each_other():
    found, themes, _ = laid_out([300, 120, 40])
    for theme in range(3):
        points = found.points[themes == theme]
        apart = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)) + 1e9 * np.eye(len(points))
        even = found.radii[theme] * np.sqrt(np.pi / len(points))
        assert apart.min() > 0.6 * even


def test_an_item_leans_to_the_theme_it_is_next_closest_to():
    """Half of the items of the first theme look at the second, half at the third."""
    axes = np.eye(3, dtype=np.float32)
    rows, themes = [], []
    for theme in range(3):
        for n in range(80):
            other = axes[(theme + 1 + n % 2) % 3]
            rows.append(axes[theme] + 0.3 * other)
            themes.append(theme)
    vectors = np.array(rows, dtype=np.float32) / np.linalg.norm(rows, axis=1, keepdims=True).astype(np.float32)
    found = lay_out(vectors, np.array(themes), np.ones(240), [f"{n:03d}" for n in range(240)], sizes=[80] * 3)
    leaning = (found.points[:80] - found.centres[0]) @ (found.centres[1] - found.centres[2])
    assert (leaning[0::2] > 0).mean() > 0.8
    assert (leaning[1::2] < 0).mean() > 0.8


def test_themes_that_are_alike_lie_nearer_than_those_that_are_not():
    """Two families of three: each theme's nearest disc is of its own family."""
    generator = np.random.default_rng(3)
    family = np.repeat(generator.normal(size=(2, 16)), 3, axis=0)
    middles = family + 0.35 * generator.normal(size=(6, 16))
    vectors = np.repeat(middles, 10, axis=0) + 0.05 * generator.normal(size=(60, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    themes = np.repeat(np.arange(6), 10)
    found = lay_out(vectors, themes, np.ones(60), [f"{n:02d}" for n in range(60)], sizes=[10] * 6)
    closest = gaps(found.centres, found.radii).argmin(axis=1)
    assert (closest // 3 == np.arange(6) // 3).all()
    assert (found.nearest // 3 == np.arange(6) // 3).all()


def test_themes_of_one_area_come_closer():
    sizes = [20] * 8
    areas = ["a", "b"] * 4
    room = []
    for given_areas in ((), areas):
        found, _, _ = laid_out(sizes, areas=given_areas)
        apart = gaps(found.centres, found.radii)
        is_kin = np.array(areas)[:, None] == np.array(areas)[None, :]
        room.append(apart[is_kin & ~np.eye(8, dtype=bool)].mean())
    assert room[1] < room[0]


def test_a_full_box_makes_the_discs_smaller_and_never_lets_them_overlap():
    distances = 1 - np.eye(12)
    centres, radii = place_discs(distances, np.full(12, 140.0), (WIDTH, HEIGHT), np.eye(12)[:, :2])
    assert gaps(centres, radii).min() > 0.5
    assert (radii < 140).all()
    assert (radii > 80).all()


def test_few_items_make_small_discs():
    found, _, _ = laid_out([2])
    assert found.radii[0] == 26.0


def test_a_part_of_many_items_is_drawn_in_proportion_from_sure_to_unsure():
    sizes = np.array([6_000, 3_000, 1_000, 5])
    themes = np.repeat(np.arange(4), sizes)
    strengths = np.concatenate([np.linspace(1, 0, n) for n in sizes])
    chosen = choose_dots(themes, strengths, [f"{n:06d}" for n in range(len(themes))], most=1_000)
    n_drawn = np.bincount(themes[chosen])
    assert n_drawn.tolist() == [599, 299, 99, 5]
    assert abs(np.median(strengths[chosen][themes[chosen] == 0]) - 0.5) < 0.01
    assert len(set(chosen.tolist())) == len(chosen)


def test_a_small_theme_among_many_items_keeps_some_dots():
    themes = np.array([0] * 100_000 + [1] * 40)
    chosen = choose_dots(themes, np.ones(len(themes)), [f"{n:06d}" for n in range(len(themes))])
    assert (themes[chosen] == 1).sum() == LEAST_DOTS


def test_the_choice_does_not_depend_on_the_order_of_the_rows():
    themes, strengths = np.arange(5_000) % 3, (np.arange(5_000) % 7) / 7
    keys = np.array([f"{n:05d}" for n in range(5_000)])
    rows = np.random.default_rng(1).permutation(5_000)
    straight = keys[choose_dots(themes, strengths, list(keys))]
    mixed = keys[rows][choose_dots(themes[rows], strengths[rows], list(keys[rows]))]
    assert straight.tolist() == mixed.tolist()


@pytest.mark.parametrize(
    ("themes", "sizes", "told"),
    [
        pytest.param([0, -1], [1], "lie in 0 to 0", id="a row without a theme"),
        pytest.param([0, 2], [1, 1], "lie in 0 to 1", id="a theme that does not exist"),
        pytest.param([0, 0], [2, 1], "needs a row", id="a theme without a row"),
    ],
)
def test_rows_and_themes_must_fit(themes, sizes, told):
    with pytest.raises(ValueError, match=told):
        lay_out(np.eye(2, dtype=np.float32), np.array(themes), np.ones(2), ["a", "b"], sizes=sizes)


def test_vectors_must_have_unit_length():
    with pytest.raises(ValueError, match="unit length"):
        lay_out(2 * np.eye(2, dtype=np.float32), np.array([0, 0]), np.ones(2), ["a", "b"], sizes=[2])


def test_discs_stand_side_by_side_with_a_gap():
    found, _, _ = laid_out([50] * 3)
    assert gaps(found.centres, found.radii).min() >= GAP - 1
