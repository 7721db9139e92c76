"""The report's page in a real browser that has no network."""

from collections.abc import Iterator
from itertools import combinations
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from feedback_triage.report import ReportPaths, TriageReport, build_report, write_report
from tests.support.chromium import QUIET, find_chromium
from tests.support.report_input import make_report_input
from tests.support.report_ledger import with_ledger
from tests.support.theme_map import with_map

pytestmark = pytest.mark.browser

ITEMS = "#panel-list > li"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        pytest.fail("no Chromium is found: run python -m tests.support.prepare, or name one with CHROMIUM=/path")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="module")
def report() -> TriageReport:
    return build_report(with_map(with_ledger(make_report_input())))


@pytest.fixture(scope="module")
def paths(report, tmp_path_factory) -> ReportPaths:
    return write_report(report, tmp_path_factory.mktemp("report"))


@pytest.fixture
def opened(browser, paths):
    """Opens the page with given settings; at the end no request and no console message may have come."""
    contexts, seen = [], []

    def open_page(**settings) -> Page:
        context = browser.new_context(offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("dialog", lambda dialog: seen.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda request: urlsplit(request.url).scheme in {"file", "data"} or seen.append(request.url),
        )
        page.goto(paths.html.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert seen == []


def ids_of(page: Page) -> list[str]:
    return page.locator(ITEMS).evaluate_all("rows => rows.map(row => row.dataset.id)")


def open_all(page: Page) -> None:
    while page.locator("#panel-more").is_visible():
        page.locator("#panel-more").click()


def test_a_number_opens_exactly_the_items_it_counts(opened, report):
    page = opened()
    praise = next(tile for tile in report.tiles if tile.key == "praise")
    wanted = report.items[praise.count.where.mask(report.items)]
    page.get_by_role("button", name=f"{praise.count.n} praise", exact=True).first.click()
    assert sorted(ids_of(page)) == sorted(wanted["item_id"])
    assert page.locator("#panel-note").inner_text().startswith(f"{praise.count.n} items.")


def test_every_number_on_the_page_opens_as_many_items_as_it_says(opened):
    """The page's own filter is run for each button, as a click would."""
    page = opened()
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    n_buttons = page.locator("button.n").count()
    assert n_buttons > 400
    wrong = page.evaluate(
        """() => {
            const panel = document.getElementById("panel");
            const wrong = [];
            for (const button of document.querySelectorAll("[data-n]")) {
              button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
              const more = document.getElementById("panel-more");
              while (!more.hidden) more.click();
              const found = document.querySelectorAll("#panel-list > li").length;
              if (found !== Number(button.dataset.n)) wrong.push([button.outerHTML.slice(0, 200), found]);
              panel.close();
            }
            return wrong;
        }"""
    )
    assert wrong == []


def test_the_panel_is_reached_searched_and_left_by_keyboard(opened):
    page = opened()
    button = page.locator(".glance button.n").first
    button.focus()
    page.keyboard.press("Enter")
    n_all = page.locator(ITEMS).count()
    page.keyboard.type("502")
    found = page.locator(ITEMS)
    assert 0 < found.count() < n_all
    assert all("502" in text for text in found.all_inner_texts())
    page.keyboard.press("Escape")
    assert not page.locator("#panel").is_visible()
    assert button.evaluate("element => element === document.activeElement")


def test_hostile_texts_are_shown_as_they_were_written(opened):
    page = opened()
    page.locator(".facts button.n").click()
    page.locator("#panel-find").fill("owned")
    assert "<script>document.title='owned'</script>" in page.locator(ITEMS).inner_text()
    assert page.title().startswith("Vidlane")


def test_a_link_to_a_folded_release_unfolds_it(opened, report):
    page = opened()
    folded = next(row for row in report.releases if not row.has_news)
    assert not page.locator(f"#{folded.anchor}").is_visible()
    page.evaluate("anchor => { location.hash = anchor; }", folded.anchor)
    page.locator(f"#{folded.anchor}").wait_for(state="visible")


def test_a_link_to_a_release_opens_its_card(opened, report):
    """From the incident one click leads to everything known about its first suspect."""
    page = opened()
    suspect = report.incidents[0].suspects[0].release
    card = page.locator(f"#{suspect.anchor} .release-card")
    assert not card.is_visible()
    page.locator("#incidents .suspects a", has_text=suspect.text).click()
    card.wait_for(state="visible")
    assert "What it is suspected of" in card.inner_text()


def test_an_incident_opens_exactly_its_own_items(opened, report):
    page = opened()
    ids = set(report.source.incidents["item_ids"].iloc[0])
    page.locator("#incidents button.n").first.click()
    open_all(page)
    assert set(ids_of(page)) == ids
    assert report.incidents[0].title in page.locator("#panel-title").inner_text()


def test_bars_of_an_incident_open_the_items_of_their_time(opened):
    page = opened()
    bar = page.locator("#incidents .burst g.bar").first
    bar.click()
    assert page.locator(ITEMS).count() == int(bar.get_attribute("data-n"))


@pytest.mark.parametrize("width", [400, 1200])
def test_the_words_on_an_incident_s_bars_do_not_lie_over_each_other(opened, width):
    page = opened(viewport={"width": width, "height": 800})
    boxes = page.locator("#incidents .burst a text, #incidents .burst text.note").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect())"
    )
    assert len(boxes) == 3
    for a, b in combinations(boxes, 2):
        apart = (a["right"] <= b["left"], b["right"] <= a["left"], a["bottom"] <= b["top"], b["bottom"] <= a["top"])
        assert any(apart), (a, b)


