"""Gold items as a file, and which of them are only for judging."""

import string
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.errors import (
    FeedbackTriageError,
    InputError,
    MissingColumnError,
    MissingFileError,
    NoUsableRowError,
)
from feedback_triage.label import model_classes
from feedback_triage.learning.gold import GOLD_COLUMNS, is_held_out, read_gold, text_keys
from feedback_triage.settings import shipped_models_dir
from feedback_triage.taxonomy import LABELS

CLASSES = model_classes(LABELS)


def gold_items(n: int = 24) -> pd.DataFrame:
    """`n` items of each class."""
    rows = [
        (f"{name}-{index}", f"a text of {name} {index}", name, "ann" if index % 2 else "bo", "short")
        for name in CLASSES
        for index in range(n)
    ]
    return pd.DataFrame(rows, columns=[*GOLD_COLUMNS, "trait"])


def write(folder: Path, gold: pd.DataFrame | str | bytes) -> Path:
    path = folder / "labels.csv"
    if isinstance(gold, pd.DataFrame):
        gold = gold.to_csv(index=False)
    path.write_bytes(gold.encode() if isinstance(gold, str) else gold)
    return path


# --- reading gold ---


def test_gold_items_are_read_with_all_their_columns(tmp_path: Path) -> None:
    gold = read_gold(write(tmp_path, gold_items()))
    assert list(gold.columns) == [*GOLD_COLUMNS, "trait", "is_held_out"]
    pd.testing.assert_frame_equal(gold.drop(columns="is_held_out"), gold_items(), check_dtype=False)


@pytest.mark.parametrize("text", ["n/a", "N/A", "null", "NaN", "None", "NA", "", "1", "007", "1e5", "true", "-"])
def test_a_text_that_looks_like_a_missing_value_is_read_as_it_is(tmp_path: Path, text: str) -> None:
    gold = gold_items()
    gold.loc[3, "text"] = text
    assert read_gold(write(tmp_path, gold))["text"][3] == text


def test_texts_are_cleaned_as_they_are_everywhere(tmp_path: Path) -> None:
    gold = gold_items()
    gold.loc[0, "text"] = " <b>Dead</b>\u200b link &amp;\n more "
    assert read_gold(write(tmp_path, gold))["text"][0] == "Dead link & more"


def test_unclear_items_are_left_out_and_the_rest_is_numbered_anew(tmp_path: Path) -> None:
    unclear = gold_items().head(4).assign(label="unclear", id=["u1", "u2", "u3", "u4"])
    gold = read_gold(write(tmp_path, pd.concat([unclear, gold_items()])))
    assert "unclear" not in set(gold["label"])
    assert list(gold.index) == list(range(len(gold_items())))


def test_an_id_that_is_used_twice_is_refused(tmp_path: Path) -> None:
    twice = pd.concat([gold_items(), gold_items().head(1)])
    with pytest.raises(NoUsableRowError, match=r"uses the id .* twice"):
        read_gold(write(tmp_path, twice))


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + gold_items().to_csv(index=False).encode()
    assert len(read_gold(write(tmp_path, content))) == len(gold_items())


def refused(path: Path, kind: type[FeedbackTriageError]) -> str:
    with pytest.raises(FeedbackTriageError) as error:
        read_gold(path)
    assert type(error.value) is kind
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.csv"
    assert refused(path, MissingFileError) == f"{path} cannot be read; gold items are expected there"
    assert refused(tmp_path, MissingFileError) == f"{tmp_path} cannot be read; gold items are expected there"


@pytest.mark.parametrize("column", GOLD_COLUMNS)
def test_a_column_that_is_not_there_is_told(tmp_path: Path, column: str) -> None:
    path = write(tmp_path, gold_items().drop(columns=column))
    assert refused(path, MissingColumnError) == f"{path} lacks the column {column!r}"


@pytest.mark.parametrize("label", ["delight", "Praise", "praise ", ""])
def test_a_label_that_is_not_known_is_told(tmp_path: Path, label: str) -> None:
    gold = gold_items()
    gold.loc[5, "label"] = label
    path = write(tmp_path, gold)
    assert refused(path, NoUsableRowError) == (
        f"{path} has the unknown label {label!r}; known are praise, broken_link, sync_bug, silence, other"
    )


@pytest.mark.parametrize("label", CLASSES)
@pytest.mark.parametrize("n_left", [0, 9])
def test_a_label_with_too_few_items_besides_those_held_out_is_told(tmp_path: Path, label: str, n_left: int) -> None:
    gold = gold_items()
    held_out = is_held_out(list(gold["text"]), 0.1)
    dropped = gold.index[(gold["label"] == label) & ~held_out][n_left:]
    path = write(tmp_path, gold.drop(index=dropped))
    assert refused(path, NoUsableRowError) == (
        f"{path} has too few items labelled {label!r}: at least 10 are needed besides the tenth of all that is held "
        "out; write some more"
    )


