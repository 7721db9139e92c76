"""Cleaning, hashing and identity of items."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.ingest import (
    Intake,
    RawFeedback,
    RejectReason,
    author_key,
    content_sha256,
    derive_external_id,
    make_item,
    masked_row,
    normalise_text,
    storable,
    text_sha256,
)
from feedback_triage.ingest.intake import MAX_RAW_LENGTH

ROW = RawFeedback(source="store", written_at=datetime(2017, 4, 1, tzinfo=UTC), verbatim="It syncs now")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param("I <3 this & a < b > c", "I <3 this & a < b > c", id="signs that are no markup stay"),
        pytest.param("if a <b and c> d", "if a <b and c> d", id="a comparison is no tag"),
        pytest.param("Hello <your name>", "Hello <your name>", id="a placeholder is no tag"),
        pytest.param("<p>one</p><p>two</p>", "one two", id="paragraphs keep words apart"),
        pytest.param("one<br/>two<BR>three", "one two three", id="so do line breaks"),
        pytest.param("un<b>believ</b>able", "unbelievable", id="bold does not"),
        pytest.param('see <a href="x.html" target=_blank>here</a>', "see here", id="a link keeps its words"),
        pytest.param("Tom &amp; Jerry&nbsp;&#128525;", "Tom & Jerry 😍", id="entities are resolved"),
        pytest.param("&lt;p&gt;one&lt;/p&gt;", "one", id="escaped markup is markup"),
        pytest.param("it&amp;#39;s", "it's", id="escaped twice"),
        pytest.param("?page=1&copy=2", "?page=1&copy=2", id="an address holds no entity"),
        pytest.param("<style>p {color: red}</style>red<!-- note -->", "red", id="styles and comments are not words"),
        pytest.param("<script>alert(1)</script>ok", "ok", id="scripts neither"),
        pytest.param("a <!-- b", "a <!-- b", id="a comment that never ends is no comment"),
        pytest.param("zero\u200bwidth\ufeff \u202eback\u202c", "zerowidth back", id="invisible characters go"),
        pytest.param("soft\u00adhyphen", "softhyphen", id="a soft hyphen goes"),
        pytest.param(
            "tab\tline\r\nnbsp\u00a0wide\u3000end",
            "tab line nbsp wide end",
            id="all white space is one space",
        ),
        pytest.param("bell\x07\x00", "bell", id="control characters go"),
        pytest.param("half \ud83d", "half", id="half a character goes"),
        pytest.param("cafe\u0301", "café", id="composed to NFC"),
        pytest.param("❤\ufe0f", "❤", id="one heart is every heart"),
        pytest.param("\u200b\u2800\u3164", "", id="what looks blank is blank"),
        pytest.param("", "", id="nothing stays nothing"),
    ],
)
def test_text_is_cleaned(text: str, clean: str) -> None:
    assert normalise_text("", text) == clean


@pytest.mark.parametrize(
    ("title", "verbatim", "text"),
    [
        pytest.param("Great", "Works well", "Great. Works well", id="a full stop between them"),
        pytest.param("Great!", "Works well", "Great! Works well", id="unless the title ends in one"),
        pytest.param("Works well and", "Works well and fast", "Works well and fast", id="a title cut out of the body"),
        pytest.param("works well…", "Works well and fast", "Works well and fast", id="with dots where it was cut"),
        pytest.param("Great", "", "Great", id="a title alone"),
        pytest.param("", "Works", "Works", id="a body alone"),
        pytest.param("", "", "", id="silence"),
    ],
)
def test_title_and_body_become_one_text(title: str, verbatim: str, text: str) -> None:
    assert normalise_text(title, verbatim) == text


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    clean = normalise_text("", text)
    assert normalise_text("", clean) == clean


@given(st.text(alphabet=st.sampled_from("<>&;/!-abp=\"' #x3\n\u200b")))
def test_cleaning_survives_any_markup(text: str) -> None:
    clean = normalise_text("", text)
    assert clean == " ".join(clean.split())


@given(st.text(alphabet=st.characters()) | st.text(alphabet=st.characters(categories=["Cs", "Cc", "L"])))
def test_a_storable_text_can_be_encoded_and_holds_no_nul(text: str) -> None:
    stored = storable(text)
    assert "\x00" not in stored
    assert "\r" not in stored
    stored.encode()


def test_a_digest_is_that_of_sha_256() -> None:
    assert text_sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_an_item_holds_no_address_in_any_field() -> None:
    address = "jane@example.com"
    row = replace(
        ROW,
        verbatim=f"a {address}",
        title=address,
        url=f"https://x.org/?u={address}",
        app_version=address,
        author=address,
    )
    item = make_item(row, "1")
    assert address not in repr(item)
    assert item.text == "[email]. a [email]"
    assert item.author_key == author_key(address)


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param("jane&#x0040;example.com", id="behind an entity"),
        pytest.param("jane@exa\u200bmple.com", id="behind a zero-width space"),
        pytest.param("jane@<b>example</b>.com", id="behind markup"),
    ],
)
def test_an_address_that_cleaning_brings_to_light_is_masked(hidden: str) -> None:
    assert make_item(replace(ROW, verbatim=hidden), "1").text == "[email]"


def test_verbatim_keeps_the_customers_lines_and_signs() -> None:
    assert make_item(replace(ROW, verbatim="  One <3\r\n\r\nTwo 👨‍👩‍👧 "), "1").verbatim == "One <3\n\nTwo 👨‍👩‍👧"


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_no_author_has_no_key(blank: str) -> None:
    assert author_key(blank) == ""


def test_a_key_does_not_depend_on_case_or_blanks_and_does_not_show_the_name() -> None:
    assert author_key(" Jane  DOE ") == author_key("jane doe")
    assert len(author_key("jane doe")) == 16
    assert "jane" not in author_key("jane doe")


@pytest.mark.parametrize(
    "changed",
    [
        {"verbatim": "It does not"},
        {"title": "Sync"},
        {"rating": 5.0},
        {"rating": 0.0},
        {"app_version": "1.0"},
        {"platform": "ios"},
        {"product": "Maps"},
        {"url": "https://example.com"},
        {"author": "jane"},
        {"written_at": datetime(2017, 4, 2, tzinfo=UTC)},
    ],
    ids=lambda changed: next(iter(changed)) + " is part of the content",
)
def test_other_content_has_another_id_and_digest(changed: dict[str, object]) -> None:
    other = replace(ROW, **changed)
    assert derive_external_id(other) != derive_external_id(ROW)
    assert content_sha256(make_item(other, "1")) != content_sha256(make_item(ROW, "1"))


def test_an_id_depends_on_content_alone() -> None:
    assert derive_external_id(replace(ROW, source="other", external_id="7")) == derive_external_id(ROW)
    assert derive_external_id(replace(ROW, verbatim=" It\r\nsyncs  now ")) == derive_external_id(ROW)
    assert derive_external_id(ROW, 3) == derive_external_id(ROW) + "-3"
    assert content_sha256(make_item(ROW, "1")) == content_sha256(make_item(replace(ROW, source="b"), "2"))


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_files_that_overlap_hold_each_row_as_often_as_the_one_with_most(first: str, second: str) -> None:
    ids = set()
    for words in (first, second):
        intake = Intake("f")
        for word in words:
            assert intake.add(1, replace(ROW, verbatim=word)) is None
        assert len({item.external_id for item in intake.items}) == len(words)
        ids |= {item.external_id for item in intake.items}
    assert len(ids) == sum(max(first.count(word), second.count(word)) for word in "abc")


def test_a_repeated_row_is_counted_and_a_reused_id_refused() -> None:
    intake = Intake("f")
    row = replace(ROW, external_id="7")
    assert intake.add(1, row) is None
    assert intake.add(1, row) is None
    assert intake.add(1, replace(row, verbatim="Something else")) is RejectReason.ID_REUSED
    assert intake.add(1, replace(row, source="another store", verbatim="Something else")) is None
    assert (len(intake.items), intake.n_repeated, intake.n_read) == (2, 1, 3)


@pytest.mark.parametrize(
    ("row", "raw"),
    [
        pytest.param({"text": "I am jane@example.com", "n": 5}, {"text": "I am [email]", "n": 5}, id="a row"),
        pytest.param({"text": None, "ok": True, "x": 0.5}, {"text": None, "ok": True, "x": 0.5}, id="plain values"),
        pytest.param({"card": 4111111111111111}, {"card": "[card]"}, id="a number that is a card"),
        pytest.param({"who": "Jane Doe"}, {"who": author_key("Jane Doe")}, id="the author"),
        pytest.param({"nested": {"mail": "jane@example.com"}}, {"nested": '{"mail": "[email]"}'}, id="a nested value"),
        pytest.param({"x": float("nan")}, {"x": "NaN"}, id="what JSON has no number for"),
        pytest.param(["jane@example.com", "5"], ["[email]", "5"], id="cells"),
        pytest.param("{broken jane@example.com", "{broken [email]", id="a line"),
    ],
)
def test_a_rejected_row_is_kept_as_masked_json(row: dict[str, object] | list[str] | str, raw: object) -> None:
    assert json.loads(masked_row(row, author_column="who")) == raw


@pytest.mark.parametrize("character", ["x", '"', "\\", "é", "\n"])
def test_a_huge_row_is_cut_and_stays_json(character: str) -> None:
    text = masked_row({"text": character * 100_000})
    assert len(text) <= MAX_RAW_LENGTH
    json.loads(text)


@pytest.mark.parametrize(
    ("verbatim", "text"),
    [
        pytest.param("@vidlane is this planned??", "is this planned??", id="a handle in front"),
        pytest.param("thanks @vidlane and @some_one!", "thanks and !", id="handles within"),
        pytest.param(".@vidlane 👍", "👍", id="a handle behind a full stop"),
        pytest.param("@vidlane", "", id="nothing but a handle"),
        pytest.param("meet me @ home", "meet me @ home", id="a lone sign"),
        pytest.param("write to a@b.example", "write to a@b.example", id="an address"),
        pytest.param("@angular/core does not build", "@angular/core does not build", id="a package"),
    ],
)
def test_handles_are_no_content(verbatim: str, text: str) -> None:
    assert normalise_text("", verbatim) == text
