"""Which columns are recognised, on headers that well-known programs write, and which one wins."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.errors import MissingColumnError, SettingError
from feedback_triage.sources.column_names import FEEDBACK_COLUMNS, RELEASE_COLUMNS
from feedback_triage.sources.columns import column_key, recognise, shown_names


@pytest.mark.parametrize(
    ("header", "found"),
    [
        pytest.param(
            "Package Name|App Version Code|App Version Name|Reviewer Language|Device|"
            "Review Submit Date and Time|Review Submit Millis Since Epoch|Review Last Update Date and Time"
            "|Review Last Update Millis Since Epoch|Star Rating|Review Title|Review Text"
            "|Developer Reply Date and Time|Developer Reply Text|Review Link",
            {
                "text": "Review Text",
                "written_at": "Review Submit Millis Since Epoch",
                "rating": "Star Rating",
                "app_version": "App Version Name",
                "product": "Package Name",
                "title": "Review Title",
                "url": "Review Link",
            },
            id="the Play Console's export",
        ),
        pytest.param(
            "reviewId|userName|userImage|content|score|thumbsUpCount|reviewCreatedVersion|at|"
            "replyContent|repliedAt|appVersion",
            {
                "text": "content",
                "written_at": "at",
                "external_id": "reviewId",
                "rating": "score",
                "app_version": "appVersion",
                "author": "userName",
            },
            id="a scraper of Android reviews",
        ),
        pytest.param(
            "id|type|rating|title|body|reviewerNickname|createdDate|territory",
            {
                "text": "body",
                "written_at": "createdDate",
                "external_id": "id",
                "rating": "rating",
                "title": "title",
                "author": "reviewerNickname",
            },
            id="App Store reviews",
        ),
        pytest.param(
            "Ticket ID|Subject|Description|Created At|Updated At|Channel|Requester Email|Status",
            {
                "text": "Description",
                "written_at": "Created At",
                "external_id": "Ticket ID",
                "source": "Channel",
                "title": "Subject",
                "author": "Requester Email",
            },
            id="a help desk's tickets",
        ),
        pytest.param(
            "number|title|created_at|updated_at|html_url|body|user",
            {
                "text": "body",
                "written_at": "created_at",
                "external_id": "number",
                "title": "title",
                "url": "html_url",
                "author": "user",
            },
            id="an issue tracker",
        ),
        pytest.param(
            "rating|text|title|date|version|country",
            {
                "text": "text",
                "written_at": "date",
                "rating": "rating",
                "app_version": "version",
                "title": "title",
            },
            id="a plain file of reviews",
        ),
        pytest.param(
            "Response ID|Submitted At|How likely are you to recommend us?|Comments|NPS Score",
            {
                "text": "Comments",
                "written_at": "Submitted At",
                "external_id": "Response ID",
                "rating": "NPS Score",
            },
            id="a survey",
        ),
        pytest.param(
            " TEXT :|Written-At",
            {"text": " TEXT :", "written_at": "Written-At"},
            id="case, blanks and punctuation do not matter",
        ),
        pytest.param("text|Text|TEXT|date", {"text": "text", "written_at": "date"}, id="of equal names the first"),
        pytest.param(
            "comment|text|updated_at|created_at",
            {"text": "text", "written_at": "created_at"},
            id="preference decides, not the place in the file",
        ),
        pytest.param(
            "text|date|name|user_id",
            {"text": "text", "written_at": "date", "author": "user_id"},
            id="an id before a name that two customers may share",
        ),
        pytest.param("words|when", {}, id="what has no known name is not guessed at"),
        pytest.param("te\ud800xt|date", {"written_at": "date"}, id="a damaged name is no known name"),
    ],
)
def test_feedback_columns_are_recognised(header: str, found: Mapping[str, str]) -> None:
    assert recognise("reviews.csv", header.split("|"), FEEDBACK_COLUMNS) == found


@pytest.mark.parametrize(
    ("header", "found"),
    [
        pytest.param(
            "version|date|notes",
            {"version": "version", "released_at": "date", "notes": "notes"},
            id="the shortest file of use",
        ),
        pytest.param(
            "tag_name|name|published_at|created_at|body",
            {"version": "tag_name", "released_at": "published_at", "notes": "body"},
            id="releases of a code host",
        ),
        pytest.param(
            "Product|Platform|Version|Release Date|Type|Changelog",
            {
                "version": "Version",
                "released_at": "Release Date",
                "product": "Product",
                "platform": "Platform",
                "kind": "Type",
                "notes": "Changelog",
            },
            id="a table kept by hand",
        ),
        pytest.param(
            "version|released_at|rollout|rolled_back_at|is_hotfix",
            {
                "version": "version",
                "released_at": "released_at",
                "rollout": "rollout",
                "rolled_back_at": "rolled_back_at",
                "hotfix": "is_hotfix",
            },
            id="a table with roll-outs and roll-backs",
        ),
    ],
)
def test_release_columns_are_recognised(header: str, found: Mapping[str, str]) -> None:
    assert recognise("releases.csv", header.split("|"), RELEASE_COLUMNS) == found


@pytest.mark.parametrize(
    ("mapping", "found"),
    [
        pytest.param(
            {"text": "words"},
            {"text": "words", "written_at": "date", "title": "title"},
            id="a mapped column wins",
        ),
        pytest.param(
            {"text": "WORDS"},
            {"text": "words", "written_at": "date", "title": "title"},
            id="case does not matter",
        ),
        pytest.param(
            {"text": "title"},
            {"text": "title", "written_at": "date"},
            id="a mapped column is nothing else as well",
        ),
        pytest.param(
            {"text": "title", "title": "title"},
            {"text": "title", "written_at": "date", "title": "title"},
            id="unless it is mapped twice",
        ),
        pytest.param({"title": ""}, {"text": "text", "written_at": "date"}, id="an empty name leaves a column out"),
    ],
)
def test_a_mapping_decides(mapping: Mapping[str, str], found: Mapping[str, str]) -> None:
    assert recognise("reviews.csv", ["text", "words", "date", "title"], FEEDBACK_COLUMNS, mapping) == found


def test_a_mapping_to_a_column_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(
        MissingColumnError, match=r"reviews\.csv: it has no column 'wrds' to use as text; it has words, date"
    ):
        recognise("reviews.csv", ["words", "date"], FEEDBACK_COLUMNS, {"text": "wrds"})


def test_a_mapping_of_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SettingError, match=r"--column txet=.*use one of text, written_at, external_id"):
        recognise("reviews.csv", ["words", "date"], FEEDBACK_COLUMNS, {"txet": "words"})


@pytest.mark.parametrize("known", [FEEDBACK_COLUMNS, RELEASE_COLUMNS], ids=["feedback", "releases"])
def test_no_name_stands_for_two_things(known: Mapping[str, tuple[str, ...]]) -> None:
    keys = [column_key(name) for names in known.values() for name in names]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("known", [FEEDBACK_COLUMNS, RELEASE_COLUMNS], ids=["feedback", "releases"])
def test_our_own_name_is_the_first_choice(known: Mapping[str, tuple[str, ...]]) -> None:
    for target in known:
        others = [name for names in known.values() for name in names]
        assert recognise("f", [*others, target], known)[target] in {target, known[target][0]}


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        pytest.param(["text", "my date"], "text, my date", id="names"),
        pytest.param(["Nothing loads since the last update, please help", "5"], "(column 1), 5", id="a sentence"),
        pytest.param(["jane@example.com", "2017-04-01"], "(column 1), (column 2)", id="an address and a date"),
        pytest.param([f"c{n}" for n in range(22)], ", ".join(f"c{n}" for n in range(20)) + " and 2 more", id="many"),
        pytest.param(["a\nb", "\ud800"], "(column 1), (column 2)", id="what cannot be printed in one line"),
    ],
)
def test_a_message_shows_names_but_no_customer_text(header: list[str], shown: str) -> None:
    assert shown_names(header) == shown


@given(st.lists(st.text() | st.sampled_from([name for names in FEEDBACK_COLUMNS.values() for name in names])))
def test_what_is_recognised_is_in_the_file_and_used_once(columns: list[str]) -> None:
    found = recognise("f", columns, FEEDBACK_COLUMNS)
    assert set(found.values()) <= set(columns)
    assert len(set(found.values())) == len(found)
    assert list(found) == [target for target in FEEDBACK_COLUMNS if target in found]
