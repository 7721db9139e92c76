"""The page: safe, self-contained, and the same bytes every time."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from feedback_triage.report import build_report, render_html
from feedback_triage.report.filters import counts_in
from feedback_triage.report.receipts import MOST_NEWEST, embedded_positions, payload
from tests.support.report_input import HOSTILE, empty_report_input, make_report_input
from tests.support.report_ledger import with_ledger


class Reader(HTMLParser):
    """Collects elements, and the text outside of script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open = ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag):  # noqa: ARG002 - part of the interface
        self._open = ""

    def handle_data(self, data):
        if self._open not in {"script", "style"}:
            self.text.append(data)


@pytest.fixture(scope="module")
def report():
    return build_report(with_ledger(make_report_input()))


@pytest.fixture(scope="module")
def page(report):
    return render_html(report)


@pytest.fixture(scope="module")
def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def test_nothing_is_loaded_from_anywhere(read):
    """Links lead inside the page; the only address is the empty icon."""
    loading = {"src", "href", "srcset", "action", "poster", "data", "xlink:href"}
    found = {value for _, attrs in read.elements for name, value in attrs.items() if name in loading}
    assert {value for value in found if not value.startswith("#")} == {"data:,"}


def test_links_inside_the_page_lead_somewhere(read):
    ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"][1:] for _, attrs in read.elements if attrs.get("href", "").startswith("#")}
    assert len(targets) > 20
    assert targets <= set(ids)


def test_the_policy_allows_this_script_and_this_style_and_nothing_else(page, read):
    policy = next(attrs["content"] for tag, attrs in read.elements if attrs.get("http-equiv"))
    style = re.search(r"<style>(.*?)</style>", page, re.S).group(1)
    script = re.search(r"<script>(.*?)</script>", page, re.S).group(1)
    for text in (style, script):
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not [attrs for _, attrs in read.elements if "style" in attrs or any(k.startswith("on") for k in attrs)]


def test_hostile_text_stays_text(page, read):
    assert "<img" not in page
    assert sum(tag == "script" for tag, _ in read.elements) == 2
    assert HOSTILE[0] in "".join(read.text)
    assert not re.search("[\x00-\x08\ud800-\udfff]", page)


def test_customers_words_are_isolated_from_the_writing_around_them(page):
    """A text that turns the direction of writing stands alone inside its element."""
    for found in re.finditer("\u202e", page):
        before = page[: found.start()]
        inside_data = before.rfind('<script type="application/json"') > before.rfind("</script>")
        assert inside_data or re.search(r'<bdi dir="auto">[^<]*$', before)


def test_the_items_inside_the_page_are_json_without_signs_of_markup(report, page):
    inside = re.search(r'<script type="application/json" id="items">(.*?)</script>', page, re.S).group(1)
    assert not set(inside) & set("<>&\u2028\u2029")
    value = json.loads(inside)
    assert len(value["written"]) == len(report.items)
    hostile = [text for text in value["text"] if "</script>" in text]
    assert len(hostile) == 2


def test_every_number_that_has_items_is_a_button_with_its_conditions(report, read):
    """Each count of the report can be opened on the page with exactly its filter."""
    opened = {
        tuple(sorted((name, value) for name, value in attrs.items() if name.startswith("data-") and name != "data-th"))
        for tag, attrs in read.elements
        if "data-n" in attrs
    }
    shown = [report.sentences, report.tiles, report.timeline, report.feeds, report.themes, report.incidents]
    shown += [report.fix_receipts, report.ledger.bad, report.ledger.good, report.ledger.go_on, report.cards]
    wanted = {
        tuple(sorted([("data-n", str(count.n)), *((f"data-{k}", v) for k, v in count.where.attributes().items())]))
        for part in shown
        for count in counts_in(part)
        if count.n and count.where is not None
    }
    # What only the table of the less important themes leaves out: the mix by label of a theme without a card.
    unshown = {
        conditions
        for conditions in wanted - opened
        if not {"data-theme", "data-label"} <= {name for name, _ in conditions}
    }
    assert {tuple(name for name, _ in conditions) for conditions in unshown} <= {
        ("data-n", "data-release"),
        ("data-end-at", "data-n", "data-start-at", "data-theme"),
    }


def test_beyond_the_limit_the_page_carries_the_newest_items_and_says_so():
    report = build_report(make_report_input(n_background=MOST_NEWEST + 500))
    positions = embedded_positions(report)
    assert MOST_NEWEST <= len(positions) < len(report.items)
    current = report.items.index[report.items["is_in_period"]]
    assert set(current) <= set(positions.tolist())
    assert len(json.loads(payload(report))["written"]) == len(positions)
    assert f"This page carries {len(positions):,} of {len(report.items):,} items" in render_html(report)


def test_long_texts_are_shortened_inside_the_page(report):
    assert max(map(len, json.loads(payload(report))["text"])) == 400


def test_the_same_input_gives_the_same_bytes_in_another_process(page):
    """Another hash seed, another time zone and another locale of the machine change nothing."""
    code = (
        "import hashlib; from tests.support.report_ledger import with_ledger; "
        "from feedback_triage.report import build_report, render_html; "
        "print(hashlib.sha256(render_html(build_report(with_ledger())).encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Kolkata", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(page.encode()).hexdigest()


def test_an_empty_report_is_still_a_whole_page():
    page = render_html(build_report(empty_report_input()))
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
