"""Names, keyphrases and exemplars."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.describe import describe_clusters
from feedback_triage.describe.counting import read_phrases
from feedback_triage.describe.phrases import clauses, stem
from feedback_triage.describe.stopwords import NEGATIONS, PARTICLES, STOP_WORDS
from feedback_triage.describe.vocabulary import Vocabulary

LINKS = [
    "The footer link leads to a dead page",
    "Footer link is dead since the new theme",
    "I click the footer link and get a dead page",
    "Why is the footer link dead?",
]
LINEUPS = [
    "My line-up changes are missing in the app",
    "Line-up changes do not reach the app",
    "The app still shows the old line-up",
    "line-up changes are late in the app",
]
CAPTIONS = ["Captions vanish after the upload", "My uploaded captions vanish", "Captions vanish, please help"]


def describe(*groups, product_words=frozenset(), order=None):
    """Describe groups of texts whose vectors are near one axis each, the first text nearest."""
    texts = [text for group in groups for text in group]
    labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups]).astype(np.int32)
    vectors = np.eye(len(groups) + 1)[labels]
    vectors[:, -1] = [0.01 * i for group in groups for i in range(len(group))]
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    order = np.arange(len(texts)) if order is None else np.array(order)
    strengths = np.full(len(texts), 0.8, dtype=np.float32)
    shuffled = [texts[i] for i in order]
    found = describe_clusters(shuffled, labels[order], vectors[order], strengths, product_words=product_words)
    return found, shuffled


def test_names_are_what_customers_say_and_tell_the_siblings_apart():
    found, _ = describe(LINKS, LINEUPS, CAPTIONS)
    names = [description.name for description in found]
    assert "ink" in names[0]
    assert "ine-up" in names[1]
    assert "aptions" in names[2]
    assert len({name.casefold() for name in names}) == 3
    for name, texts in zip(names, (LINKS, LINEUPS, CAPTIONS), strict=True):
        assert any(name.casefold() in text.casefold() for text in texts)
        assert name[0].isupper()


def test_keyphrases_are_at_most_five_and_do_not_repeat_each_other():
    for description in describe(LINKS, LINEUPS, CAPTIONS)[0]:
        assert 1 <= len(description.keyphrases) <= 5
        words = [{stem(word) for word in phrase.split()} for phrase in description.keyphrases]
        assert not any(a <= b for i, a in enumerate(words) for j, b in enumerate(words) if i != j)


def test_a_word_that_all_clusters_share_names_none():
    groups = [[f"the player {verb} {i}" for i in "abc"] for verb in ("freezes", "crashes", "stutters")]
    for description, verb in zip(describe(*groups)[0], ("freezes", "crashes", "stutters"), strict=True):
        assert verb in description.name


def test_exemplars_are_distinct_texts_of_their_cluster():
    found, texts = describe([*LINKS, *LINKS], LINEUPS)
    for description, group in zip(found, (LINKS, LINEUPS), strict=True):
        said = [texts[position] for position in description.exemplar_positions]
        assert 1 <= len(said) <= 5
        assert len(set(said)) == len(said)
        assert set(said) <= set(group)
    assert [description.size for description in found] == [8, 4]


def test_a_readable_text_goes_before_one_that_is_too_short_or_too_long():
    readable = "The export of my invoices fails every time"
    found, texts = describe(["export", "export fails " * 60, readable], CAPTIONS)
    assert texts[found[0].exemplar_positions[0]] == readable


@pytest.mark.parametrize(
    ("texts", "product_words"),
    [
        pytest.param(["Vidlane!", "vidlane", "VIDLANE's"], {"vidlane"}, id="only the product's own name"),
        pytest.param(["it is what it is", "that is how it is"], set(), id="only function words"),
        pytest.param(["😀😀", "👍"], set(), id="only emoji"),
        pytest.param(["", "  "], set(), id="no text at all"),
        pytest.param(["12 34", "404"], set(), id="only numbers"),
    ],
)
def test_a_cluster_without_topics_still_gets_a_name_of_its_own(texts, product_words):
    found, _ = describe(texts, texts[::-1], LINKS, product_words=frozenset(product_words))
    names = [description.name for description in found]
    assert all(names)
    assert len({name.casefold() for name in names}) == 3
    assert all(description.keyphrases == () for description in found[:2])


def test_the_products_own_name_does_not_stand_alone():
    groups = [
        ["Vidlane player freezes", "Vidlane freezes"],
        ["Vidlane invoice wrong", "Vidlane invoice twice"],
    ]
    for description in describe(*groups, product_words=frozenset({"Vidlane"}))[0]:
        assert description.name.casefold() != "vidlane"


def test_two_clusters_with_the_same_words_get_two_names():
    names = [description.name for description in describe(LINKS, list(LINKS), list(LINKS))[0]]
    assert len({name.casefold() for name in names}) == 3


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(["Die App stürzt ab", "App stürzt beim Start ab"], "stürzt", id="German"),
        pytest.param(["Impossible de synchroniser ma montre", "Je veux synchroniser ma montre"], "montre", id="French"),
        pytest.param(["字幕が消えた", "字幕が消える"], "字幕", id="Japanese, which has no spaces"),
        pytest.param(["Субтитры пропали", "Снова пропали субтитры"], "убтитры", id="Russian"),
        pytest.param(["widget crash open phone", "widget crash close phone"], "idget crash", id="lemmatised English"),
    ],
)
def test_names_work_for_other_languages_and_lemmatised_texts(texts, expected):
    assert expected in describe(texts, LINKS)[0][0].name


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(len(LINKS) + len(LINEUPS) + len(CAPTIONS))))
def test_the_order_of_the_rows_changes_no_word(order):
    expected, texts = describe(LINKS, LINEUPS, CAPTIONS)
    found, shuffled = describe(LINKS, LINEUPS, CAPTIONS, order=order)

    def said(descriptions, rows):
        return [
            (d.cluster, d.name, d.keyphrases, [rows[position] for position in d.exemplar_positions], d.size)
            for d in descriptions
        ]

    assert said(found, shuffled) == said(expected, texts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=4, max_size=12))
def test_any_text_gets_distinct_names_without_an_error(texts):
    found, _ = describe(texts[: len(texts) // 2], texts[len(texts) // 2 :])
    assert len({description.name.casefold() for description in found}) == 2


def test_noise_is_not_described():
    vectors = np.eye(3, dtype=np.float32)
    labels = np.array([-1, -1, -1], dtype=np.int32)
    assert describe_clusters(["a", "b", "c"], labels, vectors, np.zeros(3, dtype=np.float32)) == []


def test_rows_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="one row an item"):
        describe_clusters(
            ["a"], np.zeros(2, dtype=np.int32), np.eye(2, dtype=np.float32), np.zeros(2, dtype=np.float32)
        )


@settings(deadline=None)
@given(st.text(alphabet="the link not up page. don't, 9", max_size=60))
def test_no_phrase_is_cut_off_at_a_function_word(text):
    for clause in clauses(text):
        for phrase in Vocabulary().phrases(clause):
            words = [token.folded for token in clause[phrase.start : phrase.stop]]
            assert words[0] not in STOP_WORDS - NEGATIONS
            assert words[-1] not in STOP_WORDS - PARTICLES


def test_a_phrase_never_runs_over_the_end_of_a_sentence():
    found = read_phrases(["The upload fails. Captions vanish"], Vocabulary())
    assert ("fail", "caption") not in found.n_with
    assert found.n_with[("caption", "vanish")] == 1


def test_a_phrase_counts_once_a_text_however_often_it_stands_there():
    assert read_phrases(["slow upload, slow upload"], Vocabulary()).n_with[("slow", "upload")] == 1
