"""The card of a classifier: a page and a picture that are whole whatever the figures."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_triage.abstention import OperatingPoint
from feedback_triage.label import FeedbackClassifier, TeamModel, VectorModel
from feedback_triage.learning.card import PICTURE, render_card
from feedback_triage.learning.train import Trained
from feedback_triage.taxonomy import LABELS

SVG = "{http://www.w3.org/2000/svg}"
POINTS = tuple(
    OperatingPoint(percent / 100, 500, 480 - 4 * percent, round((480 - 4 * percent) * 0.2 * (1 - percent / 100) ** 2))
    for percent in range(100)
)
ESTIMATE = {"value": 0.8125, "lower": 0.75, "upper": 0.875, "n": 120}


def made_up(points: tuple[OperatingPoint, ...] = POINTS, threshold: float = 0.42, **metrics: Any) -> Trained:
    return Trained(
        classifier=FeedbackClassifier(
            "2026-01-02-abcdef01", "tiny-1", LABELS, threshold, VectorModel(None), ("en", "de"), points
        ),
        config={
            "seed": 7,
            "n_gold": 120,
            "n_held_out": 12,
            "n_calibrating": 500,
            "n_gold_by_label": {"praise": 70, "other": 50},
            "annotators": ["ann"],
            "method": "a model of some kind",
        },
        metrics={
            "held_out": 12,
            "in_languages_not_read": 3,
            "macro_f1": ESTIMATE,
            "f1": {"praise": ESTIMATE, "other": {**ESTIMATE, "value": 0.5}},
            "expected_calibration_error": 0.0314,
            "coverage_ratio": 0.625,
            "risk_ratio": 0.0625,
            **metrics,
        },
    )


def page(trained: Trained) -> str:
    return render_card(trained)["README.md"]


def picture(trained: Trained) -> ET.Element:
    return ET.fromstring(render_card(trained)[PICTURE])


# --- the page ---


def test_a_card_tells_version_method_encoder_languages_gold_and_figures() -> None:
    lines = page(made_up()).splitlines()
    assert lines[0] == "# Classifier 2026-01-02-abcdef01"
    for expected in (
        "Gives praise, broken_link, sync_bug, silence, or abstains (none of them, or unsure).",
        "- Method: a model of some kind.",
        "- Encoder: `tiny-1`. Threshold: 0.42. Seed: 7.",
        "- Languages it judges: en, de. Texts in others wait for a person.",
        "- Gold items: 120 (70 praise, 0 broken_link, 0 sync_bug, 0 silence, 50 other), of which 12 are held out.",
        "| macro-F1 | 0.812 (0.750 to 0.875) |",
        "| F1 praise | 0.812 (0.750 to 0.875) |",
        "| F1 other | 0.500 (0.750 to 0.875) |",
        "| expected calibration error | 0.031 |",
        "| items that get a label | 0.625 |",
        "| wrong among those | 0.062 |",
        "| items in languages it does not judge | 3 |",
        f"![Wrong labels against items that get one]({PICTURE})",
    ):
        assert expected in lines


def test_a_card_names_the_teams_labels_and_any_language() -> None:
    trained = made_up()
    team = TeamModel(("wish",), POINTS, POINTS)  # type: ignore[arg-type] # the card reads its labels alone
    classifier = FeedbackClassifier("v", "e", LABELS, 0.4, VectorModel(None), (), POINTS, team)
    found = page(Trained(classifier, trained.config, trained.metrics))
    assert "Gives praise, broken_link, sync_bug, silence, wish, or abstains" in found
    assert "- Languages it judges: any." in found


def test_a_card_has_a_row_for_each_trait_where_gold_has_traits() -> None:
    found = page(made_up(accuracy_by_trait={"irony": {"n": 12, "accuracy": 0.75}}))
    assert found.endswith("\n| trait | items | accuracy |\n|---|---|---|\n| irony | 12 | 0.750 |\n")
    assert "trait" not in page(made_up())


def test_a_card_has_a_row_for_each_budget_with_the_threshold_that_keeps_to_it() -> None:
    points = (OperatingPoint(0.3, 1_000, 900, 60), OperatingPoint(0.7, 1_000, 600, 15))
    rows = [line for line in page(made_up(points)).splitlines() if re.match(r"\| (2|5|10|20) \|", line)]
    assert rows == [
        "| 2 | cannot be promised | | |",
        "| 5 | 0.70 | 0.600 | 0.025 |",
        "| 10 | 0.30 | 0.900 | 0.067 |",
        "| 20 | 0.30 | 0.900 | 0.067 |",
    ]


def tables_are_whole(found: str) -> bool:
    """Each row has as many cells as the head above it, and a blank line stands before a table."""
    return all(
        above == "" or above.count("|") == line.count("|")
        for above, line in pairwise(found.splitlines())
        if line.startswith("|")
    )


# --- page and picture, whatever the figures ---


@st.composite
def curves(draw: st.DrawFn) -> tuple[OperatingPoint, ...]:
    n_items = draw(st.integers(0, 400))
    counts = sorted(draw(st.lists(st.integers(0, n_items), max_size=15)), reverse=True)
    return tuple(
        OperatingPoint(index / 20, n_items, n_given, draw(st.integers(0, n_given)))
        for index, n_given in enumerate(counts)
    )


@settings(deadline=None)
@given(curves(), st.sampled_from([0.0, 0.3, 0.42, 0.6, 0.99]))
def test_tables_are_whole_and_no_figure_is_missing(points: tuple[OperatingPoint, ...], threshold: float) -> None:
    trained = made_up(points, threshold, accuracy_by_trait={"irony": {"n": 12, "accuracy": 0.75}})
    assert tables_are_whole(page(trained))
    for text in render_card(trained).values():
        assert not re.search(r"\b(nan|NaN|inf|None)\b", text)
    assert render_card(trained) == render_card(trained)


@settings(deadline=None)
@given(curves(), st.sampled_from([0.0, 0.3, 0.42, 0.6, 0.99]))
def test_the_picture_is_xml_and_all_of_it_lies_within(points: tuple[OperatingPoint, ...], threshold: float) -> None:
    root = picture(made_up(points, threshold))
    _, _, width, height = (float(value) for value in root.attrib["viewBox"].split())
    for element in root.iter():
        for names, limit in ((("x", "cx", "x1", "x2"), width), (("y", "cy", "y1", "y2"), height)):
            assert all(0 <= float(element.attrib[name]) <= limit for name in names if name in element.attrib)
        for pair in element.attrib.get("points", "").split():
            x, y = (float(value) for value in pair.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height


def test_the_dot_stands_on_the_line_at_the_threshold_in_use() -> None:
    root = picture(made_up(threshold=0.42))
    (dot,) = root.iter(f"{SVG}circle")
    (line,) = root.iter(f"{SVG}polyline")
    shown = [point for point in POINTS if point.n_given >= 20]
    place = [point.threshold for point in shown].index(0.42)
    assert line.attrib["points"].split()[place] == f"{dot.attrib['cx']},{dot.attrib['cy']}"
    assert "threshold 0.42" in "".join(root.itertext())


def test_a_higher_risk_is_drawn_higher_and_its_limit_above_it() -> None:
    root = picture(made_up())
    (line,), (area,) = root.iter(f"{SVG}polyline"), root.iter(f"{SVG}polygon")
    heights = [float(pair.split(",")[1]) for pair in line.attrib["points"].split()]
    upper = [float(pair.split(",")[1]) for pair in area.attrib["points"].split()][: len(heights)]
    shown = [point for point in POINTS if point.n_given >= 20]
    for (one, y), (other, below) in pairwise(zip(shown, heights, strict=True)):
        assert (one.risk_ratio >= other.risk_ratio) == (y <= below) or math.isclose(y, below, abs_tol=0.1)
    assert all(limit < risk for limit, risk in zip(upper, heights, strict=True))


@pytest.mark.parametrize(
    "points",
    [
        pytest.param((), id="no point"),
        pytest.param((OperatingPoint(0.4, 0, 0, 0),), id="no item"),
        pytest.param((OperatingPoint(0.5, 30, 8, 4),), id="hardly a label"),
        pytest.param((OperatingPoint(0.5, 30, 30, 30),), id="all wrong"),
    ],
)
def test_a_card_of_hardly_anything_can_be_drawn(points: tuple[OperatingPoint, ...]) -> None:
    assert picture(made_up(points)).tag == f"{SVG}svg"
    assert tables_are_whole(page(made_up(points)))
