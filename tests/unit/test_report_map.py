"""The map of the themes in the report and in notebooks: true, safe, and the same bytes every time."""

import json
import re
from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from feedback_triage.report import build_report, map_picture, render_html
from feedback_triage.report import map as drawing
from feedback_triage.report.assets import asset
from feedback_triage.report.map import standalone_map, theme_map
from feedback_triage.report.map_names import LONGEST, Spot, place_names, text_width
from feedback_triage.report.vega import LABEL_COLOURS, NONE_COLOUR, VEGA_LITE
from feedback_triage.themes import layout
from tests.support.report_input import empty_report_input, make_report_input
from tests.support.theme_map import with_map

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    "\u202eright to left \u2067override",
    "W" * 200,
    "word " * 40,
    "]]> & \" ' </text>",
    "الفيديو لا يعمل على الهاتف",
    "",
)


@pytest.fixture(scope="module")
def source():
    return with_map(make_report_input())


@pytest.fixture(scope="module")
def report(source):
    return build_report(source)


def named(source, names, **columns):
    themes = source.themes.assign(**columns)
    themes["name"] = [names[n % len(names)] for n in range(len(themes))]
    return replace(source, themes=themes)


def parsed(report):
    return ET.fromstring(standalone_map(report))


def texts_of(element):
    return [" ".join("".join(text.itertext()).split()) for text in element.iter(f"{SVG}text")]


def n_dots(element):
    return sum(path.get("d").count("M") for path in element.iter(f"{SVG}path"))


def test_the_drawing_lies_in_the_box_of_the_layout():
    assert (drawing.WIDTH, drawing.HEIGHT) == (layout.WIDTH, layout.HEIGHT)


def test_every_theme_has_a_disc_that_leads_to_its_card(report):
    links = {link.get("href") for link in parsed(report).iter(f"{SVG}a")}
    assert links == {f"#{card.anchor}" for card in report.themes}
    assert len(list(parsed(report).iter(f"{SVG}circle"))) == len(report.themes)


def test_every_item_of_a_theme_has_a_dot(report):
    n_in_themes = int((report.items["theme_key"] != "-").sum())
    assert n_dots(parsed(report)) == n_in_themes == report.map.n_items
    assert report.map.items_per_dot == 1.0


def test_dots_have_the_colour_of_their_label_and_tell_this_week_from_earlier(report):
    drawn = {path.get("class"): path.get("d").count("M") for path in parsed(report).iter(f"{SVG}path")}
    items = report.items[report.items["theme_key"] != "-"]
    for position, label in enumerate(report.labels):
        for is_now, word in ((True, "now"), (False, "then")):
            wanted = int(((items["label_key"] == label) & (items["is_in_period"] == is_now)).sum())
            assert drawn.get(f"k{position} {word}", 0) == wanted


def test_themes_with_news_are_marked_in_words_and_by_their_edge(report):
    news = [region for region in report.map.regions if region.has_news]
    assert news
    kinds = [circle.get("class") for circle in parsed(report).iter(f"{SVG}circle")]
    assert sorted(kind for kind in kinds if kind != "disc") == sorted(f"disc {region.trend}" for region in news)
    for region in news:
        assert f"{region.name} {region.trend}" in texts_of(parsed(report))


def test_a_disc_tells_its_numbers_and_what_is_most_like_it(report):
    region = report.map.regions[0]
    titles = [title.text for title in parsed(report).iter(f"{SVG}title")]
    told = next(title for title in titles if title.startswith(f"{region.name}: "))
    assert f"{region.n_total} items in all" in told
    assert f"most like it: {region.nearest}" in told


def test_the_picture_says_how_far_it_can_be_trusted(report):
    page = " ".join(render_html(report).split())
    assert (
        f"for {report.map.n_true} of {len(report.map.regions)} themes the one most like it is among the three" in page
    )
    assert "Each dot is an item, each disc a theme." in page
    assert re.search(rf">{report.accounting.without_theme.n}</button> items of no theme are not shown\.", page)


def test_a_theme_counts_as_shown_truly_only_where_the_one_most_like_it_is_near(source):
    """With the farthest disc named as the most alike, not one of four themes is shown truly."""
    discs = source.map_themes.head(5).assign(x=[100.0, 200.0, 300.0, 400.0, 1000.0], y=300.0, radius=20.0)
    ids = list(discs["theme_id"])
    far = build_report(replace(source, map_themes=discs.assign(nearest_theme_id=[ids[4]] * 4 + [ids[0]])))
    near = build_report(
        replace(source, map_themes=discs.assign(nearest_theme_id=[ids[1], ids[0], ids[1], ids[2], ids[3]]))
    )
    # The third and the fourth have only five to choose from: the farthest is among the three nearest of the fourth.
    assert far.map.n_true < near.map.n_true == 5


def test_a_part_of_the_items_is_called_a_part(source):
    part = build_report(replace(source, map=source.map.iloc[::4]))
    assert "Each dot stands for about 4 items" in " ".join(render_html(part).split())


def test_themes_without_a_place_are_counted(source):
    part = build_report(replace(source, map_themes=source.map_themes.iloc[2:]))
    assert part.map.n_left_out == 2
    assert "2 smaller themes are left out." in " ".join(render_html(part).split())
    assert n_dots(parsed(part)) == part.map.n_items < len(source.map)