def test_an_opened_card_is_printed_and_a_closed_one_takes_no_room(opened, report):
    page = opened()
    anchor = report.incidents[0].suspects[0].release.anchor
    page.evaluate("anchor => { location.hash = anchor; }", anchor)
    page.locator(f"#{anchor} .release-card").wait_for(state="visible")
    page.emulate_media(media="print")
    assert page.locator(f"#{anchor} .release-card").is_visible()
    other = next(row.anchor for row in report.releases if row.has_news and row.anchor != anchor)
    assert not page.locator(f"#{other} summary").is_visible()


def test_the_map_leads_to_the_cards_of_its_themes(opened, report):
    page = opened()
    drawn = page.locator("#map svg.map:visible")
    assert drawn.count() == 1
    box = drawn.bounding_box()
    assert box["width"] > 600
    assert box["height"] > 300
    region = report.map.regions[-1]
    drawn.locator(f'a[href="#{region.anchor}"] circle').click()
    assert page.evaluate("location.hash") == f"#{region.anchor}"
    assert page.locator(f"#{region.anchor}").is_visible()


def test_the_names_on_the_map_do_not_lie_over_each_other(opened):
    for width in (1200, 400):
        page = opened(viewport={"width": width, "height": 800})
        boxes = page.locator("#map svg.map:visible text").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect())"
        )
        assert len(boxes) == 7
        for a, b in combinations(boxes, 2):
            apart = (a["right"] <= b["left"], b["right"] <= a["left"], a["bottom"] <= b["top"], b["bottom"] <= a["top"])
            assert any(apart), (width, a, b)
            assert 0 <= a["left"] < a["right"] <= width


@pytest.mark.parametrize("width", [400, 700, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_makes_the_page_scroll_sideways(opened, width, scheme):
    page = opened(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".facts button.n").click()
    assert page.evaluate("document.getElementById('panel').scrollWidth") <= width


CONTRAST = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("script, style, dialog, title, desc")) continue;
    const style = getComputedStyle(element);
    const paint = element.closest("svg") ? style.fill : style.color;
    const [a, b] = [light(numbers(paint)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.add(`${element.tagName}.${element.getAttribute("class")} ${ratio.toFixed(2)}`);
  }
  return [...low];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_that_wcag_aa_asks_for(opened, scheme):
    page = opened(color_scheme=scheme)
    assert page.evaluate(CONTRAST) == []


def test_dark_is_dark_and_print_is_white(opened):
    page = opened(color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(21, 22, 24)"
    page.emulate_media(media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    assert not page.locator("nav").is_visible()


def test_without_scripts_the_page_is_still_complete_for_reading(opened, report):
    page = opened(java_script_enabled=False)
    text = page.locator("body").inner_text()
    for sentence in report.sentences:
        assert sentence.tone_word in text
    assert report.themes[0].quotes[0].text in text
    page.locator("summary", has_text="other releases").click()
    folded = next(row for row in report.releases if not row.has_news)
    assert page.locator(f"#{folded.anchor}").is_visible()
