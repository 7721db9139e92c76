"""What clusters are called: tables of texts and the name that people would give them."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.describe import describe_clusters
from feedback_triage.describe.contrast import words_everywhere
from feedback_triage.describe.counting import read_words
from feedback_triage.describe.phrases import clauses, is_misspelled, stem
from feedback_triage.describe.stopwords import STOP_WORDS

INVOICES = [
    "Where is the invoice of March?",
    "The invoice has the wrong address",
    "I need one invoice a year",
    "My invoice is missing a line",
]
SEARCH = ["The search finds nothing", "Search is slow", "Why does search ignore titles?", "A search for dates, please"]


def name_all(*groups, product_words=frozenset(), taken_names=frozenset()):
    """Name groups of texts whose vectors lie near one axis each, the first text nearest."""
    texts = [text for group in groups for text in group]
    labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups]).astype(np.int32)
    vectors = np.eye(len(groups) + 1)[labels]
    vectors[:, -1] = [0.01 * i for group in groups for i in range(len(group))]
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    strengths = np.full(len(texts), 0.8, dtype=np.float32)
    found = describe_clusters(texts, labels, vectors, strengths, product_words=product_words, taken_names=taken_names)
    return [description.name for description in found]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param(
            ["The player won't load today", "Player won't load", "why? the player won't load", "player won't load!!"],
            "Player won't load",
            id="what fails is named together with what it does not do",
        ),
        pytest.param(
            ["I can't open the editor", "Since Monday I can't open the editor", "can't open the editor again"],
            "Can't open the editor",
            id="a negation is not cut off",
        ),
        pytest.param(
            ["Easy to use", "so easy to use", "It is easy to use and quick", "very easy to use!"],
            "Easy to use",
            id="an empty verb stays where the phrase needs it",
        ),
        pytest.param(
            ["I can't log in", "Still can't log in", "can't log in with my new phone", "why can't I log in?"],
            "Can't log in",
            id="a verb keeps its particle",
        ),
        pytest.param(
            ["DARK MODE PLEASE", "PLEASE ADD A DARK MODE", "A DARK MODE, PLEASE", "WHERE IS THE DARK MODE"],
            "Dark mode",
            id="shouting is lowered",
        ),
        pytest.param(
            ["I pay by Google Pay", "to pay with Google Pay", "can I pay with Google Pay", "Let me pay by Google Pay"],
            "Google Pay",
            id="a proper name keeps its capitals",
        ),
        pytest.param(
            [
                "change my billing preference",
                "my billing prefrence",
                "billing preference of mine",
                "a billing preference",
            ],
            "Billing preference",
            id="the usual spelling wins",
        ),
        pytest.param(
            ["the comment section is gone", "bring the comment section back", "I miss the comment section"],
            "Comment section",
            id="a word that is a function word in French is a topic in English",
        ),
        pytest.param(
            ["the player do n't start", "player do n't start", "my player do n't start", "player do n't start !"],
            "Player don't start",
            id="words cut by an export are joined again",
        ),
        pytest.param(
            ["Great!", "Great app", "great app, thanks", "Great app"],
            "Great app",
            id="praise that says nothing else is named by its words",
        ),
        pytest.param(
            [
                "nice work, like the dark icons",
                "Nice work",
                "nice work on these dark icons",
                "nice work and dark icons",
                "such nice work",
            ],
            "Dark icons",
            id="a rating goes behind what it is about",
        ),
        pytest.param(
            ["L'application plante", "l'application plante souvent", "Mon application plante", "Application plante !"],
            "Application plante",
            id="an elided article is no part of a word",
        ),
        pytest.param(
            [
                "How do I get proof of insurance?",
                "Send me proof of insurance",
                "proof of insurance needed",
                "I lost my proof of insurance",
            ],
            "Proof of insurance",
            id="what belongs to the phrase stays with it",
        ),
    ],
)
def test_a_cluster_is_called_what_people_would_call_it(texts, expected):
    assert name_all(texts, INVOICES, SEARCH)[0] == expected


@pytest.mark.parametrize(
    ("texts", "unwanted"),
    [
        pytest.param(
            ["It doesn't let me upload films", "doesn't let me upload", "The app doesn't let me upload a film"],
            r"\b(?:let|me)$",
            id="no name ends at a word that wants an object",
        ),
        pytest.param(
            ["video be not play", "video be not play today", "video won't play", "my video won't play"],
            r"\bbe\b",
            id="the wording with a bare verb form is passed over",
        ),
        pytest.param(
            ["stupid captions vanish", "the stupid captions vanish", "my captions vanish", "captions vanish"],
            r"stupid",
            id="no name is rude",
        ),
        pytest.param(
            [
                "a unicorn hums in my upload",
                "upload stuck",
                "the upload is stuck",
                "upload stuck at 60",
                "stuck",
                "upload",
            ],
            r"unicorn|hums",
            id="one customer's odd wording names nothing",
        ),
        pytest.param(
            ["How long does a transfer take?", "how long does a transfer take", "How long does my transfer take"],
            r"^Long does",
            id="a question is not beheaded",
        ),
    ],
)
def test_a_name_is_not_a_fragment(texts, unwanted):
    names = name_all(texts, INVOICES, SEARCH)
    assert names[0]
    assert not re.search(unwanted, names[0], re.IGNORECASE)


def test_two_words_name_a_cluster_that_no_phrase_covers():
    texts = [f"the {word} {verb}" for word in ("captions", "subtitles") for verb in ("are gone", "are late", "are off")]
    assert set(name_all(texts, INVOICES, SEARCH)[0].casefold().split(" & ")) == {"captions", "subtitles"}


def test_siblings_about_one_thing_are_told_apart_by_words():
    exports = ["Export my playlists", "I cannot export a playlist", "playlist export fails", "export of playlists"]
    orders = ["The playlist order jumps", "playlists: order is wrong", "the order of my playlist", "playlist order"]
    names = name_all(exports, orders, SEARCH)
    assert "xport" in names[0]
    assert "rder" in names[1]
    assert not any("(" in name for name in names)


def test_a_word_that_stands_in_most_texts_names_no_cluster():
    wheres = ("kitchen", "garden", "office")
    groups = [[f"my gizmo {where} {i}" for i in "abcdefghijklmnopqrst"] for where in wheres]
    for name, where in zip(name_all(*groups), wheres, strict=True):
        assert where in name.casefold()


def test_a_misspelled_product_name_is_still_the_product_name():
    texts = ["vidalne", "the vidalne", "my vidalne!", "a Vidalne", "vidalne"]
    assert name_all(texts, INVOICES)[0] == "Vidalne"
    assert (
        name_all([*texts, "It stutters", "stutters"], INVOICES, product_words=frozenset({"Vidlane"}))[0] == "Stutters"
    )


def test_a_word_is_everywhere_if_a_third_of_the_texts_hold_it_and_no_cluster_owns_it():
    spread = [read_words([f"gizmo {word} {i}" for i in range(20)], Counter()) for word in ("red", "green", "blue")]
    assert words_everywhere(spread) == {"gizmo"}
    owned = [read_words([f"{word} {i}" for i in range(20)], Counter()) for word in ("gizmo", "red")]
    assert words_everywhere(owned) == frozenset()
    assert words_everywhere(spread[:2]) == frozenset(), "a few texts are too few to say"


def test_an_area_does_not_take_the_name_of_a_theme():
    themes = name_all(INVOICES, SEARCH)
    areas = name_all(INVOICES, SEARCH, taken_names=frozenset(themes))
    assert not {name.casefold() for name in themes} & {name.casefold() for name in areas}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("Videos", "video", id="plural"),
        pytest.param("synced", "syncing", id="past and present"),
        pytest.param("stopped", "stopping", id="a doubled consonant"),
        pytest.param("line-up", "lineup", id="a hyphen"),
        pytest.param("deliveries", "delivery", id="a plural in -ies"),
        pytest.param("updated", "update", id="a final e"),
        pytest.param("l'application", "application", id="a French article"),
        pytest.param("customer's", "customers", id="a possessive"),
    ],
)
def test_forms_of_a_word_count_as_one(first, second):
    assert stem(first) == stem(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("speed", "spe", id="an e that belongs to the word"),
        pytest.param("string", "str", id="no vowel would be left"),
        pytest.param("class", "clas", id="a double s"),
        pytest.param("bus", "bu", id="a short word"),
    ],
)
def test_other_words_stay_apart(first, second):
    assert stem(first) != stem(second)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("aap", True, id="a wrong letter"),
        pytest.param("pap", True, id="two letters changed places"),
        pytest.param("appp", False, id="a word that goes on"),
        pytest.param("map", False, id="another word"),
        pytest.param("app", False, id="the word itself"),
    ],
)
def test_a_misspelling_is_one_letter_wrong(word, expected):
    assert is_misspelled(word, "app") is expected


words = st.sampled_from(
    [
        "the",
        "not",
        "to",
        "won't",
        "captions",
        "caption",
        "player",
        "great",
        "update",
        "vidlane",
        "load",
        "my",
        "in",
        "字幕",
    ]
)
groups = st.lists(
    st.lists(st.lists(words, min_size=1, max_size=6).map(" ".join), min_size=2, max_size=7), min_size=2, max_size=4
)


@settings(deadline=None, max_examples=150)
@given(groups)
def test_names_are_never_alike_and_never_only_empty_words_where_there_are_others(groups):
    names = name_all(*groups, product_words=frozenset({"vidlane"}))
    assert len({name.casefold() for name in names}) == len(names)
    empty = STOP_WORDS | {"vidlane"}
    for name, group in zip(names, groups, strict=True):
        said = {token.folded for text in group for clause in clauses(text) for token in clause}
        if not said & empty:
            assert not set(name.casefold().split()) <= empty