def test_ten_items_of_each_label_are_enough_besides_those_held_out(tmp_path: Path) -> None:
    gold = gold_items()
    gold = gold[~is_held_out(list(gold["text"]), 0.1)].groupby("label", sort=False).head(10)
    assert len(read_gold(write(tmp_path, gold))) == 50


def test_a_teams_label_is_taken_where_the_team_has_it_however_few_items_it_has(tmp_path: Path) -> None:
    gold = gold_items()
    gold.loc[0, "label"] = "feature_request"
    path = write(tmp_path, gold)
    assert read_gold(path, ["billing", "feature_request"])["label"][0] == "feature_request"
    assert refused(path, NoUsableRowError) == (
        f"{path} has the unknown label 'feature_request'; known are praise, broken_link, sync_bug, silence, other"
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"id,text,label,annotator\n1,\xff\xfe,praise,ann\n", id="bytes that are not UTF-8"),
        pytest.param(b"id,text,label,annotator\n1,a,praise,ann,b,c\n2,a,b\n3,a,b,c,d,e,f,g\n", id="too many fields"),
        pytest.param(b'id,text,label,annotator\n1,"a,praise,ann\n', id="a quote that is never closed"),
    ],
)
def test_a_damaged_file_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError) as error:
        read_gold(write(tmp_path, content))
    assert "\n" not in str(error.value)


# --- what is held out ---

texts_of_letters = st.lists(st.text(string.ascii_letters + string.digits + " ", max_size=30), max_size=25)


@pytest.mark.parametrize("share", [0.1, 1 / 3, 0.5])
def test_about_the_share_that_is_asked_for_is_held_out(share: float) -> None:
    texts = [f"text number {number}" for number in range(6_000)]
    assert is_held_out(texts, share).mean() == pytest.approx(share, abs=0.02)
    assert not is_held_out(texts, 0.0).any()
    assert is_held_out(texts, 1.0).all()


@given(texts_of_letters, texts_of_letters, st.randoms(use_true_random=False))
def test_what_is_held_out_stays_so_when_items_are_added_or_moved(
    texts: list[str], added: list[str], random: object
) -> None:
    expected = dict(zip(texts, is_held_out(texts, 0.3).tolist(), strict=True))
    more = [*added, *texts]
    random.shuffle(more)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    found = dict(zip(more, is_held_out(more, 0.3).tolist(), strict=True))
    assert {text: found[text] for text in texts} == expected


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=30), st.data())
def test_texts_that_differ_in_case_spaces_or_punctuation_are_held_out_together(text: str, data: st.DataObject) -> None:
    marks = st.text(string.punctuation + " …—“”", max_size=3)
    dressed = "".join(mark + letter for letter in text for mark in [data.draw(marks)]) + data.draw(marks)
    texts = [text, text.upper(), text.lower(), dressed]
    assert len(set(text_keys(texts))) == 1
    assert len(set(is_held_out(texts, 0.5).tolist())) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Größe", "GRÖSSE", id="a letter that is two as a capital"),
        pytest.param("動画が！", "動画が", id="punctuation of double width"),
        pytest.param("👍", "👍!", id="an emoji and a mark"),
        pytest.param("👍 👍", "👍👍", id="emoji and a space"),
    ],
)
def test_texts_that_differ_in_little_stay_together(one: str, other: str) -> None:
    assert len(set(text_keys([one, other]))) == 1


def test_different_texts_have_different_keys() -> None:
    texts = ["", "!", "?", "👍", "👎", "a", "b", "the link is dead", "the links are dead", "\ud800"]
    assert len(set(text_keys(texts))) == len(texts)


def test_another_salt_draws_other_texts() -> None:
    texts = [f"text number {number}" for number in range(2_000)]
    one, other = is_held_out(texts, 0.3), is_held_out(texts, 0.3, salt="review ")
    assert (one & other).mean() == pytest.approx(0.09, abs=0.03)


def test_no_text_is_no_row() -> None:
    found = is_held_out([], 0.1)
    assert found.shape == (0,)
    assert found.dtype == np.bool_


def test_about_a_tenth_of_the_shipped_gold_is_held_out_of_every_class() -> None:
    gold = read_gold(shipped_models_dir() / "gold" / "labels.csv")
    shares = gold.groupby("label")["is_held_out"].mean()
    assert shares.min() > 0.05
    assert shares.max() < 0.16
