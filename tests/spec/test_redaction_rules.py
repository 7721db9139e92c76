"""What is masked in a customer's text, and what looks like it and is left alone."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback_triage.ingest import redact


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("write to jane.doe+app@mail.example.com.", "write to [email].", id="an e-mail address"),
        pytest.param("<o'hara@example.co.uk>", "<[email]>", id="one with an apostrophe, in brackets"),
        pytest.param("jürgen@exämple.de", "[email]", id="one outside ASCII"),
        pytest.param("jane&#64;example.com", "[email]", id="one written with an HTML entity"),
        pytest.param("mailto:jane@example.com?subject=x", "mailto:[email]?subject=x", id="one in a link"),
        pytest.param("a@example.com,b@example.com", "[email],[email]", id="two in a row"),
        pytest.param("call +31 6 12345678 today", "call [phone] today", id="an international number"),
        pytest.param("+44 (0)20 7946 0958", "[phone]", id="one with the trunk zero in brackets"),
        pytest.param("0031612345678", "[phone]", id="one with 00 for the plus"),
        pytest.param("+1 555 123 4567 2017", "[phone] 2017", id="the year behind it stays"),
        pytest.param("+31 6 12345678 5 stars", "[phone] 5 stars", id="the stars behind it stay"),
        pytest.param("(555) 123-4567", "[phone]", id="an American number in brackets"),
        pytest.param("555.123.4567", "[phone]", id="an American number with dots"),
        pytest.param("1-800-555-0199", "[phone]", id="an American number with its 1"),
        pytest.param("06 12 34 56 78", "[phone]", id="pairs with spaces"),
        pytest.param("06.12.34.56.78", "[phone]", id="pairs with dots"),
        pytest.param("020 7946 0958", "[phone]", id="a number with an area code"),
        pytest.param("089/12345678", "[phone]", id="an area code and a slash"),
        pytest.param("0612345678", "[phone]", id="ten digits that start with zero"),
        pytest.param("my phone is 5551234567", "my phone is [phone]", id="plain digits after the word phone"),
        pytest.param("Tel. 0555 0134", "Tel. [phone]", id="a short number after tel"),
        pytest.param("call me at 555-0134!", "call me at [phone]!", id="a local number after call me"),
        pytest.param("4111 1111 1111 1111", "[card]", id="a card number in groups"),
        pytest.param("4111111111111111 12/25", "[card] 12/25", id="the month behind it stays"),
        pytest.param("3782-822463-10005", "[card]", id="a card number of fifteen digits"),
        pytest.param("pay DE89 3704 0044 0532 0130 00 now", "pay [iban] now", id="an IBAN in groups"),
        pytest.param("gb29nwbk60161331926819", "[iban]", id="an IBAN in small letters"),
        pytest.param("AB12 DE89370400440532013000", "AB12 [iban]", id="an IBAN behind what looks like one"),
        pytest.param("in 2017 0612345678", "in 2017 [phone]", id="a number behind a year"),
    ],
)
def test_is_masked(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("version 5.0.2.4", id="a version"),
        pytest.param("1.2.3.4", id="a version or an address of four parts"),
        pytest.param("192.168.100.200", id="a network address"),
        pytest.param("12.11.0.1234567890", id="a version with a build number"),
        pytest.param("build 2017040112", id="a build number"),
        pytest.param("2017-04-01 10:20:30", id="an ISO date and time"),
        pytest.param("2017-04-01T10:20:30.123456Z", id="an ISO instant with a fraction"),
        pytest.param("01.04.2017 10:20", id="a date with dots and a time"),
        pytest.param("01/04/2017 10.30", id="a date with slashes and a time"),
        pytest.param("from 01-04-2017 to 30-04-2017", id="a range of dates"),
        pytest.param("01 04 2017 1030", id="a date with spaces"),
        pytest.param("2015-2017", id="a range of years"),
        pytest.param("10:20:30", id="a time"),
        pytest.param("since 2015 2016 2017 2018", id="years"),
        pytest.param("1491040800", id="epoch seconds"),
        pytest.param("1491040800000", id="epoch milliseconds"),
        pytest.param("20170401123456", id="a compact instant"),
        pytest.param("$1,234,567.89", id="a price"),
        pytest.param("€ 1.234.567,89", id="a price with dots"),
        pytest.param("1,000,000,000 views", id="a count with commas"),
        pytest.param("1 000 000 000 views", id="a count with spaces"),
        pytest.param("30.000.000 users", id="a count with dots"),
        pytest.param("order 0612345678", id="an order number"),
        pytest.param("ticket #0612345678", id="a ticket number"),
        pytest.param("my order number is 12345678", id="an order number in a sentence"),
        pytest.param("https://example.com/v/0612345678?t=4111111111111111", id="the path of an address"),
        pytest.param("www.example.com/+31612345678", id="the path of an address without its scheme"),
        pytest.param("example.com/020-7946-0958", id="the path of a bare address"),
        pytest.param("https://example.com/@someone/story", id="a name in a path"),
        pytest.param("thanks @someone", id="a name on a social site"),
        pytest.param("icon@2x.png", id="the name of a picture"),
        pytest.param("package@1.2.3", id="a package and its version"),
        pytest.param("4111 1111 1111 1112", id="a wrong check digit"),
        pytest.param("DE88370400440532013000", id="wrong check digits of an IBAN"),
        pytest.param("on my phone 2 since 2017-04-01", id="a date after the word phone"),
        pytest.param("my phone runs 10.2.1 now", id="a version after the word phone"),
        pytest.param("call 911", id="three digits"),
        pytest.param("5 stars, 10/10, 100%", id="ratings"),
        pytest.param("[email] [phone] [card] [iban]", id="what is masked already"),
        pytest.param("", id="nothing"),
    ],
)
def test_is_left_alone(text: str) -> None:
    assert redact(text) == text


PIECES = (
    "+31 6 12345678|06 12 34 56 78|0612345678|(555) 123-4567|555.123.4567|jane@example.com|"
    "4111 1111 1111 1111|DE89 3704 0044 0532 0130 00|2017-04-01|10:20|1.2.3.4|$5.99|phone|call me|order|"
    " |,|-|.|/|+|0|1|00|(|)|@|x"
)
pieces = st.sampled_from(PIECES.split("|"))


@given(st.text() | st.lists(pieces, max_size=8).map("".join) | st.lists(pieces, max_size=8).map(" ".join))
@example("+31612345678 0612345678 4111111111111111")
def test_masking_twice_changes_nothing(text: str) -> None:
    masked = redact(text)
    assert redact(masked) == masked


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"], exclude_characters="@&")))
def test_a_text_without_digits_and_at_signs_stays(text: str) -> None:
    assert redact(text) == text


words = st.lists(st.sampled_from(["it", "crashed", "again", "please", "fix"]), max_size=4).map(" ".join)
secrets = st.sampled_from(
    ["jane.doe@example.com", "+31 6 12345678", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"]
)


@given(words, secrets, words)
def test_a_secret_among_words_is_gone_and_the_words_stay(before: str, secret: str, after: str) -> None:
    masked = redact(f"{before} {secret} {after}")
    assert secret not in masked
    assert masked.startswith(f"{before} [")
    assert masked.endswith(f"] {after}")