def test_without_places_there_is_no_map():
    for report in (build_report(empty_report_input()), build_report(make_report_input())):
        assert report.map is None
        assert theme_map(report, width=1080, letters=13, name="m") == standalone_map(report) == ""
        assert 'id="map"' not in render_html(report)
        assert map_picture(report)._repr_mimebundle_() == {"text/plain": "There are no themes to map."}


def test_hostile_names_stay_text(source):
    report = build_report(named(source, HOSTILE_NAMES))
    root = parsed(report)
    assert not list(root.iter(f"{SVG}script"))
    told = "\n".join(root.itertext())
    assert "<script>alert(1)</script>" in told
    assert not set(told) & set("\u202e\u2067")
    assert max(map(len, texts_of(root))) <= LONGEST + len(" returning")
    assert "no name" in told
    assert "<script>alert(1)" not in render_html(report)


def test_one_theme_with_one_item_makes_a_small_picture(source):
    one = source.items[source.items["theme_id"].notna()].head(1)
    theme_id = one["theme_id"].iloc[0]
    report = build_report(
        with_map(replace(source, items=one, themes=source.themes[source.themes["theme_id"] == theme_id]))
    )
    root = parsed(report)
    assert n_dots(root) == 1
    assert float(root.get("width")) == 300
    assert float(root.get("height")) < 150


def test_the_order_of_rows_does_not_change_the_picture(source, report):
    mixed = build_report(
        replace(
            source,
            map=source.map.sample(frac=1, random_state=1),
            map_themes=source.map_themes.sample(frac=1, random_state=2),
            themes=source.themes.sample(frac=1, random_state=3),
        )
    )
    assert standalone_map(mixed) == standalone_map(report)
    assert map_picture(mixed).spec == map_picture(report).spec


def test_the_narrow_map_is_the_wide_one_mirrored(report):
    sizes = []
    for options in ({"width": 1080}, {"width": 640, "is_upright": True}):
        root = ET.fromstring(theme_map(report, letters=13, name="m", **options))
        sizes.append(sorted(float(circle.get("r")) for circle in root.iter("circle")))
    assert sizes[0] == sizes[1]


def test_themes_of_one_area_stand_on_one_ground(source):
    areas = ["Player", "Player", "Account", "", "Player", "Account", "Alone"]
    report = build_report(named(source, list(source.themes["name"]), area=areas))
    root = parsed(report)
    grounds = [group for group in root.iter(f"{SVG}g") if group.get("class") == "ground"]
    assert [len(group.findall(f"{SVG}circle")) for group in grounds] == [2, 3]
    assert [len(group.findall(f"{SVG}line")) for group in grounds] == [1, 2]
    assert {"Player", "Account"} <= set(texts_of(root))
    assert "Alone" not in texts_of(root)
    assert "themes of one area share a ground" in render_html(report)


def test_names_keep_clear_of_each_other_and_of_other_discs():
    spots = [
        Spot(f"Theme number {n}", "new" if n % 4 == 0 else "", 60.0 + 105 * (n % 8), 70.0 + 105 * (n // 8), 44.0, (n,))
        for n in range(32)
    ]
    names, _ = place_names(spots, (900.0, 480.0), 13)
    assert sum(name is not None for name in names) > 24
    boxes = []
    for spot, name in zip(spots, names, strict=True):
        if name is not None:
            half = max(text_width(line, 13) for line in name.lines) / 2
            boxes.append((name.x - half, name.y - 12, name.x + half, name.y + 15 * (len(name.lines) - 1)))
            assert boxes[-1][0] >= 0
            assert boxes[-1][2] <= 900
            assert name.is_across == (abs(name.y - spot.y) < 30)
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_where_there_is_no_room_the_less_urgent_name_is_left_out():
    spots = [Spot("A long name here", "", 50.0, 24.0, 8.0, (2,)), Spot("Another name", "", 66.0, 24.0, 8.0, (1,))]
    names, _ = place_names(spots, (130.0, 60.0), 13)
    assert names[0] is None
    assert names[1] is not None


def test_the_specification_has_all_data_and_needs_nothing_from_outside(report):
    picture = map_picture(report)
    spec = json.loads(json.dumps(picture.spec, allow_nan=False))
    discs, dots, names = spec["layer"]
    assert len(discs["data"]["values"]) == len(report.map.regions)
    assert len(dots["data"]["values"]) == len(report.map.dots)
    assert not re.search(r'"url"', json.dumps(spec))
    assert [" ".join(value["lines"]) for value in names["data"]["values"]]
    for layer in (discs, dots, names):
        fields = set(layer["data"]["values"][0])
        used = {part["field"] for part in layer["encoding"].values() if isinstance(part, dict) and "field" in part}
        used |= {tip["field"] for tip in layer["encoding"].get("tooltip", [])}
        assert used <= fields
    dot = dots["data"]["values"][0]
    assert dot["item_id"] in set(report.items["item_id"])
    assert dot["label"] in dots["encoding"]["color"]["scale"]["domain"]


def test_a_notebook_gets_the_specification_the_svg_and_a_sentence(report):
    picture = map_picture(report)
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", VEGA_LITE}
    assert bundle["text/plain"] == repr(picture) == "Map of 7 themes, 360 of 360 items drawn"
    assert ET.fromstring(bundle["image/svg+xml"]).tag == f"{SVG}svg"


def test_notebook_and_page_use_the_same_colours():
    light = asset("colours.css").split("@media")[0]
    for position, colour in enumerate(LABEL_COLOURS):
        assert f"--k{position}: {colour};" in light
    assert f"--kn: {NONE_COLOUR};" in light
