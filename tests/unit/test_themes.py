"""Permanent identity over clusterings."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.themes import NewCluster, StandingTheme, ThemeEventKind, match_themes, new_theme_id

BORN, CONTINUED, MERGED = ThemeEventKind.BORN, ThemeEventKind.CONTINUED, ThemeEventKind.MERGED
SPLIT, ENDED = ThemeEventKind.SPLIT, ThemeEventKind.ENDED


def axis(*weights):
    return np.array(weights, dtype=np.float32)


X, Y, Z = axis(1, 0, 0), axis(0, 1, 0), axis(0, 0, 1)


def keys(prefix, start, stop):
    return frozenset(f"{prefix}{i}" for i in range(start, stop))


def theme(theme_id, members, centroid=X, name="Old name"):
    return StandingTheme(theme_id, name, centroid, members)


def cluster(number, members, centroid=X, name="New name"):
    return NewCluster(number, name, centroid, members)


def kinds(match):
    return [(event.kind, event.theme_id, event.related_theme_ids) for event in match.events]


def test_the_first_clustering_bears_a_theme_for_each_cluster():
    match = match_themes([], [cluster(0, keys("a", 0, 5), name="A"), cluster(1, keys("b", 0, 3), name="B")])
    ids = list(match.assignments.values())
    assert len(set(ids)) == 2
    assert all(theme_id[0] == "t" and len(theme_id) == 9 for theme_id in ids)
    assert [match.names[theme_id] for theme_id in ids] == ["A", "B"]
    assert {event.kind for event in match.events} == {BORN}


def test_an_identical_run_changes_nothing_and_says_nothing():
    first = [cluster(0, keys("a", 0, 5), X, "A"), cluster(1, keys("b", 0, 3), Y, "B")]
    born = match_themes([], first)
    standing = [
        theme(born.assignments[c.cluster], c.member_keys, c.centroid, born.names[born.assignments[c.cluster]])
        for c in first
    ]
    # The numbers may differ from run to run: 1 and 0 instead of 0 and 1.
    again = match_themes(standing, [replace(c, cluster=1 - c.cluster) for c in first])
    assert again.events == ()
    assert again.assignments == {1: born.assignments[0], 0: born.assignments[1]}
    assert again.names == born.names


def test_a_theme_that_grows_goes_on():
    match = match_themes([theme("t1", keys("a", 0, 10))], [cluster(0, keys("a", 0, 14))])
    assert match.assignments == {0: "t1"}
    assert kinds(match) == [(CONTINUED, "t1", ())]
    assert match.events[0].n_members == 14


def test_a_continued_theme_keeps_its_name_while_its_centre_stays():
    match = match_themes([theme("t1", keys("a", 0, 9), X)], [cluster(0, keys("a", 0, 9), axis(1, 0.1, 0))])
    assert match.names == {"t1": "Old name"}


def test_a_continued_theme_whose_centre_moved_takes_the_new_name():
    match = match_themes([theme("t1", keys("a", 0, 9), X)], [cluster(0, keys("a", 0, 9), axis(1, 0.5, 0))])
    assert match.assignments == {0: "t1"}
    assert match.names == {"t1": "New name"}


def test_a_split_theme_goes_on_in_its_largest_part():
    old = theme("t1", keys("a", 0, 10))
    match = match_themes([old], [cluster(0, keys("a", 0, 6)), cluster(1, keys("a", 6, 10))])
    child = match.assignments[1]
    assert match.assignments[0] == "t1"
    assert set(kinds(match)) == {(CONTINUED, "t1", ()), (SPLIT, "t1", (child,)), (BORN, child, ("t1",))}


def test_merged_themes_go_on_in_the_larger_one():
    match = match_themes(
        [theme("t1", keys("a", 0, 10)), theme("t2", keys("b", 0, 4))],
        [cluster(0, keys("a", 0, 10) | keys("b", 0, 4))],
    )
    assert match.assignments == {0: "t1"}
    assert kinds(match) == [(CONTINUED, "t1", ()), (MERGED, "t2", ("t1",))]


def test_a_theme_whose_members_are_gone_ends():
    match = match_themes([theme("t1", keys("a", 0, 4), X)], [cluster(0, keys("b", 0, 4), Y)])
    assert set(kinds(match)) == {(ENDED, "t1", ()), (BORN, match.assignments[0], ())}


def test_without_a_shared_text_a_near_centre_continues_the_theme():
    match = match_themes([theme("t1", keys("a", 0, 4), X)], [cluster(0, keys("b", 0, 4), axis(1, 0.2, 0))])
    assert match.assignments == {0: "t1"}


def test_new_texts_do_not_count_against_a_theme():
    """Three old members among a hundred new ones are all that both sides know, and they agree."""
    match = match_themes([theme("t1", keys("a", 0, 3))], [cluster(0, keys("a", 0, 3) | keys("n", 0, 100), Y)])
    assert match.assignments == {0: "t1"}


def test_the_best_sum_of_agreements_wins_over_the_first_that_fits():
    standing = [theme("t1", keys("a", 0, 10)), theme("t2", keys("b", 0, 10))]
    mixed = cluster(0, keys("a", 0, 4) | keys("b", 0, 9))
    rest = cluster(1, keys("a", 4, 10))
    match = match_themes(standing, [mixed, rest])
    assert match.assignments == {0: "t2", 1: "t1"}


def test_no_two_themes_get_one_name():
    match = match_themes(
        [theme("t1", keys("a", 0, 4), X, "Login fails")],
        [cluster(0, keys("a", 0, 4), X, "Login fails"), cluster(1, keys("b", 0, 4), Y, "login fails")],
    )
    assert sorted(match.names.values()) == ["Login fails", "login fails (2)"]


def test_an_id_that_is_taken_is_not_given_again():
    members = keys("a", 0, 4)
    first = new_theme_id(members)
    second = new_theme_id(members, {first})
    assert second.startswith(first)
    assert second != first
    match = match_themes([], [cluster(0, members)], taken_ids=frozenset({first}))
    assert match.assignments == {0: second}


def test_an_id_is_found_even_when_every_length_is_taken():
    members, taken = keys("a", 0, 2), set()
    for _ in range(80):
        theme_id = new_theme_id(members, taken)
        assert theme_id not in taken
        taken.add(theme_id)


def test_numbers_that_come_twice_are_refused():
    with pytest.raises(ValueError, match="unique"):
        match_themes([], [cluster(0, keys("a", 0, 2)), cluster(0, keys("b", 0, 2))])


partitions = st.lists(st.integers(0, 4), min_size=1, max_size=25)


def _clusters(labels):
    return [
        cluster(number, frozenset(f"k{i}" for i, label in enumerate(labels) if label == number), Y, f"C{number}")
        for number in sorted(set(labels))
    ]


@given(partitions, partitions, st.randoms(use_true_random=False))
def test_any_two_clusterings_match_the_same_in_any_order(old, new, shuffler):
    born = match_themes([], _clusters(old))
    standing = [theme(born.assignments[c.cluster], c.member_keys, X) for c in _clusters(old)]
    groups = _clusters(new)
    match = match_themes(standing, groups)
    ids = list(match.assignments.values())
    assert len(set(ids)) == len(groups)
    assert len({name.casefold() for name in match.names.values()}) == len(match.names) == len(ids)
    ceased = {e.theme_id for e in match.events if e.kind in (MERGED, ENDED)}
    assert ceased == {s.theme_id for s in standing} - set(ids)
    assert {e.theme_id for e in match.events if e.kind is BORN} == set(ids) - {s.theme_id for s in standing}
    for event in match.events:
        if event.kind is MERGED:
            assert set(event.related_theme_ids) <= set(ids)
    shuffler.shuffle(standing)
    shuffler.shuffle(groups)
    assert match_themes(standing, groups) == match
